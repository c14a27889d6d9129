"""$statement over HTTP: the worked examples to the penny, the same in all three forms, and every way to ask wrongly.

Source: domain.md 6.8; rules R64, R66, R91, R138.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_gateway.demo.entry import Entry, transaction
from fhir_gateway.demo.people import FILES
from fhir_gateway.store import ledger
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from mappings.lens import shape
from mappings.lens.document import parse
from tests.fhir_gateway import stocked
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.demo.people import PEOPLE, of
from tests.fhir_gateway.statements import CSV, HTML, JSON, Read, asked, read

FORMS: Final = (JSON, HTML, CSV)
SEPTEMBER: Final = "2025-09-30"


def stock(api: Api, *names: str) -> None:
    stocked.people(api.gateway, *names)


# --- the examples, figure by figure: the total, then each funder ------------------------------------

EXAMPLES: Final[dict[str, tuple[str, dict[str, tuple[int | None, ...]]]]] = {
    "jackie": (
        "2025-12-31",
        {
            "allocated": (149_589, 149_589),
            "paid": (74_796, 74_796),
            "committed": (74_793, 74_793),
            "uncommitted": (0, 0),
            "spent": (70_000, 70_000),
            "held": (4_796, 4_796),
            "remaining": (79_589, 79_589),
            "planned-to-date": (75_616, 75_616),
            "underspend": (5_616, 5_616),
            "forecast": (143_973, 143_973),
        },
    ),
    "dylan": (
        "2025-07-31",
        {
            "allocated": (685_000, 485_000, 200_000),
            "paid": (685_000, 485_000, 200_000),
            "spent": (685_000, 485_000, 200_000),
            "held": (0, 0, 0),
            "remaining": (0, 0, 0),
        },
    ),
    "olive": (SEPTEMBER, {"allocated": (40_000, 40_000), "spent": (40_000, 40_000), "underspend": (0, 0)}),
    "oscar": (SEPTEMBER, {"allocated": (40_000, 40_000), "spent": (0, 0), "underspend": (40_000, 40_000)}),
    "keir": (
        "2025-06-30",
        {
            "allocated": (5_445_641, 5_445_641),
            "paid": (1_640_516, 1_640_516),
            "committed": (3_805_125, 3_805_125),
            "spent": (1_161_690, 1_161_690),
            "planned-to-date": (1_337_086, 1_337_086),
            "underspend": (175_396, 175_396),
            "remaining": (4_283_951, 4_283_951),
            "held": (478_826, 478_826),
            "protected": (94_081, 94_081),
            "surplus": (72_405, 72_405),
            "forecast": (4_957_905, 4_957_905),
            "forecast-underspend": (175_396, 175_396),
            "contingency-allocated": (312_340, 312_340),
            "contingency-remaining": (312_340, 312_340),
        },
    ),
    "rowan": (
        SEPTEMBER,
        {
            "allocated": (3_473_285, 1_995_264, 1_478_021),
            "paid": (1_536_284, 881_489, 654_795),
            "spent": (1_514_999, 869_250, 645_749),
            "held": (21_285, 12_239, 9_046),
            "committed": (1_937_001, 1_113_775, 823_226),
            "remaining": (1_958_286, 1_126_014, 832_272),
            "underspend": (21_286, 12_239, 9_047),
            "forecast": (3_451_999, 1_983_025, 1_468_974),
        },
    ),
    "janice": (
        SEPTEMBER,
        {
            "allocated": (571_689, 371_645, 200_044, 0),
            "contribution": (65_700, 0, 65_700, 0),
            "payable": (571_689, 371_645, 134_344, 65_700),
            "paid": (279_609, 154_625 + 24_960, 67_174, 32_850),
            "contributed": (32_850, 0, 0, 32_850),
            "spent": (234_010, 152_585, 81_425, 0),
            "held": (45_599, 27_000, 18_599, 0),
            "committed": (292_080, 154_620 + 37_440, 67_170, 32_850),
            "uncommitted": (0, 0, 0, 0),
            "planned-to-date": (277_603, 181_820, 95_783, 0),
            "underspend": (43_593, 29_235, 14_358, 0),
            "remaining": (337_679, 219_060, 118_619, 0),
            "forecast": (510_096, 333_410, 176_686, 0),
            "forecast-underspend": (43_593, 29_235, 14_358, 0),
        },
    ),
    "matthew": (SEPTEMBER, {"allocated": (3_130_396, 1_408_678, 939_119, 782_599)}),
}
LINES: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    "keir": {
        "planned-to-date": (*(775_320, 83_267, 91_391, 16_423, 16_500, 6_732, 48_000, 11_800, 239_785, 47_868, 0),),
        "spent": (717_100, 0, 82_000, 15_000, 16_500, 6_750, 48_000, 11_800, 221_340, 43_200, 0),
        "allocated": (
            *(3_109_800, 333_984, 366_568, 65_874, 16_500, 27_000, 48_000, 11_800, 961_775, 192_000, 312_340),
        ),
    },
    "rowan": {"allocated": (3_448_286, 24_999), "planned-to-date": (1_511_286, 24_999), "spent": (1_490_000, 24_999)},
    "janice": {
        "allocated": (361_089, 21_000, 109_200, 62_400, 18_000),
        "planned-to-date": (181_039, 10_529, 54_750, 31_285, 0),
        "spent": (152_350, 10_500, 46_200, 24_960, 0),
    },
}
BESIDE: Final = {"oscar": ("olive",)}  # they share a pool
RUN_RATES: Final = {"jackie": 138_478, "keir": 4_429_787}


def told(api: Api, *names: str) -> None:
    """The bodies and some of the people through the front door: a transaction each, every rule heard."""
    for name in ("bodies", *names):
        reply = api.post("/fhir", transaction(FILES[name]))
        assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("person", EXAMPLES)
def test_the_examples_come_to_the_penny_through_http_alone(api: Api, person: str) -> None:
    told(api, *BESIDE.get(person, ()), person)
    day, expected = EXAMPLES[person]
    for form in FORMS:
        found = read(api, person, f"date={day}", form)
        assert {code: found.figures[code] for code in expected} == expected
        for code, amounts in LINES.get(person, {}).items():
            assert tuple(found.lines[f"{at}/{code}"][0] for at in range(1, len(amounts) + 1)) == amounts


@pytest.mark.parametrize("person", RUN_RATES)
def test_the_forecast_at_the_present_pace(api: Api, person: str) -> None:
    stock(api, person)
    found = read(api, person, f"date={EXAMPLES[person][0]}&basis=run-rate").figures
    plan = read(api, person, f"date={EXAMPLES[person][0]}").figures
    assert found["forecast"][0] == RUN_RATES[person]
    change = RUN_RATES[person] - (plan["forecast"][0] or 0)
    assert found["forecast-underspend"][0] == (plan["forecast-underspend"][0] or 0) - change


def test_janice_s_mix_and_her_joint_lines_by_funder(api: Api) -> None:
    stock(api, "janice")
    found = read(api, "janice", f"date={SEPTEMBER}")
    assert found.options == {"direct-payment": (509_289,), "notional": (62_400,)}
    assert found.lines["1/allocated"] == (361_089, 180_545, 180_544, 0)
    assert found.lines["5/allocated"] == (18_000, 9_000, 9_000, 0)


def test_rowan_s_joint_line_is_shared_by_its_total(api: Api) -> None:
    stock(api, "rowan")
    found = read(api, "rowan", f"date={SEPTEMBER}").lines
    assert found["1/planned-to-date"] == (1_511_286, 868_989, 642_297)
    assert found["1/spent"] == (1_490_000, 856_750, 633_250)


def test_the_instalments_are_listed_in_order_of_time(api: Api) -> None:
    stock(api, "jackie")
    found = read(api, "jackie", "date=2025-12-31")
    assert [one[0] for one in found.payments] == [24_932, 24_932, 24_932, 24_931, 24_931, 24_931]


# --- three forms, one statement ---------------------------------------------------------------------


@pytest.mark.parametrize("query", ["basis=planned", "basis=run-rate", "funder=Organization/exampleshire-icb"])
@pytest.mark.parametrize("person", ["janice", "rowan", "keir"])
def test_page_and_table_say_what_the_resource_says(api: Api, person: str, query: str) -> None:
    stock(api, person)
    first, *others = (read(api, person, f"date={SEPTEMBER}&{query}", form) for form in FORMS)
    assert [first] * len(others) == others


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(date(2025, 3, 1), date(2026, 5, 1)), person=st.sampled_from(PEOPLE))
def test_on_every_day_the_three_forms_agree_and_the_funders_add_up(everybody: Api, day: date, person: str) -> None:
    forms = [read(everybody, person, f"date={day}", form) for form in FORMS]
    assert forms[0] == forms[1] == forms[2]
    _adds_up(forms[0])


def _adds_up(found: Read) -> None:
    for code, (total, *parts) in found.figures.items():
        if code not in {"queried", "disallowed", "surplus"}:
            assert total == sum(one or 0 for one in parts), code
    for total, *parts in (*found.lines.values(), *found.payments):
        assert total == sum(one or 0 for one in parts)
    assert sum(amounts[0] or 0 for amounts in found.options.values()) == found.figures["allocated"][0]


@pytest.fixture
def everybody(api: Api) -> Api:
    stock(api, *PEOPLE)
    return api


# --- the resource -----------------------------------------------------------------------------------


@pytest.mark.parametrize("person", PEOPLE)
def test_the_resource_is_valid(api: Api, person: str) -> None:
    stock(api, person)
    shape.judge(parse(asked(api, person, f"date={SEPTEMBER}").content), expected_type="ExplanationOfBenefit")


def test_the_resource_says_what_it_rests_on(api: Api) -> None:
    stock(api, "janice")
    tree = parse(asked(api, "janice", f"date={SEPTEMBER}").content)
    assert tree["claim"] == {"reference": "Claim/janice-budget"}
    assert [one["claim"]["reference"] for one in tree["related"]] == ["Claim/janice-budget/_history/1"]
    notes = [one["text"] for one in tree["processNote"]]
    assert any(one.startswith("R74: ") for one in notes)
    assert any("catalogue" in one for one in notes)
    assert any("Coverage/janice-nhs/_history/1" in one and "digest" in one for one in notes)
    assert [one["coverage"]["reference"] for one in tree["insurance"] if one["focal"]] == ["Coverage/janice-nhs"]


def test_a_version_more_of_any_record_changes_the_digest(api: Api) -> None:
    def digest() -> str:
        tree = parse(asked(api, "jackie", "date=2025-12-31").content)
        (note,) = [one["text"] for one in tree["processNote"] if "digest" in one["text"]]
        return str(note.rpartition(" ")[2])

    stock(api, "jackie")
    before = digest()
    assert digest() == before
    (entry, *_) = of("jackie", "expenditure-entry")
    stocked.put(api.gateway, [replace(entry, id="one-more")])
    assert digest() != before


def test_it_names_the_one_coordinator(api: Api) -> None:
    stock(api, "janice")
    tree = parse(asked(api, "janice", f"date={SEPTEMBER}").content)
    (one,) = tree["careTeam"]
    assert one["provider"]["reference"] == "PractitionerRole/coordinator-mira"
    page = asked(api, "janice", f"date={SEPTEMBER}", HTML).text
    assert one["provider"]["display"] in page
    assert page.count("care coordinator") == 1


def test_who_may_not_read_bodies_and_workers_sees_the_figures_without_names(api: Api) -> None:
    stock(api, "janice")
    reader = api.client("system/Claim.r system/ClaimResponse.r system/Coverage.r system/Patient.r")
    tree = parse(asked(reader, "janice", f"date={SEPTEMBER}").content)
    assert "careTeam" not in tree
    assert [one["name"] for one in tree["benefitBalance"]] == [
        *("NHS other", "Council adult social care", "Your own contribution"),
    ]
    assert read(reader, "janice", f"date={SEPTEMBER}") == read(reader, "janice", f"date={SEPTEMBER}", CSV)


@pytest.mark.parametrize("missing", ["Claim", "ClaimResponse", "Coverage", "Patient"])
def test_a_statement_needs_every_record_it_is_about(api: Api, missing: str) -> None:
    stock(api, "janice")
    granted = {"Claim", "ClaimResponse", "Coverage", "Patient"} - {missing}
    reader = api.client(" ".join(f"system/{one}.r" for one in sorted(granted)))
    refused(reader.get("Patient/janice/$statement"), 403)


# --- the page ---------------------------------------------------------------------------------------


def test_the_page_runs_and_fetches_nothing(api: Api) -> None:
    stock(api, "janice")
    reply = asked(api, "janice", f"date={SEPTEMBER}", HTML)
    page, policy = reply.text, reply.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    for never in ("<script", "javascript:", " src=", "@import", "url(", " style=", "<link", "<img"):
        assert never not in page


def test_the_page_can_be_read_aloud(api: Api) -> None:
    stock(api, "janice")
    page = asked(api, "janice", f"date={SEPTEMBER}", HTML).text
    assert '<html lang="en-GB">' in page
    assert len(re.findall("<table", page)) == len(re.findall("<caption>", page))
    drawn = re.findall(r'<svg[^>]* role="img" aria-labelledby="(\S+) (\S+)">', page)
    assert len(drawn) == 2
    for title, described in drawn:
        assert f'<title id="{title}">' in page
        assert f'<desc id="{described}">' in page
    headings = re.findall(r"<th\b( scope=\"(?:col|row)\")?", page)
    assert all(headings)
    assert page.index("3,376.79 left") < page.index('id="funders"') < page.index("Exampleshire Council")


def test_words_of_a_record_are_never_markup_or_formula(api: Api) -> None:
    stock(api, "jackie")
    (budget,) = of("jackie", "agreed-budget")
    line = replace(budget.record.lines[0], description="=1+1<script>alert(1)</script>")
    stocked.put(api.gateway, [_other(replace(budget, record=replace(budget.record, lines=(line,))))])
    query = "period=2027-10-01"
    assert "&lt;script&gt;alert(1)" in asked(api, "jackie", query, HTML).text
    assert "<script" not in asked(api, "jackie", query, HTML).text
    table = asked(api, "jackie", query, CSV)
    assert "'=1+1" in table.text
    assert ",=1+1" not in table.text
    assert table.headers["content-disposition"].startswith("attachment; ")


def _other(one: Entry) -> Entry:
    """The budget again, two years later."""
    record = one.record
    later = {name: getattr(record, name) + timedelta(days=730) for name in ("start", "end")}
    return replace(one, id="jackie-later", record=replace(record, budget_id=None, supersedes_id=None, **later))


# --- ways to ask ------------------------------------------------------------------------------------


def test_it_is_asked_of_the_case_and_posted_too(api: Api) -> None:
    stock(api, "janice")
    plain = asked(api, "janice", f"date={SEPTEMBER}").json()
    case = api.get(f"EpisodeOfCare/janice-case/$statement?date={SEPTEMBER}").json()
    body = {"resourceType": "Parameters", "parameter": [{"name": "date", "valueDate": SEPTEMBER}]}
    posted = api.post("Patient/janice/$statement", body).json()
    for one in (case, posted):
        assert one | {"created": ""} == plain | {"created": ""}


def test_a_funder_sees_its_own_column_beside_the_total_and_no_lines(api: Api) -> None:
    stock(api, "janice")
    found = read(api, "janice", f"date={SEPTEMBER}&funder=Organization/exampleshire-council")
    assert found.figures["spent"] == (234_010, 81_425)
    assert found.lines == {}
    assert sum(one[0] or 0 for one in found.payments) == 134_344
    text = asked(api, "janice", f"date={SEPTEMBER}&funder=Organization/exampleshire-council").text
    assert "massage" not in text.lower()


def test_a_part_of_the_period_has_its_own_figures(api: Api) -> None:
    stock(api, "keir")
    found = read(api, "keir", "date=2025-06-30&period=2025-04-01/2025-06-30").figures
    assert found["spent"] == (1_161_690, 1_161_690)
    assert found["paid"] == (1_640_516, 1_640_516)
    assert found["committed"] == (0, 0)
    planned = sum((775_320, 83_267, 91_391, 16_423, 16_500, 6_732, 48_000, 11_800, 239_785, 47_868))
    assert found["allocated"][0] == planned + (found["contingency-allocated"][0] or 0)


def test_after_the_budget_has_ended_its_statement_is_still_the_one_that_is_found(api: Api) -> None:
    stock(api, "olive")
    assert read(api, "olive", "date=2028-01-01").figures["allocated"] == (40_000, 40_000)
    refused(api.get("Patient/olive/$statement?period=2028-01-01"), 404, code="not-found")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("date=2025-02-30", 400),
        ("date=yesterday", 400),
        ("date=0001-01-01", 400),
        ("date=9999-12-31", 400),
        ("date=2025-09-30&date=2025-09-29", 400),
        ("date=2025-09-30T10:00:00Z", 400),
        ("period=2025", 400),
        ("period=2026-03-31/2025-04-01", 400),
        ("period=2025-04-01/", 400),
        ("period=2025-04-01/2025-05-01/2025-06-01", 400),
        ("period=2019-01-01", 404),
        ("period=2019-01-01/2019-12-31", 404),
        ("basis=guess", 400),
        ("funder=exampleshire-icb", 400),
        ("funder=Organization/", 400),
        ("funder=Patient/janice", 400),
        ("funder=Organization/exampleshire-education", 422),
        ("payee=x", 400),
    ],
)
def test_what_cannot_be_meant_is_refused(api: Api, query: str, status: int) -> None:
    stock(api, "janice")
    refused(api.get(f"Patient/janice/$statement?{query}"), status)


def test_other_forms_are_not_to_be_had(api: Api) -> None:
    stock(api, "janice")
    refused(api.get("Patient/janice/$statement", Accept="application/pdf"), 406)
    assert api.get("Patient/janice/$statement?_format=csv").headers["content-type"].startswith("text/csv")


def test_nobody_and_nothing_to_state_are_not_found(api: Api) -> None:
    person = api.person()
    issue = refused(api.get(f"{person}/$statement"), 404, code="not-found")
    assert "no agreed budget" in issue["diagnostics"]
    refused(api.get("Patient/nobody/$statement"), 404, code="not-found")
    refused(api.get("EpisodeOfCare/nobody/$statement"), 404, code="not-found")


def test_a_line_that_does_not_say_who_pays_is_named(api: Api) -> None:
    stock(api, "jackie")
    (budget,) = of("jackie", "agreed-budget")
    line = replace(budget.record.lines[0], split_method="percentage", weights=())
    stocked.put(api.gateway, [_other(replace(budget, record=replace(budget.record, lines=(line,))))])
    issue = refused(api.get("Patient/jackie/$statement?period=2027-10-01"), 422)
    assert "line 1 of Claim/jackie-later" in issue["diagnostics"]


# --- cost -------------------------------------------------------------------------------------------


def test_the_number_of_statements_is_the_same_for_one_payment_and_for_two_hundred(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    run = Session._run

    def counted(session: Session, statement: Any, params: Any) -> Any:
        seen.append(statement.sql(session.dialect)[0])
        return run(session, statement, params)

    stock(api, "janice")
    monkeypatch.setattr(Session, "_run", counted)
    asked(api, "janice", f"date={SEPTEMBER}")
    few = _of_statement(seen)
    monkeypatch.undo()
    stocked.put(api.gateway, _many(200))
    monkeypatch.setattr(Session, "_run", counted)
    seen.clear()
    found = read(api, "janice", f"date={SEPTEMBER}")
    assert found.figures["spent"][0] == 234_010 + 200
    assert _of_statement(seen) == few
    assert 0 < few < 60


def _of_statement(seen: list[str]) -> int:
    """How many read records; the token and the audit row are every request's."""
    return len([one for one in seen if one.lstrip().startswith("SELECT") and "oauth" not in one])


def _many(count: int) -> Iterator[Entry]:
    """So many more payments with their answers, and entries, a penny each."""
    pay = of("janice", "payment")[0]
    (answer,) = [one for one in of("janice", "funder-answer") if one.record.claim_id == pay.id]
    entry = of("janice", "expenditure-entry")[0]
    (item,) = entry.record.lines
    for at in range(count):
        yield replace(pay, id=f"pay-{at}", record=replace(pay.record, payment_id=None, total_pence=1))
        known = replace(answer.record, answer_id=None, claim_id=f"pay-{at}", total_pence=1, paid_pence=1)
        yield replace(answer, id=f"answer-{at}", record=known)
        spent = replace(entry.record, entry_id=None, total_pence=1, lines=(replace(item, amount_pence=1),))
        yield replace(entry, id=f"spent-{at}", record=spent)


def test_of_very_many_payments_those_nearest_to_the_day_are_listed(api: Api) -> None:
    stock(api, "janice")
    stocked.put(api.gateway, _many(400))
    forms = [read(api, "janice", "date=2025-04-01", form) for form in FORMS]
    assert forms[0] == forms[1] == forms[2]
    assert len(forms[0].payments) == 300
    assert "300 of 441 payments" in asked(api, "janice", "date=2025-04-01").text


def test_the_ledgers_are_read_from_their_indexes_alone(api: Api) -> None:
    """The stored texts lie between a row's beginning and its record columns; thousands of them are not passed."""

    def explained(session: Session, statement: Statement) -> str:
        sql, ordered = statement.sql(session.dialect)
        return str(session.driver.execute(f"EXPLAIN QUERY PLAN {sql}", ordered({"person": "x"})).fetchall())

    wanted = {
        "ix_claim_payments": ledger.PAYMENTS,
        "ix_claim_entries": ledger.ENTRIES,
        "ix_claim_response_answers": ledger.ANSWERS,
        "ix_claim_budgets": ledger.BUDGETS,
    }
    for name, statement in wanted.items() if api.gateway.database.dialect == "sqlite" else ():
        plan = api.gateway.database.read(lambda session, one=statement: explained(session, one))  # type: ignore[misc]
        assert f"COVERING INDEX {name}" in plan


def test_a_coordinator_may_be_a_worker_without_a_role(api: Api) -> None:
    stocked.people(api.gateway)
    (case,) = of("janice", "case")
    others = [one for one in FILES["janice"] if one.id != case.id]
    record = replace(case.record, care_coordinator="Practitioner/unknown")
    stocked.put(api.gateway, [*others, replace(case, record=record)])
    (one,) = asked(api, "janice", f"date={SEPTEMBER}").json()["careTeam"]
    assert one["provider"] == {"reference": "Practitioner/unknown"}
