"""Protocol tests of search: parameters, modifiers, prefixes, result parameters (FHIR R4 search.html)."""

import time
from urllib.parse import quote

import pytest

from fhir_gateway.store.database import Session
from mappings.lens.search import SearchParam
from mappings.registry import TYPES
from tests.fhir_gateway.api import FHIR, Api, link, refused
from tests.fhir_gateway.trees import (
    ALL,
    LOCAL,
    NHS_NUMBER,
    coverage,
    foreign_plan,
    goal,
    identifier,
    organization,
    patient,
    plan,
    typed,
)


def _people(api: Api) -> dict[str, str]:
    """Ids by nickname."""
    trees = {
        "ann": patient(
            gender="female", birthDate="1975-03-31", name=[{"family": "O'Neill", "given": ["Ann", "Zoë"],
            "use": "usual"}],
            identifier=[*identifier("a,b"), {"system": NHS_NUMBER, "value": "9990000018"}],
        ),
        "ben": patient(
            gender="male", birthDate="1980", name=[{"family": "Smith", "given": ["Ben"], "text": "Ben Smith"}],
            identifier=identifier("b|c"), active=False,
        ),
        "cat": patient(birthDate="1980-06", identifier=[{"value": "plain"}], name=[{"family": "smithson"}]),
    }  # fmt: skip
    return {name: api.made(tree)["id"] for name, tree in trees.items()}


@pytest.fixture
def people(api: Api) -> dict[str, str]:
    return _people(api)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # token
        ("gender=female", "ann"),
        ("gender=female,male", "ann ben"),
        ("gender=http://hl7.org/fhir/administrative-gender|male", "ben"),
        ("gender:not=female", "ben cat"),
        ("gender:not=female,male", "cat"),
        ("gender:missing=true", "cat"),
        ("gender:missing=false", "ann ben"),
        ("active=false", "ben"),
        ("active=true", "ann cat"),
        (f"identifier={LOCAL}|b%5C%7Cc", "ben"),
        ("identifier=a%5C,b", "ann"),
        (f"identifier={LOCAL}|", "ann ben"),
        ("identifier=%7Cplain", "cat"),
        ("identifier=plain", "cat"),
        ("identifier=|9990000018", ""),
        (f"identifier={NHS_NUMBER}|9990000018", "ann"),
        ("identifier:not=plain", "ann ben"),
        ("identifier:missing=true", ""),
        # AND, OR
        ("gender=female&active=true", "ann"),
        ("gender=female&active=false", ""),
        ("active=true&active=false", ""),
        # string
        ("family=smith", "ben cat"),
        ("family=SMITH", "ben cat"),
        ("family:exact=Smith", "ben"),
        ("family:exact=smith", ""),
        ("family:contains=MITHS", "cat"),
        ("family:contains=%25", ""),
        ("family:contains=_mith", ""),
        ("family=neill", ""),
        ("family=o'n", "ann"),
        ("given=zoe", "ann"),
        ("given=ZOË", "ann"),
        ("given=zo%CC%88e", "ann"),
        ("name=ben smi", "ben"),
        ("name=usual", ""),
        ("name:missing=true", ""),
        ("given:missing=true", "cat"),
        # date
        ("birthdate=1980", "ben cat"),
        ("birthdate=1980-06", "cat"),
        ("birthdate=1975-03-31", "ann"),
        ("birthdate=eq1975-03-31", "ann"),
        ("birthdate=ne1980", "ann"),
        ("birthdate=gt1980-06", "ben"),
        ("birthdate=lt1980-06", "ann ben"),
        ("birthdate=ge1980-06", "ben cat"),
        ("birthdate=le1980-06", "ann ben cat"),
        ("birthdate=sa1979", "ben cat"),
        ("birthdate=eb1980", "ann"),
        ("birthdate=ap1980-06-15", "ben cat"),
        ("birthdate=ge1975-03-31&birthdate=lt1976", "ann"),
        ("birthdate=1975-03-31,1980-06", "ann cat"),
        ("birthdate:missing=false", "ann ben cat"),
        ("death-date:missing=true", "ann ben cat"),
        # common
        ("_lastUpdated=ge2020", "ann ben cat"),
        ("_lastUpdated=lt2020", ""),
    ],
)
def test_a_search_finds_what_it_asks_for(api: Api, people: dict[str, str], query: str, expected: str) -> None:
    assert sorted(api.found(f"Patient?{query}")) == sorted(people[name] for name in expected.split())
    posted = api.form("Patient/_search", query).json()
    assert sorted(one["resource"]["id"] for one in posted.get("entry", [])) == sorted(
        people[n] for n in expected.split()
    )


def _sample(param: SearchParam) -> str:
    return {"token": "a", "reference": "Patient/x", "date": "2026", "string": "a", "uri": "urn:x"}[param.kind]


@pytest.mark.parametrize("resource_type", ALL)
def test_every_declared_parameter_is_answered_with_every_modifier(api: Api, resource_type: str) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    api.made(typed(resource_type, api.person(), council))
    for param in TYPES[resource_type].params.values():
        modifiers = {"token": ["not"], "string": ["exact", "contains"], "reference": ["identifier"], "uri": ["below"]}
        asked = [f"{param.name}={_sample(param)}", f"{param.name}:missing=true", f"{param.name}:missing=false"]
        asked += [f"{param.name}:{one}={_sample(param)}" for one in modifiers.get(param.kind, [])]
        asked += [f"{param.name}:{one}=x" for one in param.targets]
        for query in asked:
            reply = api.get(f"{resource_type}?{query}")
            assert reply.status_code == 200, (query, reply.text)
        missing = [len(api.found(f"{resource_type}?{param.name}:missing={one}")) for one in ("true", "false")]
        assert sum(missing) == len(api.found(resource_type)), param.name


def test_a_reference_is_asked_for_in_every_form(api: Api) -> None:
    person, other = api.person(), api.person()
    made = api.made(plan(person))["id"]
    api.made(plan(other))
    id_ = person.removeprefix("Patient/")
    forms = [f"patient={id_}", f"patient={person}", f"patient={FHIR}/{person}", f"patient:Patient={id_}"]
    forms += [f"patient:Patient={person}", f"subject={person}", f"subject:Patient={id_}", f"patient={person},Patient/x"]
    forms += [f"patient._id={id_}", f"subject:Patient._id={id_}"]
    for query in forms:
        assert api.found(f"CarePlan?{query}") == [made], query
    assert api.found("CarePlan?subject:Group=x") == []
    refused(api.get(f"CarePlan?subject:Group={person}"), 400)


def test_a_stored_address_of_ours_is_found_by_that_address(api: Api) -> None:
    council = f"{FHIR}/Organization/7"
    made = api.made(patient(generalPractitioner=[{"reference": council}]))["id"]
    assert api.found(f"Patient?general-practitioner={council}") == [made]


def test_a_logical_reference_is_found_by_its_identifier(api: Api) -> None:
    practice = {"identifier": {"system": LOCAL, "value": "p"}}
    made = api.made(patient(generalPractitioner=[practice]))["id"]
    api.person()
    assert api.found(f"Patient?general-practitioner:identifier={LOCAL}|p") == [made]
    assert api.found("Patient?general-practitioner:identifier=p") == [made]
    assert api.found("Patient?general-practitioner:identifier=urn:other|p") == []


def test_a_concept_is_found_by_code_and_by_system_and_code(api: Api) -> None:
    made = api.made(goal(api.person()))
    coding = made["category"][0]["coding"][0]
    for query in (coding["code"], f"{coding['system']}|{coding['code']}", f"{coding['system']}|"):
        assert api.found(f"Goal?category={quote(query)}") == [made["id"]]
    assert api.found(f"Goal?category=urn:other|{coding['code']}") == []
    assert api.found(f"Goal?category=|{coding['code']}") == []


def test_the_meta_parameters_find_by_meta(api: Api) -> None:
    meta = {
        "profile": ["https://p.example/a/b"],
        "source": "urn:s",
        "tag": [{"system": "urn:t", "code": "x"}],
        "security": [{"system": "urn:l", "code": "R"}],
    }
    made = api.made(patient(meta=meta))["id"]
    api.person()
    for query in ("_profile=https://p.example/a/b", "_profile:below=https://p.example/a", "_source=urn:s",
                  "_tag=urn:t|x", "_tag=x", "_security=R", "_security=urn:l|R", f"_id={made}",
                  f"_id={made},x"):  # fmt: skip
        assert api.found(f"Patient?{query}") == [made], query
    assert api.found("Patient?_profile=https://p.example/a") == []
    assert len(api.found("Patient?_tag:missing=true")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "birthdate=notadate", "birthdate=gt", "birthdate=2026-13", "birthdate=2026-02-30", "birthdate=1_00",
        "birthdate=2026-W10", "birthdate=20260101", "birthdate=2026-01-01T10:60", "birthdate=xx2026", "birthdate=",
        "gender=", "gender=,", "gender=male,", "gender:missing=maybe", "gender:exact=male", "gender:nonsense=male",
        "family=%20", "family:contains=", "birthdate:exact=2026", "gender=%00", "name=a%00b",
        "_count=abc", "_count=-1", "_count=1.5", "_count=%D9%A1", "_total=some", "_summary=all", "_sort=nonsense",
        "_sort=name,,family", "_sort=--gender", "_lastUpdated=gt", "_include=nonsense", "_include=Patient:nonsense",
        "_include=Nonsense:x", "_include=Patient:organization:Nonsense", "_revinclude=CarePlan", "_cursor=x",
        "_has:CarePlan:patient=x", "_has:Nonsense:patient:status=x", "_has:CarePlan:status:status=x",
        "_has:CarePlan:patient:nonsense=x", "_has:CarePlan:patient:patient.name=x", "gender.x=1",
        "organization.nonsense=x", "organization.partof.name=x", "organization:Patient.name=x", "nickname=x",
        "_has:=x", "...=x", "=x", "name:=", "organization.=x", "organization:Nonsense=x",
    ],
)  # fmt: skip
def test_what_cannot_be_applied_is_refused(api: Api, query: str) -> None:
    refused(api.get(f"Patient?{query}"), 400)
    refused(api.form("Patient/_search", query), 400)


def test_an_unknown_parameter_is_refused_naming_those_there_are(api: Api) -> None:
    issue = refused(api.get("Patient?nickname=x"), 400, code="not-supported")
    for name in ("birthdate", "identifier", "_lastUpdated"):
        assert name in issue["diagnostics"]


def test_a_lenient_client_has_unknown_parameters_ignored_and_told_so(api: Api) -> None:
    api.person(gender="male")
    reply = api.get("Patient?nickname=x&gender=male&...=y", Prefer="handling=lenient")
    assert reply.status_code == 200
    assert reply.json()["total"] == 1
    assert link(reply.json(), "self") == f"{FHIR}/Patient?gender=male"
    refused(api.get("Patient?nickname=x", Prefer="handling=strict"), 400)


@pytest.mark.parametrize(
    "query", ["gender:nonsense=male", "birthdate=soon", "_has:Nonsense:patient:status=x", "gender.x=1"]
)
def test_lenience_covers_unknown_parameters_only(api: Api, query: str) -> None:
    refused(api.get(f"Patient?{query}", Prefer="handling=lenient"), 400)


def test_a_search_without_criteria_finds_all_by_get_and_by_post(api: Api) -> None:
    made = {api.person().removeprefix("Patient/") for _ in range(3)}
    got, posted = api.get("Patient").json(), api.form("Patient/_search", "").json()
    assert got == posted
    assert got["total"] == 3
    assert {one["resource"]["id"] for one in got["entry"]} == made
    for entry in got["entry"]:
        assert entry["fullUrl"] == f"{FHIR}/Patient/{entry['resource']['id']}"
        assert entry["search"] == {"mode": "match"}


def test_a_posted_search_adds_the_form_to_the_address(api: Api) -> None:
    people = _people(api)
    reply = api.form("Patient/_search?gender=female", "active=true")
    assert [one["resource"]["id"] for one in reply.json()["entry"]] == [people["ann"]]
    refused(api.post("Patient/_search", "{}"), 415)


def test_self_says_what_was_applied(api: Api) -> None:
    _people(api)
    bundle = api.get("Patient?gender=female,male&_sort=birthdate&_count=1&_count=2&_total=accurate&_format=json").json()
    assert link(bundle, "self") == f"{FHIR}/Patient?gender=female,male&_sort=birthdate&_count=2&_total=accurate"


# --- sorting and paging


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("birthdate", "ann ben cat"),
        ("-birthdate", "ben cat ann"),
        ("gender,birthdate", "cat ann ben"),
        ("-gender,birthdate", "ben ann cat"),
        ("active,-birthdate", "ben cat ann"),
        ("_lastUpdated", "ann ben cat"),
        ("-_lastUpdated", "cat ben ann"),
        ("_id", "ann ben cat"),
        ("-_id", "cat ben ann"),
    ],
)
def test_matches_come_in_the_order_asked_for_on_pages_of_any_size(api: Api, sort: str, expected: str) -> None:
    people = _apart(api)
    wanted = [people[name] for name in expected.split()]
    for count in (1, 2, 3, 20):
        assert api.found(f"Patient?_sort={sort}&_count={count}") == wanted


def _apart(api: Api) -> dict[str, str]:
    """The people, made at different milliseconds."""
    made = {}
    for name, tree in {
        "ann": patient(gender="female", birthDate="1975-03-31"),
        "ben": patient(gender="male", birthDate="1980", active=False),
        "cat": patient(birthDate="1980-06"),
    }.items():
        made[name] = api.made(tree)["id"]
        time.sleep(0.002)
    return made


def test_pages_are_followed_without_gap_or_repeat_while_others_write(api: Api) -> None:
    made = sorted(api.person().removeprefix("Patient/") for _ in range(10))
    first = api.get("Patient?_sort=_id&_count=3").json()
    api.delete(f"Patient/{made[0]}")
    api.put(f"Patient/{made[1]}", patient(id=made[1], gender="male"))
    api.person()
    rest = [one["resource"]["id"] for page in api.pages(link(first, "next") or "") for one in page["entry"]]
    seen = [one["resource"]["id"] for one in first["entry"]] + rest
    assert seen[:10] == made
    assert len(set(seen)) == len(seen)


def test_the_last_page_has_no_next_link(api: Api) -> None:
    for _ in range(4):
        api.person()
    pages = list(api.pages("Patient?_count=2"))
    assert [len(page["entry"]) for page in pages] == [2, 2]
    assert link(pages[-1], "next") is None


def test_a_cursor_serves_only_the_client_and_search_it_was_made_for(api: Api) -> None:
    for _ in range(3):
        api.person(gender="male")
    following = link(api.get("Patient?gender=male&_count=1").json(), "next") or ""
    assert api.get(following).status_code == 200
    refused(api.client(client_id="other").get(following), 400)
    for changed in (
        following.replace("male", "female"),
        following.replace("_count=1", "_count=2"),
        following + "A",
        following[:-4],
        following + "&active=true",
        following.replace("Patient?", "Practitioner?"),
    ):
        refused(api.get(changed), 400)


@pytest.mark.requirement("S35")
def test_a_cursor_is_no_permit(api: Api) -> None:
    for _ in range(3):
        api.person()
    following = link(api.get("Patient?_count=1").json(), "next") or ""
    refused(api.client("system/Claim.rs").get(following), 403)


@pytest.mark.requirement("S53")
def test_count_is_bounded_and_zero_counts(api: Api) -> None:
    api.person()
    bundle = api.get("Patient?_count=0").json()
    assert bundle["total"] == 1
    assert "entry" not in bundle
    assert api.get("Patient?_count=999999999").status_code == 200
    refused(api.get("Patient?_count=9999999999"), 400)


@pytest.mark.parametrize(("wish", "total"), [("accurate", 3), ("estimate", 3), ("none", None)])
def test_a_total_is_told_when_asked_for(api: Api, wish: str, total: int | None) -> None:
    people = [api.person() for _ in range(3)]
    for person in people:
        api.made(plan(person))
    first, second = list(api.pages(f"CarePlan?_count=2&_total={wish}&_include=CarePlan:patient"))
    assert first.get("total") == second.get("total") == total


# --- parts of resources


def test_a_summary_shows_what_its_mode_says(api: Api) -> None:
    text = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">A plan</div>'}
    person = api.person()
    made = api.made(plan(person, text=text, note=[{"text": "x"}]))

    def shown(mode: str) -> set[str]:
        bundle = api.get(f"CarePlan?_summary={mode}").json()
        tree = bundle["entry"][0]["resource"]
        assert (mode == "false") == ("SUBSETTED" not in [tag["code"] for tag in tree["meta"].get("tag", [])])
        assert tree["id"] == made["id"]
        return set(tree) - {"resourceType", "id", "meta"}

    assert shown("false") == {"text", "note", "status", "intent", "category", "title", "subject"}
    assert shown("data") == {"note", "status", "intent", "category", "title", "subject"}
    assert shown("text") == {"text", "status", "intent", "subject"}
    assert shown("true") == {"status", "intent", "category", "title", "subject"}
    counted = api.get("CarePlan?_summary=count").json()
    assert (counted["total"], "entry" in counted) == (1, False)


def test_elements_shows_those_and_the_mandatory(api: Api) -> None:
    api.made(plan(api.person(), note=[{"text": "x"}]))
    tree = api.get("CarePlan?_elements=title,CarePlan.note").json()["entry"][0]["resource"]
    assert set(tree) == {"resourceType", "id", "meta", "status", "intent", "subject", "title", "note"}
    assert "SUBSETTED" in [tag["code"] for tag in tree["meta"]["tag"]]


def test_what_a_summary_shows_is_never_what_is_stored(api: Api) -> None:
    person = api.person(gender="male")
    api.get("Patient?_summary=true")
    assert "tag" not in api.get(person).json()["meta"]


# --- other resources


def test_include_brings_what_a_match_refers_to_once(api: Api) -> None:
    person = api.person()
    goals = [f"Goal/{api.made(goal(person))['id']}" for _ in range(2)]
    for _ in range(2):
        api.made(plan(person, goal=[{"reference": one} for one in goals]))
    bundle = api.get("CarePlan?_include=CarePlan:patient&_include=CarePlan:goal&_total=accurate").json()
    included = [e["fullUrl"] for e in bundle["entry"] if e["search"]["mode"] == "include"]
    assert sorted(included) == sorted(f"{FHIR}/{one}" for one in (person, *goals))
    assert bundle["total"] == 2


def test_include_may_name_a_target_or_every_reference(api: Api) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    person = api.person(managingOrganization={"reference": council})
    api.made(coverage(person, council))

    def included(query: str) -> set[str]:
        return {e["fullUrl"].removeprefix(f"{FHIR}/") for e in api.entries(query) if e["search"]["mode"] == "include"}

    assert included("Coverage?_include=Coverage:payor:Organization") == {council}
    assert included("Coverage?_include=Coverage:payor:Patient") == set()
    assert included("Coverage?_include=Coverage:*") == {person, council}
    assert included("Coverage?_include=Coverage:beneficiary") == {person}


def test_include_goes_on_from_what_it_brought_only_when_told_to(api: Api) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    child = f"Organization/{api.made(organization(partOf={'reference': council}))['id']}"
    person = api.person(managingOrganization={"reference": child})
    api.made(plan(person))

    def included(query: str) -> set[str]:
        return {e["fullUrl"].removeprefix(f"{FHIR}/") for e in api.entries(query) if e["search"]["mode"] == "include"}

    once = "CarePlan?_include=CarePlan:patient"
    assert included(f"{once}&_include=Patient:organization") == {person}
    assert included(f"{once}&_include:iterate=Patient:organization") == {person, child}
    both = "_include:iterate=Patient:organization&_include:iterate=Organization:partof"
    assert included(f"{once}&{both}") == {person, child, council}
    assert included("Organization?_id=x&_include:iterate=Organization:partof") == set()


def test_revinclude_brings_what_refers_to_a_match(api: Api) -> None:
    person, other = api.person(), api.person()
    plans = {f"CarePlan/{api.made(plan(person))['id']}" for _ in range(2)}
    api.made(plan(other))
    goal_ = f"Goal/{api.made(goal(person))['id']}"
    query = (
        f"Patient?_id={person.removeprefix('Patient/')}&_revinclude=CarePlan:patient&_revinclude=Goal:subject:Patient"
    )
    bundle = api.get(query).json()
    modes = {e["fullUrl"].removeprefix(f"{FHIR}/"): e["search"]["mode"] for e in bundle["entry"]}
    assert modes == {person: "match", goal_: "include", **dict.fromkeys(plans, "include")}
    assert bundle["total"] == 1


def test_revinclude_iterates(api: Api) -> None:
    parent = f"Organization/{api.made(organization())['id']}"
    child = f"Organization/{api.made(organization(partOf={'reference': parent}))['id']}"
    grandchild = f"Organization/{api.made(organization(partOf={'reference': child}))['id']}"
    id_ = parent.removeprefix("Organization/")
    found = api.entries(f"Organization?_id={id_}&_revinclude:iterate=Organization:partof")
    assert [e["fullUrl"].removeprefix(f"{FHIR}/") for e in found] == [parent, child, grandchild]


def test_a_reference_to_nothing_is_passed_over_by_include(api: Api) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    api.person(managingOrganization={"reference": council})
    api.delete(council)
    assert len(list(api.entries("Patient?_include=Patient:organization"))) == 1


def test_a_chain_asks_about_the_resource_referred_to(api: Api) -> None:
    people = _people(api)
    made = {name: api.made(plan(f"Patient/{id_}"))["id"] for name, id_ in people.items()}
    assert api.found("CarePlan?patient.gender=male") == [made["ben"]]
    assert sorted(api.found("CarePlan?patient.name=smith")) == sorted([made["ben"], made["cat"]])
    assert api.found("CarePlan?subject:Patient.family:exact=Smith") == [made["ben"]]
    assert api.found(f"CarePlan?patient.identifier={NHS_NUMBER}|9990000018") == [made["ann"]]
    assert sorted(api.found("CarePlan?patient.gender:not=male")) == sorted([made["ann"], made["cat"]])
    assert api.found("CarePlan?patient.birthdate=lt1976&patient.gender=male") == []


def test_a_chain_follows_lists_and_single_references(api: Api) -> None:
    council = f"Organization/{api.made(organization(name='Riding'))['id']}"
    person = api.person(managingOrganization={"reference": council})
    api.person()
    share = api.made(coverage(person, council))["id"]
    assert api.found("Patient?organization.name=rid") == [person.removeprefix("Patient/")]
    assert api.found("Coverage?payor:Organization.name=rid") == [share]
    assert api.found("Coverage?payor.name=rid") == [share]
    assert api.found("Coverage?payor:Patient.name=rid") == []


def test_has_asks_about_the_resources_that_refer_here(api: Api) -> None:
    people = _people(api)
    goals = api.made(goal(f"Patient/{people['ann']}"))["id"]
    api.made(plan(f"Patient/{people['ann']}", status="completed", goal=[{"reference": f"Goal/{goals}"}]))
    api.made(plan(f"Patient/{people['ben']}"))
    assert api.found("Patient?_has:CarePlan:patient:status=completed") == [people["ann"]]
    assert api.found("Patient?_has:CarePlan:subject:status=active") == [people["ben"]]
    assert api.found("Goal?_has:CarePlan:goal:status=completed") == [goals]
    assert api.found("Goal?_has:CarePlan:goal:status=active") == []
    assert api.found("Patient?_has:CarePlan:patient:status=active&gender=female") == []


def test_a_foreign_resource_is_found_like_any_other(api: Api) -> None:
    person = api.person()
    foreign = api.made(foreign_plan(person))["id"]
    ours = api.made(plan(person))["id"]
    assert sorted(api.found(f"CarePlan?patient={person}")) == sorted([foreign, ours])
    assert api.found(f"CarePlan?patient={person}&intent=order") == [foreign]
    assert api.found(f"CarePlan?patient={person}&_tag:not=not-a-phb-record") == [ours]


# --- cost


def _statements(api: Api, query: str, monkeypatch: pytest.MonkeyPatch) -> int:
    seen: list[object] = []
    run = Session._run

    def counted(self: Session, statement: object, params: object) -> object:
        seen.append(statement)
        return run(self, statement, params)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Session, "_run", counted)
        assert api.get(query).status_code == 200
    return len(seen)


def test_a_page_takes_as_many_statements_however_much_is_on_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    query = (
        "CarePlan?status=active&_include=CarePlan:patient&_include=CarePlan:goal&_revinclude=Task:focus&_total=accurate&_count=50"
    )  # fmt: skip
    counts: list[int] = []
    for _ in range(3):
        person = api.person(gender="male")
        aim = f"Goal/{api.made(goal(person))['id']}"
        for _ in range(1 + len(counts) * 6):
            api.made(plan(person, goal=[{"reference": aim}]))
        counts.append(_statements(api, query, monkeypatch))
    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize("count", [2, 10, 300])
def test_a_search_takes_many_alternatives(api: Api, count: int) -> None:
    made = api.made(patient(identifier=identifier("x7")))["id"]
    asked = ",".join(f"x{n}" for n in range(8 - min(count, 7), 8 - min(count, 7) + count))
    names = ",".join(asked.split(",")[:99])
    for query in (f"identifier={asked}", f"name={names},ann", f"_id={asked},{made}", f"organization={asked}"):
        assert api.form("Patient/_search", query).status_code == 200, query
    assert api.found(f"Patient?identifier={asked}") == [made]


@pytest.mark.requirement("S53")
@pytest.mark.parametrize(
    "query",
    [
        "identifier=" + ",".join("x" * 501),
        "birthdate=" + ",".join(["ge2026"] * 101),
        "&".join(["gender=male"] * 101),
        "&".join(["identifier=" + ",".join("x" * 400)] * 3),
        "name:contains=" + "x" * 2049,
    ],
    ids=["alternatives", "ranges", "parameters", "values", "length"],
)
def test_a_search_that_would_cost_too_much_is_refused(api: Api, query: str) -> None:
    refused(api.form("Patient/_search", query), 400, code="too-costly")
