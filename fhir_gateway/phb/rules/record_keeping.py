"""Rules R159 and R162: who made a change is known, and what matters in law is never deleted.

Source: domain.md section 4 L.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import DELETE, Finding, rule
from mappings.communication import Notice
from mappings.contract import DirectPaymentAgreement
from mappings.decision import Decision
from mappings.document_reference import Evidence
from mappings.practitioner_role import CareCoordinator
from mappings.provenance import ProvenanceAgent, ProvenanceRecord

FOR_THEMSELVES: Final = frozenset({"Patient", "RelatedPerson", "Organization"})
GATEWAY: Final = "Device/phb-gateway"  # what it does itself, it does for nobody


@rule("R159", on=ProvenanceRecord)
def who_in_which_role_for_whom(new: Written[ProvenanceRecord], case: CaseFile) -> Iterator[Finding]:
    """Each agent is named with a role, and with the body it acts for; people and bodies act for themselves."""
    if not any(case.filed(one) is not None for one in new.record.targets):
        return
    if not new.record.agents:
        yield Finding("nobody is named who made the change", "agent")
    for at, agent in enumerate(new.record.agents):
        if agent.who is None:
            yield Finding("who made the change is missing", f"agent[{at}].who")
        elif not _has_body(case, agent):
            yield Finding("the body the agent acted for is missing", f"agent[{at}].onBehalfOf")
        if agent.role is None and agent.part is None:
            yield Finding("the role of the agent is missing; give it in `role`, or in `type`", f"agent[{at}].role")


def _has_body(case: CaseFile, agent: ProvenanceAgent) -> bool:
    if (
        agent.who == GATEWAY
        or agent.on_behalf_of is not None
        or type_of(agent.who) in FOR_THEMSELVES
        or not type_of(agent.who)
    ):
        return True
    role = case.get(CareCoordinator, agent.who)
    return role is not None and role.organisation is not None


@rule("R162", on=(Decision, DirectPaymentAgreement, Evidence, Notice), when=DELETE)
def marked_never_deleted(
    _new: Written[Decision | DirectPaymentAgreement | Evidence | Notice], _case: CaseFile
) -> Iterator[Finding]:
    """Agreements, decisions, notices and evidence stay; what was wrong is marked so."""
    yield Finding("this is kept and cannot be deleted; set `status` to entered-in-error instead", "status")
