"""Who pays a share on which days, who may see the shared plan, who provides, and who holds the money."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FIRST, LAST
from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.budget import BudgetProvider
from mappings.consent import ConsentBody
from tests.fhir_gateway.access.ties.worked_out import days_of, held_by, ties
from tests.fhir_gateway.phb.people_paid import END, START, account, budget, consent, payment, share
from tests.fhir_gateway.phb.shelf import filed

DAY = timedelta(days=1)
COUNCIL = "Organization/council"
CARE = "la-adult-social-care"


def paid(**known: Any) -> Filed[Any]:
    return filed(replace(share(CARE, "council"), **known), "share")


def test_a_funder_is_tied_to_the_days_of_its_share() -> None:
    assert days_of("funder", paid(start=START, end=END)) == [(COUNCIL, START, END)]
    assert days_of("funder", paid()) == [(COUNCIL, FIRST, LAST)]


@pytest.mark.parametrize(
    ("known", "tied"),
    [
        ({"status": "cancelled", "end": END}, True),
        ({"status": "cancelled"}, False),
        ({"status": "draft"}, False),
        ({"status": "entered-in-error"}, False),
        ({"funder": "Patient/pat"}, False),
        ({"funder": "RelatedPerson/mother"}, False),
        ({"funder": None}, False),
        ({"start": END, "end": START}, False),
    ],
)
def test_a_share_ties_a_body_that_pays_it_or_did(known: dict[str, Any], tied: bool) -> None:  # noqa: FBT001
    assert bool(ties("funder", paid(**known))) is tied


# --- the shared plan --------------------------------------------------------------------------------


def sharing(*bodies: str, **known: Any) -> Filed[Any]:
    rows = tuple(made(ConsentBody, body=one) for one in bodies or (COUNCIL,))
    return filed(consent("share-record", scope_bodies=rows, **known), "share")


def test_a_consent_ties_the_bodies_it_names_and_nobody_else() -> None:
    found = ties("shared", sharing(COUNCIL, "Organization/school", "Practitioner/x", COUNCIL))
    assert {one.who for one in found} == {COUNCIL, "Organization/school"}


def test_a_consent_holds_from_its_first_day_to_its_last() -> None:
    first, last = date(2025, 3, 1), date(2025, 5, 31)
    given = sharing(given_on=date(2025, 1, 1), holds_from=first, withdrawn_on=last)
    found = [bool(held_by("shared", day, given)) for day in (first - DAY, first, last, last + DAY)]
    assert found == [False, True, True, False]


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"])
def test_a_consent_that_is_not_active_shares_nothing(status: str) -> None:
    assert ties("shared", sharing(status=status)) == []
    assert ties("shared", filed(consent("pool-funds", scope_bodies=(made(ConsentBody, body=COUNCIL),)), "x")) == []


# --- providers and holders --------------------------------------------------------------------------


def named(**known: Any) -> Filed[Any]:
    rows = (made(BudgetProvider, sequence=1, provider="Organization/agency"),)
    return filed(budget(providers=rows, **known), "budget")


@pytest.mark.parametrize("state", ["agreed", "active", "superseded", "closed"])
def test_whoever_an_agreed_budget_names_provides_for_good(state: str) -> None:
    assert [one.who for one in ties("provider", named(budget_status=state))] == ["Organization/agency"]


@pytest.mark.parametrize("state", ["draft", "submitted", "declined"])
def test_a_budget_that_was_never_agreed_names_nobody_yet(state: str) -> None:
    assert ties("provider", named(budget_status=state)) == []


@pytest.mark.parametrize(
    ("known", "tied"),
    [
        ({}, True),
        ({"payment_kind": "instalment"}, False),
        ({"status": "cancelled"}, False),
        ({"provider": None}, False),
    ],
)
def test_an_invoice_that_stands_ties_who_sent_it(known: dict[str, Any], tied: bool) -> None:  # noqa: FBT001
    usual = {"payment_kind": "invoice", "provider": "Organization/agency"}
    bills = [filed(payment(**usual | known), name) for name in ("one", "two")]
    assert len(ties("provider", *bills)) == tied, "once, however many there are"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, [("Organization/holder", START, END)]),
        ({"status": "inactive"}, [("Organization/holder", START, END)]),
        ({"start": None, "end": None}, [("Organization/holder", FIRST, LAST)]),
        ({"status": "inactive", "end": None}, []),
        ({"status": "unknown"}, []),
        ({"status": "entered-in-error"}, []),
        ({"owner": None}, []),
    ],
)
def test_a_holder_is_tied_to_the_days_of_the_arrangement(known: dict[str, Any], expected: list[Any]) -> None:
    held = account(**{"management_option": "third-party", "owner": "holder", "recipient": None} | known)
    assert days_of("holder", filed(held, "account")) == expected
