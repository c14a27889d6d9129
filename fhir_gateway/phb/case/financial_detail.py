"""What opens the financial detail of a case: a review that is going on, or a concern the person knows of.

Source: domain.md 2.6 (Review, Concern), 5.3, 8.9 Q9; rules R134 and R135.
"""

from typing import Any, Final

from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import IN_PROGRESS, state
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.change import Concern
from mappings.decision import Decision
from mappings.review import Review

MAY_WAIT: Final = frozenset({"suspected-fraud-recipient", "suspected-fraud-provider", "safeguarding"})


def opened_by(case: CaseFile) -> Filed[Any] | None:
    """The open review or concern that lets a funder's staff see entries and evidence; None while they stay closed."""
    reviews = (one for one in case.all(Review) if state(one.record) == IN_PROGRESS)
    concerns = (one for one in case.all(Concern) if is_being_looked_into(case, one.record))
    return next(reviews, None) or next(concerns, None)


def is_being_looked_into(case: CaseFile, concern: Concern) -> bool:
    """Whether a concern that is not closed opens the detail."""
    return concern.concern_status != "closed" and coordinator_knows(concern) and person_knows(case, concern)


def coordinator_knows(concern: Concern) -> bool:
    """Whether the coordinator was asked, or why not is said."""
    return concern.coordinator_asked_on is not None or bool((concern.no_coordinator_reason or "").strip())


def person_knows(case: CaseFile, concern: Concern) -> bool:
    """Whether the person was informed, or a decision lets that wait: only in suspected fraud and safeguarding."""
    if concern.person_informed_on is not None:
        return True
    delay = case.get(Decision, literal("Task", concern.delay_decision_id))
    return concern.concern_kind in MAY_WAIT and delay is not None and approves(delay)
