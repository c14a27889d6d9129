"""Paying relatives and friends for care: what counts as care, and which decisions allow it.

Source: DPR13 reg 8(5A), (5B); CADP reg 3; rules R26, R27.
"""

from typing import Final

from fhir_gateway.phb.case.bodies import COUNCIL, funders, organisation
from fhir_gateway.phb.case.decisions import approves, deciding_body
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case_file import CaseFile
from mappings.decision import Decision
from mappings.employment import Employment

SUBJECT: Final = "family-payment"
ONE_ALONE: Final = frozenset({"RelatedPerson", "Contract"})
CARE: Final = frozenset(
    {
        *("personal-assistant-wages", "pa-holiday-cover", "emergency-cover", "agency-care", "micro-provider-support"),
        *("supported-living", "shared-lives", "short-break", "hospice-at-home"),
    }
)


def allowed(decision: Decision | None) -> bool:
    """Whether a decision allows a relative to be paid and says why that is necessary."""
    if decision is None or decision.decision_subject != SUBJECT or not approves(decision):
        return False
    return bool((decision.rationale or "").strip())


def decisions_for(case: CaseFile, about: str) -> tuple[Decision, ...]:
    """The decisions that allow one party or contract to be paid: about it, or about no single one at all."""
    found = (one.record for one in case.all(Decision) if allowed(one.record))
    return tuple(one for one in found if one.about == about or type_of(one.about) not in ONE_ALONE)


def employment_allowed(case: CaseFile, employment: Employment, reference: str) -> bool:
    """Whether a relative may be employed. reference: of the contract, where it names no decision itself."""
    if employment.family_decision_id is not None:
        return allowed(case.get(Decision, literal("Task", employment.family_decision_id)))
    return bool(decisions_for(case, reference))


def by_council(case: CaseFile, decision: Decision) -> bool:
    """Whether a council that pays took a decision; any council where it is not known which one pays."""
    body, paying = deciding_body(case, decision), funders(case, COUNCIL)
    if paying:
        return body in paying
    known = organisation(case, body)
    return known is not None and known.funder_kind == "local-authority"
