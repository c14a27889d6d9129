"""AuditEvent: who may read which events of the audit, how much, and by what they are found (S65, R135, R139)."""

from base64 import b64decode
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import insert, update

from auth.store import CLIENT
from fhir_gateway.access import audit
from fhir_gateway.access.audit import Access
from fhir_gateway.access.looked import looked_at
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.tables import RESOURCES, TIE
from tests.fhir_gateway.access.logged_in import logged_in
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.trees import organization

TASK = RESOURCES["Task"]
EVER = 9_000_000_000_000_000
LOOKED_ON = 1_774_960_000_000_000  # 31 March 2026


def access(**said: Any) -> Access:
    usual: dict[str, Any] = {
        "at": LOOKED_ON,
        "client": "council-sync",
        "action": "R",
        "subtype": "read",
        "what": "Goal/g",
        "status": 200,
        "request": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    }
    return Access(**usual | said)


def noted(api: Api, *accesses: Access) -> None:
    api.gateway.database.write(lambda session: audit.write_all(session, accesses))


def tied(api: Api, person: str, kind: str, who: str, **said: Any) -> None:
    usual = {"source": "test", "start": date.min, "end": date.max, "since": 0, "until": EVER}
    api.write(lambda conn: conn.execute(insert(TIE).values(person=person, kind=kind, who=who, **usual | said)))


def events(api: Api, query: str = "") -> list[Json]:
    reply = api.get(f"AuditEvent?_count=100{query}")
    assert reply.status_code == 200, reply.text
    return [one["resource"] for one in reply.json().get("entry", [])]


def records_of(found: list[Json]) -> list[str]:
    """The records events are about."""
    return [entity["what"]["reference"] for one in found for entity in one["entity"] if _role(entity) == "4"]


def _role(entity: Json) -> str | None:
    code = entity.get("role", {}).get("code")
    return None if code is None else str(code)


def entity(event: Json, role: str) -> Json:
    return next((one for one in event["entity"] if _role(one) == role), None)


# --- what an event says -----------------------------------------------------------------------------


def test_a_read_is_one_event_in_the_shape_of_a_patient_read(api: Api) -> None:
    person = api.person()
    api.get(person, X_Request_ID="6f9619ff-8b86-d011-b42d-00cf4fc964ff")
    (event,) = [one for one in events(api, f"&patient={person}&subtype=read") if one["action"] == "R"]
    assert event["type"]["code"] == "rest"
    assert event["subtype"][0]["system"] == "http://hl7.org/fhir/restful-interaction"
    assert event["outcome"] == "0"
    assert entity(event, "1")["what"] == {"reference": person}
    assert entity(event, "4")["what"] == {"reference": person}
    assert {"identifier": {"value": "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}} in [
        one.get("what") for one in event["entity"]
    ]
    client, server, actor = event["agent"]
    assert (client["altId"], client["type"]["coding"][0]["code"]) == ("council-sync", "110152")
    assert client["policy"][0].startswith("urn:ietf:params:oauth:jti:")
    assert api.token is not None
    assert api.token[-32:] not in client["policy"][0]
    assert (server["who"]["reference"], server["type"]["coding"][0]["code"]) == ("Device/phb-gateway", "110153")
    assert (actor["requestor"], actor["role"][0]["coding"][0]["code"]) == (True, "custodian")


def test_a_search_that_shows_two_people_is_two_events_with_the_search_as_it_was_sent(api: Api) -> None:
    people = {api.person(gender="other"), api.person(gender="other")}
    api.get("Patient?gender=other&_count=10")
    found = events(api, "&subtype=search-type&entity=Patient&action=E")
    assert {entity(one, "1")["what"]["reference"] for one in found} == people
    assert {b64decode(entity(one, "24")["query"]).decode() for one in found} == {"gender=other&_count=10"}


def test_a_refused_write_and_a_created_record_say_what_came_of_them(api: Api) -> None:
    person = api.person()
    api.delete("Patient/nobody")
    (made,) = events(api, "&action=C")
    assert (entity(made, "4")["what"]["reference"], made["agent"][2]["type"]["coding"][0]["code"]) == (person, "AUT")
    (failed,) = events(api, "&action=D")
    assert (failed["outcome"], failed["outcomeDesc"]) == ("4", "not-found")


def test_an_event_of_login_has_a_type_of_its_own(api: Api) -> None:
    api.write(lambda conn: audit.note(conn, "login", "granted", account_id="acc", patient="p", client_id="app"))
    api.write(lambda conn: audit.note(conn, "token", "invalid_grant", client_id="app"))
    login, refusal = events(api, "&type=110114&subtype=login"), events(api, "&subtype=token")
    assert [one["type"]["display"] for one in (*login, *refusal)] == ["User Authentication"] * 2
    assert [one["outcome"] for one in (*login, *refusal)] == ["0", "4"]
    assert entity(login[0], "1")["what"] == {"reference": "Patient/p"}
    assert events(api, "&type=rest&subtype=login") == []


def test_an_event_is_read_by_its_id_and_an_unknown_one_is_not_found(api: Api) -> None:
    noted(api, access(people=("a", "b")))
    found = events(api, "&entity=Goal/g")
    assert [api.get(f"AuditEvent/{one['id']}").json() for one in found] == found
    for unknown in ("999999-0", "x", "1", f"{found[0]['id']}9", "99999999999999999999-0", "1-99999999999"):
        refused(api.get(f"AuditEvent/{unknown}"), 404)
    refused(api.get(f"AuditEvent/{found[0]['id']}/_history"), 404)


def test_nobody_writes_an_event(api: Api) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert api.request(method, "AuditEvent", {"resourceType": "AuditEvent"}).status_code == 405


# --- how events are found ---------------------------------------------------------------------------


@pytest.fixture
def four(api: Api) -> Api:
    day = 86_400 * 1_000_000
    noted(
        api,
        access(what="Goal/1", people=("a",), role="icb", organisation="icb"),
        access(
            what="Goal/2", people=("a", "b"), at=LOOKED_ON + day, fhir_user="PractitionerRole/x", role="coordinator"
        ),
        access(what="Claim/3/_history/2", subtype="vread", at=LOOKED_ON + 2 * day, client="other", gates=("Task/t",)),
        access(what="Patient/a/$statement", subtype="operation", action="E", status=403, at=LOOKED_ON + 3 * day),
    )
    return api


FOUND: Final[tuple[tuple[str, list[str]], ...]] = (
    ("patient=a", ["Goal/2", "Goal/1"]),
    ("patient=Patient/b", ["Goal/2"]),
    ("patient=a,b&subtype=read", ["Goal/2", "Goal/2", "Goal/1"]),
    ("date=2026-04-01", ["Goal/2", "Goal/2"]),
    ("date=ge2026-04-02&date=lt2026-04-03", ["Claim/3/_history/2"]),
    ("date=le2026-03-31", ["Goal/1"]),
    ("date=gt2026-04-02&date=lt2026-05-01", ["Patient/a"]),
    ("date=eb2026-04-01", ["Goal/1"]),
    ("date=sa2026-04-02&date=lt2026-05-01", ["Patient/a"]),
    ("agent=Organization/icb", ["Goal/1"]),
    ("agent=PractitionerRole/x", ["Goal/2", "Goal/2"]),
    ("agent=Device/phb-gateway&patient=b", ["Goal/2"]),
    ("agent-role=coordinator,icb", ["Goal/2", "Goal/2", "Goal/1"]),
    ("agent-role=http://elsewhere.example|icb", []),
    ("altid=other", ["Claim/3/_history/2"]),
    ("subtype=vread", ["Claim/3/_history/2"]),
    ("subtype=http://hl7.org/fhir/restful-interaction|vread", ["Claim/3/_history/2"]),
    ("subtype=http://elsewhere.example|vread", []),
    ("outcome=4&date=lt2026-05-01", ["Patient/a"]),
    ("outcome=8", []),
    ("entity=Goal/1", ["Goal/1"]),
    ("entity=Claim/3", ["Claim/3/_history/2"]),
    ("entity=Task/t", ["Claim/3/_history/2"]),
    ("entity=Patient/b", ["Goal/2"]),
    ("_id=0-0", []),
)


def test_each_parameter_finds_what_it_names(four: Api) -> None:
    for query, found in FOUND:
        assert records_of(events(four, f"&{query}")) == found, query


NOT_UNDERSTOOD: Final = (
    "date=ap2026",
    "date=yesterday",
    "_sort=date",
    "_count=x",
    "_total=some",
    "_summary=text",
    "who=x",
    "_has:x=1",
    "entity=a%00b",
    "patient=" + ",".join("abcdefgh" * 10),
    "patient:missing=true",
    "_cursor=abcd",
)


def test_a_search_that_is_not_understood_is_refused(four: Api) -> None:
    for query in NOT_UNDERSTOOD:
        refused(four.get(f"AuditEvent?{query}"), 400)


def test_pages_follow_each_other_without_gap_and_count_exactly(four: Api) -> None:
    scope = "AuditEvent?date=lt2026-05-01"
    whole = four.get(f"{scope}&_count=100").json()
    assert whole["total"] == 5
    pages = list(four.pages(f"{scope}&_count=2"))
    ids = [one["resource"]["id"] for page in pages for one in page["entry"]]
    assert ids == [one["resource"]["id"] for one in whole["entry"]]
    assert [len(page["entry"]) for page in pages] == [2, 2, 1]
    assert four.get(f"{scope}&_summary=count").json()["total"] == 5
    assert four.get(f"{scope}&_count=2&_total=accurate&_sort=-date").json()["total"] == 5


# --- who may read them ------------------------------------------------------------------------------


@pytest.fixture
def staffed(api: Api) -> Api:
    """Two people, an ICB, an event about each, and one that nobody is the subject of."""
    icb = organization(id="icb", name="Example ICB")
    api.put("Organization/icb", icb)
    staff = {"role": "icb", "organisation": "icb", "fhir_user": "PractitionerRole/x", "account": "acc"}
    noted(
        api,
        access(what="Goal/mine", people=("mine",), query="Zw==", token="abc", address="192.0.2.1", **staff),
        access(what="Goal/other", people=("other",), client="elsewhere"),
        access(what="Organization/x", organisation="icb", client="elsewhere"),
    )
    return api


def system(api: Api, role: str, organisation: str | None = None) -> Api:
    """A system registered in a role."""
    asked = api.client("system/AuditEvent.rs", f"{role}-system")
    theirs = update(CLIENT).where(CLIENT.c.client_id == asked.client_id)
    api.write(lambda conn: conn.execute(theirs.values(role=role, organisation=organisation)))
    return asked


@pytest.mark.requirement("S65")
def test_a_person_reads_what_is_about_them_without_names_of_staff_or_search_texts(staffed: Api) -> None:
    tied(staffed, "mine", "self", "Patient/mine")
    me = logged_in(staffed, "person", "Patient/mine", patient="mine", scope="patient/AuditEvent.rs")
    (event,) = [one for one in events(me) if "Goal/mine" in records_of([one])]
    actor = event["agent"][2]
    assert (actor["name"], actor["who"]) == (
        "NHS staff who pay, Example ICB",
        {"reference": "Organization/icb", "display": "NHS staff who pay, Example ICB"},
    )
    text = me.get(f"AuditEvent/{event['id']}").text
    for secret in ("PractitionerRole/x", "192.0.2.1", "oauth:jti", "Zw=="):
        assert secret not in text
    assert "Goal/other" not in records_of(events(me))
    refused(me.get("AuditEvent?agent=PractitionerRole/x"), 400)
    assert events(me, "&patient=other") == []
    other = events(staffed, "&entity=Goal/other")[0]["id"]
    assert me.get(f"AuditEvent/{other}").json() == me.get("AuditEvent/999999-0").json() | {
        "issue": me.get(f"AuditEvent/{other}").json()["issue"]
    }
    refused(me.get(f"AuditEvent/{other}"), 404)


def test_a_privacy_officer_reads_what_its_own_body_did_and_what_is_about_its_people(staffed: Api) -> None:
    officer = system(staffed, "privacy-officer", "icb")
    assert set(records_of(events(officer))) == {"Goal/mine", "Organization/x"}
    tied(staffed, "other", "responsible", "Organization/icb")
    assert set(records_of(events(officer))) >= {"Goal/mine", "Organization/x", "Goal/other"}
    assert set(records_of(events(system(staffed, "privacy-officer", "another")))) == set()


def test_an_auditor_reads_the_people_and_days_of_its_engagements(staffed: Api) -> None:
    auditor = system(staffed, "auditor", "firm")
    assert events(auditor) == []
    tied(staffed, "mine", "engagement", "Organization/firm", start=date(2026, 3, 31), end=date(2026, 4, 1))
    tied(staffed, "other", "engagement", "Organization/firm", start=date(2026, 4, 1), end=date(2026, 4, 2))
    assert records_of(events(auditor)) == ["Goal/mine"]
    staffed.write(lambda conn: conn.execute(TIE.update().values(until=clock())))
    assert events(auditor) == []


@pytest.mark.parametrize("role", ["nominee", "coordinator", "icb", "council", "provider", "holder", "operator"])
def test_nobody_else_reads_any(staffed: Api, role: str) -> None:
    refused(system(staffed, role, "icb").get("AuditEvent"), 403)


def test_a_scope_is_needed_as_well(api: Api) -> None:
    for scope in ("system/Patient.rs", "system/AuditEvent.r", "system/AuditEvent.rs?date=2026", "user/AuditEvent.rs"):
        refused(api.client(scope).get("AuditEvent"), 403)
    refused(api.client("system/AuditEvent.s").get("AuditEvent/1-0"), 403)


# --- what is told later -----------------------------------------------------------------------------


@pytest.mark.requirement("S65")
@pytest.mark.parametrize(
    ("informed", "ended", "told"),
    [
        (None, None, False),
        ("2026-01-01", None, True),
        ("9998-01-01", None, False),
        (None, "2026-01-01", True),
        (None, "9998-01-01", False),
    ],
)
def test_a_look_behind_a_concern_shows_once_the_person_may_be_told(
    api: Api, informed: str | None, ended: str | None, *, told: bool
) -> None:
    noted(api, access(people=("me",), gates=("Task/worry",)))
    columns = {"id": "worry", "version": 1, "updated": 1, "person": "me", "kind": "concern", "text": b"{}"}
    dates = {"r_person_informed_on": informed, "r_ended_on": ended}

    def stored(conn: Any) -> None:
        known = {name: date.fromisoformat(value) for name, value in dates.items() if value}
        conn.execute(insert(TASK).values(**columns, **known))

    api.write(stored)
    tied(api, "me", "self", "Patient/me")
    me = logged_in(api, "person", "Patient/me", patient="me", scope="patient/AuditEvent.rs")
    assert ("Goal/g" in records_of(events(me))) is told
    assert "Goal/g" in records_of(events(api))


@pytest.mark.requirement("S65")
def test_the_list_for_people_says_who_what_and_why(staffed: Api) -> None:
    staff = {"role": "icb", "organisation": "icb", "fhir_user": "PractitionerRole/x", "people": ("me",)}
    noted(
        staffed,
        access(what="Claim/1", **staff, gates=("Task/t",)),
        access(what="CarePlan/1", subtype="update", action="U", people=("me",), role="custodian", purpose="TREAT"),
        access(what="Patient/me", status=403, **staff),
        access(what="Claim/1/$confirm", subtype="operation", action="E", **staff),
        access(what="consent", subtype="consent", action="E", people=("me",), outcome="granted"),
    )
    database = staffed.gateway.database
    looks = database.read(lambda session: looked_at(session, "me", None, 10, clock()))
    assert [(one.who, one.organisation, one.what, one.why) for one in looks] == [
        ("council-sync", None, "an app was let in", None),
        ("NHS staff who pay", "Example ICB", "said that an invoice is right", None),
        ("NHS staff who pay", "Example ICB", "opened: the person's name, address and other details (refused)", None),
        ("council-sync", None, "changed: the person's plan", "care"),
        (
            "NHS staff who pay",
            "Example ICB",
            "opened: the person's budget, payments and spending",
            "a review or concern",
        ),
    ]
    assert len({one.at for one in looks}) == 5
    older = database.read(lambda session: looked_at(session, "me", looks[0].at, 10, clock()))
    assert older == looks[1:]


def test_a_token_that_was_good_once_leaves_a_row_when_it_is_refused(api: Api) -> None:
    api.write(lambda conn: conn.exec_driver_sql("UPDATE access_token SET revoked_at = 1"))
    refused(api.get("Patient/x"), 401)
    refused(replace(api, token="never-was-any").get("Patient/x"), 401)
    rows = api.gateway.database.read(
        lambda session: session.driver.execute("SELECT client, what, status FROM audit").fetchall()
    )
    assert [tuple(row) for row in rows] == [("council-sync", "Patient/x", 401)]
