"""K15, K22, K24 to K27: how payments are made, stopped, taken back, looked into and checked.

Source: domain.md section 7; rules R104, R106, R133, R134.
"""

from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    not_,
    select,
    union_all,
)

from fhir_gateway.store.measures.population import CLAIM, LINES, by_dimension, no_dimension, people
from fhir_gateway.store.measures.reviews import TASK, standing
from fhir_gateway.store.measures.words import (
    FAR,
    NONE,
    ONE,
    asked,
    day,
    id_in,
    is_code,
    listed,
    months_after,
    one_of,
    when,
    within,
    worked_out,
)
from fhir_gateway.store.tables import AUDIT, RESOURCES, TEXT

ACCOUNT: Final = RESOURCES["Account"]
STAY: Final = RESOURCES["Encounter"]
BODY: Final = RESOURCES["Organization"]
CHECKED: Final = ("confirmed", "disputed", "resolved")
NOTIONAL: Final = "notional"
DAY_US: Final = literal_column("86400000000", BigInteger)
EPOCH_DAY: Final = literal_column("719163", Integer)  # 1 January 1970
YEAR: Final = literal_column("12", Integer)


def _payments(kind: str) -> tuple[Any, ...]:
    standing_claim = is_code(CLAIM.c.r_status, "active")
    return (is_code(CLAIM.c.kind, "payment"), standing_claim, is_code(CLAIM.c.r_payment_kind, kind))


def talked_about(*, narrowed: bool) -> Any:
    """K15: recoveries raised in the period."""
    who = people()
    both = and_(CLAIM.c.r_discussion_person_id.is_not(None), CLAIM.c.r_discussion_coordinator_id.is_not(None))
    values = {"numerator": when(both), "denominator": ONE}
    where = (*_payments("recovery"), within(day(CLAIM.c.r_created)))
    return by_dimension(
        CLAIM.outerjoin(who, who.c.person == CLAIM.c.person), who, values, narrowed=narrowed, where=where
    )


def stopped(*, narrowed: bool) -> Any:
    """K22: instalments due while the person was in hospital."""
    who, due = people(), day(CLAIM.c.r_due_on)
    stay = exists(
        select(STAY.c.id).where(
            STAY.c.person == CLAIM.c.person,
            is_code(STAY.c.kind, "hospital-stay"),
            not_(one_of(STAY.c.r_status, ("planned", "cancelled", "entered-in-error"))),
            day(STAY.c.r_admitted_on) <= due,
            func.coalesce(day(STAY.c.r_discharged_on), FAR) >= due,
        )
    )
    suspended = exists(
        select(TASK.c.id).where(
            TASK.c.person == CLAIM.c.person,
            is_code(TASK.c.kind, "suspension"),
            standing(TASK),
            day(TASK.c.r_started_on) <= due,
            func.coalesce(day(TASK.c.r_ended_on), FAR) >= due,
        )
    )
    unpaid = not_(is_code(func.coalesce(CLAIM.c.r_payment_status, ""), "paid"))
    values = {"numerator": when(and_(unpaid, not_(suspended))), "denominator": ONE}
    where = (*_payments("instalment"), within(due), due <= asked("today"), stay)
    return by_dimension(
        CLAIM.outerjoin(who, who.c.person == CLAIM.c.person), who, values, narrowed=narrowed, where=where
    )


def opened_outside(*, narrowed: bool) -> Any:
    """K24: reads of an expenditure entry by its address; a search is of many people and is not counted."""
    who, read = people(), _reads()
    began = func.coalesce(day(TASK.c.r_started_on), day(TASK.c.r_requested_on))
    open_then = and_(
        TASK.c.person == read.c.person,
        standing(TASK),
        began <= read.c.on,
        func.coalesce(day(TASK.c.r_ended_on), FAR) >= read.c.on,
    )
    concern = exists(select(TASK.c.id).where(is_code(TASK.c.kind, "concern"), open_then))
    started = and_(is_code(TASK.c.kind, "review"), TASK.c.r_started_on.is_not(None))
    review = exists(select(TASK.c.id).where(started, open_then))
    # two passes over what was read, so that both conditions are joins and not questions asked of each row
    every = select(read.c.person, NONE.label("outside"), ONE.label("read")).where(read.c.person.is_not(None))
    outside = select(read.c.person, ONE.label("outside"), NONE.label("read")).where(concern, not_(review))
    found = union_all(every, outside).cte("opened")
    values = {"numerator": found.c.outside, "denominator": found.c.read}
    return by_dimension(found.outerjoin(who, who.c.person == found.c.person), who, values, narrowed=narrowed)


def _reads() -> CTE:
    """Reads of one Claim in the period: the day of each, and whose it is where it is an expenditure entry."""
    on = cast(AUDIT.c.at // DAY_US, Integer) + EPOCH_DAY
    # looked up one by one: to join would be to pass through every Claim there is
    whose = (
        select(CLAIM.c.person)
        .where(CLAIM.c.id == id_in(AUDIT.c.what), is_code(CLAIM.c.kind, "expenditure-entry"))
        .correlate(AUDIT)
        .scalar_subquery()
    )
    of_claim = AUDIT.c.what.like(bindparam("claims", "Claim/%", type_=TEXT))
    read = and_(is_code(AUDIT.c.action, "R"), AUDIT.c.status == literal_column("200"))
    return worked_out(select(on.label("on"), whose.label("person")).where(read, of_claim, within(on)).cte("reads"))


def audited(*, narrowed: bool) -> Any:
    """K25: third-party holders whose next audit is due in the period."""
    due, last = day(BODY.c.r_next_audit_due), day(BODY.c.r_last_audited_on)
    in_time = and_(last <= due, months_after(BODY.c.r_last_audited_on, YEAR) > due)
    where = (listed(BODY.c.r_roles, "third-party-holder"), within(due), *((_used_by_reporter(),) if narrowed else ()))
    return no_dimension(BODY, {"numerator": when(in_time), "denominator": ONE}, where)


def _used_by_reporter() -> Any:
    who = people()
    holds = and_(ACCOUNT.c.r_owner == BODY.c.id, is_code(ACCOUNT.c.r_management_option, "third-party"))
    used = ACCOUNT.outerjoin(who, who.c.person == ACCOUNT.c.person)
    return exists(select(ACCOUNT.c.id).select_from(used).where(holds, who.c.body == bindparam("reporter", type_=TEXT)))


def checked(*, narrowed: bool) -> Any:
    """K26: invoices for notional services; one that names no option is one."""
    who, line = people(), LINES.alias("line")
    option = func.coalesce(line.c.r_management_option, NOTIONAL)
    received = func.coalesce(day(CLAIM.c.r_received_on), day(CLAIM.c.r_created))
    seen = (
        select(
            CLAIM.c.id,
            CLAIM.c.person,
            func.max(when(is_code(option, NOTIONAL))).label("notional"),
            func.max(when(one_of(line.c.r_invoice_check, CHECKED))).label("checked"),
        )
        .select_from(CLAIM.outerjoin(line, line.c.id == CLAIM.c.id))
        .where(*_payments("invoice"), within(received))
        .group_by(CLAIM.c.id, CLAIM.c.person)
        .cte("seen")
    )
    source = seen.outerjoin(who, who.c.person == seen.c.person)
    values = {"numerator": seen.c.checked, "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed, where=(seen.c.notional == ONE,))


def choice(*, narrowed: bool) -> Any:
    """K27: notional arrangements running in the period."""
    who = people()
    running = and_(
        func.coalesce(day(ACCOUNT.c.r_start), NONE) <= asked("last"),
        func.coalesce(day(ACCOUNT.c.r_end), FAR) >= asked("start"),
    )
    where = (
        is_code(ACCOUNT.c.r_management_option, NOTIONAL),
        not_(one_of(ACCOUNT.c.r_status, ("entered-in-error",))),
        running,
    )
    values = {"numerator": when(ACCOUNT.c.r_choice_offered.is_not(None)), "denominator": ONE}
    return by_dimension(
        ACCOUNT.outerjoin(who, who.c.person == ACCOUNT.c.person), who, values, narrowed=narrowed, where=where
    )
