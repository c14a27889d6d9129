"""Group A: who answers for a case in law, who may decide for them, and who is eligible.

Source: domain.md 4 A (R1 to R10).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case import bodies, people, reviews
from fhir_gateway.phb.case.budgets import is_live
from fhir_gateway.phb.case.decisions import deciding_body, is_taken
from fhir_gateway.phb.case.eligibility import right_to_have
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, Budget, IndicativeBudget
from mappings.claim_response import FunderAnswer
from mappings.coverage import FunderContribution
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.review import Review

BODY: Final = "managingOrganization"
ENQUIRY: Final = "enquiry"
CHC: Final = "adult-nhs-chc"
CHILD_CARE: Final = "child-continuing-care"
CHILD_STREAM: Final = "nhs-child-continuing-care"
BY_AGE: Final = frozenset({CHC, CHILD_CARE})
AFTERCARE: Final = "section-117-aftercare"


# --- R2, R3: the responsible body -------------------------------------------------------------------


@rule("R2", on=PhbCase)
def nhs_money_has_one_responsible_body(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """An open case of somebody with NHS money names an integrated care board or NHS England."""
    asked = new.changed("responsible_body") or new.changed("state")
    if asked and bodies.is_open(new.record) and any(bodies.shares(case, bodies.NHS)):
        yield from _unfit_body(new.record, case)


@rule("R2", on=FunderContribution)
def nhs_share_finds_a_responsible_body(new: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:
    """NHS money comes in when every open case of the person says who answers for it."""
    asked = new.changed("stream") or new.changed("status")
    if asked and new.record.status == "active" and new.record.stream.startswith(bodies.NHS):
        for one in bodies.open_cases(case):
            for fault in _unfit_body(one.record, case):
                yield Finding(f"{one.reference}: {fault.says}", "type")


def _unfit_body(record: PhbCase, case: CaseFile) -> Iterator[Finding]:
    if record.responsible_body is None:
        yield Finding("there is NHS money: name the integrated care board or NHS England that answers for it", BODY)
        return
    body = bodies.organisation(case, record.responsible_body)
    if body is None or body.funder_kind not in bodies.NHS_BODIES:
        yield Finding("NHS money: the responsible body is an Organization of kind nhs-icb or nhs-england", BODY)
    elif not body.ods_code:
        yield Finding("the responsible body has no ODS code: add it to its Organization", BODY)


@rule("R3", on=PhbCase)
def delegate_is_never_responsible(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """No delegate, of this version or the last one, stands as the responsible body."""
    body = new.record.responsible_body
    if body is None or not (new.changed("responsible_body") or new.changed("delegations")):
        return
    before = new.previous.delegations if new.previous is not None and new.changed("responsible_body") else ()
    if body in {one.delegate for one in (*new.record.delegations, *before)}:
        yield Finding("a delegate acts for the responsible body and is not it: name the delegating body", BODY)
    elif new.changed("responsible_body") and _only_delegate(bodies.organisation(case, body)):
        yield Finding("this body only carries out functions for another: name the body that delegated them", BODY)


def _only_delegate(body: Organisation | None) -> bool:
    return body is not None and "delegate" in body.roles and "responsible-body" not in body.roles


# --- R4: what a delegate may decide -----------------------------------------------------------------


@rule("R4", on=Decision)
def delegate_decides_within_its_delegation(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """A decision of a delegate rests on a delegation of that day that covers the subject."""
    if not is_taken(new.record) or not (new.changed("outcome") or new.changed("owner")):
        return
    body = deciding_body(case, new.record)
    if body is None or not _acts_as_delegate(case, body):
        return
    day = new.record.ended_on or case.today
    running = (one for one in bodies.delegations(case, body) if bodies.runs_on(one, day))
    if not any(bodies.covers(one, new.record.decision_subject) for one in running):
        yield Finding(
            f"the deciding body is a delegate without a delegation on {day} for {new.record.decision_subject}: "
            "record it on the case, or let the responsible body decide",
            "owner",
        )


@rule("R4", on=FunderAnswer)
def answer_is_given_by_the_responsible_body(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """Where a delegate decided, the body on the answer is still the one that delegated."""
    body = new.record.funder_id
    if body is None or not new.changed("funder_id") or new.record.status != "active":
        return
    if bodies.delegations(case, body) and _acts_as_delegate(case, body):
        yield Finding("a delegate answers in the name of the body that delegated: name that one", "insurer")


def _acts_as_delegate(case: CaseFile, body: str) -> bool:
    """Whether a body has no power of its own here: it neither answers for a case nor pays a share."""
    if body in bodies.responsible_bodies(case) or body in bodies.funders(case):
        return False
    known = bodies.organisation(case, body)
    return bool(bodies.delegations(case, body)) or (known is not None and "delegate" in known.roles)


# --- R6 to R9: eligibility --------------------------------------------------------------------------


@rule("R6", on=PhbCase)
def continuing_care_fits_the_age(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """Continuing healthcare begins at 18 or later, continuing care of a child before."""
    asked = new.record.group in BY_AGE and (new.changed("group") or new.changed("opened_on"))
    grown = people.reaches(case, setting("R6", "adult")) if asked else None
    if grown is not None and new.record.opened_on is not None:
        yield from _wrong_age(new.record, grown, "type")


@rule("R6", on=Person)
def birth_date_fits_the_care(new: Written[Person], case: CaseFile) -> Iterator[Finding]:
    """A birth date put right fits the continuing care there is."""
    if new.record.birth_date is None or new.previous is None or not new.changed("birth_date"):
        return
    grown = people.birthday(new.record.birth_date, setting("R6", "adult"))
    for one in bodies.open_cases(case):
        if one.record.opened_on is not None:
            yield from _wrong_age(one.record, grown, "birthDate")


def _wrong_age(record: PhbCase, grown: date, element: str) -> Iterator[Finding]:
    assert record.opened_on is not None
    if record.group == CHC and record.opened_on < grown:
        yield Finding("the person is under 18 when eligibility begins: the group is child-continuing-care", element)
    if record.group == CHILD_CARE and record.opened_on >= grown:
        yield Finding("the person is 18 or over when eligibility begins: the group is adult-nhs-chc", element)


@rule("R7", on=PhbCase)
def case_of_a_child_plans_the_transition(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A child's case that runs past the 18th birthday has a transition review before it."""
    if new.record.group != CHILD_CARE or not bodies.is_open(new.record):
        return
    end, near = new.record.closed_on, people.reaches(case, setting("R7", "open_ended_from"))
    if end is not None or (near is not None and case.today >= near):
        yield from _no_transition(case, end, "period")


@rule("R7", on=(AgreedBudget, IndicativeBudget))
def budget_of_a_child_plans_the_transition(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """A budget of a child's continuing care that runs past the 18th birthday has a transition review before it."""
    if new.record.end is None or not is_live(new.record):
        return
    paid = {one.coverage_id for one in new.record.insurance}
    streams = {one.record.stream for one in case.all(FunderContribution) if one.id in paid}
    if CHILD_STREAM in streams:
        yield from _no_transition(case, new.record.end, "billablePeriod")


def _no_transition(case: CaseFile, end: date | None, element: str) -> Iterator[Finding]:
    grown = people.reaches(case, setting("R7", "adult"))
    if grown is None or (end is not None and end < grown):
        return
    if not any(_is_transition_before(one.record, grown) for one in case.all(Review)):
        yield Finding(f"it runs past the 18th birthday: schedule a transition review before {grown}", element)


def _is_transition_before(review: Review, day: date) -> bool:
    held = review.ended_on or review.started_on or review.respond_by
    stands = reviews.is_open(review) or reviews.is_completed(review)
    return review.review_kind == "transition" and stands and held is not None and held < day


@rule("R8", on=PhbCase, softer=lambda record: record.state == ENQUIRY)
def aftercare_names_its_section(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001 - its own fields
    """Section 117 aftercare says under which section the person was detained."""
    asked = new.changed("group") or new.changed("mha_section") or new.changed("state")
    if asked and new.record.group == AFTERCARE and new.record.mha_section is None and bodies.is_open(new.record):
        yield Finding("section 117 aftercare needs the section of detention: s3, s37, s45a, s47 or s48", "type")


@rule("R9", on=Decision)
def refusing_a_right_is_explained(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """A refused offer carries reasons, alternatives and the way to a second look, if there is a right."""
    if new.record.decision_subject != "offer-phb" or new.record.outcome != "declined":
        return
    missing = [words for words, value in _owed(new.record).items() if not (value or "").strip()]
    if missing and _has_right(case, new.record.about):
        yield Finding(f"there is a right to a budget: a refusal needs {', '.join(missing)}", "output")


def _owed(decision: Decision) -> dict[str, str | None]:
    return {
        "the reasons (statusReason)": decision.rationale,
        "alternatives": decision.alternatives,
        "the way to a reconsideration (appeal-route)": decision.appeal_route,
    }


def _has_right(case: CaseFile, about: str | None) -> bool:
    """Whether the case a decision is about gives a right; any case of the person where it names none."""
    named = case.get(PhbCase, about)
    groups = [named.group] if named is not None else [one.record.group for one in case.all(PhbCase)]
    return any(right_to_have(one) for one in groups)
