"""The books of a budget filled from the case file: versions, shares, payments."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.demo.people import FILES
from fhir_gateway.phb.case.books import amounts, books_of, funders_figures, owed_by, versions_of
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.figures import figures
from mappings.budget import AgreedBudget
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.payment import PaymentLine
from tests.fhir_gateway.phb.rules.money_moved import MONTHLY, instalment, insured, payment
from tests.fhir_gateway.phb.rules.money_world import END, SWIMMING, budget, share, world
from tests.fhir_gateway.phb.shelf import PERSON, Shelf, case_file, filed

DEMO = [Filed(one.mapping.resource_type, one.id, 1, one.record) for file in FILES.values() for one in file]


def test_janices_figures_are_those_of_the_worked_example() -> None:
    """domain.md 6.8 example 6, as at 30 September 2025."""
    case = CaseFile(Shelf(DEMO), "janice", date(2025, 9, 30))
    (agreed,) = case.all(AgreedBudget)
    books = books_of(case, agreed)
    assert books is not None
    found = dict(
        zip((one.coverage_id for one in books.funders), figures(books, date(2025, 9, 30)).funders, strict=True)
    )
    assert (found["janice-nhs"].paid, found["janice-nhs"].committed) == (154_625 + 24_960, 192_060)
    assert (found["janice-council"].paid, found["janice-council"].committed) == (67_174, 67_170)
    assert (found["janice-nhs"].uncommitted, found["janice-council"].uncommitted) == (0, 0)


def test_nothing_is_left_uncommitted_or_overdrawn_in_janices_whole_year() -> None:
    case = CaseFile(Shelf(DEMO), "janice", date(2025, 9, 30))
    (agreed,) = case.all(AgreedBudget)
    assert {name: one.uncommitted for name, one in funders_figures(case, agreed).items() if name != "janice-own"} == {
        "janice-nhs": 0,
        "janice-council": 0,
    }


@pytest.mark.parametrize(
    "changed",
    [
        (budget(start=None),),
        (budget(insurance=()),),
        (budget(insurance=insured("elsewhere")),),
        (budget(replace(SWIMMING, split_method="percentage")),),
    ],
    ids=["no period", "no funder", "a funder not known", "a line that nobody pays"],
)
def test_there_are_no_books_where_the_records_do_not_say_who_pays_what(changed: tuple[Filed[Any], ...]) -> None:
    case = case_file(*world(*changed))
    (agreed,) = case.all(AgreedBudget)
    assert books_of(case, agreed) is None
    assert funders_figures(case, agreed) == {}
    assert owed_by(case, agreed, {"nhs"}).recurring == 0


def test_what_a_funder_answered_counts_before_the_lines_own_split() -> None:
    council = share("la", "la-adult-social-care", "Organization/council", 2)
    both = (*insured(), replace(insured("la")[0], sequence=2, focal=False))
    lines = ((("icb", 90_000)), ("council", 30_000))
    answers = [
        filed(
            made(
                FunderAnswer,
                person_id=PERSON,
                status="active",
                claim_type="phb-budget",
                use="preauthorization",
                outcome="complete",
                funder_id=body,
                claim_id="budget",
                lines=(made(AnsweredLine, line_no=1, amount_pence=amount, decision="approved"),),
            ),
            f"answer-{body}",
        )
        for body, amount in lines
    ]
    case = case_file(*world(budget(SWIMMING, insurance=both), council, *answers))
    (agreed,) = case.all(AgreedBudget)
    assert {name: one.allocated for name, one in funders_figures(case, agreed).items()} == {"nhs": 90_000, "la": 30_000}
    twice = share("la", "la-adult-social-care", "Organization/icb", 2)
    case = case_file(*world(budget(SWIMMING, insurance=both), twice, *answers))
    assert {name: one.allocated for name, one in funders_figures(case, agreed).items()} == {"nhs": 120_000, "la": 0}


def test_all_versions_of_a_budget_belong_together_in_their_order() -> None:
    first = budget(SWIMMING, budget_status="superseded")
    second = Filed("Claim", "b2", 1, replace(first.record, version=2, supersedes_id="budget"))
    third = Filed("Claim", "b3", 1, replace(first.record, version=3, supersedes_id="b2", start=None))
    other = Filed("Claim", "b4", 1, replace(first.record, version=1))
    case = case_file(*world(third, first, second, other))
    for one in (first, second, third):
        assert [found.id for found in versions_of(case, one)] == ["budget", "b2", "b3"]
    books = books_of(case, third)
    assert books is not None
    assert (len(books.versions), books.period.end) == (2, END)


def test_money_that_moved_counts_as_it_moved_and_drafts_not_at_all() -> None:
    paid = filed(instalment(1, payment_status="paid"), "paid")
    moved = made(
        FunderAnswer,
        person_id=PERSON,
        status="active",
        claim_type="phb-payment",
        use="claim",
        outcome="complete",
        funder_id="icb",
        claim_id="paid",
        paid_on=date(2025, 4, 1),
        paid_pence=9_000,
    )
    draft = filed(instalment(2, status="draft"), "draft")
    nobody = filed(instalment(3, insurance=()), "nobody")
    case = case_file(*world(budget(SWIMMING), paid, draft, nobody, filed(moved, "moved")))
    (agreed,) = case.all(AgreedBudget)
    found = funders_figures(case, agreed)["nhs"]
    assert (found.paid, found.committed) == (9_000, 0)


WEIGHTS = {("budget", 1): (5_750, 4_250), ("budget", 2): (0, 0)}


def test_a_payment_of_two_funders_is_shared_as_its_lines_are() -> None:
    part = made(PaymentLine, sequence=1, budget_line=1, amount_pence=74_500)
    bill = payment(payment_kind="invoice", total_pence=74_500, lines=(part,))
    assert amounts(bill, [0, 1], WEIGHTS) == (42_838, 31_662)
    assert amounts(bill, [1], WEIGHTS) == (74_500,)
    assert amounts(replace(bill, lines=(replace(part, budget_line=2),)), [0, 1], WEIGHTS) == (37_250, 37_250)
    assert amounts(replace(bill, lines=()), [0, 1], WEIGHTS) == (37_250, 37_250)


@given(st.lists(st.integers(0, 10**6), max_size=4), st.integers(0, 10**7))
def test_the_parts_of_a_payment_add_up_to_it(lines: list[int], total: int) -> None:
    rows = tuple(
        made(PaymentLine, sequence=at, budget_line=at % 3, amount_pence=one) for at, one in enumerate(lines, start=1)
    )
    assert sum(amounts(payment(payment_kind="invoice", total_pence=total, lines=rows), [0, 1], WEIGHTS)) == total


def test_what_is_owed_to_the_account_leaves_out_notional_lines() -> None:
    case = case_file(*world())
    (agreed,) = case.all(AgreedBudget)
    owed = owed_by(case, agreed, {"nhs"})
    assert (owed.recurring, owed.one_off, owed.contingency) == (12 * MONTHLY, 0, 6_000)
    assert owed_by(case, agreed, {"la"}).recurring == 0
