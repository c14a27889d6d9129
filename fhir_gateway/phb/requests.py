"""What is asked of each funding body: its decision about a budget or a release of contingency, and how that stands.

Source: domain.md 5.2 (T7), 8.9 Q16; rules R4, R88, R141 to R147.
"""

from datetime import timedelta
from typing import Final

from fhir_gateway.phb.case.decisions import decider, decides_for, is_live, is_taken
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.records import made
from fhir_gateway.phb.rules.catalogue import setting
from mappings.claim_parts import ClaimRecord
from mappings.decision import Decision

OF_BUDGETS: Final = "agreed-budget"
OF_CONTINGENCY: Final = "contingency-release"
APPROVED: Final = frozenset({"approved", "approved-with-conditions"})
COMMUNICATED: Final = "communicated"
DESCRIPTION: Final = {
    OF_BUDGETS: "Decide on this body's part of the agreed budget.",
    OF_CONTINGENCY: "Decide whether contingency is released.",
}


def decisions_about(case: CaseFile, subject: str, about: frozenset[str]) -> tuple[Filed[Decision], ...]:
    """The decisions asked for or taken about any of these resources."""
    found = (one for one in case.all(Decision) if one.record.decision_subject == subject)
    return tuple(one for one in found if one.record.about in about and is_live(one.record))


def body_of(case: CaseFile, decision: Decision) -> str | None:
    """Id of the body a decision is asked of, or was taken for."""
    if type_of(decision.owner) == "Organization":
        return (decision.owner or "").partition("/")[2]
    role = decider(case, decision)
    return role.organisation if role is not None else None


def decision_of(case: CaseFile, found: tuple[Filed[Decision], ...], body: str) -> Filed[Decision] | None:
    """The decision of one body among those found: what approves first, then what was told, taken, asked last."""
    own = [one for one in found if _is_of(case, one.record, body)]
    return max(
        own, key=lambda one: (is_approval(one.record), is_told(one.record), is_taken(one.record), one.id), default=None
    )


def _is_of(case: CaseFile, decision: Decision, body: str) -> bool:
    asked = body_of(case, decision)
    return asked is not None and decides_for(case, asked, body, decision)


def is_told(decision: Decision) -> bool:
    """Whether it is taken and the person was told."""
    told = decision.decision_status == COMMUNICATED or decision.communicated_on is not None
    return told and is_taken(decision)


def is_approval(decision: Decision) -> bool:
    """Whether it says yes to the whole, and the person was told."""
    return is_told(decision) and decision.outcome in APPROVED


def request(case: CaseFile, subject: str, about: str, body: str, claim: ClaimRecord) -> Decision:
    """A request to a body to decide; it names the person who decides when they do (R141)."""
    return made(
        Decision,
        person_id=claim.person_id,
        status="requested",
        intent="order",
        decision_subject=subject,
        decision_status="requested",
        description=DESCRIPTION[subject],
        about=about,
        requester=literal("Organization", claim.insurer_id) or claim.provider,
        owner=f"Organization/{body}",
        requested_on=case.today,
        respond_by=case.today + timedelta(days=setting("R143", "days")),
    )
