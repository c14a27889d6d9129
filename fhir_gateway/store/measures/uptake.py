"""K1 to K8: who has a budget, how it is held, and who pays for it.

Source: domain.md section 7.
"""

from typing import Any, Final

from sqlalchemy import and_, func, literal, not_, select

from fhir_gateway.store.measures.population import CASE, by_dimension, cases, holders, in_place, people, versions
from fhir_gateway.store.measures.words import FAR, NONE, ONE, asked, day, is_code, one_of, when, within
from fhir_gateway.store.tables import RESOURCES, ROWS, TEXT
from mappings.terminology import ELIGIBILITY_GROUP, FUNDING_STREAM

WHEELCHAIR: Final = "nhs-wheelchair"
RIGHT_TO_HAVE: Final = tuple(ELIGIBILITY_GROUP.where("right_to_have", True))  # noqa: FBT003
PUBLIC: Final = tuple(
    one.code for one in FUNDING_STREAM.codes if one.code not in ("person-contribution", "charity-or-other")
)
COVERAGE: Final = RESOURCES["Coverage"]
INSURANCE: Final = ROWS["Claim", "insurance"]


def uptake(*, narrowed: bool) -> Any:
    """K1, K4, K5: holders, year to date."""
    who = holders("april")
    return by_dimension(who, who, {"numerator": ONE}, narrowed=narrowed)


def live(*, narrowed: bool) -> Any:
    """K2: holders on the last day."""
    who = holders("last")
    return by_dimension(who, who, {"numerator": ONE}, narrowed=narrowed)


def starts(*, narrowed: bool) -> Any:
    """K3: cases whose first day in place lies in the period."""
    who = cases("start")
    return by_dimension(who, who, {"numerator": ONE}, narrowed=narrowed, where=(within(who.c.began),))


def held_outside(*, narrowed: bool) -> Any:
    """K6: cases with a direct payment or a third party, of all but wheelchairs, year to date."""
    who = cases("april")
    values = {"numerator": when(who.c.direct + who.c.third > NONE), "denominator": ONE}
    other = func.coalesce(who.c.grp, literal("", TEXT)) != literal(WHEELCHAIR, TEXT)
    return by_dimension(who, who, values, narrowed=narrowed, where=(other,))


def reach(*, narrowed: bool) -> Any:
    """K7: people with a right to have a budget, and those of them who had one in the period."""
    who, placed = people(), versions()
    opened = func.coalesce(day(CASE.c.r_opened_on), NONE) <= asked("last")
    still_open = func.coalesce(day(CASE.c.r_closed_on), FAR) >= asked("start")
    found = not_(one_of(CASE.c.r_state, ("enquiry",)))
    standing = not_(is_code(CASE.c.r_status, "entered-in-error"))
    eligible = (
        select(CASE.c.person)
        .where(one_of(CASE.c.r_group, RIGHT_TO_HAVE), opened, still_open, found, standing)
        .distinct()
        .cte("eligible")
    )
    have = select(placed.c.person).where(in_place(placed, asked("start"), asked("last"))).distinct().cte("have")
    source = eligible.join(who, who.c.person == eligible.c.person).outerjoin(have, have.c.person == eligible.c.person)
    values = {"numerator": when(have.c.person.is_not(None)), "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed)


def integrated(*, narrowed: bool) -> Any:
    """K8: cases in place on the last day that two or more public bodies pay for."""
    who = cases("last")
    paying = and_(COVERAGE.c.id == INSURANCE.c.r_coverage_id, one_of(COVERAGE.c.r_stream, PUBLIC))
    funders = (
        select(INSURANCE.c.id, func.count(COVERAGE.c.r_funder.distinct()).label("bodies"))
        .select_from(INSURANCE.join(COVERAGE, paying))
        .group_by(INSURANCE.c.id)
        .cte("funders")
    )
    source = who.outerjoin(funders, funders.c.id == who.c.id)
    values = {"numerator": when(func.coalesce(funders.c.bodies, 0) > ONE), "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed)
