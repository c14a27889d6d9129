"""EpisodeOfCare: the case, the container of the whole integrated budget through its six steps.

`status` is the coarse state a reader of plain R4 sees; the exact one is the extension `phb-case-state`.

Source: FHIR R4 episodeofcare.html; UK Core EpisodeOfCare; domain.md 2.1 (PhbCase, Eligibility), 5.1, 8.3, 8.5.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.lens.lens import (
    code,
    coded,
    day,
    each,
    extension,
    flag,
    identifier,
    inside,
    of_extension,
    parts,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import (
    ACCESSIBLE_FORMAT,
    BUDGET_KIND,
    CASE_STATE,
    CLOSE_REASON,
    ELIGIBILITY_GROUP,
    ELIGIBILITY_ROUTE,
    MANAGEMENT_OPTION,
    MHA_SECTION,
    SUPPORT_OFFER,
)

CASE_NUMBER: Final = namespaces.identifier_system("phb-case")
STATUS: Final = ("planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error")
STAFF: Final = ("Practitioner", "PractitionerRole")
CHOOSERS: Final = ("Patient", "RelatedPerson")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSpan:
    """A status the case had. start, end: days, both inclusive."""

    status: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Functions another body carries out for the responsible one, which stays responsible (R3)."""

    delegate: str | None
    functions: str | None
    start: date | None
    end: date | None
    agreement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionExplained:
    """One way to hold the money, explained to the person."""

    option: str | None
    on: date | None
    by: str | None
    format: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhbCase:
    """The case of one person. opened_on, closed_on: both inclusive (domain.md 2.1).

    responsible_body: answers in law for the NHS money. lead_funder: comes first when the funders act together.
    """

    person_id: str
    case_number: str | None
    status: str
    state: str
    group: str | None
    route: str | None
    mha_section: str | None
    budget_kind: str | None
    responsible_body: str | None
    lead_funder: str | None
    delegations: tuple[Delegation, ...]
    care_coordinator: str | None
    care_teams: tuple[str, ...]
    accounts: tuple[str, ...]
    options_explained: tuple[OptionExplained, ...]
    option_chosen_by: str | None
    option_chosen_on: date | None
    option_free_choice: bool | None
    support_offered: tuple[str, ...]
    opened_on: date | None
    closed_on: date | None
    close_reason: str | None
    status_history: tuple[StatusSpan, ...]


DELEGATION: Final = parts(
    delegate={"valueReference": reference("delegate", to="Organization")},
    functions={"valueString": text("functions")},
    period={"valuePeriod": period("start", "end")},
    agreement={"valueReference": reference("agreement", to=("Contract", "DocumentReference"))},
)
OPTION_EXPLAINED: Final = parts(
    option={"valueCode": code("option", MANAGEMENT_OPTION)},
    on={"valueDate": day("on")},
    by={"valueReference": reference("by", to=STAFF)},
    format={"valueCode": code("format", ACCESSIBLE_FORMAT)},
)
OPTIONS_CHOICE: Final = parts(
    chosenBy={"valueReference": reference("option_chosen_by", to=CHOOSERS)},
    on={"valueDate": day("option_chosen_on")},
    freeChoice={"valueBoolean": flag("option_free_choice")},
)
SUPPORT_OFFERED: Final = inside("valueCode", code("", SUPPORT_OFFER), among=of_extension("phb-support-offer"))

MAPPING: Final = mapping(
    "EpisodeOfCare",
    PhbCase,
    "case",
    {
        "extension": (
            extension("phb-case-state", {"valueCode": code("state", CASE_STATE)}, marks=True),
            extension("phb-close-reason", {"valueCode": code("close_reason", CLOSE_REASON)}),
            extension("phb-lead-funder", {"valueReference": reference("lead_funder", to="Organization")}),
            rows("delegations", Delegation, DELEGATION, among=of_extension("phb-delegation")),
            rows("options_explained", OptionExplained, OPTION_EXPLAINED, among=of_extension("phb-options-explained")),
            extension("phb-options-choice", OPTIONS_CHOICE),
            each("support_offered", SUPPORT_OFFERED),
        ),
        "identifier": identifier("case_number", CASE_NUMBER),
        "status": code("status", STATUS),
        "statusHistory": rows(
            "status_history", StatusSpan, {"status": code("status", STATUS), "period": period("start", "end")}
        ),
        "type": (
            coded("group", ELIGIBILITY_GROUP),
            coded("route", ELIGIBILITY_ROUTE),
            coded("mha_section", MHA_SECTION),
            coded("budget_kind", BUDGET_KIND),
        ),
        "patient": reference("person_id", to="Patient"),
        "managingOrganization": reference("responsible_body", to="Organization"),
        "period": period("opened_on", "closed_on"),
        "careManager": reference("care_coordinator", to=STAFF),
        "team": each("care_teams", reference(to="CareTeam")),
        "account": each("accounts", reference(to="Account")),
    },
)

TYPE: Final = ResourceType(
    "EpisodeOfCare",
    (MAPPING,),
    search=(
        reference_param("patient", to="Patient"),
        token_param("identifier"),
        token_param("status"),
        token_param("type"),
        reference_param("organization", "managingOrganization", to="Organization"),
        # R4 names Practitioner alone; a coordinator is a PractitionerRole, which the element allows
        reference_param("care-manager", "careManager", to=STAFF),
        date_param("date", "period"),
        reference_param("condition", "diagnosis.condition", to="Condition"),
        reference_param("incoming-referral", "referralRequest", to="ServiceRequest"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("EpisodeOfCare"),
)
