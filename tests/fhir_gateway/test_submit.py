"""$submit over HTTP: predetermination, agreement of a budget, drawdown; what is refused stores nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from mappings.account import PaymentArrangement
from mappings.budget import IndicativeBudget
from mappings.decision import Decision
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.lens import document
from mappings.payment import Payment
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.submitted_world import (
    CONTINGENCY,
    PERSON,
    START,
    THERAPY,
    TRANSPORT,
    VISITS,
    benefits,
    bill,
    budget,
    decision,
    insured,
    invoice,
    item,
    lines,
    plan,
    resources,
    rules,
    total,
    transaction,
    tree,
    world,
)

Json = Any
SUBMIT = "Claim/$submit"
BODIES = ("icb", "council")


def put_in(api: Api, **changed: Any) -> None:
    reply = api.post("/fhir", transaction(world(**changed)))
    assert reply.status_code == 200, reply.text


def stored(api: Api, place: str) -> Json:
    """The resource as it stands, number text and all."""
    return document.parse(api.get(place).content)


def agreed(api: Api, **changed: Any) -> None:
    """The budget submitted, approved by both bodies and so agreed."""
    put_in(api, **changed)
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    for body in BODIES:
        assert api.post("Task", tree(decision(body))).status_code == 201
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))


def status_of(claim: Json, name: str = "phb-payment-status") -> str:
    return str(next(one["valueCode"] for one in claim["extension"] if one["url"].endswith(name)))


def broken(reply: Any) -> set[tuple[str, str]]:
    """Rule and element of each issue of a refusal."""
    assert reply.status_code == 422, reply.text
    found = [one for one in reply.json()["issue"] if one["severity"] == "error"]
    return {(_rule(one), one.get("expression", [""])[0]) for one in found}


def _rule(issue: Json) -> str:
    return str(issue["details"]["coding"][0]["code"]) if "details" in issue else ""


# --- agreement of a budget --------------------------------------------------------------------------


def test_a_submitted_budget_asks_each_funder_once_and_waits(api: Api) -> None:
    put_in(api)
    first = api.post(SUBMIT, stored(api, "Claim/budget"))
    assert status_of(resources(first, "Claim")[0], "phb-budget-status") == "submitted"
    assert [one["outcome"] for one in resources(first, "ClaimResponse")] == ["queued", "queued"]
    tasks = resources(first, "Task")
    assert {one["owner"]["reference"] for one in tasks} == {"Organization/icb", "Organization/council"}
    assert all(one["status"] == "requested" and one["restriction"]["period"]["end"] for one in tasks)
    before = api.changes()
    again = api.post(SUBMIT, stored(api, "Claim/budget"))
    assert resources(again) == resources(first)
    assert api.changes() == before


def test_the_budget_is_agreed_when_every_funder_has_approved(api: Api) -> None:
    put_in(api)
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    api.made(tree(decision("icb")))
    half = api.post(SUBMIT, stored(api, "Claim/budget"))
    assert sorted(one["outcome"] for one in resources(half, "ClaimResponse")) == ["complete", "queued"]
    assert status_of(resources(half, "Claim")[0], "phb-budget-status") == "submitted"
    api.made(tree(decision("council")))
    whole = api.post(SUBMIT, stored(api, "Claim/budget"))
    (claim,) = resources(whole, "Claim")
    assert status_of(claim, "phb-budget-status") == "agreed"
    answers = {one["insurer"]["reference"]: one for one in resources(whole, "ClaimResponse")}
    assert benefits(answers["Organization/icb"]) == [(1, Decimal("8567.50")), (3, Decimal("50.00"))]
    assert benefits(answers["Organization/council"]) == [
        (1, Decimal("6332.50")),
        (2, Decimal("600.00")),
        (3, Decimal("50.00")),
    ]
    assert sum(total(one) for one in answers.values()) == Decimal(THERAPY * VISITS + TRANSPORT + CONTINGENCY) / 100
    assert [one["preAuthRef"] for one in claim["insurance"]] == [["BUD-1/1/icb"], ["BUD-1/1/council"]]
    before = api.changes()
    assert resources(api.post(SUBMIT, stored(api, "Claim/budget"))) == resources(whole)
    assert api.changes() == before


@pytest.mark.parametrize("outcome", ["declined", "approved-in-part"])
def test_a_budget_that_one_funder_does_not_approve_is_not_agreed(api: Api, outcome: str) -> None:
    put_in(api)
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    api.made(tree(decision("icb")))
    api.made(tree(decision("council", outcome=outcome, alternatives="A class at the centre")))
    reply = api.post(SUBMIT, stored(api, "Claim/budget"))
    (claim,) = resources(reply, "Claim")
    assert status_of(claim, "phb-budget-status") == "submitted"
    council = resources(reply, "ClaimResponse")[1]
    assert council["outcome"] == "complete"
    assert council["disposition"] == outcome.replace("-", " ").capitalize()
    assert "preAuthRef" not in council


def test_a_decision_taken_but_not_told_is_waited_for(api: Api) -> None:
    put_in(api)
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    for body in BODIES:
        api.made(tree(decision(body, decision_status="decided", communicated_on=None)))
    reply = api.post(SUBMIT, stored(api, "Claim/budget"))
    assert {one["outcome"] for one in resources(reply, "ClaimResponse")} == {"queued"}
    assert {one["status"] for one in resources(reply, "Task")} == {"completed"}


def test_a_budget_whose_plan_may_not_be_agreed_stays_submitted_and_says_what_is_missing(api: Api) -> None:
    put_in(api, plan=plan(agreements=()))
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    for body in BODIES:
        api.made(tree(decision(body)))
    reply = api.post(SUBMIT, stored(api, "Claim/budget"))
    assert status_of(resources(reply, "Claim")[0], "phb-budget-status") == "submitted"
    (outcome,) = resources(reply, "OperationOutcome")
    assert {_rule(one) for one in outcome["issue"]} == {"R59"}


def test_an_approval_above_the_limit_is_refused(api: Api) -> None:
    put_in(api)
    resources(api.post(SUBMIT, stored(api, "Claim/budget")))
    role = stored(api, "PractitionerRole/decider-council")
    (authority,) = role["extension"]
    authority["extension"].insert(0, {"url": "limit", "valueMoney": {"value": 1, "currency": "GBP"}})
    assert api.put("PractitionerRole/decider-council", role).status_code == 200
    assert ("R145", "Task.owner") in broken(api.post("Task", tree(decision("council"))))


def test_a_new_budget_is_given_an_id(api: Api) -> None:
    put_in(api)
    reply = api.post(SUBMIT, tree(budget(budget_id="BUD-2")))
    (claim,) = resources(reply, "Claim")
    assert claim["id"] != "budget"
    assert {one["focus"]["reference"] for one in resources(reply, "Task")} == {f"Claim/{claim['id']}"}


def test_a_budget_that_is_over_is_not_submitted(api: Api) -> None:
    put_in(api, budget=budget(budget_status="declined", status="cancelled"))
    sent = tree(budget(), "budget") | {"meta": {"versionId": "1"}}
    assert broken(api.post(SUBMIT, sent)) == {("R157", "Claim.extension")}


# --- drawing down -----------------------------------------------------------------------------------


def test_a_payment_is_authorised_and_shared_by_the_penny(api: Api) -> None:
    agreed(api)
    paid: dict[str, Decimal] = {}
    for at in range(VISITS):
        reply = api.post(SUBMIT, invoice(invoice_no=f"INV-{at}"))
        (claim,) = resources(reply, "Claim")
        assert status_of(claim) == "authorised"
        for one in resources(reply, "ClaimResponse"):
            assert one["outcome"] == "complete"
            assert one["request"]["reference"] == f"Claim/{claim['id']}"
            paid[one["insurer"]["reference"]] = paid.get(one["insurer"]["reference"], Decimal(0)) + total(one)
    assert paid == {"Organization/icb": Decimal("8567.50"), "Organization/council": Decimal("6332.50")}
    before = api.changes()
    assert broken(api.post(SUBMIT, invoice(100, invoice_no="ONE-MORE"))) == {("R99", "Claim.item[0]")}
    assert api.changes() == before


def test_an_answer_cites_the_part_of_the_plan(api: Api) -> None:
    agreed(api)
    (answer, _) = resources(api.post(SUBMIT, invoice()), "ClaimResponse")
    (row,) = answer["item"]
    assert row["extension"][0]["valueReference"]["reference"] == "Claim/budget#item-1"


def test_lines_that_cannot_be_paid_get_nothing_and_say_by_which_rule(api: Api) -> None:
    agreed(api)
    asked = bill(lines=(item(1, 1, THERAPY), item(2, 9, 5_000), item(3, 2, TRANSPORT + 1)))
    reply = api.post(SUBMIT, tree(replace(asked, total_pence=THERAPY + 5_000 + TRANSPORT + 1)))
    (claim,) = resources(reply, "Claim")
    assert [str(one["net"]["value"]) for one in claim["item"]] == ["745.0", "0.0", "0.0"]
    answers = resources(reply, "ClaimResponse")
    assert {one["outcome"] for one in answers} == {"partial"}
    assert rules(answers[0]) == [(2, "R66"), (3, "R99")]
    assert [one["text"].split(" ")[1] for one in answers[0]["processNote"]] == ["2", "3"]


def test_a_claim_of_which_nothing_can_be_paid_is_refused_line_by_line(api: Api) -> None:
    agreed(api)
    before = api.changes()
    asked = bill(10_000, lines=(item(1, 9, 5_000), item(2, 1, 5_000, start=date(2027, 1, 1), end=date(2027, 1, 2))))
    assert broken(api.post(SUBMIT, tree(asked))) == {("R66", "Claim.item[0]"), ("R100", "Claim.item[1]")}
    assert api.changes() == before


def test_submitting_the_same_claim_again_draws_nothing(api: Api) -> None:
    agreed(api)
    first = resources(api.post(SUBMIT, tree(bill(), "visit")))
    before = api.changes()
    assert resources(api.post(SUBMIT, stored(api, "Claim/visit"))) == first
    assert resources(api.post(SUBMIT, tree(bill(), "visit"))) == first
    assert api.changes() == before


def test_a_claim_with_another_amount_takes_the_place_of_the_one_before(api: Api) -> None:
    agreed(api)
    first = resources(api.post(SUBMIT, tree(bill(THERAPY * VISITS), "visit")))
    smaller = tree(bill(), "visit") | {"meta": {"versionId": first[0]["meta"]["versionId"]}}
    reply = api.post(SUBMIT, smaller)
    assert [one["id"] for one in resources(reply)] == [one["id"] for one in first]
    assert [total(one) for one in resources(reply, "ClaimResponse")] == [Decimal("428.38"), Decimal("316.62")]
    assert resources(api.post(SUBMIT, invoice(THERAPY * (VISITS - 1), invoice_no="THE-REST")))


def test_a_changed_claim_says_which_version_it_replaces(api: Api) -> None:
    agreed(api)
    resources(api.post(SUBMIT, tree(bill(), "visit")))
    refused(api.post(SUBMIT, tree(bill(100), "visit")), 428)
    refused(api.post(SUBMIT, tree(bill(100), "visit") | {"meta": {"versionId": "7"}}), 412)


def test_a_scheduled_payment_is_due_before_it_is_authorised(api: Api) -> None:
    agreed(api)
    api.put("Claim/visit", tree(bill(payment_status="scheduled"), "visit"))
    reply = api.post(SUBMIT, stored(api, "Claim/visit"))
    assert status_of(resources(reply, "Claim")[0]) == "authorised"
    assert [status_of(stored(api, f"Claim/visit/_history/{at}")) for at in (1, 2, 3)] == [
        "scheduled",
        "due",
        "authorised",
    ]


def test_an_invoice_that_the_person_checks_waits_for_that(api: Api) -> None:
    agreed(api)
    arrangement = made(
        PaymentArrangement,
        person_id=PERSON,
        status="active",
        management_option="notional",
        start=START,
        coverage_ids=("nhs", "la"),
        commissioner="icb",
        choice_offered="Which therapist",
        person_checks_invoices=True,
    )
    api.made(tree(arrangement))
    reply = api.post(SUBMIT, invoice())
    (claim,) = resources(reply, "Claim")
    assert status_of(claim) == "due"
    assert claim["item"][0]["extension"][-1]["valueCode"] == "awaiting-person"
    assert {one["outcome"] for one in resources(reply, "ClaimResponse")} == {"queued"}
    sent = stored(api, f"Claim/{claim['id']}")
    sent["item"][0]["extension"][-1]["valueCode"] = "confirmed"
    again = api.post(SUBMIT, sent)
    assert status_of(resources(again, "Claim")[0]) == "authorised"
    assert {one["outcome"] for one in resources(again, "ClaimResponse")} == {"complete"}
    assert len(api.found(f"ClaimResponse?request=Claim/{claim['id']}")) == 2


def release(**known: Any) -> Payment:
    """A release of contingency to the provider, as notional contingency is."""
    asked = item(1, 3, 4_000, management_option="notional")
    return bill(4_000, **{"payment_kind": "contingency-release", "lines": (asked,)} | known)


def approval_of_release(body: str, about: str) -> Decision:
    return decision(body, decision_subject="contingency-release", about=about)


def test_contingency_is_released_when_the_funders_decide(api: Api) -> None:
    agreed(api, plan=plan(plan_status="agreed", status="active"))
    sent = tree(release(), "release")
    reply = api.post(SUBMIT, sent)
    assert status_of(resources(reply, "Claim")[0]) == "due"
    assert len(resources(reply, "Task")) == 2
    again = api.post(SUBMIT, stored(api, "Claim/release"))
    assert resources(again, "Task") == resources(reply, "Task")
    for body in BODIES:
        api.made(tree(approval_of_release(body, "Claim/release")))
    done = api.post(SUBMIT, stored(api, "Claim/release"))
    assert status_of(resources(done, "Claim")[0]) == "authorised"
    assert {total(one) for one in resources(done, "ClaimResponse")} == {Decimal("20.00")}


def test_a_declined_release_is_not_paid(api: Api) -> None:
    agreed(api, plan=plan(plan_status="agreed", status="active"))
    resources(api.post(SUBMIT, tree(release(), "release")))
    for body in BODIES:
        told = approval_of_release(body, "Claim/release")
        api.made(tree(replace(told, outcome="declined", alternatives="Use the class")))
    for open_one in api.found("Task?status=requested"):
        task = stored(api, f"Task/{open_one}") | {"status": "cancelled"}
        assert api.put(f"Task/{open_one}", task, If_Match=f'W/"{task["meta"]["versionId"]}"').status_code == 200
    assert broken(api.post(SUBMIT, stored(api, "Claim/release"))) == {("R74", "Claim.item[0]")}


# --- entries of the holder's ledger -----------------------------------------------------------------


def spent(*bought: ExpenditureLine) -> Json:
    entry = made(
        ExpenditureEntry,
        person_id=PERSON,
        status="active",
        created=date(2025, 5, 9),
        provider="PractitionerRole/mira",
        insurer_id="icb",
        insurance=insured("nhs", "la"),
        expenditure_status="recorded",
        pays_against_id="budget",
        payee_kind="other",
        payee_name="A shop",
        total_pence=sum(one.amount_pence or 0 for one in bought),
        lines=bought,
    )
    return tree(entry)


def bought(sequence: int, no: int | None, amount: int, **known: Any) -> ExpenditureLine:
    usual: dict[str, Any] = {"description": "Something", "spent_on": date(2025, 5, 9)}
    return made(ExpenditureLine, sequence=sequence, budget_line=no, amount_pence=amount, **usual | known)


def test_an_entry_is_shared_by_what_was_spent_before_it(api: Api) -> None:
    agreed(api)
    first = resources(api.post(SUBMIT, spent(bought(1, 1, 1))), "ClaimResponse")
    second = resources(api.post(SUBMIT, spent(bought(1, 1, 1))), "ClaimResponse")
    assert [total(one) for one in first] == [Decimal("0.01"), Decimal(0)]
    assert [total(one) for one in second] == [Decimal(0), Decimal("0.01")]
    labels = first[0]["meta"]["security"]
    assert labels[0]["code"] == "R"


def test_an_entry_outside_the_plan_is_stored_and_borne_by_nobody(api: Api) -> None:
    agreed(api)
    reply = api.post(SUBMIT, spent(bought(1, 1, 500), bought(2, None, 900), bought(3, 1, 700, exclusion="gambling")))
    (claim,) = resources(reply, "Claim")
    assert status_of(claim, "phb-expenditure-status") == "disallowed"
    answers = resources(reply, "ClaimResponse")
    assert {one["outcome"] for one in answers} == {"partial"}
    assert rules(answers[0]) == [(2, "R66"), (3, "R64")]
    assert sum(total(one) for one in answers) == Decimal("5.00")


# --- predetermination -------------------------------------------------------------------------------


def asked(sent: Json) -> Json:
    return sent | {"use": "predetermination"}


def test_a_predetermination_answers_and_changes_nothing(api: Api) -> None:
    agreed(api)
    before = api.changes()
    reply = api.post(SUBMIT, asked(invoice()))
    answers = resources(reply, "ClaimResponse")
    assert [total(one) for one in answers] == [Decimal("428.38"), Decimal("316.62")]
    assert {one["use"] for one in answers} == {"predetermination"}
    assert all("id" not in one and "request" not in one for one in answers)
    assert api.changes() == before


def test_a_predetermination_says_by_which_rule_it_would_not_be_paid(api: Api) -> None:
    agreed(api)
    resources(api.post(SUBMIT, invoice(invoice_no="INV-1")))
    before = api.changes()
    twice = api.post(SUBMIT, asked(invoice(invoice_no="INV-1")))
    assert [rules(one) for one in resources(twice, "ClaimResponse")] == [[(1, "R102")], [(1, "R102")]]
    beyond = api.post(SUBMIT, asked(invoice(THERAPY * VISITS)))
    assert [rules(one) for one in resources(beyond, "ClaimResponse")] == [[(1, "R99")], [(1, "R99")]]
    assert {one["disposition"] for one in resources(beyond, "ClaimResponse")} == {"Declined"}
    assert api.changes() == before


def test_what_is_predetermined_is_then_paid(api: Api) -> None:
    agreed(api)
    told = resources(api.post(SUBMIT, asked(invoice())), "ClaimResponse")
    done = resources(api.post(SUBMIT, invoice()), "ClaimResponse")
    assert [benefits(one) for one in told] == [benefits(one) for one in done]


def test_an_entry_is_predetermined(api: Api) -> None:
    agreed(api)
    before = api.changes()
    answers = resources(api.post(SUBMIT, asked(spent(bought(1, 1, 200), bought(2, None, 5)))), "ClaimResponse")
    assert sum(total(one) for one in answers) == Decimal("2.00")
    assert rules(answers[0]) == [(2, "R66")]
    assert api.changes() == before


def test_an_indicative_budget_is_predetermined_by_funder(api: Api) -> None:
    put_in(api)
    found = {name: getattr(budget(), name) for name in budget().__dataclass_fields__ if name in FIELDS}
    estimate = made(IndicativeBudget, **found | {"budget_status": "draft", "budget_id": "IND-1"})
    before = api.changes()
    answers = resources(api.post(SUBMIT, tree(estimate)), "ClaimResponse")
    assert [total(one) for one in answers] == [Decimal("8617.50"), Decimal("6982.50")]
    excluded = replace(
        estimate, lines=(*lines()[:2], replace(lines()[2], category="other-agreed", flags=(), exclusion="alcohol"))
    )
    told = resources(api.post(SUBMIT, tree(excluded)), "ClaimResponse")
    assert rules(told[0]) == [(3, "R63")]
    assert api.changes() == before


FIELDS = frozenset(IndicativeBudget.__dataclass_fields__)


def test_a_predetermination_of_a_stored_claim_leaves_it_as_it_is(api: Api) -> None:
    agreed(api)
    api.put("Claim/visit", tree(bill(payment_status="scheduled"), "visit"))
    before = api.changes()
    answers = resources(api.post(SUBMIT, asked(stored(api, "Claim/visit"))), "ClaimResponse")
    assert {one["disposition"] for one in answers} == {"Approved"}
    assert {one["request"]["reference"] for one in answers} == {"Claim/visit"}
    assert api.changes() == before


# --- Bundles and what is taken ----------------------------------------------------------------------


def bundle(*claims: Json, kind: str = "collection") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in claims]}


def test_the_claims_of_a_bundle_are_taken_together_or_not_at_all(api: Api) -> None:
    agreed(api)
    reply = api.post(SUBMIT, bundle(*(invoice(invoice_no=f"INV-{at}") for at in range(3))))
    assert len(resources(reply, "Claim")) == 3
    assert len(resources(reply, "ClaimResponse")) == 6
    before = api.changes()
    beyond = api.post(SUBMIT, bundle(invoice(invoice_no="A"), invoice(THERAPY * VISITS, invoice_no="B"), kind="batch"))
    assert broken(beyond) == {("R99", "Bundle.entry[1].resource.item[0]")}
    assert api.changes() == before


def test_a_claim_may_come_in_parameters(api: Api) -> None:
    agreed(api)
    sent = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": invoice()}]}
    assert len(resources(api.post(SUBMIT, sent), "ClaimResponse")) == 2


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "transaction", "entry": []},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient"}}]},
    ],
)
def test_what_is_no_claim_is_refused(api: Api, sent: Json) -> None:
    reply = api.post(SUBMIT, sent)
    assert reply.status_code == 400, reply.text


@pytest.mark.parametrize(
    ("sent", "element"),
    [
        (lambda: invoice() | {"use": "preauthorization"}, "Claim.use"),
        (lambda: invoice() | {"status": "cancelled"}, "Claim.status"),
        (lambda: invoice(payment_kind="recovery"), "Claim.subType"),
        (lambda: {name: value for name, value in invoice().items() if name != "item"}, "Claim.item"),
        (lambda: invoice() | {"patient": {"display": "Somebody"}}, "Claim.patient"),
        (lambda: invoice(insurance=insured("nhs", "nobody")), "Claim.insurance[1].coverage.reference"),
        (lambda: tree(budget()) | {"use": "claim"}, "Claim.use"),
    ],
)
def test_what_cannot_be_submitted_is_refused(api: Api, sent: Callable[[], Json], element: str) -> None:
    agreed(api)
    before = api.changes()
    refused(api.post(SUBMIT, sent()), 422, expression=element)
    assert api.changes() == before


def test_a_payment_that_moved_already_is_not_submitted(api: Api) -> None:
    agreed(api)
    assert broken(api.post(SUBMIT, invoice(payment_status="paid"))) == {("R94", "Claim.extension")}


def test_whoever_may_not_write_claims_may_not_submit_one(api: Api) -> None:
    agreed(api)
    before = api.changes()
    reader = api.client("system/*.rs")
    for sent in (invoice(), asked(invoice())):
        refused(reader.post(SUBMIT, sent), 403)
    other = api.client("system/Claim.cud?patient=someone-else system/*.rs")
    refused(other.post(SUBMIT, asked(invoice())), 403)
    assert api.changes() == before


def test_a_submission_sent_again_under_its_request_id_draws_once(api: Api) -> None:
    agreed(api)
    told = {"X_Request_ID": "3f0e1c5a-9d0b-4c6e-8a51-6f6f8a1f2b10"}
    first = api.post(SUBMIT, invoice(), **told)
    before = api.changes()
    again = api.post(SUBMIT, invoice(), **told)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert api.changes() == before
