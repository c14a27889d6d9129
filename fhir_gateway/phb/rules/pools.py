"""Rules R155 and R156: several people put money together, and each one's money stays their own.

Source: domain.md section 4 L, 2.6 (Pool), 8.9 Q17.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.pools import budget_of, consents, has_left, line_of, membership, person_of, spent_by
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.group import Pool, PoolMember

IN_FORCE: Final = frozenset({"agreed", "active"})


def _not_running(pool: Pool) -> bool:
    return pool.active is not True


def _now_in(pool: Pool, case: CaseFile) -> Iterator[tuple[int, PoolMember]]:
    """Members that have not left, with their place."""
    return ((at, one) for at, one in enumerate(pool.members) if not has_left(one, case.today))


# --- what a pool needs ------------------------------------------------------------------------------


@rule("R155", on=Pool, softer=_not_running)
def enough_members(new: Written[Pool], case: CaseFile) -> Iterator[Finding]:
    """A running pool has at least the members set."""
    least = setting("R155", "members")
    people = {person_of(one) for _, one in _now_in(new.record, case)}
    if len(people) < least:
        yield Finding(f"a pool has at least {least} members; add one, or set `active` to false", "member")


@rule("R155", on=Pool, softer=_not_running)
def own_consent_line_and_outcome(new: Written[Pool], case: CaseFile) -> Iterator[Finding]:
    """Each member has an own consent to pooling, a line of a budget, and an outcome on that line."""
    for at, member in _now_in(new.record, case):
        if not consents(case, member):
            yield Finding("the member's own active consent to `pool-funds` is missing", f"member[{at}].extension")
        line = line_of(case, member)
        if line is None:
            yield Finding("name the member's agreed budget and a line of it", f"member[{at}].extension")
        elif not line.goal_sequences:
            yield Finding("the member's budget line has no outcome; link one to it", f"member[{at}].extension")


@rule("R155", on=Pool, softer=_not_running)
def contributions_are_the_lines(new: Written[Pool], case: CaseFile) -> Iterator[Finding]:
    """What each gives is the amount of the line, so that the contributions add up to the pool."""
    for at, member in _now_in(new.record, case):
        line = line_of(case, member)
        amount = line.amount_pence if line is not None else None
        if amount is not None and member.contribution_pence != amount:
            says = f"the contribution must be the {pounds(amount)} of the member's line"
            yield Finding(says, f"member[{at}].extension")


@rule("R155", on=AgreedBudget)
def a_pooled_budget_belongs_to_a_member(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """Who names a pool in an agreed budget is a member of it."""
    budget = new.record
    pool = case.get(Pool, literal("Group", budget.pool)) if budget.budget_status in IN_FORCE else None
    if pool is not None and membership(pool, budget.person_id) is None:
        yield Finding("the person is no member of the pool; add them to it first", "supportingInfo")


# --- whose money it is ------------------------------------------------------------------------------


@rule("R156", on=Pool)
def each_gives_their_own(new: Written[Pool], case: CaseFile) -> Iterator[Finding]:
    """The line a member gives is in that member's own budget, and no other member gives it."""
    given = Counter((one.budget_id, one.line_no) for one in new.record.members if one.budget_id is not None)
    for at, member in enumerate(new.record.members):
        budget = budget_of(case, member)
        if budget is not None and budget.person_id != person_of(member):
            yield Finding("the budget is another person's; name the member's own", f"member[{at}].extension")
        elif member.budget_id is not None and given[member.budget_id, member.line_no] > 1:
            yield Finding("two members give the same budget line; each gives an own one", f"member[{at}].extension")


@rule("R156", on=Pool)
def nobody_vanishes(new: Written[Pool], _case: CaseFile) -> Iterator[Finding]:
    """A member who leaves keeps a row, with the day they left."""
    before = new.previous.members if new.previous is not None else ()
    if {person_of(one) for one in before} - {person_of(one) for one in new.record.members}:
        yield Finding("a member is gone; keep the member and set the end of the period", "member")


@rule("R156", on=Pool)
def the_rest_goes_back(new: Written[Pool], case: CaseFile) -> Iterator[Finding]:
    """Of a member who leaves, only what was spent stays in the pool; the rest is theirs again."""
    for at, member in enumerate(new.record.members):
        if member.end is None or not _is_news(new.previous, member):
            continue
        rest = (member.contribution_pence or 0) - spent_by(case, member)
        if rest > 0:
            says = f"{pounds(rest)} was not spent and goes back to the member's budget; lower the contribution by it"
            yield Finding(says, f"member[{at}].extension")


def _is_news(previous: Pool | None, member: PoolMember) -> bool:
    """Whether the member's row says something else than in the version before."""
    before = membership(previous, person_of(member)) if previous is not None else None
    return before is not None and before != member
