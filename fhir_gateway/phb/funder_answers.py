"""The answer of each funding body to a Claim, from what was decided about its lines.

Source: domain.md 8.2, 8.3 (funders' shares and decisions), 8.6, 8.9 Q1 and Q16; FHIR R4 claimresponse.html.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from fhir_gateway.phb.books import Funder
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.records import made
from fhir_gateway.phb.verdict import Share, Verdict
from mappings.claim_parts import ClaimRecord
from mappings.claim_response import AnsweredLine, AnswerNote, FunderAnswer

ORGANIZATION: Final = "Organization/"
COMPLETE: Final = "complete"
PARTIAL: Final = "partial"
QUEUED: Final = "queued"
APPROVED: Final = "approved"
DECLINED: Final = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is answered to a Claim, whoever answers. waits: what it waits for, in words, empty for nothing.

    claim_id: None while it is not stored. decisions: id of the Task behind the answer of a body.
    """

    claim: ClaimRecord
    claim_type: str
    use: str
    claim_id: str | None
    on: date
    verdicts: Sequence[Verdict]
    waits: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing of it is paid."""
        return all(one.fault is not None for one in self.verdicts)

    @property
    def outcome(self) -> str:
        """FHIR's word for how far it is processed."""
        if self.waits:
            return QUEUED
        mixed = any(one.fault is not None for one in self.verdicts) and not self.refused
        return PARTIAL if mixed else COMPLETE

    @property
    def disposition(self) -> str:
        """The same in words."""
        if self.refused:
            return "Declined"
        says = "Approved" if self.outcome != PARTIAL else "Approved in part"
        return self.waits or says


def bodies_of(funders: Iterable[Funder]) -> tuple[str, ...]:
    """Ids of the Organizations among funders, in order, each once; the person answers to no Claim."""
    named = (one.reference for one in funders if one.reference.startswith(ORGANIZATION))
    return tuple(dict.fromkeys(one.removeprefix(ORGANIZATION) for one in named))


def answers_to(ruling: Ruling, bodies: Iterable[str]) -> tuple[FunderAnswer, ...]:
    """One answer for each body."""
    return tuple(_answer(ruling, body) for body in bodies)


def _answer(ruling: Ruling, body: str) -> FunderAnswer:
    lines = tuple(_line(ruling, one, body) for one in ruling.verdicts)
    return made(
        FunderAnswer,
        person_id=ruling.claim.person_id,
        status="active",
        claim_type=ruling.claim_type,
        use=ruling.use,
        created=ruling.on,
        funder_id=body,
        requestor=ruling.claim.provider,
        claim_id=ruling.claim_id,
        outcome=ruling.outcome,
        disposition=ruling.disposition,
        total_pence=sum(one.amount_pence or 0 for one in lines),
        lines=lines,
        notes=tuple(_notes(ruling.verdicts)),
    )


def _line(ruling: Ruling, verdict: Verdict, body: str) -> AnsweredLine:
    own = [one for one in verdict.shares if one.funder.reference == ORGANIZATION + body]
    decided = DECLINED if verdict.fault is not None else (None if ruling.waits else APPROVED)
    return made(
        AnsweredLine,
        line_no=verdict.sequence,
        amount_pence=_total(own),
        decision=decided,
        share_percent=own[0].percent if len(own) == 1 else None,
        rule=verdict.fault.rule if verdict.fault is not None else None,
        plan_element=verdict.plan_element,
    )


def _total(shares: Iterable[Share]) -> Pence:
    return sum(one.pence for one in shares)


def _notes(verdicts: Iterable[Verdict]) -> Iterator[AnswerNote]:
    """A sentence for each line that is not paid."""
    faults = [one for one in verdicts if one.fault is not None]
    for at, one in enumerate(faults, start=1):
        assert one.fault is not None
        yield AnswerNote(note_no=at, text=f"Line {one.sequence} is not paid: {one.fault.says} ({one.fault.rule}).")


def settled(fresh: FunderAnswer, standing: FunderAnswer) -> FunderAnswer:
    """The fresh answer in place of a standing one: what says nothing new keeps its day, its number and its payment."""
    kept = {
        name: getattr(standing, name)
        for name in ("answer_id", "created", "payment_extent", "payment_ref", "paid_on", "paid_pence")
    }
    same = replace(fresh, **kept)
    return same if same == standing else replace(same, created=fresh.created)
