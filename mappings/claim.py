"""Claim: indicative budget, agreed budget, payment and expenditure entry, told apart by `type` and `use`.

Source: FHIR R4 claim.html, its search parameters, and the project's own `phb-type` and `phb-status`.
"""

from typing import Final

from mappings import targets
from mappings.budget import AGREED, INDICATIVE
from mappings.expenditure import EXPENDITURE
from mappings.lens.mapping import ResourceType
from mappings.lens.search import date_param, reference_param, token_param
from mappings.payment import PAYMENT

TYPE: Final = ResourceType(
    "Claim",
    (INDICATIVE, AGREED, PAYMENT, EXPENDITURE),
    search=(
        reference_param("patient", to="Patient"),
        token_param("use"),
        token_param("status"),
        date_param("created"),
        token_param("identifier"),
        reference_param("insurer", to="Organization"),
        reference_param("provider", to=targets.PROVIDERS),
        reference_param("enterer", to=("Practitioner", "PractitionerRole")),
        reference_param("payee", "payee.party", to=targets.PARTIES),
        reference_param("care-team", "careTeam.provider", to=targets.PROVIDERS),
        token_param("priority"),
        reference_param("facility", to="Location"),
        reference_param("encounter", "item.encounter", to="Encounter"),
        token_param("phb-type", "type"),
        token_param(
            "phb-status",
            "extension:phb-budget-status.valueCode",
            "extension:phb-payment-status.valueCode",
            "extension:phb-expenditure-status.valueCode",
        ),
    ),
    compartment="patient",
    money=True,
)
