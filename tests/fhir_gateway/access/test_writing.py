"""What each actor writes, and what they may not, on both databases (S38, S40, S41)."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FOREVER
from fhir_gateway.demo.entry import entry, transaction
from mappings import episode_of_care, patient
from mappings.episode_of_care import Delegation
from mappings.namespaces import extension_url
from tests.fhir_gateway import stocked
from tests.fhir_gateway.access.case import (
    COUNCIL,
    ICB,
    OLD_ICB,
    PROVIDER,
    council,
    holding,
    icb,
    janice,
    system,
)
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.trees import coverage, goal, organization


def changed(case: Api, path: str, **elements: Json) -> Json:
    """A resource of the case with some elements set, and without its identity."""
    tree = {**case.get(path).json(), **elements}
    return {name: value for name, value in tree.items() if name not in ("id", "meta", "text")}


def outcome(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.text


@pytest.mark.requirement("S38")
@pytest.mark.parametrize("path", ["Patient/{}", "Claim/{}-budget", "Coverage/{}-nhs"])
def test_s38_writing_at_a_foreign_id_answers_as_at_an_unknown_one(case: Api, path: str) -> None:
    before = case.changes()
    foreign, unknown = path.format("dylan"), path.format("nobody")
    tree = case.get(foreign).json()
    told = icb(case).put(foreign, tree, If_Match='W/"1"')
    none = icb(case).put(unknown, {**tree, "id": unknown.partition("/")[2]}, If_Match='W/"1"')
    assert (told.status_code, told.text.replace("dylan", "nobody")) == (404, none.text)
    assert icb(case).delete(foreign).text.replace("dylan", "nobody") == icb(case).delete(unknown).text
    assert case.changes() == before


@pytest.mark.requirement("S40")
def test_s40_what_the_writer_does_not_see_is_not_known(case: Api) -> None:
    asked = icb(case)
    known = changed(case, "Coverage/janice-nhs")
    foreign = asked.post("Coverage", {**known, "beneficiary": {"reference": "Patient/dylan"}})
    unknown = asked.post("Coverage", {**known, "beneficiary": {"reference": "Patient/nobody"}})
    assert outcome(unknown) == (422, foreign.text.replace("dylan", "nobody"))
    seen = asked.post("Coverage", {**known, "contract": [{"reference": "Contract/dylan-agreement"}]})
    absent = asked.post("Coverage", {**known, "contract": [{"reference": "Contract/nobody-agreement"}]})
    assert outcome(absent) == (422, seen.text.replace("dylan", "nobody"))


@pytest.mark.requirement("S40")
def test_s40_each_body_writes_its_own_share_answer_and_payment_alone(case: Api) -> None:
    before = case.changes()
    share = changed(case, "Coverage/janice-nhs")
    refused(council(case).post("Coverage", share), 403, code="forbidden")
    answer = changed(case, "ClaimResponse/janice-budget-council", extension=[])
    answer.pop("extension")
    refused(icb(case).post("ClaimResponse", answer), 403, code="forbidden")
    payment = changed(case, "Claim/janice-pay-council-1")
    refused(icb(case).post("Claim", payment), 403, code="forbidden")
    refused(system(case, "provider", PROVIDER).post("Claim", payment), 403, code="forbidden")
    refused(council(case).post("Goal", goal("Patient/janice")), 403, code="forbidden")
    assert case.changes() == before


@pytest.mark.requirement("S40")
def test_what_is_seen_in_part_is_not_written(case: Api) -> None:
    tree = case.get("Claim/janice-pay-nhs-3").json()
    refused(council(case).put("Claim/janice-pay-nhs-3", tree, If_Match="*"), 403, code="forbidden")
    refused(janice(case).put("Claim/janice-pay-nhs-3", tree, If_Match="*"), 403, code="forbidden")
    refused(janice(case).put("Claim/janice-budget", case.get("Claim/janice-budget").json(), If_Match="*"), 403)


def test_an_icb_that_handed_a_case_on_writes_nothing_there(case: Api) -> None:
    old = system(case, "icb", OLD_ICB)
    tree = case.get("Claim/janice-pay-nhs-1").json()
    refused(old.put("Claim/janice-pay-nhs-1", {**tree, "created": "2025-03-21"}, If_Match="*"), 403)


@pytest.mark.requirement("S41")
def test_s41_a_condition_finds_nobody_elses_record(case: Api) -> None:
    number = case.get("Patient/dylan").json()["identifier"][0]
    condition = f"Patient?identifier={number['system']}|{number['value']}"
    unknown = f"Patient?identifier={number['system']}|9990000999"
    tree = changed(case, "Coverage/janice-nhs")

    def sent(aim: str) -> Json:
        return icb(case).bundle(
            {
                "resource": {**tree, "beneficiary": {"reference": aim}},
                "request": {"method": "POST", "url": "Coverage"},
            }
        )

    assert outcome(sent(condition)) == outcome(sent(unknown))
    issue = refused(sent(condition), 422)
    assert "meets the condition" in issue["diagnostics"]


def test_a_record_stays_with_its_person(case: Api) -> None:
    tree = {**case.get("Goal/janice-goal-swim").json(), "subject": {"reference": "Patient/dylan"}}
    issue = refused(case.put("Goal/janice-goal-swim", tree), 422)
    assert "stays with the person" in issue["diagnostics"]


# --- what is written ----------------------------------------------------------------------------------


def bodies(api: Api) -> None:
    for one in (ICB, OLD_ICB, COUNCIL):
        assert api.put(f"Organization/{one}", organization(id=one, name=one)).status_code == 201


def newcomer() -> Json:
    person = entry("new", patient.MAPPING, active=True, name="A Newcomer", given=("A",), family="Newcomer")
    case = entry(
        "new-case",
        episode_of_care.MAPPING,
        person_id="new",
        status="planned",
        state="enquiry",
        responsible_body=ICB,
        opened_on=date(2026, 1, 5),
    )
    tree = transaction((person, case))
    for one in tree["entry"]:
        name = one["request"]["url"]
        one["request"] = {"method": "POST", "url": name.partition("/")[0]}
        one["fullUrl"] = "urn:uuid:" + ("1" if name.startswith("Patient") else "2") * 8 + "-0000-4000-8000-000000000000"
        one["resource"].pop("id")
    tree["entry"][1]["resource"]["patient"] = {"reference": tree["entry"][0]["fullUrl"]}
    return tree


@pytest.mark.requirement("S41")
def test_s41_a_newcomer_comes_with_the_case_that_ties_them(api: Api) -> None:
    bodies(api)
    mine = icb(api)
    reply = mine.post("/fhir", newcomer())
    assert reply.status_code == 200, reply.text
    assert [one["response"]["status"][:3] for one in reply.json()["entry"]] == ["201", "201"]
    (id_,) = mine.found("Patient")
    assert system(api, "icb", OLD_ICB).found("Patient") == []
    refused(system(api, "icb", OLD_ICB).post("/fhir", newcomer()), 403, code="forbidden")
    assert mine.get(f"Patient/{id_}").status_code == 200


def test_s41_a_body_that_was_the_first_to_record_somebody_may_go_on_with_them(api: Api) -> None:
    bodies(api)
    mine, others = icb(api), system(api, "icb", OLD_ICB)
    person, case = (one["resource"] for one in newcomer()["entry"])
    made = mine.post("Patient", person)
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    assert mine.found("Patient") == [id_]
    assert others.get(f"Patient/{id_}").status_code == 404
    reply = mine.post("EpisodeOfCare", case | {"patient": {"reference": f"Patient/{id_}"}})
    assert reply.status_code == 201, reply.text
    assert mine.found("EpisodeOfCare") == [reply.json()["id"]]
    assert others.found("EpisodeOfCare") == []


def test_a_council_adds_its_own_share_and_reads_it_whole(api: Api) -> None:
    bodies(api)
    person = api.person()
    whose = {"who": f"Organization/{COUNCIL}", "person": person.partition("/")[2]}
    with holding(api, kind="funder", **whose, until=FOREVER):
        share = coverage(person, f"Organization/{COUNCIL}", period={"start": "2025-04-01"})
        reply = council(api).post("Coverage", share)
        assert reply.status_code == 201, reply.text
        assert reply.json()["payor"] == [{"reference": f"Organization/{COUNCIL}"}]
        refused(council(api).post("Coverage", coverage(person, f"Organization/{ICB}")), 403, code="forbidden")
        path = f"Coverage/{reply.json()['id']}"
        other = {**reply.json(), "payor": [{"reference": f"Organization/{ICB}"}]}
        refused(council(api).put(path, other, If_Match='W/"1"'), 403, code="forbidden")
    assert api.get(path).json()["payor"] == [{"reference": f"Organization/{COUNCIL}"}]


@pytest.mark.requirement("S40")
@pytest.mark.parametrize(
    ("first", "last", "opens"),
    [
        ("2019-04-01", "2020-03-31", True),
        ("2018-04-01", "2020-03-31", False),
        ("2019-04-01", "2021-03-31", False),
        ("2020-04-01", None, False),
    ],
)
def test_a_share_that_is_over_is_not_taken_up_again_by_its_payer(
    api: Api, first: str, last: str | None, *, opens: bool
) -> None:
    bodies(api)
    person, payer = api.person(), f"Organization/{COUNCIL}"
    over = api.made(coverage(person, payer, period={"start": "2019-04-01", "end": "2020-03-31"}))
    wider = {**over, "order": 2, "period": {"start": first} | ({"end": last} if last else {})}
    put = council(api).put(f"Coverage/{over['id']}", wider, If_Match="*")
    assert put.status_code == (200 if opens else 403), put.text
    added = {name: value for name, value in wider.items() if name not in ("id", "meta")}
    assert council(api).post("Coverage", added).status_code == (201 if opens else 403)
    assert council(api).get(f"Coverage/{over['id']}").status_code == 200


def test_nobody_accepts_their_own_spending(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    tree = changed(api, "Claim/janice-spent-9", identifier=[])
    others = [one for one in tree.pop("extension") if not one["url"].endswith("expenditure-status")]
    said = {"accepted": 403, "recorded": 201, None: 201}

    def spent(status: str | None) -> Json:
        told = [{"url": extension_url("phb-expenditure-status"), "valueCode": status}] if status else []
        return {name: value for name, value in {**tree, "extension": [*others, *told]}.items() if value}

    with holding(api, kind="self", who="Patient/janice"):
        mine = janice(api)
        assert {status: mine.post("Claim", spent(status)).status_code for status in said} == said
        standing = mine.get("Claim/janice-spent-9").json()
        refused(mine.put("Claim/janice-spent-9", {**standing, "created": "2025-10-01"}, If_Match="*"), 403)


@pytest.mark.requirement("S40")
def test_a_delegate_may_end_its_delegation_and_not_make_it_longer(api: Api) -> None:
    bodies(api)
    person = api.person().partition("/")[2]

    def delegated(end: date) -> Json:
        said = Delegation(delegate=OLD_ICB, functions="payroll", start=date(2020, 1, 1), end=end, agreement=None)
        known: dict[str, Any] = {"person_id": person, "status": "planned", "state": "enquiry"}
        known |= {"responsible_body": ICB, "opened_on": date(2019, 1, 5), "delegations": (said,)}
        return entry("delegated", episode_of_care.MAPPING, **known).resource()

    def puts(asked: Api, end: date) -> int:
        return asked.put("EpisodeOfCare/delegated", delegated(end), If_Match="*").status_code

    assert api.put("EpisodeOfCare/delegated", delegated(date(2099, 1, 1))).status_code == 201
    delegate = system(api, "icb", OLD_ICB)
    assert puts(delegate, date(2098, 1, 1)) == 200
    assert puts(delegate, date(2099, 1, 1)) == 403
    assert puts(icb(api), date(2099, 1, 1)) == 200


def test_a_deletion_is_told_to_those_who_saw_the_record_by_their_tie(api: Api) -> None:
    bodies(api)
    person = api.person()
    made = api.made(coverage(person, f"Organization/{COUNCIL}"))
    who = {"who": f"Organization/{ICB}", "person": person.partition("/")[2]}
    with holding(api, kind="responsible", **who):
        assert len(icb(api).get("Coverage/_history?_cursor=").json()["entry"]) == 1
        assert api.delete(f"Coverage/{made['id']}").status_code == 204
        (gone,) = icb(api).get("Coverage/_history?_cursor=").json()["entry"]
        assert gone["request"]["method"] == "DELETE"
        assert "resource" not in gone
    assert "entry" not in icb(api).get("Coverage/_history?_cursor=").json()


def test_one_app_of_two_people_keeps_their_request_ids_apart(api: Api) -> None:
    api.put("Patient/janice", {"resourceType": "Patient", "id": "janice", "active": True})
    with holding(api, kind="self", who="Patient/janice"):
        sent = {"resourceType": "Bundle", "type": "collection"}
        first = janice(api).post("Claim", sent, X_Request_ID="4f4ac03f-0000-4000-8000-0000000000ab")
        again = janice(api).post("Claim", sent, X_Request_ID="4f4ac03f-0000-4000-8000-0000000000ab")
    assert first.status_code == again.status_code == 400
