"""Small books for tests: each argument changes one thing about a plain year with NHS, council and person."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

from fhir_gateway.phb.books import Books, Funder, Line, Movement, Spending, Version
from fhir_gateway.phb.figures import FunderFigures, figures
from fhir_gateway.phb.line_cost import LineTerms, cost
from fhir_gateway.phb.money import split
from fhir_gateway.phb.periods import Period

YEAR: Final = Period(date(2025, 4, 1), date(2026, 3, 31))
NHS: Final = Funder(coverage_id="nhs", reference="Organization/icb", stream="nhs-other", order=1)
COUNCIL: Final = Funder(coverage_id="la", reference="Organization/la", stream="la-adult-social-care", order=2)
PERSON: Final = Funder(coverage_id="own", reference="Patient/p", stream="person-contribution", order=9)
HALVES: Final = (5_000, 5_000, 0)
MAY: Final = date(2025, 5, 1)
JUNE: Final = date(2025, 6, 30)
NOTIONAL: Final[dict[str, Any]] = {"option": "notional"}


def charged(weekly: int, collection: str = "net") -> Funder:
    """The council, with the person's contribution."""
    return Funder(
        coverage_id="la",
        reference="Organization/la",
        stream="la-adult-social-care",
        order=2,
        weekly_pence=weekly,
        collection=collection,
    )


def line(no: int = 1, rate: int = 36_500, *, period: Period = YEAR, on_date: date | None = None, **known: Any) -> Line:
    """A line by the year, which is 100 pence a day unless said otherwise; NHS and council halve it. rate: pence."""
    terms = LineTerms(frequency=known.pop("frequency", "annual"), rate=Fraction(rate), period=period, on_date=on_date)
    amount = cost(terms, period)
    weights = known.pop("weights", HALVES)
    usual: dict[str, Any] = {
        "shares": split(amount, weights) if weights else (),
        "weights": weights,
        "option": "direct-payment",
    }
    return Line(line_no=no, amount=amount, terms=terms, **usual | known)


def version(*lines: Line, number: int = 1, status: str = "active", period: Period = YEAR, **known: Any) -> Version:
    """A budget version, the Claim of which is `b` and its number."""
    return Version(
        budget_id=f"b{number}", number=number, status=status, period=period, lines=lines, **{"chain": "b"} | known
    )


def books(*versions: Version, **known: Any) -> Books:
    """Books with NHS, council and person unless said otherwise."""
    usual: dict[str, Any] = {"person": "p", "period": YEAR, "funders": (NHS, COUNCIL, PERSON)}
    return Books(versions=versions, **usual | known)


def paid(amount: int, on: date, payer: int = 0, **known: Any) -> Movement:
    """An instalment that was paid."""
    return promised(amount, on, payer, **{"status": "paid", "paid_on": on} | known)


def promised(amount: int, on: date, payer: int = 0, **known: Any) -> Movement:
    """An instalment that is to be paid."""
    usual: dict[str, Any] = {
        "kind": "instalment",
        "status": "scheduled",
        "budget_id": "b1",
        "line": None,
        "option": None,
    }
    return Movement(claim_id="m", payer=payer, amount=amount, due_on=on, **usual | known)


def spent(amount: int, on: date, line: int | None = 1, **known: Any) -> Spending:
    """An entry that was accepted."""
    usual: dict[str, Any] = {"budget_id": "b1", "status": "accepted"}
    return Spending(claim_id="e", line=line, amount=amount, spent_on=on, **usual | known)


def by_funder(made: Books, name: str, at: date = JUNE) -> tuple[int, ...]:
    """One figure of each funder."""
    return tuple(getattr(one, name) for one in figures(made, at).funders)


def total(made: Books, at: date = JUNE) -> FunderFigures:
    """The figures of all funders."""
    return figures(made, at).total


def with_payments(*payments: Movement, **known: Any) -> Books:
    """A direct-payment line, a notional one, and payments."""
    return books(version(line(), line(2, **NOTIONAL)), payments=payments, **known)


def with_entries(*entries: Spending, lines: Sequence[Line] = ()) -> Books:
    """A direct-payment line, others if wanted, and spending."""
    return books(version(line(), *lines), entries=entries)
