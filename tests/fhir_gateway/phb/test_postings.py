"""From rows to the parts of payments and to spending: who pays which part, and what counts as spent.

Source: domain.md 6.4, 6.7; rules R64, R66, R85.
"""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.books import Movement
from fhir_gateway.phb.postings import (
    AnswerRow,
    Answers,
    EntryRow,
    KnownVersion,
    Payers,
    PaymentRow,
    movements,
    spendings,
)

DAY: Final = date(2025, 5, 1)
PAYERS: Final = Payers(
    by_coverage={"nhs": 0, "la": 1},
    by_body={"icb": 0, "council": 1},
    bodies={0: "icb", 1: "council"},
    weights={("b", 1): (5_000, 5_000), ("b", 2): (1, 2)},
)
VERSION: Final = KnownVersion(
    budget_id="b",
    lines=frozenset({1, 2}),
    was_in_force=True,
    start=date(2025, 4, 1),
    end=date(2026, 3, 31),
    rank=(True, 1, "b"),
)


def row(**known: Any) -> PaymentRow:
    """An instalment of 100 pence by the NHS, with one line."""
    usual: dict[str, Any] = dict.fromkeys(PaymentRow._fields)
    usual |= {"claim_id": "p", "version": 1, "kind": "instalment", "status": "paid", "budget_id": "b", "total": 100}
    return PaymentRow(**usual | {"sequence": 1, "line_amount": 100, "coverage_id": "nhs", "due_on": DAY} | known)


def answer(funder: str, total: int | None, paid: int | None = None) -> AnswerRow:
    return AnswerRow("p", funder, total, DAY if paid is not None else None, paid)


def parts(*rows: PaymentRow, answers: tuple[AnswerRow, ...] = (), lines: Any = None) -> list[tuple[int, Any, int, Any]]:
    """Payer, line, pence asked and pence moved of each part."""
    found = movements(rows, Answers(answers), lines or {}, PAYERS)
    return [(one.payer, one.line, one.amount, one.paid_pence) for one in found]


def test_a_payment_of_one_payer_is_one_part() -> None:
    assert parts(row(budget_line=1)) == [(0, 1, 100, None)]
    assert parts(row(), answers=(answer("icb", 90, 80),)) == [(0, None, 90, 80)]


def test_the_funder_s_day_counts_before_the_payment_s_own() -> None:
    (one,) = movements([row(paid_on=date(2025, 6, 1))], Answers((answer("icb", 100, 100),)), {}, PAYERS)
    assert one.paid_on == DAY
    assert isinstance(one, Movement)


@pytest.mark.parametrize(
    ("known", "payer"),
    [
        ({"coverage_id": "la"}, 1),
        ({"coverage_id": None, "insurer_id": "council"}, 1),
        ({"coverage_id": "unknown", "insurer_id": "council"}, 1),
        ({"coverage_id": None, "insurer_id": None}, 0),
    ],
)
def test_the_payer_is_named_by_coverage_or_by_body(known: dict[str, Any], payer: int) -> None:
    assert parts(row(**known)) == [(payer, None, 100, None)]


def test_two_payers_share_a_line_as_the_budget_line_is_shared() -> None:
    joint = [row(coverage_id=one, budget_line=2) for one in ("nhs", "la")]
    assert parts(*joint) == [(0, 2, 33, None), (1, 2, 67, None)]


def test_two_payers_of_no_line_pay_equal_parts() -> None:
    assert parts(*(row(coverage_id=one) for one in ("nhs", "la"))) == [(0, None, 50, None), (1, None, 50, None)]


def test_what_the_funders_answered_counts_before_the_weights() -> None:
    joint = [row(coverage_id=one, budget_line=1) for one in ("nhs", "la")]
    given = (answer("icb", 60, 60), answer("council", 40))
    assert parts(*joint, answers=given) == [(0, 1, 60, 60), (1, 1, 40, None)]


def test_a_funder_that_answered_pays_though_the_payment_does_not_name_it() -> None:
    given = (answer("icb", 60), answer("council", 40))
    assert parts(row(), answers=given) == [(0, None, 60, None), (1, None, 40, None)]


def test_several_lines_are_parts_of_their_own_and_what_moved_is_shared_out() -> None:
    lines = [row(sequence=2, budget_line=2, line_amount=25), row(sequence=1, budget_line=1, line_amount=75)]
    assert parts(*lines) == [(0, 1, 75, None), (0, 2, 25, None)]
    assert parts(*lines, answers=(answer("icb", 100, 50),)) == [(0, 1, 75, 38), (0, 2, 25, 12)]
    by_line = {("p", "icb"): {1: 40, 2: 60}}
    assert parts(*lines, answers=(answer("icb", 100),), lines=by_line) == [(0, 1, 40, None), (0, 2, 60, None)]


@given(
    lines=st.lists(st.integers(0, 10_000), min_size=1, max_size=4),
    shares=st.none() | st.integers(0, 10_000),
    rest=st.integers(0, 500),
)
def test_the_parts_of_a_payment_add_up_to_it(lines: list[int], shares: int | None, rest: int) -> None:
    total = sum(lines) + rest
    rows = [
        row(sequence=at, line_amount=amount, total=total, budget_line=at % 3 or None, coverage_id=one)
        for at, amount in enumerate(lines, start=1)
        for one in ("nhs", "la")
    ]
    given_answers = (
        () if shares is None else (answer("icb", min(shares, total)), answer("council", max(0, total - shares)))
    )
    assert sum(amount for _, _, amount, _ in parts(*rows, answers=given_answers)) == total


# --- spending ---------------------------------------------------------------------------------------


def item(**known: Any) -> EntryRow:
    """An item of 100 pence on line 1 that was accepted by nobody yet."""
    usual: dict[str, Any] = dict.fromkeys(EntryRow._fields)
    usual |= {"budget_id": "b", "status": "recorded", "spent_on": DAY, "budget_line": 1, "amount": 100}
    return EntryRow(**usual | {"entries": 1, "versions": 1, "latest": 1} | known)


def status(*rows: EntryRow) -> list[tuple[str | None, str | None, int]]:
    """Budget, status and pence of what comes of the rows."""
    found = spendings(rows, [VERSION], frozenset({"b"}))
    return [(one.budget_id, one.status, one.amount) for one in found]


@pytest.mark.parametrize("said", ["recorded", "evidenced", "accepted", "queried", "disallowed"])
def test_r66_holds_for_an_item_on_a_line_whatever_its_status(said: str) -> None:
    assert status(item(status=said)) == [("b", said, 100)]


def test_an_item_of_no_status_is_recorded() -> None:
    assert status(item(status=None)) == [("b", "recorded", 100)]


@pytest.mark.parametrize("said", ["recorded", "evidenced", "accepted", None])
def test_r64_breaks_an_item_for_an_excluded_use(said: str | None) -> None:
    assert status(item(status=said, exclusion="gambling")) == [("b", "disallowed", 100)]


@pytest.mark.parametrize("known", [{"budget_line": None}, {"budget_line": 7}])
def test_r66_breaks_an_item_on_no_line_until_it_is_accepted(known: dict[str, Any]) -> None:
    assert status(item(**known)) == [("b", "queried", 100)]
    assert status(item(status="accepted", **known)) == [("b", "accepted", 100)]


def test_one_excluded_item_disallows_its_whole_entry_and_no_other() -> None:
    rows = [item(), item(entry="e", amount=1), item(entry="e", amount=2, exclusion="debt")]
    assert sorted(status(*rows), key=str) == [("b", "disallowed", 3), ("b", "recorded", 100)]


def test_an_item_that_names_no_budget_belongs_to_the_one_of_its_day() -> None:
    assert status(item(budget_id=None)) == [("b", "recorded", 100)]
    assert status(item(budget_id=None, spent_on=date(2020, 1, 1))) == [(None, "queried", 100)]
    assert status(item(budget_id=None, spent_on=None, created=DAY)) == [("b", "recorded", 100)]


def test_the_spending_of_a_budget_that_is_not_known_here_is_not_ours() -> None:
    assert status(item(budget_id="elsewhere")) == []
    assert status(item(budget_id="elsewhere", status="queried")) == [(None, "queried", 100)]


def test_items_that_read_alike_are_added_up_and_contingency_is_told_apart() -> None:
    rows = [item(), item(amount=11), item(flags='["contingency"]', amount=5)]
    found = spendings(rows, [VERSION], frozenset({"b"}))
    assert [(one.amount, one.contingency) for one in found] == [(111, False), (5, True)]
