"""Whose record verified claims speak of: exactly one live record, or nobody's (S29)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from auth.issuers.federation import Matched
from auth.issuers.identity import Worker
from fhir_gateway.access.matching import match_person, match_worker
from mappings.namespaces import NHS_NUMBER, ODS_CODE, code_system
from mappings.practitioner_role import SDS_ROLE_PROFILE
from tests.fhir_gateway.access.case import system
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.trees import organization, patient

NUMBER, OTHER = "9990000018", "9990000026"
BORN = date(1961, 3, 14)
NOW = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
RESTRICTED = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
COORDINATOR = "care-coordinator"


def numbered(*numbers: str) -> list[dict[str, Any]]:
    return [{"system": NHS_NUMBER, "value": number} for number in numbers]


def somebody(api: Api, **changes: Any) -> str:
    tree = patient(identifier=numbered(NUMBER), birthDate=BORN.isoformat(), **changes)
    return f"Patient/{api.made(tree)['id']}"


def found(api: Api, number: str = NUMBER, born: date = BORN) -> str | None:
    return api.write(lambda conn: match_person(conn, number, born))


@pytest.mark.requirement("S29")
def test_an_exact_match_finds_the_person(api: Api) -> None:
    person = somebody(api)
    api.made(patient(identifier=numbered(OTHER), birthDate=BORN.isoformat()))
    assert found(api) == person


def test_a_record_that_a_body_brought_and_nobody_answers_for_does_not_count(api: Api) -> None:
    tree = patient(identifier=numbered(NUMBER), birthDate=BORN.isoformat())
    brought = system(api, "icb", "another-icb").post("Patient", tree)
    assert brought.status_code == 201, brought.text
    assert found(api) is None
    person = somebody(api)
    assert found(api) == person


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestNobody:
    def test_an_unknown_number_finds_nobody(self, api: Api) -> None:
        somebody(api)
        assert found(api, OTHER) is None

    @pytest.mark.requirement("S29")
    def test_the_wrong_birth_date_finds_nobody(self, api: Api) -> None:
        somebody(api)
        assert found(api, born=date(1961, 3, 15)) is None

    def test_a_record_without_a_birth_date_finds_nobody(self, api: Api) -> None:
        api.made(patient(identifier=numbered(NUMBER)))
        assert found(api) is None

    def test_the_number_as_another_system_s_identifier_finds_nobody(self, api: Api) -> None:
        local = [{"system": "https://council.example/id", "value": NUMBER}]
        api.made(patient(identifier=local, birthDate=BORN.isoformat()))
        assert found(api) is None

    def test_two_records_with_the_number_find_nobody(self, api: Api) -> None:
        somebody(api)
        api.made(patient(identifier=numbered(NUMBER)))
        assert found(api) is None

    @pytest.mark.requirement("S29")
    @pytest.mark.parametrize(
        "changes",
        [
            {"active": False},
            {"deceasedBoolean": True},
            {"deceasedDateTime": "2025-11-02"},
            {"meta": RESTRICTED},
        ],
        ids=["inactive", "deceased", "died on a day", "restricted"],
    )
    def test_a_record_that_is_not_open_finds_nobody(self, api: Api, changes: dict[str, Any]) -> None:
        somebody(api, **changes)
        assert found(api) is None

    def test_a_record_that_was_merged_away_finds_nobody(self, api: Api) -> None:
        kept = api.made(patient(identifier=numbered(OTHER), birthDate=BORN.isoformat()))
        link = [{"other": {"reference": f"Patient/{kept['id']}"}, "type": "replaced-by"}]
        somebody(api, link=link)
        assert found(api) is None

    def test_a_deleted_record_finds_nobody(self, api: Api) -> None:
        person = somebody(api)
        assert api.delete(person).status_code == 204
        assert found(api) is None


def body(api: Api, code: str = "QXX", **changes: Any) -> str:
    tree = organization(identifier=[{"system": ODS_CODE, "value": code}], **changes)
    return str(api.made(tree)["id"])


def role(api: Api, organisation: str, code: str = COORDINATOR, **changes: Any) -> str:
    worker = api.made({"resourceType": "Practitioner", "name": [{"family": "Marsh"}]})
    tree = {
        "resourceType": "PractitionerRole",
        "active": True,
        "identifier": [{"system": SDS_ROLE_PROFILE, "value": "555012345678"}],
        "practitioner": {"reference": f"Practitioner/{worker['id']}"},
        "organization": {"reference": f"Organization/{organisation}"},
        "code": [{"coding": [{"system": code_system("phb-party-role"), "code": code}]}],
    }
    return f"PractitionerRole/{api.made({**tree, **changes})['id']}"


def at_work(api: Api, role_id: str = "555012345678", ods_code: str = "QXX") -> Matched | None:
    return api.write(lambda conn: match_worker(conn, Worker(role_id=role_id, ods_code=ods_code), NOW))


def test_a_care_coordinator_is_found_by_role_id_and_body(api: Api) -> None:
    organisation = body(api)
    assert at_work(api) is None
    fhir_user = role(api, organisation, period={"start": "2026-05-01", "end": "2026-05-01"})
    assert at_work(api) == Matched(fhir_user=fhir_user, role="coordinator", organisation=organisation)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
class TestNoWorker:
    @pytest.mark.parametrize(
        "changes",
        [
            {"active": False},
            {"period": {"end": "2026-04-30"}},
            {"period": {"start": "2026-05-02"}},
            {"code": "finance-officer"},
        ],
        ids=["inactive", "ended", "not begun", "a role an operator links"],
    )
    def test_a_role_that_is_not_a_living_coordinator_s_finds_nobody(self, api: Api, changes: dict[str, Any]) -> None:
        role(api, body(api), **changes)
        assert at_work(api) is None

    def test_a_role_in_another_body_than_the_claim_s_finds_nobody(self, api: Api) -> None:
        role(api, body(api))
        body(api, "QYY")
        assert at_work(api, ods_code="QYY") is None
        assert at_work(api, ods_code="QZZ") is None

    def test_a_body_that_is_no_longer_active_finds_nobody(self, api: Api) -> None:
        role(api, body(api, active=False))
        assert at_work(api) is None

    def test_two_roles_of_one_id_find_nobody(self, api: Api) -> None:
        organisation = body(api)
        role(api, organisation)
        role(api, organisation)
        assert at_work(api) is None
