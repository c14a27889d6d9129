"""A payment list against the ledger: a verdict for every row and every missing payment, and sums to the penny."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.reconciliation import NOT_ON_LIST, Listed, Paid, Reconciliation, reconciled

JUNE = Period(date(2025, 6, 1), date(2025, 6, 30))
DAY, NEXT = date(2025, 6, 2), date(2025, 6, 3)


def listed(reference: str, amount: int = 100, day: date | None = DAY, id: str = "row") -> Listed:  # noqa: A002
    return Listed(id, reference, day, amount)


def paid(reference: str, amount: int = 100, day: date | None = DAY, id: str = "answer") -> Paid:  # noqa: A002
    return Paid(id, reference, day, amount)


def verdicts(rows: list[Listed], ledger: list[Paid], covers: Period | None = JUNE) -> list[str]:
    return [one.verdict for one in reconciled(rows, ledger, covers).lines]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (listed("A1"), "matched"),
        (listed(" a 1"), "matched"),
        (listed("A1", 101), "amount-differs"),
        (listed("A1", day=NEXT), "date-differs"),
        (listed("A1", 99, NEXT), "amount-differs"),
        (listed("A1", day=None), "date-differs"),
    ],
)
def test_a_row_meets_the_payment_of_its_reference(row: Listed, verdict: str) -> None:
    (line,) = reconciled([row], [paid("A1")], JUNE).lines
    assert (line.verdict, line.listed, line.paid) == (verdict, row, paid("A1"))


def test_a_row_the_ledger_does_not_know_and_a_payment_the_list_does_not_know() -> None:
    assert verdicts([listed("B2")], [paid("A1")]) == ["not-in-ledger", "not-on-list"]


def test_a_row_that_comes_again_is_listed_twice_only_where_the_ledger_knows_it() -> None:
    assert verdicts([listed("A1"), listed("A1")], [paid("A1")]) == ["matched", "listed-twice"]
    assert verdicts([listed("B2"), listed("B2")], []) == ["not-in-ledger"] * 2


def test_payments_that_share_a_reference_meet_the_rows_most_like_them() -> None:
    rows = [listed("A1", 300), listed("A1", 200, NEXT), listed("A1", 100)]
    assert verdicts(rows, [paid("A1", 100), paid("A1", 200), paid("A1", 301)]) == [
        "amount-differs",
        "date-differs",
        "matched",
    ]


def test_a_row_without_reference_meets_a_payment_of_its_day_and_amount_that_is_free() -> None:
    assert verdicts([listed("")], [paid("A1")]) == ["matched"]
    assert verdicts([listed(""), listed("")], [paid("A1")]) == ["matched", "not-in-ledger"]
    assert verdicts([listed(""), listed("A1")], [paid("A1")]) == ["not-in-ledger", "matched"]
    assert verdicts([listed("", day=NEXT)], [paid("A1")], None) == ["not-in-ledger"]


def test_payments_of_other_days_are_not_missed() -> None:
    assert verdicts([], [paid("A1", day=date(2025, 7, 1)), paid("A2", day=None)]) == []
    assert verdicts([], [paid("A1")], None) == []


def test_money_that_came_back_is_below_zero_on_both_sides() -> None:
    found = reconciled([listed("R1", -500)], [paid("R1", -500)], JUNE)
    assert (found.agrees, found.listed, found.paid, found.difference) == (True, -500, -500, 0)


def test_the_sums_of_both_sides_and_how_often_each_verdict_was_given() -> None:
    rows = [listed("A1"), listed("A2", 250), listed("B1", 70)]
    found = reconciled(rows, [paid("A1"), paid("A2", 200), paid("A3", 30)], JUNE)
    assert (found.listed, found.paid, found.difference, found.agrees) == (420, 330, 90, False)
    assert [found.count(one) for one in ("matched", "amount-differs", "not-in-ledger", "not-on-list")] == [1] * 4
    assert [one.difference for one in found.lines] == [0, 50, 70, -30]


REFERENCES = st.sampled_from(["", "A1", "A2", "B1"])
DAYS = st.sampled_from([DAY, NEXT, date(2025, 9, 1), None])
ROWS = st.lists(st.builds(listed, REFERENCES, st.integers(-3, 3), DAYS), max_size=8)
LEDGERS = st.lists(st.builds(paid, REFERENCES, st.integers(-3, 3), DAYS), max_size=8)


@given(ROWS, LEDGERS)
def test_every_row_is_judged_once_and_no_payment_meets_two(rows: list[Listed], ledger: list[Paid]) -> None:
    found: Reconciliation = reconciled(rows, ledger, JUNE)
    assert [one.listed for one in found.lines if one.listed is not None] == rows
    met = [one.paid for one in found.lines if one.paid is not None]
    left = list(ledger)
    for one in met:
        left.remove(one)
    assert all(one.paid_on is None or one.paid_on not in JUNE for one in left)
    assert found.difference == sum(one.difference for one in found.lines)
    assert all((one.listed is None) == (one.verdict == NOT_ON_LIST) for one in found.lines)


@given(st.lists(st.builds(paid, REFERENCES, st.integers(-3, 3), st.sampled_from([DAY, NEXT])), max_size=8))
def test_a_list_made_from_the_ledger_agrees_in_whatever_order(ledger: list[Paid]) -> None:
    rows = [Listed(one.id, one.reference, one.paid_on, one.amount) for one in reversed(ledger)]
    assert reconciled(rows, ledger, JUNE).agrees
