"""$explain: why a payment or an expenditure is as it is, as a document that reads from the money to the reasons.

Source: FHIR R4 documents.html, composition.html, bundle.html (bdl-9 to bdl-11); domain.md 8.2; rules R103, R141.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import bundles, judgement, shown
from fhir_gateway.interactions.context import Context, Reply, instant
from fhir_gateway.interactions.operations import anchor
from fhir_gateway.interactions.operations.operation import HTML, JSON, Asked, Operation
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.explanation import Check, Known, Money, Section, explanation, references_of
from fhir_gateway.store import ledger
from fhir_gateway.store.facts import Facts
from fhir_gateway.store.records import Stored
from fhir_gateway.web import explanation_page
from mappings.claim_response import FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.explanation import composition
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue
from mappings.namespaces import code_system
from mappings.payment import Payment
from mappings.registry import TYPES

CLAIM: Final = TYPES["Claim"]
RULE: Final = code_system("phb-rule")
READS: Final = (
    *("CarePlan", "Claim", "ClaimResponse", "Goal", "Organization", "Patient"),
    *("Practitioner", "PractitionerRole", "Task"),
)


def run(ctx: Context, asked: Asked) -> Reply:
    """The document. Raises Forbidden, NotFound, Gone, RuleBroken."""
    policy.may_run(ctx.asker, EXPLAIN.code, *((name, "r") for name in READS))
    stored = anchor.record_of(ctx, asked)
    tree = document.parse(stored.text or b"")
    _, record = CLAIM.derive(tree)
    if not isinstance(record, Payment | ExpenditureEntry):
        says = "a payment or an expenditure is explained; a budget is what explains it"
        raise RuleBroken(Issue("business-rule", says, "Claim.type"))
    sections = explanation(_known(ctx, stored, tree, record), judgement.case_files(ctx).of(record.person_id))
    headers, render = WRITERS[asked.wanted]
    return Reply(status=200, body=render(ctx, record.person_id, sections), headers=headers)


def _known(ctx: Context, stored: Stored, tree: Tree, record: Money) -> Known:
    return Known(
        money=Filed(CLAIM.name, stored.id, stored.version, record),
        answers=_answers(ctx, record.person_id, stored.id, "claim"),
        agreed=_answers(ctx, record.person_id, record.pays_against_id or "", "preauthorization"),
        flags=tuple(
            (tag.get("code", ""), tag.get("display", ""))
            for tag in tree.get("meta", {}).get("tag", ())
            if tag.get("system") == RULE
        ),
        checks=tuple(_checks(ctx, stored)) if isinstance(record, Payment) else (),
    )


def _answers(ctx: Context, person: str, claim_id: str, use: str) -> tuple[Filed[FunderAnswer], ...]:
    ids = ledger.answers_to(ctx.session, person, claim_id, use)
    return Facts(ctx.session).some(FunderAnswer, ids) if ids else ()


def _checks(ctx: Context, stored: Stored) -> Iterator[Check]:
    """Each version that changed what the person says of the invoice, and who wrote it."""
    before: frozenset[str] = frozenset()
    for version, updated, client, text in ledger.versions_of(ctx.session, stored):
        _, record = CLAIM.derive(document.parse(text))
        lines = record.lines if isinstance(record, Payment) else ()
        now = frozenset(line.invoice_check for line in lines if line.invoice_check)
        for check in sorted(now - before):
            yield Check(check=check, version=version, on=today(updated), client=client)
        before = now


# --- forms ------------------------------------------------------------------------------------------


def _document(ctx: Context, person: str, sections: Sequence[Section]) -> bytes:
    steps = [(one.code, one.title, [(said.text, said.reference) for said in one.sentences]) for one in sections]
    uuid, made_at = ctx.new_id(), instant(ctx.now)
    first = composition(uuid, person, made_at, steps)
    named = [f"Patient/{person}", *references_of(sections)]
    found = [one for one in (_stored(ctx, reference) for reference in named) if one is not None]
    return bundles.document(ctx.base, ctx.new_id(), made_at, (uuid, document.encode(first)), found)


def _stored(ctx: Context, reference: str) -> Stored | None:
    resource_type, _, id_ = reference.partition("/")
    return shown.one(ctx, resource_type, id_)


def _page(ctx: Context, _person: str, sections: Sequence[Section]) -> bytes:
    return explanation_page.render(
        [(one.code, one.title, [(said.text, said.reference) for said in one.sentences]) for one in sections],
        instant(ctx.now),
    )


Render = Callable[[Context, str, Sequence[Section]], bytes]
WRITERS: Final[dict[str, tuple[dict[str, str], Render]]] = {
    JSON: ({}, _document),
    HTML: (explanation_page.HEADERS, _page),
}
EXPLAIN: Final = Operation(
    code="explain",
    types=(CLAIM.name,),
    instance=True,
    writes=False,
    title="Explain a payment or an expenditure",
    says="A document: what it is, the budget version and line it comes from, the plan, the rules, who decided, who "
    "confirmed it, and what each funder answered; then those resources.",
    run=run,
    formats=(JSON, HTML),
)
