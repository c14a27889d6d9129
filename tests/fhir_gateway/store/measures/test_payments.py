"""K15, K22 and K24 to K28 over records put together by hand."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fhir_gateway.access import audit
from fhir_gateway.access.audit import Access
from fhir_gateway.demo.entry import Entry, entry, made
from fhir_gateway.gateway import Gateway
from mappings import account, change, encounter, experience, organization
from mappings.experience import ExperienceAnswer
from mappings.payment import PaymentLine
from tests.fhir_gateway.store.measures.world import (
    DIRECT,
    ICB,
    NOTIONAL,
    OTHER,
    THIRD,
    counts,
    holder,
    outcomes,
    paid,
    reviewed,
    spent,
    strata,
)

NOVEMBER = date(2025, 11, 1)


# --- K15 --------------------------------------------------------------------------------------------


def test_a_recovery_was_talked_about_when_it_names_both_conversations(gateway: Gateway) -> None:
    both = {"discussion_person_id": "talk-1", "discussion_coordinator_id": "talk-2"}
    every = (
        paid("a", "r1", 5_000, NOVEMBER, payment_kind="recovery", **both),
        paid("a", "r2", 5_000, NOVEMBER, payment_kind="recovery", discussion_person_id="talk-1"),
        paid("a", "r3", 5_000, date(2026, 1, 1), payment_kind="recovery"),
        paid("a", "i1", 5_000, NOVEMBER),
    )
    assert counts(gateway, "K15", holder("a"), every) == (1, 2)


# --- K22 --------------------------------------------------------------------------------------------


def _stay(start: date, end: date | None, **known: Any) -> Entry:
    usual: dict[str, Any] = {"person_id": "a", "status": "finished", "admitted_on": start, "discharged_on": end}
    return entry("stay", encounter.MAPPING, **usual | known)


def _suspension(start: date, end: date | None) -> Entry:
    usual: dict[str, Any] = {
        "person_id": "a",
        "status": "completed",
        "intent": "order",
        "started_on": start,
        "ended_on": end,
    }
    return entry("pause", change.SUSPENSION, **usual)


def _unpaid(ident: str, due: date, **known: Any) -> Entry:
    return paid("a", ident, 5_000, None, due_on=due, **known)


def test_an_instalment_not_paid_in_hospital_without_a_suspension_was_stopped(gateway: Gateway) -> None:
    every = (
        _stay(date(2025, 10, 15), date(2025, 11, 1)),
        _unpaid("in-time", date(2025, 10, 14)),
        _unpaid("stopped", date(2025, 11, 1), payment_status="cancelled"),
        paid("a", "paid", 5_000, date(2025, 10, 20)),
        _unpaid("after", date(2025, 11, 2)),
    )
    assert counts(gateway, "K22", holder("a", DIRECT), every) == (1, 2)


def test_an_instalment_held_by_a_suspension_was_not_stopped(gateway: Gateway) -> None:
    stay = _stay(date(2025, 10, 15), None, status="in-progress")
    held = _unpaid("held", NOVEMBER, payment_status="on-hold")
    assert counts(gateway, "K22", holder("a"), stay, held, _suspension(NOVEMBER, None)) == (0, 1)


def test_a_planned_stay_stops_nothing(gateway: Gateway) -> None:
    assert counts(gateway, "K22", holder("a"), _stay(NOVEMBER, None, status="planned"), _unpaid("i", NOVEMBER)) == (
        0,
        0,
    )


# --- K24 --------------------------------------------------------------------------------------------


def _read(what: str, on: date, status: int = 200, action: str = "R") -> Access:
    at = int(datetime(on.year, on.month, on.day, 12, tzinfo=UTC).timestamp()) * 1_000_000
    return Access(
        at=at, client="icb-finance", action=action, subtype="read", what=what, status=status, request="request"
    )


def test_reads_of_spending_under_a_concern_are_told_from_those_in_a_review(gateway: Gateway) -> None:
    worry = entry(
        "worry",
        change.CONCERN,
        person_id="a",
        status="completed",
        intent="order",
        concern_kind="missing-records",
        requested_on=date(2025, 10, 10),
        ended_on=date(2025, 11, 30),
    )
    under_way = reviewed("a", "review", NOVEMBER, date(2025, 11, 20), started_on=date(2025, 11, 10))
    reads = (
        _read("Claim/e", date(2025, 10, 20)),
        _read("Claim/e/_history/1", date(2025, 10, 21)),
        _read("Claim/e", date(2025, 11, 15)),
        _read("Claim/e", date(2025, 12, 15)),
        _read("Claim/e", date(2025, 10, 20), status=403),
        _read("Claim/e", date(2025, 10, 20), action="U"),
        _read("Claim/a-budget", date(2025, 10, 20)),
        _read("Claim/e", date(2025, 9, 30)),
        _read("Task/e", date(2025, 10, 20)),
    )
    gateway.database.write(lambda session: audit.write_all(session, reads))
    assert counts(gateway, "K24", holder("a"), spent("a", "e", 500, NOVEMBER), worry, under_way) == (2, 4)


# --- K25 --------------------------------------------------------------------------------------------


def _third_party(ident: str, last: date | None, due: date) -> Entry:
    known: dict[str, Any] = {
        "name": ident,
        "roles": ("provider", "third-party-holder"),
        "last_audited_on": last,
        "next_audit_due": due,
    }
    return entry(ident, organization.MAPPING, **known)


def test_a_third_party_was_audited_in_time_within_the_year_before_it_was_due(gateway: Gateway) -> None:
    every = (
        _third_party("audited", date(2025, 10, 30), NOVEMBER),
        _third_party("year-ago", date(2024, 11, 1), NOVEMBER),
        _third_party("late", date(2025, 11, 2), NOVEMBER),
        _third_party("never", None, NOVEMBER),
        _third_party("later", date(2025, 10, 30), date(2026, 1, 1)),
        entry("agency", organization.MAPPING, name="agency", roles=("provider",), next_audit_due=NOVEMBER),
    )
    assert counts(gateway, "K25", every) == (1, 4)


def test_a_body_reports_the_third_parties_its_own_people_use(gateway: Gateway) -> None:
    held = entry("held", account.MAPPING, person_id="a", status="active", management_option=THIRD, owner="used")
    every = (_third_party("used", date(2025, 10, 30), NOVEMBER), _third_party("unused", None, NOVEMBER))
    assert counts(gateway, "K25", holder("a", THIRD), held, every, reporter=ICB) == (1, 1)
    assert counts(gateway, "K25", reporter=OTHER) == (0, 0)


# --- K26, K27 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "expected"),
    [("confirmed", 1), ("disputed", 1), ("resolved", 1), ("awaiting-person", 0), ("not-offered", 0), (None, 0)],
)
def test_an_invoice_is_checked_when_the_person_has_said_so(gateway: Gateway, check: str | None, expected: int) -> None:
    assert counts(gateway, "K26", holder("a"), _invoice("i", check)) == (expected, 1)


def test_only_notional_invoices_received_in_the_period_count(gateway: Gateway) -> None:
    every = (
        _invoice("i1", "confirmed", option=DIRECT),
        _invoice("i2", "confirmed", received_on=date(2026, 1, 1)),
        _invoice("i3", "confirmed", option=None),
    )
    assert counts(gateway, "K26", holder("a"), every) == (1, 1)


def _invoice(ident: str, check: str | None, option: str | None = NOTIONAL, **known: Any) -> Entry:
    one = made(PaymentLine, sequence=1, budget_line=1, management_option=option, invoice_check=check, amount_pence=1)
    usual: dict[str, Any] = {"payment_kind": "invoice", "received_on": NOVEMBER, "lines": (one,)}
    return paid("a", ident, 1, None, **usual | known)


def test_choice_is_offered_where_the_arrangement_says_which(gateway: Gateway) -> None:
    def held(ident: str, **known: Any) -> Entry:
        usual: dict[str, Any] = {"person_id": "a", "status": "active", "management_option": NOTIONAL}
        return entry(ident, account.MAPPING, **usual | known)

    every = (
        held("h1", choice_offered="Three agencies"),
        held("h2"),
        held("h3", end=date(2025, 9, 30)),
        held("h4", start=date(2026, 1, 1)),
        held("h5", management_option=DIRECT, choice_offered="Any"),
        held("h6", status="entered-in-error", choice_offered="Any"),
    )
    assert counts(gateway, "K27", holder("a"), every) == (1, 2)


# --- K28 --------------------------------------------------------------------------------------------


def _said(name: str, **answers: str | None) -> tuple[Entry, ...]:
    said = entry(
        f"{name}-said",
        experience.EXPERIENCE,
        person_id=name,
        observation_status="final",
        asked_on=NOVEMBER,
        answers=tuple(made(ExperienceAnswer, question=key, answer=text) for key, text in answers.items()),
    )
    return *holder(name), said


def test_answers_are_counted_by_question_and_shown_where_seven_people_gave_them(gateway: Gateway) -> None:
    happy = [one for at in range(7) for one in _said(f"h{at}", well="Yes", choice="Good")]
    others = [one for at in range(6) for one in _said(f"o{at}", well="No")]
    silent = _said("silent", well=None)
    (found,) = outcomes(gateway, "K28", happy, others, silent)
    assert (found.result.numerator, found.result.denominator) == (13, 14)
    assert strata(found, "question") == {"well": (13, 14), "choice": (7, 14)}
    assert strata(found, "answer") == {"choice Good": (7, 14), "well Yes": (7, 14)}


def test_a_body_hears_its_own_people_alone(gateway: Gateway) -> None:
    (found,) = outcomes(gateway, "K28", _said("a", well="Yes"), reporter=OTHER)
    assert (found.result.denominator, found.strata) == (0, ())
