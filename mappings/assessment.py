"""Assessments of the person: capacity for a decision, needs, and whether direct payments are barred.

Source: FHIR R4 observation.html; domain.md 2.1 (CapacityAssessment, DirectPaymentExclusion), 2.2 (NeedsAssessment).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.lens.entries import kind
from mappings.lens.lens import (
    concept,
    day,
    each,
    extension,
    first,
    flag,
    inside,
    of_extension,
    part,
    period,
    reference,
    text,
)
from mappings.lens.mapping import Mapping, mapping
from mappings.observation_parts import PERFORMERS, ObservationRecord, opening
from mappings.terminology import (
    ASSESSMENT_KIND,
    ASSESSMENT_MODE,
    CAPACITY_STATUS,
    CONSENT_SUBJECT,
    DP_BAR,
    RECORD_KIND,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityAssessment(ObservationRecord):
    """Capacity for one decision, on one day. decision_path: how decisions are reached.

    advance_nominee: whom the person named before capacity was lost. expected_temporary: of a loss or a return.
    """

    decision: str
    status: str | None
    assessed_on: date | None
    assessor: str | None
    decision_path: str | None
    speaks_for_person: str | None
    advance_nominee: str | None
    expected_temporary: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPaymentBar(ObservationRecord):
    """Whether the person is barred, and nothing about the order behind it (R140). start, end: both inclusive."""

    value: str | None
    start: date | None
    end: date | None

    @property
    def barred(self) -> bool:
        """Whether an order or condition bars direct payments."""
        return self.value == "barred"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAssessment(ObservationRecord):
    """An assessment that found the needs. joint_with: other funders that took part. approved_by: for the body."""

    assessment_kind: str
    mode: str | None
    assessed_on: date | None
    assessor: str | None
    joint_with: tuple[str, ...]
    approved_on: date | None
    approved_by: str | None
    need_ids: tuple[str, ...]
    carer_assessment_offered_on: date | None


CAPACITY: Final[Mapping[CapacityAssessment]] = mapping(
    "Observation",
    CapacityAssessment,
    "capacity-assessment",
    {
        "extension": extension(
            "phb-capacity-terms",
            {
                "extension": (
                    part("speaks-for-person", {"valueReference": reference("speaks_for_person", to="RelatedPerson")}),
                    part("advance-nominee", {"valueReference": reference("advance_nominee", to="RelatedPerson")}),
                    part("expected-temporary", {"valueBoolean": flag("expected_temporary")}),
                )
            },
        ),
        **opening(concept("decision", CONSENT_SUBJECT, marks=True)),
        "effectiveDateTime": day("assessed_on"),
        "performer": first(reference("assessor", to=PERFORMERS)),
        "valueCodeableConcept": concept("status", CAPACITY_STATUS),
        "note": first({"text": text("decision_path")}),
    },
)

BAR: Final[Mapping[DirectPaymentBar]] = mapping(
    "Observation",
    DirectPaymentBar,
    "direct-payment-bar",
    {
        **opening(kind(RECORD_KIND, "direct-payment-bar")),
        "effectivePeriod": period("start", "end"),
        "valueCodeableConcept": concept("value", DP_BAR),
    },
)

NEEDS: Final[Mapping[NeedsAssessment]] = mapping(
    "Observation",
    NeedsAssessment,
    "needs-assessment",
    {
        "extension": (
            extension(
                "phb-assessment-approval",
                {
                    "extension": (
                        part("on", {"valueDate": day("approved_on")}),
                        part("by", {"valueReference": reference("approved_by", to=PERFORMERS)}),
                    )
                },
            ),
            each(
                "joint_with",
                inside("valueReference", reference(to="Organization"), among=of_extension("phb-joint-with")),
            ),
            extension("phb-carer-assessment-offered", {"valueDate": day("carer_assessment_offered_on")}),
        ),
        **opening(concept("assessment_kind", ASSESSMENT_KIND, marks=True)),
        "focus": each("need_ids", reference(to="Condition")),
        "effectiveDateTime": day("assessed_on"),
        "performer": first(reference("assessor", to=PERFORMERS)),
        "method": concept("mode", ASSESSMENT_MODE),
    },
)
