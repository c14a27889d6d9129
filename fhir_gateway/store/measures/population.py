"""Who is counted: budget versions and the days each was in place, the case each belongs to, the person behind it.

A version is in place from its first day to its last, the day before a later version starts, the day the case
closed or the day the person died, whichever comes first. It belongs to the case of its person that its plan names,
else to the one of the same kind of budget, else to the one opened last.

Source: domain.md section 7 (in place, holder, age, mixed), 6.1 no. 5.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Select, and_, bindparam, case, func, literal, literal_column, not_, select

from fhir_gateway.store.measures.words import (
    FAR,
    ONE,
    asked,
    day,
    is_code,
    one_of,
    smaller,
    total,
    when,
)
from fhir_gateway.store.tables import RESOURCES, ROWS, TEXT

Sql = ColumnElement[Any]
Values = Mapping[str, Any]
WAS_IN_PLACE: Final = ("active", "superseded", "closed")
COUNTED: Final = ("agreed", *WAS_IN_PLACE)
BY_CODE: Final = {"direct": "direct-payment", "third": "third-party", "notional": "notional"}
DIMENSIONS: Final = ("grp", "age", "opt", "mix")

CLAIM: Final = RESOURCES["Claim"]
LINES: Final = ROWS["Claim", "lines"]
CASE: Final = RESOURCES["EpisodeOfCare"]
PLAN: Final = RESOURCES["CarePlan"]
PATIENT: Final = RESOURCES["Patient"]


def state(claim: Any) -> Sql:
    """A code of `phb-budget-status`; where only FHIR's coarse status is given, what that means."""
    coarse = case(
        (is_code(claim.c.r_status, "active"), literal("active", TEXT)),
        (is_code(claim.c.r_status, "cancelled"), literal("superseded", TEXT)),
    )
    return func.coalesce(claim.c.r_budget_status, coarse)


def agreed(claim: Any, *states: str) -> Sql:
    """Whether a Claim is an agreed budget in one of these states."""
    standing = not_(one_of(claim.c.r_status, ("draft", "entered-in-error")))
    return and_(is_code(claim.c.kind, "agreed-budget"), standing, one_of(state(claim), states))


@cache
def versions() -> CTE:
    """Every version that was ever in place, with the days it was and the case it belongs to, one row each.

    first, until: first and last day by the budget alone, ends: the last without what came later, NULL where it does
    not say. last: last day in place. One or 0: direct, third, notional.
    """
    kept = (*("id", "person", "kind", "first", "until", "ends"), *BY_CODE)
    ranked = _ranked()
    columns = [ranked.c[name] for name in kept]
    more = [ranked.c.case_id, ranked.c.body, ranked.c.grp]
    died = func.coalesce(day(PATIENT.c.r_death_date), FAR)
    last = smaller(smaller(ranked.c.until, func.coalesce(ranked.c.closed, FAR)), died)
    query = select(*columns, *more, _age().label("age"), last.label("last"))
    joined = query.select_from(ranked.outerjoin(PATIENT, PATIENT.c.id == ranked.c.person))
    return joined.where(ranked.c.rank == ONE).cte("versions")


def _ranked() -> CTE:
    """Each version with each case of its person, the one it belongs to first."""
    own = _own()
    named = when(and_(PLAN.c.r_case_number.is_not(None), PLAN.c.r_case_number == CASE.c.r_case_number))
    same = when(CASE.c.r_budget_kind == own.c.kind)
    order = (named.desc(), same.desc(), func.coalesce(day(CASE.c.r_opened_on), 0).desc(), CASE.c.id)
    cases = and_(CASE.c.person == own.c.person, not_(is_code(CASE.c.r_status, "entered-in-error")))
    query = select(
        own,
        func.coalesce(CASE.c.id, literal("Patient/", TEXT) + own.c.person).label("case_id"),
        CASE.c.r_responsible_body.label("body"),
        CASE.c.r_group.label("grp"),
        day(CASE.c.r_closed_on).label("closed"),
        func.row_number().over(partition_by=own.c.id, order_by=order).label("rank"),
    )
    source = own.outerjoin(CASE, cases).outerjoin(PLAN, PLAN.c.id == own.c.plan)
    return query.select_from(source).cte("ranked")


def _own() -> CTE:
    """What a version says itself."""
    b, later, held = CLAIM.alias("b"), _later(), _held()
    until = smaller(func.coalesce(day(b.c.r_end), FAR), func.coalesce(later.c.starts - ONE, FAR))
    query = select(
        b.c.id,
        b.c.person,
        b.c.r_budget_kind.label("kind"),
        b.c.r_plan_id.label("plan"),
        day(b.c.r_end).label("ends"),
        day(b.c.r_start).label("first"),
        until.label("until"),
        *(func.coalesce(held.c[name], 0).label(name) for name in BY_CODE),
    )
    source = b.outerjoin(later, later.c.id == b.c.id).outerjoin(held, held.c.id == b.c.id)
    return query.select_from(source).where(agreed(b, *WAS_IN_PLACE), b.c.r_start.is_not(None)).cte("own")


def _later() -> CTE:
    """The first day of what replaces a version."""
    s = CLAIM.alias("s")
    query = select(s.c.r_supersedes_id.label("id"), func.min(day(s.c.r_start)).label("starts"))
    return query.where(agreed(s, *COUNTED), s.c.r_supersedes_id.is_not(None)).group_by(s.c.r_supersedes_id).cte("later")


def _held() -> CTE:
    """Which management options the lines of a budget have."""
    flags = [func.max(when(is_code(LINES.c.r_management_option, code))).label(name) for name, code in BY_CODE.items()]
    return select(LINES.c.id, *flags).where(LINES.c.r_line_no.is_not(None)).group_by(LINES.c.id).cte("held")


def is_line_of(line: Any, budget: Sql) -> Sql:
    """Whether a row is a line of a budget, and not of a payment: those without number are passed over early."""
    return and_(line.c.id == budget, line.c.r_line_no.is_not(None))


# --- cases and people -------------------------------------------------------------------------------


def in_place(version: Any, since: Sql, to: Sql) -> Sql:
    """Whether a version was in place on any day of a period."""
    return and_(version.c.first <= to, version.c.last >= since, version.c.first <= version.c.last)


def cases(since: str, name: str = "cases") -> CTE:
    """One row a case that had a budget in place on any day from `since` (`april`, `start` or `last`) to the last.

    It is as its last version in that time is. live: 1 when in place on the last day. began: its first day ever.
    """
    version = versions()
    began = func.min(version.c.first).over(partition_by=version.c.case_id).label("began")
    everything = select(version, began).cte(f"{name}_all")
    latest = (everything.c.first.desc(), everything.c.id)
    ranked = (
        select(everything, func.row_number().over(partition_by=everything.c.case_id, order_by=latest).label("rank"))
        .where(in_place(everything, asked(since), asked("last")))
        .cte(f"{name}_ranked")
    )
    columns = [ranked.c[one] for one in ("case_id", "person", "id", "kind", "body", "grp", "age", "began", *BY_CODE)]
    live = when(ranked.c.last >= asked("last")).label("live")
    return select(*columns, live, ranked.c.last.label("ends")).where(ranked.c.rank == ONE).cte(name)


def holders(since: str) -> CTE:
    """One row a person with a budget in place, as the case of continuing support is that is live, or the latest."""
    one = cases(since)
    order = (one.c.live.desc(), when(is_code(one.c.kind, "ongoing")).desc(), one.c.began.desc(), one.c.case_id)
    every = [func.max(one.c[name]).over(partition_by=one.c.person).label(name) for name in BY_CODE]
    ranked = select(
        *(one.c[name] for name in ("person", "body", "grp", "age")),
        *every,
        func.row_number().over(partition_by=one.c.person, order_by=order).label("rank"),
    ).cte("holders_ranked")
    return select(ranked).where(ranked.c.rank == ONE).cte("holders")


@cache
def people() -> CTE:
    """One row a person with a case, whatever its state: body, group, age, and the options of the latest budget."""
    order = (
        when(is_code(CASE.c.r_budget_kind, "one-off")),
        func.coalesce(day(CASE.c.r_opened_on), 0).desc(),
        CASE.c.id,
    )
    main = (
        select(
            CASE.c.person,
            CASE.c.r_responsible_body.label("body"),
            CASE.c.r_group.label("grp"),
            func.row_number().over(partition_by=CASE.c.person, order_by=order).label("rank"),
        )
        .where(not_(is_code(CASE.c.r_status, "entered-in-error")))
        .cte("main_cases")
    )
    latest = _latest()
    columns = [main.c.person, main.c.body, main.c.grp, _age().label("age")]
    options = [func.coalesce(latest.c[name], 0).label(name) for name in BY_CODE]
    source = main.outerjoin(latest, latest.c.person == main.c.person).outerjoin(PATIENT, PATIENT.c.id == main.c.person)
    return select(*columns, *options).select_from(source).where(main.c.rank == ONE).cte("people")


def _latest() -> CTE:
    version = versions()
    order = (version.c.first.desc(), version.c.id)
    ranked = (
        select(version, func.row_number().over(partition_by=version.c.person, order_by=order).label("rank"))
        .where(version.c.first <= asked("last"))
        .cte("latest_ranked")
    )
    return select(ranked).where(ranked.c.rank == ONE).cte("latest")


def _age() -> Sql:
    return case(
        (PATIENT.c.r_birth_date.is_(None), literal_column("NULL")),
        (day(PATIENT.c.r_birth_date) <= asked("adult"), literal("adult", TEXT)),
        else_=literal("child", TEXT),
    )


# --- what every statement gives ---------------------------------------------------------------------


def by_dimension(source: Any, who: Any, values: Values, *, narrowed: bool, where: tuple[Sql, ...] = ()) -> Any:
    """The cells: group, age, option and mix of `who`, and whole sums of `values` for each combination.

    narrowed: only what the body `reporter` is responsible for.
    """
    inner = counted(source, who, values, narrowed=narrowed, where=where)
    return per_cell(inner, {name: total(inner.c[name]) for name in values})


def counted(source: Any, who: Any, values: Values, *, narrowed: bool, where: tuple[Sql, ...] = ()) -> CTE:
    """The rows behind the cells: the dimensions of `who` and `values`, a row each."""
    option = case(*((who.c[name] == ONE, literal(code, TEXT)) for name, code in BY_CODE.items()))
    held = who.c.direct + who.c.third + who.c.notional
    mix = case((held > ONE, literal("mixed", TEXT)), (held == ONE, literal("single", TEXT)))
    keys = [who.c.grp.label("grp"), who.c.age.label("age"), option.label("opt"), mix.label("mix")]
    rows = select(*keys, *(value.label(name) for name, value in values.items())).select_from(source).where(*where)
    return of_reporter(rows, who.c.body, narrowed=narrowed).cte("counted")


def per_cell(inner: CTE, sums: Mapping[str, Any], *more: Sql) -> Any:
    """Sums of the rows for each combination of dimensions, and of `more`, which stands before the sums."""
    keys = [*(inner.c[name] for name in DIMENSIONS), *more]
    return select(*keys, *(value.label(name) for name, value in sums.items())).group_by(*keys)


def of_reporter(query: Select[Any], body: Sql, *, narrowed: bool) -> Select[Any]:
    """Of a query, what the body `reporter` answers for, where it is narrowed to one."""
    return query.where(body == bindparam("reporter", type_=TEXT)) if narrowed else query


def of_reporters(source: Any, about: Any) -> Any:
    """Rows about people, of those people alone that the body `reporter` answers for."""
    who = people()
    return source.join(who, and_(who.c.person == about.c.person, who.c.body == bindparam("reporter", type_=TEXT)))


def no_dimension(source: Any, values: Values, where: tuple[Sql, ...]) -> Any:
    """The one cell of what is about nobody in particular."""
    nothing: list[Sql] = [literal_column("NULL").label(name) for name in DIMENSIONS]
    return (
        select(*nothing, *(total(value).label(name) for name, value in values.items()))
        .select_from(source)
        .where(*where)
    )
