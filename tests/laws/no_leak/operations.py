"""Routes by operation, from its OperationDefinition.

Source: FHIR R4 operations.html, operationdefinition.html.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.registry import TYPES
from tests.laws.no_leak.route import UNKNOWN_WORD, Make, Request, Route, Unasked, get
from tests.laws.no_leak.world import Record, World

Json = Any


def operations_of(resource: Json, definitions: Json) -> Iterator[Route]:
    for one in resource.get("operation", ()):
        definition = definitions[one["definition"]]
        cases = _cases(one["name"])
        for instance in (True, False):
            if definition["instance" if instance else "type"]:
                yield from _asked_of(resource["type"], definition, cases, instance=instance)


def _cases(name: str) -> tuple[str, ...]:
    if name not in OPERATIONS:
        raise Unasked(name)
    return OPERATIONS[name]


def _asked_of(type_: str, definition: Json, cases: tuple[str, ...], *, instance: bool) -> Iterator[Route]:
    code, writes = definition["code"], definition["affectsState"]
    aimed = type_ if type_ in TYPES else "Organization"
    named = {one["name"] for one in definition["parameter"] if one["use"] == "in"} - {"resource"}
    for query in cases:
        named -= {pair.partition("=")[0] for pair in query.split("&")}
        yield Route(
            "operation", type_, f"${code} {query}", aimed, _operation(type_, code, query, writes, instance), writes
        )
    if named:
        raise Unasked(f"${code}: {sorted(named)}")


def _operation(type_: str, code: str, query: str, writes: bool, instance: bool) -> Make:  # noqa: FBT001
    def made(world: World, aim: Record) -> Request:
        place = aim.place if type_ in TYPES else "Measure/K3"
        path = f"{place}/${code}" if instance else f"{type_}/${code}"
        given = query.format(place=aim.place, id=aim.id, icb=world.place("Organization/icb-1"), list=_list(aim))
        if writes:
            return Request("POST", path, _parameters(given, aim))
        return get(f"{path}?{given}" if given else path)

    return made


def _list(aim: Record) -> str:
    """The number of the payment list that a row is of."""
    found = [one.text for one in TYPES[aim.type].params["identifier"].values(aim.tree)] if aim.type in TYPES else []
    return next((text.partition("/")[0] for text in found), UNKNOWN_WORD)


def _parameters(given: str, aim: Record) -> Json:
    pairs = [pair.partition("=") for pair in given.split("&") if pair]
    if ("resource", "=", "aim") in pairs:
        return aim.tree
    rows = [{"name": name, _VALUES.get(name, "valueString"): _typed(name, value)} for name, _, value in pairs]
    return {"resourceType": "Parameters", **({"parameter": rows} if rows else {})}


_VALUES: Final = {"amount": "valueDecimal", "date": "valueDate"}


def _typed(name: str, value: str) -> Json:
    return float(value) if name == "amount" else value


# What each operation is asked with: every parameter at least once; `resource=aim` posts the record itself.
OPERATIONS: Final[dict[str, tuple[str, ...]]] = {
    "check": ("", "to=ended"),
    "submit": ("resource=aim",),
    "statement": (
        "",
        "date=2025-09-30&basis=run-rate",
        "period=2025-04-01",
        "funder={icb}",
        "_format=html",
        "_format=csv",
    ),
    "explain": ("", "_format=html"),
    "evaluate-measure": (
        "periodStart=2025-04-01&periodEnd=2026-03-31",
        "periodStart=2025-04-01&periodEnd=2026-03-31&reporter={icb}&reportType=summary&published=false",
        "periodStart=2025-04-01&periodEnd=2026-03-31&measure=K1&registeredPopulation=9000",
    ),
    "confirm": ("",),
    "query": ("reason=Too much",),
    "schedule": ("",),
    "reconcile": ("list={list}", "list={list}&funder={icb}&start=2025-06-01&end=2025-06-30"),
    "break-glass": ("reason=safeguarding&text=Somebody has to know it now",),
    "allocate-cost": ("amount=12.50&date=2025-09-01&payee=Somebody&description=Something",),
}
