"""Each line of a payment by value: what keeps it from being paid, and who pays it; each test changes one thing."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_gateway.phb.adjudication import adjudicated, draws
from fhir_gateway.phb.awaited import undecided, waits_for_check
from fhir_gateway.phb.case.drawdown import not_below_zero
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.records import made
from fhir_gateway.phb.verdict import Verdict
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.payment import Payment, PaymentLine
from tests.fhir_gateway.phb.shelf import broken, case_file, filed
from tests.fhir_gateway.submitted_world import (
    CONTINGENCY,
    START,
    THERAPY,
    TRANSPORT,
    VISITS,
    bill,
    budget,
    decision,
    insured,
    item,
    line,
    lines,
    share,
    world,
)


def agreed(**known: Any) -> AgreedBudget:
    return budget(**{"budget_status": "agreed", "status": "active"} | known)


def standing(*others: Filed[Any], **changed: Any) -> CaseFile:
    """The case with the budget agreed, and other records."""
    records = [filed(one, place.partition("/")[2]) for place, one in world(**{"budget": agreed()} | changed).items()]
    placed = {(one.type, one.id): one for one in (*records, *others)}
    return case_file(*placed.values())


def judged(payment: Payment, case: CaseFile | None = None) -> tuple[Verdict, ...]:
    return adjudicated(payment, "new", case if case is not None else standing())


def rule_of(payment: Payment, case: CaseFile | None = None) -> list[str]:
    return [one.fault.rule if one.fault is not None else "" for one in judged(payment, case)]


def one(*items: PaymentLine, **known: Any) -> Payment:
    """A payment of these lines alone."""
    return bill(sum(line.amount_pence or 0 for line in items), lines=items, **known)


# --- who pays ---------------------------------------------------------------------------------------


def test_a_line_is_shared_as_the_budget_line_is() -> None:
    (verdict,) = judged(bill())
    assert [(share.funder.coverage_id, share.pence, share.percent) for share in verdict.shares] == [
        ("nhs", 42_838, Decimal("57.5")),
        ("la", 31_662, Decimal("42.5")),
    ]
    assert (verdict.paid, verdict.asked, verdict.plan_element) == (THERAPY, THERAPY, "Claim/budget#item-1")


def test_of_a_line_only_the_funders_drawn_on_pay() -> None:
    (verdict,) = judged(bill(insurance=insured("la")))
    assert [(share.funder.coverage_id, share.pence) for share in verdict.shares] == [("la", THERAPY)]


def test_shares_of_a_line_are_those_of_all_drawn_from_it() -> None:
    before = filed(bill(1, payment_status="authorised"), "before")
    (verdict,) = judged(bill(1), standing(before))
    assert [(share.funder.coverage_id, share.pence) for share in verdict.shares] == [("la", 1)]


def test_what_the_funders_answered_is_what_they_bore() -> None:
    rows = {"icb": 0, "council": 1}
    answers = [
        filed(made(FunderAnswer, **answer(body), lines=(answered(pence),)), f"a-{body}") for body, pence in rows.items()
    ]
    before = filed(bill(1, payment_status="authorised"), "before")
    (verdict,) = judged(bill(1), standing(before, *answers))
    assert [(share.funder.coverage_id, share.pence) for share in verdict.shares] == [("nhs", 1)]


def answer(body: str) -> dict[str, Any]:
    known = {"person_id": "pat", "status": "active", "claim_type": "phb-payment", "use": "claim", "outcome": "complete"}
    return known | {"claim_id": "before", "funder_id": body}


def answered(pence: int) -> AnsweredLine:
    return made(AnsweredLine, line_no=1, amount_pence=pence)


def test_a_share_is_never_taken_back() -> None:
    assert not_below_zero([3, -1, 2]) == (2, 0, 2)
    assert not_below_zero([0, 5]) == (0, 5)


def test_an_instalment_may_be_for_the_budget_as_a_whole_from_one_funder() -> None:
    monthly = one(item(1, None, 5_000), payment_kind="instalment", insurance=insured("nhs"))
    (verdict,) = judged(monthly)
    assert (verdict.plan_element, [(share.funder.coverage_id, share.pence) for share in verdict.shares]) == (
        "Claim/budget",
        [("nhs", 5_000)],
    )
    assert rule_of(replace(monthly, insurance=insured("nhs", "la"))) == ["R85"]
    assert rule_of(replace(monthly, payment_kind="one-off")) == ["R66"]


# --- what is left -----------------------------------------------------------------------------------


def test_no_more_is_drawn_from_a_line_than_is_left_of_it() -> None:
    assert rule_of(bill(THERAPY * VISITS)) == [""]
    assert rule_of(bill(THERAPY * VISITS + 1)) == ["R99"]
    before = filed(bill(1, payment_status="scheduled"), "before")
    assert rule_of(bill(THERAPY * VISITS), standing(before)) == ["R99"]
    gone = filed(bill(1, payment_status="cancelled"), "before")
    assert rule_of(bill(THERAPY * VISITS), standing(gone)) == [""]


def test_the_lines_of_a_claim_leave_less_for_each_other() -> None:
    half = THERAPY * VISITS // 2
    assert rule_of(one(item(1, 1, half), item(2, 1, half), item(3, 1, 1))) == ["", "", "R99"]


def test_no_more_is_drawn_from_a_funder_than_it_agreed() -> None:
    before = filed(
        one(item(1, None, 50_000), payment_kind="instalment", payment_status="paid", insurance=insured("la")), "before"
    )
    case = standing(before)
    assert rule_of(one(item(1, 2, TRANSPORT)), case) == [""]
    found = judged(one(item(1, 2, TRANSPORT), item(2, 1, THERAPY * VISITS)), case)[1]
    assert found.fault is not None
    assert found.fault.rule == "R99"
    assert "la-adult-social-care" in found.fault.says


# --- the whole claim --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"pays_against_id": None}, "R94"),
        ({"pays_against_id": "another"}, "R94"),
        ({"person_id": "other"}, "R94"),
        ({"insurance": insured("nobody")}, "R85"),
        ({"total_pence": 1}, "R85"),
    ],
)
def test_a_fault_of_the_claim_keeps_every_line_from_being_paid(known: dict[str, Any], rule: str) -> None:
    asked = replace(one(item(1, 1, THERAPY), item(2, 2, 100)), **known)
    assert rule_of(asked) == [rule, rule]


@pytest.mark.parametrize("state", ["draft", "submitted", "superseded", "closed", "declined"])
def test_only_a_budget_in_force_is_drawn_from(state: str) -> None:
    assert rule_of(bill(), standing(budget=agreed(budget_status=state))) == ["R94"]


def test_a_budget_that_does_not_say_who_pays_is_not_drawn_from() -> None:
    unshared = replace(lines()[0], split_method="need-type", weights=(), need_type="housing")
    assert rule_of(bill(), standing(budget=agreed(lines=(unshared,)))) == ["R85"]


def test_a_coverage_that_is_not_active_is_not_drawn_on() -> None:
    cancelled = share("nhs-other", "icb", 1, status="cancelled")
    assert rule_of(bill(), standing(nhs=cancelled)) == ["R85"]


def test_a_funder_that_bears_nothing_of_a_line_does_not_pay_it() -> None:
    assert rule_of(one(item(1, 2, 100), insurance=insured("nhs"))) == ["R85"]


# --- line by line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"amount_pence": None}, "R85"),
        ({"amount_pence": -1}, "R101"),
        ({"budget_line": 9}, "R66"),
        ({"budget_line": None}, "R66"),
        ({"category": "transport"}, "R66"),
        ({"category": "therapy"}, ""),
        ({"management_option": "direct-payment"}, "R87"),
        ({"management_option": "notional"}, ""),
        ({"on_date": date(2025, 3, 31)}, "R100"),
        ({"on_date": date(2026, 4, 1)}, "R100"),
        ({"start": date(2026, 3, 1), "end": date(2026, 4, 1)}, "R100"),
        ({"start": date(2025, 6, 2), "end": date(2025, 6, 1)}, "R100"),
        ({"invoice_check": "disputed"}, "R103"),
        ({"invoice_check": "confirmed"}, ""),
    ],
)
def test_a_line_is_held_against_the_plan(known: dict[str, Any], rule: str) -> None:
    line_asked = replace(item(1, 1, 100), **known)
    asked = bill(line_asked.amount_pence or 0, lines=(line_asked,))
    assert rule_of(asked) == [rule]


def test_a_line_without_days_is_not_held_against_any() -> None:
    assert rule_of(bill(start=None, end=None)) == [""]


def test_a_line_is_for_days_of_its_budget_line_and_of_the_shares() -> None:
    summer = replace(lines()[0], start=date(2025, 6, 1), end=date(2025, 8, 31))
    assert rule_of(bill(), standing(budget=agreed(lines=(summer,)))) == ["R100"]
    late = share("nhs-other", "icb", 1, start=date(2025, 5, 2))
    assert rule_of(bill(), standing(nhs=late)) == ["R100"]


def test_nothing_is_paid_for_days_outside_the_persons_life_but_wages() -> None:
    person = world()["Patient/pat"]
    assert rule_of(bill(), standing(pat=replace(person, birth_date=date(2025, 5, 2)))) == ["R100"]
    died = replace(person, death_date=date(2025, 5, 30))
    assert rule_of(bill(), standing(pat=died)) == ["R114"]
    assert rule_of(bill(end=date(2025, 5, 30)), standing(pat=died)) == [""]
    wages = replace(lines()[0], category="personal-assistant-wages")
    assert rule_of(bill(), standing(pat=died, budget=agreed(lines=(wages,)))) == [""]


def test_an_excluded_use_is_not_paid() -> None:
    drink = replace(lines()[0], exclusion="alcohol")
    assert rule_of(bill(), standing(budget=agreed(lines=(drink,)))) == ["R63"]


# --- contingency ------------------------------------------------------------------------------------


def release(**known: Any) -> Payment:
    return one(item(1, None, CONTINGENCY), payment_kind="contingency-release", **known)


def released(outcome: str = "approved", body: str = "icb", **known: Any) -> Filed[Any]:
    told = decision(body, decision_subject="contingency-release", outcome=outcome, **known)
    return filed(told, f"release-{body}")


def test_contingency_is_paid_as_its_release() -> None:
    (verdict,) = judged(release())
    assert (verdict.paid, verdict.plan_element) == (CONTINGENCY, "Claim/budget#item-3")
    assert rule_of(bill(100, no=3)) == ["R74"]


def test_contingency_whose_use_is_approved_is_paid_like_any_line() -> None:
    assert rule_of(bill(100, no=3), standing(released())) == [""]
    assert rule_of(bill(100, no=3), standing(released("declined"))) == ["R74"]


def test_a_release_that_was_declined_is_not_paid() -> None:
    assert rule_of(release(), standing(released("declined"))) == ["R74"]


def test_contingency_may_come_with_the_instalments() -> None:
    held = replace(lines()[2], management_option="direct-payment")
    arrangement = made(
        PaymentArrangement,
        person_id="pat",
        status="active",
        management_option="direct-payment",
        start=START,
        contingency_funding="with-first-instalment",
    )
    first = one(item(1, 3, 100), payment_kind="instalment")
    spread = standing(filed(arrangement, "account"), budget=agreed(lines=(*lines()[:2], held)))
    assert rule_of(first, spread) == [""]
    asked = replace(arrangement, contingency_funding="on-request")
    on_request = standing(filed(asked, "account"), budget=agreed(lines=(*lines()[:2], held)))
    assert rule_of(first, on_request) == ["R74"]


def test_of_two_contingency_lines_a_release_names_one() -> None:
    second = line(4, "contingency", 500, {1: 10_000}, flags=("contingency",))
    case = standing(budget=agreed(lines=(*lines(), second)))
    assert rule_of(release(), case) == ["R66"]


# --- what is waited for -----------------------------------------------------------------------------


def checking(**known: Any) -> Filed[Any]:
    usual = {"person_id": "pat", "status": "active", "management_option": "notional", "start": START}
    return filed(made(PaymentArrangement, **{"person_checks_invoices": True} | usual | known), "notional")


def test_an_invoice_waits_for_the_person_where_they_check_it() -> None:
    assert waits_for_check(bill(), standing(checking()))
    assert not waits_for_check(bill(), standing())
    assert not waits_for_check(bill(), standing(checking(person_checks_invoices=False)))
    confirmed = one(item(1, 1, 100, invoice_check="confirmed"))
    assert not waits_for_check(confirmed, standing(checking()))
    assert not waits_for_check(bill(payment_kind="one-off"), standing(checking()))


def test_a_release_waits_for_each_body_that_has_not_approved_it() -> None:
    bodies = ("icb", "council")
    assert undecided(release(), "new", bodies, standing()) == bodies
    assert undecided(release(), "new", bodies, standing(released())) == ("council",)
    own = released(about="Claim/new", body="council")
    assert undecided(release(), "new", bodies, standing(released(), own)) == ()
    assert undecided(bill(), "new", bodies, standing()) == ()
    assert undecided(release(pays_against_id=None), "new", bodies, standing()) == ()


@pytest.mark.parametrize(("kind", "expected"), [("invoice", True), ("instalment", True), ("recovery", False)])
def test_only_money_that_goes_out_draws(kind: str, expected: object) -> None:
    assert draws(bill(payment_kind=kind)) is expected


# --- what the funders answer ------------------------------------------------------------------------


def test_an_answer_that_takes_more_than_its_funder_agreed_is_refused() -> None:
    visits = filed(bill(THERAPY * VISITS, payment_status="authorised"), "before")
    all_of_it = made(FunderAnswer, **answer("council"), lines=(answered(THERAPY * VISITS),))
    nothing = filed(made(FunderAnswer, **answer("icb"), lines=(answered(0),)), "a-icb")
    records = [filed(one, place.partition("/")[2]) for place, one in world(budget=agreed()).items()]
    assert "R99" in broken(all_of_it, *records, visits, nothing)
    fair = replace(all_of_it, lines=(answered(633_250),))
    rest = replace(nothing, record=replace(nothing.record, lines=(answered(856_750),)))
    assert "R99" not in broken(fair, *records, visits, rest)
