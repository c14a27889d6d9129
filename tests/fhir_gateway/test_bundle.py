"""Protocol tests of batch and transaction (FHIR R4 http.html#transaction, bundle.html#references)."""

from typing import Any

import pytest

from tests.fhir_gateway.api import BASE, FHIR, Api, path_of, refused
from tests.fhir_gateway.trees import LOCAL, coverage, foreign_plan, goal, identifier, organization, patient, plan

Json = Any
URN = "urn:uuid:6a6b2b6e-7d0a-4e5b-8d63-8f63d0b2a11{}".format


def entry(method: str, url: str, resource: Json = None, full: str | None = None, **request: str) -> Json:
    """One entry of a Bundle."""
    made: Json = {"request": {"method": method, "url": url, **request}}
    return ({"fullUrl": full} if full else {}) | ({"resource": resource} if resource is not None else {}) | made


def post(resource: Json, full: str | None = None, **request: str) -> Json:
    return entry("POST", resource["resourceType"], resource, full, **request)


def put(resource: Json, full: str | None = None, **request: str) -> Json:
    return entry("PUT", f"{resource['resourceType']}/{resource['id']}", resource, full, **request)


def statuses(bundle: Json) -> list[str]:
    return [one["response"]["status"][:3] for one in bundle["entry"]]


def location(one: Json) -> str:
    """`Type/id` of what an entry of a response speaks of."""
    return path_of(one["response"]["location"]).partition("/_history")[0]


# --- transaction


def test_a_transaction_answers_in_the_order_sent_and_works_in_the_order_of_the_standard(api: Api) -> None:
    old = api.made(patient(identifier=identifier("old")))
    kept = api.made(patient(gender="male"))
    reply = api.bundle(
        entry("GET", "Patient?_summary=count"),
        entry("GET", f"Patient/{kept['id']}"),
        put(patient(id=kept["id"], gender="female")),
        post(patient(identifier=identifier("new"))),
        entry("DELETE", f"Patient/{old['id']}"),
    )
    assert reply.status_code == 200, reply.text
    bundle = reply.json()
    assert bundle["type"] == "transaction-response"
    assert statuses(bundle) == ["200", "200", "200", "201", "204"]
    assert bundle["entry"][0]["resource"]["total"] == 2
    assert bundle["entry"][1]["resource"]["gender"] == "female"
    assert bundle["entry"][2]["response"]["etag"] == 'W/"2"'
    assert location(bundle["entry"][3]) == f"Patient/{bundle['entry'][3]['resource']['id']}"
    assert "resource" not in bundle["entry"][4]


def test_references_by_urn_are_rewritten_everywhere(api: Api) -> None:
    div = (
        '<div xmlns="http://www.w3.org/1999/xhtml"><a href="{0}">her</a> {0} <a href=\'{1}\'>aim</a>'
        '<img src="{0}" alt="x"/></div>'
    )
    sent = plan(
        URN(0),
        goal=[{"reference": URN(1)}],
        text={"status": "generated", "div": div.format(URN(0), URN(1))},
        extension=[
            {"url": "https://council.example/u", "valueUri": URN(0)},
            {"url": "https://council.example/r", "valueReference": {"reference": URN(1)}},
            {"url": "https://council.example/s", "valueString": URN(0)},
        ],
        identifier=[{"system": "urn:ietf:rfc:3986", "value": URN(0)}],
    )
    reply = api.bundle(post(sent, URN(2)), post(goal(URN(0)), URN(1)), post(patient(), URN(0)))
    assert reply.status_code == 200, reply.text
    made, aim, person = (location(one) for one in reply.json()["entry"])
    tree = api.get(made).json()
    assert tree["subject"] == {"reference": person}
    assert tree["goal"] == [{"reference": aim}]
    assert [list(one.values())[1] for one in tree["extension"]] == [person, {"reference": aim}, URN(0)]
    assert tree["identifier"][0]["value"] == URN(0)
    assert tree["text"]["div"] == div.replace('"{0}"', f'"{person}"').replace("'{1}'", f"'{aim}'").format(URN(0))
    assert api.get(aim).json()["subject"] == {"reference": person}
    assert api.found(f"CarePlan?patient={person}&goal={aim}") == [made.removeprefix("CarePlan/")]


def test_number_text_and_key_order_are_kept_in_a_transaction(api: Api) -> None:
    sent = '{"gender":"female","resourceType":"Patient","extension":[{"url":"urn:x","valueDecimal":105.00}]}'
    body = (
        '{"resourceType":"Bundle","type":"transaction","entry":[{"resource":'
        + sent
        + ',"request":{"method":"POST","url":"Patient"}}]}'
    )
    reply = api.post("/fhir", body)
    stored = api.get(location(reply.json()["entry"][0])).text
    assert '"valueDecimal":105.00}' in stored
    assert stored.startswith('{"gender":"female","resourceType":"Patient","id":')
    assert stored in reply.text


def test_references_relative_to_the_base_of_their_own_full_url_are_rewritten(api: Api) -> None:
    elsewhere, other = "https://a.example/fhir", "https://b.example/fhir"
    theirs = api.put("Patient/p", patient(id="p")).json()["id"]
    reply = api.bundle(
        post(patient(id="p"), f"{elsewhere}/Patient/p"),
        post(plan("Patient/p", id="c"), f"{elsewhere}/CarePlan/c"),
        post(plan("Patient/p", id="d"), f"{other}/CarePlan/d"),
        post(plan(f"{elsewhere}/Patient/p"), URN(1)),
    )
    assert reply.status_code == 200, reply.text
    made = reply.json()["entry"]
    subjects = [one["resource"]["subject"]["reference"] for one in made[1:]]
    assert subjects == [location(made[0]), f"Patient/{theirs}", location(made[0])]
    assert location(made[0]) != "Patient/p"


def test_a_reference_to_what_is_put_in_the_same_transaction_holds(api: Api) -> None:
    reply = api.bundle(put(plan("Patient/p", id="c")), put(patient(id="p")))
    assert statuses(reply.json()) == ["201", "201"]


def test_a_conditional_reference_becomes_the_one_it_finds(api: Api) -> None:
    person = api.person(identifier=identifier("1"))
    reply = api.bundle(post(plan(f"Patient?identifier={LOCAL}|1")))
    assert reply.json()["entry"][0]["resource"]["subject"] == {"reference": person}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("Patient?identifier=none", 422),
        ("Patient?active=true", 412),
        ("Patient?nickname=x", 400),
        ("Substance?x=1", 422),
    ],
)
def test_a_conditional_reference_without_exactly_one_match_fails_all(api: Api, condition: str, status: int) -> None:
    for _ in range(2):
        api.person()
    before = api.changes()
    reply = api.bundle(post(organization()), post(plan(condition)))
    issue = refused(reply, status)
    assert issue["expression"][0].startswith("Bundle.entry[1]")
    assert api.changes() == before


def test_a_conditional_reference_stands_in_transactions_only(api: Api) -> None:
    api.person(identifier=identifier("1"))
    assert api.post("CarePlan", plan("Patient?identifier=1")).status_code in (400, 422)


def test_if_none_exist_reuses_the_one_there_is(api: Api) -> None:
    person = api.person(identifier=identifier("1"))
    there = {"ifNoneExist": f"identifier={LOCAL}|1"}
    absent = {"ifNoneExist": f"identifier={LOCAL}|2"}
    reply = api.bundle(
        post(patient(identifier=identifier("1")), URN(0), **there),
        post(patient(identifier=identifier("2")), URN(1), **absent),
        post(plan(URN(0))),
        post(plan(URN(1))),
    )
    bundle = reply.json()
    assert statuses(bundle) == ["200", "201", "201", "201"]
    assert location(bundle["entry"][0]) == person
    assert bundle["entry"][2]["resource"]["subject"] == {"reference": person}
    assert bundle["entry"][3]["resource"]["subject"] == {"reference": location(bundle["entry"][1])}


def test_if_none_exist_with_several_matches_fails_all(api: Api) -> None:
    for _ in range(2):
        api.person(identifier=identifier("1"))
    before = api.changes()
    issue = refused(
        api.bundle(post(organization()), post(patient(), ifNoneExist="identifier=1")), 412, code="multiple-matches"
    )
    assert issue["expression"][0].startswith("Bundle.entry[1]")
    assert api.changes() == before


@pytest.mark.requirement("lesson-23")
def test_fifty_transactions_with_one_condition_make_one(api: Api) -> None:
    one = post(patient(identifier=identifier("race")), ifNoneExist=f"identifier={LOCAL}|race")
    body = {"resourceType": "Bundle", "type": "transaction", "entry": [one]}
    replies = api.many([("POST", "/fhir", body, {})] * 50)
    assert sorted(statuses(reply.json())[0] for reply in replies) == ["200"] * 49 + ["201"]


def test_if_match_is_held_in_a_transaction(api: Api) -> None:
    person = api.person()
    id_ = person.removeprefix("Patient/")
    reply = api.bundle(put(patient(id=id_, gender="male"), ifMatch='W/"1"'))
    assert statuses(reply.json()) == ["200"]
    reply = api.bundle(post(organization()), put(patient(id=id_, gender="female"), ifMatch='W/"1"'))
    refused(reply, 412, expression="Bundle.entry[1]")
    assert api.get(person).json()["gender"] == "male"
    assert api.found("Organization") == []
    refused(api.bundle(entry("DELETE", person, ifMatch='W/"1"')), 412)


def test_money_needs_if_match_in_a_transaction_too(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    made = api.made(coverage(person, council))
    refused(api.bundle(put(made | {"language": "en"})), 428)
    reply = api.bundle(put(made | {"language": "en"}, ifMatch='W/"1"'))
    assert statuses(reply.json()) == ["200"]


@pytest.mark.parametrize(
    "entries",
    [
        [put(patient(id="p")), put(patient(id="p", gender="male"))],
        [put(patient(id="p")), entry("DELETE", "Patient/p")],
        [entry("DELETE", "Patient/p"), entry("DELETE", "Patient/p")],
        [post(patient(), URN(1)), post(patient(), URN(1))],
        [post(patient(), ifNoneExist="identifier=1"), post(patient(), ifNoneExist="identifier=1")],
    ],
)
def test_the_same_resource_twice_fails_all(api: Api, entries: list[Json]) -> None:
    assert api.bundle(*entries).status_code == 400
    assert api.changes() == 0


def test_what_meets_if_none_exist_cannot_be_deleted_beside_it(api: Api) -> None:
    person = api.person(identifier=identifier("1"))
    reply = api.bundle(post(patient(), ifNoneExist="identifier=1"), entry("DELETE", person))
    refused(reply, 400, code="duplicate")
    assert api.get(person).status_code == 200


def test_a_person_and_all_records_go_in_one_transaction(api: Api) -> None:
    person = api.person()
    made = api.made(plan(person))
    refused(api.bundle(entry("DELETE", person)), 409)
    reply = api.bundle(entry("DELETE", person), entry("DELETE", f"CarePlan/{made['id']}"))
    assert statuses(reply.json()) == ["204", "204"]
    refused(api.get(person), 410)


def test_a_record_cannot_be_made_for_a_person_deleted_beside_it(api: Api) -> None:
    person = api.person()
    refused(api.bundle(entry("DELETE", person), post(plan(person))), 422)
    assert api.get(person).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status", "place"),
    [
        (post(plan("Patient/none")), 422, "Bundle.entry[2].resource.subject.reference"),
        (post(patient(nickname="x")), 400, "Bundle.entry[2].resource.nickname"),
        (post(patient(gender="unclear")), 422, "Bundle.entry[2].resource.gender"),
        (post(plan(URN(9))), 422, "Bundle.entry[2].resource.subject.reference"),
        (entry("POST", "Substance", {"resourceType": "Substance"}), 404, "Bundle.entry[2]"),
        (entry("GET", "Patient/none"), 404, "Bundle.entry[2]"),
        (entry("GET", "Patient?nickname=x"), 400, "Bundle.entry[2]"),
        (entry("DELETE", "Patient/none"), 404, "Bundle.entry[2]"),
        (entry("DELETE", "Patient?identifier=1"), 405, "Bundle.entry[2].request.url"),
        (entry("PUT", "Patient?identifier=1", patient(id="p")), 405, "Bundle.entry[2].request.url"),
        (entry("POST", "Patient/p", patient()), 405, "Bundle.entry[2].request.url"),
        (entry("PUT", "Patient/p", patient(id="q")), 400, "Bundle.entry[2].resource.id"),
        (entry("POST", "CarePlan", patient()), 400, None),
        (entry("POST", "Patient"), 400, "Bundle.entry[2].resource"),
        (entry("PUT", "Patient/p"), 400, "Bundle.entry[2].resource"),
        (entry("PATCH", "Patient/p", patient()), 400, "Bundle.entry[2].request.method"),
        (entry("post", "Patient", patient()), None, "Bundle.entry[2].request.method"),
        ({"resource": patient()}, None, None),
        ({"resource": None, "request": {"method": "POST", "url": "Patient"}}, 400, None),
        ({"resource": patient(), "request": {"method": "PUT", "url": "Patient/p", "ifMatch": 5}}, 400, None),
        ({"resource": patient(id="p"), "request": {"method": "PUT", "url": "Patient/p", "ifmatch": "x"}}, 400, None),
        ({"request": {"method": "POST"}}, 400, None),
        ("nonsense", 400, None),
        (None, 400, None),
    ],
)
def test_one_wrong_entry_leaves_no_trace_of_the_others(
    api: Api, wrong: Json, status: int | None, place: str | None
) -> None:
    reply = api.bundle(post(patient(), URN(0)), put(organization(id="o")), wrong, post(plan(URN(0))))
    issue = refused(reply, status or reply.status_code)
    assert 400 <= reply.status_code < 500
    if place is not None:
        assert place in issue["expression"]
    assert api.changes() == 0
    refused(api.get("Organization/o"), 404)


def test_unmet_references_of_several_entries_are_all_named(api: Api) -> None:
    reply = api.bundle(post(plan("Patient/a")), post(goal("Patient/b")))
    refused(reply, 422, expression="Bundle.entry[0].resource.subject.reference")
    refused(reply, 422, expression="Bundle.entry[1].resource.subject.reference")


def test_urls_may_be_absolute_under_our_base(api: Api) -> None:
    reply = api.bundle(
        entry("PUT", f"{FHIR}/Patient/p", patient(id="p"), f"{FHIR}/Patient/p"), entry("GET", "/Patient/p")
    )
    assert statuses(reply.json()) == ["201", "200"]


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/fhir/Patient", f"{BASE}/Patient", f"{FHIR}evil/Patient", ""]
)
def test_an_address_outside_our_base_is_refused(api: Api, url: str) -> None:
    reply = api.bundle(entry("POST", url, patient()))
    assert 400 <= reply.status_code < 500
    assert api.changes() == 0


def test_a_get_may_ask_for_anything_that_can_be_read(api: Api) -> None:
    person = api.person()
    urls = [person, f"{person}/_history/1", f"{person}/_history", "Patient/_history", "_history", "Patient?active=true"]
    for kind in ("batch", "transaction"):
        bundle = api.bundle(*(entry("GET", url) for url in urls), kind=kind).json()
        types = [one["resource"]["resourceType"] for one in bundle["entry"]]
        assert types == ["Patient", "Patient", "Bundle", "Bundle", "Bundle", "Bundle"]


def test_a_transaction_takes_hundreds_of_entries(api: Api) -> None:
    goals = [post(goal(URN(0)), f"urn:uuid:00000000-0000-4000-8000-{n:012}") for n in range(100)]
    aims = [{"reference": one["fullUrl"]} for one in goals]
    known = [api.made(organization())["id"] for _ in range(40)]
    practice = [{"reference": f"Organization/{one}"} for one in known]
    reply = api.bundle(post(plan(URN(0), goal=aims)), *goals, post(patient(generalPractitioner=practice), URN(0)))
    bundle = reply.json()
    assert statuses(bundle) == ["201"] * 102
    assert bundle["entry"][0]["resource"]["goal"] == [{"reference": location(one)} for one in bundle["entry"][1:-1]]
    refused(api.bundle(*[post(organization())] * 1001), 400, code="too-costly")


def test_an_empty_bundle_is_answered_by_an_empty_one(api: Api) -> None:
    for kind in ("batch", "transaction"):
        reply = api.post("/fhir", {"resourceType": "Bundle", "type": kind})
        assert (reply.status_code, reply.json()) == (200, {"resourceType": "Bundle", "type": f"{kind}-response"})


@pytest.mark.parametrize("kind", ["collection", "searchset", "history", "message", "document", "nonsense", "", None, 5])
def test_no_other_kind_of_bundle_is_taken(api: Api, kind: Json) -> None:
    refused(api.post("/fhir", {"resourceType": "Bundle", "type": kind}), 400)


@pytest.mark.parametrize(
    "body", [{}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "batch", "entry": 5}]
)
def test_what_is_no_bundle_is_refused(api: Api, body: Json) -> None:
    refused(api.post("/fhir", body), 400)


def test_a_foreign_resource_in_a_transaction_is_marked(api: Api) -> None:
    reply = api.bundle(post(foreign_plan(URN(0))), post(patient(), URN(0)))
    assert reply.json()["entry"][0]["resource"]["meta"]["tag"][0]["code"] == "not-a-phb-record"


def test_an_update_that_changes_nothing_makes_no_version_in_a_transaction(api: Api) -> None:
    made = api.made(patient())
    before = api.changes()
    reply = api.bundle(put(made))
    assert statuses(reply.json()) == ["200"]
    assert api.changes() == before


# --- batch


def test_the_entries_of_a_batch_stand_alone(api: Api) -> None:
    person = api.person()
    reply = api.bundle(
        post(organization()),
        post(patient(nickname="x")),
        entry("GET", person),
        entry("GET", "Patient/none"),
        entry("DELETE", person),
        post(plan("Patient/none")),
        entry("GET", person),
        kind="batch",
    )
    bundle = reply.json()
    assert (reply.status_code, bundle["type"]) == (200, "batch-response")
    assert statuses(bundle) == ["201", "400", "200", "404", "204", "422", "410"]
    for one in bundle["entry"]:
        failed = not one["response"]["status"].startswith("2")
        assert ("outcome" in one["response"]) == failed
    assert bundle["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].resource.nickname"]
    assert len(api.found("Organization")) == 1


def test_an_entry_of_a_batch_cannot_lean_on_another(api: Api) -> None:
    reply = api.bundle(
        post(patient(), URN(0)), post(patient(link=[{"other": {"reference": URN(0)}, "type": "seealso"}])), kind="batch"
    )
    assert statuses(reply.json()) == ["201", "422"]


def test_conditions_hold_in_a_batch(api: Api) -> None:
    person = api.person(identifier=identifier("1"))
    id_ = person.removeprefix("Patient/")
    reply = api.bundle(
        post(patient(), ifNoneExist="identifier=1"),
        put(patient(id=id_, gender="male"), ifMatch='W/"9"'),
        put(patient(id=id_, gender="male"), ifMatch='W/"1"'),
        kind="batch",
    )
    assert statuses(reply.json()) == ["200", "412", "200"]


@pytest.mark.requirement("S53")
def test_a_batch_takes_more_entries_than_a_transaction(api: Api) -> None:
    reply = api.bundle(*[entry("GET", "Patient/none")] * 1200, kind="batch")
    assert statuses(reply.json()) == ["404"] * 1200
