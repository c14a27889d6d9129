"""Instalments in advance, month by month, inside the budget and never more than was agreed: R92, R93, R99, R100."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.demo.people import FILES
from fhir_gateway.phb.case_file import Filed
from mappings.budget import SplitWeight
from mappings.claim_response import FunderAnswer
from mappings.coverage import ClientContribution
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment, PaymentLine
from tests.fhir_gateway.phb.rules.money_moved import (
    MONTHLY,
    instalment,
    insured,
    invoice,
    payment,
    recovery,
    sized,
    spent,
)
from tests.fhir_gateway.phb.rules.money_world import (
    CONTINGENCY,
    START,
    SWIMMING,
    arrangement,
    budget,
    line,
    share,
    world,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

# --- R92 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "late",
    [{"due_on": date(2025, 5, 2)}, {"end": date(2025, 6, 1)}],
    ids=["due after the first day", "covers more than a month"],
)
def test_r92_warns_of_an_instalment_that_is_not_monthly_in_advance(late: dict[str, Any]) -> None:
    assert warned(instalment(2, **late), *world()) == {"R92"}


@pytest.mark.parametrize("no", range(1, 13))
def test_r92_holds_for_every_month_paid_on_its_first_day(no: int) -> None:
    assert warned(instalment(no), *world()) == set()


def test_r92_holds_for_money_that_a_third_party_holds() -> None:
    held = budget(replace(SWIMMING, management_option="third-party"))
    late = instalment(2, due_on=date(2025, 5, 2), payee="Organization/holder")
    assert warned(late, *world(held)) == set()


# --- R93 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "whole",
    [{"end": date(2026, 3, 31), "total_pence": MONTHLY}, {"total_pence": 12 * MONTHLY}],
    ids=["covers every day", "pays every penny"],
)
def test_r93_breaks_when_one_instalment_pays_the_whole_budget(whole: dict[str, Any]) -> None:
    assert broken(instalment(1, **whole), *world(budget(SWIMMING))) == {"R93"}


def test_r93_breaks_when_the_amount_is_more_than_single_costs_explain() -> None:
    everything = instalment(1, total_pence=12 * MONTHLY + 6_000, lines=())
    assert broken(everything, *world()) == {"R93"}


def test_r93_counts_what_the_person_pays_as_not_the_councils_to_pay() -> None:
    charged = (made(ClientContribution, collection="net", weekly_pence=700),)
    council = share("la", "la-adult-social-care", "Organization/council", 2, client_contributions=charged)
    care = line(1, need_type="social-care")
    one = instalment(1, insurance=insured("la"), insurer_id="council", total_pence=12 * MONTHLY - 36_500)
    account = arrangement(other_public_money=("la-adult-social-care",))
    assert broken(one, *world(budget(care, insurance=insured("la")), council, account)) == {"R93"}


@pytest.mark.parametrize(
    ("known", "amount"),
    [
        ({"budget_kind": "one-off"}, 12 * MONTHLY),
        ({"end": date(2025, 6, 30)}, 12 * MONTHLY),
        ({}, 12 * MONTHLY - 1),
    ],
    ids=["a one-off budget", "a short budget", "a penny less"],
)
def test_r93_holds_for_a_short_or_single_budget_and_for_less(known: dict[str, Any], amount: int) -> None:
    assert "R93" not in broken(instalment(1, total_pence=amount), *world(budget(SWIMMING, **known)))


def test_r93_holds_when_single_costs_come_with_the_first_instalment() -> None:
    training = line(4, category="training", flags=("one-off",), frequency="one-off", rate_pence=200_000)
    costs = replace(training, amount_pence=200_000, profile="on-date", on_date=START)
    lines = (
        made(PaymentLine, sequence=1, budget_line=1, amount_pence=MONTHLY),
        made(PaymentLine, sequence=2, budget_line=4, amount_pence=200_000),
    )
    first = instalment(1, total_pence=MONTHLY + 200_000, lines=lines)
    assert broken(first, *world(budget(SWIMMING, costs))) == set()


def test_r93_holds_for_one_line_that_is_paid_once_for_the_whole_year() -> None:
    insurance = line(4, category="employer-insurance", frequency="annual", rate_pence=9_000, amount_pence=9_000)
    named = (made(PaymentLine, sequence=1, budget_line=4, amount_pence=9_000),)
    premium = instalment(1, end=date(2026, 3, 31), total_pence=9_000, lines=named)
    assert broken(premium, *world(budget(SWIMMING, insurance))) == set()


# --- R99 --------------------------------------------------------------------------------------------


def schedule(*numbers: int, **known: Any) -> tuple[Filed[Payment], ...]:
    return tuple(filed(instalment(no, **known), f"pay-{no}") for no in numbers)


def test_r99_holds_when_everything_agreed_is_promised() -> None:
    assert broken(instalment(12), *world(budget(SWIMMING), *schedule(*range(1, 12)))) == set()


def test_r99_breaks_by_a_penny_too_much() -> None:
    promised = world(budget(SWIMMING), *schedule(*range(1, 12)))
    (found,) = issues(instalment(12, total_pence=MONTHLY + 1), *promised)
    assert (found.details, found.expression) == ("R99", "Claim.total")
    assert "0.01 more than its part" in found.diagnostics


def test_r99_breaks_for_an_invoice_too() -> None:
    promised = world(budget(SWIMMING), *schedule(*range(1, 13)))
    bill = invoice(lines=(), total_pence=1)
    assert broken(bill, *promised) == {"R99"}


@pytest.mark.parametrize("status", ["cancelled", "failed", "disputed"])
def test_r99_holds_when_another_payment_is_not_promised_any_more(status: str) -> None:
    off = filed(instalment(1, payment_status=status), "pay-off")
    assert "R99" not in broken(instalment(12), *world(budget(SWIMMING), *schedule(*range(1, 12)), off))


def test_r99_holds_when_money_came_back() -> None:
    back = filed(
        payment(payment_kind="recovery", payment_status="paid", paid_on=date(2025, 5, 30), total_pence=500), "back"
    )
    promised = world(budget(SWIMMING), *schedule(*range(1, 13)), back)
    more = payment(payment_kind="adjustment-increase", total_pence=500)
    assert broken(more, *promised) == set()
    assert broken(sized(more, 501), *promised) == {"R99"}


def test_r99_breaks_when_more_comes_back_than_was_paid() -> None:
    paid = world(budget(SWIMMING), *schedule(1, payment_status="paid"))
    back = recovery(payment_status="paid", total_pence=MONTHLY)
    assert "R99" not in broken(back, *paid)
    assert "R99" in broken(sized(back, MONTHLY + 1), *paid)
    assert "R99" in broken(back, *world(budget(SWIMMING), *schedule(1)))


@pytest.mark.parametrize("coverage", [None, "nobody"])
def test_r99_breaks_when_a_payment_names_no_share_of_the_budget(coverage: str | None) -> None:
    unnamed = (replace(insured()[0], coverage_id=coverage),)
    assert broken(instalment(2, insurance=unnamed), *world()) == {"R99"}


def test_r99_holds_all_payments_to_the_total_where_the_shares_are_not_known() -> None:
    promised = world(budget(SWIMMING), *schedule(*range(1, 12)), without=("nhs",))
    assert broken(instalment(12), *promised) == set()
    assert broken(sized(instalment(12), MONTHLY + 1), *promised) == {"R99"}


def test_r99_breaks_when_an_answer_says_later_that_more_was_paid() -> None:
    less = answer(paid_on=date(2025, 4, 1), paid_pence=1)
    room = world(budget(SWIMMING), *schedule(*range(1, 13), payment_status="paid"))
    filled = filed(instalment(1, total_pence=MONTHLY - 1, payment_status="paid"), "extra")
    assert broken(less, *room) == set()
    assert broken(replace(less, paid_pence=MONTHLY), *room, filled, id="answer", previous=less) == {"R99"}


@pytest.mark.parametrize("known", [{"budget_status": "submitted"}, {"status": "entered-in-error"}, {"status": "draft"}])
def test_r99_breaks_when_an_invoice_is_paid_from_a_budget_nobody_agreed(known: dict[str, Any]) -> None:
    bill = invoice(payment_status="paid")
    assert broken(bill, *world()) == set()
    assert "R99" in broken(bill, *world(budget(**known)))
    assert "R99" in broken(replace(bill, pays_against_id=None), *world())


def test_r99_accepts_the_step_from_promised_to_paid_even_where_too_much_was_promised_before() -> None:
    promised = world(budget(SWIMMING), *schedule(*range(1, 13)), filed(instalment(1), "extra"))
    before = instalment(1, payment_status="authorised")
    assert broken(replace(before, payment_status="paid"), *promised, id="pay-1", previous=before) == set()


def test_r99_keeps_the_funders_apart() -> None:
    halves = tuple(made(SplitWeight, insurance_sequence=at, bps=5_000) for at in (1, 2))
    both = (*insured(), replace(insured("la")[0], sequence=2, focal=False))
    joint = line(1, need_type="joint", split_method="percentage", weights=halves)
    council = share("la", "la-adult-social-care", "Organization/council", 2)
    account = arrangement(other_public_money=("la-adult-social-care",))
    around = world(budget(joint, insurance=both), council, account)
    nhs = payment(payment_kind="contingency-release", total_pence=6 * MONTHLY)
    assert broken(nhs, *around) == set()
    assert broken(sized(nhs, 6 * MONTHLY + 1), *around) == {"R99"}
    assert broken(replace(nhs, total_pence=6 * MONTHLY, insurance=insured("la")), *around) == set()


def test_r99_breaks_when_a_payment_draws_on_a_share_that_is_no_part_of_the_budget() -> None:
    council = share("la", "la-adult-social-care", "Organization/council", 2)
    account = arrangement(other_public_money=("la-adult-social-care",))
    assert broken(instalment(2, insurance=insured("la"), total_pence=1), *world(council, account)) == {"R99"}


def test_r99_counts_the_old_version_only_until_the_new_one_starts() -> None:
    old = budget(SWIMMING, budget_status="superseded")
    smaller = replace(SWIMMING, rate_pence=MONTHLY // 2, amount_pence=30_247)
    new_start = date(2025, 9, 30)
    new = budget(smaller, supersedes_id="budget", version=2, start=new_start)
    later = Filed(new.type, "budget-2", 1, new.record)
    around = world(old, later, *schedule(*range(1, 7), payment_status="paid"))
    rest = instalment(7, pays_against_id="budget-2", total_pence=30_083)
    assert broken(rest, *around) == set()
    assert broken(sized(rest, 30_084), *around) == {"R99"}


def test_r99_warns_when_a_new_version_leaves_no_room_for_what_was_promised_under_the_old_one() -> None:
    old = budget(SWIMMING, budget_status="superseded")
    new = replace(old.record, supersedes_id="budget", version=2, budget_status="active", start=date(2025, 10, 1))
    less = replace(new, lines=(replace(SWIMMING, rate_pence=1, amount_pence=6),))
    whole_year = world(old, *schedule(*range(1, 13)))
    first_half = world(old, *schedule(*range(1, 7)))
    assert "R99" in warned(less, *whole_year, id="budget-2", previous=replace(less, budget_status="submitted"))
    assert "R99" not in warned(less, *whole_year, id="budget-2", previous=less)
    assert "R99" not in warned(new, *first_half, id="budget-2")


def answer(**known: Any) -> FunderAnswer:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "claim_type": "phb-payment",
        "use": "claim",
        "outcome": "complete",
        "funder_id": "icb",
        "claim_id": "pay-1",
        "total_pence": MONTHLY,
        "paid_on": date(2025, 4, 1),
        "paid_pence": MONTHLY,
    }
    return made(FunderAnswer, **usual | known)


def test_r99_breaks_when_a_funder_pays_more_than_asked_and_more_than_agreed() -> None:
    paid = world(budget(SWIMMING), *schedule(*range(1, 13), payment_status="paid"))
    assert broken(answer(), *paid) == set()
    assert broken(answer(paid_pence=MONTHLY + 1), *paid) == {"R99"}


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=8))
def test_r99_holds_exactly_as_long_as_the_sum_is_within_the_share(parts: list[int]) -> None:
    others = [
        filed(payment(payment_kind="contingency-release", total_pence=one), f"p{one}-{at}")
        for at, one in enumerate(parts)
    ]
    last = payment(payment_kind="contingency-release", total_pence=1)
    found = broken(last, *world(budget(SWIMMING), *others))
    assert ("R99" in found) == (sum(parts) + 1 > 12 * MONTHLY)


@pytest.mark.parametrize("name", sorted(FILES))
def test_r99_holds_for_every_payment_of_the_demonstration(name: str) -> None:
    every = [Filed(one.mapping.resource_type, one.id, 1, one.record) for file in FILES.values() for one in file]
    own = [one for one in FILES[name] if isinstance(one.record, Payment)]
    for one in own:
        assert not {"R99", "R93", "R100", "R101"} & broken(one.record, *every, id=one.id)


# --- R100 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "covers",
    [
        {"start": date(2025, 3, 31), "end": date(2025, 4, 30)},
        {"start": date(2026, 3, 2), "end": date(2026, 4, 1)},
        {"start": date(2026, 4, 1), "end": None},
        {"start": None, "end": date(2025, 3, 1)},
    ],
)
def test_r100_breaks_when_days_outside_the_budget_are_covered(covers: dict[str, Any]) -> None:
    assert broken(payment(payment_kind="one-off", **covers), *world()) == {"R100"}


@pytest.mark.parametrize(
    "covers",
    [{"start": START, "end": date(2026, 3, 31)}, {"start": None, "end": None}, {"pays_against_id": "elsewhere"}],
)
def test_r100_holds_inside_the_budget_and_where_none_is_known(covers: dict[str, Any]) -> None:
    assert broken(payment(payment_kind="one-off", **covers), *world()) == set()


def closed(on: date | None = date(2025, 5, 1)) -> Filed[PhbCase]:
    case = next(one.record for one in world() if isinstance(one.record, PhbCase))
    return filed(replace(case, closed_on=on, state="ended", status="finished"), "case")


@pytest.mark.parametrize(("day", "numbers"), [(date(2025, 7, 30), set()), (date(2025, 7, 31), {"R100"})])
def test_r100_breaks_ninety_days_after_the_case_was_closed(day: date, numbers: set[str]) -> None:
    back = payment(payment_kind="refund-to-person", payment_status="paid", paid_on=day)
    given = filed(payment(payment_kind="client-contribution", payment_status="paid"), "given")
    assert broken(back, *world(closed(), given)) == numbers
    assert broken(answer(paid_on=day), *world(closed(), *schedule(1))) == numbers


def test_r100_holds_for_a_later_change_of_a_payment_made_long_ago() -> None:
    back = payment(payment_kind="refund-to-person", payment_status="paid", paid_on=date(2025, 9, 1))
    assert broken(replace(back, payee_name="The person"), *world(closed()), previous=back) == set()


def test_contingency_is_part_of_what_a_funder_may_pay() -> None:
    release = payment(payment_kind="contingency-release", total_pence=6_000)
    everything = world(budget(SWIMMING, CONTINGENCY), *schedule(*range(1, 13)))
    assert broken(release, *everything) == set()
    assert broken(sized(release, 6_001), *everything) == {"R99"}


# --- the sum of its lines ---------------------------------------------------------------------------


def test_r85_breaks_when_a_payment_is_not_the_sum_of_its_lines() -> None:
    part = replace(instalment(2).lines[0], amount_pence=MONTHLY // 2)
    parts = (part, replace(part, sequence=2))
    assert broken(instalment(2, lines=parts), *world()) == set()
    assert broken(instalment(2, lines=parts, total_pence=MONTHLY - 1), *world()) == {"R85"}
    unsaid = (part, replace(part, sequence=2, amount_pence=None))
    assert broken(instalment(2, lines=unsaid), *world()) == set()
    old = instalment(2, lines=parts, total_pence=MONTHLY - 1)
    assert broken(replace(old, due_on=date(2025, 4, 30)), *world(), previous=old) == set()


def test_r85_breaks_when_an_entry_is_not_the_sum_of_its_lines() -> None:
    entry = spent(500, "recorded").record
    assert broken(entry, *world()) == set()
    assert broken(replace(entry, total_pence=501), *world()) == {"R85"}


# --- money given back -------------------------------------------------------------------------------


def test_r83_breaks_when_more_is_given_back_than_the_person_has_paid() -> None:
    given = filed(payment(payment_kind="client-contribution", payment_status="paid", total_pence=700), "given")
    back = sized(payment(payment_kind="refund-to-person", payment_status="paid"), 700)
    assert broken(back, *world(given)) == set()
    assert broken(sized(back, 701), *world(given)) == {"R83"}
    assert broken(replace(back, payment_status="scheduled"), *world()) == set()
    assert broken(back, *world()) == {"R83"}


# --- the share it draws on --------------------------------------------------------------------------


@pytest.mark.parametrize("known", [{"stream": "nhs-wheelchair"}, {"person_id": "other"}])
def test_r157_breaks_when_the_share_of_an_agreed_budget_becomes_another(known: dict[str, Any]) -> None:
    before = share("nhs", "nhs-other", "Organization/icb", 1).record
    changed = replace(before, **known)
    assert "R157" in broken(changed, *world(without=("nhs",)), id="nhs", previous=before)
    drafted = budget(budget_status="draft")
    assert "R157" not in broken(changed, *world(drafted, without=("nhs",)), id="nhs", previous=before)
