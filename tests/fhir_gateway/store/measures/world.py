"""A small population put together by hand: each function gives the records of one thing a measure counts."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import Entry, entry, made
from fhir_gateway.gateway import Gateway
from fhir_gateway.phb.measures.cells import Outcome, Result
from fhir_gateway.phb.periods import Period
from fhir_gateway.store.measures import Wanted, measuring
from mappings import budget, coverage, episode_of_care, expenditure, patient, payment, review
from mappings.budget import BudgetLine
from mappings.claim_parts import ClaimCoverage
from mappings.expenditure import ExpenditureLine
from mappings.payment import PaymentLine
from tests.fhir_gateway import stocked

APRIL: Final = date(2025, 4, 1)
MARCH: Final = date(2026, 3, 31)
QUARTER: Final = Period(date(2025, 10, 1), date(2025, 12, 31))
TODAY: Final = date(2026, 1, 15)
ICB: Final = "icb"
OTHER: Final = "other-icb"
DIRECT: Final = "direct-payment"
THIRD: Final = "third-party"
NOTIONAL: Final = "notional"
CHC: Final = "adult-nhs-chc"


def person(name: str, **known: Any) -> Entry:
    """An adult unless said otherwise."""
    usual: dict[str, Any] = {"name": "Invented", "birth_date": date(1970, 1, 1)}
    return entry(name, patient.MAPPING, **usual | known)


def case(name: str, **known: Any) -> Entry:
    """An active case of continuing support."""
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "active",
        "state": "active",
        "group": "long-term-conditions",
        "budget_kind": "ongoing",
        "responsible_body": ICB,
        "opened_on": date(2025, 1, 2),
    }
    ident = known.pop("id", f"{name}-case")
    return entry(ident, episode_of_care.MAPPING, **usual | known)


def line(no: int = 1, amount: int = 100_000, **known: Any) -> BudgetLine:
    """A notional line with its amount and nothing more, so that it is spread by days."""
    return made(BudgetLine, **{"line_no": no, "management_option": NOTIONAL, "amount_pence": amount} | known)


def agreed(name: str, *lines: BudgetLine, **known: Any) -> Entry:
    """An agreed budget of the financial year 2025-26, in place."""
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "active",
        "budget_status": "active",
        "budget_kind": "ongoing",
        "created": date(2025, 3, 20),
        "start": APRIL,
        "end": MARCH,
        "total_pence": sum(one.amount_pence or 0 for one in lines),
        "lines": lines or (line(),),
    }
    return entry(known.pop("id", f"{name}-budget"), budget.AGREED, **usual | known)


def holder(name: str, *options: str, **known: Any) -> tuple[Entry, ...]:
    """A person with a case and a budget, a line for each option. known: group, born, body and fields of the budget."""
    lines = tuple(line(no, management_option=option) for no, option in enumerate(options or (NOTIONAL,), start=1))
    about = {key: known.pop(key) for key in ("group", "responsible_body") if key in known}
    born = {"birth_date": known.pop("born")} if "born" in known else {}
    lines = known.pop("lines", lines)
    return person(name, **born), case(name, **about), agreed(name, *lines, **known)


def cover(name: str, stream: str, funder: str) -> Entry:
    """A funder's share."""
    return entry(
        f"{name}-{stream}",
        coverage.MAPPING,
        person_id=name,
        status="active",
        stream=stream,
        funder=f"Organization/{funder}",
        order=1,
    )


def insured(*coverages: Entry) -> tuple[ClaimCoverage, ...]:
    """The insurance of a Claim."""
    return tuple(
        made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one.id) for at, one in enumerate(coverages, start=1)
    )


def paid(name: str, ident: str, amount: int, on: date | None, **known: Any) -> Entry:
    """A payment against the person's budget; scheduled where no day is given on which it was paid."""
    budget_line, option = known.pop("line", 1), known.pop("option", None)
    one = made(PaymentLine, sequence=1, budget_line=budget_line, management_option=option, amount_pence=amount)
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "active",
        "payment_kind": "instalment",
        "payment_status": "paid" if on else "scheduled",
        "paid_on": on,
        "due_on": on,
        "created": on or APRIL,
        "total_pence": amount,
        "pays_against_id": f"{name}-budget",
        "lines": (one,) if budget_line else (),
    }
    return entry(ident, payment.PAYMENT, **usual | known)


def spent(name: str, ident: str, amount: int, on: date, **known: Any) -> Entry:
    """An entry of the holder's ledger."""
    item = {"sequence": 1, "budget_line": known.pop("line", 1), "flags": known.pop("flags", ())}
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "active",
        "expenditure_status": "accepted",
        "created": on,
        "pays_against_id": f"{name}-budget",
        "lines": (made(ExpenditureLine, spent_on=on, amount_pence=amount, **item),),
    }
    return entry(ident, expenditure.EXPENDITURE, **usual | known)


def reviewed(name: str, ident: str, due: date, on: date | None, **known: Any) -> Entry:
    """A review, completed on a day or still to come."""
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "completed" if on else "requested",
        "review_status": "completed" if on else "scheduled",
        "intent": "order",
        "review_kind": "annual",
        "respond_by": due,
        "started_on": on,
        "ended_on": on,
    }
    return entry(ident, review.REVIEW, **usual | known)


# --- asking -----------------------------------------------------------------------------------------


def outcomes(
    gateway: Gateway, number: str, *entries: Entry | Iterable[Entry], reporter: str | None = None
) -> tuple[Outcome, ...]:
    """The figures of a measure over some records."""
    stocked.put(gateway, [one for some in entries for one in ((some,) if isinstance(some, Entry) else some)])
    wanted = Wanted(period=QUARTER, today=TODAY, reporter=reporter)
    with measuring(gateway.database) as measures:
        return measures.of(number, wanted)


def result(gateway: Gateway, number: str, *entries: Any, reporter: str | None = None) -> Result:
    """The first figure of a measure."""
    return outcomes(gateway, number, *entries, reporter=reporter)[0].result


def counts(gateway: Gateway, number: str, *entries: Any, reporter: str | None = None) -> tuple[int | None, int | None]:
    """Numerator and denominator of the first figure."""
    found = result(gateway, number, *entries, reporter=reporter)
    return found.numerator, found.denominator


def strata(one: Outcome, by: str) -> dict[str, tuple[int | None, int | None]]:
    """Numerator and denominator by stratum."""
    return {
        " ".join(stratum.values): (stratum.result.numerator, stratum.result.denominator)
        for stratum in one.strata
        if stratum.by == by
    }
