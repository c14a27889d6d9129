"""The money that moves in a demonstration case: instalments, invoices, what was spent, and the evidence of it.

Every figure is given, none is worked out here: they are the published ones of the worked examples.

Source: domain.md 2.5, 6.8.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fhir_gateway.demo.budgets import Line, approval
from fhir_gateway.demo.case import Case, Funder, months
from fhir_gateway.demo.entry import Entry, File, entry, made
from mappings import claim_parts, claim_response, document_reference, expenditure, payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Something bought. line: number of the budget line. evidence: a code of phb-evidence-type."""

    line: int
    on: date
    pence: int
    payee: str
    text: str
    evidence: str = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid: a reference, and its kind in `payee-type`."""

    party: str
    kind: str


def holder(case: Case) -> Payee:
    """The person, or whoever receives the direct payment for them."""
    return Payee(party=case.voice, kind="subscriber")


def provider(organisation: str) -> Payee:
    """A body that provides care or holds the money."""
    return Payee(party=f"Organization/{organisation}", kind="provider")


def instalments(
    case: Case, funder: Funder, amounts: tuple[int, ...], *, to: Payee, first: tuple[tuple[str, int], ...] = ()
) -> File:
    """The monthly instalments of one funder: paid up to the case's day, scheduled after it.

    amounts: pence of each. first: what the first one pays besides, in words and pence.
    """
    found: list[Entry] = []
    for at, (amount, span) in enumerate(zip(amounts, months(case.start, case.end), strict=True), start=1):
        parts = ((f"Instalment {at} of {len(amounts)}", amount), *(first if at == 1 else ()))
        found += _instalment(case, funder, (at, span), parts, to)
    return tuple(found)


def _instalment(
    case: Case, funder: Funder, place: tuple[int, tuple[date, date]], parts: tuple[tuple[str, int], ...], to: Payee
) -> File:
    at, (start, end) = place
    return paid_or_scheduled(
        case,
        funder,
        f"{funder.slug}-{at}",
        due_on=start,
        amount=sum(pence for _, pence in parts),
        payment_kind="instalment",
        instalment_no=at,
        start=start,
        end=end,
        payee_kind=to.kind,
        payee=to.party,
        lines=tuple(
            made(payment.PaymentLine, sequence=no, description=text, amount_pence=pence)
            for no, (text, pence) in enumerate(parts, start=1)
        ),
    )


def once(case: Case, funder: Funder, slug: str, *, amount: int, on: date, line: int, what: str) -> File:
    """A single payment of one funder to the holder for one line. what: the line in words."""
    return paid_or_scheduled(
        case,
        funder,
        slug,
        due_on=on,
        amount=amount,
        payment_kind="one-off",
        start=on,
        end=on,
        payee_kind=holder(case).kind,
        payee=holder(case).party,
        lines=(made(payment.PaymentLine, sequence=1, budget_line=line, description=what, amount_pence=amount),),
    )


def paid_or_scheduled(case: Case, funder: Funder, slug: str, *, due_on: date, amount: int, **known: Any) -> File:
    """A payment of one funder: paid on its day, with the funder's answer that says so, or still to come."""
    done = due_on <= case.as_of
    made_of = entry(
        f"{case.id}-pay-{slug}",
        payment.PAYMENT,
        payment_id=f"PAY-{case.number}-{slug}",
        payment_status="paid" if done else "scheduled",
        person_id=case.id,
        status="active",
        created=case.agreed_on,
        provider=f"Organization/{funder.body}",
        insurer_id=funder.body,
        total_pence=amount,
        insurance=(payer(case, funder),),
        due_on=due_on,
        pays_against_id=f"{case.id}-budget",
        **known,
    )
    return (made_of, settlement(case, funder, slug, amount, due_on)) if done else (made_of,)


def payer(case: Case, funder: Funder, at: int = 1) -> claim_parts.ClaimCoverage:
    """The coverage that a payment of the funder draws on."""
    return made(
        claim_parts.ClaimCoverage,
        sequence=at,
        focal=at == 1,
        coverage_id=f"{case.id}-{funder.slug}",
        preauth_refs=(approval(case, funder),),
    )


def settlement(case: Case, funder: Funder, slug: str, amount: int, on: date) -> Entry:
    """The funder's answer that it paid. slug: of the payment."""
    mark = slug if slug.startswith(funder.slug) else f"{funder.slug}-{slug}"
    return entry(
        f"{case.id}-paid-{mark}",
        claim_response.MAPPING,
        answer_id=f"PAID-{case.number}-{mark}",
        person_id=case.id,
        status="active",
        claim_type="phb-payment",
        use="claim",
        created=on,
        funder_id=funder.body,
        claim_id=f"{case.id}-pay-{slug}",
        outcome="complete",
        total_pence=amount,
        payment_extent="complete",
        payment_ref=f"BACS-{case.number}-{mark}",
        paid_on=on,
        paid_pence=amount,
    )


# --- expenditure and its evidence -------------------------------------------------------------------


def spending(case: Case, lines: tuple[Line, ...], *entries: Spent) -> File:
    """The holder's entries, each accepted, with the document that shows it."""
    return tuple(made_of for at, one in enumerate(entries, start=1) for made_of in _spent(case, lines, at, one))


def _spent(case: Case, lines: tuple[Line, ...], at: int, one: Spent) -> File:
    slug = f"{case.id}-spent-{at}"
    return (
        entry(
            slug,
            expenditure.EXPENDITURE,
            restricted=True,
            entry_id=f"EXP-{case.number}-{at}",
            expenditure_status="accepted",
            person_id=case.id,
            status="active",
            created=one.on,
            provider=case.coordinator,
            insurer_id=case.funders[0].body,
            total_pence=one.pence,
            insurance=tuple(payer(case, funder, no) for no, funder in enumerate(case.funders, start=1)),
            entered_by=case.coordinator,
            payee_kind="other",
            payee_name=one.payee,
            pays_against_id=f"{case.id}-budget",
            evidence=(made(claim_parts.EvidenceLink, sequence=1, document=f"DocumentReference/{slug}-evidence"),),
            lines=(_spent_line(lines[one.line - 1], one),),
        ),
        document(
            case,
            f"spent-{at}-evidence",
            one.evidence,
            f"{one.text}, {one.payee}",
            on=one.on,
            about=(f"Claim/{slug}",),
        ),
    )


def _spent_line(line: Line, one: Spent) -> expenditure.ExpenditureLine:
    return made(
        expenditure.ExpenditureLine,
        sequence=1,
        budget_line=one.line,
        category=line.category,
        description=one.text,
        spent_on=one.on,
        amount_pence=one.pence,
        evidence_sequences=(1,),
    )


def document(case: Case, slug: str, kind: str, title: str, *, on: date, about: tuple[str, ...] = ()) -> Entry:
    """A document kept with the case; restricted, as evidence is."""
    return entry(
        f"{case.id}-{slug}",
        document_reference.MAPPING,
        evidence_id=f"EVI-{case.number}-{slug}",
        person_id=case.id,
        status="current",
        evidence_type=kind,
        recorded_at=datetime.combine(on + timedelta(days=2), time(9), UTC),
        description=title,
        author=case.voice,
        custodian_id=case.funders[0].body,
        confidential=True,
        title=title,
        content_type="application/pdf",
        dated_on=on,
        about=about,
    )
