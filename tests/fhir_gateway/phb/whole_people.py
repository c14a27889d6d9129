"""The person, bodies and workers of a case with everything in place."""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.care_team import Participant, Team
from mappings.coverage import FunderContribution
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.phb.shelf import PERSON, filed

SELF: Final = f"Patient/{PERSON}"
COORDINATOR: Final = "PractitionerRole/mira"
Known = Any


def person(**known: Known) -> Filed[Person]:
    return filed(made(Person, **{"active": True, "birth_date": date(1980, 5, 4), **known}), PERSON)


def body(id: str = "icb", kind: str = "nhs-icb", **known: Known) -> Filed[Organisation]:  # noqa: A002
    usual: dict[str, Any] = {"active": True, "name": id, "roles": ("funder",), "funder_kind": kind, "ods_code": "QZZ"}
    return filed(made(Organisation, **usual | known), id)


def provider(**known: Known) -> Filed[Organisation]:
    usual: dict[str, Any] = {"active": True, "name": "Agency", "roles": ("provider",), "provider_kind": "care-agency"}
    return filed(made(Organisation, **usual | known), "agency")


def role(id: str = "mira", **known: Known) -> Filed[CareCoordinator]:  # noqa: A002
    usual: dict[str, Any] = {"active": True, "practitioner": f"{id}-m", "organisation": "icb"}
    return filed(made(CareCoordinator, **usual | {"roles": ("care-coordinator",)} | known), id)


def team(*members: tuple[str, str], id: str = "team") -> Filed[Team]:  # noqa: A002
    """Each member with the body it acts for; the coordinator for the ICB unless said."""
    rows = tuple(
        made(Participant, roles=("care-coordinator",), member=who, on_behalf_of=of)
        for who, of in members or ((COORDINATOR, "icb"),)
    )
    return filed(made(Team, person_id=PERSON, status="active", participants=rows), id)


def share(id: str = "nhs", stream: str = "nhs-other", funder: str = "icb", **known: Known) -> Filed[FunderContribution]:  # noqa: A002
    usual: dict[str, Any] = {"status": "active", "stream": stream, "funder": f"Organization/{funder}", "order": 1}
    return filed(made(FunderContribution, person_id=PERSON, **usual | known), id)


def decider() -> Filed[CareCoordinator]:
    return role("decider", roles=("decision-maker",), decision_subjects=("agreed-budget",), decision_level="team")
