"""$submit: a Claim is adjudicated, and answered with a ClaimResponse of each funding body and what must be decided.

`Claim.use` says what is meant: `predetermination` asks whether it would be paid and changes nothing,
`preauthorization` puts a budget to its funders, `claim` draws a budget down or enters what was spent.

Source: FHIR R4 claim-operation-submit.html; domain.md 8.2, 8.9 Q1, Q3, Q16.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import bundles
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations import predetermine, submitted_by
from fhir_gateway.interactions.operations.operation import Asked, Operation
from fhir_gateway.interactions.operations.submit_budget import put_to_funders
from fhir_gateway.interactions.operations.submit_claim import draw_down, enter
from fhir_gateway.interactions.operations.submitted import CLAIM, Answered, Sent, check_known
from fhir_gateway.interactions.terse import tells_all, told_to
from fhir_gateway.outcome import outcome_tree, rendered
from fhir_gateway.store import records
from mappings.lens import shape
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, FhirError, Issue, Unprocessable

Answer = Callable[[Context, Sent], Answered]
PREDETERMINATION: Final = "predetermination"
BUNDLES: Final = frozenset({"collection", "batch"})
LEDGER: Final = frozenset({"phb-payment", "phb-expenditure"})
# By use and kind of record; every other pairing is refused.
ANSWERS: Final[dict[tuple[str, str], Answer]] = {
    (PREDETERMINATION, "payment"): predetermine.payment,
    (PREDETERMINATION, "expenditure-entry"): predetermine.entry,
    (PREDETERMINATION, "indicative-budget"): predetermine.estimate,
    ("preauthorization", "agreed-budget"): put_to_funders,
    ("claim", "payment"): draw_down,
    ("claim", "expenditure-entry"): enter,
}


def submit(ctx: Context, asked: Asked) -> Reply:
    """A Bundle of what every Claim is answered with; all of them are stored or none. Raises RuleBroken."""
    if not ctx.asker.sees_all:
        policy.may_run(ctx.asker, SUBMIT.code)
    claims = [_sent(ctx, tree, place) for tree, place in _claims(ctx, asked.body)]
    for one in claims:
        with _placed(one.place):
            submitted_by.check_may_send(ctx, one)
    answered = _adjudicated(ctx, claims)
    issues = tuple(issue for one in answered for issue in one.issues) if tells_all(ctx.asker) else ()
    entries = [entry for one in answered for entry in _entries(ctx, one)]
    if issues:
        entries.append(bundles.part(rendered(outcome_tree(issues))))
    return Reply(status=200, body=bundles.collection(entries), warnings=issues)


# --- what was sent ----------------------------------------------------------------------------------


def _claims(ctx: Context, body: Tree | None) -> Iterator[tuple[Tree, str]]:
    """Each Claim, with what leads to it. Raises BadRequest."""
    if body is None:
        raise BadRequest(Issue("required", "$submit takes a Claim, or a Bundle of Claims", "Claim"))
    if body.get("resourceType") != "Bundle":
        yield body, ""
        return
    shape.judge(body, expected_type="Bundle", entries=False)
    if body["type"] not in BUNDLES:
        raise BadRequest(Issue("value", "the Bundle is a `collection` or a `batch` of Claims", "Bundle.type"))
    entries = body.get("entry", ())
    if not 0 < len(entries) <= ctx.limits.transaction_entries:
        raise BadRequest(Issue("value", f"1 to {ctx.limits.transaction_entries} Claims are taken", "Bundle.entry"))
    for at, one in enumerate(entries):
        yield one.get("resource") or {}, f"Bundle.entry[{at}].resource"


def _adjudicated(ctx: Context, claims: Sequence[Sent]) -> list[Answered]:
    """The gateway's own work: what follows from a Claim, such as a funder's answer, is nobody's to send."""
    with ctx.by_itself() as gateway:
        records.hold_people(ctx.session, {one.person for one in claims})
        try:
            answered = [_answered(gateway, one) for one in claims]
        except RuleBroken as error:
            raise told_to(ctx.asker, error) from error.__cause__
    submitted_by.check_rows(ctx, claims)
    return answered


def _answered(ctx: Context, sent: Sent) -> Answered:
    with _placed(sent.place):
        check_known(ctx, sent)
        return ANSWERS[sent.use, sent.kind](ctx, sent)


def _sent(ctx: Context, tree: Tree, place: str) -> Sent:
    """The Claim and what it is. Raises BadRequest, Unprocessable."""
    with _placed(place):
        return _read(ctx, tree, place)


def _read(ctx: Context, tree: Tree, place: str) -> Sent:
    references = shape.judge(tree, expected_type=CLAIM.name)
    read = _as_asked(tree)
    kind, record = CLAIM.derive(read)
    if (tree["use"], kind) not in ANSWERS:
        says = "a budget is submitted as `preauthorization` or `predetermination`, a payment or entry as `claim`"
        raise Unprocessable(Issue("not-supported", says, "Claim.use"))
    person = CLAIM.subject_of(tree)
    if not isinstance(person, str):
        raise Unprocessable(person if person is not None else Issue("required", "name the person", "Claim.patient"))
    return Sent(
        tree=tree,
        read=read,
        references=references,
        place=place,
        id=tree.get("id") or ctx.new_id(),
        use=tree["use"],
        kind=kind,
        record=record,
        person=person,
    )


def _as_asked(tree: Tree) -> Tree:
    """A predetermination of a payment or entry as the claim it asks about."""
    codes = {one.get("code") for one in tree["type"].get("coding", ())}
    return tree | {"use": "claim"} if tree["use"] == PREDETERMINATION and codes & LEDGER else tree


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """What is found wrong within names the Claim's place in the Bundle."""
    try:
        yield
    except FhirError as error:
        if not place:
            raise
        raise type(error)([_at(place, one) for one in error.issues], headers=error.headers) from error


def _at(place: str, issue: Issue) -> Issue:
    below = issue.expression.removeprefix(issue.expression.partition(".")[0])
    return replace(issue, expression=place + below)


# --- what is answered -------------------------------------------------------------------------------


def _entries(ctx: Context, answered: Answered) -> Iterator[bytes]:
    yield from (bundles.part(submitted_by.as_seen(ctx, one)) for one in answered.trees)
    for resource_type, id_ in answered.resources:
        stored = submitted_by.stands(ctx, resource_type, id_)
        if stored is not None and stored.text is not None:
            yield bundles.part(stored.text, f"{ctx.base}/{resource_type}/{id_}")


SUBMIT: Final = Operation(
    code="submit",
    types=(CLAIM.name,),
    instance=False,
    writes=True,
    title="Submit a Claim for adjudication",
    says=(
        "Predetermination: would this be paid, by whom, with nothing stored. Preauthorization: a budget is put to its "
        "funders. Claim: a budget is drawn down. The answer has a ClaimResponse of each funding body. Of a Bundle all "
        "Claims are taken, one after the other, or none."
    ),
    run=submit,
    body=(CLAIM.name, "Bundle"),
)
