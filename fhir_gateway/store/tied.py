"""Conditions on rows by who is tied to the person they are about, and on which days.

Source: security requirement S33 (tenancy is a join on dates); domain.md 8.8, R134.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Table, and_, literal_column, not_, or_

from fhir_gateway.store.plan import Binds, Plan, Planner
from fhir_gateway.store.rows import Row, Values, first_set, one_of, person_of, there
from fhir_gateway.store.tables import ROWS, TIE

FIRST_DAY: Final = "'0001-01-01'"
LAST_DAY: Final = "'9999-12-31'"

# records: the record lies in the days of the tie. today: the tie holds on the asker's day. instant: no days count.
Days = Literal["records", "today", "instant"]


@dataclass(frozen=True, slots=True)
class Dates:
    """Which fields say when a record begins and ends: the first of each that is set; open where none is.

    A record with none of them lies on the asker's day.
    """

    start: Values = ()
    end: Values = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Ties of some kinds that hold now. who: whose; None for anybody's. now: microseconds. day: ISO date."""

    kinds: Values
    who: Values | None
    now: int
    day: str

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the SQL text depends on."""
        return len(self.kinds), None if self.who is None else len(self.who)

    @property
    def values(self) -> tuple[Any, ...]:
        """In the order in which `holding` takes them."""
        return (*self.kinds, *(self.who or ()), self.now, self.now)

    def holding(self, binds: Binds, person: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether a tie is to a person, of one of the kinds and bodies, and holds at this instant."""
        kinds = one_of(TIE.c.kind, binds, self.kinds)
        who = [] if self.who is None else [one_of(TIE.c.who, binds, self.who)]
        return and_(TIE.c.person == person, kinds, *who, TIE.c.since <= next(binds), TIE.c.until > next(binds))


@dataclass(frozen=True, slots=True)
class Tied(Row):
    """The row is about a person to whom a tie holds."""

    ties: Ties
    days: Days = "today"
    dates: Dates = Dates()

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the key of the ties, which begins with the person."""
        del planner
        dates = self.dates if self.days == "records" else Dates()

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            held = self.ties.holding(binds, person_of(resource_type, table))
            return there(TIE, held, *_within(self.days, dates, binds, table))

        days = () if self.days == "instant" else (self.ties.day, self.ties.day)
        return Plan(("tied", self.ties.shape, self.days, dates), (*self.ties.values, *days), build)


def _within(days: Days, dates: Dates, binds: Binds, table: Table) -> list[ColumnElement[bool]]:
    if days == "instant":
        return []
    today = and_(TIE.c.start <= next(binds), TIE.c.end >= next(binds))
    fields = dict.fromkeys((*dates.start, *dates.end))
    if not fields:
        return [today]
    undated = and_(*(table.c[f"r_{one}"].is_(None) for one in fields))
    return [or_(and_(undated, today), and_(not_(undated), _overlap(dates, table)))]


def _overlap(dates: Dates, table: Table) -> ColumnElement[bool]:
    """Whether the days of the tie and of the record have one in common."""
    low = _first(table, dates.start, FIRST_DAY)
    high = _first(table, dates.end, LAST_DAY)
    return and_(TIE.c.start <= high, TIE.c.end >= low)


def _first(table: Table, fields: Sequence[str], last: str) -> ColumnElement[Any]:
    end: ColumnElement[Any] = literal_column(last)
    return first_set((table.c[f"r_{one}"] for one in fields), end) if fields else end


@dataclass(frozen=True, slots=True)
class Members(Row):
    """A pool of whose members some, or every one, has a tie that holds today."""

    ties: Ties
    every: bool

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the pool's members, then the key of the ties."""
        del planner
        rows = ROWS[resource_type, "members"]

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            some, more = rows.alias(), rows.alias()
            tied = there(some, some.c.id == table.c.id, self._tied(binds, some))
            if not self.every:
                return tied
            return and_(tied, ~there(more, more.c.id == table.c.id, not_(self._tied(binds, more))))

        values = (*self.ties.values, self.ties.day, self.ties.day)
        return Plan(("members", self.ties.shape, self.every), values * (2 if self.every else 1), build)

    def _tied(self, binds: Binds, rows: Any) -> ColumnElement[bool]:
        held = self.ties.holding(binds, rows.c.r_member)
        today = and_(TIE.c.start <= next(binds), TIE.c.end >= next(binds))
        return there(TIE, held, today)
