"""Group B, on paying relatives for care: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case.relatives import CARE
from mappings.budget import SplitWeight
from mappings.claim_parts import ClaimCoverage
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.payment import Payment, PaymentLine
from mappings.terminology import LINE_CATEGORY, RELATIONSHIP
from tests.fhir_gateway.phb.people_paid import (
    MOTHER,
    breaks,
    budget,
    council,
    decision,
    flags,
    line,
    mother,
    role,
    share,
)
from tests.fhir_gateway.phb.shelf import PERSON, filed

WAGES = "personal-assistant-wages"
CLOSE = RELATIONSHIP.where("close_family", True)  # noqa: FBT003 - a property's value


def spent(category: str | None = WAGES, **known: Any) -> ExpenditureEntry:
    """Care that somebody around the person was paid for, as accepted."""
    bought = made(ExpenditureLine, sequence=1, budget_line=1, category=category, amount_pence=5_000)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "expenditure_status": "accepted",
        "payee": MOTHER,
        "lines": (bought,),
    }
    return made(ExpenditureEntry, **usual | known)


def bill(**known: Any) -> Payment:
    """The same, paid by a funder."""
    line_ = made(PaymentLine, sequence=1, budget_line=1, category=WAGES, amount_pence=5_000)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "payment_kind": "reimbursement",
        "payment_status": "paid",
        "due_on": date(2025, 6, 1),
        "payee": MOTHER,
        "lines": (line_,),
    }
    return made(Payment, **usual | known)


def around(**known: Any) -> Any:
    """Somebody of the household."""
    usual: dict[str, Any] = {"roles": ("family-member",), "same_household": True}
    return filed(mother(**usual | known), "mother")


FAMILY = filed(decision("family-payment"), "family")


# --- R26 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relationship", [*sorted(CLOSE), "friend"])
def test_r26_breaks_for_care_by_somebody_close_in_the_household(relationship: str) -> None:
    assert breaks(spent(), around(relationship=relationship)) == {"R26"}
    assert breaks(bill(), around(relationship=relationship)) == {"R26"}


def test_r26_breaks_for_a_friend_known_by_role() -> None:
    assert breaks(spent(), around(relationship=None, roles=("friend",))) == {"R26"}


@pytest.mark.parametrize(
    "known",
    [{"same_household": False}, {"same_household": None}, {"relationship": "none"}, {"relationship": "other"}],
)
def test_r26_holds_outside_the_household_and_for_strangers(known: dict[str, Any]) -> None:
    assert breaks(spent(), around(**known)) == set()


@pytest.mark.parametrize("category", LINE_CATEGORY)
def test_r26_holds_for_everything_but_care(category: str) -> None:
    assert breaks(spent(category), around()) == ({"R26"} if category in CARE else set())


def test_r26_reads_the_budget_line_where_the_entry_names_no_category() -> None:
    of_wages = filed(budget(line(category=WAGES)), "budget")
    assert breaks(spent(None, pays_against_id="budget"), around(), of_wages) == {"R26"}
    assert breaks(spent(None), around(), of_wages) == set()


@pytest.mark.parametrize("about", [None, MOTHER, "CarePlan/plan"])
def test_r26_holds_with_an_approved_decision(about: str | None) -> None:
    assert breaks(spent(), around(), filed(decision("family-payment", about=about), "family")) == set()


@pytest.mark.parametrize("known", [{"about": "RelatedPerson/father"}, {"outcome": "declined"}, {"rationale": None}])
def test_r26_breaks_for_a_decision_that_does_not_fit(known: dict[str, Any]) -> None:
    assert breaks(spent(), around(), filed(decision("family-payment", **known), "family")) == {"R26"}


@pytest.mark.parametrize("status", ["recorded", "evidenced", "queried", None])
def test_r26_warns_of_spending_until_it_is_to_be_accepted(status: str | None) -> None:
    record = spent(expenditure_status=status)
    assert (breaks(record, around()), flags(record, around())) == (set(), {"R26"})


@pytest.mark.parametrize(
    "record",
    [
        spent(expenditure_status="disallowed"),
        spent(status="entered-in-error"),
        spent(payee="Organization/agency"),
        spent(payee=None),
        bill(payment_status="due"),
        bill(payment_kind="instalment", payment_status="due"),
        bill(payment_status="cancelled"),
    ],
)
def test_r26_holds_for_what_pays_nobody_of_the_household(record: Any) -> None:
    assert breaks(record, around()) == set()
    assert flags(record, around()) == set()


def test_r26_accepts_an_unrelated_change_of_an_old_entry() -> None:
    old = spent()
    assert breaks(replace(old, payee_name="As on the slip"), around(), previous=old) == set()


# --- R27 --------------------------------------------------------------------------------------------

SHARES = (filed(share("nhs-other", "icb"), "nhs"), filed(share("la-adult-social-care", "council"), "council"))
BODIES = (council(), role("decider-council", "council"), role("decider", "icb"))
INSURANCE = tuple(
    made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one.id) for at, one in enumerate(SHARES, start=1)
)
PARTNER = around(relationship="partner", same_household=False)


def weighted(*parts: int) -> Any:
    """A budget whose line is carried by the NHS and the council in these parts of 10,000."""
    weights = tuple(made(SplitWeight, insurance_sequence=at, bps=bps) for at, bps in enumerate(parts, start=1))
    return filed(budget(line(category=WAGES, weights=weights), insurance=INSURANCE), "budget")


BY_COUNCIL = filed(decision("family-payment", owner="PractitionerRole/decider-council"), "family")


@pytest.mark.parametrize("relationship", ["partner", "spouse-or-civil-partner"])
@pytest.mark.parametrize("make", [spent, bill])
def test_r27_breaks_for_council_money_to_a_partner_without_a_decision(relationship: str, make: Any) -> None:
    paid = around(relationship=relationship, same_household=False)
    record = make(pays_against_id="budget")
    assert breaks(record, paid, weighted(5_000, 5_000), *SHARES, *BODIES) == {"R27"}
    assert breaks(record, paid, weighted(5_000, 5_000), *SHARES, *BODIES, BY_COUNCIL) == set()


def test_r27_breaks_when_only_the_nhs_body_decided() -> None:
    standing = (around(relationship="partner"), weighted(5_000, 5_000), *SHARES, *BODIES)
    assert breaks(spent(pays_against_id="budget"), *standing, FAMILY) == {"R27"}
    assert breaks(spent(pays_against_id="budget"), *standing, BY_COUNCIL) == set()
    assert breaks(spent(pays_against_id="budget"), *standing) == {"R26", "R27"}


def test_r27_breaks_for_a_decision_of_a_council_that_does_not_pay() -> None:
    other = (filed(council().record, "other"), role("decider-other", "other"))
    decided = filed(decision("family-payment", owner="PractitionerRole/decider-other"), "family")
    assert breaks(spent(insurance=INSURANCE), PARTNER, *SHARES, *BODIES, *other, decided) == {"R27"}


def test_r27_holds_for_any_council_where_the_payer_is_not_named() -> None:
    unnamed = filed(replace(SHARES[1].record, funder=None), "council")
    record = spent(insurance=INSURANCE)
    assert breaks(record, PARTNER, unnamed, *BODIES, BY_COUNCIL) == set()
    assert breaks(record, PARTNER, unnamed, *BODIES, FAMILY) == {"R27"}


def test_r27_holds_for_a_line_the_nhs_carries_alone() -> None:
    standing = (PARTNER, *SHARES, *BODIES)
    assert breaks(spent(pays_against_id="budget"), *standing, weighted(10_000)) == set()
    assert breaks(spent(pays_against_id="budget"), *standing, weighted(10_000, 0)) == set()


def test_r27_reads_the_entrys_own_funders_where_the_line_does_not_say() -> None:
    standing = (PARTNER, *SHARES, *BODIES)
    assert breaks(spent(insurance=INSURANCE), *standing) == {"R27"}
    assert breaks(spent(insurance=INSURANCE[:1]), *standing) == set()
    assert breaks(spent(insurance=INSURANCE, pays_against_id="budget"), *standing, weighted()) == {"R27"}


def test_r27_holds_for_other_relatives_and_other_things() -> None:
    standing = (*SHARES, *BODIES)
    assert breaks(spent(insurance=INSURANCE), around(same_household=False), *standing) == set()
    assert breaks(spent("transport", insurance=INSURANCE), PARTNER, *standing) == set()


def test_r27_warns_of_spending_that_is_only_recorded() -> None:
    record = spent(insurance=INSURANCE, expenditure_status="recorded")
    assert (breaks(record, PARTNER, *SHARES, *BODIES), flags(record, PARTNER, *SHARES, *BODIES)) == (set(), {"R27"})
