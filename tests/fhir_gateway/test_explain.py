"""$explain over HTTP: from a payment to budget line, plan, rules, decisions, confirmation and answers, in that order.

Source: FHIR R4 documents.html; rules R103, R141.
"""

import re
from dataclasses import replace
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import Entry, made
from mappings.claim_response import AnsweredLine
from mappings.lens import shape
from mappings.lens.document import parse
from mappings.namespaces import code_system
from tests.fhir_gateway import stocked
from tests.fhir_gateway.api import FHIR, Api, refused
from tests.fhir_gateway.demo.people import of

STEPS: Final = ["payment", "budget", "plan", "rules", "decisions", "confirmation", "answers"]


def explained(api: Api, claim: str) -> Any:
    """The document, checked as one."""
    reply = api.get(f"Claim/{claim}/$explain")
    assert reply.status_code == 200, reply.text
    shape.judge(parse(reply.content), expected_type="Bundle")
    return reply.json()


def words(bundle: Any) -> dict[str, str]:
    """The words of each section by its code."""
    sections = bundle["entry"][0]["resource"]["section"]
    return {one["code"]["text"]: re.sub("<[^>]+>", " ", one["text"]["div"]) for one in sections}


def test_it_is_a_document_whose_parts_are_all_there(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    bundle = explained(api, "janice-pay-physio-1")
    assert bundle["type"] == "document"
    assert bundle["identifier"]["value"].startswith("urn:uuid:")
    assert bundle["timestamp"]
    first, *rest = bundle["entry"]
    assert [one["code"]["text"] for one in first["resource"]["section"]] == STEPS
    there = {one["fullUrl"].removeprefix(f"{FHIR}/") for one in rest}
    named = {one["reference"] for step in first["resource"]["section"] for one in step.get("entry", ())}
    assert named | {"Patient/janice"} == there
    assert {"Claim/janice-pay-physio-1", "Claim/janice-budget", "CarePlan/janice-plan"} <= there


def test_an_invoice_is_walked_to_its_reasons(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    found = words(explained(api, "janice-pay-physio-1"))
    assert "Invoice of £124.80, paid." in found["payment"]
    assert "Version 1 of the agreed budget, active" in found["budget"]
    assert "Line 4, Pain physiotherapy: £624.00, held as notional." in found["budget"]
    assert "Janice" in found["plan"]
    assert "Outcome: " in found["plan"]
    assert "No rule warned about it." in found["rules"]
    assert "Agreed budget: approved on 2025-03-20." in found["decisions"]
    assert "Decided by " in found["decisions"]
    assert "Pain physiotherapy, two visits: confirmed." in found["confirmation"]
    assert "written by council-sync" in found["confirmation"]
    assert "bears £124.80; £124.80 moved on 2025-06-30." in found["answers"]
    assert "agreed to bear £624.00 of the lines it comes from." in found["answers"]


def test_an_instalment_is_for_the_budget_as_a_whole(api: Api) -> None:
    stocked.people(api.gateway, "rowan")
    found = words(explained(api, "rowan-pay-nhs-1"))
    assert "for the budget as a whole" in found["budget"]
    assert "asks for no confirmation" in found["confirmation"]
    assert "agreed to bear £14,780.21 of the budget." in found["answers"]


def test_an_expenditure_is_explained_too(api: Api) -> None:
    stocked.people(api.gateway, "keir")
    found = words(explained(api, "keir-spent-1"))
    assert "Expenditure of £165.00, accepted." in found["payment"]
    assert "Line 5" in found["budget"]
    assert "no funder has answered" in found["answers"]


def test_the_rules_that_warned_and_those_an_answer_cites_are_named(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    payment = next(one for one in of("janice", "payment") if one.id == "janice-pay-physio-1")
    (answer,) = [one for one in of("janice", "funder-answer") if one.record.claim_id == payment.id]
    line = made(AnsweredLine, line_no=1, amount_pence=1, rule="R99", plan_element="Claim/janice-budget")
    _flagged(api, payment)
    cited = replace(
        answer, id="cited", record=replace(answer.record, answer_id=None, claim_id="flagged", lines=(line,))
    )
    stocked.put(api.gateway, [cited])
    found = words(explained(api, "flagged"))
    assert "Warning by R92: paid late" in found["rules"]
    assert "R99: " in found["rules"]
    assert "held against Claim/janice-budget" in found["rules"]
    assert "No rule warned" not in found["rules"]


def _flagged(api: Api, payment: Entry) -> None:
    """The payment again, with the flag of a rule."""
    flag = {"system": code_system("phb-rule"), "code": "R92", "display": "paid late"}

    class Flagged(Entry):
        def resource(self) -> Any:
            tree = super().resource()
            return {**tree, "meta": {"tag": [flag]}}

    stocked.put(api.gateway, [Flagged("flagged", payment.mapping, replace(payment.record, payment_id=None))])


def test_each_change_of_the_person_s_check_is_told_with_its_version(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    waiting = api.get("Claim/janice-pay-physio-3")
    changed = waiting.text.replace('"awaiting-person"', '"confirmed"')
    reply = api.put("Claim/janice-pay-physio-3", changed, If_Match='W/"1"')
    assert reply.status_code == 200, reply.text
    found = words(explained(api, "janice-pay-physio-3"))["confirmation"]
    assert found.index("in version 1") < found.index("in version 2")
    assert "confirmed" in found


def test_a_payment_that_names_no_budget_and_no_plan_says_so(api: Api) -> None:
    stocked.people(api.gateway, "jackie")
    payment = of("jackie", "payment")[0]
    alone = replace(payment.record, payment_id=None, pays_against_id=None)
    stocked.put(api.gateway, [replace(payment, id="alone", record=alone)])
    found = words(explained(api, "alone"))
    assert "names no agreed budget" in found["budget"]
    assert "No plan is known" in found["plan"]
    assert "no funder has answered" in found["answers"]


def test_the_page_says_the_same_in_order_and_escapes_it(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    payment = of("janice", "payment")[0]
    line = replace(payment.record.lines[0], description="<b>bold</b>")
    stocked.put(
        api.gateway, [replace(payment, id="bold", record=replace(payment.record, payment_id=None, lines=(line,)))]
    )
    reply = api.get("Claim/bold/$explain", Accept="text/html")
    page = reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert re.findall(r'<h2 id="(\w+)">', page) == STEPS
    assert "<b>bold" not in page
    assert "&lt;b&gt;bold" in page
    bundle = explained(api, "bold")
    assert "&lt;b&gt;bold" in bundle["entry"][0]["resource"]["section"][0]["text"]["div"]


@pytest.mark.parametrize(("claim", "status"), [("janice-budget", 422), ("janice-indicative", 422), ("nobody", 404)])
def test_only_payments_and_expenditures_are_explained(api: Api, claim: str, status: int) -> None:
    stocked.people(api.gateway, "janice")
    refused(api.get(f"Claim/{claim}/$explain"), status)


def test_it_needs_every_record_it_tells_of(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    refused(api.client("system/Claim.r system/CarePlan.r").get("Claim/janice-pay-nhs-1/$explain"), 403)
    refused(api.get("Claim/janice-pay-nhs-1/$explain", Accept="text/csv"), 406)


def test_parts_that_ask_for_no_check_and_decisions_of_nobody_are_passed_over(api: Api) -> None:
    stocked.people(api.gateway, "janice")
    payment = next(one for one in of("janice", "payment") if one.id == "janice-pay-physio-1")
    (checked,) = payment.record.lines
    other = replace(checked, sequence=2, description="Towels", invoice_check=None)
    stocked.put(api.gateway, [replace(payment, id="two", record=replace(payment.record, lines=(checked, other)))])
    answer = next(one for one in of("janice", "funder-answer") if one.record.claim_id == payment.id)
    plain = made(AnsweredLine, line_no=1, amount_pence=1)
    known = replace(answer.record, answer_id=None, claim_id="two", lines=(plain,))
    stocked.put(api.gateway, [replace(answer, id="two-answered", record=known)])
    decision = next(one for one in of("janice", "decision") if one.record.about == "Claim/janice-budget")
    nobody = replace(decision.record, task_id=None, owner=None, about="Claim/two", rationale=None)
    stocked.put(api.gateway, [replace(decision, id="nobody", record=nobody)])
    bundle = explained(api, "two")
    assert "Towels: " not in words(bundle)["confirmation"]
    assert "Towels: £" in words(bundle)["payment"]
    assert "Task/nobody" in [one["fullUrl"].removeprefix(f"{FHIR}/") for one in bundle["entry"]]
