"""What each of the six has: everything a case has, told by the factories of the demonstration.

The factories name one ICB, one council and one coordinator; `trees` puts the bodies of each case in their place.

Source: security.md section 4, the no-leak law (world); domain.md 5 (what a case has).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from fhir_gateway.demo import accounts, assessments, budgets, consents, follow, payments, persons, plans, story
from fhir_gateway.demo.case import COORDINATOR, COUNCIL, ICB
from fhir_gateway.demo.entry import Entry, File, entry, made
from fhir_gateway.phb.periods import months_after
from mappings import claim_parts, payment, related_person
from tests.laws.no_leak import bodies
from tests.laws.no_leak.events import EXTRA
from tests.laws.no_leak.people import AGREED_ON, BEN, DIED_ON, END, EVE, FAY, START, Someone

Json = Any
HALVES: Final = {"nhs": 5_000, "council": 5_000}
SECTIONS: Final = (
    *("who-i-am", "strengths-and-skills", "social-context", "capacity-and-decisions", "working", "not-working"),
    *("important-to", "important-for", "contingency-plan", "money-held-and-used", "signs-going-well"),
    *("signs-going-wrong", "monitoring", "services-outside-phb", "safeguarding"),
)


# --- the bodies of a case in the place of the demonstration's ----------------------------------------


def trees(one: Someone, entries: File) -> dict[str, Json]:
    """The resources of a case by `Type/id`."""
    names = {
        f"Organization/{ICB}": f"Organization/{one.icb}",
        f"Organization/{COUNCIL}": f"Organization/{one.council}",
        f"PractitionerRole/{COORDINATOR}": f"PractitionerRole/{bodies.coordinator_of(one.icb)}",
        "PractitionerRole/decider-icb": f"PractitionerRole/{bodies.decider_of(one.icb)}",
        "PractitionerRole/decider-council": f"PractitionerRole/{bodies.decider_of(one.council or '')}",
        persons.HEALTH_CONTACT: f"PractitionerRole/{bodies.HEALTH_CONTACT}",
        "Organization/exampleton-surgery": f"Organization/{bodies.SURGERY}",
    }
    return {entry_.literal: _renamed(entry_.resource(), names) for entry_ in entries}


def _renamed(node: Json, names: Mapping[str, str]) -> Json:
    if isinstance(node, dict):
        return {key: _renamed(child, names) for key, child in node.items()}
    if isinstance(node, list):
        return [_renamed(child, names) for child in node]
    return names.get(node, node) if isinstance(node, str) else node


# --- what every case has ------------------------------------------------------------------------------


def file_of(one: Someone) -> File:
    """Everything about one person. Fay shares her record with the ICB, and not with the council that pays a part."""
    told = _told(one)
    return tuple(_unshared(made_of) for made_of in told) if one is FAY else told


def _unshared(one: Entry) -> Entry:
    if one.id != "fay-consent-share":
        return one
    return replace(one, record=replace(one.record, scope_bodies=one.record.scope_bodies[:1]))


def _told(one: Someone) -> File:
    case, parts, lines = one.case, _parts(one), _lines(one)
    return story.told(
        story.Story(
            case=case,
            people=(_person(one), *_speaker(one)),
            opened=persons.case_of(case, group="long-term-conditions", opened_on=date(2024, 11, 25)),
            team=persons.team(case, *(((one.speaks_as, case.speaks),) if one.speaks else ())),
            parts=parts,
            assessed="other-health-assessment",
            lines=lines,
            compared=(one.pence * 3, "Known from elsewhere"),
            method="current-service-cost",
            explanation="What it costs now.",
            title="A plan",
            words=dict.fromkeys(SECTIONS, "Words of the person."),
            actions=(
                plans.Action(text="Act", who=case.voice, by_when=END, outcomes=("goal", "own"), status="in-progress"),
            ),
            agreement=(consents.agreement(case, ("Help at home", "annual", one.pence), duties_explained_on=AGREED_ON),),
            money=_money(one, lines),
            after=(*_after(one), *EXTRA[one.id](one)),
        )
    )


def _person(one: Someone) -> Entry:
    died = {"death_date": DIED_ON} if one is EVE else {}
    made_of = persons.person(
        one.case,
        prefix="Mx",
        name=(one.id.capitalize(), "Invented"),
        nhs_number=one.nhs_number,
        street="1 Nowhere",
        birth_date=one.born,
        **died,
    )
    return Entry(made_of.id, made_of.mapping, made_of.record, one is BEN)


def _speaker(one: Someone) -> File:
    """Who represents the person, agreed by everybody."""
    if not one.speaks:
        return ()
    since = date(2025, 1, 6)
    return (
        entry(
            one.speaks,
            related_person.MAPPING,
            person_id=one.id,
            active=True,
            roles=(one.speaks_as,),
            relationship="parent",
            name="Speaker",
            family="Speaker",
            start=since,
            same_household=False,
            addresses=(persons.home("2 Nowhere"),),
            agreed_to_act_on=since,
            body_agreed_on=since,
            legal_roles=(
                made(related_person.LegalRole, stream="nhs-other", principal=True),
                made(related_person.LegalRole, stream="la-adult-social-care", principal=False),
            ),
        ),
        consents.consent_to_speak(one.case, one.case.speaks, since),
    )


def _parts(one: Someone) -> File:
    case = one.case
    return (
        *plans.needs(case, plans.Need(slug="need", text="A need", domain="mobility", type="joint")),
        *plans.outcomes(
            case,
            plans.Outcome(
                slug="goal", text="An outcome", kind="health", measure="Times", target="Two", needs=("need",)
            ),
            plans.Outcome(slug="own", text="Another", kind="health", measure="Times", target="Two", needs=("need",)),
        ),
        *plans.risks(case, plans.Risk(slug="risk", text="A risk", mitigation="Care", contingency="More care")),
    )


def _lines(one: Someone) -> tuple[budgets.Line, ...]:
    usual: dict[str, Any] = {"needs": ("need",), "outcomes": ("goal",), "frequency": "annual"}
    half = -(-one.pence // 2)
    shared: dict[str, Any] = {"split": "percentage", "weights": HALVES, "need_type": "joint"}
    visits = one.bill * 4
    return (
        budgets.Line(
            category="transport",
            text="Rides",
            pence=one.pence,
            rate=one.pence,
            shares={"nhs": half, "council": one.pence - half} if one.council else {"nhs": one.pence},
            **usual | (shared if one.council else {"weights": {"nhs": 10_000}}) | {"outcomes": ("goal", "own")},
        ),
        budgets.nhs_line(
            "therapy",
            "Visits",
            visits,
            visits,
            option="notional",
            provider=f"Organization/{one.provider}",
            **usual,
        ),
    )


def _money(one: Someone, lines: tuple[budgets.Line, ...]) -> File:
    case = one.case
    paid = (
        payments.once(
            case, funder, f"{funder.slug}-once", amount=lines[0].shares[funder.slug], on=START, line=1, what="Rides"
        )
        for funder in case.funders
    )
    return (
        assessments.capacity(case, "lacks-capacity" if one.speaks else "has-capacity", "Asked.", **_spoken_for(one)),
        assessments.not_barred(case),
        accounts.direct_payment(case, holder=one.holder),
        accounts.notional(case, "account-notional", "Which visit, and when."),
        *(made_of for some in paid for made_of in some),
        *_invoice(one),
        *payments.spending(
            case,
            lines,
            payments.Spent(line=1, on=date(2025, 5, 6), pence=one.pence // 7, payee="Payee", text="Ride"),
            payments.Spent(line=1, on=date(2025, 6, 9), pence=one.pence // 11, payee="Payee", text="Tobacco"),
            payments.Spent(line=2, on=date(2025, 6, 10), pence=one.bill // 13, payee="Payee", text="Visit"),
        ),
        payments.document(case, "bank", "bank-statement", "Account statement", on=date(2025, 6, 30)),
    )


def _spoken_for(one: Someone) -> dict[str, str]:
    return {"speaks_for_person": one.speaks} if one.speaks else {}


def _invoice(one: Someone) -> File:
    """One bill of the provider, waiting for the person's check."""
    case = one.case
    paper = payments.document(case, "bill-paper", "invoice", "Invoice", on=date(2025, 9, 1))
    bill = entry(
        f"{one.id}-bill",
        payment.PAYMENT,
        payment_id=f"PAY-{case.number}-bill",
        invoice_no=f"INV-{case.number}",
        payment_kind="invoice",
        payment_status="due",
        person_id=one.id,
        status="active",
        created=date(2025, 9, 1),
        provider=f"Organization/{one.provider}",
        insurer_id=ICB,
        total_pence=one.bill,
        insurance=(payments.payer(case, case.funders[0]),),
        start=date(2025, 8, 1),
        end=date(2025, 8, 31),
        due_on=date(2025, 10, 1),
        received_on=date(2025, 9, 1),
        payee_kind="provider",
        payee=f"Organization/{one.provider}",
        pays_against_id=f"{one.id}-budget",
        evidence=(made(claim_parts.EvidenceLink, sequence=1, document=paper.literal),),
        lines=(
            made(
                payment.PaymentLine,
                sequence=1,
                budget_line=2,
                category="therapy",
                description="A visit",
                management_option="notional",
                amount_pence=one.bill,
                invoice_check="awaiting-person",
            ),
        ),
    )
    return paper, bill


def _after(one: Someone) -> File:
    case = one.case
    return (
        follow.reviewed(
            case,
            due=months_after(START, 3),
            held=date(2025, 6, 24),
            next_due=_next_review(one),
            notes=("works", "does not", "to change"),
            underspend_reason="late-invoices",
            person_experience="As it was.",
        ),
        assessments.asked(case, date(2025, 6, 24), ("What was asked?", "What was said.")),
        follow.scheduled(case, "review-2", due=_next_review(one)),
        follow.discussion(case, "gone", "options", on=date(2025, 2, 3), message="What is deleted later."),
    )


def _next_review(one: Someone) -> date:
    """A council looks again half a year after its first payment (R119)."""
    return date(2025, 10, 1) if one.council else date(2026, 6, 24)
