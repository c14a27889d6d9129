"""Source: domain.md 6.6, 6.8 examples 1, 4, 5, 6."""

from datetime import date
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.schedules import LinePart, Owed, instalments, owed, own_payments
from tests.fhir_gateway.demo.test_figures import ROWAN_COUNCIL, ROWAN_NHS
from tests.fhir_gateway.phb.test_periods import PERIODS

YEAR: Final = Period(date(2025, 4, 1), date(2026, 3, 31))
ROWAN: Final = Period(date(2025, 5, 12), date(2026, 3, 31))
AMOUNTS: Final = st.integers(0, 5_000_000)


def amounts(due: Owed, whole: Period, interval: str = "monthly") -> list[int]:
    return [one.amount for one in instalments(due, whole, interval)]


def test_jackie_is_paid_in_equal_parts() -> None:
    assert amounts(Owed(recurring=300_000), YEAR) == [25_000] * 12
    half = Period(date(2025, 10, 1), YEAR.end)
    assert amounts(Owed(recurring=149_589), half) == [24_932] * 3 + [24_931] * 3


def test_keir_gets_one_offs_and_contingency_with_the_first_instalment() -> None:
    parts = (
        LinePart(share=5_073_501),
        LinePart(share=48_000, one_off=True),
        LinePart(share=11_800, one_off=True),
        LinePart(share=312_340, contingency=True),
    )
    due = owed(parts, "with-first-instalment")
    made = instalments(due, YEAR)
    assert [one.recurring for one in made] == [422_792] * 9 + [422_791] * 3
    assert (made[0].amount, made[0].one_off, made[0].contingency) == (794_932, 59_800, 312_340)
    assert made[0].due_on == date(2025, 4, 1)
    assert owed(parts) == due


def test_rowan_is_paid_by_days_because_the_period_starts_in_mid_month() -> None:
    nhs = instalments(Owed(recurring=1_982_764, one_off=12_500), ROWAN)
    council = instalments(Owed(recurring=1_465_522, one_off=12_499), ROWAN)
    assert tuple(one.recurring for one in nhs) == ROWAN_NHS
    assert tuple(one.recurring for one in council) == ROWAN_COUNCIL
    assert [one.one_off for one in nhs] == [12_500, *[0] * 10]
    assert [one.due_on for one in nhs][:2] == [date(2025, 5, 12), date(2025, 6, 1)]


def test_janice_pays_her_part_and_the_council_its_share_less_that() -> None:
    nhs = owed((LinePart(share=300_245), LinePart(share=9_000, contingency=True)), "spread")
    council = owed((LinePart(share=191_044), LinePart(share=9_000, contingency=True)), "spread")
    assert amounts(nhs, YEAR) == [25_771] * 5 + [25_770] * 7
    assert amounts(council.less(65_700), YEAR) == [11_196] * 4 + [11_195] * 8
    assert [one.amount for one in own_payments(65_700, YEAR)] == [5_475] * 12
    assert nhs.recurring + council.recurring == 509_289


def test_contingency_on_request_is_in_no_instalment() -> None:
    due = owed((LinePart(share=100), LinePart(share=50, contingency=True)), "on-request")
    assert due == Owed(recurring=100)


def test_a_one_off_budget_is_one_payment() -> None:
    (only,) = instalments(Owed(recurring=0, one_off=40_000), YEAR)
    assert (only.seq, only.amount, only.due_on) == (1, 40_000, YEAR.start)


def test_a_contribution_is_taken_from_recurring_money_first() -> None:
    due = Owed(recurring=100, one_off=50, contingency=25)
    assert due.less(120) == Owed(recurring=0, one_off=30, contingency=25)
    assert due.less(160) == Owed(recurring=0, one_off=0, contingency=15)
    assert due.less(1_000) == Owed(recurring=0)


def test_four_week_blocks_are_equal_while_they_are_whole() -> None:
    whole = Period(date(2025, 4, 1), date(2025, 6, 23))
    assert amounts(Owed(recurring=301), whole, "four-weekly") == [101, 100, 100]
    longer = Period(date(2025, 4, 1), date(2025, 6, 30))
    assert amounts(Owed(recurring=9_100), longer, "four-weekly") == [2_800, 2_800, 2_800, 700]


@given(AMOUNTS, AMOUNTS, AMOUNTS, PERIODS, st.sampled_from(["monthly", "four-weekly"]))
def test_instalments_add_up_to_what_is_owed_and_are_due_when_they_start(
    recurring: int, one_off: int, contingency: int, whole: Period, interval: str
) -> None:
    made = instalments(Owed(recurring=recurring, one_off=one_off, contingency=contingency), whole, interval)
    assert sum(one.amount for one in made) == recurring + one_off + contingency
    assert all(one.due_on == one.covers.start and one.covers.within(whole) == one.covers for one in made)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_less_a_contribution_is_less_by_that_much(recurring: int, one_off: int, contingency: int, paid: int) -> None:
    left = Owed(recurring=recurring, one_off=one_off, contingency=contingency).less(paid)
    assert left.recurring + left.one_off + left.contingency == max(0, recurring + one_off + contingency - paid)
