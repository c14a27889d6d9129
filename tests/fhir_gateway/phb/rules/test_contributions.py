"""Rules R75 and R81 to R84: what the person pays, and what for."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget, BudgetLine
from mappings.coverage import ClientContribution
from mappings.payment import Payment, PaymentLine
from mappings.terminology import FUNDING_STREAM
from tests.fhir_gateway.phb.budgets import (
    BUDGET,
    OWN,
    around,
    budget,
    charge,
    coverage_id,
    estimate,
    insurance,
    joint,
    line,
    share,
    spent,
    weights,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

NHS = "nhs-other"
COUNCIL = "la-adult-social-care"
AFTERCARE = ("nhs-section-117", "la-section-117")
STREAMS = (NHS, COUNCIL, OWN)
MONTH = date(2025, 5, 1)


def charged(stream: str, *contributions: ClientContribution, **known: Any) -> set[str]:
    record = share(stream, client_contributions=contributions or (charge(),), **known)
    return broken(record, *around(NHS), id="cov")


# --- R75, R81, R82: whose share may ask for a contribution ----------------------------------------------


@pytest.mark.parametrize("stream", [one for one in FUNDING_STREAM if one.startswith("nhs-")])
def test_r75_and_r82_break_when_an_nhs_share_asks_for_a_contribution(stream: str) -> None:
    assert charged(stream) == {"R75", "R82"}


def test_r81_breaks_when_aftercare_asks_for_a_contribution() -> None:
    assert charged("la-section-117") == {"R81"}


def test_r81_breaks_when_the_person_bears_a_part_of_a_line_of_aftercare() -> None:
    streams = ("la-section-117", OWN)
    found = budget(joint(9_000, 1_000), streams=streams)
    assert "R81" in broken(found, *around(*streams), estimate(streams=streams), id=BUDGET)


def test_r81_holds_for_aftercare_that_asks_for_nothing() -> None:
    assert charged("la-section-117", charge(0)) == set()
    assert broken(share("la-section-117"), *around(NHS), id="cov") == set()


@pytest.mark.parametrize("stream", ["la-childrens-social-care", "education-high-needs", "charity-or-other"])
def test_r82_breaks_when_another_stream_asks_for_a_contribution(stream: str) -> None:
    assert charged(stream) == {"R82"}


@pytest.mark.parametrize(
    "unassessed",
    [charge(financial_assessment_on=None), charge(assessed_by=None), charge(assessed_by="other-council")],
    ids=["no day", "nobody", "another council"],
)
def test_r82_breaks_without_a_dated_assessment_by_that_council(unassessed: ClientContribution) -> None:
    assert charged(COUNCIL, unassessed) == {"R82"}


def test_r82_holds_for_an_assessed_contribution_to_social_care() -> None:
    assert charged(COUNCIL) == set()


def test_r82_warns_only_of_a_draft() -> None:
    record = share(COUNCIL, client_contributions=(charge(assessed_by=None),), status="draft")
    assert broken(record, *around(NHS), id="cov") == set()
    assert warned(record, *around(NHS), id="cov") == {"R82"}


def test_r82_leaves_a_share_alone_that_says_nothing_new_of_it() -> None:
    before = share(COUNCIL, client_contributions=(charge(assessed_by=None),))
    assert broken(replace(before, order=2), *around(NHS), id="cov", previous=before) == set()


def test_r82_leaves_a_cancelled_share_alone() -> None:
    assert charged(COUNCIL, charge(assessed_by=None), status="cancelled") == set()


# --- contributions as payments --------------------------------------------------------------------------


def contribution(amount: int, **known: Any) -> Payment:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "payment_kind": "client-contribution",
        "payment_status": "scheduled",
        "created": MONTH,
        "start": MONTH,
        "end": date(2025, 5, 31),
        "due_on": MONTH,
        "payee_kind": "subscriber",
        "payee": f"Patient/{PERSON}",
        "pays_against_id": BUDGET,
        "total_pence": amount,
        "insurance": insurance(OWN),
    }
    return made(Payment, **usual | known)


def care(**known: Any) -> BudgetLine:
    return joint(5_000, 5_000, **{"category": "agency-care", "description": "Agency"} | known)


def running(*streams: str, weekly: int | None = None, **known: Any) -> tuple[Any, ...]:
    """A budget of 1,200.00 that NHS and council halve. weekly: what the person contributes to the council's half."""
    charges = (charge(weekly),) if weekly is not None else ()
    standing = tuple(one for one in around(*streams) if one.id != coverage_id(COUNCIL))
    council = filed(share(COUNCIL, client_contributions=charges, order=2), coverage_id(COUNCIL))
    found = filed(budget(care(), streams=streams, budget_status="active", **known), BUDGET)
    return (*standing, *((council,) if COUNCIL in streams else ()), found)


def test_r82_breaks_when_a_contribution_is_paid_where_no_council_pays_social_care() -> None:
    standing = running(NHS, "other-public", OWN)
    assert broken(contribution(1_000), *standing, id="pay") == {"R82"}


def test_r81_breaks_when_a_contribution_is_paid_for_aftercare() -> None:
    standing = running(*AFTERCARE, OWN)
    assert broken(contribution(1_000), *standing, id="pay") == {"R81"}


def test_r82_holds_for_an_upgrade_the_person_buys() -> None:
    whole: dict[str, Any] = {"split_method": "percentage", "weights": weights(0, 10_000)}
    riser = line(category="wheelchair-upgrade", assessed_need_element=False, **whole)
    streams = ("nhs-wheelchair", OWN)
    known = filed(budget(riser, streams=streams, budget_status="active"), BUDGET)
    bought = contribution(1_000, lines=(made(PaymentLine, sequence=1, budget_line=1),))
    assert broken(bought, *around(*streams), known, id="pay") == set()


def test_r82_says_nothing_of_a_budget_it_does_not_know() -> None:
    assert broken(contribution(1_000), *around(NHS), id="pay") == set()


# --- R83: how much --------------------------------------------------------------------------------------

HALF = 60_000
A_YEAR = 31_286  # 6.00 a week for 365 days


def test_r83_breaks_when_more_is_asked_for_than_the_weekly_contribution_comes_to() -> None:
    standing = running(*STREAMS, weekly=600)
    assert broken(contribution(A_YEAR + 1), *standing, id="pay") == {"R83"}
    assert broken(contribution(A_YEAR), *standing, id="pay") == set()


def test_r83_caps_the_contribution_at_the_councils_own_share() -> None:
    standing = running(*STREAMS, weekly=4_500)
    assert broken(contribution(HALF + 1), *standing, id="pay") == {"R83"}
    assert broken(contribution(HALF), *standing, id="pay") == set()


def test_r83_names_the_most_that_may_be_asked_for() -> None:
    (found,) = issues(contribution(HALF + 1), *running(*STREAMS, weekly=4_500), id="pay")
    assert "600.00 at most" in found.diagnostics


@given(st.integers(0, 50_000), st.integers(0, 50_000))
def test_r83_adds_up_all_contributions_of_the_period(before: int, more: int) -> None:
    standing = (*running(*STREAMS, weekly=600), filed(contribution(before), "first"))
    assert (broken(contribution(more), *standing, id="pay") == {"R83"}) == (before + more > A_YEAR)


def test_r83_leaves_out_what_was_called_off() -> None:
    off = filed(contribution(A_YEAR, payment_status="cancelled"), "off")
    assert broken(contribution(A_YEAR), *running(*STREAMS, weekly=600), off, id="pay") == set()


def test_r83_leaves_a_contribution_alone_that_asks_for_no_more_than_before() -> None:
    standing = (*running(*STREAMS, weekly=600), filed(contribution(A_YEAR), "first"))
    later = contribution(1_000, payment_id="PAY-1")
    assert broken(later, *standing, id="pay", previous=contribution(1_000)) == set()


def closing(paid: int, used: int, *more: Any) -> set[str]:
    standing = running(*STREAMS, weekly=4_500)[:-1]
    ledger = (
        filed(contribution(paid, payment_status="paid", paid_on=MONTH), "paid"),
        filed(spent(row={"amount_pence": 2 * used}, total_pence=2 * used), "spent"),
    )
    before: AgreedBudget = budget(care(), streams=STREAMS, budget_status="active")
    return broken(replace(before, budget_status="closed"), *standing, *ledger, *more, id=BUDGET, previous=before)


def test_r83_breaks_when_a_budget_is_closed_with_too_much_paid_by_the_person() -> None:
    assert closing(20_001, 20_000) == {"R83"}


def test_r83_holds_when_the_councils_share_was_spent_or_the_rest_given_back() -> None:
    refund = contribution(5_000, payment_kind="refund-to-person", payment_status="paid", paid_on=MONTH)
    assert closing(20_000, 20_000) == set()
    assert closing(25_000, 20_000, filed(refund, "back")) == set()


def test_r83_counts_an_invoice_that_was_paid_as_spent() -> None:
    row = made(PaymentLine, sequence=1, budget_line=1, amount_pence=10_000)
    bill = contribution(10_000, payment_kind="invoice", payment_status="paid", lines=(row,), insurance=())
    assert closing(25_000, 20_000, filed(bill, "bill")) == set()
    assert closing(25_001, 20_000, filed(bill, "bill")) == {"R83"}


# --- R84: how it is collected ---------------------------------------------------------------------------


def bill(**known: Any) -> Payment:
    """An invoice that the council pays."""
    usual: dict[str, Any] = {
        "payment_kind": "invoice",
        "payment_status": "paid",
        "invoice_no": "I-1",
        "received_on": MONTH,
        "paid_on": MONTH,
        "payee_kind": "provider",
        "payee": "Organization/agency",
        "insurance": insurance(COUNCIL),
        "provider": "Organization/agency",
    }
    return contribution(5_000, **usual | known)


def paying(record: Payment, collection: str | None, weekly: int = 600, **known: Any) -> set[str]:
    standing = [one for one in running(*STREAMS) if one.id != coverage_id(COUNCIL)]
    council = share(COUNCIL, client_contributions=(charge(weekly, collection=collection),), order=2)
    return broken(record, *standing, filed(council, coverage_id(COUNCIL)), id="pay", **known)


def test_r84_breaks_when_the_council_pays_before_it_is_settled() -> None:
    due = bill(payment_status="due", paid_on=None)
    released = bill(payment_status="authorised", paid_on=None)
    assert paying(released, None, previous=due) == {"R84"}
    assert paying(bill(), None, previous=released) == {"R84"}


def test_r84_leaves_a_payment_alone_that_was_made_before() -> None:
    assert paying(bill(payment_id="PAY-1"), None, previous=bill()) == set()


@pytest.mark.parametrize("collection", ["net", "gross"])
def test_r84_holds_when_it_is_settled(collection: str) -> None:
    assert "R84" not in paying(bill(), collection)


def test_r84_holds_where_the_person_pays_nothing_or_the_payment_is_still_to_come() -> None:
    assert "R84" not in paying(bill(), None, 0)
    assert paying(bill(payment_status="scheduled", paid_on=None), None) == set()


def test_r83_caps_a_contribution_of_which_no_weekly_sum_is_known() -> None:
    standing = running(*STREAMS)
    assert broken(contribution(HALF), *standing, id="pay") == set()
    assert broken(contribution(HALF + 1), *standing, id="pay") == {"R83"}


def test_r83_says_nothing_where_the_councils_share_is_not_known() -> None:
    unsaid = filed(budget(care(split_method="percentage", weights=()), streams=STREAMS, budget_status="active"), BUDGET)
    assert broken(contribution(9 * HALF), *running(*STREAMS)[:-1], unsaid, id="pay") == set()


def test_r83_says_nothing_of_a_closing_budget_without_social_care() -> None:
    before = budget(budget_status="active")
    paid = filed(contribution(100, payment_status="paid", paid_on=MONTH), "paid")
    after = replace(before, budget_status="closed")
    assert broken(after, *around(NHS), estimate(), paid, id=BUDGET, previous=before) == set()


def test_r83_leaves_out_spending_that_is_queried() -> None:
    queried = spent(row={"amount_pence": 90_000}, total_pence=90_000, expenditure_status="queried")
    assert closing(20_001, 20_000, filed(queried, "queried")) == {"R83"}
