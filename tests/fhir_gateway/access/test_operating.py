"""Who runs which operation, and what it shows them, on both databases (S34; R134, R138)."""

import json
from datetime import date

import pytest

from tests.fhir_gateway.access.case import (
    AUDITOR,
    HOLDER,
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
    system,
)
from tests.fhir_gateway.api import Api, Json, refused

STATEMENT = "Patient/janice/$statement?date=2025-09-30"


def totals(statement: Json) -> dict[str, str]:
    return {one["category"]["coding"][0]["code"]: one["amount"]["value"] for one in statement["total"]}


def payments(statement: Json) -> set[str]:
    """The payments it names."""
    named = (one.get("valueReference", {}).get("reference", "") for one in statement.get("supportingInfo", ()))
    return {one.partition("/_history/")[0] for one in named if one.startswith("Claim/")}


def test_r137_the_person_reads_the_whole_statement(case: Api) -> None:
    mine, whole = janice(case).get(STATEMENT).json(), case.get(STATEMENT).json()
    assert totals(mine) == totals(whole)
    assert len(mine["item"]) == len(whole["item"])


def test_r138_funders_read_totals_at_any_time_and_nothing_of_what_was_bought(case: Api) -> None:
    whole = case.get(STATEMENT).json()
    for asked in (icb(case), council(case)):
        seen = asked.get(STATEMENT).json()
        assert {k: v for k, v in totals(whole).items() if k in totals(seen)} == totals(seen)
        assert "spent" in totals(seen)
        assert payments(whole) > payments(seen)
        assert "related" not in seen
        assert "digest" not in seen["processNote"][-1]["text"]


def test_a_funders_statement_names_its_own_payments_alone(case: Api) -> None:
    assert payments(icb(case).get(STATEMENT).json()) == set()
    of_icb = payments(icb(case).get(f"{STATEMENT}&funder=Organization/{ICB}").json())
    of_council = payments(council(case).get(STATEMENT).json())
    assert "Claim/janice-pay-nhs-1" in of_icb
    assert "Claim/janice-pay-council-1" in of_council
    assert not of_icb & of_council


def test_a_council_sees_its_own_share_beside_the_total(case: Api) -> None:
    seen = council(case).get(STATEMENT).json()
    assert [one["description"] for one in seen["benefitBalance"]] == ["Coverage/janice-council"]
    assert len(icb(case).get(STATEMENT).json()["benefitBalance"]) == 3
    issue = refused(council(case).get(f"{STATEMENT}&funder=Organization/{ICB}"), 403)
    assert "R138" in json.dumps(issue)
    own = icb(case).get(f"{STATEMENT}&funder=Organization/{ICB}").json()
    assert {one["informationSequence"][0] for one in own["item"]}


@pytest.mark.parametrize("accept", ["text/html", "text/csv"])
def test_the_statement_shows_no_more_on_a_page_or_in_a_table(case: Api, accept: str) -> None:
    shown = council(case).get(STATEMENT, Accept=accept)
    assert shown.status_code == 200
    assert "Rosa" not in shown.text
    assert "Physiotherapy" not in shown.text


@pytest.mark.requirement("S34")
def test_a_statement_is_of_budgets_the_asker_may_read(case: Api) -> None:
    with holding(case, kind="responsible", who=f"Organization/{STRANGER}", start=date(2026, 4, 1)):
        later = system(case, "icb", STRANGER)
        assert later.get("Patient/janice").status_code == 200
        refused(later.get(STATEMENT), 404, code="not-found")
        says = refused(later.get("Patient/janice/$statement?date=2026-05-01"), 404, code="not-found")["diagnostics"]
    assert says == "there is no agreed budget yet, so that there is nothing to state"


@pytest.mark.requirement("S34")
def test_a_body_that_left_states_its_own_days_and_none_after(case: Api) -> None:
    ended = {"kind": "funder", "who": f"Organization/{STRANGER}", "start": date(2025, 4, 1), "end": date(2025, 8, 31)}
    with holding(case, **ended):
        former = system(case, "council", STRANGER)
        assert former.get("Patient/janice/$statement?date=2025-09-30").status_code == 404
        assert former.get("Patient/janice/$statement").status_code == 404
        # within its days it is let in, and has no share of this budget to state
        assert former.get("Patient/janice/$statement?date=2025-08-31").status_code == 422


@pytest.mark.parametrize(
    ("role", "organisation"), [("provider", PROVIDER), ("holder", HOLDER), ("privacy-officer", ICB), ("operator", None)]
)
def test_no_statement_for_whom_it_is_not(case: Api, role: str, organisation: str | None) -> None:
    refused(system(case, role, organisation).get(STATEMENT), 403, code="forbidden")


@pytest.mark.requirement("S34")
def test_no_statement_of_a_case_that_is_not_the_askers(case: Api) -> None:
    assert system(case, "auditor", AUDITOR).get(STATEMENT).status_code == 404  # its days are over
    for asked in (system(case, "icb", STRANGER), system(case, "icb", OLD_ICB)):
        foreign = asked.get(STATEMENT)
        assert (foreign.status_code, foreign.text.replace("janice", "nobody")) == (
            404,
            asked.get(STATEMENT.replace("janice", "nobody")).text,
        )


def test_r134_an_entry_is_explained_through_the_gate_alone(case: Api) -> None:
    entry = f"Claim/{max(having('expenditure-entry'))}/$explain"
    assert janice(case).get(entry).status_code == 200
    issue = refused(coordinator(case).get(entry), 403)
    assert "R134" in json.dumps(issue)
    with holding(case, kind="gate", who=f"Organization/{ICB}"):
        assert coordinator(case).get(entry).status_code == 200
    refused(icb(case).get(entry), 403)
    foreign = coordinator(case).get("Claim/dylan-budget/$explain")
    assert foreign.text.replace("dylan", "nobody") == coordinator(case).get("Claim/nobody-budget/$explain").text


def test_a_case_is_checked_as_far_as_it_is_seen(case: Api) -> None:
    assert janice(case).get("Patient/janice/$check").status_code == 200
    told = coordinator(case).get("Patient/janice/$check").text
    assert not any(f"'{one}'" in told for one in having("expenditure-entry"))
    refused(icb(case).get("Patient/janice/$check"), 403)


def test_only_the_person_or_who_speaks_for_them_checks_an_invoice(case: Api) -> None:
    invoice = min(having("payment", payment_kind="invoice"))
    for asked in (icb(case), system(case, "provider", PROVIDER), coordinator(case)):
        refused(asked.post(f"Claim/{invoice}/$confirm", None), 403, code="forbidden")
    assert janice(case).post("Claim/dylan-budget/$confirm", None).status_code == 404
    refused(janice(case, "patient/Claim.rs").post(f"Claim/{invoice}/$confirm", None), 403)
    assert nominee(case).post("Claim/janice-pay-nhs-1/$confirm", None).status_code == 422


def test_payments_are_scheduled_by_whom_the_case_is(case: Api) -> None:
    for asked in (council(case), janice(case)):
        refused(asked.post("Claim/janice-budget/$schedule", None), 403, code="forbidden")
    assert icb(case).post("Claim/dylan-budget/$schedule", None).status_code == 404


def test_a_list_is_reconciled_by_the_body_that_issued_it(case: Api) -> None:
    lists = {one["resource"]["identifier"][0]["value"] for one in council(case).entries("PaymentReconciliation")}
    (name,) = lists
    assert council(case).get(f"PaymentReconciliation/$reconcile?list={name}").status_code == 200
    assert icb(case).found("PaymentReconciliation") == []
    assert icb(case).get(f"PaymentReconciliation/$reconcile?list={name}").status_code == 404
    refused(council(case).get(f"PaymentReconciliation/$reconcile?list={name}&funder=Organization/{ICB}"), 403)
    refused(janice(case).get(f"PaymentReconciliation/$reconcile?list={name}"), 403)


def test_a_body_evaluates_measures_of_its_own(case: Api) -> None:
    asked = "Measure/$evaluate-measure?periodStart=2025-04-01&periodEnd=2026-03-31&measure=K1"
    refused(icb(case).get(f"{asked}&reporter=Organization/{OLD_ICB}"), 403)
    refused(janice(case).get(asked), 403)
    own, named = icb(case).get(asked), case.get(f"{asked}&reporter=Organization/{ICB}")
    assert own.status_code == named.status_code
    if own.status_code == 200:
        assert own.json()["group"] == named.json()["group"]


def test_a_provider_submits_its_own_invoices_alone(case: Api) -> None:
    invoice = case.get(f"Claim/{min(having('payment', provider=f'Organization/{PROVIDER}'))}").json()
    tree = {name: value for name, value in invoice.items() if name not in ("id", "meta")}
    before = case.changes()
    other = {**tree, "provider": {"reference": f"Organization/{STRANGER}"}}
    refused(system(case, "provider", PROVIDER).post("Claim/$submit", other), 403, code="forbidden")
    asking = {**other, "use": "predetermination"}
    refused(system(case, "provider", PROVIDER).post("Claim/$submit", asking), 403, code="forbidden")
    foreign = {**tree, "id": "dylan-budget"}
    assert system(case, "provider", PROVIDER).post("Claim/$submit", foreign).status_code == 404
    refused(system(case, "auditor", AUDITOR).post("Claim/$submit", tree), 403, code="forbidden")
    assert case.changes() == before
