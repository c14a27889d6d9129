"""Every write leaves a Provenance, found by what it is about (R159), and a sender may send one of its own."""

import json
from typing import Any

from mappings.change_provenance import Written, id_of, provenance, seq_of
from mappings.lens import shape
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.trees import goal, organization, patient

AUTHOR = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
SIGNED = {"resourceType": "Provenance", "recorded": "2026-04-01T10:00:00Z"}


def signed(body: str, name: str = "A council", **changes: Json) -> Json:
    """A Provenance by a body, less its target."""
    who = {"reference": body, "display": name}
    return {**SIGNED, "agent": [{"type": {"coding": [{"system": AUTHOR, "code": "author"}]}, "who": who}], **changes}


def council(api: Api) -> str:
    return f"Organization/{api.made(organization())['id']}"


def written(**said: Any) -> Written:
    usual: dict[str, Any] = {
        "seq": 7,
        "type": "Goal",
        "id": "g",
        "version": 2,
        "method": "PUT",
        "at": "2026-04-01T10:00:00.000Z",
        "client": "council-sync",
        "request": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "role": "council",
        "organisation": "council",
        "fhir_user": None,
        "purpose": "HPAYMT",
        "origin": "client",
        "person": "p",
    }
    return Written(**usual | said)


def provenances(api: Api, query: str) -> list[Json]:
    return [one["resource"] for one in api.entries(f"Provenance?{query}")]


# --- what one says ----------------------------------------------------------------------------------


def test_a_change_by_a_system_names_its_body_and_the_version_before() -> None:
    tree = provenance(written())
    author, enterer = tree["agent"]
    assert tree["target"] == [{"reference": "Goal/g/_history/2"}]
    assert author["who"] == {"reference": "Organization/council"}
    assert author["role"][0]["coding"][0]["code"] == "council"
    assert enterer["who"]["identifier"] == {"value": "council-sync"}
    assert tree["entity"][0] == {"role": "revision", "what": {"reference": "Goal/g/_history/1"}}
    assert tree["reason"][0]["coding"][0]["code"] == "HPAYMT"
    assert tree["activity"]["coding"][0]["code"] == "UPDATE"


def test_a_change_by_somebody_names_them_and_whom_they_act_for() -> None:
    mother = provenance(written(fhir_user="RelatedPerson/r", role="representative", organisation=None))
    assert mother["agent"][0]["onBehalfOf"] == {"reference": "Patient/p"}
    staff = provenance(written(fhir_user="PractitionerRole/x"))
    assert staff["agent"][0]["who"] == {"reference": "PractitionerRole/x"}
    assert staff["agent"][0]["onBehalfOf"] == {"reference": "Organization/council"}


def test_a_change_by_nobody_names_the_gateway() -> None:
    for origin in ("gateway", "load"):
        (agent,) = provenance(written(origin=origin))["agent"]
        assert agent["who"] == {"reference": "Device/phb-gateway"}


def test_each_is_a_provenance_in_shape() -> None:
    for one in (written(), written(fhir_user="Patient/p"), written(origin="load", purpose="sums", organisation=None)):
        shape.judge(provenance(one), expected_type="Provenance")


def test_an_id_says_which_change_it_is_of() -> None:
    assert seq_of(id_of(12)) == 12
    assert id_of(9) < id_of(10)
    for other in ("change-12", "x", f"x{id_of(1)}", f"{id_of(1)}0", "change-000000000000000000x"):
        assert seq_of(other) is None


# --- found ------------------------------------------------------------------------------------------


def test_each_version_of_a_record_has_one_newest_first(api: Api) -> None:
    person = api.person()
    made = api.made(goal(person))
    api.put(f"Goal/{made['id']}", made | {"description": {"text": "another"}})
    api.delete(f"Goal/{made['id']}")
    found = provenances(api, f"target=Goal/{made['id']}")
    assert [one["activity"]["coding"][0]["code"] for one in found] == ["DELETE", "UPDATE", "CREATE"]
    assert [one["target"][0]["reference"].rpartition("/")[2] for one in found] == ["3", "2", "1"]
    assert [one["meta"]["lastUpdated"] for one in found] == [one["recorded"] for one in found]
    assert [api.get(f"Provenance/{one['id']}").json() for one in found] == found
    assert len(provenances(api, f"patient={person}")) == 1


def test_they_stand_in_one_order_with_those_that_are_stored_by_pages_too(api: Api) -> None:
    person = api.person()
    made = api.made(goal(person))
    target = f"Goal/{made['id']}"
    kept = api.made(signed(council(api), target=[{"reference": target}]))
    api.put(target, made | {"description": {"text": "another"}})
    whole = [one["id"] for one in provenances(api, f"target={target}")]
    assert whole[1] == kept["id"]
    assert len(whole) == 3
    for sort in ("", "&_sort=_lastUpdated", "&_sort=-recorded", "&_sort=_id", "&_sort=-_id"):
        ordered = [one["id"] for one in provenances(api, f"target={target}{sort}")]
        paged = [one["id"] for one in provenances(api, f"target={target}{sort}&_count=1")]
        assert ordered == paged, sort
        assert sorted(ordered) == sorted(whole)
    assert api.get(f"Provenance?target={target}&_summary=count").json()["total"] == 3
    assert api.get(f"Provenance?target={target}&_count=1&_total=accurate").json()["total"] == 3


def test_further_parameters_hold_for_them_as_for_the_stored(api: Api) -> None:
    made = api.made(goal(api.person()))
    target = f"target=Goal/{made['id']}"
    assert len(provenances(api, f"{target}&recorded=ge2020")) == 1
    assert provenances(api, f"{target}&recorded=lt2020") == []
    assert len(provenances(api, f"{target}&agent-type=author")) == 1
    assert provenances(api, f"{target}&agent-type=legal") == []
    assert provenances(api, f"{target}&agent=Organization/another") == []


def test_a_consequence_has_the_one_it_brought_and_no_second(api: Api) -> None:
    person = api.person()
    api.write(lambda conn: conn.exec_driver_sql("UPDATE change SET origin = 'consequence'"))
    assert provenances(api, f"target={person}") == []


def test_what_the_asker_does_not_see_has_none_to_see(api: Api) -> None:
    made = api.made(goal(api.person()))
    (found,) = provenances(api, f"target=Goal/{made['id']}")
    blind = api.client("system/Goal.rs")
    refused(blind.get(f"Provenance/{found['id']}"), 403)
    narrow = api.client("system/Provenance.rs?agent-type=legal")
    refused(narrow.get(f"Provenance/{found['id']}"), 404)
    assert provenances(narrow, f"target=Goal/{made['id']}") == []


def test_an_id_of_a_change_is_taken(api: Api) -> None:
    tree = signed("Organization/x", id=id_of(1), target=[{"reference": api.person()}])
    refused(api.put(f"Provenance/{id_of(1)}", tree), 400)
    refused(api.get(f"Provenance/{id_of(10**17)}"), 404)


# --- X-Provenance -----------------------------------------------------------------------------------


def test_a_provenance_sent_with_a_write_is_stored_with_the_version_it_is_about(api: Api) -> None:
    body = council(api)
    made = api.made(goal(api.person()), X_Provenance=json.dumps(signed(body, "A")))
    target = f"Goal/{made['id']}"
    changed = made | {"description": {"text": "another"}}
    assert api.put(target, changed, X_Provenance=json.dumps(signed(body, "B"))).status_code == 200
    kept = [one for one in provenances(api, f"target={target}") if one["agent"][0]["who"].get("display")]
    told = {one["agent"][0]["who"]["display"]: one["target"][0]["reference"] for one in kept}
    assert told.items() >= {("A", f"{target}/_history/1"), ("B", f"{target}/_history/2")}


def test_a_bad_provenance_stops_the_write_it_came_with(api: Api) -> None:
    body = council(api)
    before = api.changes()
    goods = signed(body)
    bads: list[Json] = [signed(body, target=[]), signed(body, id="x"), SIGNED, {"resourceType": "Goal"}, []]
    for bad in bads:
        assert api.post("Patient", patient(), X_Provenance=json.dumps(bad)).status_code in (400, 422), bad
    refused(api.post("Patient", patient(), X_Provenance="no json"), 400)
    refused(api.post("Patient", patient(), X_Provenance=json.dumps(signed("Organization/nobody"))), 422)
    refused(api.bundle(X_Provenance=json.dumps(goods)), 400, code="not-supported")
    refused(api.client("system/Patient.cruds").post("Patient", patient(), X_Provenance=json.dumps(goods)), 403)
    assert api.changes() == before
