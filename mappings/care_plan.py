"""CarePlan: one version of the personalised care and support plan.

What it says in words is the Composition, what it costs the Claims; both hang on `supportingInfo`.

Source: FHIR R4 careplan.html; UK Core CarePlan; domain.md 2.4 (SupportPlan, PlanAction), 8.3, 8.5.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.lens.entries import kind_among
from mappings.lens.lens import (
    code,
    const,
    count,
    day,
    each,
    extension,
    flag,
    identifier,
    inside,
    of_extension,
    part,
    parts,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param, uri_param
from mappings.terminology import AGREEMENT_STATEMENT, PLAN_KIND, PLAN_STATUS

PLAN_NUMBER: Final = namespaces.identifier_system("phb-plan")
CASE_NUMBER: Final = namespaces.identifier_system("phb-case")
STATUS: Final = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
ACTION_STATUS: Final = (
    *("not-started", "scheduled", "in-progress", "on-hold", "completed"),
    *("cancelled", "stopped", "unknown", "entered-in-error"),
)
PEOPLE: Final = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
WRITERS: Final = (*PEOPLE, "Organization", "CareTeam", "Device")
DOERS: Final = (*WRITERS, "HealthcareService")
SUPPORT: Final = ("Claim", "Composition", "DocumentReference", "RiskAssessment")
ACTIVITIES: Final = (
    *("Appointment", "CommunicationRequest", "DeviceRequest", "MedicationRequest", "NutritionOrder"),
    *("RequestGroup", "ServiceRequest", "Task", "VisionPrescription"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAction:
    """Something somebody does, by a day (domain.md 2.4)."""

    text: str | None
    status: str
    performers: tuple[str, ...]
    start: date | None
    by_when: date | None
    outcome_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One of the statements both sides make when they agree the plan (R59)."""

    statement: str | None
    agreed: bool | None
    on: date | None
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideService:
    """A service outside the budget that meets a need (R41)."""

    need_id: str | None
    service: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPlan:
    """One version of the plan. start, end: days, both inclusive (domain.md 2.4).

    health_contact: a name. dp_ fields: the terms a direct payment needs (R58); dp_health_monitor watches the condition,
    dp_reduction_notice_days is the notice before the money is cut. risks_none_identified: said, not left out (R52).
    """

    person_id: str
    plan_number: str | None
    case_number: str | None
    status: str
    plan_status: str | None
    title: str | None
    description: str | None
    start: date | None
    end: date | None
    created_on: date | None
    author: str | None
    involved: tuple[str, ...]
    care_team_ids: tuple[str, ...]
    need_ids: tuple[str, ...]
    outcome_ids: tuple[str, ...]
    supporting: tuple[str, ...]
    actions: tuple[PlanAction, ...]
    reviews: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    replaces: tuple[str, ...]
    based_on: tuple[str, ...]
    part_of: tuple[str, ...]
    dp_health_monitor: str | None
    dp_first_review_due: date | None
    dp_review_method: str | None
    dp_reduction_notice_days: int | None
    dp_risk_procedure: str | None
    risks_none_identified: bool | None
    shared_with_person_on: date | None
    health_contact: str | None
    health_contact_role: str | None
    health_contact_phone: str | None
    services_outside: tuple[OutsideService, ...]


AGREEMENT: Final = parts(
    statement={"valueCode": code("statement", AGREEMENT_STATEMENT)},
    agreed={"valueBoolean": flag("agreed")},
    on={"valueDate": day("on")},
    by={"valueReference": reference("by", to=PEOPLE)},
)
DIRECT_PAYMENT: Final = {
    "extension": (
        part("health-monitor", {"valueReference": reference("dp_health_monitor", to=PEOPLE)}),
        part("first-review-due", {"valueDate": day("dp_first_review_due")}),
        part("review-method", {"valueString": text("dp_review_method")}),
        part("reduction-notice-days", {"valueUnsignedInt": count("dp_reduction_notice_days")}),
        part("risk-procedure", {"valueString": text("dp_risk_procedure")}),
    )
}
HEALTH_CONTACT: Final = parts(
    name={"valueString": text("health_contact")},
    role={"valueString": text("health_contact_role")},
    phone={"valueString": text("health_contact_phone")},
)
OUTSIDE: Final = parts(
    need={"valueReference": reference("need_id", to="Condition")},
    service={"valueString": text("service")},
)
ACTION: Final = {
    "detail": {
        "goal": each("outcome_ids", reference(to="Goal")),
        "status": code("status", ACTION_STATUS),
        "scheduledPeriod": period("start", "by_when"),
        "performer": each("performers", reference(to=DOERS)),
        "description": text("text"),
    }
}

MAPPING: Final = mapping(
    "CarePlan",
    SupportPlan,
    "support-plan",
    {
        "extension": (
            extension("phb-plan-status", {"valueCode": code("plan_status", PLAN_STATUS)}),
            rows("agreements", Agreement, AGREEMENT, among=of_extension("phb-agreement")),
            extension("phb-direct-payment-terms", DIRECT_PAYMENT),
            extension("phb-no-risks-identified", {"valueBoolean": flag("risks_none_identified")}),
            extension("phb-shared-with-person", {"valueDate": day("shared_with_person_on")}),
            extension("phb-health-contact", HEALTH_CONTACT),
            rows("services_outside", OutsideService, OUTSIDE, among=of_extension("phb-service-outside-budget")),
        ),
        "identifier": (identifier("plan_number", PLAN_NUMBER), identifier("case_number", CASE_NUMBER)),
        "basedOn": each("based_on", reference(to="CarePlan")),
        "replaces": each("replaces", reference(to="CarePlan")),
        "partOf": each("part_of", reference(to="CarePlan")),
        "status": code("status", STATUS),
        "intent": const("plan"),
        "category": kind_among(PLAN_KIND, "personalised-care-and-support-plan"),
        "title": text("title"),
        "description": text("description"),
        "subject": reference("person_id", to="Patient"),
        "period": period("start", "end"),
        "created": day("created_on"),
        "author": reference("author", to=WRITERS),
        "contributor": each("involved", reference(to=WRITERS)),
        "careTeam": each("care_team_ids", reference(to="CareTeam")),
        "addresses": each("need_ids", reference(to="Condition")),
        "supportingInfo": each("supporting", reference(to=SUPPORT)),
        "goal": each("outcome_ids", reference(to="Goal")),
        "activity": (
            rows("actions", PlanAction, ACTION, among={"detail": {}}),
            each("reviews", inside("reference", reference(to=ACTIVITIES))),
        ),
    },
)

TYPE: Final = ResourceType(
    "CarePlan",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Group", "Patient")),
        token_param("identifier"),
        token_param("status"),
        token_param("intent"),
        token_param("category"),
        date_param("date", "period"),
        reference_param("goal", to="Goal"),
        reference_param("care-team", "careTeam", to="CareTeam"),
        reference_param("condition", "addresses", to="Condition"),
        reference_param("replaces", to="CarePlan"),
        reference_param("part-of", "partOf", to="CarePlan"),
        reference_param("based-on", "basedOn", to="CarePlan"),
        reference_param("encounter", to="Encounter"),
        reference_param("activity-reference", "activity.reference", to=ACTIVITIES),
        token_param("activity-code", "activity.detail.code"),
        date_param("activity-date", "activity.detail.scheduledPeriod"),
        reference_param("performer", "activity.detail.performer", to=DOERS),
        uri_param("instantiates-canonical", "instantiatesCanonical"),
        uri_param("instantiates-uri", "instantiatesUri"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("CarePlan"),
)
