"""What the lines of budget versions come to, in all and to a day, in SQL: the arithmetic of line costs, set-based.

A line costs its recorded amount where it counts in full. One that a later version cuts short, and what is planned to
a day of one under way, are worked out from its terms: each financial year rounded on its own (6.1 no. 5), weekly
terms by sevenths, yearly ones by days of the year, fixed amounts by their days. A law in the tests holds it equal to
`phb.in_force`.

Source: domain.md 6.3, 6.7 (`allocated`, `planned_to_date`).
"""

from functools import cache
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Integer, Numeric, and_, case, cast, func, literal_column, not_, or_, select

from fhir_gateway.phb.line_cost import DAYS_OF, MINUTES, MINUTES_AN_HOUR, UNITS_OF_TIME, YEARLY
from fhir_gateway.store.measures.population import LINES, in_place, versions
from fhir_gateway.store.measures.words import (
    NONE,
    ONE,
    asked,
    day,
    half_up,
    is_code,
    larger,
    listed,
    one_of,
    smaller,
    ten_thousandths,
    total,
    when,
    worked_out,
)

Sql = ColumnElement[Any]
SCALE: Final = literal_column("10000", Integer)  # of a quantity
WITHIN_YEARS: Final = 30  # financial years before and after the last day that are looked at
# Of the financial year that begins in year y, the number of 1 April is 365 y + leap days to y - 274.
BEFORE_APRIL: Final = -274
DAYS_OF_400: Final = 146_097


def _number(value: int) -> Sql:
    return literal_column(str(value), Integer)


@cache
def versions_in_year() -> CTE:
    """Versions in place on any day from 1 April to the last day, which counts as a whole."""
    version = versions()
    return select(version).where(in_place(version, asked("april"), asked("last"))).cte("in_year")


def costs() -> CTE:
    """Pence of each version in the year: allocated, contingency, whole and to_date (both without contingency)."""
    line, year = _lines(), _years()
    meets = and_(line.c.stepwise == ONE, year.c.first <= line.c.calc_end, year.c.last >= line.c.calc_start)
    first = or_(year.c.first.is_(None), year.c.first <= line.c.calc_start)
    all_days = smaller(year.c.last, line.c.calc_end) - larger(year.c.first, line.c.calc_start) + ONE
    to_day = (
        smaller(smaller(year.c.last, line.c.calc_end), asked("last")) - larger(year.c.first, line.c.calc_start) + ONE
    )
    amount = when(line.c.cut == ONE, _priced(line, year, all_days), when(first, line.c.amount))
    so_far = when(line.c.cut == ONE, amount, when(first, line.c.planned))
    to_date = when(line.c.under_way == ONE, _priced(line, year, to_day), so_far)
    amount = when(line.c.stepwise == ONE, amount, line.c.amount)
    to_date = when(line.c.stepwise == ONE, to_date, line.c.planned)
    plain = line.c.contingency == NONE
    return (
        select(
            line.c.id,
            total(amount).label("allocated"),
            total(when(plain, NONE, amount)).label("contingency"),
            total(when(plain, amount, NONE)).label("whole"),
            total(when(plain, to_date, NONE)).label("to_date"),
        )
        .select_from(line.outerjoin(year, meets))
        .group_by(line.c.id)
        .cte("costs")
    )


def _priced(line: Any, year: Any, days: Sql) -> Sql:
    """Terms by days in one financial year, rounded; 0 for no day."""
    every = when(line.c.yearly == ONE, year.c.last - year.c.first + ONE, line.c.each)
    above = cast(line.c.rate, Numeric) * days * when(line.c.yearly == ONE, line.c.each, ONE)
    return when(days > NONE, half_up(above, line.c.divisor * every), NONE)


def _years() -> CTE:
    """The financial years any of the lines touches: number of the first and the last day of each."""
    version = versions_in_year()
    # the year before the one a day lies in, or that year: one row too many costs less than one too few
    earliest = func.min(version.c.first) * _number(400) // _number(DAYS_OF_400)
    latest = func.max(version.c.until) * _number(400) // _number(DAYS_OF_400) + ONE
    here = asked("last") * _number(400) // _number(DAYS_OF_400)
    bounds = select(
        cast(larger(earliest, here - _number(WITHIN_YEARS)), Integer).label("low"),
        cast(smaller(latest, here + _number(WITHIN_YEARS)), Integer).label("high"),
    ).cte("bounds")
    year = (
        select(bounds.c.low.label("y"), bounds.c.high).where(bounds.c.low.is_not(None)).cte("each_year", recursive=True)
    )
    year = year.union_all(select(year.c.y + ONE, year.c.high).where(year.c.y < year.c.high))
    found = select(_april(year.c.y).label("first"), (_april(year.c.y + ONE) - ONE).label("last"))
    return worked_out(found.cte("years"))


def _april(year: Sql) -> Sql:
    leaps = year // _number(4) - year // _number(100) + year // _number(400)
    return _number(365) * year + leaps + _number(BEFORE_APRIL)


def _lines() -> CTE:
    """Each line with the days it counts for and what has to be worked out of it.

    amount: pence that count in full. planned: of them to the last day, where no step is needed. calc_start, calc_end:
    the days counted. stepwise: by financial years, as it is cut short or under way.
    """
    t = _terms()
    on_date, inside = t.c.on_date, and_(t.c.start >= t.c.first, t.c.end <= t.c.until)
    begins, ends = larger(t.c.start, t.c.first), smaller(t.c.end, t.c.until)
    whole = or_(t.c.until >= t.c.budget_end, and_(on_date.is_(None), inside))
    dated = and_(on_date.is_not(None), on_date >= t.c.first, on_date <= t.c.until)
    full = or_(whole, dated)
    # where the version runs its time, a line counts for its own days, inside it or not
    calc_start = when(whole, t.c.start, begins)
    calc_end = when(whole, t.c.end, ends)
    timed = and_(on_date.is_(None), or_(t.c.yearly == ONE, t.c.each > NONE))
    cut, has_days = not_(full), calc_start <= calc_end
    under_way = and_(on_date.is_(None), has_days, calc_end > asked("last"))
    fixed = and_(on_date.is_(None), t.c.each == NONE)
    amount = case((full, t.c.amount), (and_(fixed, has_days), _spread(t, begins, ends)), else_=NONE)
    upto = smaller(calc_end, asked("last"))
    planned = case(
        (on_date.is_not(None), when(on_date <= asked("last"), amount)),
        (not_(under_way), amount),
        (and_(fixed, upto >= calc_start), _spread(t, calc_start, upto)),
        else_=NONE,
    )
    stepwise = and_(timed, has_days, or_(cut, under_way))
    kept = ("id", "contingency", "rate", "divisor", "each", "yearly")
    found = select(
        *(t.c[name] for name in kept),
        amount.label("amount"),
        planned.label("planned"),
        calc_start.label("calc_start"),
        calc_end.label("calc_end"),
        when(and_(stepwise, cut)).label("cut"),
        when(and_(stepwise, under_way)).label("under_way"),
        when(stepwise).label("stepwise"),
    ).cte("lines")
    return worked_out(found)


def _spread(t: Any, begins: Sql, ends: Sql) -> Sql:
    """A fixed amount by days: what it has come to at the end, less what before."""
    days, fixed = t.c.end - t.c.start + ONE, cast(half_up(t.c.rate, t.c.divisor), Numeric)
    return half_up(fixed * (ends - t.c.start + ONE), days) - half_up(fixed * (begins - t.c.start), days)


def _terms() -> CTE:
    """The terms of each line of the versions in the year; those of no version that says its days are left out.

    rate / divisor: pence, exact, for each `each` days, or each part of a year where `yearly`; each 0: a fixed amount.
    """
    version, line = versions_in_year(), LINES
    start = func.coalesce(day(line.c.r_start), version.c.first)
    end = func.coalesce(day(line.c.r_end), version.c.ends)
    unpriced = or_(line.c.r_rate_pence.is_(None), line.c.r_frequency.is_(None))
    frequency = when(unpriced, literal_column("''"), line.c.r_frequency)
    days = [(is_code(frequency, name), _number(count)) for name, count in DAYS_OF.items()]
    years = [(is_code(frequency, name), _number(count)) for name, count in YEARLY.items()]
    rate, divisor = _rate(line, unpriced)
    query = select(
        version.c.id,
        version.c.first,
        version.c.until,
        version.c.ends.label("budget_end"),
        start.label("start"),
        end.label("end"),
        _on_date(line, unpriced, start).label("on_date"),
        func.coalesce(line.c.r_amount_pence, 0).label("amount"),
        rate.label("rate"),
        divisor.label("divisor"),
        case(*days, *years, else_=NONE).label("each"),
        when(one_of(frequency, tuple(YEARLY))).label("yearly"),
        when(listed(func.coalesce(line.c.r_flags, ""), "contingency")).label("contingency"),
    )
    source = version.join(line, and_(line.c.id == version.c.id, line.c.r_line_no.is_not(None)))
    return worked_out(query.select_from(source).where(version.c.ends.is_not(None), start <= end).cte("terms"))


def _on_date(line: Any, unpriced: Sql, start: Sql) -> Sql:
    """The day all of it falls on; NULL where it is spread."""
    given = day(line.c.r_on_date)
    by_profile = when(and_(is_code(line.c.r_profile, "on-date"), not_(unpriced)), start, literal_column("NULL"))
    even = is_code(func.coalesce(line.c.r_profile, ""), "even")
    return when(even, literal_column("NULL"), func.coalesce(given, by_profile))


def _rate(line: Any, unpriced: Sql) -> tuple[Sql, Sql]:
    """Rate times quantity, above and below the line; a quantity of time multiplies nothing, minutes are sixtieths."""
    unit = func.lower(func.trim(func.coalesce(line.c.r_unit, "")))
    of_time = and_(one_of(unit, _plurals(UNITS_OF_TIME)), not_(is_code(line.c.r_frequency, "per-unit")))
    counted = and_(line.c.r_quantity.is_not(None), not_(of_time), not_(unpriced))
    minutes = when(one_of(unit, _plurals(MINUTES)), _number(MINUTES_AN_HOUR), ONE)
    rate = case(
        (unpriced, cast(func.coalesce(line.c.r_amount_pence, 0), Numeric)),
        (counted, cast(line.c.r_rate_pence, Numeric) * ten_thousandths(line.c.r_quantity)),
        else_=cast(line.c.r_rate_pence, Numeric),
    )
    return rate, when(counted, SCALE * minutes, ONE)


def _plurals(units: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted([*units, *(f"{one}s" for one in units)]))
