"""R161: a case moves along the transitions of the table, and only when what they ask for is in place.

A case that is new here may stand in any state, since running cases are brought in. Where decisions hang on what is
recorded, waiting for the decision (T7) and organising after it (T9), it must have what the transition asks for.

Source: domain.md 5.1, 5.2.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.states import Transition, numbered, status_of, ways, ways_from
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.episode_of_care import PhbCase

STATE: Final = "extension"
BROUGHT_IN: Final = {"awaiting-decision": "T7", "organising": "T9"}


@rule("R161", on=PhbCase)
def case_moves_along_the_table(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A change of state is one of T1 to T24, with all its guards."""
    if new.record.status == WITHDRAWN or not new.changed("state"):
        return
    if new.previous is None:
        number = BROUGHT_IN.get(new.record.state)
        yield from _refused(numbered(number), new, case) if number else ()
        return
    found = ways(new.previous.state, new.record.state)
    if not found:
        yield _no_way(new.previous.state, new.record.state)
        return
    faults = [list(_refused(one, new, case)) for one in found]
    yield from min(faults, key=len)


def _no_way(start: str, to: str) -> Finding:
    on = ", ".join(f"{one.to} ({one.number})" for one in ways_from(start)) or "nowhere"
    return Finding(f"a case does not go from {start} to {to}; from {start} it goes to {on}", STATE)


def _refused(transition: Transition, new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """What a transition asks for that is not there, each fault with the transition and the rule it fails."""
    for fault in faults(transition, new, case):
        yield Finding(f"{transition.number} to {transition.to} ({transition.trigger}): {fault}", STATE)


def faults(transition: Transition, new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The guards that fail, in words."""
    for check in transition.checks:
        yield from check(new, case)
    yield from _broken_rules(transition, new, case)


def _broken_rules(transition: Transition, new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The rules that do not hold for the records meant, read afresh as if they were written now."""
    from fhir_gateway.phb.rules.judge import held  # the judge reads every rule, this one too

    found = {one.reference: one for pick in transition.about for one in pick(new, case)}
    afresh = [Written(one.type, one.id, one.version, one.record) for one in found.values()]
    for issue in held(transition.rules, afresh, case):
        yield f"{issue.details}: {issue.expression}: {issue.diagnostics}"


@rule("R161", on=PhbCase)
def status_shows_the_state(new: Written[PhbCase], _case: CaseFile) -> Iterator[Finding]:
    """`EpisodeOfCare.status` is that of the state."""
    asked = new.changed("status") or new.changed("state")
    if asked and new.record.status != WITHDRAWN and new.record.status != status_of(new.record.state):
        says = f"a case that is {new.record.state} has the status {status_of(new.record.state)}"
        yield Finding(says, "status")
