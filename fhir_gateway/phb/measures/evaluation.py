"""A measure worked out for a period: its figures, what the rules flag in them, and how they may be published.

Source: domain.md section 7 (small numbers), rule R163.
"""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from fhir_gateway.phb.measures.cells import A_HUNDRED_THOUSAND, PER_CENT, Outcome, Result
from fhir_gateway.phb.measures.table import COUNT, MEASURES, PER_POPULATION, PROPORTION, Measure
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.variance import SUPPRESSED, published

LOCAL_SHARE: Final = "K6"
R163: Final = "R163"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One measure for a period. reporter: id of the body it is for, None for all. flags: numbers of rules."""

    measure: Measure
    start: date
    end: date
    reporter: str | None
    outcomes: tuple[Outcome, ...]
    flags: tuple[str, ...] = ()


def flags(number: str, outcomes: tuple[Outcome, ...]) -> tuple[str, ...]:
    """R163 where too small a share of the budgets is a direct payment or with a third party."""
    if number != LOCAL_SHARE:
        return ()
    score = outcomes[0].result.score
    return (R163,) if score is not None and score < setting(R163, "per_cent") else ()


def evaluation(number: str, start: date, end: date, reporter: str | None, outcomes: tuple[Outcome, ...]) -> Evaluation:
    """The evaluation of a measure, flagged."""
    return Evaluation(
        measure=MEASURES[number],
        start=start,
        end=end,
        reporter=reporter,
        outcomes=outcomes,
        flags=flags(number, outcomes),
    )


def for_publication(found: Evaluation) -> Evaluation:
    """The same with small counts hidden, others rounded, and scores worked out of what is shown."""
    return replace(found, outcomes=tuple(_published(one) for one in found.outcomes))


def _published(one: Outcome) -> Outcome:
    strata = tuple(replace(stratum, result=shown(one, stratum.result)) for stratum in one.strata)
    return replace(one, result=shown(one, one.result), strata=strata)


def shown(one: Outcome, result: Result) -> Result:
    """A result as it may be published. The registered population is no count of people with a budget."""
    counts = {"numerator": result.numerator, "denominator": result.denominator}
    if one.figure.code == PER_POPULATION:
        del counts["denominator"]
    told = {name: published(value) for name, value in counts.items() if value is not None}
    hidden = tuple(name for name, text in told.items() if text == SUPPRESSED)
    rounded = {name: None if name in hidden else int(text) for name, text in told.items()}
    if hidden:
        return replace(result, **rounded, numerator_pence=None, denominator_pence=None, score=None, hidden=hidden)
    return _rescored(one, replace(result, **rounded))  # type: ignore[arg-type]


def _rescored(one: Outcome, result: Result) -> Result:
    above, below = result.numerator, result.denominator
    if one.figure.scoring == COUNT:
        return replace(result, score=Fraction(above or 0))
    times = {PER_POPULATION: A_HUNDRED_THOUSAND}.get(one.figure.code, PER_CENT)
    counted = one.figure.scoring == PROPORTION and result.numerator_pence is None
    if not (counted or one.figure.code == PER_POPULATION) or above is None:
        return result
    return replace(result, score=Fraction(times * above, below) if below else None)
