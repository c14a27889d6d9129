"""What follows from a transfer between ICBs: the case moves with the person, plan and budget stay as they are.

The share of the sending ICB stays on the budget, which the receiving one draws on until its first review.

Source: domain.md 5.2 (T19 to T21), 5.3; rules R152 to R154.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case.coordination import COORDINATOR
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.history import moved
from fhir_gateway.phb.case.people import themselves
from fhir_gateway.phb.case.plans import ACTIVE as IN_FORCE
from fhir_gateway.phb.case.plans import plans_of, state_of
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case.reviews import is_open
from fhir_gateway.phb.case.states import ACTIVE, TRANSFERRING, ways
from fhir_gateway.phb.case.transfers import MOVED, last_day_of_first_review
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.effects.reviews import review_to_hold
from fhir_gateway.phb.effects.trial import would_stand
from fhir_gateway.phb.periods import day_before
from fhir_gateway.phb.rules.catalogue import setting
from mappings.care_team import Participant, Team
from mappings.change import Transfer
from mappings.episode_of_care import STAFF, PhbCase
from mappings.review import Review

EFFECTIVE: Final = "effective"
CALLED_OFF: Final = frozenset({"refused", "cancelled"})
KIND: Final = "transfer"
WITHDRAWN: Final = "entered-in-error"


@effect(on=Transfer)
def an_accepted_transfer_begins(new: Written[Transfer], case: CaseFile) -> Iterator[Consequence]:
    """One written when its day has come takes effect at once; until the day, or while it may not, the case is moving.

    The clock does the same on the day for those that were accepted before.
    """
    if new.record.transfer_status != "accepted" or new.record.status == WITHDRAWN:
        return
    yield from _effective(new, case) or _moving(new, case)


def _effective(new: Written[Transfer], case: CaseFile) -> tuple[Consequence, ...]:
    """T20, where all that follows from it would stand."""
    if new.record.started_on is None or new.record.started_on > case.today:
        return ()
    record = replace(new.record, transfer_status=EFFECTIVE)
    effective = Consequence(record=record, why="the day of the transfer has come", rule="T20", id=new.id)
    return (effective,) if would_stand((effective, *_handed_over(record, case)), case) else ()


def _moving(new: Written[Transfer], case: CaseFile) -> Iterator[Consequence]:
    """T19: the running case of the sending ICB is being transferred."""
    if _becomes(new, frozenset({"accepted"})):
        yield from _moved(new.record, (ACTIVE, TRANSFERRING), "the receiving ICB accepted the transfer", case)


@effect(on=Transfer)
def the_case_is_handed_over(new: Written[Transfer], case: CaseFile) -> Iterator[Consequence]:
    """T20: from the day on the receiving ICB answers for the case, with its own coordinator; a first review is due."""
    if _becomes(new, MOVED):
        yield from _handed_over(new.record, case)


@effect(on=Transfer)
def a_transfer_that_is_off_changes_nothing(new: Written[Transfer], case: CaseFile) -> Iterator[Consequence]:
    """T21: refused or cancelled, for a reason, it leaves the case active where it is."""
    if _becomes(new, CALLED_OFF):
        yield from _moved(new.record, (TRANSFERRING, ACTIVE), "the transfer does not take place", case)


def _moved(transfer: Transfer, way: tuple[str, str], why: str, case: CaseFile) -> Iterator[Consequence]:
    """The cases of the sending ICB that go from one state to another, where nothing stands in the way."""
    start, to = way
    number = next(one.number for one in ways(start, to) if one.number in {"T19", "T21"})
    for one in _cases(transfer, case):
        found = Consequence(record=moved(one.record, to, case.today), why=why, rule=number, id=one.id)
        if one.record.state == start and would_stand((found,), case):
            yield found


def _becomes(new: Written[Transfer], states: frozenset[str]) -> bool:
    before = new.previous.transfer_status if new.previous is not None else None
    return new.record.status != WITHDRAWN and new.record.transfer_status in states and before not in states


def _cases(transfer: Transfer, case: CaseFile) -> tuple[Filed[PhbCase], ...]:
    """The open cases the sending ICB answers for."""
    return tuple(
        one for one in open_cases(case) if literal("Organization", one.record.responsible_body) == transfer.requester
    )


# --- handed over ------------------------------------------------------------------------------------


def _handed_over(transfer: Transfer, case: CaseFile) -> Iterator[Consequence]:
    if type_of(transfer.owner) != "Organization" or transfer.new_coordinator is None:
        return
    found = _cases(transfer, case)
    why = f"the transfer took effect on {transfer.started_on}"
    for one in found:
        yield Consequence(record=_case(one.record, transfer, case), why=why, rule="T20", id=one.id)
    for id_ in dict.fromkeys(team for one in found for team in one.record.care_teams):
        team = case.get(Team, f"CareTeam/{id_}")
        if team is not None:
            yield Consequence(record=_team(team, transfer), why=why, rule="T20", id=id_)
    if found and not any(one.record.review_kind == KIND and is_open(one.record) for one in case.all(Review)):
        yield Consequence(record=_first_review(found[0], transfer, case), why=why, rule="R153")


def _case(record: PhbCase, transfer: Transfer, case: CaseFile) -> PhbCase:
    """The case of the receiving ICB; active again where it was being transferred."""
    state = ACTIVE if record.state == TRANSFERRING else record.state
    coordinator = transfer.new_coordinator if type_of(transfer.new_coordinator) in STAFF else record.care_coordinator
    body = (transfer.owner or "").partition("/")[2]
    return replace(moved(record, state, case.today), responsible_body=body, care_coordinator=coordinator)


def _team(team: Team, transfer: Transfer) -> Team:
    """The team with the new coordinator in place of the one before, for the same funders but for the sending ICB."""
    now = [one for one in team.participants if _coordinates(one, transfer)]
    receiving = (transfer.owner or "").partition("/")[2]
    sending = (transfer.requester or "").partition("/")[2]
    bodies = dict.fromkeys([receiving, *(one.on_behalf_of for one in now if one.on_behalf_of not in {None, sending})])
    stays = [one if one not in now else _until(one, transfer) for one in team.participants]
    return replace(team, participants=(*stays, *(_new(body, transfer) for body in bodies)))


def _coordinates(one: Participant, transfer: Transfer) -> bool:
    return COORDINATOR in one.roles and (transfer.started_on is None or runs_on(None, one.end, transfer.started_on))


def _until(one: Participant, transfer: Transfer) -> Participant:
    """Who coordinated until the day before; for no longer than that."""
    last = day_before(transfer.started_on) if transfer.started_on is not None else one.end
    return replace(one, end=last if one.start is None or last is None else max(one.start, last))


def _new(body: str | None, transfer: Transfer) -> Participant:
    return Participant(
        roles=(COORDINATOR,),
        member=transfer.new_coordinator,
        on_behalf_of=body,
        start=transfer.started_on,
        end=None,
    )


def _first_review(one: Filed[PhbCase], transfer: Transfer, case: CaseFile) -> Review:
    """The first review of the receiving ICB, of the plan that stays in force."""
    start = transfer.started_on or case.today
    plan = next((plan for plan in plans_of(case, one.record) if state_of(plan.record) == IN_FORCE), None)
    review = review_to_hold(
        case,
        kind=KIND,
        due=last_day_of_first_review(transfer, start, setting("R153", "months")),
        about=plan.reference if plan is not None else one.reference,
    )
    people = (themselves(case), transfer.new_coordinator)
    return replace(review, owner=transfer.new_coordinator, participants=tuple(who for who in people if who))
