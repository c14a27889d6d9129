"""A payment list and the ledger of the funder that issued it, read from columns in one statement each.

Source: mappings/payment_reconciliation.py, mappings/claim_response.py (`payment`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, literal_column, select

from fhir_gateway.phb.periods import Period, month_end
from fhir_gateway.phb.reconciliation import Listed, Paid
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES
from mappings.claim_response import MAPPING as ANSWER
from mappings.namespaces import ODS_CODE
from mappings.payment import PAYMENT
from mappings.payment_reconciliation import MAPPING as ROW

LIST: Final = RESOURCES["PaymentReconciliation"]
ANSWERS: Final = RESOURCES["ClaimResponse"]
CLAIM: Final = RESOURCES["Claim"]
BODY: Final = RESOURCES["Organization"]
# A payment may reach a list this long before or after the days it is for.
NEIGHBOURS: Final = timedelta(days=62)
# Money that comes back to the funder stands in its list below zero.
BACK: Final = "recovery"


@dataclass(frozen=True, slots=True)
class PaymentList:
    """A list as it was loaded. issuers: `Organization` ids of who paid, as far as they are known here.

    covers: the days it is for: its own period, or the calendar months its rows lie in; None for an empty list.
    """

    rows: tuple[Listed, ...]
    issuers: tuple[str, ...]
    covers: Period | None


def payment_list(session: Session, list_id: str, only: Collection[str] | None = None) -> PaymentList:
    """The rows of a list, in order of day and id. only: ids of those that count, all where none are given."""
    found = [one for one in session.rows(ROWS, {"list": list_id}) if only is None or one[0] in only]
    rows = tuple(Listed(one[0], one[1] or "", _day(one[2]), one[3]) for one in found)
    issuers = dict.fromkeys(
        id_ for named in sorted({one[4] for one in found if one[4]}) for id_ in _bodies(session, named)
    )
    return PaymentList(rows, tuple(issuers), _covers(rows, found))


def _bodies(session: Session, issuer: str) -> list[str]:
    """The bodies an issuer stands for: an id, or an ODS code."""
    if not issuer.startswith(f"{ODS_CODE}|"):
        return [issuer]
    return [row[0] for row in session.rows(BY_ODS_CODE, {"code": issuer.partition("|")[2]})]


def _covers(rows: Sequence[Listed], found: Sequence[Sequence[Any]]) -> Period | None:
    starts, ends = ([day for one in found if (day := _day(one[at])) is not None] for at in (5, 6))
    days = [one.paid_on for one in rows if one.paid_on is not None]
    firsts = starts or [one.replace(day=1) for one in days]
    lasts = ends or [month_end(one) for one in days]
    return Period(min(firsts), max(lasts)) if firsts and lasts and min(firsts) <= max(lasts) else None


def ledger(session: Session, funders: Sequence[str], covers: Period) -> tuple[Paid, ...]:
    """What some funders say they paid, or got back, in a period and shortly before and after it."""
    params = {"first": (covers.start - NEIGHBOURS).isoformat(), "last": (covers.end + NEIGHBOURS).isoformat()}
    found = [row for one in funders for row in session.rows(LEDGER, {**params, "funder": one})]
    rows = (Paid(id_, reference or "", _day(day), _signed(kind, pence)) for id_, reference, day, pence, kind in found)
    return tuple(sorted(rows, key=lambda one: (str(one.paid_on), one.id)))


def _signed(kind: str | None, pence: int) -> int:
    return -pence if kind == BACK else pence


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


# --- statements -------------------------------------------------------------------------------------


def _text(value: str) -> Any:
    return literal_column(f"'{value}'")


ROWS: Final = Statement(
    select(
        LIST.c.id,
        LIST.c.r_payment_ref,
        LIST.c.r_paid_on,
        LIST.c.r_amount_pence,
        LIST.c.r_issuer,
        LIST.c.r_start,
        LIST.c.r_end,
    )
    .where(LIST.c.kind == _text(ROW.kind), LIST.c.r_status == _text("active"), LIST.c.r_list_id == bindparam("list"))
    .order_by(LIST.c.r_paid_on, LIST.c.id)
)
BY_ODS_CODE: Final = Statement(
    select(BODY.c.id).where(func.upper(BODY.c.r_ods_code) == func.upper(bindparam("code"))).order_by(BODY.c.id)
)
LEDGER: Final = Statement(
    select(ANSWERS.c.id, ANSWERS.c.r_payment_ref, ANSWERS.c.r_paid_on, ANSWERS.c.r_paid_pence, CLAIM.c.r_payment_kind)
    .select_from(ANSWERS.join(CLAIM, CLAIM.c.id == ANSWERS.c.r_claim_id))
    .where(
        ANSWERS.c.kind == _text(ANSWER.kind),
        ANSWERS.c.r_status == _text("active"),
        ANSWERS.c.r_use == _text("claim"),
        CLAIM.c.kind == _text(PAYMENT.kind),
        ANSWERS.c.r_funder_id == bindparam("funder"),
        ANSWERS.c.r_paid_pence.is_not(None),
        ANSWERS.c.r_paid_on >= bindparam("first"),
        ANSWERS.c.r_paid_on <= bindparam("last"),
    )
)
