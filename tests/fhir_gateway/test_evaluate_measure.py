"""Measure and `$evaluate-measure` over HTTP: reports, tables, one body's view, what may be published, bad requests."""

import csv
import io
from datetime import date
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.phb.measures import MEASURES
from mappings.lens import document, shape
from tests.fhir_gateway import stocked
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.store.measures.world import DIRECT, NOTIONAL, OTHER, THIRD, holder

QUARTER: Final = "periodStart=2025-10-01&periodEnd=2025-12-31"
RULE: Final = "https://phb-gateway.example/fhir/CodeSystem/phb-rule"
AMOUNT: Final = "https://phb-gateway.example/fhir/StructureDefinition/phb-amount"


def _stocked(api: Api, *some: tuple[Entry, ...]) -> Api:
    stocked.put(api.gateway, [one for entries in some for one in entries])
    return api


def _report(api: Api, number: str, more: str = "") -> Any:
    reply = api.get(f"Measure/{number}/$evaluate-measure?{QUARTER}{more}")
    assert reply.status_code == 200, reply.text
    shape.judge(document.parse(reply.content), expected_type="MeasureReport")
    return reply.json()


def _counts(part: Any) -> dict[str, int | None]:
    return {one["code"]["coding"][0]["code"]: one.get("count") for one in part["population"]}


def _table(api: Api, path: str) -> list[dict[str, str]]:
    reply = api.get(path, Accept="text/csv")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(reply.text)))


# --- Measure ----------------------------------------------------------------------------------------


def test_every_measure_is_served_in_good_shape(api: Api) -> None:
    found = api.get("Measure?_count=100").json()["entry"]
    assert [one["resource"]["id"] for one in found] == list(MEASURES) == [f"K{number}" for number in range(1, 29)]
    for one in found:
        text = api.get(f"Measure/{one['resource']['id']}").content
        shape.judge(document.parse(text), expected_type="Measure")


@pytest.mark.parametrize("query", ["_id=K6", "url=https://phb-gateway.example/fhir/Measure/K6", "name=K6"])
def test_a_measure_is_found_by_id_url_and_name(api: Api, query: str) -> None:
    assert [one["resource"]["id"] for one in api.get(f"Measure?{query}&status=active").json()["entry"]] == ["K6"]


def test_the_statement_of_capability_names_the_operation(api: Api) -> None:
    resources = {one["type"]: one for one in api.get("metadata").json()["rest"][0]["resource"]}
    (operation,) = resources["Measure"]["operation"]
    definition = api.get(f"OperationDefinition?url={operation['definition']}").json()["entry"][0]["resource"]
    assert (definition["instance"], definition["type"], definition["affectsState"]) == (True, True, False)


def test_both_addresses_of_the_operation_are_described(api: Api) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    assert "get" in paths["/fhir/Measure/$evaluate-measure"]
    assert "post" in paths["/fhir/Measure/{id}/$evaluate-measure"]


# --- one report -------------------------------------------------------------------------------------


def test_a_report_says_numerator_denominator_score_and_strata(api: Api) -> None:
    _stocked(api, holder("a", DIRECT), holder("b"), holder("c", NOTIONAL, THIRD), holder("d", group="nhs-wheelchair"))
    report = _report(api, "K6")
    assert (report["status"], report["type"]) == ("complete", "summary")
    assert report["measure"].startswith("https://phb-gateway.example/fhir/Measure/K6|")
    assert report["period"] == {"start": "2025-10-01", "end": "2025-12-31"}
    (group,) = report["group"]
    assert _counts(group) == {"numerator": 2, "denominator": 3}
    assert group["measureScore"] == {
        "value": 66.7,
        "unit": "%",
        "system": "http://unitsofmeasure.org",
        "code": "%",
    }
    options = next(one for one in group["stratifier"] if one["code"] == [{"text": "management-option"}])
    by_option = {one["value"]["coding"][0]["code"]: _counts(one) for one in options["stratum"]}
    assert by_option == {
        DIRECT: {"numerator": 1, "denominator": 1},
        NOTIONAL: {"numerator": 0, "denominator": 1},
        THIRD: {"numerator": 1, "denominator": 1},
    }
    assert "meta" not in report


def test_a_share_below_forty_per_cent_is_flagged_with_its_rule(api: Api) -> None:
    """domain.md 7, K6 test: one of eight; R163."""
    _stocked(api, holder("p", DIRECT), *(holder(f"p{at}") for at in range(7)))
    report = _report(api, "K6")
    assert report["group"][0]["measureScore"]["value"] == 12.5
    assert report["meta"]["tag"] == [{"system": RULE, "code": "R163"}]
    assert "meta" not in _report(api, "K1")


def test_a_report_for_one_body_counts_its_own_cases(api: Api) -> None:
    _stocked(api, holder("a", DIRECT), holder("b", responsible_body=OTHER), holder("c", responsible_body=OTHER))
    report = _report(api, "K1", f"&reporter=Organization/{OTHER}")
    assert report["reporter"] == {"reference": f"Organization/{OTHER}"}
    assert _counts(report["group"][0]) == {"initial-population": 2}


def test_money_stands_beside_the_count(api: Api) -> None:
    _stocked(api, holder("a", DIRECT))
    (group,) = _report(api, "K16")["group"]
    below = next(one for one in group["population"] if one["code"]["coding"][0]["code"] == "denominator")
    assert below["extension"] == [{"url": AMOUNT, "valueMoney": {"value": 1000.0, "currency": "GBP"}}]
    assert (below["count"], b'"value":1000.00,' in api.get(f"Measure/K16/$evaluate-measure?{QUARTER}").content) == (
        1,
        True,
    )


def test_strata_of_two_parts_are_components(api: Api) -> None:
    _stocked(api, holder("a", group="ehc-plan", born=date(2015, 5, 5)))
    strata = _report(api, "K4")["group"][0]["stratifier"][0]["stratum"]
    assert [part["value"] for part in strata[0]["component"]] == [
        {
            "coding": [
                {"system": "https://phb-gateway.example/fhir/CodeSystem/phb-eligibility-group", "code": "ehc-plan"}
            ]
        },
        {"text": "child"},
    ]


def test_uptake_is_held_against_the_registered_population_where_it_is_said(api: Api) -> None:
    _stocked(api, *(holder(f"p{at}") for at in range(3)))
    _, without = _report(api, "K1")["group"]
    assert "measureScore" not in without
    _, group = _report(api, "K1", "&registeredPopulation=200000")["group"]
    assert group["measureScore"] == {
        "value": 1.5,
        "unit": "for each 100,000",
        "system": "http://unitsofmeasure.org",
        "code": "10*-5",
    }


def test_the_operation_is_posted_too(api: Api) -> None:
    _stocked(api, holder("a"))
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "periodStart", "valueDate": "2025-10-01"},
            {"name": "periodEnd", "valueDate": "2025-12-31"},
            {"name": "published", "valueBoolean": False},
            {"name": "reporter", "valueReference": {"reference": "Organization/icb"}},
        ],
    }
    reply = api.post("Measure/K2/$evaluate-measure", parameters)
    assert _counts(reply.json()["group"][0]) == {"initial-population": 1}


# --- all of them ------------------------------------------------------------------------------------


def test_all_measures_come_as_one_collection_and_as_one_table_with_the_same_figures(api: Api) -> None:
    _stocked(api, holder("a", DIRECT), holder("b", THIRD))
    bundle = api.get(f"Measure/$evaluate-measure?{QUARTER}").json()
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    reports = [one["resource"] for one in bundle["entry"]]
    assert [one["measure"].split("|")[0].rsplit("/")[-1] for one in reports] == list(MEASURES)
    for one in reports:
        shape.judge(document.parse(document.encode(one)), expected_type="MeasureReport")
    rows = _table(api, f"Measure/$evaluate-measure?{QUARTER}")
    totals = [row for row in rows if not row["stratifier"]]
    assert [row["score"] for row in totals] == [_score(group) for one in reports for group in one["group"]]
    assert len(totals) == sum(len(one.figures) for one in MEASURES.values())


def _score(group: Any) -> str:
    value = group.get("measureScore", {}).get("value")
    return "" if value is None else f"{value}"


def test_the_type_level_takes_a_measure_by_its_canonical_and_its_reference(api: Api) -> None:
    for named in ("K2", "Measure/K2", "https://phb-gateway.example/fhir/Measure/K2"):
        report = api.get(f"Measure/$evaluate-measure?{QUARTER}&measure={named}").json()
        assert (report["resourceType"], "/K2|" in report["measure"]) == ("MeasureReport", True)


# --- for publication --------------------------------------------------------------------------------


def test_small_counts_are_hidden_and_others_rounded_for_publication_alone(api: Api) -> None:
    _stocked(api, *(holder(f"d{at}", DIRECT) for at in range(8)), *(holder(f"n{at}") for at in range(6)))
    rows = {row["stratum"]: row for row in _table(api, f"Measure/K6/$evaluate-measure?{QUARTER}&published=true")}
    assert [rows[""][name] for name in ("numerator", "denominator", "score")] == ["10", "15", "66.7"]
    assert [rows[NOTIONAL][name] for name in ("numerator", "denominator", "score")] == ["*", "*", ""]
    assert [rows[DIRECT][name] for name in ("numerator", "denominator")] == ["10", "10"]
    exact = {row["stratum"]: row for row in _table(api, f"Measure/K6/$evaluate-measure?{QUARTER}")}
    assert [exact[NOTIONAL][name] for name in ("numerator", "denominator")] == ["0", "6"]


def test_a_hidden_count_is_marked_as_masked(api: Api) -> None:
    _stocked(api, holder("a", DIRECT))
    (group,) = _report(api, "K17", "&published=true")["group"]
    assert "measureScore" not in group
    for one in group["population"]:
        assert "count" not in one
        assert "extension" not in one
        assert one["_count"]["extension"][0]["valueCode"] == "masked"


# --- refused ----------------------------------------------------------------------------------------


def test_an_unknown_measure_is_not_found(api: Api) -> None:
    refused(api.get(f"Measure/K29/$evaluate-measure?{QUARTER}"), 404, code="not-found")
    refused(api.get(f"Measure/$evaluate-measure?{QUARTER}&measure=K0"), 404)
    refused(api.get("Measure/K29"), 404)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("periodStart=2025-10-01", "periodEnd"),
        ("periodEnd=2025-10-01", "periodStart"),
        ("periodStart=2025-12-31&periodEnd=2025-10-01", "periodEnd"),
        ("periodStart=2025-13-01&periodEnd=2025-12-31", "periodStart"),
        ("periodStart=2025-02-30&periodEnd=2025-12-31", "periodStart"),
        ("periodStart=2025&periodEnd=2025-12-31", "periodStart"),
        ("periodStart=0001-01-01&periodEnd=2025-12-31", "periodStart"),
        ("periodStart=2025-01-01&periodEnd=9999-12-31", "periodStart"),
        (f"{QUARTER}&periodEnd=2025-12-31", "periodEnd"),
        (f"{QUARTER}&reportType=individual", "reportType"),
        (f"{QUARTER}&published=yes", "published"),
        (f"{QUARTER}&registeredPopulation=0", "registeredPopulation"),
        (f"{QUARTER}&registeredPopulation=-5", "registeredPopulation"),
        (f"{QUARTER}&registeredPopulation=99999999999", "registeredPopulation"),
        (f"{QUARTER}&reporter=Patient/x", "reporter"),
        (f"{QUARTER}&reporter=Organization/", "reporter"),
        (f"{QUARTER}&reporter=Organization/a%20b", "reporter"),
        (f"{QUARTER}&measure=K1", "measure"),
        (f"{QUARTER}&subject=Patient/x", "subject"),
    ],
)
def test_a_request_that_cannot_be_answered_says_which_parameter_is_wrong(api: Api, query: str, names: str) -> None:
    refused(api.get(f"Measure/K1/$evaluate-measure?{query}"), 400, expression=names)


def test_a_report_needs_the_scope_of_reports_whatever_records_a_client_may_read(api: Api) -> None:
    query = f"Measure/K1/$evaluate-measure?{QUARTER}"
    refused(api.client("system/Claim.rs system/Patient.rs").get(query), 403)
    refused(api.client("system/MeasureReport.rs?status=complete").get(query), 403)
    assert api.client("system/MeasureReport.rs").get(query).status_code == 200


def test_nothing_but_reading_is_offered(api: Api) -> None:
    assert api.delete("Measure/K1").status_code == 405
    assert api.put("Measure/K1/$evaluate-measure", {"resourceType": "Parameters"}).status_code == 405
    assert api.get(f"Measure/K1/$evaluate-measure?{QUARTER}", Accept="text/html").status_code == 406
