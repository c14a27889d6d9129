"""$reconcile: a funder's payment list held against what the ledger says it paid, with a verdict for every row.

Source: FHIR R4 paymentreconciliation.html, parameters.html; phb/reconciliation.py.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden, NotFound
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations.operation import CSV, JSON, Asked, Operation, Parameter
from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.reconciliation import VERDICTS, Line, Listed, Paid, Reconciliation, reconciled
from fhir_gateway.store import bulk, records
from fhir_gateway.store import reconciliation as ledgers
from fhir_gateway.store.database import Session
from fhir_gateway.store.reconciliation import PaymentList
from fhir_gateway.web import reconciliation_table
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.values import Pence

READS: Final = ("PaymentReconciliation", "ClaimResponse", "Claim", "Organization")
BODY: Final = "Organization/"
MONEY: Final = Pence()
NO_DAY: Final = date.min


def run(ctx: Context, asked: Asked) -> Reply:
    """The verdicts. Raises Forbidden, NotFound, BadRequest."""
    policy.may_run(ctx.asker, RECONCILE.code, *((name, "r") for name in READS))
    funder, list_id = asked.text("funder"), asked.text("list") or ""
    if funder is not None and not funder.startswith(BODY):
        raise BadRequest(Issue("value", "the funder is a reference such as Organization/x", "funder"))
    covers = _covers(asked)
    if ctx.asker.sees_all:
        found = reconciliation(ctx.session, list_id, covers, funder)
    else:
        found = reconciliation(ctx.session, list_id, covers, _own(ctx, funder), only=_issued(ctx, list_id))
    if asked.wanted == CSV:
        return Reply(status=200, body=reconciliation_table.render(found), headers=reconciliation_table.HEADERS)
    return Reply(status=200, body=document.encode(tree_of(found)))


def _own(ctx: Context, funder: str | None) -> str:
    """The asker's own body. Raises Forbidden where another is asked about."""
    own = f"{BODY}{ctx.asker.principal.organisation}"
    if funder not in (None, own):
        raise Forbidden(Issue("forbidden", "a body's payment lists are held against its own ledger", "funder"))
    return own


def _issued(ctx: Context, list_id: str) -> Collection[str]:
    """Ids of the rows of a list that the asker may read."""
    ids = [one.id for one in ledgers.payment_list(ctx.session, list_id).rows]
    permit = policy.permit(ctx.asker, "PaymentReconciliation", "r")
    return {
        one for some in bulk.cut(ids) for one in records.admitted(ctx.session, "PaymentReconciliation", some, permit)
    }


def reconciliation(
    session: Session, list_id: str, covers: Period | None, funder: str | None, only: Collection[str] | None = None
) -> Reconciliation:
    """A list against the ledger. covers: other days than the list's own. funder: another than its issuer.

    only: ids of the rows that count, where the list was sent before with others. Raises NotFound where there is no row.
    """
    listed = ledgers.payment_list(session, list_id, only)
    if not listed.rows:
        raise NotFound(Issue("not-found", "no row of a payment list of this id is here", "list"))
    days = covers or listed.covers
    paid = ledgers.ledger(session, _funders(listed, funder), days) if days is not None else ()
    return reconciled(listed.rows, paid, days)


def _funders(listed: PaymentList, funder: str | None) -> tuple[str, ...]:
    return listed.issuers if funder is None else (funder.removeprefix(BODY),)


def _covers(asked: Asked) -> Period | None:
    """The days that were asked for; both or neither."""
    start, end = asked.day("start", NO_DAY), asked.day("end", NO_DAY)
    if start == end == NO_DAY:
        return None
    if NO_DAY in (start, end):
        raise BadRequest(Issue("required", "give start and end, or neither", "start"))
    if end < start:
        raise BadRequest(Issue("value", "the end comes before the start", "end"))
    return Period(start, end)


# --- as Parameters ----------------------------------------------------------------------------------


def tree_of(found: Reconciliation) -> Tree:
    """The reconciliation as a Parameters resource: the sums, how many lines each verdict has, and every line."""
    sums = {"listed": found.listed, "paid": found.paid, "difference": found.difference}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "agrees", "valueBoolean": found.agrees},
            *({"name": name, "valueMoney": MONEY.encode(amount)} for name, amount in sums.items()),
            *({"name": verdict, "valueInteger": found.count(verdict)} for verdict in VERDICTS),
            *({"name": "line", "part": list(_parts(line))} for line in found.lines),
        ],
    }


def _parts(line: Line) -> Iterator[Tree]:
    yield {"name": "verdict", "valueCode": line.verdict}
    yield from _side(line.listed, "row", "PaymentReconciliation", "listed")
    yield from _side(line.paid, "payment", "ClaimResponse", "paid")
    yield {"name": "difference", "valueMoney": MONEY.encode(line.difference)}


def _side(one: Listed | Paid | None, name: str, resource_type: str, amount: str) -> Iterator[Tree]:
    if one is None:
        return
    yield {"name": name, "valueReference": {"reference": f"{resource_type}/{one.id}"}}
    if one.reference:
        yield {"name": f"{name}-reference", "valueString": one.reference}
    if one.paid_on is not None:
        yield {"name": f"{name}-on", "valueDate": one.paid_on.isoformat()}
    yield {"name": amount, "valueMoney": MONEY.encode(one.amount)}


RECONCILE: Final = Operation(
    code="reconcile",
    types=("PaymentReconciliation",),
    instance=False,
    writes=False,
    title="Reconcile a payment list",
    says=(
        "Every row of a funder's payment list held against what the funder's answers say it paid: matched, "
        "amount-differs, date-differs, not-in-ledger, listed-twice; and the payments that are not-on-list."
    ),
    run=run,
    parameters=(
        Parameter(name="list", type="string", min=1, says="the list, as in the identifier of its rows"),
        Parameter(name="funder", type="Reference", says="the funder, where it is not the one that issued the list"),
        Parameter(name="start", type="date", says="the first day of which the list shows every payment"),
        Parameter(name="end", type="date", says="the last such day; without both, the months its rows lie in"),
    ),
    formats=(JSON, CSV),
    returns="Parameters",
)
