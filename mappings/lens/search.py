"""Search parameters: what may be asked of a type, and the values a resource answers with.

Source: FHIR R4 search.html; the standard parameters of each resource page.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final, Literal, NamedTuple

from mappings import namespaces
from mappings.definitions import is_list_path, path_types
from mappings.lens.document import Json, Tree

Kind = Literal["token", "reference", "date", "string", "uri"]
SECOND: Final = 1_000_000
OWN_SYSTEMS: Final = ("http://hl7.org/fhir/", "http://terminology.hl7.org/", "urn:ietf:", "urn:iso:")
KEPT: Final = 500  # characters of a text that search looks at
EARLIEST: Final = -(2**62)
LATEST: Final = 2**62
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PLAIN_TYPES: Final = {
    "token": {"code", "boolean", "id", "string", "uri"},
    "reference": {"Reference"},
    "date": {"date", "dateTime", "instant", "Period"},
    "string": {"string"},
    "uri": {"uri", "canonical", "url"},
}


class Value(NamedTuple):
    """One value a resource answers with.

    token: system (None where the element is a code, whose system is implied) and code (text).
    reference: text is `Type/id` or a URL. string: text is folded, system exact.
    date: low and high, microseconds since 1970 UTC, both inside. uri: text.
    """

    text: str = ""
    system: str | None = ""
    low: int = 0
    high: int = 0


@dataclass(frozen=True, eq=False)
class SearchParam:
    """One search parameter, itself and no copy of it.

    paths: JSON names from the resource's root. targets: types a reference may name.
    """

    name: str
    kind: Kind
    paths: tuple[str, ...]
    targets: tuple[str, ...] = ()
    definition: str = ""

    def values(self, tree: Tree) -> Iterator[Value]:
        """What `tree` answers for this parameter."""
        read = _READERS[self.kind]
        for path in self.paths:
            for node in nodes_at(tree, path):
                for value in read(node):
                    yield value if len(value.text) <= KEPT and len(value.system or "") <= KEPT else _cut(value)

    def identifiers(self, tree: Tree) -> Iterator[Value]:
        """The identifiers of logical references, for `:identifier`."""
        for path in self.paths:
            for node in nodes_at(tree, path):
                if type(node) is dict and node.get("identifier"):
                    yield from map(_cut, _tokens(node["identifier"]))

    def single(self, resource_type: str) -> bool:
        """Whether a resource answers with one plain value at most, so that a column can hold it."""
        if len(self.paths) != 1 or self.name.startswith("_"):
            return False
        types = set(path_types(resource_type, self.paths[0]))
        return bool(types) and types <= PLAIN_TYPES[self.kind] and not is_list_path(resource_type, self.paths[0])


def nodes_at(node: Json, path: str) -> list[Json]:
    """Every node at a dotted path, lists opened; `extension:phb-x` is the project's extension of that name."""
    found = [node]
    for name, url in _steps(path):
        reached: list[Json] = []
        for one in found:
            child = one.get(name) if type(one) is dict else None
            if type(child) is list:
                reached += [item for item in child if item is not None and (not url or item.get("url") == url)]
            elif child is not None:
                reached.append(child)
        if not reached:
            return reached
        found = reached
    return found


@cache
def _steps(path: str) -> tuple[tuple[str, str], ...]:
    """The names on a dotted path, each with the URL of the extension it asks for, or nothing."""
    split = (step.partition(":") for step in path.split("."))
    return tuple((name, namespaces.extension_url(own) if own else "") for name, _, own in split)


def implied(system: str) -> bool:
    """Whether `system` can be the one a plain code belongs to: FHIR's own, or none named."""
    return not system or system.startswith(OWN_SYSTEMS)


def _cut(value: Value) -> Value:
    """The value with its texts cut to what an index can hold; what is asked for is cut alike."""
    return value._replace(text=value.text[:KEPT], system=None if value.system is None else value.system[:KEPT])


# --- reading values ---------------------------------------------------------------------------------


def _tokens(node: Json) -> Iterator[Value]:
    if type(node) is not dict:
        yield Value("true" if node is True else "false" if node is False else str(node), None)
    elif "coding" in node:
        for coding in node["coding"]:
            yield Value(coding.get("code", ""), coding.get("system", ""))
    elif "code" in node:
        yield Value(node["code"], node.get("system", ""))
    elif "value" in node:
        yield Value(str(node["value"]), node.get("system", ""))


def _references(node: Json) -> Iterator[Value]:
    literal = node.get("reference") if type(node) is dict else node
    if literal and not literal.startswith("#"):
        yield Value(literal.partition("/_history/")[0])


def _dates(node: Json) -> Iterator[Value]:
    if type(node) is not dict:
        low, high = span(node)
        yield Value(low=low, high=high)
        return
    low = span(node["start"])[0] if "start" in node else EARLIEST
    high = span(node["end"])[1] if "end" in node else LATEST
    yield Value(low=low, high=high)


def _strings(node: Json) -> Iterator[Value]:
    if type(node) is not dict:
        yield Value(folded(node), node)
        return
    for name, child in node.items():
        for one in child if type(child) is list else (child,):
            if name in ("id", "use", "type"):
                continue
            if type(one) is str:
                yield Value(folded(one), one)


def _uris(node: Json) -> Iterator[Value]:
    yield Value(str(node))


_READERS: Final[dict[Kind, Any]] = {
    "token": _tokens,
    "reference": _references,
    "date": _dates,
    "string": _strings,
    "uri": _uris,
}


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Text without case, accents and surplus blanks, for string search."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


_DATE: Final = re.compile(
    r"\d{4}(-\d\d(-\d\d"
    r"(T([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?"
    r")?)?",
    re.ASCII,
)


@lru_cache(maxsize=8192)
def span(text: str) -> tuple[int, int]:
    """First and last microsecond a date, dateTime or instant may mean; a time-less date is a day in UTC.

    Raises ValueError when `text` is no FHIR date.
    """
    if _DATE.fullmatch(text) is None:
        raise ValueError("not a FHIR date")
    day, _, time = text.partition("T")
    if not time:
        return _day_span(day)
    clock, fraction, offset = _time_parts(time)
    start = _micros(datetime.fromisoformat(f"{day}T{clock}{offset}"))
    if clock.count(":") == 1:
        return start, start + 60 * SECOND - 1
    if not fraction:
        return start, start + SECOND - 1
    shown = f"{fraction:0<6}"[:6]
    low = start + int(shown)
    return low, low + 10 ** max(6 - len(fraction), 0) - 1


def _time_parts(time: str) -> tuple[str, str, str]:
    place = next((at for at, char in enumerate(time) if char in "Z+-"), len(time))
    clock, _, fraction = time[:place].partition(".")
    offset = time[place:].replace("Z", "+00:00") or "+00:00"
    return clock.replace(":60", ":59"), fraction, offset


def _day_span(day: str) -> tuple[int, int]:
    parts = [int(part) for part in day.split("-")]
    year, month, number = (*parts, 1, 1)[:3]
    first = datetime(year, month, number, tzinfo=UTC)
    days = 1 if len(parts) > 2 else monthrange(year, month)[1] if len(parts) == 2 else _year_days(year)  # noqa: PLR2004
    low = _micros(first)
    return low, low + days * 86_400 * SECOND - 1


def _year_days(year: int) -> int:
    return 366 if monthrange(year, 2)[1] == 29 else 365  # noqa: PLR2004


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


# --- the words a declaration is written in ----------------------------------------------------------


def token_param(name: str, *paths: str) -> SearchParam:
    """A token: code, boolean, Coding, CodeableConcept, Identifier or ContactPoint."""
    return SearchParam(name, "token", paths or (name,))


def reference_param(name: str, *paths: str, to: str | tuple[str, ...]) -> SearchParam:
    """A reference to one of the types `to`."""
    return SearchParam(name, "reference", paths or (name,), (to,) if isinstance(to, str) else to)


def date_param(name: str, *paths: str) -> SearchParam:
    """A date, dateTime, instant or Period."""
    return SearchParam(name, "date", paths or (name,))


def string_param(name: str, *paths: str) -> SearchParam:
    """A string, or any part of a HumanName or Address."""
    return SearchParam(name, "string", paths or (name,))


def uri_param(name: str, *paths: str) -> SearchParam:
    """A URI, whole."""
    return SearchParam(name, "uri", paths or (name,))


COMMON: Final = (
    SearchParam("_id", "token", ("id",)),
    SearchParam("_lastUpdated", "date", ("meta.lastUpdated",)),
    SearchParam("_profile", "uri", ("meta.profile",)),
    SearchParam("_tag", "token", ("meta.tag",)),
    SearchParam("_security", "token", ("meta.security",)),
    SearchParam("_source", "uri", ("meta.source",)),
)
