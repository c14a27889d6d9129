"""A tie: who is tied to a person, in what way, which days of the record that opens, and while which instants.

Everything that ends by itself, such as a power at a birthday, is said as `until`, so that ties are worked out from the
records alone: no day passes them by, and none of them changes while no record does.

Source: security.md section 4 (tenancy is a join on dates); store.tables.TIE.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fhir_gateway.london import begins

FIRST: Final = date.min
LAST: Final = date.max
ALWAYS: Final = 0
FOREVER: Final = 2**63 - 1
ONE_DAY: Final = timedelta(days=1)
Window = tuple[int, int]
AT_ALL_TIMES: Final[Window] = (ALWAYS, FOREVER)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tie:
    """One tie of a person. who: such as `Organization/x`. start, end: days of records, both included.

    It holds from `since` until just before `until`, microseconds since 1970 UTC. source: the record that makes it;
    with `#2` and so on where it does so again after a break.
    """

    kind: str
    who: str
    source: str
    start: date = FIRST
    end: date = LAST
    since: int = ALWAYS
    until: int = FOREVER

    @property
    def is_empty(self) -> bool:
        """Whether it opens nothing, ever."""
        return self.since >= self.until or self.start > self.end


# --- the instants it holds --------------------------------------------------------------------------


def window(first: date | None, last: date | None) -> Window:
    """The instants of the days from `first` to `last`, both included; None for no limit."""
    return (ALWAYS if first is None else begins(first), FOREVER if last is None or last == LAST else _ends(last))


def _ends(day: date) -> int:
    return begins(day + ONE_DAY)


def before(day: date | None) -> Window:
    """The instants before a day begins; all where there is none."""
    return (ALWAYS, FOREVER if day is None else begins(day))


def meet(*windows: Window) -> Window:
    """The instants in every one of them; empty where the second comes not after the first."""
    return (max(one[0] for one in windows), min(one[1] for one in windows))


def union(windows: Iterable[Window]) -> list[Window]:
    """The same instants in as few windows as can be, earliest first; empty ones are gone."""
    found: list[Window] = []
    for since, until in sorted(one for one in windows if one[0] < one[1]):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def held(kind: str, who: str, source: str, windows: Iterable[Window]) -> Iterator[Tie]:
    """The tie in each stretch of time that the windows come to."""
    for number, (since, until) in enumerate(union(windows), 1):
        again = source if number == 1 else f"{source}#{number}"
        yield Tie(kind=kind, who=who, source=again, since=since, until=until)
