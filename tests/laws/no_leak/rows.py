"""Conditions on the records of the world, each a plain function of who asks and the record.

Source: domain.md 8.8 and 4.J; security.md section 4 (who may do what).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.laws.no_leak.actors import ACTING
from tests.laws.no_leak.bonds import bonds_of, own_person
from tests.laws.no_leak.dates import days, fields
from tests.laws.no_leak.people import PEOPLE, TODAY
from tests.laws.no_leak.views import VIEWS
from tests.laws.no_leak.world import Record

if TYPE_CHECKING:  # the oracle asks these conditions, and some of them ask it back
    from tests.laws.no_leak.oracle import Oracle

Rows = Callable[["Oracle", Record], bool]


def anything(_: "Oracle", __: Record) -> bool:
    """Shared reference data."""
    return True


def now(oracle: "Oracle", record: Record) -> bool:
    """The person is the actor's today."""
    if oracle.actor.role in ACTING:
        return own_person(oracle.actor, record.person)
    return any(one.start <= TODAY <= one.end for one in bonds_of(oracle.actor, record.person))


def ever(oracle: "Oracle", record: Record) -> bool:
    """The person was, is, or will be the actor's."""
    return bool(bonds_of(oracle.actor, record.person))


def dated(oracle: "Oracle", record: Record) -> bool:
    """The person was the actor's on a day of the record."""
    if oracle.actor.role in ACTING:
        return own_person(oracle.actor, record.person)
    return _on_a_day(oracle, record)


def _on_a_day(oracle: "Oracle", record: Record, *kinds: str) -> bool:
    first, last = days(record)
    return any(one.start <= last and first <= one.end for one in bonds_of(oracle.actor, record.person, *kinds))


def gate(oracle: "Oracle", record: Record) -> bool:
    """A review or a concern opens what lies on the days of the record."""
    return oracle.opened or _on_a_day(oracle, record, "gate")


def shared(oracle: "Oracle", record: Record) -> bool:
    """The person shares the plan with the actor's body."""
    return bool(bonds_of(oracle.actor, record.person, "shared"))


def emergency(oracle: "Oracle", record: Record) -> bool:
    """The actor opened the case within the hour."""
    return bool(bonds_of(oracle.actor, record.person, "emergency"))


def unrestricted(_: "Oracle", record: Record) -> bool:
    """Nothing about it is restricted."""
    return all(one.get("code") not in ("R", "V") for one in record.tree.get("meta", {}).get("security", ()))


def mine(*names: str) -> Rows:
    """One of these fields names the actor."""
    return lambda oracle, record: any(oracle.own & set(_all(record, name)) for name in names)


def of_staff(name: str) -> Rows:
    """The field names the actor's body, or somebody with a role there."""
    return lambda oracle, record: bool(oracle.staff & set(_all(record, name)))


def paid_to_person(oracle: "Oracle", record: Record) -> bool:
    """The payee is the person."""
    return str(fields(record).payee) == oracle.world.place(f"Patient/{oracle.actor.patient}")


def having(name: str, *values: str) -> Rows:
    """The field has one of some values."""
    return lambda _, record: getattr(fields(record), name) in values


def lacking(name: str, *values: str) -> Rows:
    """The field has none of some values."""
    return lambda _, record: getattr(fields(record), name) not in values


def all_of(*some: Rows) -> Rows:
    """Every one of some conditions."""
    return lambda oracle, record: all(one(oracle, record) for one in some)


def itself(oracle: "Oracle", record: Record) -> bool:
    """The record is the actor."""
    return record.place in oracle.own


def _all(record: Record, name: str) -> list[str]:
    """The values of a field, or of a field of the rows of a list: `rows.field`."""
    head, _, tail = name.partition(".")
    found = getattr(fields(record), head)
    values = found if isinstance(found, tuple) else (found,)
    return [str(getattr(one, tail) if tail else one) for one in values if one is not None]


# --- budget lines -------------------------------------------------------------------------------------


def _budget(oracle: "Oracle", person: str | None) -> Any:
    return fields(oracle.world.records[oracle.world.place(f"Claim/{person}-budget")])


def on_lines(keeps: Callable[["Oracle", Any, Any], bool]) -> Rows:
    """An outcome that a line of the budget is for, of those that `keeps` keeps."""

    def rows(oracle: "Oracle", record: Record) -> bool:
        budget = _budget(oracle, record.person)
        numbers = {one.sequence for one in budget.goals if one.goal_id == record.id}
        return any(numbers & set(one.goal_sequences) for one in budget.lines if keeps(oracle, budget, one))

    return rows


def delivered(oracle: "Oracle", budget: Any, line: Any) -> bool:
    """The line is the actor's to deliver."""
    mine_ = {one.sequence for one in budget.providers if one.provider in oracle.own}
    return bool(mine_ & set(line.provider_sequences))


def direct(_: "Oracle", __: Any, line: Any) -> bool:
    """The line's money is held as a direct payment."""
    return bool(line.management_option == "direct-payment")


def spent_directly(oracle: "Oracle", record: Record) -> bool:
    """An entry for lines that are held as a direct payment."""
    held = {one.line_no for one in _budget(oracle, record.person).lines if direct(oracle, None, one)}
    return all(one.budget_line in held for one in fields(record).lines)


def keeps_account(oracle: "Oracle", record: Record) -> bool:
    """The actor keeps the person's direct payment."""
    return bool(bonds_of(oracle.actor, record.person, "holder"))


# --- pools and provenance -----------------------------------------------------------------------------


def _members(oracle: "Oracle", record: Record) -> list[bool]:
    known = {oracle.world.id(f"Patient/{one.id}"): one.id for one in PEOPLE}
    return [_is_own(oracle, known[one.member]) for one in fields(record).members]


def _is_own(oracle: "Oracle", person: str) -> bool:
    if oracle.actor.role in ACTING:
        return own_person(oracle.actor, person)
    return any(one.start <= TODAY <= one.end for one in bonds_of(oracle.actor, person))


def some_members(oracle: "Oracle", record: Record) -> bool:
    """One of the pool's members is the actor's."""
    return any(_members(oracle, record))


def every_member(oracle: "Oracle", record: Record) -> bool:
    """All of the pool's members are the actor's."""
    return all(_members(oracle, record))


def targets(oracle: "Oracle", record: Record) -> bool:
    """The actor sees all of everything that a Provenance is about."""
    named = fields(record).targets if record.kind else _target_literals(record)
    places = [one.partition("/_history/")[0] for one in named]
    every = oracle.world.records
    return bool(places) and all(one in every and oracle.view(every[one]) is VIEWS["whole"] for one in places)


def _target_literals(record: Record) -> list[str]:
    return [str(one.get("reference", "")) for one in record.tree.get("target", ())]
