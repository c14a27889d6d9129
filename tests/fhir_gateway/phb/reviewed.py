"""A case with money that is reviewed: its budget, who pays it, what was paid, and reviews that are in order."""

from datetime import date
from typing import Any, Final

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget, BudgetLine, SplitWeight
from mappings.claim_parts import ClaimCoverage
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment
from mappings.review import Review, ReviewInput
from tests.fhir_gateway.phb.shelf import filed

PERSON: Final = "Patient/pat"
COORDINATOR: Final = "PractitionerRole/mira"
PAID: Final = date(2025, 4, 1)
FIRST_DUE: Final = date(2025, 7, 1)
FULL: Final = ("plan-review", "budget-review", "financial-audit")
BODIES: Final = {"nhs": "icb", "la": "council", "education": "school-office"}
Share = tuple[str, str]
NHS: Final[Share] = ("nhs-other", "direct-payment")
HEALTHCARE: Final[Share] = ("nhs-chc", "notional")
COUNCIL: Final[Share] = ("la-adult-social-care", "direct-payment")
EDUCATION: Final[Share] = ("education-high-needs", "direct-payment")


def case_record(**known: Any) -> PhbCase:
    """A case whose care runs."""
    usual: dict[str, Any] = {"status": "active", "state": "active", "budget_kind": "ongoing"}
    return made(PhbCase, person_id="pat", care_coordinator=COORDINATOR, **usual | known)


def case(**known: Any) -> Filed[PhbCase]:
    return filed(case_record(**known), "case")


def coverage(stream: str) -> Filed[FunderContribution]:
    body = BODIES.get(stream.partition("-")[0], "other")
    record = made(
        FunderContribution, person_id="pat", status="active", stream=stream, funder=f"Organization/{body}", order=1
    )
    return filed(record, stream)


def budget(*shares: Share, **known: Any) -> Filed[AgreedBudget]:
    """An ongoing budget in force, with a line for each share."""
    streams = tuple(dict.fromkeys(stream for stream, _ in shares))
    usual: dict[str, Any] = {
        "status": "active",
        "budget_status": "active",
        "budget_kind": "ongoing",
        "plan_id": "plan",
        "start": date(2025, 3, 1),
        "end": date(2026, 2, 28),
        "insurance": tuple(
            made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=stream)
            for at, stream in enumerate(streams, start=1)
        ),
        "lines": tuple(
            made(
                BudgetLine,
                line_no=at,
                management_option=option,
                amount_pence=365_000,
                split_method="percentage",
                weights=(made(SplitWeight, insurance_sequence=streams.index(stream) + 1, bps=10_000),),
            )
            for at, (stream, option) in enumerate(shares, start=1)
        ),
    }
    return filed(made(AgreedBudget, person_id="pat", **usual | known), "budget")


def payment_record(stream: str, on: date = PAID, **known: Any) -> Payment:
    """An instalment of one stream that was paid to the person."""
    usual: dict[str, Any] = {
        "status": "active",
        "payment_kind": "instalment",
        "payment_status": "paid",
        "paid_on": on,
        "payee": PERSON,
        "pays_against_id": "budget",
        "total_pence": 10_000,
        "insurance": (made(ClaimCoverage, sequence=1, focal=True, coverage_id=stream),),
    }
    return made(Payment, person_id="pat", **usual | known)


def payment(stream: str, on: date = PAID, **known: Any) -> Filed[Payment]:
    return filed(payment_record(stream, on, **known), f"pay-{stream}-{on}")


def money(*shares: Share, paid: date = PAID) -> tuple[Filed[Any], ...]:
    """A case in which each share was first paid on a day: to the person, to the holder, or by invoice."""
    ways: dict[str, dict[str, Any]] = {
        "direct-payment": {},
        "third-party": {"payee": "Organization/holder"},
        "notional": {"payment_kind": "invoice", "payee": "Organization/firm"},
    }
    payments = (payment(stream, paid, **ways[option]) for stream, option in shares)
    return case(), budget(*shares), *(coverage(stream) for stream, _ in shares), *payments


def parts(*names: str) -> tuple[ReviewInput, ...]:
    return tuple(made(ReviewInput, component=one, asked_for=True) for one in names)


def by_law(kind: str, body: str = "Organization/council") -> ReviewInput:
    return made(ReviewInput, discharges=kind, for_body=body)


def scheduled(**known: Any) -> Review:
    """The first review, in the diary."""
    usual: dict[str, Any] = {
        "status": "requested",
        "intent": "plan",
        "review_kind": "initial-three-month",
        "review_status": "scheduled",
        "respond_by": FIRST_DUE,
        "participants": (PERSON, COORDINATOR),
        "inputs": parts(*FULL),
    }
    return made(Review, person_id="pat", **usual | known)


def held(**known: Any) -> Review:
    """The first review, completed."""
    usual: dict[str, Any] = {
        "status": "completed",
        "review_status": "completed",
        "started_on": date(2025, 5, 20),
        "ended_on": date(2025, 5, 22),
        "person_told_on": date(2025, 5, 1),
        "told_what": "what is looked at, and where we meet",
        "outcome": "no-change",
        "working": "the pool",
        "not_working": "nothing",
        "needs_change": "nothing",
        "needs_changed": False,
        "outcomes_still_right": True,
        "risks_changed": False,
        "budget_adequate": True,
        "properly_used": True,
        "next_due_on": date(2025, 9, 1),
    }
    return scheduled(**usual | known)
