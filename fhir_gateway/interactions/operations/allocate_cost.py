"""$allocate-cost: a cost that a pool shares, entered for each member on the member's own budget line.

The parts add up to the cost to the penny; a member's part is never more than what is left of what they gave.

Source: domain.md 6.4 (pooled cost), 8.9 Q17; rules R155, R156.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import bundles, judgement, shown, write
from fhir_gateway.interactions.consequences import RESTRICTED
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations.operation import Asked, Operation, Parameter
from fhir_gateway.interactions.read import unknown
from fhir_gateway.interactions.write import Done
from fhir_gateway.phb.case.pools import person_of
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.pools import Cost, entries, faults, standings
from fhir_gateway.store import records
from fhir_gateway.store.records import Change, Stored
from mappings.expenditure import EXPENDITURE, ExpenditureEntry
from mappings.group import TYPE as GROUP
from mappings.group import Pool
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.values import pence_of
from mappings.registry import TYPES

CLAIM: Final = TYPES["Claim"]
AMOUNT: Final = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
LONGEST: Final = 500  # characters


def allocate(ctx: Context, asked: Asked) -> Reply:
    """A Bundle of the entries made, one for each member. Raises NotFound, BadRequest, RuleBroken."""
    policy.may_run(ctx.asker, ALLOCATE_COST.code, (GROUP.name, "r"), (CLAIM.name, "c"))
    if not ctx.asker.sees_all and not _may_change(ctx, asked.id):
        raise unknown(GROUP, asked.id)
    with ctx.by_itself() as gateway:
        done = _shared(gateway, asked)
    issues = tuple(issue for one in done for issue in one.warnings)
    ids = [one.change.new.id for one in done]
    seen = shown.some(ctx, policy.sight(ctx.asker, CLAIM.name, "r"), CLAIM.name, ids) if ids else []
    parts = [bundles.part(one.text or b"", f"{ctx.base}/Claim/{one.id}") for one in sorted(seen, key=_place(ids))]
    return Reply(status=200, body=bundles.collection(parts), warnings=issues if ctx.asker.sees_all else ())


def _place(ids: Sequence[str]) -> Callable[[Stored], int]:
    return lambda stored: ids.index(stored.id)


def _may_change(ctx: Context, id: str) -> bool:  # noqa: A002
    rows = policy.rows(ctx.asker, GROUP.name, "u")
    return bool(records.admitted(ctx.session, GROUP.name, (id,), rows))


def _shared(ctx: Context, asked: Asked) -> list[Done]:
    """The entries made, one for each member."""
    cost = _cost(asked, judgement.case_files(ctx).of(""))
    records.locked(ctx.session, GROUP.name, asked.id)
    pool = _pool(asked, judgement.case_files(ctx).of(""))
    records.hold_people(ctx.session, {person_of(one) for one in pool.members})
    return write.store(ctx, _entered(ctx, pool, cost))


def _pool(asked: Asked, case: CaseFile) -> Pool:
    pool = case.get(Pool, f"{GROUP.name}/{asked.id}")
    if pool is None:
        raise unknown(GROUP, asked.id)
    return pool


def _entered(ctx: Context, pool: Pool, cost: Cost) -> list[Change]:
    """The changes that enter each member's part. Raises RuleBroken with every fault."""
    case = judgement.case_files(ctx).of("")
    found = standings(pool, case, cost.spent_on)
    wrong = tuple(faults(pool, found, cost, case))
    if wrong:
        raise RuleBroken(wrong)
    made = entries(found, cost, case)
    return [write.prepared_create(ctx, CLAIM, ctx.new_id(), _resource(one)) for one in made]


def _resource(entry: ExpenditureEntry) -> Tree:
    return EXPENDITURE.to_fhir(entry, {"resourceType": CLAIM.name, "meta": {"security": [RESTRICTED]}})


# --- what was asked ---------------------------------------------------------------------------------


def _cost(asked: Asked, case: CaseFile) -> Cost:
    spent_on = asked.day("date", case.today)
    if spent_on > case.today:
        raise BadRequest(Issue("value", "the day the money was spent is still to come", "date"))
    return Cost(
        amount=_amount(asked.text("amount") or ""),
        spent_on=spent_on,
        payee=_words(asked, "payee"),
        description=_words(asked, "description"),
    )


def _amount(text: str) -> int:
    if not AMOUNT.fullmatch(text) or not Decimal(text):
        says = "the amount must be pounds above zero, with at most two decimals"
        raise BadRequest(Issue("value", says, "amount", details="R101"))
    return pence_of(Decimal(text))


def _words(asked: Asked, name: str) -> str:
    text = (asked.text(name) or "").strip()
    if not 0 < len(text) <= LONGEST:
        raise BadRequest(Issue("value", f"{name} takes 1 to {LONGEST} characters", name))
    return text


ALLOCATE_COST: Final = Operation(
    code="allocate-cost",
    types=(GROUP.name,),
    instance=True,
    writes=True,
    title="Share a cost in a pool",
    says=(
        "A cost of the pool is shared among those who are in it on the day, by weight or else by what each gave, and "
        "entered as spending on each member's own budget line."
    ),
    run=allocate,
    parameters=(
        Parameter(name="amount", type="decimal", min=1, says="the whole cost in pounds, such as 1850.01"),
        Parameter(name="date", type="date", says="the day the money was spent; today unless given"),
        Parameter(name="payee", type="string", min=1, says="who was paid, in words"),
        Parameter(name="description", type="string", min=1, says="what was bought"),
    ),
)
