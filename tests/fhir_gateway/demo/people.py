"""The demonstration records by kind and person, and sums over them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from fhir_gateway.demo.entry import Entry
from fhir_gateway.demo.people import FILES

PEOPLE: Final = tuple(name for name in FILES if name != "bodies")
EVERY: Final[tuple[Entry, ...]] = tuple(one for file in FILES.values() for one in file)


def of(person: str, kind: str) -> list[Entry]:
    """The entries of one kind in one person's file."""
    return [one for one in FILES[person] if one.mapping.kind == kind]


def budget(person: str) -> Any:
    """The agreed budget."""
    (found,) = of(person, "agreed-budget")
    return found.record


def share(person: str, funder: str) -> Any:
    """A funder's answer to the agreed budget."""
    (found,) = [one for one in of(person, "funder-answer") if one.id == f"{person}-budget-{funder}"]
    return found.record


def payments(person: str, coverage: str, **known: str) -> list[Any]:
    """The payments that draw on one coverage, in the order they are due."""
    found = [
        one.record
        for one in of(person, "payment")
        if one.record.insurance[0].coverage_id == f"{person}-{coverage}"
        and all(getattr(one.record, name) == value for name, value in known.items())
    ]
    return sorted(found, key=lambda one: one.due_on)


def instalments(person: str, coverage: str, kind: str = "instalment") -> list[int]:
    """Pence of each instalment."""
    return [one.total_pence for one in payments(person, coverage, payment_kind=kind)]


def paid(person: str, coverage: str) -> int:
    """Pence that the funder of one coverage says it paid."""
    funders = {one.id: one.record.funder for one in of(person, "funder-contribution")}
    body = funders[f"{person}-{coverage}"].removeprefix("Organization/")
    answers = (one.record for one in of(person, "funder-answer"))
    return sum(one.paid_pence for one in answers if one.funder_id == body and one.paid_pence is not None)


def committed(person: str, coverage: str) -> int:
    """Pence still to be paid from one coverage."""
    return sum(one.total_pence for one in payments(person, coverage) if one.payment_status in ("scheduled", "due"))


def spent_by_line(person: str) -> dict[int, int]:
    """Pence that the holder spent, by budget line."""
    found: defaultdict[int, int] = defaultdict(int)
    for one in of(person, "expenditure-entry"):
        for line in one.record.lines:
            found[line.budget_line] += line.amount_pence
    return dict(found)


def spent(person: str) -> int:
    """Pence that the holder spent."""
    return sum(one.record.total_pence for one in of(person, "expenditure-entry"))


def texts_of(record: Any) -> Iterator[str]:
    """The texts of a record, those of its rows included."""
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, str):
                yield one
            elif hasattr(one, "__dataclass_fields__"):
                yield from texts_of(one)
