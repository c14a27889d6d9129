"""$statement: one person's budget as at a day - allocated, paid, spent, left - in FHIR, on a page, as a table.

Source: domain.md 6.7, 8.3, 8.8; rules R91, R138; FHIR R4 operations.html.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden, NotFound
from fhir_gateway.interactions.context import Context, Reply, instant
from fhir_gateway.interactions.operations import anchor
from fhir_gateway.interactions.operations.operation import CSV, DAY, HTML, JSON, Asked, Operation, Parameter
from fhir_gateway.london import today
from fhir_gateway.phb import statement as figures
from fhir_gateway.phb.accounts import Accounts, Kept, Unclear, books_of
from fhir_gateway.phb.budget_chains import Wanted
from fhir_gateway.phb.periods import Period
from fhir_gateway.store import ledger, records
from fhir_gateway.store.facts import Facts
from fhir_gateway.web import statement_page, statement_table
from mappings.explanation_of_benefit import to_fhir
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue, Unprocessable
from mappings.lens.query import EVERYTHING
from mappings.patient import Person
from mappings.practitioner import Worker
from mappings.practitioner_role import CareCoordinator
from mappings.statement import BASES, Statement, StatementContact

# What the figures are about. What else goes into them (how an account is filled, the kind of case) shows nowhere.
READS: Final = ("Claim", "ClaimResponse", "Coverage", "Patient")
COORDINATOR: Final = ("EpisodeOfCare", "Practitioner", "PractitionerRole")
WORK: Final = "work"
FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2999, 12, 31)
HALVES: Final = 2
FUNDERS: Final = frozenset({"care-system", "icb", "council"})
BODY: Final = "Organization/"
CLAIM: Final = "Claim"


def run(ctx: Context, asked: Asked) -> Reply:
    """The statement. Raises Forbidden, NotFound, BadRequest, Unprocessable."""
    policy.may_run(ctx.asker, STATEMENT.code, *((name, "r") for name in dict.fromkeys((*READS, asked.type))))
    at = _within(asked.day("date", today(ctx.now)), "date")
    made = _as_seen(ctx, _made(ctx, asked, at, anchor.person_of(ctx, asked, at)))
    headers, render = WRITERS[asked.wanted]
    return Reply(status=200, body=render(made), headers=headers(made))


def _made(ctx: Context, asked: Asked, at: date, person: str) -> Statement:
    accounts = _of_seen_budgets(ctx, ledger.accounts_of(ctx.session, person))
    kept = _kept(accounts, _wanted(asked, at))
    wanted = figures.Asked(
        at=at,
        made_at=instant(ctx.now),
        basis=asked.text("basis") or BASES[0],
        only_funder=_funder(ctx, asked, kept),
        person_name=_name(ctx, person),
        contact=_contact(ctx, accounts) if _may_read(ctx, *COORDINATOR) else None,
        names=accounts.names if _may_read(ctx, "Organization") else {},
    )
    return figures.statement(kept, wanted)


def _of_seen_budgets(ctx: Context, accounts: Accounts) -> Accounts:
    """The accounts with the budgets the asker may read: a body that handed a case on states its own period alone."""
    if ctx.asker.sees_all:
        return accounts
    ids = sorted({one.id for one in accounts.budgets})
    seen = records.admitted(ctx.session, CLAIM, ids, policy.within_launch(ctx.asker, CLAIM))
    return replace(accounts, budgets=tuple(one for one in accounts.budgets if one.id in seen))


def _may_read(ctx: Context, *types: str) -> bool:
    """Whether names may be shown, which are no figures."""
    try:
        permits = [policy.permit(ctx.asker, name, "r") for name in types]
    except Forbidden:
        return False
    return not ctx.asker.sees_all or all(one is EVERYTHING for one in permits)


def _as_seen(ctx: Context, made: Statement) -> Statement:
    """What a funder may read at any time: totals by funder and its own payments, nothing of what was bought (R138)."""
    if ctx.asker.role not in FUNDERS:
        return made
    own = made.only_funder is not None and made.only_funder == _own_body(ctx)
    payments = made.payments if own else ()
    return replace(
        made,
        lines=(),
        payments=payments,
        payments_in_all=len(payments),
        options={},
        versions=(),
        references=(),
        mark="",
    )


def _own_body(ctx: Context) -> str:
    return f"{BODY}{ctx.asker.principal.organisation}"


def _kept(accounts: Accounts, wanted: Wanted) -> Kept:
    try:
        kept = books_of(accounts, wanted)
    except Unclear as error:
        raise Unprocessable(Issue("business-rule", str(error), "Claim.item", details="R85")) from error
    if kept is None:
        raise NotFound(Issue("not-found", _nothing(accounts, wanted)))
    return kept


def _nothing(accounts: Accounts, wanted: Wanted) -> str:
    if not accounts.budgets:
        return "there is no agreed budget yet, so that there is nothing to state"
    when = f"on {wanted.day}" if wanted.span is None else f"between {wanted.span.start} and {wanted.span.end}"
    return f"no agreed budget runs {when}"


# --- parameters -------------------------------------------------------------------------------------


def _wanted(asked: Asked, at: date) -> Wanted:
    """The budgets that run on the day, else the nearest; with `period` those that run then, and no other."""
    text = asked.text("period")
    if text is None:
        return Wanted(day=at)
    days = [_day(one) for one in text.split("/")]
    if len(days) == 1:
        return Wanted(day=days[0], strict=True)
    if len(days) != HALVES or days[1] < days[0]:
        raise BadRequest(Issue("value", "period is a day, or first and last day as YYYY-MM-DD/YYYY-MM-DD", "period"))
    return Wanted(day=at, span=Period(days[0], days[1]))


def _day(text: str) -> date:
    if DAY.fullmatch(text):
        with suppress(ValueError):  # the 30th of February
            return _within(date.fromisoformat(text), "period")
    raise BadRequest(Issue("value", "period is a day, or first and last day as YYYY-MM-DD/YYYY-MM-DD", "period"))


def _within(day: date, name: str) -> date:
    if not FIRST <= day <= LAST:
        raise BadRequest(Issue("value", f"{name} lies between {FIRST} and {LAST}", name))
    return day


def _funder(ctx: Context, asked: Asked, kept: Kept) -> str | None:
    text = asked.text("funder")
    if ctx.asker.role == "council":  # its own share and the total
        if text not in (None, _own_body(ctx)):
            raise Forbidden(Issue("forbidden", "a council sees its own share and the total", details="R138"))
        text = _own_body(ctx)
    if text is None:
        return None
    if not text.startswith(BODY) or not text.partition("/")[2]:
        raise BadRequest(Issue("value", "funder is a reference, Organization/[id]", "funder"))
    if text not in {one.reference for one in kept.books.funders}:
        raise Unprocessable(Issue("not-found", "that body is no funder of this budget", "funder"))
    return text


# --- who it is about, and who to talk to ------------------------------------------------------------


def _name(ctx: Context, person: str) -> str | None:
    found = Facts(ctx.session).named("Patient", person)
    return found.record.name if found is not None and isinstance(found.record, Person) else None


def _contact(ctx: Context, accounts: Accounts) -> StatementContact | None:
    """The care coordinator of the case that is open, else of the last one (R91)."""
    named = [one.record for one in accounts.cases if one.record.care_coordinator]
    case = next((one for one in named if one.closed_on is None), named[-1] if named else None)
    return None if case is None or case.care_coordinator is None else _reached(ctx, case.care_coordinator)


def _reached(ctx: Context, reference: str) -> StatementContact:
    facts = Facts(ctx.session)
    resource_type, _, id_ = reference.partition("/")
    first = facts.named(resource_type, id_)
    role = first.record if first is not None else None
    worker = role
    if isinstance(role, CareCoordinator):
        found = facts.named("Practitioner", (role.practitioner or "").removeprefix("Practitioner/"))
        worker = found.record if found is not None else None
    open_to = None if ctx.asker.sees_all else WORK
    telecoms = [one for each in (role, worker) for one in getattr(each, "telecoms", ()) if open_to in (None, one.use)]
    by_system = {one.system: one.value for one in reversed(telecoms)}
    name = worker.name if isinstance(worker, Worker) else None
    return StatementContact(reference=reference, name=name, phone=by_system.get("phone"), email=by_system.get("email"))


# --- forms ------------------------------------------------------------------------------------------


def _json(made: Statement) -> bytes:
    return document.encode(to_fhir(made))


def _plain(_: Statement) -> dict[str, str]:
    return {}


WRITERS: Final[dict[str, tuple[Callable[[Statement], dict[str, str]], Callable[[Statement], bytes]]]] = {
    JSON: (_plain, _json),
    HTML: (statement_page.headers, statement_page.render),
    CSV: (statement_table.headers, statement_table.render),
}

STATEMENT: Final = Operation(
    code="statement",
    types=("Patient", "EpisodeOfCare"),
    instance=True,
    writes=False,
    title="Statement of a budget",
    says="Budget, paid, promised, spent, in the account, left, forecast and contingency as at a day: one total, then "
    "by funder and by line, with the rules and record versions behind it. 404 where no agreed budget runs.",
    run=run,
    parameters=(
        Parameter(name="date", type="date", says="As at the end of this day; today by default."),
        Parameter(
            name="period",
            type="string",
            says="A day inside the budget period wanted, or first and last day as YYYY-MM-DD/YYYY-MM-DD. By default "
            "the budgets that run on the date, else the last one before, else the next.",
        ),
        Parameter(
            name="funder",
            type="string",
            says="Organization/[id]: that funder's figures and payments beside the total, and no lines.",
        ),
        Parameter(
            name="basis",
            type="code",
            says="What the forecast rests on: the plan (default), or the pace of spending so far.",
            codes=BASES,
        ),
    ),
    formats=(JSON, HTML, CSV),
    returns="ExplanationOfBenefit",
)
