"""The purses of a case: streams and options of its ongoing budget, and the days its reviews count from."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case.purses import duties_of, first_direct_payment, has_direct_payment, paid_on, purses
from fhir_gateway.phb.records import made
from mappings.claim_response import FunderAnswer
from tests.fhir_gateway.phb.reviewed import (
    COUNCIL,
    NHS,
    PAID,
    budget,
    case,
    coverage,
    held,
    money,
    payment,
)
from tests.fhir_gateway.phb.shelf import case_file, filed

CHARITY = ("charity-or-other", "direct-payment")


def answer(**known: Any) -> Any:
    usual: dict[str, Any] = {"status": "active", "claim_id": f"pay-{NHS[0]}-{PAID}", "paid_on": date(2025, 4, 3)}
    head = {"person_id": "pat", "claim_type": "phb-payment", "use": "claim", "outcome": "complete"}
    return filed(made(FunderAnswer, **head | usual | known), "answer")


def test_each_stream_and_option_that_a_law_has_reviewed_is_a_purse() -> None:
    found = purses(case_file(*money(NHS, COUNCIL, CHARITY)))
    assert [(one.stream, one.funder, one.first_paid) for one in found] == [
        ("nhs-other", "Organization/icb", PAID),
        ("la-adult-social-care", "Organization/council", PAID),
    ]


def test_a_review_counts_for_the_duties_it_does() -> None:
    nhs, council = purses(case_file(*money(NHS, COUNCIL), filed(held(), "first")))
    assert (nhs.last_review, council.last_review) == (date(2025, 5, 22), None)


def test_lines_that_do_not_say_who_pays_are_paid_by_all() -> None:
    plain = budget(NHS, COUNCIL)
    lines = tuple(replace(one, weights=(), split_method=None) for one in plain.record.lines)
    file = case_file(
        case(), replace(plain, record=replace(plain.record, lines=lines)), coverage(NHS[0]), coverage(COUNCIL[0])
    )
    assert duties_of(file) == {"annual", "statutory-la"}


def test_a_payment_under_an_earlier_version_starts_the_clock() -> None:
    before = replace(budget(NHS, budget_status="superseded"), id="budget")
    now = replace(budget(NHS, supersedes_id="budget"), id="budget2")
    (found,) = purses(case_file(case(), before, now, coverage(NHS[0]), payment(NHS[0])))
    assert found.first_paid == PAID


def test_a_payment_of_another_budget_or_stream_does_not() -> None:
    standing = (case(), budget(NHS), coverage(NHS[0]), coverage(COUNCIL[0]))
    elsewhere = payment(NHS[0], pays_against_id="another")
    council = payment(COUNCIL[0])
    assert [one.first_paid for one in purses(case_file(*standing, elsewhere, council))] == [None]
    unnamed = payment(NHS[0], pays_against_id=None)
    assert [one.first_paid for one in purses(case_file(*standing, unnamed))] == [PAID]


def test_a_payment_without_coverage_is_its_funders() -> None:
    standing = (case(), budget(NHS), coverage(NHS[0]))
    assert [
        one.first_paid for one in purses(case_file(*standing, payment(NHS[0], insurance=(), insurer_id="icb")))
    ] == [PAID]
    assert [one.first_paid for one in purses(case_file(*standing, payment(NHS[0], insurance=())))] == [None]


@pytest.mark.parametrize(
    ("known", "answers", "expected"),
    [
        ({}, (), PAID),
        ({"paid_on": None}, (answer(),), date(2025, 4, 3)),
        ({"paid_on": None, "payment_status": "due"}, (answer(),), date(2025, 4, 3)),
        ({"paid_on": None, "due_on": date(2025, 4, 2)}, (), date(2025, 4, 2)),
        ({"paid_on": None, "start": date(2025, 4, 5)}, (answer(paid_on=None),), date(2025, 4, 5)),
        ({"paid_on": None}, (answer(status="cancelled"),), None),
        ({"paid_on": None, "payment_status": "due", "due_on": PAID}, (), None),
        ({"payment_status": "failed"}, (answer(),), None),
        ({"payment_kind": "recovery"}, (), None),
        ({"status": "draft"}, (), None),
    ],
)
def test_a_payment_was_made_when_it_or_an_answer_says_so(
    known: dict[str, Any], answers: tuple[Any, ...], expected: date | None
) -> None:
    one = payment(NHS[0], **known)
    assert paid_on(case_file(one, *answers), one) == expected


def test_the_first_direct_payment_is_the_earliest_of_all_funders() -> None:
    later, first = payment(NHS[0], date(2025, 5, 1)), payment(COUNCIL[0], date(2025, 4, 20))
    standing = (case(), budget(NHS, COUNCIL), coverage(NHS[0]), coverage(COUNCIL[0]))
    assert first_direct_payment(case_file(*standing, later, first)) == (date(2025, 4, 20), first)
    assert first_direct_payment(case_file(*standing)) is None


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, True),
        ({"budget_kind": "one-off"}, False),
        ({"budget_status": "draft"}, False),
        ({"budget_kind": None}, True),
    ],
)
def test_only_an_ongoing_budget_in_force_counts(known: dict[str, Any], *, expected: bool) -> None:
    assert has_direct_payment(case_file(case(), budget(NHS, **known), coverage(NHS[0]))) is expected


def test_a_budget_that_does_not_say_its_kind_is_what_the_case_is() -> None:
    one_off = case(budget_kind="one-off")
    assert not has_direct_payment(case_file(one_off, budget(NHS, budget_kind=None), coverage(NHS[0])))
