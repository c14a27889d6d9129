"""A Claim as it was submitted, and what the parts of `$submit` do with it: compare, store, read back.

Source: FHIR R4 claim-operation-submit.html; design decision 5 (one write path).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import judgement, write
from fhir_gateway.interactions.consequences import RESTRICTED
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.prepare import Target, prepared, restamped
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.funder_answers import settled
from fhir_gateway.phb.proposed import Proposed
from fhir_gateway.phb.verdict import Verdict
from fhir_gateway.store import records
from fhir_gateway.store.facts import MAPPING_OF, Facts
from fhir_gateway.store.records import Change, Stored
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue, Unprocessable
from mappings.registry import TYPES

CLAIM: Final = TYPES["Claim"]
ANSWER: Final = TYPES["ClaimResponse"]
TASK: Final = TYPES["Task"]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One Claim of a submission. place: what leads to it in a Bundle. id: its own, or the one it is given.

    use: as it was sent. read, kind, record: what it is, a predetermination being read as the claim it asks about.
    """

    tree: Tree
    read: Tree
    references: tuple[str, ...]
    place: str
    id: str
    use: str
    kind: str
    record: Any
    person: str

    @property
    def is_new(self) -> bool:
        """Whether it came without an id."""
        return "id" not in self.tree

    @property
    def literal(self) -> str:
        """`Claim/id`."""
        return f"Claim/{self.id}"

    @property
    def if_match(self) -> str | None:
        """The version it says it replaces."""
        version = (self.tree.get("meta") or {}).get("versionId")
        return None if version is None else f'W/"{version}"'

    def saying(self, record: Any) -> Tree:
        """The Claim changed to say a record, and nothing else."""
        return MAPPING_OF[type(record)].to_fhir(record, self.tree)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a Claim is answered with. resources: type and id of each, as they stand in the end. issues: to be told.

    trees: what is not stored.
    """

    resources: tuple[Pair, ...] = ()
    trees: tuple[Tree, ...] = ()
    issues: tuple[Issue, ...] = ()


# --- what stands ------------------------------------------------------------------------------------


def stored(ctx: Context, sent: Sent) -> Stored | None:
    """The Claim as it stands, None where it does not, or is not for this principal to change."""
    if sent.is_new:
        return None
    return records.get(ctx.session, CLAIM.name, sent.id, policy.permit(ctx.asker, CLAIM.name, "u"))


def previous(standing: Stored | None, sent: Sent) -> Any:
    """The record of the Claim as it stands, None where there is none of the same kind."""
    kind, record = judgement.derived(standing)
    return record if kind == sent.kind else None


def says_the_same(standing: Stored | None, tree: Tree) -> bool:
    """Whether the Claim as it stands says what the tree does."""
    return standing is not None and restamped(tree, standing, foreign=False) == standing.text


def case_without(ctx: Context, sent: Sent) -> CaseFile:
    """The case as if the Claim were not there."""
    return case_with(ctx, sent, gone=((CLAIM.name, sent.id),))


def case_with(ctx: Context, sent: Sent, filed: Sequence[Filed[Any]] = (), gone: Sequence[Pair] = ()) -> CaseFile:
    """The case as if these records were there, or not."""
    return CaseFile(Proposed(Facts(ctx.session), filed, gone), sent.person, today(ctx.now))


def case_now(ctx: Context, sent: Sent) -> CaseFile:
    """The case as it stands."""
    return judgement.case_files(ctx).of(sent.person)


# --- storing ----------------------------------------------------------------------------------------


def put(ctx: Context, sent: Sent, tree: Tree, if_match: str | None) -> Change | None:
    """The change that stores the Claim, None where it stands so already."""
    if sent.is_new:
        return write.prepared_create(ctx, CLAIM, sent.id, tree)
    return write.prepared_update(ctx, CLAIM, sent.id, tree, if_match)


def put_answers(
    ctx: Context, answers: Iterable[FunderAnswer], standing: Sequence[Filed[FunderAnswer]], *, restricted: bool = False
) -> tuple[list[Pair], list[Change]]:
    """Where the funders' answers are, and the changes that store them: one for each body, updated while it stands."""
    places, changes = [], []
    for answer in answers:
        own = next((one for one in standing if one.record.funder_id == answer.funder_id and _is_answer(one)), None)
        change = _made(ctx, answer, restricted=restricted) if own is None else _renewed(ctx, answer, own)
        places.append((ANSWER.name, own.id if own is not None else change.new.id if change is not None else ""))
        changes += [change] if change is not None else []
    return places, changes


def _is_answer(one: Filed[FunderAnswer]) -> bool:
    """Whether it answers the Claim; what only says that money moved does not."""
    return bool(one.record.lines) or one.record.paid_on is None


def _made(ctx: Context, answer: FunderAnswer, *, restricted: bool) -> Change:
    head: Tree = {"resourceType": ANSWER.name} | ({"meta": {"security": [RESTRICTED]}} if restricted else {})
    return write.prepared_create(ctx, ANSWER, ctx.new_id(), MAPPING_OF[FunderAnswer].to_fhir(answer, head))


def _renewed(ctx: Context, answer: FunderAnswer, own: Filed[FunderAnswer]) -> Change | None:
    record = settled(answer, own.record)
    current = records.locked(ctx.session, ANSWER.name, own.id)
    if record == own.record or current is None or current.text is None:
        return None
    tree = MAPPING_OF[FunderAnswer].to_fhir(record, document.parse(current.text))
    return write.prepared_update(ctx, ANSWER, own.id, tree, "*")


def asked_for(ctx: Context, decision: Decision, id: str) -> Change:  # noqa: A002
    """The change that asks for a decision."""
    return write.prepared_create(ctx, TASK, id, MAPPING_OF[Decision].to_fhir(decision))


def keep(ctx: Context, changes: Sequence[Change]) -> tuple[Issue, ...]:
    """Store the changes together; what the rules warn of. Raises RuleBroken."""
    done = write.store(ctx, changes) if changes else ()
    return tuple(issue for one in done for issue in one.warnings)


# --- refusing ---------------------------------------------------------------------------------------


def refusals(verdicts: Iterable[Verdict]) -> Iterator[Issue]:
    """What keeps each line from being paid, with its rule."""
    for one in verdicts:
        if one.fault is not None:
            says = f"line {one.sequence}: {one.fault.says}"
            yield Issue("business-rule", says, f"Claim.{one.element}", "error", one.fault.rule)


def refuse_if(wrong: Callable[[Iterable[bool]], bool], verdicts: Sequence[Verdict]) -> None:
    """Refuse the Claim where `all`, or `any`, of its lines are at fault. Raises RuleBroken naming each."""
    if wrong(one.fault is not None for one in verdicts):
        raise RuleBroken(refusals(verdicts))


def check_known(ctx: Context, sent: Sent) -> None:
    """Raises Unprocessable where it names what is not here."""
    change = prepared(ctx, Target(CLAIM, sent.id, None, 1, "POST"), sent.read)
    write.check_references(ctx, [write.Judged(change, sent.references)])


def check_status(sent: Sent) -> None:
    """Raises Unprocessable for a Claim that was called off."""
    if sent.record.status not in {"active", "draft"}:
        raise Unprocessable(Issue("value", "a Claim that is submitted is `active` or `draft`", "Claim.status"))
    if not sent.record.lines:
        raise Unprocessable(Issue("required", "name at least one line", "Claim.item"))
