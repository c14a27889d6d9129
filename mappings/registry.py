"""The resource types the gateway speaks: one line each.

Routes, CapabilityStatement, OpenAPI, scopes and tables follow from this list.
"""

from typing import Final

from mappings import (
    account,
    care_plan,
    care_team,
    claim,
    claim_response,
    communication,
    composition,
    condition,
    consent,
    contract,
    coverage,
    document_reference,
    encounter,
    episode_of_care,
    goal,
    group,
    observation,
    organization,
    patient,
    payment_reconciliation,
    practitioner,
    practitioner_role,
    provenance,
    related_person,
    risk_assessment,
    task,
)
from mappings.lens.mapping import ResourceType

TYPES: Final[dict[str, ResourceType]] = {
    module.TYPE.name: module.TYPE
    for module in (
        patient,
        related_person,
        organization,
        practitioner,
        practitioner_role,
        care_team,
        episode_of_care,
        condition,
        care_plan,
        goal,
        coverage,
        claim,
        claim_response,
        task,
        consent,
        document_reference,
        communication,
        risk_assessment,
        contract,
        composition,
        payment_reconciliation,
        account,
        group,
        observation,
        encounter,
        provenance,
    )
}
