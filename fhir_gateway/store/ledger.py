"""All that is recorded about one person's money, read from columns in a constant number of statements.

Budgets, Coverages and arrangements are few and come as records; payments, answers and entries come by the thousand
and stay rows.

Source: design decisions 1 and 6; domain.md 6.7.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, get_type_hints

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    select,
)

from fhir_gateway.phb.accounts import Accounts
from fhir_gateway.phb.postings import AnsweredLineRow, AnswerRow, EntryRow, PaymentRow
from fhir_gateway.store.database import Row, Session
from fhir_gateway.store.facts import Facts
from fhir_gateway.store.records import Stored
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES, ROWS
from mappings.account import PaymentArrangement
from mappings.budget import AGREED, INDICATIVE, AgreedBudget, IndicativeBudget
from mappings.claim_response import MAPPING as ANSWER
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.expenditure import EXPENDITURE
from mappings.payment import PAYMENT

CLAIM: Final = RESOURCES["Claim"]
LINE: Final = ROWS["Claim", "lines"]
INSURANCE: Final = ROWS["Claim", "insurance"]
RESPONSE: Final = RESOURCES["ClaimResponse"]
ANSWERED: Final = ROWS["ClaimResponse", "lines"]
COVERAGE: Final = RESOURCES["Coverage"]
BODY: Final = RESOURCES["Organization"]
BODY_ID: Final = len("Organization/") + 1


def accounts_of(session: Session, person: str) -> Accounts:
    """Everything about a person's money, whatever the period. person: id of the Patient."""
    facts = Facts(session)
    agreed, estimated = _budgets(session, person)
    return Accounts(
        person=person,
        budgets=facts.some(AgreedBudget, agreed) if agreed else (),
        estimates=facts.some(IndicativeBudget, estimated) if estimated else (),
        coverages=facts.of_person(FunderContribution, person),
        arrangements=facts.of_person(PaymentArrangement, person),
        cases=facts.of_person(PhbCase, person),
        payments=_rows(session, PAYMENTS, person, PaymentRow),
        answers=_rows(session, ANSWERS, person, AnswerRow),
        entries=_rows(session, ENTRIES, person, EntryRow),
        budget_lines=_rows(session, BUDGET_LINES, person, AnsweredLineRow),
        payment_lines=_rows(session, PAYMENT_LINES, person, AnsweredLineRow),
        names={reference: name for reference, name in session.rows(NAMES, {"person": person})},  # noqa: C416 - rows
    )


def answers_to(session: Session, person: str, claim_id: str, use: str) -> list[str]:
    """Ids of what the funders answered to one Claim of a person, in order. use: of the Claim, as in FHIR."""
    return [row[0] for row in session.rows(ANSWERS_TO, {"person": person, "claim": claim_id, "use": use})]


def versions_of(session: Session, stored: Stored) -> list[tuple[int, int, str, bytes]]:
    """Version, time (microseconds), client and text of each version of a resource that is not a deletion, oldest first.

    Of very many the newest 100.
    """
    rows = session.rows(VERSIONS, {"type": stored.type, "id": stored.id, "version": stored.version})
    old = [(version, updated, client, bytes(text)) for version, updated, client, text in reversed(rows) if text]
    named = session.row(WRITTEN_BY, {"type": stored.type, "id": stored.id, "version": stored.version})
    return [*old, (stored.version, stored.updated, named[0] if named else "", stored.text or b"")]


def _budgets(session: Session, person: str) -> tuple[list[str], list[str]]:
    """Ids of the agreed and of the indicative budgets: among thousands of Claims, a few."""
    found = session.rows(BUDGETS, {"person": person})
    return [id_ for id_, kind in found if kind == AGREED.kind], [id_ for id_, kind in found if kind != AGREED.kind]


def _rows(session: Session, statement: Statement, person: str, kind: Any) -> list[Any]:
    """The rows of a statement as tuples of their kind. SQLite keeps days as text, which become days here."""
    found = session.rows(statement, {"person": person})
    if found and session.dialect == "sqlite":
        return list(map(kind._make, zip(*_dated(found, _days(kind)), strict=True)))
    return list(map(kind._make, found))


def _dated(rows: Sequence[Row], days: frozenset[int]) -> Iterator[Sequence[Any]]:
    """The columns of rows, days in place of their text; a day is read once."""
    known = _Days()
    for at, column in enumerate(zip(*rows, strict=True)):
        yield [known[text] for text in column] if at in days else column


class _Days(dict[str | None, date | None]):
    """The day of a text, kept once it was read."""

    def __missing__(self, text: str | None) -> date | None:
        found = self[text] = None if text is None else date.fromisoformat(text)
        return found


@cache
def _days(kind: Any) -> frozenset[int]:
    """Places of the days among the columns of a row."""
    hints = get_type_hints(kind)
    return frozenset(at for at, name in enumerate(kind._fields) if hints[name] == date | None)


# --- statements -------------------------------------------------------------------------------------


def _stand(table: Table, kind: str) -> tuple[ColumnElement[bool], ...]:
    """Records of one kind of one person that stand, in words an index is made for."""
    return (
        table.c.person == bindparam("person"),
        table.c.kind == literal_column(f"'{kind}'"),
        table.c.r_status == literal_column("'active'"),
    )


def _entries() -> Statement:
    """The holder's ledger, items that read alike added up; entries of several items are told apart by their id."""
    more = LINE.alias("more")
    several = exists(select(literal_column("1")).where(more.c.id == CLAIM.c.id, more.c.position == 1))
    item = (
        select(
            case((several, CLAIM.c.id)).label("entry"),
            CLAIM.c.r_pays_against_id.label("budget"),
            CLAIM.c.r_expenditure_status.label("status"),
            LINE.c.r_spent_on.label("spent_on"),
            case((LINE.c.r_spent_on.is_(None), CLAIM.c.r_created)).label("created"),
            LINE.c.r_budget_line.label("line"),
            LINE.c.r_flags.label("flags"),
            LINE.c.r_exclusion.label("exclusion"),
            case((LINE.c.id.is_(None), CLAIM.c.r_total_pence), else_=LINE.c.r_amount_pence).label("amount"),
            CLAIM.c.version.label("version"),
            CLAIM.c.updated.label("updated"),
        )
        .select_from(CLAIM.outerjoin(LINE, LINE.c.id == CLAIM.c.id))
        .where(*_stand(CLAIM, EXPENDITURE.kind))
        .subquery("item")
    )
    alike = [
        item.c[name] for name in ("entry", "budget", "status", "spent_on", "created", "line", "flags", "exclusion")
    ]
    sums = (func.coalesce(func.sum(item.c.amount), 0), func.count(), func.sum(item.c.version))
    whole = (cast(one, BigInteger) for one in (*sums, func.max(item.c.updated)))
    return Statement(select(*alike, *whole).group_by(*alike).order_by(item.c.entry))


def _answered(use: str, *more: ColumnElement[bool]) -> Statement:
    """What each funder answered to each line of the Claims of one use."""
    row = (RESPONSE.c.r_claim_id, RESPONSE.c.r_funder_id, ANSWERED.c.r_line_no, ANSWERED.c.r_amount_pence)
    source = RESPONSE.join(ANSWERED, ANSWERED.c.id == RESPONSE.c.id)
    return Statement(select(*row).select_from(source).where(*_used(use), *more))


def _used(use: str) -> tuple[ColumnElement[bool], ...]:
    return *_stand(RESPONSE, ANSWER.kind), RESPONSE.c.r_use == use, RESPONSE.c.r_claim_id.is_not(None)


BUDGET_KINDS: Final = (AGREED.kind, INDICATIVE.kind)
BUDGETS: Final = Statement(
    select(CLAIM.c.id, CLAIM.c.kind)
    .where(
        CLAIM.c.person == bindparam("person"), CLAIM.c.kind.in_([literal_column(f"'{one}'") for one in BUDGET_KINDS])
    )
    .order_by(CLAIM.c.id)
)
# A row for each pair of line and payer; those of a payment stand together.
PAYMENTS: Final = Statement(
    select(
        CLAIM.c.id,
        CLAIM.c.version,
        CLAIM.c.r_payment_kind,
        CLAIM.c.r_payment_status,
        CLAIM.c.r_pays_against_id,
        CLAIM.c.r_total_pence,
        CLAIM.c.r_insurer_id,
        CLAIM.c.r_due_on,
        CLAIM.c.r_start,
        CLAIM.c.r_end,
        CLAIM.c.r_paid_on,
        LINE.c.r_sequence,
        LINE.c.r_budget_line,
        LINE.c.r_management_option,
        LINE.c.r_amount_pence,
        LINE.c.r_invoice_check,
        INSURANCE.c.r_coverage_id,
    )
    .select_from(CLAIM.outerjoin(LINE, LINE.c.id == CLAIM.c.id).outerjoin(INSURANCE, INSURANCE.c.id == CLAIM.c.id))
    .where(*_stand(CLAIM, PAYMENT.kind))
    .order_by(CLAIM.c.id)
)
ENTRIES: Final = _entries()
ANSWERS: Final = Statement(
    select(
        RESPONSE.c.r_claim_id,
        RESPONSE.c.r_funder_id,
        RESPONSE.c.r_total_pence,
        RESPONSE.c.r_paid_on,
        RESPONSE.c.r_paid_pence,
    ).where(*_used("claim"))
)
BUDGET_LINES: Final = _answered("preauthorization")
# Of payments of more than one line: the others are known by their total.
PAYMENT_LINES: Final = _answered(
    "claim", exists(select(literal_column("1")).where(LINE.c.id == RESPONSE.c.r_claim_id, LINE.c.position == 1))
)
ANSWERS_TO: Final = Statement(
    select(RESPONSE.c.id)
    .where(
        *_stand(RESPONSE, ANSWER.kind),
        RESPONSE.c.r_use == bindparam("use"),
        RESPONSE.c.r_claim_id == bindparam("claim"),
    )
    .order_by(RESPONSE.c.id)
)
VERSIONS: Final = Statement(
    select(HISTORY.c.version, HISTORY.c.updated, CHANGE.c.client, HISTORY.c.text)
    .select_from(
        HISTORY.join(
            CHANGE,
            and_(CHANGE.c.type == HISTORY.c.type, CHANGE.c.id == HISTORY.c.id, CHANGE.c.version == HISTORY.c.version),
        )
    )
    .where(
        HISTORY.c.type == bindparam("type"), HISTORY.c.id == bindparam("id"), HISTORY.c.version < bindparam("version")
    )
    .order_by(HISTORY.c.version.desc())
    .limit(literal_column("100"))
)
WRITTEN_BY: Final = Statement(
    select(CHANGE.c.client).where(
        CHANGE.c.type == bindparam("type"), CHANGE.c.id == bindparam("id"), CHANGE.c.version == bindparam("version")
    )
)
NAMES: Final = Statement(
    select(COVERAGE.c.r_funder, BODY.c.r_name)
    .select_from(COVERAGE.join(BODY, BODY.c.id == func.substr(COVERAGE.c.r_funder, literal_column(str(BODY_ID)))))
    .where(COVERAGE.c.person == bindparam("person"), BODY.c.r_name.is_not(None))
)
