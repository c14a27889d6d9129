"""How much of a record somebody sees: for each view, which elements of it.

Source: domain.md 8.8; security requirement S39; security.md section 4 (views).
"""

import re
from collections.abc import Callable
from typing import Any, Final

Json = Any
# tree of the record, path of an element in it, the asker's own references
View = Callable[[Json, str, frozenset[str]], bool]
ALWAYS: Final = frozenset({"resourceType", "id", "meta"})
EXTENSION: Final = "/StructureDefinition/"
PLACE: Final = re.compile(r"^(\w+)\[(\d+)\]")


def whole(_tree: Json, _path: str, _own: frozenset[str]) -> bool:
    """All of it."""
    return True


def only(*names: str) -> View:
    """These elements. `+phb-x` is the project's extension of that name."""
    wanted = frozenset(names) | ALWAYS

    def view(tree: Json, path: str, _own: frozenset[str]) -> bool:
        return _root(tree, path) in wanted

    return view


def without(*names: str) -> View:
    """All but these elements, and no tags."""
    hidden = frozenset(names)

    def view(tree: Json, path: str, _own: frozenset[str]) -> bool:
        return _root(tree, path) not in hidden and not path.startswith("meta.tag")

    return view


def _root(tree: Json, path: str) -> str:
    """The name of the element a path begins with, of an extension its own name."""
    name = re.split(r"[.\[]", path, maxsplit=1)[0].removeprefix("_")
    place = PLACE.match(path)
    if name != "extension" or place is None:
        return name
    return "+" + str(tree["extension"][int(place[2])]["url"]).rpartition(EXTENSION)[2]


def rows(view: View, name: str, keeps: Callable[[Json, Json, frozenset[str]], bool]) -> View:
    """A view of which one list shows only some rows. keeps: is given the tree, the row and the asker's references."""

    def sifted(tree: Json, path: str, own: frozenset[str]) -> bool:
        place = PLACE.match(path)
        if place is None or place[1] != name:
            return view(tree, path, own)
        return view(tree, path, own) and keeps(tree, tree[name][int(place[2])], own)

    return sifted


def codes(concept: Json) -> set[str]:
    """The codes of a CodeableConcept."""
    return {one.get("code", "") for one in (concept or {}).get("coding", ())}


# --- a budget as far as some of its lines go --------------------------------------------------------

OF_BUDGET: Final = (
    *("+phb-budget-status", "identifier", "status", "type", "use", "patient", "created", "priority", "billablePeriod"),
    *("careTeam", "insurance", "supportingInfo", "item"),
)


def _of_provider(tree: Json, item: Json, own: frozenset[str]) -> bool:
    team = {one["sequence"] for one in tree.get("careTeam", ()) if one["provider"].get("reference") in own}
    return bool(team & set(item.get("careTeamSequence", ())))


def _held(option: str) -> Callable[[Json, Json, frozenset[str]], bool]:
    return lambda _tree, item, _own: any(option in codes(one) for one in item.get("modifier", ()))


def lines(keeps: Callable[[Json, Json, frozenset[str]], bool]) -> View:
    """The lines that `keeps` keeps, what they are for, and the funder that leads."""

    def used(tree: Json, own: frozenset[str], name: str) -> set[int]:
        shown = (one for one in tree.get("item", ()) if keeps(tree, one, own))
        return {number for one in shown for number in one.get(name, ())}

    def team(tree: Json, row: Json, own: frozenset[str]) -> bool:
        return row["sequence"] in used(tree, own, "careTeamSequence")

    def goals(tree: Json, row: Json, own: frozenset[str]) -> bool:
        return row["sequence"] in used(tree, own, "informationSequence")

    view = rows(rows(only(*OF_BUDGET), "item", keeps), "careTeam", team)
    view = rows(view, "supportingInfo", goals)
    return rows(view, "insurance", lambda _tree, row, _own: row.get("focal") is True)


VIEWS: Final[dict[str, View]] = {
    "whole": whole,
    "unaddressed": without("address", "telecom", "contact", "text", "contained", "link", "photo"),
    "named": only("identifier", "active", "name", "gender", "birthDate"),
    "untold": without("text"),
    "own place": rows(
        without("text", "contained"), "member", lambda _tree, row, own: row["entity"].get("reference") in own
    ),
    "pool": only("identifier", "active", "type", "actual", "code", "name", "managingEntity"),
    "case": only("identifier", "status", "patient", "managingOrganization", "period", "careManager"),
    "plan": only(
        *("identifier", "replaces", "status", "intent", "category", "title", "subject", "period", "created", "goal")
    ),
    "share": only("status", "type", "beneficiary", "payor", "order", "period"),
    "share named": only("status", "beneficiary"),
    "status": only("+phb-payment-status", "status", "type", "use", "patient", "created", "priority"),
    "provider lines": lines(_of_provider),
    "direct lines": lines(_held("direct-payment")),
    "answer": only("status", "type", "use", "patient", "created", "insurer", "request", "outcome"),
    "answer told": only(
        *("status", "type", "use", "patient", "created", "insurer", "request", "outcome", "disposition")
    ),
    "review": only("status", "businessStatus", "intent", "code", "for", "executionPeriod"),
    "decision": rows(
        only("status", "businessStatus", "intent", "code", "for", "output"),
        "output",
        lambda _tree, row, _own: "outcome" in codes(row.get("type")),
    ),
    "concern": only("identifier", "status", "businessStatus", "intent", "code", "for", "authoredOn", "executionPeriod"),
    "bar": only("status", "category", "code", "subject", "effectivePeriod", "valueCodeableConcept"),
    "account": only("status", "type", "subject", "servicePeriod", "owner"),
    "work": rows(
        only("active", "identifier", "name", "qualification", "telecom"),
        "telecom",
        lambda _tree, row, _own: row.get("use") == "work",
    ),
}
