"""What each actor reads of one case, by every way of reading, on both databases (S33 to S39)."""

import json
from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import delete, insert, select

from fhir_gateway.demo.people import FILES
from fhir_gateway.store.tables import AUDIT, SEARCH_VALUE
from tests.fhir_gateway.access.case import (
    AUDITOR,
    ICB,
    OLD_ICB,
    PROVIDER,
    STRANGER,
    coordinator,
    council,
    having,
    holding,
    icb,
    janice,
    nominee,
    of_kind,
    system,
)
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.trees import goal

JULY: Final = (date(2025, 7, 1), date(2025, 7, 31))
GATE: Final = {"kind": "gate", "who": f"Organization/{ICB}", "source": "Task/janice-review-2"}


def found(api: Api, query: str) -> set[str]:
    return set(api.found(query))


def entries_in(first: date, last: date) -> set[str]:
    """Ids of the entries with a day in a period."""
    entries = [one for one in FILES["janice"] if one.mapping.kind == "expenditure-entry"]
    return {one.id for one in entries if _days(one.record)[0] <= last and _days(one.record)[1] >= first}


def _days(record: Any) -> tuple[date, date]:
    return record.start or record.created, record.end or record.created


def entry() -> str:
    """An entry of a day on which the ICB was responsible, and the council paid."""
    return f"Claim/{min(entries_in(*JULY))}"


# --- rows ---------------------------------------------------------------------------------------------


def test_a_person_reads_all_of_their_own_case_and_nothing_else(case: Api) -> None:
    me = janice(case)
    assert found(me, "Claim?_count=100") == of_kind(
        "agreed-budget", "indicative-budget", "payment", "expenditure-entry"
    )
    assert found(me, "Patient") == {"janice"}
    assert found(me, "DocumentReference?_count=100") == of_kind("evidence")


def test_a_funder_reads_its_payments_whole_and_of_others_the_state(case: Api) -> None:
    mine, others = having("payment", insurer_id=ICB), of_kind("payment") - having("payment", insurer_id=ICB)
    asked = icb(case)
    bodies = {one["resource"]["id"]: one["resource"] for one in asked.entries("Claim?phb-type=phb-payment&_count=100")}
    whole = {id_ for id_, one in bodies.items() if "total" in one}
    assert whole <= mine
    assert whole
    for id_ in bodies.keys() & others:
        assert set(bodies[id_]) <= {
            *("resourceType", "id", "meta", "extension", "status", "type", "use", "patient", "created", "priority"),
            *("provider", "insurance"),
        }
        assert bodies[id_]["meta"]["tag"] == [
            {
                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
                "code": "SUBSETTED",
                "display": "subsetted",
            }
        ]
        assert bodies[id_]["provider"]["extension"][0]["valueCode"] == "masked"


def test_a_transfer_parts_the_records_by_their_days(case: Api) -> None:
    old, new = (system(case, "icb", one) for one in (OLD_ICB, ICB))
    paid = "ClaimResponse?use=claim&insurer=Organization/exampleshire-icb&_count=100"
    april_may = {"janice-pay-nhs-1", "janice-pay-nhs-2"}
    seen = {name for name in having("payment", insurer_id=ICB) if refusal(old, f"Claim/{name}") == 200}
    assert seen == april_may
    assert not april_may & found(new, "Claim?phb-type=phb-payment&_count=100")
    assert found(old, paid) == {"janice-paid-nhs-1", "janice-paid-nhs-2"}
    shown = old.get("Patient/janice").json()  # whose records these were, and no more
    assert {"name", "birthDate"} <= shown.keys()
    assert not {"address", "telecom", "communication", "generalPractitioner"} & shown.keys()


def refusal(api: Api, path: str) -> int:
    return api.get(path).status_code


@pytest.mark.parametrize("role", ["icb", "council", "provider", "holder", "auditor", "privacy-officer"])
def test_a_body_that_is_tied_to_nobody_finds_nothing(case: Api, role: str) -> None:
    asked = system(case, role, STRANGER)
    for query in ("Patient", "Claim", "Task", *(["Provenance"] if role == "icb" else [])):
        reply = asked.get(f"{query}?_total=accurate")
        assert reply.status_code == 403 or (reply.json()["total"], "entry" in reply.json()) == (0, False), query


def test_an_operator_and_a_role_unheard_of_reach_nothing(case: Api) -> None:
    for role in ("operator", "somebody"):
        refused(system(case, role, ICB).get("Patient/janice"), 403, code="forbidden")
        refused(system(case, role, ICB).get("_history"), 403, code="forbidden")


def test_a_provider_reads_its_invoices_and_lines_and_no_money_besides(case: Api) -> None:
    asked = system(case, "provider", PROVIDER)
    invoices = having("payment", provider=f"Organization/{PROVIDER}")
    assert invoices
    budget = asked.get("Claim/janice-budget").json()
    assert found(asked, "Claim?_count=100") == invoices | {"janice-budget"}
    assert [one["sequence"] for one in budget["item"]] == [own_line()]
    assert "total" not in budget
    assert "weight" not in json.dumps(budget)
    assert found(asked, "Goal") == {"janice-goal-less-pain"}
    assert refusal(asked, entry()) == 404
    refused(asked.get("Account"), 403)
    for answer in asked.entries("ClaimResponse"):
        assert not {"total", "item", "payment"} & answer["resource"].keys()


def own_line() -> int:
    """The one budget line that the provider delivers."""
    budget = next(one.record for one in FILES["janice"] if one.id == "janice-budget")
    (number,) = (one.sequence for one in budget.providers if one.provider == f"Organization/{PROVIDER}")
    (line,) = (one.line_no for one in budget.lines if number in one.provider_sequences)
    return int(line)


def test_an_auditor_reads_the_money_of_the_sampled_days_and_no_plan(case: Api) -> None:
    asked = system(case, "auditor", AUDITOR)
    entries = having("expenditure-entry")
    seen = found(asked, "Claim?phb-type=phb-expenditure&_count=100")
    assert seen
    assert seen <= entries
    assert "janice-pay-nhs-7" not in found(asked, "Claim?phb-type=phb-payment&_count=100")
    refused(asked.get("CarePlan/janice-plan"), 403)
    refused(asked.post("Goal", goal("Patient/janice")), 403)


def test_a_nominee_reads_the_direct_payment_and_not_the_shares(case: Api) -> None:
    asked = nominee(case)
    budget = asked.get("Claim/janice-budget").json()
    options = {code["code"] for one in budget["item"] for m in one["modifier"] for code in m["coding"]}
    assert "direct-payment" in options
    assert "notional" not in options
    assert "Organization" not in str(asked.get("Coverage/janice-council").json()["payor"])
    refused(asked.get("ClaimResponse"), 403)
    refused(asked.get("Observation"), 403)


def test_the_plan_is_shared_with_a_council_by_consent_alone(case: Api) -> None:
    asked = council(case)
    assert refusal(asked, "CarePlan/janice-plan") == 404
    with holding(case, kind="shared", who="Organization/exampleshire-council"):
        assert asked.get("CarePlan/janice-plan").json()["title"] == "Janice's plan"
    assert refusal(asked, "CarePlan/janice-plan") == 404


def test_an_emergency_opens_plan_and_risks_and_never_money(case: Api) -> None:
    asked, plan = icb(case), "CarePlan/janice-plan"
    assert "activity" not in asked.get(plan).json()
    with holding(case, kind="emergency", who=f"Organization/{ICB}"):
        assert "activity" in asked.get(plan).json()
        assert found(asked, "RiskAssessment") == of_kind("risk")
        refused(asked.get(entry()), 403)
    with holding(case, kind="emergency", who=f"Organization/{ICB}", until=1):
        assert found(asked, "RiskAssessment") == set()


def test_a_restricted_persons_address_is_the_coordinators_alone(case: Api) -> None:
    asked = icb(case)
    assert "address" in asked.get("Patient/janice").json()
    value = {"key": "Patient._security", "id": "janice", "value": "R", "system": "s", "low": None, "high": None}
    case.write(lambda conn: conn.execute(insert(SEARCH_VALUE).values(value)))
    try:
        assert not {"address", "telecom"} & asked.get("Patient/janice").json().keys()
        assert found(asked, "Patient?address-city=Exampleton") == set()
        assert "address" in coordinator(case).get("Patient/janice").json()
        assert "address" in janice(case).get("Patient/janice").json()
    finally:
        case.write(lambda conn: conn.execute(delete(SEARCH_VALUE).where(SEARCH_VALUE.c.value == "R")))


def test_workers_show_their_work_details_alone(case: Api) -> None:
    shown = council(case).get("Practitioner/mira").json()
    assert {"address", "birthDate", "gender"}.isdisjoint(shown)
    assert shown["name"]


# --- every way of reading -----------------------------------------------------------------------------


@pytest.mark.requirement("S38")
def test_s38_a_foreign_id_answers_as_an_unknown_one(case: Api) -> None:
    asked = icb(case)
    for path in ("Patient/{}", "Patient/{}/_history", "Patient/{}/_history/1", "Patient/{}/$statement"):
        foreign, unknown = asked.get(path.format("dylan")), asked.get(path.format("nobody"))
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.text.replace("dylan", "nobody") == unknown.text
        assert {k: v for k, v in foreign.headers.items() if k not in ("x-request-id", "content-length")} == {
            k: v for k, v in unknown.headers.items() if k not in ("x-request-id", "content-length")
        }


@pytest.mark.requirement("S33", "S34")
def test_s34_matches_totals_and_counts_agree(case: Api) -> None:
    asked = icb(case)
    ids = found(asked, "Task?_count=3")
    assert asked.get("Task?_summary=count").json()["total"] == len(ids)
    assert asked.get("Task?_total=accurate&_count=1").json()["total"] == len(ids)
    assert asked.get("Patient?_summary=count").json()["total"] == 1


@pytest.mark.requirement("S34", "S36")
def test_s34_includes_bring_what_may_be_read_and_as_it_may(case: Api) -> None:
    asked = council(case)
    page = asked.entries("ClaimResponse?_count=100&_include=ClaimResponse:patient&_include=ClaimResponse:request")
    brought = {one["resource"]["id"]: one["resource"] for one in page if one["search"]["mode"] == "include"}
    assert "janice" in brought
    assert "janice-pay-nhs-3" not in brought or "total" not in brought["janice-pay-nhs-3"]
    entries = system(case, "provider", PROVIDER).entries("Patient?_revinclude=Claim:patient")
    assert {one["resource"]["id"] for one in entries} <= (
        having("payment", provider=f"Organization/{PROVIDER}") | {"janice", "janice-budget"}
    )


@pytest.mark.requirement("S39")
def test_s39_an_include_does_not_follow_what_is_hidden(case: Api) -> None:
    page = council(case).entries("Claim?_id=janice-pay-nhs-3&_include=Claim:insurer&_include=Claim:provider")
    assert [one["resource"]["id"] for one in page] == ["janice-pay-nhs-3"]
    page = council(case).entries("Organization?_id=exampleshire-icb&_revinclude=Claim:insurer")
    assert not {one["resource"]["id"] for one in page} & having("payment", insurer_id=ICB)


@pytest.mark.requirement("S34")
def test_s34_chains_and_has_see_no_further(case: Api) -> None:
    asked = council(case)
    assert found(asked, "Claim?patient.family=Demowell&_count=100") == found(asked, "Claim?_count=100")
    provider = system(case, "provider", PROVIDER)
    assert found(provider, "Patient?_has:Claim:patient:phb-type=phb-payment") == {"janice"}
    assert found(provider, "Patient?_has:Claim:patient:phb-type=phb-expenditure") == set()
    refused(provider.get("Patient?_has:Task:patient:status=completed"), 403)


@pytest.mark.requirement("S39")
def test_s39_what_a_view_hides_matches_nothing(case: Api) -> None:
    asked = council(case)
    others = having("payment", insurer_id=ICB)
    assert not found(asked, f"Claim?insurer=Organization/{ICB}&phb-type=phb-payment&_count=100") & others
    assert not found(asked, "Claim?payee=Patient/janice&phb-type=phb-payment&_count=100") & others
    assert not found(asked, "Claim?insurer:missing=true&phb-type=phb-payment&_count=100") & others
    assert not found(asked, "Claim?_tag:not=x&_count=100") & others
    provider = system(case, "provider", PROVIDER)
    assert found(provider, "Patient?address-city=Exampleton") == set()
    assert found(provider, "Patient?family=Demowell") == {"janice"}


@pytest.mark.requirement("S39")
def test_s39_nor_is_it_sorted_by(case: Api) -> None:
    refused(council(case).get("Claim?_sort=insurer"), 403, code="forbidden")
    assert council(case).get("Claim?_sort=created").status_code == 200
    assert janice(case).get("Claim?_sort=insurer").status_code == 200


@pytest.mark.requirement("S34")
def test_s34_history_and_versions_go_by_the_row(case: Api) -> None:
    asked = council(case)
    whole = asked.get("Claim/janice-pay-council-1/_history").json()["entry"][0]["resource"]
    part = asked.get("Claim/janice-pay-nhs-3/_history").json()["entry"][0]["resource"]
    assert "total" in whole
    assert "total" not in part
    assert "total" not in asked.get("Claim/janice-pay-nhs-3/_history/1").json()
    for path in ("Claim/_history?_count=1000", "Claim/_history?_cursor=&_count=1000", "_history?_count=1000"):
        entries = [
            one for one in asked.get(path).json()["entry"] if one["fullUrl"].rpartition("/")[0].endswith("Claim")
        ]
        assert {one["resource"]["id"] for one in entries} == found(asked, "Claim?_count=1000")
        assert not any("total" in one["resource"] for one in entries if one["resource"]["id"] == "janice-pay-nhs-3")


@pytest.mark.requirement("S36")
def test_s36_batch_entries_are_judged_as_requests_are(case: Api) -> None:
    paths = ("Patient/dylan", "Claim/janice-pay-nhs-3", entry(), "Claim?_summary=count")
    reply = council(case).bundle(*({"request": {"method": "GET", "url": one}} for one in paths), kind="batch")
    foreign, part, detail, counted = reply.json()["entry"]
    assert [one["response"]["status"] for one in (foreign, part, detail)] == ["404", "200", "403"]
    assert "total" not in part["resource"]
    assert counted["resource"]["total"] == len(found(council(case), "Claim?_count=1000"))


@pytest.mark.requirement("S35")
def test_s35_a_page_link_is_no_permit(case: Api) -> None:
    link = next(one["url"] for one in icb(case).get("Claim?_count=2").json()["link"] if one["relation"] == "next")
    assert system(case, "icb", STRANGER).get(link).status_code == 400


@pytest.mark.requirement("smart-2.2/underlying-permission", "S37")
def test_s37_scopes_and_table_must_both_agree(case: Api) -> None:
    refused(icb(case, "system/Coverage.rs").get("Claim/janice-budget"), 403)
    assert found(icb(case, "system/Claim.rs?phb-type=phb-budget"), "Claim") == {
        "janice-budget",
        "janice-indicative",
    } & found(icb(case), "Claim?_count=100")
    refused(icb(case, "patient/Claim.rs").get("Claim"), 403)
    refused(janice(case, "system/Claim.rs").get("Claim"), 403)
    assert found(coordinator(case, "patient/Patient.rs"), "Patient") == set()


def test_provenance_shows_where_every_target_does(case: Api) -> None:
    told = of_kind("provenance")
    assert found(janice(case), "Provenance") >= told
    assert not found(council(case), "Provenance?_count=100") & told
    assert found(coordinator(case), "Provenance") >= told


# --- the gate -----------------------------------------------------------------------------------------


@pytest.mark.requirement("S38")
def test_r134_financial_detail_is_closed_and_says_what_opens_it(case: Api) -> None:
    for asked in (icb(case), council(case), coordinator(case)):
        issue = refused(asked.get(entry()), 403, code="forbidden")
        assert "R134" in json.dumps(issue)
        assert "review" in issue["diagnostics"]
        assert not found(asked, "Claim?_count=1000") & of_kind("expenditure-entry")
        assert found(asked, "DocumentReference") == set()
    assert refusal(system(case, "icb", STRANGER), entry()) == 404
    assert refusal(system(case, "provider", PROVIDER), entry()) == 404


def test_r134_an_open_review_opens_it_and_closing_closes_it(case: Api) -> None:
    asked = icb(case)
    with holding(case, **GATE):
        seen = found(asked, "Claim?phb-type=phb-expenditure&_count=100")
        assert seen
        assert refusal(asked, f"Claim/{min(seen)}") == 200
        assert refusal(coordinator(case), entry()) == 200
        refused(council(case).get(entry()), 403)  # the review is the ICB's own
    refused(asked.get(f"Claim/{min(seen)}"), 403)


def test_the_gate_opens_the_days_under_review_alone(case: Api) -> None:
    with holding(case, **GATE, start=JULY[0], end=JULY[1]):
        seen = found(icb(case), "Claim?phb-type=phb-expenditure&_count=100")
    assert seen == entries_in(*JULY)
    assert seen < of_kind("expenditure-entry")


def test_r139_what_opened_it_is_on_record(case: Api) -> None:
    request = "4f4ac03f-0000-4000-8000-0000000000aa"
    with holding(case, **GATE):
        assert icb(case).get(entry(), X_Request_ID=request).status_code == 200
    query = select(AUDIT.c.gate).where(AUDIT.c.request == request)
    opened = case.write(lambda conn: conn.execute(query).scalar())
    assert "Task/janice-review-2" in str(opened)
