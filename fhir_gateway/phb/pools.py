"""A cost that a pool shares: what each member bears of it, and what each has left of what they gave.

The money stays each member's own: a shared cost becomes one entry for each member, on that member's own budget line.

Source: domain.md 6.4 (pooled cost), 8.9 Q17; rules R155, R156.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.case.budgets import is_in_force
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.pools import budget_of, line_of, person_of, spent_by
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.records import made
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.shares import pooled_cost
from mappings.budget import AgreedBudget
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.group import Pool, PoolMember
from mappings.lens.errors import Issue

CODE: Final = "business-rule"
EVEN: Final = 1  # the weight of each where neither weights nor contributions say anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A cost to be shared. payee: who was paid, in words. description: what for."""

    amount: Pence
    spent_on: date
    payee: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member as the pool stands. place: in `Group.member`. given, spent: pence."""

    place: int
    member: PoolMember
    given: Pence
    spent: Pence

    @property
    def left(self) -> Pence:
        """What is left; it goes back to the member's own budget when they leave (R156)."""
        return self.given - self.spent


def standings(pool: Pool, case: CaseFile, day: date) -> tuple[Standing, ...]:
    """Those who are in the pool on a day, in the order in which pennies are shared."""
    return tuple(
        Standing(place=at, member=one, given=one.contribution_pence or 0, spent=spent_by(case, one))
        for at, one in enumerate(pool.members)
        if runs_on(one.start, one.end, day)
    )


def shares(found: Sequence[Standing], amount: Pence) -> tuple[Pence, ...]:
    """Pence of a cost by member: by their weights where every one has one, else by what each gave."""
    given = [one.given for one in found]
    weights = [one.member.weight for one in found if one.member.weight is not None]
    if len(weights) < len(found) or not sum(weights):
        weights = given if sum(given) else [EVEN] * len(found)
    return pooled_cost(amount, given, weights)


def faults(pool: Pool, found: Sequence[Standing], cost: Cost, case: CaseFile) -> Iterator[Issue]:
    """What keeps a cost from being shared. case: any case file, for records of all people."""
    least = setting("R155", "members")
    if pool.active is not True or not runs_on(pool.start, pool.end, cost.spent_on):
        yield Issue(CODE, f"the pool does not run on {cost.spent_on}", "Group.active", details="R155")
    elif len(found) < least:
        yield Issue(CODE, f"fewer than {least} members share it on {cost.spent_on}", "Group.member", details="R155")
    else:
        for one, share in zip(found, shares(found, cost.amount), strict=True):
            yield from _faults_of(one, share, case)


def _faults_of(one: Standing, share: Pence, case: CaseFile) -> Iterator[Issue]:
    element, budget = f"Group.member[{one.place}]", budget_of(case, one.member)
    if budget is None or not is_in_force(budget) or line_of(case, one.member) is None:
        yield Issue(CODE, "the member's line is in no agreed or active budget", element, details="R155")
    elif share > one.left:
        says = f"the member's part is {pounds(share)}, and {pounds(one.left)} is left of what they gave"
        yield Issue(CODE, f"{says}; each spends their own money only", element, details="R156")


def entries(found: Sequence[Standing], cost: Cost, case: CaseFile) -> tuple[ExpenditureEntry, ...]:
    """The entry of each member who bears a part of the cost."""
    parts = zip(found, shares(found, cost.amount), strict=True)
    return tuple(_entry(one.member, share, cost, case) for one, share in parts if share)


def _entry(member: PoolMember, share: Pence, cost: Cost, case: CaseFile) -> ExpenditureEntry:
    budget, line = budget_of(case, member), line_of(case, member)
    assert isinstance(budget, AgreedBudget)
    bought = made(
        ExpenditureLine,
        sequence=1,
        budget_line=member.line_no,
        category=line.category if line is not None else None,
        description=cost.description,
        spent_on=cost.spent_on,
        amount_pence=share,
    )
    return made(
        ExpenditureEntry,
        person_id=person_of(member),
        status="active",
        created=case.today,
        provider=budget.provider,
        insurer_id=budget.insurer_id,
        insurance=budget.insurance,
        total_pence=share,
        expenditure_status="recorded",
        payee_kind="other",
        payee_name=cost.payee,
        pays_against_id=member.budget_id,
        lines=(bought,),
    )
