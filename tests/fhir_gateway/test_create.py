"""Protocol tests of create and conditional create (FHIR R4 http.html#create, #ccreate)."""

import json
import re
import uuid

import pytest

from fhir_gateway.interactions.context import instant
from tests.fhir_gateway.api import FHIR, Api, refused
from tests.fhir_gateway.trees import (
    ALL,
    LOCAL,
    coverage,
    foreign_plan,
    goal,
    identifier,
    organization,
    patient,
    plan,
    typed,
)

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_create_answers_where_the_resource_is_and_what_was_stored(api: Api) -> None:
    reply = api.post("Patient", patient(gender="female"))
    tree = reply.json()
    assert reply.status_code == 201
    assert UUID7.fullmatch(tree["id"])
    assert reply.headers["location"] == f"{FHIR}/Patient/{tree['id']}/_history/1"
    assert reply.headers["etag"] == 'W/"1"'
    assert tree["meta"]["versionId"] == "1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", tree["meta"]["lastUpdated"])
    assert api.get(f"Patient/{tree['id']}").content == reply.content


@pytest.mark.parametrize("resource_type", ALL)
def test_every_type_is_created_and_read(api: Api, resource_type: str) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    made = api.made(typed(resource_type, person, council))
    assert api.get(f"{resource_type}/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("wish", "body"),
    [
        ("return=minimal", b""),
        ("return=representation", None),
        ("respond-async, return=minimal", b""),
        ('return="minimal"', b""),
        ("return=whatever", None),
    ],
)
def test_prefer_says_what_a_create_answers(api: Api, wish: str, body: bytes | None) -> None:
    reply = api.post("Patient", patient(), Prefer=wish)
    assert reply.status_code == 201
    stored = api.get(reply.headers["location"]).content
    assert reply.content == (stored if body is None else body)


def test_prefer_may_ask_for_an_outcome(api: Api) -> None:
    reply = api.post("Patient", patient(), Prefer="return=OperationOutcome")
    assert reply.status_code == 201
    assert reply.json()["resourceType"] == "OperationOutcome"
    assert reply.json()["issue"][0]["severity"] == "information"


def test_an_id_and_version_of_the_clients_own_are_ignored(api: Api) -> None:
    sent = patient(id="mine", meta={"versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z", "source": "urn:x"})
    made = api.made(sent)
    assert made["id"] != "mine"
    assert made["meta"]["versionId"] == "1"
    assert not made["meta"]["lastUpdated"].startswith("2001")
    assert made["meta"]["source"] == "urn:x"


def test_number_and_time_text_and_key_order_are_kept(api: Api) -> None:
    sent = (
        '{"gender":"female","resourceType":"Patient","birthDate":"1975-02","extension":['
        '{"url":"https://council.example/a","valueDecimal":105.00},'
        '{"url":"https://council.example/b","valueDecimal":1.0E+2},'
        '{"valueInstant":"2026-01-01T00:00:00.120000+01:00","url":"https://council.example/c"},'
        '{"url":"https://council.example/d","valueDecimal":0.1234567890123456789}],"active":true}'
    )
    reply = api.post("Patient", sent)
    assert reply.status_code == 201, reply.text
    made = reply.json()
    ours = f'"id":"{made["id"]}","meta":{{"versionId":"1","lastUpdated":"{made["meta"]["lastUpdated"]}"}},'
    assert reply.text == sent.replace('"resourceType":"Patient",', f'"resourceType":"Patient",{ours}')


def test_blanks_between_tokens_are_all_that_is_lost(api: Api) -> None:
    reply = api.post("Patient", json.dumps(patient(gender="other"), indent=4))
    stored = reply.json()
    assert reply.text == json.dumps(stored, separators=(",", ":"))


def test_id_and_meta_stay_where_they_were_sent(api: Api) -> None:
    sent = '{"resourceType":"Patient","active":true,"meta":{"source":"urn:x"},"gender":"other","id":"a"}'
    keys = list(api.made(sent))
    assert keys == ["resourceType", "active", "meta", "gender", "id"]


def test_unknown_names_inside_a_resource_are_refused_with_their_place(api: Api) -> None:
    refused(api.post("Patient", patient(nickname="x")), 400, expression="Patient.nickname")
    assert api.changes() == 0


def test_a_fault_of_meaning_is_unprocessable_with_its_place(api: Api) -> None:
    refused(api.post("Patient", patient(gender="unclear")), 422, expression="Patient.gender")


def test_every_fault_of_shape_is_told_at_once(api: Api) -> None:
    reply = api.post("Patient", {"resourceType": "Patient", "active": "yes", "birthDate": "soon"})
    refused(reply, 400, expression="Patient.active")
    refused(reply, 400, expression="Patient.birthDate")


def test_another_type_than_the_address_says_is_refused(api: Api) -> None:
    refused(api.post("Patient", organization()), 400)


def test_every_relative_reference_that_names_nothing_is_named(api: Api) -> None:
    person = api.person()
    reply = api.post(
        "CarePlan",
        plan(person, goal=[{"reference": "Goal/none"}], careTeam=[{"reference": "CareTeam/none"}]),
    )
    refused(reply, 422, code="not-found", expression="CarePlan.goal[0].reference")
    refused(reply, 422, expression="CarePlan.careTeam[0].reference")
    assert "Goal/none" in reply.text
    assert "CareTeam/none" in reply.text
    assert api.get("CarePlan?_summary=count").json()["total"] == 0


def test_a_record_of_an_unknown_person_is_refused(api: Api) -> None:
    refused(
        api.post("CarePlan", plan("Patient/nobody")), 422, code="not-found", expression="CarePlan.subject.reference"
    )


@pytest.mark.parametrize(
    "subject",
    [
        {"display": "somebody"},
        {"identifier": {"system": LOCAL, "value": "1"}},
        {"reference": "https://elsewhere.example/fhir/Patient/1"},
    ],
)
def test_a_record_must_name_its_person_here(api: Api, subject: object) -> None:
    refused(api.post("CarePlan", {**plan("Patient/x"), "subject": subject}), 422, expression="CarePlan.subject")


def test_absolute_logical_and_contained_references_are_kept_as_sent(api: Api) -> None:
    council = {"resourceType": "Organization", "id": "c", "name": "Contained"}
    practice = [
        {"reference": "https://elsewhere.example/fhir/Organization/7"},
        {"identifier": {"system": LOCAL, "value": "p"}, "type": "Organization"},
        {"reference": "#c"},
        {"reference": "urn:uuid:6a6b2b6e-7d0a-4e5b-8d63-8f63d0b2a111"},
    ]
    made = api.made(patient(contained=[council], generalPractitioner=practice))
    assert made["generalPractitioner"] == practice
    assert made["contained"] == [council]


def test_a_reference_to_a_deleted_resource_is_refused(api: Api) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    api.delete(council)
    refused(api.post("Patient", patient(managingOrganization={"reference": council})), 422, code="not-found")


def test_a_create_that_meets_none_makes_one(api: Api) -> None:
    reply = api.post("Patient", patient(identifier=identifier("1")), If_None_Exist=f"identifier={LOCAL}|1")
    assert reply.status_code == 201


def test_a_create_that_meets_one_answers_it_and_stores_nothing(api: Api) -> None:
    first = api.made(patient(identifier=identifier("1")))
    before = api.changes()
    reply = api.post("Patient", patient(identifier=identifier("1")), If_None_Exist=f"identifier={LOCAL}|1")
    assert (reply.status_code, reply.json()) == (200, first)
    assert reply.headers["location"] == f"{FHIR}/Patient/{first['id']}/_history/1"
    assert api.changes() == before


def test_a_create_that_meets_several_is_refused(api: Api) -> None:
    for _ in range(2):
        api.made(patient(identifier=identifier("1")))
    reply = api.post("Patient", patient(), If_None_Exist=f"identifier={LOCAL}|1")
    refused(reply, 412, code="multiple-matches")


@pytest.mark.parametrize("condition", ["", "_count=1", "nickname=x", "identifier=", "identifier=%00"])
def test_a_condition_that_means_nothing_is_refused(api: Api, condition: str) -> None:
    refused(api.post("Patient", patient(), If_None_Exist=condition), 400)


def test_a_condition_is_never_read_leniently(api: Api) -> None:
    api.person()
    reply = api.post("Patient", patient(), If_None_Exist="active=true&nickname=x", Prefer="handling=lenient")
    refused(reply, 400)


@pytest.mark.requirement("lesson-23")
def test_fifty_conditional_creates_at_once_make_one(api: Api) -> None:
    headers = {"If_None_Exist": f"identifier={LOCAL}|race"}
    body = patient(identifier=identifier("race"))
    replies = api.many([("POST", "Patient", body, headers)] * 50)
    assert sorted(reply.status_code for reply in replies) == [200] * 49 + [201]
    assert len({reply.json()["id"] for reply in replies}) == 1
    assert len(api.found(f"Patient?identifier={LOCAL}|race")) == 1


def test_conditions_that_say_the_same_in_other_words_still_make_one(api: Api) -> None:
    conditions = [f"identifier={LOCAL}|race&active=true", f"active=true&identifier={LOCAL}%7Crace"] * 10
    body = patient(identifier=identifier("race"))
    replies = api.many([("POST", "Patient", body, {"If_None_Exist": one}) for one in conditions])
    assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]


def test_a_refused_write_undoes_no_other_of_the_same_moment(api: Api) -> None:
    person = api.person()
    bodies = [
        plan(person, title=f"t{n}") if n % 3 else plan(person, goal=[{"reference": "Goal/none"}]) for n in range(45)
    ]
    replies = api.many([("POST", "CarePlan", body, {}) for body in bodies])
    assert [reply.status_code for reply in replies] == [201 if n % 3 else 422 for n in range(45)]
    assert sorted(api.found("CarePlan")) == sorted(reply.json()["id"] for reply in replies if reply.status_code == 201)
    assert api.changes() == 31


def test_an_instant_is_told_to_the_millisecond() -> None:
    assert instant(1_800_000_000_123_000) == "2027-01-15T08:00:00.123Z"
    assert instant(-1_000) == "1969-12-31T23:59:59.999Z"


def test_money_is_created_without_if_match(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    assert api.post("Coverage", coverage(person, council), X_Request_ID=str(uuid.uuid4())).status_code == 201


def test_a_record_cannot_name_a_record_of_another_person(api: Api) -> None:
    one, other = api.person(), api.person()
    outcome = f"Goal/{api.made(goal(one))['id']}"
    issue = refused(api.post("CarePlan", plan(other, goal=[{"reference": outcome}])), 422, code="not-found")
    assert issue["expression"] == ["CarePlan.goal[0].reference"]
    assert issue["diagnostics"] == f"{outcome} is not known here", "no word of whose it is"
    assert api.post("CarePlan", plan(one, goal=[{"reference": outcome}])).status_code == 201
    assert api.post("CarePlan", foreign_plan(other, goal=[{"reference": outcome}])).status_code == 201, "no record"
