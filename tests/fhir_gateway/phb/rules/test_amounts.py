"""No amount is below zero: R101."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.coverage import ClientContribution
from mappings.lens import document
from mappings.lens.errors import Unprocessable
from mappings.payment import PAYMENT
from tests.fhir_gateway.phb.rules.money_dealings import notice
from tests.fhir_gateway.phb.rules.money_moved import instalment, spent
from tests.fhir_gateway.phb.rules.money_world import SWIMMING, budget, share, world
from tests.fhir_gateway.phb.shelf import PERSON, broken, issues


def negative_line() -> Any:
    return replace(instalment(2).lines[0], amount_pence=-1)


def answer(**known: Any) -> FunderAnswer:
    usual = {
        "person_id": PERSON,
        "status": "active",
        "claim_type": "phb-payment",
        "use": "claim",
        "outcome": "complete",
    }
    return made(FunderAnswer, **usual | known)


def below(record: Any) -> list[str]:
    """Where R101 finds an amount below zero."""
    return [one.expression for one in issues(record, *world()) if one.details == "R101"]


def test_r101_breaks_on_a_payment_below_zero() -> None:
    assert broken(instalment(2, total_pence=-1, lines=()), *world()) == {"R101"}
    assert below(instalment(2, total_pence=-1, lines=())) == ["Claim.total"]


@pytest.mark.parametrize(
    ("record", "element"),
    [
        (instalment(2, lines=(negative_line(),)), "Claim.item[0].net"),
        (spent(-500, "recorded", lines=()).record, "Claim.total"),
        (budget(SWIMMING, replace(SWIMMING, line_no=2, rate_pence=-1)).record, "Claim.item[1].unitPrice"),
        (answer(total_pence=-1), "ClaimResponse.total"),
        (answer(paid_pence=-1), "ClaimResponse.payment.amount"),
        (
            answer(lines=(made(AnsweredLine, line_no=1, amount_pence=-1),)),
            "ClaimResponse.item[0].adjudication",
        ),
        (
            share(
                "la",
                "la-adult-social-care",
                "Organization/council",
                2,
                client_contributions=(made(ClientContribution, collection="net", weekly_pence=-1),),
            ).record,
            "Coverage.costToBeneficiary[0].valueMoney",
        ),
        (notice("repay", "repayment", amount_pence=-1).record, "Communication.extension"),
    ],
    ids=["line of a payment", "entry", "rate", "answer", "paid", "answered line", "contribution", "notice"],
)
def test_r101_breaks_wherever_an_amount_is_below_zero(record: Any, element: str) -> None:
    assert below(record) == [element]


@given(st.integers(0, 10_000))
def test_r101_holds_from_zero_up(amount: int) -> None:
    assert below(instalment(2, total_pence=amount, lines=())) == []


@pytest.mark.parametrize(
    ("money", "says"),
    [
        (b'{"value": 1.005, "currency": "GBP"}', "two decimals"),
        (b'{"value": 1, "currency": "EUR"}', "GBP"),
    ],
)
def test_r101_breaks_on_reading_a_fraction_of_a_penny_or_another_currency(money: bytes, says: str) -> None:
    tree = PAYMENT.to_fhir(instalment(1), {"resourceType": "Claim"}) | {"total": document.parse(money)}
    with pytest.raises(Unprocessable) as refused:
        PAYMENT.from_fhir(tree)
    assert [(one.details, says in one.diagnostics) for one in refused.value.issues] == [("R101", True)]
