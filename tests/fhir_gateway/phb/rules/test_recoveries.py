"""Taking money back or setting it off: R106 to R111."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.lens.errors import Unprocessable
from mappings.payment import PAYMENT, Payment, PaymentLine
from mappings.review import ReviewInput
from mappings.terminology import RECOVERY_REASON
from tests.fhir_gateway.phb.rules.money_dealings import SELF, concern, repayment_notice, review, talk
from tests.fhir_gateway.phb.rules.money_moved import instalment, insured, payment, recovery, spent
from tests.fhir_gateway.phb.rules.money_world import party, person, share, world
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned


def around(*changed: Filed[Any], without: tuple[str, ...] = ()) -> tuple[Filed[Any], ...]:
    return world(repayment_notice(), *changed, without=without)


def test_everything_holds_for_a_recovery_in_order() -> None:
    assert issues(recovery(), *around()) == []


# --- R106 -------------------------------------------------------------------------------------------

SPOKEN: tuple[str, ...] = ("discussion_person_id", "discussion_coordinator_id")


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize("value", [None, "elsewhere", "repay"])
def test_r106_breaks_when_a_conversation_is_missing(name: str, value: str | None) -> None:
    assert broken(recovery(**{name: value}), *around()) == {"R106"}


@pytest.mark.parametrize("name", SPOKEN)
def test_r106_breaks_when_the_wrong_people_talked(name: str) -> None:
    other = next(one for one in SPOKEN if one != name)
    assert broken(recovery(**{name: getattr(recovery(), other)}), *around()) == {"R106"}


@pytest.mark.parametrize("id_", ["talk-person", "talk-coordinator"])
@pytest.mark.parametrize("day", [date(2025, 5, 10), date(2025, 5, 11), None])
def test_r106_breaks_when_they_talked_only_after_the_notice(id_: str, day: date | None) -> None:
    standing = {one.id: one for one in world()}
    late = Filed("Communication", id_, 1, replace(standing[id_].record, sent_on=day))
    assert broken(recovery(), *around(late)) == {"R106"}


def test_r106_breaks_before_there_is_a_notice_too() -> None:
    asked = recovery(payment_status="scheduled", notice_id=None)
    assert broken(asked, *around()) == set()
    assert broken(replace(asked, discussion_person_id=None), *around()) == {"R106"}


def test_r106_breaks_for_a_set_off_too() -> None:
    off = offset(discussion_person_id=None)
    assert broken(off, *around(filed(instalment(3), "due"))) == {"R106"}


def test_r106_holds_when_the_representative_or_the_estate_was_spoken_with() -> None:
    deputy = talk("talk-person", recipients=("RelatedPerson/deputy",))
    assert broken(recovery(), *around(deputy, party("deputy", "deputy"))) == set()
    died = person(deceased=True, death_date=date(2025, 4, 20))
    estate = (party("son", "estate-representative"), repayment_notice(recipients=("RelatedPerson/son",)))
    son = talk("talk-person", recipients=("RelatedPerson/son",))
    assert "R106" not in broken(recovery(), *around(died, son, *estate))
    assert "R106" in broken(recovery(), *around(died, *estate))


@pytest.mark.parametrize("known", [{"status": "draft"}, {"status": "cancelled"}, {"payment_status": "cancelled"}])
def test_r106_holds_for_a_draft_and_for_what_was_waived(known: dict[str, Any]) -> None:
    assert broken(recovery(discussion_person_id=None, **known), *around()) == set()


# --- R107 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["due", "disputed", "paid"])
@pytest.mark.parametrize("named", [None, "elsewhere", "talk-person"])
def test_r107_breaks_when_there_is_no_notice(named: str | None, status: str) -> None:
    paid = filed(instalment(1, payment_status="paid"), "paid")
    assert broken(recovery(notice_id=named, payment_status=status), *around(paid)) == {"R107"}


@pytest.mark.parametrize(
    "known",
    [
        {"notice_kind": "reduction"},
        {"status": "preparation"},
        {"reasons": None},
        {"reasons": " "},
        {"amount_pence": None},
        {"amount_pence": 5_001},
        {"pay_by": None},
        {"pay_by": date(2025, 5, 10)},
        {"must_pay": None},
        {"reconsideration_told": False},
        {"reconsideration_told": None},
    ],
    ids=lambda known: ", ".join(f"{name} {value}" for name, value in known.items()),
)
def test_r107_breaks_when_the_notice_lacks_something(known: dict[str, Any]) -> None:
    assert broken(recovery(), *around(repayment_notice(**known))) == {"R107"}


def test_r107_holds_while_it_is_only_talked_about() -> None:
    assert broken(recovery(payment_status="scheduled", notice_id=None), *around()) == set()


def test_r107_breaks_when_a_notice_is_sent_that_lacks_something() -> None:
    assert broken(repayment_notice().record, *world()) == set()
    (found,) = issues(repayment_notice(must_pay=None, reasons=None).record, *world())
    assert found.details == "R107"
    assert "its reasons, who has to pay" in found.diagnostics
    assert broken(repayment_notice(pay_by=date(2025, 5, 1)).record, *world()) == {"R107"}


def test_r107_holds_for_a_notice_being_written() -> None:
    assert broken(repayment_notice(must_pay=None, status="preparation").record, *world()) == set()


# --- R108 -------------------------------------------------------------------------------------------


def test_r108_breaks_when_no_reason_is_given() -> None:
    assert broken(recovery(recovery_reason=None), *around()) == {"R108"}


def test_r108_breaks_when_the_reason_is_none_of_the_six() -> None:
    assert len(list(RECOVERY_REASON)) == 6
    tree = PAYMENT.to_fhir(recovery(), {"resourceType": "Claim"})
    for coding in tree["subType"]["coding"]:
        coding["code"] = "no-such-reason" if coding["code"] == "used-outside-plan" else coding["code"]
    with pytest.raises(Unprocessable) as refused:
        PAYMENT.from_fhir(tree)
    assert refused.value.issues


@pytest.mark.parametrize(
    "audit",
    [
        (),
        (review(review_status="in-progress"),),
        (review(inputs=(made(ReviewInput, component="plan-review"),)),),
        (review(inputs=(made(ReviewInput, component="financial-audit", asked_for=False),)),),
    ],
    ids=["no review", "not completed", "no audit", "audit not asked for"],
)
def test_r108_breaks_when_unused_money_is_taken_back_without_an_audit(audit: tuple[Filed[Any], ...]) -> None:
    unused = recovery(recovery_reason="accumulated-unused", review_id="review")
    assert broken(unused, *around(*audit)) == {"R108"}


def test_r108_holds_for_unused_money_after_a_review_with_an_audit_and_for_other_reasons() -> None:
    unused = recovery(recovery_reason="accumulated-unused", review_id="review")
    assert broken(unused, *around(review())) == set()
    assert broken(unused, *around(review(review_status=None))) == set()  # told by Task.status alone
    assert broken(recovery(), *around()) == set()


# --- R109 -------------------------------------------------------------------------------------------


def of_contingency(**known: Any) -> Payment:
    kept = made(PaymentLine, sequence=1, budget_line=3, amount_pence=5_000)
    return recovery(lines=(kept,), **known)


@pytest.mark.parametrize("standing", [(), (review(review_status="scheduled"),)], ids=["no review", "not begun"])
def test_r109_warns_when_contingency_is_taken_back_outside_a_review(standing: tuple[Filed[Any], ...]) -> None:
    assert warned(of_contingency(review_id="review"), *around(*standing)) == {"R109"}
    by_category = (made(PaymentLine, sequence=1, category="contingency", amount_pence=5_000),)
    assert warned(recovery(lines=by_category), *around(*standing)) == {"R109"}


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_r109_holds_in_a_review_and_for_other_money(status: str) -> None:
    assert warned(of_contingency(review_id="review"), *around(review(review_status=status))) == set()
    assert warned(recovery(), *around()) == set()


# --- R110 -------------------------------------------------------------------------------------------


def for_a_mistake(**known: Any) -> Payment:
    return recovery(misuse_finding="genuine-mistake", **known)


def test_r110_breaks_when_more_is_taken_back_than_was_disallowed() -> None:
    assert broken(for_a_mistake(), *around(spent(4_999, "disallowed"))) == {"R110"}
    assert broken(for_a_mistake(), *around()) == {"R110"}
    assert broken(for_a_mistake(), *around(spent(5_000, "queried"))) == {"R110"}
    called_off = replace(spent(5_000, "disallowed").record, status="cancelled")
    assert broken(for_a_mistake(), *around(filed(called_off, "entry"))) == {"R110"}
    elsewhere = spent(5_000, "disallowed", pays_against_id="other")
    assert broken(for_a_mistake(), *around(elsewhere)) == {"R110"}


def test_r110_holds_up_to_what_was_disallowed_and_for_other_findings() -> None:
    parts = (spent(2_000, "disallowed", "one"), spent(3_000, "disallowed", "two", total_pence=None))
    assert broken(for_a_mistake(), *around(*parts)) == set()
    assert broken(recovery(misuse_finding="wilful-misuse"), *around(blamed(), talk("led", "misuse"))) == set()


def test_r110_counts_what_other_recoveries_take() -> None:
    other = filed(for_a_mistake(), "other")
    assert broken(for_a_mistake(), *around(spent(9_999, "disallowed"), other)) == {"R110"}
    assert broken(for_a_mistake(), *around(spent(10_000, "disallowed"), other)) == set()


def blamed() -> Filed[Any]:
    return concern(finding="wilful-misuse", conversation_id="led", outcome_option="notional")


@given(st.integers(0, 6_000))
def test_r110_holds_exactly_up_to_the_disallowed_amount(disallowed: int) -> None:
    found = broken(for_a_mistake(), *around(spent(disallowed, "disallowed")))
    assert found == (set() if disallowed >= 5_000 else {"R110"})


# --- R111 -------------------------------------------------------------------------------------------


def offset(**known: Any) -> Payment:
    usual: dict[str, Any] = {
        "payment_kind": "adjustment-offset",
        "payment_status": "due",
        "recovery_reason": None,
        "misuse_finding": None,
        "notice_id": None,
        "payee": SELF,
        "total_pence": 4_000,
        "start": date(2025, 6, 1),
        "end": date(2025, 6, 30),
    }
    return recovery(**usual | known)


def test_r111_holds_up_to_what_is_due_for_the_period() -> None:
    assert broken(offset(total_pence=10_000), *around(filed(instalment(3), "due"))) == set()
    by_number = offset(start=None, end=None, instalment_no=3)
    assert broken(by_number, *around(filed(instalment(3), "due"))) == set()


@pytest.mark.parametrize(
    "due",
    [
        (instalment(3, total_pence=3_999),),
        (instalment(4),),
        (instalment(3, payment_status="cancelled"),),
        (instalment(3, insurance=insured("la")),),
        (),
    ],
    ids=["too much", "another period", "called off", "another funder", "nothing due"],
)
def test_r111_breaks_when_more_is_set_off_than_is_due(due: tuple[Payment, ...]) -> None:
    council = share("la", "la-adult-social-care", "Organization/council", 2)
    assert broken(offset(), *around(council, *(filed(one, "due") for one in due))) == {"R111"}


def test_r111_adds_up_what_is_set_off_against_one_period() -> None:
    others = (filed(instalment(3), "due"), filed(offset(total_pence=6_000), "first"))
    assert broken(offset(), *around(*others)) == set()
    assert broken(offset(total_pence=4_001), *around(*others)) == {"R111"}


def test_a_payment_of_another_kind_is_no_recovery() -> None:
    assert issues(payment(payment_kind="refund-to-person"), *world()) == []
