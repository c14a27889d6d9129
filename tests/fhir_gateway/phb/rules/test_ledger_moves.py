"""Payments, money that comes in and entries of the holder's ledger move as domain.md 5.3 says, and no other way."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.rules.rule import DELETE
from mappings.claim_parts import EvidenceLink
from mappings.claim_response import FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment
from mappings.terminology import EXPENDITURE_STATUS, PAYMENT_STATUS
from tests.fhir_gateway.phb.rules.money_dealings import decision, repayment_notice, suspension
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice, payment, recovery, spent
from tests.fhir_gateway.phb.rules.money_world import person, world
from tests.fhir_gateway.phb.shelf import broken, issues

AROUND = world(suspension(based_on=("Task/pause",)), decision("pause", "suspension"), repayment_notice())
PAPER = (made(EvidenceLink, sequence=1, document="DocumentReference/receipt"),)
PAYMENT_MOVES = {
    ("scheduled", "due"),
    ("scheduled", "on-hold"),
    ("scheduled", "cancelled"),
    ("due", "authorised"),
    ("due", "on-hold"),
    ("authorised", "paid"),
    ("authorised", "failed"),
    ("failed", "due"),
    ("on-hold", "due"),
    ("disputed", "due"),
}
INCOMING_MOVES = {
    ("scheduled", "due"),
    ("scheduled", "cancelled"),
    ("due", "disputed"),
    ("due", "paid"),
    ("due", "failed"),
    ("due", "cancelled"),
    ("disputed", "due"),
    ("disputed", "cancelled"),
    ("failed", "due"),
}
ENTRY_MOVES = {
    ("recorded", "evidenced"),
    ("recorded", "queried"),
    ("evidenced", "accepted"),
    ("evidenced", "queried"),
    ("queried", "accepted"),
    ("queried", "disallowed"),
}


def steps(codes: Any) -> list[tuple[str, str]]:
    return [(before, after) for before, after in product(codes, codes) if before != after]


def moved(made_of: Payment, before: str, after: str) -> set[str]:
    """The rules that refuse the step."""
    return broken(
        replace(made_of, payment_status=after), *AROUND, previous=replace(made_of, payment_status=before), id="moving"
    )


@pytest.mark.parametrize(("before", "after"), steps(PAYMENT_STATUS))
def test_an_instalment_moves_as_listed(before: str, after: str) -> None:
    number = {"on-hold": "R105", "disputed": "R103"}.get(after, "R94")
    expected = set() if (before, after) in PAYMENT_MOVES else {number}
    assert moved(instalment(3, suspension_id="suspension"), before, after) == expected


@pytest.mark.parametrize(("before", "after"), [("due", "disputed"), ("disputed", "due"), ("scheduled", "disputed")])
def test_r103_holds_when_an_invoice_that_is_due_is_disputed_and_breaks_before(before: str, after: str) -> None:
    assert moved(invoice(), before, after) == (set() if before != "scheduled" else {"R103"})


@pytest.mark.parametrize(("before", "after"), steps(PAYMENT_STATUS))
def test_money_taken_back_moves_as_listed(before: str, after: str) -> None:
    number = "R105" if after == "on-hold" else "R107"
    found = moved(recovery(), before, after)
    assert (number in found) == ((before, after) not in INCOMING_MOVES)


def test_a_persons_own_contribution_is_paid_without_anybody_authorising_it() -> None:
    own = payment(payment_kind="client-contribution")
    assert "R107" not in moved(own, "due", "paid")
    assert "R107" in moved(own, "scheduled", "paid")


@pytest.mark.parametrize(("before", "after"), steps(EXPENDITURE_STATUS))
def test_an_entry_moves_as_listed(before: str, after: str) -> None:
    new, old = spent(500, after, evidence=PAPER).record, spent(500, before).record
    assert broken(new, *AROUND, previous=old) == (set() if (before, after) in ENTRY_MOVES else {"R110"})


def evidenced(*, on: bool, previous: str | None = "recorded") -> set[str]:
    """The rules that refuse an entry that is evidenced. on: whether it names a document."""
    entry = spent(500, "evidenced", evidence=PAPER if on else ()).record
    return broken(entry, *AROUND, previous=None if previous is None else spent(500, previous).record)


@pytest.mark.parametrize("previous", ["recorded", "evidenced"])
def test_an_entry_is_evidenced_by_a_document(previous: str) -> None:
    assert evidenced(on=False, previous=previous) == {"R110"}
    assert evidenced(on=True, previous=previous) == set()


def test_an_entry_that_came_in_evidenced_has_its_document_elsewhere() -> None:
    assert evidenced(on=False, previous=None) == set()


def test_an_evidence_link_without_a_document_is_none() -> None:
    entry = spent(500, "evidenced", evidence=(made(EvidenceLink, sequence=1),)).record
    assert broken(entry, *AROUND, previous=spent(500, "recorded").record) == {"R110"}


def test_only_what_is_evidenced_or_was_queried_is_accepted() -> None:
    accepted = spent(500, "accepted").record
    allowed = [one for one in EXPENDITURE_STATUS if not broken(accepted, *AROUND, previous=spent(500, one).record)]
    assert set(allowed) == {"evidenced", "queried", "accepted"}


def excluded(status: str) -> ExpenditureEntry:
    entry = spent(500, status).record
    return replace(entry, lines=(replace(entry.lines[0], exclusion="gambling"),))


def outside(status: str) -> ExpenditureEntry:
    entry = spent(500, status).record
    return replace(entry, lines=(replace(entry.lines[0], budget_line=None),))


def test_an_excluded_use_is_disallowed_at_once() -> None:
    assert "R110" not in broken(excluded("disallowed"), *AROUND, previous=excluded("recorded"))


def test_spending_outside_the_plan_is_queried_even_after_it_was_accepted() -> None:
    assert "R110" not in broken(outside("queried"), *AROUND, previous=outside("accepted"))
    assert "R110" in broken(outside("evidenced"), *AROUND, previous=outside("accepted"))


@pytest.mark.parametrize("status", [*PAYMENT_STATUS])
def test_a_payment_that_is_new_here_may_be_in_any_state(status: str) -> None:
    new = invoice() if status == "disputed" else instalment(3)
    assert broken(replace(new, payment_status=status), *AROUND) == set()


JUNE_DIED = person(death_date=date(2025, 5, 20))


@pytest.mark.parametrize("before", ["scheduled", "due", "on-hold"])
def test_what_is_due_or_on_hold_is_called_off_only_by_a_death_a_stop_or_a_new_version(before: str) -> None:
    new, old = instalment(3, payment_status="cancelled"), instalment(3, payment_status=before)
    assert broken(new, *world(JUNE_DIED), previous=old) == set()
    assert broken(new, *world(), previous=old) == (set() if before == "scheduled" else {"R94"})


def test_what_is_authorised_is_not_called_off_even_then() -> None:
    new, old = instalment(3, payment_status="cancelled"), instalment(3, payment_status="authorised")
    assert broken(new, *world(JUNE_DIED), previous=old) == {"R94"}


def test_a_state_may_not_be_left_out_once_it_is_known() -> None:
    assert broken(instalment(3, payment_status=None), *AROUND, previous=instalment(3)) == {"R94"}
    assert broken(instalment(3), *AROUND, previous=instalment(3, payment_status=None)) == set()


def test_a_refused_move_says_what_may_come_next() -> None:
    (found,) = issues(instalment(3, payment_status="paid"), *AROUND, previous=instalment(3, payment_status="due"))
    assert "after `due` comes `authorised`, `on-hold`" in found.diagnostics
    (done,) = issues(instalment(3), *AROUND, previous=instalment(3, payment_status="paid"))
    assert "after `paid` comes nothing" in done.diagnostics


@pytest.mark.parametrize("status", ["cancelled", "draft"])
def test_r94_breaks_when_what_was_paid_is_called_off_by_its_fhir_status(status: str) -> None:
    paid = instalment(2, payment_status="paid")
    assert broken(replace(paid, status=status), *world(), previous=paid) == {"R94"}
    waiting = instalment(2)
    assert broken(replace(waiting, status=status), *world(), previous=waiting) == set()


@pytest.mark.parametrize("known", [{"total_pence": 1}, {"payment_kind": "one-off"}, {"insurance": ()}])
def test_r94_breaks_when_what_was_paid_is_rewritten(known: dict[str, Any]) -> None:
    paid = instalment(2, payment_status="paid")
    assert "R94" in broken(replace(paid, lines=(), **known), *world(), previous=replace(paid, lines=()))
    wrong = replace(paid, status="entered-in-error")
    assert broken(paid, *world(), previous=wrong) == set()


@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_r99_breaks_when_money_that_was_let_go_is_deleted(status: str) -> None:
    gone = instalment(2, payment_status=status)
    assert broken(gone, *world(), when=DELETE) == {"R99"}
    assert broken(instalment(2), *world(), when=DELETE) == set()


def test_r99_breaks_when_the_answer_that_says_what_was_paid_is_deleted() -> None:
    told = made(
        FunderAnswer, person_id="pat", status="active", claim_type="phb-payment", use="claim", outcome="complete"
    )
    assert broken(replace(told, paid_pence=1), when=DELETE) == {"R99"}
    assert broken(told, when=DELETE) == set()
