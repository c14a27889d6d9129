"""K12 to K14, K16, K17 and K23: what budgets cost, what is spent of them, and how that differs from the plan.

The budget of a case is all its versions in place in the year to date, each as a whole.

Source: domain.md section 7, 6.7.
"""

from typing import Any, Final

from sqlalchemy import (
    CTE,
    Float,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from fhir_gateway.phb.ledger import OUT, RELEASE, SPENT
from fhir_gateway.store.measures.plan_cost import costs, versions_in_year
from fhir_gateway.store.measures.population import (
    CLAIM,
    COUNTED,
    LINES,
    agreed,
    by_dimension,
    cases,
    counted,
    is_line_of,
    of_reporter,
    people,
    per_cell,
)
from fhir_gateway.store.measures.reviews import ANSWER, answers
from fhir_gateway.store.measures.uptake import COVERAGE, INSURANCE
from fhir_gateway.store.measures.words import (
    NONE,
    ONE,
    asked,
    day,
    is_code,
    larger,
    listed,
    one_of,
    total,
    when,
    within,
)
from fhir_gateway.store.tables import RESOURCES, TEXT
from mappings.terminology import FUNDING_STREAM

CONTINUING_HEALTHCARE: Final = "adult-nhs-chc"
NOTIONAL: Final = "notional"
NHS_STREAMS: Final = tuple(one.code for one in FUNDING_STREAM.codes if one.code.startswith("nhs-"))
OBSERVATION: Final = RESOURCES["Observation"]


# --- what was spent ---------------------------------------------------------------------------------


def _moved() -> CTE:
    """Pence spent, used of contingency and released, by budget version, to the last day."""
    parts = union_all(_entries(), _invoices()).cte("moved_parts")
    names = ("spent", "used", "released")
    return select(parts.c.id, *(total(parts.c[name]).label(name) for name in names)).group_by(parts.c.id).cte("moved")


def _entries() -> Any:
    """The holder's ledger; under notional the invoices paid are the spending."""
    e, line, bought = CLAIM.alias("e"), LINES.alias("el"), LINES.alias("bl")
    of_line = and_(is_line_of(bought, e.c.r_pays_against_id), bought.c.r_line_no == line.c.r_budget_line)
    source = e.join(line, and_(line.c.id == e.c.id, line.c.r_line_no.is_(None))).outerjoin(bought, of_line)
    used = or_(_contingency(line), _contingency(bought))
    amount = func.coalesce(line.c.r_amount_pence, 0)
    on = func.coalesce(day(line.c.r_spent_on), day(e.c.r_created))
    return (
        select(
            e.c.r_pays_against_id.label("id"),
            amount.label("spent"),
            when(used, amount, NONE).label("used"),
            NONE.label("released"),
        )
        .select_from(source)
        .where(
            is_code(e.c.kind, "expenditure-entry"),
            is_code(e.c.r_status, "active"),
            one_of(func.coalesce(e.c.r_expenditure_status, "recorded"), tuple(sorted(SPENT))),
            on <= asked("last"),
            not_(is_code(func.coalesce(bought.c.r_management_option, ""), NOTIONAL)),
        )
    )


def _contingency(line: Any) -> Any:
    return listed(func.coalesce(line.c.r_flags, ""), "contingency")


def _invoices() -> Any:
    """Payments that moved: notional ones are spending, releases make contingency available."""
    p, said, only, more, bought = CLAIM.alias("p"), answers(), LINES.alias("pl"), LINES.alias("more"), LINES.alias("bl")
    line_no = when(more.c.id.is_(None), only.c.r_budget_line, literal_column("NULL"))
    of_line = and_(is_line_of(bought, p.c.r_pays_against_id), bought.c.r_line_no == line_no)
    source = (
        p.outerjoin(only, and_(only.c.id == p.c.id, only.c.position == NONE))
        .outerjoin(more, and_(more.c.id == p.c.id, more.c.position == ONE))
        .outerjoin(bought, of_line)
        .outerjoin(said, said.c.claim == p.c.id)
    )
    on = func.coalesce(day(p.c.r_paid_on), day(said.c.paid_on), day(p.c.r_due_on))
    by_kind = when(is_code(p.c.r_payment_kind, "invoice"), literal(NOTIONAL, TEXT), literal("", TEXT))
    option = func.coalesce(bought.c.r_management_option, only.c.r_management_option, by_kind)
    amount = func.coalesce(when(_many_payers(p), literal_column("NULL"), said.c.paid_pence), p.c.r_total_pence, 0)
    notional, release = is_code(option, NOTIONAL), is_code(p.c.r_payment_kind, RELEASE)
    return (
        select(
            p.c.r_pays_against_id.label("id"),
            when(notional, amount, NONE).label("spent"),
            NONE.label("used"),
            when(and_(release, not_(notional)), amount, NONE).label("released"),
        )
        .select_from(source)
        .where(
            is_code(p.c.kind, "payment"),
            is_code(p.c.r_status, "active"),
            one_of(p.c.r_payment_kind, tuple(sorted(OUT))),
            is_code(p.c.r_payment_status, "paid"),
            on <= asked("last"),
            or_(notional, release),
        )
    )


def _many_payers(payment: Any) -> Any:
    """Whether several pay: what moved is then not known of each."""
    count = select(func.count()).select_from(INSURANCE).where(INSURANCE.c.id == payment.c.id)
    return count.correlate(payment).scalar_subquery() > ONE


# --- sums of the budget of each case ----------------------------------------------------------------


def _books() -> CTE:
    """Sums in pence by case: all its versions of the year."""
    version, cost, moved = versions_in_year(), costs(), _moved()
    spent, used = func.coalesce(moved.c.spent, 0), func.coalesce(moved.c.used, 0)
    sums = {
        "allocated": cost.c.allocated,
        "contingency": cost.c.contingency,
        "whole": cost.c.whole,
        "to_date": cost.c.to_date,
        "spent": spent,
        "used": used,
        "released": larger(func.coalesce(moved.c.released, 0), used),
    }
    source = version.join(cost, cost.c.id == version.c.id).outerjoin(moved, moved.c.id == version.c.id)
    return (
        select(version.c.case_id, *(total(value).label(name) for name, value in sums.items()))
        .select_from(source)
        .group_by(version.c.case_id)
        .cte("books")
    )


def _with_books(since: str) -> tuple[Any, Any, Any]:
    """Cases in place since a day with their sums: who, books, and both joined."""
    who, books = cases(since), _books()
    return who, books, who.join(books, books.c.case_id == who.c.case_id)


def variances(*, narrowed: bool) -> Any:
    """K13: planned to date and spent of each budget in place in the period, contingency left out; a row each."""
    who, books, source = _with_books("start")
    query = select(books.c.to_date, (books.c.spent - books.c.used).label("spent")).select_from(source)
    return of_reporter(query, who.c.body, narrowed=narrowed)


def _sums(who: Any, source: Any, above: Any, below: Any, *where: Any, narrowed: bool) -> Any:
    values = {"numerator": ONE, "denominator": ONE, "numerator_pence": above, "denominator_pence": below}
    return by_dimension(source, who, values, narrowed=narrowed, where=where)


def underspend(*, narrowed: bool) -> Any:
    """K14: budgets that closed in the period."""
    who, books, source = _with_books("start")
    above = books.c.allocated - books.c.spent
    return _sums(who, source, above, books.c.allocated, within(who.c.ends), narrowed=narrowed)


def forecast(*, narrowed: bool) -> Any:
    """K16: cases in place on the last day."""
    who, books, source = _with_books("last")
    above = books.c.spent + books.c.whole - books.c.to_date
    below = books.c.allocated - books.c.contingency
    return _sums(who, source, above, below, narrowed=narrowed)


def contingency(*, narrowed: bool) -> Any:
    """K17: budgets in place in the period."""
    who, books, source = _with_books("start")
    return _sums(who, source, books.c.used, books.c.contingency, books.c.contingency > NONE, narrowed=narrowed)


# --- comparisons ------------------------------------------------------------------------------------


def saving(*, narrowed: bool) -> Any:
    """K12: continuing healthcare with a direct payment, and a comparator of the same days."""
    who, nhs = cases("april"), _nhs_answers()
    source = (
        who.join(CLAIM, CLAIM.c.id == who.c.id)
        .join(OBSERVATION, literal("Observation/", TEXT) + OBSERVATION.c.id == CLAIM.c.r_comparator)
        .outerjoin(nhs, nhs.c.claim == who.c.id)
    )
    standard = OBSERVATION.c.r_standard_package_pence
    cost = func.coalesce(nhs.c.pence, CLAIM.c.r_total_pence)
    same = and_(
        func.coalesce(OBSERVATION.c.r_start, CLAIM.c.r_start) == CLAIM.c.r_start,
        func.coalesce(OBSERVATION.c.r_end, CLAIM.c.r_end) == CLAIM.c.r_end,
    )
    counts = (
        is_code(who.c.grp, CONTINUING_HEALTHCARE),
        who.c.direct == ONE,
        is_code(OBSERVATION.c.kind, "comparator"),
        not_(one_of(OBSERVATION.c.r_observation_status, ("cancelled", "entered-in-error"))),
        standard.is_not(None),
        cost.is_not(None),
    )
    values = {"numerator": ONE, "denominator": ONE, "numerator_pence": standard - cost, "denominator_pence": standard}
    return by_dimension(source, who, values, narrowed=narrowed, where=(*counts, same))


def _nhs_answers() -> CTE:
    """What the NHS bears of an agreed budget, as its bodies answered."""
    ours = and_(COVERAGE.c.id == INSURANCE.c.r_coverage_id, one_of(COVERAGE.c.r_stream, NHS_STREAMS))
    body = literal("Organization/", TEXT) + ANSWER.c.r_funder_id
    of_budget = exists(
        select(INSURANCE.c.id)
        .select_from(INSURANCE.join(COVERAGE, ours))
        .where(INSURANCE.c.id == ANSWER.c.r_claim_id, COVERAGE.c.r_funder == body)
    )
    said = and_(is_code(ANSWER.c.r_status, "active"), is_code(ANSWER.c.r_use, "preauthorization"))
    return (
        select(ANSWER.c.r_claim_id.label("claim"), func.sum(ANSWER.c.r_total_pence).label("pence"))
        .where(said, ANSWER.c.r_total_pence.is_not(None), of_budget)
        .group_by(ANSWER.c.r_claim_id)
        .cte("nhs_answers")
    )


def accuracy(*, narrowed: bool) -> Any:
    """K23: first budgets agreed in the period, each against the indicative one it names."""
    who, before, found = people(), CLAIM.alias("before"), CLAIM.alias("found")
    source = found.join(before, before.c.id == found.c.r_indicative_id).outerjoin(who, who.c.person == found.c.person)
    off = cast(found.c.r_total_pence - before.c.r_total_pence, Float) / before.c.r_total_pence
    where = (
        agreed(found, *COUNTED),
        found.c.r_supersedes_id.is_(None),
        within(day(found.c.r_created)),
        before.c.r_total_pence > NONE,
        found.c.r_total_pence.is_not(None),
    )
    values = {"denominator": ONE, "off": off}
    rows = counted(source, who, values, narrowed=narrowed, where=where)
    return per_cell(rows, {"denominator": total(rows.c.denominator), "total": func.sum(rows.c.off)})
