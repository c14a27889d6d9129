"""Routes by search parameter and by inclusion, with values that a record answers to.

Source: FHIR R4 search.html.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mappings.lens.search import SearchParam, nodes_at
from mappings.registry import TYPES
from tests.laws.no_leak.route import PAGE, ROUND, SOME_DAY, UNKNOWN_WORD, Make, Request, Route, Unasked, at, get
from tests.laws.no_leak.world import Record

Json = Any


def by_parameter(type_: str, name: str) -> Iterator[Route]:
    param = TYPES[type_].params[name] if type_ in TYPES else None
    if param is None or param.name != name:
        raise Unasked(f"{type_}?{name}")
    yield Route("parameter", type_, name, type_, lambda _, aim: get(f"{type_}?{asked(param, aim)}&{PAGE}"))
    yield Route("post-search", type_, name, type_, lambda _, aim: _form(type_, f"{asked(param, aim)}&{PAGE}"))
    yield Route("count", type_, name, type_, lambda _, aim: get(f"{type_}?{asked(param, aim)}&_summary=count"))
    yield Route("missing", type_, name, type_, at(f"{type_}?{name}:missing=false&_summary=count"))
    yield Route("sort", type_, name, type_, at(f"{type_}?_sort={name}&{PAGE}"))
    if param.kind == "reference":
        yield from _through(type_, param)


def _form(type_: str, query: str) -> Request:
    return Request("POST", f"{type_}/_search", query, {"Content-Type": "application/x-www-form-urlencoded"})


def _through(type_: str, param: SearchParam) -> Iterator[Route]:
    """A chain into each type the reference may name, and `_has` back from there."""
    for target in (one for one in param.targets if one in TYPES):
        chained = f"{param.name}:{target}"
        yield Route("chain", type_, f"{chained}._id", target, at(f"{type_}?{chained}._id={{id}}&{PAGE}"))
        yield Route("has", target, f"{type_}:{param.name}", type_, _has(type_, param, target))
        worded = next((one for one in TYPES[target].search if one.name in ("identifier", "name")), None)
        if worded is not None:
            yield Route("chain", type_, f"{chained}.{worded.name}", target, _chain(type_, chained, worded))


def _chain(type_: str, chained: str, param: SearchParam) -> Make:
    return lambda _, aim: get(f"{type_}?{chained}.{asked(param, aim)}&{PAGE}")


def _has(type_: str, param: SearchParam, target: str) -> Make:
    return at(f"{target}?_has:{type_}:{param.name}:_id={{id}}&{PAGE}")


def asked(param: SearchParam, aim: Record) -> str:
    """A parameter with a value that the record answers to, or one that nothing does."""
    return f"{param.name}={quote(_value(param, aim), safe=':/|-')}"


def _value(param: SearchParam, aim: Record) -> str:
    nodes = [node for path in param.paths for node in nodes_at(aim.tree, path)]
    if param.kind == "date":
        return next((day for node in nodes for day in _days(node)), SOME_DAY)
    if param.kind == "string":
        return next((text for node in nodes for text in _texts(node)), UNKNOWN_WORD).replace(",", " ")
    found = next((one for one in param.values(aim.tree) if one.text), None)
    return found.text if found else f"Patient/{UNKNOWN_WORD}" if param.kind == "reference" else UNKNOWN_WORD


def _days(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (str(node[name])[:10] for name in ("start", "end") if name in node)
    else:
        yield str(node)[:10]


def _texts(node: Json) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from (one for key, one in node.items() if isinstance(one, str) and key not in ("use", "type", "id"))


# --- inclusions ---------------------------------------------------------------------------------------


def by_inclusion(type_: str, form: str, stated: str) -> Iterator[Route]:
    """Of one record the actor may see, and of every one of the type."""
    yield Route(form, type_, stated, type_, at(f"{type_}?_id={{id}}&_{form}={stated}"))
    yield Route(form, type_, f"{stated} all", type_, at(f"{type_}?{PAGE}&_{form}={stated}"))
    both = f"_{form}={stated}&_{form}:iterate={stated}&{ROUND}"
    yield Route("iterate", type_, stated, type_, at(f"{type_}?_id={{id}}&{both}"))
