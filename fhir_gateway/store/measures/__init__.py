"""The measures counted in the database: one statement for each figure, whatever the number of cases.

Every statement gives cells (phb.measures.cells), or rows that the arithmetic of a measure takes whole.

Source: domain.md section 7.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from fhir_gateway.phb.measures.cells import Cell, Outcome, Stratum, median, per_population, proportion, rolled
from fhir_gateway.phb.measures.shape import shape_outcomes
from fhir_gateway.phb.measures.table import ANSWER, MEASURES, PER_POPULATION, QUESTION, Figure
from fhir_gateway.phb.periods import Period, financial_year, months_after
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.variance import variance
from fhir_gateway.store import search
from fhir_gateway.store.database import Database, Row, Session
from fhir_gateway.store.measures import decisions, money, payments, reviews, uptake, voice
from fhir_gateway.store.statement import Statement

Make = Callable[..., Any]
ADULT_MONTHS: Final = 18 * 12
# PostgreSQL takes what is left of a ranking for a handful of rows and would go through everybody for each of them:
# measured, forty times slower at 2,000 cases and worse with more. Whole tables are joined here, so they are hashed.
PLANNER: Final = ("enable_nestloop = off", "work_mem = '64MB'")
CELLS: Final[Mapping[tuple[str, str], Make]] = {
    ("K1", "holders"): uptake.uptake,
    ("K2", "holders"): uptake.live,
    ("K3", "starts"): uptake.starts,
    ("K4", "holders"): uptake.uptake,
    ("K5", "holders"): uptake.uptake,
    ("K6", "held-outside"): uptake.held_outside,
    ("K7", "reached"): uptake.reach,
    ("K8", "integrated"): uptake.integrated,
    ("K9", "on-time"): reviews.first_review,
    ("K10", "on-time"): reviews.on_time,
    ("K11", "overdue"): reviews.overdue,
    ("K12", "saving"): money.saving,
    ("K14", "underspend"): money.underspend,
    ("K15", "talked-about"): payments.talked_about,
    ("K16", "forecast"): money.forecast,
    ("K17", "contingency"): money.contingency,
    ("K18", "achieved"): reviews.outcomes,
    ("K19", "in-time"): decisions.in_time,
    ("K20", "days"): decisions.days_to_decide,
    ("K21", "lodged"): decisions.lodged,
    ("K21", "changed"): decisions.changed,
    ("K22", "stopped"): payments.stopped,
    ("K23", "difference"): money.accuracy,
    ("K24", "under-concern"): payments.opened_outside,
    ("K25", "on-time"): payments.audited,
    ("K26", "checked"): payments.checked,
    ("K27", "offered"): payments.choice,
    ("K28", "answered"): voice.asked_and_answered,
}
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "cohort": ("numerator",),
    "proportion": ("numerator", "denominator"),
    "ratio": ("numerator", "denominator", "numerator_pence", "denominator_pence"),
    "continuous-variable": ("denominator", "total"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """For which period, and for which body: the id of its Organization, None for all. today: the day it is.

    registered: people registered there, None where it is not said.
    """

    period: Period
    today: date
    reporter: str | None = None
    registered: int | None = None

    @property
    def params(self) -> dict[str, Any]:
        """What the statements ask for; days by number."""
        last = self.period.end
        days = {
            "april": financial_year(last).start,
            "start": self.period.start,
            "last": last,
            "adult": months_after(last, -ADULT_MONTHS),
            "today": self.today,
        }
        more = {"first_review_months": setting("R116", "months"), "reporter": self.reporter}
        return {name: one.toordinal() for name, one in days.items()} | more


@contextmanager
def measuring(database: Database) -> Iterator["Measures"]:
    """The measures over one unchanging view of the records, so that they agree with each other."""
    with database.snapshot() as session:
        for setting_ in PLANNER if session.dialect == "postgresql" else ():
            session.command(f"SET LOCAL {setting_}")
        yield Measures(session)


class Measures:
    """The measures as an open session sees the records."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, number: str, wanted: Wanted) -> tuple[Outcome, ...]:
        """The figures of a measure. Raises KeyError for one there is not."""
        if number == "K13":
            rows = self._rows((number, "shape"), money.variances, wanted)
            return shape_outcomes(variance((planned, spent) for planned, spent in rows))
        counted = [one for one in MEASURES[number].figures if one.code != PER_POPULATION]
        found = tuple(self._outcome(number, one, wanted) for one in counted)
        return (*found, *_for_population(number, found[0].result.numerator, wanted.registered))

    def _outcome(self, number: str, figure: Figure, wanted: Wanted) -> Outcome:
        rows = self._rows((number, figure.code), CELLS[number, figure.code], wanted)
        if number == "K20":
            return median(figure, [_cell(row, ("numerator", "denominator")) for row in rows])
        names = ("numerator",) if figure.of_total else NAMES[figure.scoring]
        found = rolled(figure, [_cell(row, names) for row in rows])
        return self._with_words(found, wanted) if number == "K28" else found

    def _with_words(self, found: Outcome, wanted: Wanted) -> Outcome:
        """K28 by question and answer, each held against all who were asked."""
        asked = found.result.denominator or 0
        parts = ((QUESTION, voice.questions), (ANSWER, voice.answers))
        strata = tuple(
            Stratum(by=by, values=tuple(words), result=proportion(count, asked))
            for by, make in parts
            for *words, count in self._rows(("K28", by), make, wanted)
        )
        return replace(found, strata=strata)

    def _rows(self, key: tuple[str, str], make: Make, wanted: Wanted) -> list[Row]:
        return self._session.rows(statement(key, make, narrowed=wanted.reporter is not None), wanted.params)


def _for_population(number: str, holders: int | None, registered: int | None) -> Iterator[Outcome]:
    for one in MEASURES[number].figures:
        if one.code == PER_POPULATION:
            yield Outcome(figure=one, result=per_population(holders, registered))


def statement(key: tuple[str, str], make: Make, *, narrowed: bool) -> Statement:
    """The statement of a figure, made once."""
    return search.cached(("measure", *key, narrowed), lambda: Statement(make(narrowed=narrowed)))


def _cell(row: Row, names: tuple[str, ...]) -> Cell:
    group, age, option, mix, *values = row
    return Cell(group=group, age=age, option=option, mix=mix, **dict(zip(names, values, strict=True)))
