"""Which budgets a statement is about, and how its books are filled.

Source: domain.md 2.3, 6.7.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.accounts import Accounts, Unclear, books_of
from fhir_gateway.phb.budget_chains import Wanted
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.figures import figures
from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.postings import AnsweredLineRow, AnswerRow, EntryRow, PaymentRow
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget, BudgetLine, IndicativeBudget, SplitWeight
from mappings.claim_parts import ClaimCoverage
from mappings.coverage import ClientContribution, FunderContribution
from mappings.episode_of_care import PhbCase

APRIL: Final = date(2025, 4, 1)
MARCH: Final = date(2026, 3, 31)
OCTOBER: Final = date(2025, 10, 1)
WHOLE: Final = Period(APRIL, MARCH)
INSURANCE: Final = tuple(
    made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one) for at, one in enumerate(("nhs", "la"), start=1)
)


def line(**known: Any) -> BudgetLine:
    """365.00 a year, which NHS and council halve."""
    halves = tuple(made(SplitWeight, insurance_sequence=at, bps=5_000) for at in (1, 2))
    usual: dict[str, Any] = {
        "line_no": 1,
        "management_option": "direct-payment",
        "frequency": "annual",
        "rate_pence": 36_500,
        "amount_pence": 36_500,
        "split_method": "percentage",
        "weights": halves,
    }
    return made(BudgetLine, **usual | known)


def budget(id: str = "one", number: int = 1, **known: Any) -> Filed[AgreedBudget]:  # noqa: A002
    usual: dict[str, Any] = {
        "person_id": "p",
        "status": "active",
        "budget_status": "active",
        "version": number,
        "start": APRIL,
        "end": MARCH,
        "insurance": INSURANCE,
        "lines": (line(),),
    }
    return Filed("Claim", id, 1, made(AgreedBudget, **usual | known))


def share(id: str, **known: Any) -> Filed[FunderContribution]:  # noqa: A002
    usual: dict[str, Any] = {"person_id": "p", "status": "active"}
    return Filed("Coverage", id, 1, made(FunderContribution, **usual | known))


COVERAGES: Final = (
    share("la", stream="la-adult-social-care", funder="Organization/council"),
    share("nhs", stream="nhs-other", funder="Organization/icb"),
)


def accounts(*budgets: Filed[AgreedBudget], **known: Any) -> Accounts:
    return Accounts(person="p", budgets=budgets, **{"coverages": COVERAGES} | known)


def kept(*budgets: Filed[AgreedBudget], day: date = OCTOBER, **known: Any) -> Any:
    return books_of(accounts(*budgets, **known), Wanted(day=day))


# --- which budgets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "submitted", "declined", "shared"])
def test_a_budget_that_was_never_agreed_has_no_books(status: str) -> None:
    assert kept(budget(budget_status=status)) is None


def test_a_budget_without_days_or_in_error_has_no_books() -> None:
    assert kept(budget(start=None)) is None
    assert kept(budget(status="entered-in-error")) is None
    assert kept() is None


def test_the_versions_of_a_budget_are_one_budget() -> None:
    second = budget("two", 2, supersedes_id="one", start=OCTOBER)
    found = kept(budget(budget_status="superseded"), second)
    assert found.books.period == WHOLE
    assert [(one.budget_id, one.number, one.chain) for one in found.books.versions] == [
        *(("one", 1, "one"), ("two", 2, "one")),
    ]
    assert [one.id for one in found.budgets] == ["two", "one"]
    totals = figures(found.books, MARCH).total
    assert totals.allocated == 183 * 100 + 36_500


def test_budgets_that_run_on_the_same_day_are_stated_together() -> None:
    once = budget("once", end=OCTOBER, lines=(line(amount_pence=500, frequency="one-off", rate_pence=500),))
    assert figures(kept(budget(), once).books, MARCH).total.allocated == 37_000
    assert figures(kept(budget(), once, day=MARCH).books, MARCH).total.allocated == 36_500


def test_without_one_on_the_day_it_is_the_last_begun_else_the_next() -> None:
    later = budget("later", start=date(2027, 4, 1), end=date(2028, 3, 31))
    assert kept(budget(), later, day=date(2026, 6, 1)).budgets[0].id == "one"
    assert kept(budget(), later, day=date(2029, 6, 1)).budgets[0].id == "later"
    assert kept(budget(), later, day=date(2020, 6, 1)).budgets[0].id == "one"
    assert books_of(accounts(budget()), Wanted(day=date(2026, 6, 1), strict=True)) is None


def test_a_span_is_cut_to_the_days_of_the_budgets_in_it() -> None:
    wanted = Wanted(day=OCTOBER, span=Period(date(2024, 1, 1), date(2025, 4, 30)))
    found = books_of(accounts(budget()), wanted)
    assert found is not None
    assert found.books.period == Period(APRIL, date(2025, 4, 30))
    assert figures(found.books, MARCH).total.allocated == 3_000


# --- who pays ---------------------------------------------------------------------------------------


def test_funders_without_an_order_stand_in_the_usual_one() -> None:
    own = share("own", stream="person-contribution", funder="Patient/p")
    grant = share("grant", stream="charity-or-other", funder="Organization/trust")
    insurance = tuple(
        made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one)
        for at, one in enumerate(("own", "grant", "la", "nhs"), start=1)
    )
    whole = line(split_method="need-type", need_type="health", weights=())
    found = kept(budget(insurance=insurance, lines=(whole,)), coverages=(*COVERAGES, own, grant))
    assert [one.coverage_id for one in found.books.funders] == ["nhs", "la", "grant", "own"]


def test_a_coverage_that_is_no_record_of_ours_is_another_funder() -> None:
    found = kept(budget(), coverages=(COVERAGES[1],))
    assert [(one.coverage_id, one.kind) for one in found.books.funders] == [("nhs", "nhs-icb"), ("la", "other")]


def test_what_the_funders_answered_is_the_share_where_it_makes_up_the_line() -> None:
    rows = [AnsweredLineRow("one", "icb", 1, 36_000), AnsweredLineRow("one", "council", 1, 500)]
    assert kept(budget(), budget_lines=rows).books.versions[0].lines[0].shares == (36_000, 500)
    assert kept(budget(), budget_lines=rows[:1]).books.versions[0].lines[0].shares == (18_250, 18_250)


def test_answers_of_a_body_with_two_shares_do_not_say_which() -> None:
    both = tuple(replace(one, record=replace(one.record, funder="Organization/icb")) for one in COVERAGES)
    rows = [AnsweredLineRow("one", "icb", 1, 36_500)]
    assert kept(budget(), coverages=both, budget_lines=rows).books.versions[0].lines[0].shares == (18_250, 18_250)


def test_the_contribution_comes_with_its_coverage() -> None:
    terms = made(ClientContribution, weekly_pence=100, collection="gross")
    charged = replace(COVERAGES[0], record=replace(COVERAGES[0].record, client_contributions=(terms,)))
    found = kept(budget(), coverages=(charged, COVERAGES[1])).books.funders[1]
    assert (found.weekly_pence, found.collection, found.charged) == (100, "gross", True)


def test_a_line_nobody_is_said_to_pay_is_named() -> None:
    with pytest.raises(Unclear, match="line 1 of Claim/one"):
        kept(budget(lines=(line(weights=()),)))


def test_under_continuing_healthcare_the_nhs_pays() -> None:
    case = Filed("EpisodeOfCare", "case", 1, made(PhbCase, person_id="p", status="active", state="active"))
    chc = replace(case, record=replace(case.record, group="adult-nhs-chc"))
    social = line(split_method="need-type", need_type="social-care", weights=())
    assert kept(budget(lines=(social,)), cases=(chc,)).books.versions[0].lines[0].shares == (36_500, 0)
    assert kept(budget(lines=(social,)), cases=(case,)).books.versions[0].lines[0].shares == (0, 36_500)


# --- the rest ---------------------------------------------------------------------------------------


def test_the_estimate_is_shared_as_its_own_lines_say() -> None:
    known = {"person_id": "p", "status": "active", "start": APRIL, "end": MARCH, "insurance": INSURANCE}
    estimate = Filed("Claim", "first", 1, made(IndicativeBudget, lines=(line(),), **known))
    assert kept(budget(indicative_id="first"), estimates=(estimate,)).books.indicative == (18_250, 18_250)
    assert kept(budget(), estimates=(estimate,)).books.indicative == ()
    unclear = replace(estimate, record=replace(estimate.record, lines=(line(weights=()),)))
    assert kept(budget(indicative_id="first"), estimates=(unclear,)).books.indicative == ()


def test_how_contingency_is_funded_comes_from_the_arrangement_of_the_period() -> None:
    def held(**known: Any) -> Filed[PaymentArrangement]:
        usual: dict[str, Any] = {"person_id": "p", "status": "active", "management_option": "direct-payment"}
        return Filed("Account", "held", 1, made(PaymentArrangement, contingency_funding="spread", **usual | known))

    def funded(**known: Any) -> Any:
        return kept(budget(), arrangements=(held(**known),)).books.contingency_funding

    assert funded() == "spread"
    assert [funded(status="inactive"), funded(management_option="notional"), funded(end=date(2024, 1, 1))] == [None] * 3
    assert "Account/held/_history/1" in kept(budget(), arrangements=(held(),)).references


def test_payments_and_entries_of_other_budgets_and_days_stay_out() -> None:
    def paid(id: str, budget_id: str | None, day: date) -> PaymentRow:  # noqa: A002
        usual: dict[str, Any] = dict.fromkeys(PaymentRow._fields)
        usual |= {"claim_id": id, "version": 1, "kind": "instalment", "status": "paid", "budget_id": budget_id}
        return PaymentRow(**usual | {"total": 1, "due_on": day, "coverage_id": "nhs"})

    def spent(budget_id: str | None, day: date) -> EntryRow:
        return EntryRow(None, budget_id, "accepted", day, None, 1, None, None, 1, 1, 1, 1)

    long_ago = date(2020, 1, 1)
    payments = [paid("a", "one", OCTOBER), paid("b", None, OCTOBER), paid("c", None, long_ago), paid("d", "x", OCTOBER)]
    entries = [spent("one", OCTOBER), spent("one", long_ago), spent(None, OCTOBER), spent(None, long_ago)]
    found = kept(budget(), payments=payments, entries=entries)
    assert [one.claim_id for one in found.books.payments] == ["a", "b"]
    assert sum(one.amount for one in found.books.entries) == 3
    assert found.entries == (4, 4, 1)


def test_a_payment_of_several_lines_is_shared_as_the_funders_answered_line_by_line() -> None:
    def row(sequence: int) -> PaymentRow:
        usual: dict[str, Any] = dict.fromkeys(PaymentRow._fields)
        usual |= {"claim_id": "a", "version": 1, "kind": "invoice", "status": "paid", "budget_id": "one", "total": 10}
        return PaymentRow(**usual | {"sequence": sequence, "budget_line": 1, "line_amount": 5, "coverage_id": "nhs"})

    answers = [AnswerRow("a", "icb", 10, OCTOBER, None)]
    lines = [AnsweredLineRow("a", "icb", 1, 3), AnsweredLineRow("a", "icb", 2, 7)]
    found = kept(budget(), payments=[row(1), row(2)], answers=answers, payment_lines=lines)
    assert [one.amount for one in found.books.payments] == [3, 7]
