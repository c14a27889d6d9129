"""Group B, on nominees and legal roles: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.related_person import LegalRole, Party
from tests.fhir_gateway.phb.people_paid import (
    CHILD_BORN,
    DUE,
    MOTHER,
    account,
    breaks,
    capacity,
    flags,
    mother,
    nominee,
    own,
    payment,
    person,
    share,
    to_speak,
)
from tests.fhir_gateway.phb.shelf import filed

PAID = payment(payee=MOTHER)
INCOMPLETE: list[dict[str, Any]] = [
    {"nominated_by": None},
    {"nominated_by": "RelatedPerson/stranger"},
    {"agreed_to_act_on": None},
    {"body_agreed_on": None},
]
LATE: list[dict[str, Any]] = [{"agreed_to_act_on": date(2025, 6, 2)}, {"body_agreed_on": date(2025, 6, 2)}]


def named(**known: Any) -> Any:
    return filed(nominee(**known), "mother")


# --- R17 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [*INCOMPLETE, *LATE])
def test_r17_breaks_when_money_goes_to_a_nominee_not_in_place(known: dict[str, Any]) -> None:
    assert breaks(PAID, *own(), named(**known)) == {"R17"}


@pytest.mark.parametrize("known", [{}, {"agreed_to_act_on": DUE, "body_agreed_on": DUE}])
def test_r17_holds_for_a_nominee_in_place_by_the_first_due_day(known: dict[str, Any]) -> None:
    assert breaks(PAID, *own(), named(**known)) == set()


def test_r17_breaks_when_an_earlier_instalment_came_before_the_agreement() -> None:
    late = named(body_agreed_on=date(2025, 5, 15))
    earlier = filed(payment(payee=MOTHER, due_on=date(2025, 5, 1), payment_status="paid"), "first")
    assert breaks(PAID, *own(), late) == set()
    assert breaks(PAID, *own(), late, earlier) == {"R17"}


@pytest.mark.parametrize("known", INCOMPLETE)
def test_r17_breaks_when_the_account_is_set_up_for_an_incomplete_nomination(known: dict[str, Any]) -> None:
    assert breaks(account(recipient=MOTHER), *own(), named(**known)) == {"R17"}
    assert breaks(account(recipient=MOTHER, status="inactive"), *own(), named(**known)) == set()


@pytest.mark.parametrize("known", INCOMPLETE)
def test_r17_warns_of_an_incomplete_nomination_until_money_was_paid(known: dict[str, Any]) -> None:
    record = nominee(**known)
    assert (breaks(record, *own(), id="mother"), flags(record, *own(), id="mother")) == (set(), {"R17"})
    paid = filed(replace(PAID, payment_status="paid"), "first")
    assert breaks(record, *own(), paid, id="mother") == {"R17"}


def test_r17_holds_for_a_nomination_by_a_representative() -> None:
    deputy = filed(mother(), "deputy")
    assert breaks(PAID, *own(), deputy, named(nominated_by="RelatedPerson/deputy")) == set()


def test_r17_holds_for_a_representative_who_receives_the_money() -> None:
    both = filed(mother(roles=("deputy", "nominee")), "mother")
    assert breaks(PAID, *own(), both) == set()


def test_r17_accepts_a_new_address_of_an_old_incomplete_nominee() -> None:
    old = nominee(body_agreed_on=None)
    paid = filed(replace(PAID, payment_status="paid"), "first")
    assert breaks(replace(old, name="Another"), *own(), paid, id="mother", previous=old) == set()


# --- R18 --------------------------------------------------------------------------------------------


def test_r18_breaks_when_a_child_names_a_nominee() -> None:
    assert breaks(nominee(), person(birth_date=CHILD_BORN), id="mother") == {"R18"}
    assert breaks(nominee(agreed_to_act_on=date(2028, 5, 4)), person(birth_date=CHILD_BORN), id="mother") == set()


@pytest.mark.parametrize("decision", ["receive-direct-payment", "act-as-nominee"])
def test_r18_breaks_when_somebody_without_capacity_names_a_nominee(decision: str) -> None:
    lost = filed(capacity("lacks-capacity", decision=decision), "lost")
    assert breaks(nominee(), person(), lost, id="mother") == {"R18"}
    assert breaks(nominee(agreed_to_act_on=date(2025, 1, 14)), person(), lost, id="mother") == set()


def test_r18_holds_for_a_nominee_named_in_advance() -> None:
    lost = filed(capacity("lacks-capacity", advance_nominee="mother"), "lost")
    assert breaks(nominee(), person(), lost, id="mother") == set()
    assert breaks(nominee(), person(), lost, id="father") == {"R18"}


def test_r18_holds_when_the_representative_names_the_nominee() -> None:
    deputy = filed(mother(), "deputy")
    record = nominee(nominated_by="RelatedPerson/deputy")
    assert breaks(record, person(birth_date=CHILD_BORN), deputy, id="mother") == set()


def test_r18_accepts_a_change_that_leaves_the_nomination_alone() -> None:
    old, child = nominee(), person(birth_date=CHILD_BORN)
    assert breaks(replace(old, same_household=True), child, id="mother", previous=old) == set()


# --- R19 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relationship", ["none", "other"])
def test_r19_warns_of_a_stranger_without_a_check(relationship: str) -> None:
    record = nominee(relationship=relationship)
    assert (breaks(record, *own(), id="mother"), flags(record, *own(), id="mother")) == (set(), {"R19"})


@pytest.mark.parametrize(
    "known",
    [
        {"relationship": "none", "dbs_issued": date(2025, 1, 1)},
        {"relationship": "none", "same_household": True},
        {"relationship": "other", "roles": ("nominee", "friend")},
        {"relationship": "friend"},
        {"relationship": "sibling"},
        {"relationship": None},
        {"relationship": "none", "roles": ("advocate",)},
    ],
)
def test_r19_holds_for_a_checked_or_known_nominee(known: dict[str, Any]) -> None:
    assert flags(nominee(**known), *own(), id="mother") == set()


# --- R20 --------------------------------------------------------------------------------------------


def states(**by_stream: bool) -> tuple[LegalRole, ...]:
    return tuple(made(LegalRole, stream=one.replace("_", "-"), principal=is_) for one, is_ in by_stream.items())


BOTH = states(nhs_other=True, la_adult_social_care=False)


def test_r20_breaks_for_a_nominee_who_is_no_principal_for_nhs_money() -> None:
    record = nominee(legal_roles=states(nhs_other=False))
    assert breaks(record, *own(), id="mother") == {"R20"}
    assert breaks(replace(record, legal_roles=BOTH), *own(), id="mother") == set()


def test_r20_breaks_for_a_nominated_person_who_is_principal_for_council_money() -> None:
    record: Party = mother(roles=("la-nominated-person",), legal_roles=states(la_adult_social_care=True))
    assert breaks(record, *own(), id="mother") == {"R20"}
    assert breaks(replace(record, legal_roles=states(la_adult_social_care=False)), *own(), id="mother") == set()
    assert breaks(replace(record, roles=("la-authorised-person",)), *own(), id="mother") == set()


NHS, COUNCIL = filed(share("nhs-other", "icb"), "nhs"), filed(share("la-adult-social-care", "council"), "council")
RECEIVES = account(recipient=MOTHER)


@pytest.mark.parametrize("stated", [(), states(nhs_other=True), states(la_adult_social_care=False)])
def test_r20_breaks_for_mixed_money_with_a_role_not_stated(stated: tuple[LegalRole, ...]) -> None:
    assert breaks(RECEIVES, *own(), named(legal_roles=stated), NHS, COUNCIL) == {"R20"}


def test_r20_breaks_for_money_mixed_in_the_account_alone() -> None:
    mixed = replace(RECEIVES, other_public_money=("la-adult-social-care",))
    assert breaks(mixed, *own(), named(), NHS) == {"R20"}
    assert breaks(mixed, *own(), named(legal_roles=BOTH), NHS) == set()


def test_r20_breaks_for_a_recipient_of_nhs_money_who_is_no_principal() -> None:
    standing = (*own(), filed(mother(legal_roles=states(nhs_other=False)), "mother"), filed(to_speak(), "hers"))
    assert breaks(RECEIVES, *standing, NHS) == {"R20"}


def test_r20_holds_for_both_roles_stated_for_one_purse_and_for_the_person() -> None:
    assert breaks(RECEIVES, *own(), named(legal_roles=BOTH), NHS, COUNCIL) == set()
    assert breaks(RECEIVES, *own(), named(), NHS) == set()
    assert breaks(replace(RECEIVES, coverage_ids=("nhs",)), *own(), named(), NHS, COUNCIL) == set()
    assert breaks(account(), *own(), NHS, COUNCIL) == set()


# --- changes ----------------------------------------------------------------------------------------


def test_r17_and_r20_look_again_when_the_recipient_changes_and_not_at_other_changes() -> None:
    incomplete = named(body_agreed_on=None)
    assert breaks(RECEIVES, *own(), incomplete, previous=account()) == {"R17"}
    assert breaks(RECEIVES, *own(), named(), NHS, COUNCIL, previous=account()) == {"R20"}
    old = replace(RECEIVES, account_ref="one")
    assert breaks(RECEIVES, *own(), incomplete, NHS, COUNCIL, previous=old) == set()
