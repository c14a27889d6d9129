"""Claim: four kinds of record told apart, money exact, what is not ours left alone."""

from copy import deepcopy

import pytest

from mappings.budget import AgreedBudget, IndicativeBudget
from mappings.claim import TYPE
from mappings.expenditure import ExpenditureEntry
from mappings.lens import document
from mappings.lens.document import Json, Tree
from mappings.lens.errors import Unprocessable
from mappings.namespaces import code_system, extension_url
from mappings.payment import Payment


def claim(claim_type: str, use: str, **elements: Json) -> Tree:
    """A Claim of one code of `phb-claim-type`, with the elements R4 asks for."""
    return {
        "resourceType": "Claim",
        "status": "active",
        "type": {"coding": [{"system": code_system("phb-claim-type"), "code": claim_type}]},
        "use": use,
        "patient": {"reference": "Patient/jackie"},
        "created": "2025-04-01",
        "provider": {"reference": "Organization/example-icb"},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/jackie-nhs"}}],
        **elements,
    }


def payment(**elements: Json) -> Tree:
    kind = {"coding": [{"system": code_system("phb-payment-kind"), "code": "instalment"}]}
    return claim("phb-payment", "claim", subType=kind, **elements)


def amount(text: str, currency: str = "GBP") -> Tree:
    return document.parse(f'{{"value": {text}, "currency": "{currency}"}}'.encode())


def refusal_of(tree: Tree) -> list[tuple[str, str, str]]:
    with pytest.raises(Unprocessable) as caught:
        TYPE.derive(tree)
    return [(one.expression, one.code, one.diagnostics) for one in caught.value.issues]


def test_type_and_use_tell_the_four_kinds_apart() -> None:
    said = {
        "indicative-budget": (claim("phb-budget", "predetermination"), IndicativeBudget),
        "agreed-budget": (claim("phb-budget", "preauthorization"), AgreedBudget),
        "payment": (payment(), Payment),
        "expenditure-entry": (claim("phb-expenditure", "claim"), ExpenditureEntry),
    }
    for kind, (tree, record) in said.items():
        derived, made = TYPE.derive(tree)
        assert (derived, type(made)) == (kind, record)


def test_a_claim_of_another_type_is_claimed_by_nobody() -> None:
    foreign = claim("phb-payment", "claim", total=amount("100.005", "EUR"))
    foreign["type"] = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "oral"}]}
    assert TYPE.derive(foreign) == ("", None)


def test_a_type_of_our_list_that_it_does_not_know_is_refused_and_the_list_named() -> None:
    faults = refusal_of(claim("phb-gift", "preauthorization"))
    assert ("Claim.type", "code-invalid", "the code is not in phb-claim-type") in faults


def test_a_budget_with_the_use_of_a_payment_is_refused_and_not_foreign() -> None:
    assert refusal_of(claim("phb-budget", "claim")) == [("Claim.use", "value", "`preauthorization` is expected here")]


def test_a_payment_with_the_use_of_a_budget_is_refused_and_not_foreign() -> None:
    tree = payment() | {"use": "preauthorization"}
    assert refusal_of(tree) == [("Claim.use", "value", "`claim` is expected here")]


def test_a_payment_without_its_kind_is_refused() -> None:
    assert refusal_of(claim("phb-payment", "claim")) == [
        ("Claim.subType", "required", "payment kind is missing"),
    ]


def test_three_decimals_are_refused() -> None:
    faults = refusal_of(payment(total=amount("249.325")))
    assert faults == [("Claim.total", "value", "an amount has at most two decimals")]


def test_another_currency_is_refused_on_our_own_records() -> None:
    assert refusal_of(payment(total=amount("249.32", "EUR"))) == [("Claim.total", "value", "amounts are in GBP")]


def test_a_line_category_outside_its_list_is_refused_at_its_line() -> None:
    fine = {"sequence": 1, "productOrService": {"text": "Wages"}}
    odd = fine | {"sequence": 2, "category": {"coding": [{"system": code_system("phb-line-category"), "code": "beer"}]}}
    faults = refusal_of(claim("phb-budget", "preauthorization", item=[fine, odd]))
    assert faults == [("Claim.item[1].category", "code-invalid", "the code is not in phb-line-category")]


def test_a_status_outside_its_list_is_refused_at_the_extension() -> None:
    odd = [{"url": extension_url("phb-budget-status"), "valueCode": "dreamt"}]
    ((path, code, message),) = refusal_of(claim("phb-budget", "preauthorization", extension=odd))
    assert (path, code) == ("Claim.extension[0].valueCode", "code-invalid")
    assert message == "the code is not in phb-budget-status"


@pytest.mark.parametrize(
    ("text", "pence"),
    [("-0.01", -1), ("0", 0), ("0.00", 0), ("249.3", 24930), ("5.4456E4", 5445600), ("7949.32", 794932)],
)
def test_money_becomes_whole_pence(text: str, pence: int) -> None:
    _, record = TYPE.derive(payment(total=amount(text)))
    assert record.total_pence == pence


def test_no_total_is_not_a_total_of_zero() -> None:
    _, without = TYPE.derive(payment())
    _, zero = TYPE.derive(payment(total=amount("0.00")))
    assert (without.total_pence, zero.total_pence) == (None, 0)


def test_a_total_without_a_value_is_refused() -> None:
    assert refusal_of(payment(total={"currency": "GBP"})) == [("Claim.total", "required", "an amount needs a value")]


def test_the_number_text_of_an_amount_outlives_putting_the_record_back() -> None:
    tree = payment(total=amount("249.3"))
    _, record = TYPE.derive(tree)
    mapping = TYPE.mapping_of(tree)
    assert mapping is not None
    assert document.encode(mapping.to_fhir(record, onto=tree)) == document.encode(tree)


def test_supporting_information_that_is_not_ours_keeps_its_place_and_new_entries_get_a_free_number() -> None:
    foreign = {"sequence": 1, "category": {"coding": [{"system": "https://elsewhere.example", "code": "x"}]}}
    tree = claim("phb-budget", "preauthorization", supportingInfo=[deepcopy(foreign)])
    mapping = TYPE.mapping_of(tree)
    assert mapping is not None
    record = mapping.from_fhir(tree | {"supportingInfo": [foreign, _plan_entry(9)]})
    made = mapping.to_fhir(record, onto=tree)["supportingInfo"]
    assert made == [foreign, _plan_entry(2)]


def _plan_entry(sequence: int) -> Tree:
    coding = {"system": code_system("phb-budget-info"), "code": "care-plan"}
    return {
        "sequence": sequence,
        "category": {"coding": [coding]},
        "valueReference": {"reference": "CarePlan/jackie-plan"},
    }


def test_phb_status_and_phb_type_can_be_searched() -> None:
    status = [{"url": extension_url("phb-payment-status"), "valueCode": "due"}, {"url": "https://elsewhere.example"}]
    tree = payment(extension=status)
    assert [value.text for value in TYPE.params["phb-status"].values(tree)] == ["due"]
    assert [value.text for value in TYPE.params["phb-type"].values(tree)] == ["phb-payment"]


def test_flags_of_a_budget_line_can_be_asked_for() -> None:
    flag = {"coding": [{"system": code_system("phb-line-flag"), "code": "contingency"}]}
    item = {"sequence": 1, "productOrService": {"text": "Reserve"}, "modifier": [flag]}
    _, budget = TYPE.derive(claim("phb-budget", "preauthorization", item=[item]))
    assert (budget.lines[0].contingency, budget.lines[0].one_off) == (True, False)
    _, entry = TYPE.derive(claim("phb-expenditure", "claim", item=[item]))
    assert entry.lines[0].contingency
