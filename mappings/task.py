"""Task: review, decision, appeal, concern and the changes to a running budget, told apart by `code`.

Source: FHIR R4 task.html and its search parameters.
"""

from typing import Final

from mappings import targets
from mappings.change import CONCERN, FUNDING_CHANGE, SUSPENSION, TRANSFER
from mappings.decision import APPEAL, DECISION
from mappings.lens.mapping import ResourceType
from mappings.lens.search import date_param, reference_param, token_param
from mappings.review import REVIEW

TYPE: Final = ResourceType(
    "Task",
    (REVIEW, DECISION, APPEAL, CONCERN, TRANSFER, SUSPENSION, FUNDING_CHANGE),
    search=(
        reference_param("patient", "for", to="Patient"),
        reference_param("subject", "for", to=targets.ANY),
        token_param("code"),
        token_param("status"),
        token_param("business-status", "businessStatus"),
        token_param("intent"),
        token_param("priority"),
        token_param("identifier"),
        token_param("group-identifier", "groupIdentifier"),
        token_param("performer", "performerType"),
        reference_param("owner", to=targets.TEAM),
        reference_param("requester", to=targets.AUTHORS),
        reference_param("focus", to=targets.ANY),
        reference_param("based-on", "basedOn", to=targets.ANY),
        reference_param("part-of", "partOf", to="Task"),
        reference_param("encounter", to="Encounter"),
        date_param("period", "executionPeriod"),
        date_param("authored-on", "authoredOn"),
        date_param("modified", "lastModified"),
    ),
    compartment="patient",
)
