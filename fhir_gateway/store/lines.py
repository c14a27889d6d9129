"""Conditions on rows by the budget lines they hang on: of one provider, or held in one way.

Source: domain.md 8.8 (own lines and linked goals), 2.4 and 2.5.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, Text, and_, cast, func, literal_column, not_

from fhir_gateway.store.plan import Binds, Plan, Planner
from fhir_gateway.store.rows import Row, Values, one_of, there
from fhir_gateway.store.tables import RESOURCES, ROWS

CLAIM: Final = RESOURCES["Claim"]
LINES: Final = ROWS["Claim", "lines"]
GOALS: Final = ROWS["Claim", "goals"]
PROVIDERS: Final = ROWS["Claim", "providers"]
ACCOUNT: Final = RESOURCES["Account"]
BUDGET: Final[ColumnElement[str]] = literal_column("'agreed-budget'")
ACTIVE: Final[ColumnElement[str]] = literal_column("'active'")


def _lists(text: ColumnElement[Any], number: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a JSON list of whole numbers has a number."""
    bare = func.replace(func.replace(func.replace(func.coalesce(text, ""), "[", ","), "]", ","), " ", "")
    return bare.like(literal_column("'%,'").concat(cast(number, Text)).concat(literal_column("',%'")))


@dataclass(frozen=True, slots=True)
class OnLines(Row):
    """An outcome that a line of an agreed budget is for. providers: of these; options: held so; with neither, any."""

    providers: Values = ()
    options: Values = ()

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the person's budgets, then their lists."""
        del resource_type, planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            claim, goal, line = CLAIM.alias(), GOALS.alias(), LINES.alias()
            budget = and_(claim.c.person == table.c.person, claim.c.kind == BUDGET, claim.c.r_status == ACTIVE)
            linked = and_(goal.c.id == claim.c.id, goal.c.r_goal_id == table.c.id, line.c.id == claim.c.id)
            listed = _lists(line.c.r_goal_sequences, goal.c.r_sequence)
            return there(claim, goal, line, budget, linked, listed, *self._own(binds, claim, line))

        shape = ("on lines", len(self.providers), len(self.options))
        return Plan(shape, (*self.providers, *self.options), build)

    def _own(self, binds: Binds, claim: Any, line: Any) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.providers:
            provider = PROVIDERS.alias()
            named = and_(provider.c.id == claim.c.id, one_of(provider.c.r_provider, binds, self.providers))
            found.append(there(provider, named, _lists(line.c.r_provider_sequences, provider.c.r_sequence)))
        if self.options:
            found.append(one_of(line.c.r_management_option, binds, self.options))
        return found


@dataclass(frozen=True, slots=True)
class SpentUnder(Row):
    """An entry every line of which was spent from a budget line that is held in one of some ways."""

    options: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the entry's lines and those of its budget."""
        del resource_type, planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            some, other = LINES.alias(), LINES.alias()
            held = self._held(binds, table, other)
            return and_(there(some, some.c.id == table.c.id), ~there(other, other.c.id == table.c.id, not_(held)))

        return Plan(("spent under", len(self.options)), self.options, build)

    def _held(self, binds: Binds, table: Table, spent: Any) -> ColumnElement[bool]:
        line = LINES.alias()
        same = and_(line.c.id == table.c.r_pays_against_id, line.c.r_line_no == spent.c.r_budget_line)
        return there(line, same, one_of(line.c.r_management_option, binds, self.options))


@dataclass(frozen=True, slots=True)
class Keeps(Row):
    """The person has an account, held in one of some ways, that one of some bodies owns."""

    owners: Values
    options: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the person's accounts."""
        del resource_type, planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            account = ACCOUNT.alias()
            here = and_(account.c.person == table.c.person, account.c.r_status == ACTIVE)
            owned = one_of(account.c.r_owner, binds, self.owners)
            return there(account, here, owned, one_of(account.c.r_management_option, binds, self.options))

        return Plan(("keeps", len(self.owners), len(self.options)), (*self.owners, *self.options), build)
