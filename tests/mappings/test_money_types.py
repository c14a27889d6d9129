"""Which types carry money, whose record each is, and what marks a record as ours."""

import pytest

from mappings import contract, coverage, payment_reconciliation, task
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue, Unprocessable
from mappings.namespaces import code_system, identifier_system
from mappings.registry import TYPES


def test_an_update_of_money_needs_if_match() -> None:
    assert {name for name, one in TYPES.items() if one.money} == {
        "Claim",
        "ClaimResponse",
        "Coverage",
        "PaymentReconciliation",
    }


def test_a_payment_list_row_is_about_no_single_person() -> None:
    assert payment_reconciliation.TYPE.subject_of({"resourceType": "PaymentReconciliation"}) is None


def list_row(identifier: str, amount: str) -> Tree:
    numbers = [{"system": identifier, "value": "L1"}]
    made: Tree = {"resourceType": "PaymentReconciliation", "identifier": numbers, "status": "active"}
    dates = {"created": "2025-07-31", "paymentDate": "2025-06-12"}
    return made | dates | {"paymentAmount": document.parse(amount.encode())}


def test_money_that_came_back_is_below_zero_in_a_payment_list() -> None:
    row = list_row(identifier_system("phb-payment-list"), '{"value": -0.01, "currency": "GBP"}')
    kind, record = payment_reconciliation.TYPE.derive(row)
    assert (kind, record.amount_pence) == ("payment-list-row", -1)


def test_a_reconciliation_of_another_list_may_be_in_any_currency() -> None:
    row = list_row("https://elsewhere.example/lists", '{"value": 1.005, "currency": "EUR"}')
    assert payment_reconciliation.TYPE.derive(row) == ("", None)


def test_a_share_of_the_person_is_told_from_a_funders() -> None:
    share = {
        "resourceType": "Coverage",
        "status": "active",
        "type": {"coding": [{"system": code_system("phb-funding-stream"), "code": "person-contribution"}]},
        "beneficiary": {"reference": "Patient/janice"},
        "payor": [{"reference": "Patient/janice"}],
    }
    _, record = coverage.TYPE.derive(share)
    assert record.from_person
    _, other = coverage.TYPE.derive(share | {"payor": [{"display": "An ICB"}]})
    assert not other.from_person


def test_a_task_of_one_change_is_not_taken_for_another() -> None:
    made: Tree = {"resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": "Patient/a"}}
    for kind in ("transfer", "suspension", "funding-change"):
        coding = {"system": code_system("phb-change-kind"), "code": kind}
        assert task.TYPE.derive(made | {"code": {"coding": [coding]}})[0] == kind


def test_an_unknown_kind_of_change_is_refused_and_the_list_named() -> None:
    coding = {"system": code_system("phb-change-kind"), "code": "party"}
    tree = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [coding]}}
    with pytest.raises(Unprocessable, match="phb-change-kind"):
        task.TYPE.derive(tree | {"for": {"reference": "Patient/a"}})


def test_an_outcome_outside_its_list_is_refused_and_the_list_named() -> None:
    value = {"coding": [{"system": code_system("phb-review-outcome"), "code": "tea"}]}
    tree = {
        "resourceType": "Task",
        "status": "completed",
        "intent": "plan",
        "code": {"coding": [{"system": code_system("phb-review-kind"), "code": "annual"}]},
        "for": {"reference": "Patient/a"},
        "output": [{"type": {"text": "result"}, "valueCodeableConcept": value}],
    }
    with pytest.raises(Unprocessable) as caught:
        task.TYPE.derive(tree)
    assert [(one.code, one.expression) for one in caught.value.issues] == [
        ("code-invalid", "Task.output[0].valueCodeableConcept")
    ]


def test_an_agreement_among_several_subjects_is_the_patients() -> None:
    subjects = [{"reference": "Group/g"}, {"reference": "Patient/janice"}]
    assert contract.TYPE.subject_of({"resourceType": "Contract", "subject": subjects}) == "janice"
    assert isinstance(contract.TYPE.subject_of({"resourceType": "Contract"}), Issue)
