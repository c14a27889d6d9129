"""Every request of the law, made from the server's own CapabilityStatement and OperationDefinitions.

What the server states and no case here asks is a failure: `routes_of` raises `Unasked`.

Source: security.md section 4, the no-leak law (routes, completeness); FHIR R4 http.html, search.html.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from mappings.registry import TYPES
from tests.laws.no_leak.operations import operations_of
from tests.laws.no_leak.parameters import by_inclusion, by_parameter
from tests.laws.no_leak.route import AUDIT, PAGE, READ_ONLY, ROUND, Make, Request, Route, Unasked, at
from tests.laws.no_leak.world import Record, World

Json = Any


def routes_of(statement: Json, definitions: Json) -> list[Route]:
    """Every reading route a server states. definitions: its OperationDefinitions. Raises Unasked."""
    (rest,) = statement["rest"]
    common = [one["name"] for one in rest["searchParam"]]
    found = [route for one in rest["interaction"] for route in _of(SYSTEM, one["code"])(one["code"])]
    for resource in rest["resource"]:
        if resource["type"] == AUDIT:
            found += _of_audit(resource)
        elif resource["type"] not in READ_ONLY:
            found += _of_type(resource, common)
        found += operations_of(resource, definitions)
    return found


def _of(table: dict[str, Any], name: str) -> Any:
    if name not in table:
        raise Unasked(name)
    return table[name]


# --- one type -----------------------------------------------------------------------------------------


def _of_type(resource: Json, common: list[str]) -> Iterator[Route]:
    type_ = resource["type"]
    for name in ("conditionalUpdate", "conditionalDelete"):
        if resource.get(name, False) not in (False, "not-supported"):
            raise Unasked(f"{type_} {name}")
    for one in resource["interaction"]:
        yield from _of(INTERACTIONS, one["code"])(type_)
    for name in (*common, *(one["name"] for one in resource.get("searchParam", ()))):
        yield from by_parameter(type_, name)
    for form, stated in (("include", "searchInclude"), ("revinclude", "searchRevInclude")):
        for one in resource.get(stated, ()):
            yield from by_inclusion(type_, form, one)


def _read(type_: str) -> Iterator[Route]:
    yield Route("read", type_, "", type_, at("{place}"))
    yield Route("head", type_, "", type_, lambda _, aim: Request("HEAD", aim.place))
    yield Route(
        "conditional-read", type_, "", type_, lambda _, aim: Request("GET", aim.place, None, {"If-None-Match": 'W/"1"'})
    )


def _vread(type_: str) -> Iterator[Route]:
    yield Route("vread", type_, "1", type_, at("{place}/_history/1"))
    yield Route("vread", type_, "2", type_, at("{place}/_history/2"))


def _history_instance(type_: str) -> Iterator[Route]:
    yield Route("history-instance", type_, "", type_, at("{place}/_history"))


def _history_type(type_: str) -> Iterator[Route]:
    yield Route("history-type", type_, "", type_, at(f"{type_}/_history?{PAGE}"))
    yield Route("history-type", type_, "page", type_, at(f"{type_}/_history?_count=1"))
    yield Route("feed", type_, "", type_, at(f"{type_}/_history?_cursor=&{PAGE}"))


def _search(type_: str) -> Iterator[Route]:
    for name in ("", "_count=0", "_count=1", "_total=accurate&_count=1", "_summary=count"):
        yield Route("search", type_, name, type_, at(f"{type_}?{name or PAGE}"))
    others = (f"_include={type_}:*", "_revinclude=Claim:*", "_revinclude=Task:*", f"_sort=-_lastUpdated&{ROUND}")
    for name in ("_summary=true", "_summary=data", "_summary=text", "_elements=id,identifier", *others):
        yield Route("search", type_, name, type_, at(f"{type_}?{name}&{PAGE}"))


def _nothing(_: str) -> Iterator[Route]:
    """A write: asked by the law of writes, not here."""
    return iter(())


INTERACTIONS: Final[dict[str, Callable[[str], Iterator[Route]]]] = {
    "read": _read,
    "vread": _vread,
    "history-instance": _history_instance,
    "history-type": _history_type,
    "search-type": _search,
    "create": _nothing,
    "update": _nothing,
    "delete": _nothing,
}


# --- the audit ----------------------------------------------------------------------------------------


def _of_audit(resource: Json) -> Iterator[Route]:
    """Events about a person, asked for in every way there is; they are read as they are found."""
    for one in resource["interaction"]:
        _of({"read": None, "search-type": None}, one["code"])
    yield Route("search", AUDIT, "", "Patient", at(f"{AUDIT}?{PAGE}"))
    yield Route("search", AUDIT, "_total", "Patient", at(f"{AUDIT}?_count=1&_total=accurate"))
    yield Route("read", AUDIT, "", "Patient", at(f"{AUDIT}/1-{{id}}"))
    for one in resource["searchParam"]:
        query = _of(ASKED_OF_AUDIT, one["name"])
        name = one["name"]
        yield Route("parameter", AUDIT, name, "Patient", _event(name, query, PAGE))
        yield Route("count", AUDIT, name, "Patient", _event(name, query, "_summary=count"))


def _event(name: str, query: str, result: str) -> Make:
    return at(f"{AUDIT}?{name}={query}&{result}")


ASKED_OF_AUDIT: Final = {
    "_id": "1-{id}",
    "patient": "Patient/{id}",
    "date": "ge2020-01-01",
    "agent": "Patient/{id}",
    "agent-role": "custodian",
    "altid": "{id}",
    "type": "rest",
    "subtype": "read",
    "action": "R",
    "outcome": "0",
    "entity": "Patient/{id}",
}


# --- the system ---------------------------------------------------------------------------------------


def _feed(_: str) -> Iterator[Route]:
    for name in ("", "_since=2020-01-01", "_cursor="):
        yield Route("history-system", "", name, "Patient", at(f"_history?{PAGE}&{name}"))
    yield Route("history-system", "", "page", "Patient", at("_history?_count=2"))


def _batch(kind: str) -> Iterator[Route]:
    """The reads and searches of one record, all in a Bundle."""

    def made(_: World, aim: Record) -> Request:
        asked_for = (aim.place, f"{aim.place}/_history", f"{aim.type}?_id={aim.id}", f"{aim.type}?{PAGE}")
        entries = [{"request": {"method": "GET", "url": url}} for url in asked_for]
        return Request("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": entries})

    for type_ in TYPES:
        yield Route(kind, "", type_, type_, made)


SYSTEM: Final[dict[str, Callable[[str], Iterator[Route]]]] = {
    "transaction": _batch,
    "batch": _batch,
    "history-system": _feed,
}
