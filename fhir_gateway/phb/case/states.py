"""The case as a state machine: its states, and T1 to T24 as one table.

`who` says whose step it is: the person (P), a representative or nominee (R), the care coordinator (CC), an assessor
(AS), a decision-maker (DM), a finance officer (FO), a third-party holder (TP), the gateway's clock (SYS).

Source: domain.md 5.1, 5.2.
"""

from dataclasses import dataclass
from typing import Final

from fhir_gateway.phb.case import guards, selections
from fhir_gateway.phb.case.guards import Check
from fhir_gateway.phb.case.selections import Select
from mappings.terminology import CASE_STATE

ENQUIRY: Final = "enquiry"
ASSESSING: Final = "assessing"
BUDGET: Final = "budget-setting"
PLANNING: Final = "planning"
AWAITING: Final = "awaiting-decision"
ORGANISING: Final = "organising"
ACTIVE: Final = "active"
REVIEW: Final = "under-review"
SUSPENDED: Final = "suspended"
TRANSFERRING: Final = "transferring"
ENDED: Final = "ended"
NOT_PROCEEDING: Final = "not-proceeding"
BEFORE_AGREEMENT: Final = (ENQUIRY, ASSESSING, BUDGET, PLANNING, AWAITING)
NINE_CRITERIA: Final = tuple(f"R{number}" for number in range(48, 58))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One way from state to state. start: empty for a new case.

    rules: numbers of the rules that must hold for the records that `about` picks. checks: what else must be so.
    """

    number: str
    start: tuple[str, ...]
    to: str
    trigger: str
    who: tuple[str, ...]
    rules: tuple[str, ...] = ()
    about: tuple[Select, ...] = ()
    checks: tuple[Check, ...] = ()


TRANSITIONS: Final = (
    Transition(
        number="T1", start=(), to=ENQUIRY, trigger="the case is opened", who=("CC", "AS", "P", "R"),
        rules=("R2",), about=(selections.the_case,),
    ),
    Transition(
        number="T2", start=(ENQUIRY,), to=ASSESSING, trigger="wish to go on", who=("CC", "P", "R"),
        rules=("R6", "R8", "R62"), about=(selections.the_case,),
        checks=(guards.eligibility_is_recorded,),
    ),
    Transition(
        number="T3", start=(ASSESSING,), to=BUDGET, trigger="assessment approved", who=("DM", "AS"),
        checks=(guards.assessment_is_approved,),
    ),
    Transition(
        number="T4", start=(ENQUIRY,), to=PLANNING, trigger="short path of a one-off", who=("CC",),
        rules=("R30", "R62"), about=(selections.the_case, selections.the_estimates),
        checks=(guards.it_is_a_one_off, guards.outcome_is_named),
    ),
    Transition(
        number="T5", start=(BUDGET,), to=PLANNING, trigger="indicative budget shared", who=("CC",),
        rules=("R31", "R32"), about=(selections.the_case, selections.the_estimates),
    ),
    Transition(
        number="T6", start=(PLANNING,), to=BUDGET, trigger="indicative budget challenged", who=("P", "R", "CC"),
        checks=(guards.challenge_has_a_reason,),
    ),
    Transition(
        number="T7", start=(PLANNING,), to=AWAITING, trigger="plan and budget submitted", who=("CC", "P", "R"),
        rules=(
            *("R11", "R12", "R13", "R14", "R15", "R16", "R36", "R41", "R43"), *NINE_CRITERIA,
            *("R58", "R63", "R68", "R85", "R87"),
        ),
        about=(
            *(selections.the_case, selections.submitted_plan),
            *(selections.submitted_budget, selections.the_arrangements),
        ),
        checks=(guards.plan_and_budget_are_submitted, guards.direct_payment_is_consented),
    ),
    Transition(
        number="T8", start=(AWAITING,), to=PLANNING, trigger="returned for change", who=("DM",),
        rules=("R141", "R142", "R143", "R144"), about=(selections.refusals,),
        checks=(guards.something_is_returned,),
    ),
    Transition(
        number="T9", start=(AWAITING,), to=ORGANISING, trigger="every funder approved", who=("SYS",),
        rules=("R59", "R88", "R145", "R168"),
        about=(selections.agreed_plan, selections.agreed_budget, selections.approvals),
        checks=(guards.plan_and_budget_are_agreed,),
    ),
    Transition(
        number="T10", start=(AWAITING,), to=NOT_PROCEEDING, trigger="declined", who=("DM",),
        rules=("R9",), about=(selections.refusals,),
        checks=(guards.it_is_declined,),
    ),
    Transition(
        number="T11", start=(ORGANISING,), to=ACTIVE, trigger="first service or payment", who=("CC", "FO", "TP"),
        rules=("R94",), about=(selections.first_payments,),
        checks=(guards.plan_and_budget_are_in_force, guards.care_has_started),
    ),
    Transition(
        number="T12", start=(ACTIVE,), to=REVIEW, trigger="review starts", who=("CC", "FO"),
        rules=("R122", "R135"), about=(selections.running_reviews, selections.open_concerns),
        checks=(guards.review_or_concern_is_open,),
    ),
    Transition(
        number="T13", start=(REVIEW,), to=ACTIVE, trigger="review completed", who=("CC", "FO"),
        rules=("R123", "R126", "R127", "R129"), about=(selections.last_review,),
        checks=(guards.review_is_completed,),
    ),
    Transition(
        number="T14", start=(REVIEW,), to=PLANNING, trigger="plan anew", who=("CC", "P", "R"),
        checks=(guards.outcome_asks_for_a_plan,),
    ),
    Transition(
        number="T15", start=(REVIEW,), to=ASSESSING, trigger="assess anew", who=("CC", "AS"),
        checks=(guards.outcome_asks_for_assessment,),
    ),
    Transition(
        number="T16", start=(ACTIVE, REVIEW), to=SUSPENDED, trigger="payments paused", who=("DM",),
        rules=("R104", "R105"), about=(selections.running_pauses,),
        checks=(guards.pause_is_recorded,),
    ),
    Transition(
        number="T17", start=(SUSPENDED,), to=ACTIVE, trigger="payments resumed", who=("DM", "CC"),
        checks=(guards.pause_is_over,),
    ),
    Transition(
        number="T18", start=(ACTIVE,), to=ACTIVE, trigger="money held another way", who=("P", "R", "DM"),
        rules=("R36",), about=(selections.the_case,),
    ),
    Transition(
        number="T19", start=(ACTIVE,), to=TRANSFERRING, trigger="person moves to another ICB", who=("CC",),
        rules=("R152",), about=(selections.accepted_transfers,),
        checks=(guards.transfer_is_accepted,),
    ),
    Transition(
        number="T20", start=(TRANSFERRING,), to=ACTIVE, trigger="transfer takes effect", who=("SYS",),
        rules=("R153", "R154"), about=(selections.done_transfers,),
        checks=(guards.transfer_is_done,),
    ),
    Transition(
        number="T21", start=(TRANSFERRING,), to=ACTIVE, trigger="transfer refused or cancelled", who=("DM", "CC"),
        checks=(guards.transfer_is_off,),
    ),
    Transition(
        number="T22", start=BEFORE_AGREEMENT, to=NOT_PROCEEDING, trigger="not wanted any longer", who=("P", "R"),
        checks=(guards.it_is_not_wanted,),
    ),
    Transition(
        number="T23", start=(ACTIVE, REVIEW, SUSPENDED), to=ENDED, trigger="the case is closed", who=("DM", "CC"),
        rules=("R89", "R113", "R114"),
        about=(selections.stops, selections.funding_changes, selections.payments_after_death),
        checks=(guards.closing_has_a_reason, guards.stay_in_hospital_closes_nothing, guards.stop_is_decided),
    ),
    Transition(
        number="T24", start=(ENDED,), to=ACTIVE, trigger="decision overturned", who=("DM",),
        checks=(guards.decision_is_changed,),
    ),
)  # fmt: skip


def status_of(state: str) -> str:
    """The `EpisodeOfCare.status` of a state. Raises KeyError for an unknown one."""
    return str(CASE_STATE.property_of(state, "episode_status"))


def ways(start: str, to: str) -> tuple[Transition, ...]:
    """The transitions from one state to another, in the order of the table."""
    return tuple(one for one in TRANSITIONS if start in one.start and one.to == to)


def ways_from(start: str) -> tuple[Transition, ...]:
    """The transitions out of a state."""
    return tuple(one for one in TRANSITIONS if start in one.start and one.to != start)


def numbered(number: str) -> Transition:
    """The transition of a number such as `T7`."""
    return next(one for one in TRANSITIONS if one.number == number)
