"""$schedule: the payments of an agreed budget are put in the diary, by funder, way of holding the money and month.

Asked again it makes only what is missing; what is there stays as it is.

Source: domain.md 6.6, 2.5 (Instalment); rules R92, R98.
"""

from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import bundles, judgement, shown, write
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations import anchor
from fhir_gateway.interactions.operations.operation import Asked, Operation
from fhir_gateway.phb.case.payment_schedule import is_scheduled, missing
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store import records
from mappings.budget import AgreedBudget
from mappings.lens.errors import Issue
from mappings.payment import PAYMENT, Payment
from mappings.registry import TYPES

CLAIM: Final = TYPES["Claim"]
NEEDED: Final = ("Claim", "ClaimResponse", "Coverage", "Account", "Task", "EpisodeOfCare")
RULE: Final = "R92"


def schedule(ctx: Context, asked: Asked) -> Reply:
    """Every scheduled payment of the budget, in order of their days. Raises NotFound, RuleBroken."""
    policy.may_run(ctx.asker, SCHEDULE.code, ("Claim", "c"), *((name, "r") for name in NEEDED))
    person = anchor.person_of(ctx, asked)
    with ctx.by_itself() as gateway:
        records.hold_people(ctx.session, {person})
        _make(gateway, person, asked.id)
    return Reply(status=200, body=bundles.collection(_entries(ctx, person, asked.id)))


def _make(ctx: Context, person: str, id: str) -> None:  # noqa: A002
    case = judgement.case_files(ctx).of(person)
    budget = case.filed(f"{CLAIM.name}/{id}")
    if budget is None or not isinstance(budget.record, AgreedBudget):
        raise _refused("payments are scheduled for an agreed budget")
    found = missing(case, Filed(budget.type, budget.id, budget.version, budget.record))
    if found.faults:
        raise _refused(*found.faults)
    head = {"resourceType": CLAIM.name}
    trees = (PAYMENT.to_fhir(one, {**head}) for one in found.payments)
    changes = [write.prepared_create(ctx, CLAIM, ctx.new_id(), tree) for tree in trees]
    if changes:
        write.store(ctx, changes)


def _refused(*faults: str) -> RuleBroken:
    return RuleBroken(Issue("business-rule", one, CLAIM.name, details=RULE) for one in faults)


def _entries(ctx: Context, person: str, id: str) -> list[bytes]:  # noqa: A002
    case = judgement.case_files(ctx).of(person)
    every = [one for one in case.where(Payment, "pays_against_id", id) if is_scheduled(one.record)]
    every.sort(key=lambda one: (str(one.record.due_on), one.record.payment_kind, one.id))
    found = ((one.id, shown.one(ctx, CLAIM.name, one.id)) for one in every)
    return [bundles.part(one.text, f"{ctx.base}/{CLAIM.name}/{id_}") for id_, one in found if one and one.text]


SCHEDULE: Final = Operation(
    code="schedule",
    types=(CLAIM.name,),
    instance=True,
    writes=True,
    title="Schedule the payments of a budget",
    says=(
        "The instalments of an agreed budget: monthly in advance, by funder and way of holding the money, with one-off "
        "costs and contingency in the first, and the person's own contribution. Only what is missing is made."
    ),
    run=schedule,
)
