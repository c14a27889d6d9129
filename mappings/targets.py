"""Which types a reference may name, for elements that share the same answer.

Source: FHIR R4 4.0.1, the element tables of claim.html, task.html, communication.html, contract.html.
"""

from typing import Final

PROVIDERS: Final = ("Organization", "Practitioner", "PractitionerRole")
PAYORS: Final = ("Organization", "Patient", "RelatedPerson")
PARTIES: Final = ("Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
AUTHORS: Final = ("Device", *PARTIES)
TEAM: Final = ("CareTeam", "HealthcareService", *AUTHORS)
RECIPIENTS: Final = ("Group", *TEAM)
ANY: Final = (
    "Account",
    "CarePlan",
    "CareTeam",
    "Claim",
    "ClaimResponse",
    "Communication",
    "Composition",
    "Condition",
    "Consent",
    "Contract",
    "Coverage",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "Goal",
    "Group",
    "Observation",
    "Organization",
    "Patient",
    "PaymentReconciliation",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "RelatedPerson",
    "RiskAssessment",
    "Task",
)
