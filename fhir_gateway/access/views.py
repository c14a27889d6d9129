"""What a view leaves of a resource, and which search parameters would tell what it takes away.

Source: domain.md 8.8; security requirement S39; FHIR R4 search.html#summary (SUBSETTED), data-absent-reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from mappings.definitions import mandatory_elements
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.search import SearchParam
from mappings.namespaces import extension_url

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
MASKED: Final = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
ALWAYS: Final = ("resourceType", "id", "meta")
OF_META: Final = ("versionId", "lastUpdated", "profile", "security")
ALWAYS_TOLD: Final = frozenset({"_id", "_lastUpdated", "_profile", "_security"})
EXTENSION: Final = "extension:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beholder:
    """Who looks, as far as a view asks. references: the asker's own. person: `Patient/x` of the launch, or nothing."""

    references: tuple[str, ...] = ()
    person: str = ""


Sift = Callable[[Tree, Beholder], Tree]


@dataclass(frozen=True)
class View:
    """Which elements stay: those named, or with `but` all others. sifted: elements of which only some items stay."""

    name: str
    names: frozenset[str]
    but: bool
    sifted: frozenset[str]

    @property
    def whole(self) -> bool:
        """Whether everything stays."""
        return self.name == "whole"

    @cached_property
    def _urls(self) -> frozenset[str]:
        return frozenset(extension_url(one.removeprefix(EXTENSION)) for one in self.names if one.startswith(EXTENSION))

    def tells(self, param: SearchParam) -> bool:
        """Whether the parameter asks only about what the view leaves."""
        if self.whole or param.name in ALWAYS_TOLD:
            return True
        return not param.name.startswith("_") and all(self._shows(path) for path in param.paths)

    def _shows(self, path: str) -> bool:
        root = path.partition(".")[0]
        if root.partition(":")[0] in self.sifted:
            return False
        return self._stays(root)

    def _stays(self, name: str) -> bool:
        return (name in self.names) != self.but

    def of(self, text: bytes, beholder: Beholder) -> bytes:
        """The resource in a stored text as this view shows it, marked SUBSETTED."""
        if self.whole:
            return text
        tree = document.parse(text)
        shown = SIFTED.get(self.name, _as_it_is)(tree, beholder)
        kept = {name: value for name, value in shown.items() if name in ALWAYS or self._stays(name.lstrip("_"))}
        if "extension" in shown and not self._stays("extension"):
            kept |= self._extensions(shown)
        return document.encode(_demanded(tree, _marked(kept, tree)))

    def _extensions(self, tree: Tree) -> Tree:
        found = [one for one in tree["extension"] if one.get("url") in self._urls]
        return {"extension": found} if found else {}


def view_of(name: str, paths: Sequence[str]) -> View:
    """A view as the table writes it."""
    but = not paths or any(one.startswith("!") for one in paths)
    sifted = frozenset(one.rstrip("*") for one in paths if one.endswith("*"))
    names = (one.lstrip("!").rstrip("*") for one in paths if one.startswith("!") or not but)
    return View(name, frozenset(names), but, sifted)


WHOLE: Final = view_of("whole", ())


def _marked(kept: Tree, tree: Tree) -> Tree:
    meta = {name: value for name, value in tree.get("meta", {}).items() if name in OF_META}
    return kept | {"meta": meta | {"tag": [SUBSETTED]}}


def _demanded(tree: Tree, kept: Tree) -> Tree:
    """The tree with what FHIR demands of its type, there as masked where it was taken away."""
    gone = [name for name in mandatory_elements(tree["resourceType"]) if name in tree and name not in kept]
    return kept | dict(_mask(name, tree[name]) for name in gone)


def _mask(name: str, value: Any) -> tuple[str, Any]:
    masked = {"extension": [MASKED]}
    if isinstance(value, list):
        return name, [masked]
    return (name, masked) if isinstance(value, dict) else (f"_{name}", masked)


# --- lists of which some items stay -----------------------------------------------------------------


def _as_it_is(tree: Tree, _: Beholder) -> Tree:
    return tree


def _at_work(tree: Tree, _: Beholder) -> Tree:
    """Somebody's telephone numbers and addresses at work."""
    found = [one for one in tree.get("telecom", ()) if one.get("use") == "work"]
    return _with(tree, telecom=found)


def _own_place(tree: Tree, beholder: Beholder) -> Tree:
    """Of the members of a pool, the person."""
    found = [one for one in tree.get("member", ()) if one.get("entity", {}).get("reference") == beholder.person]
    return _with(tree, member=found)


def _outcome(tree: Tree, _: Beholder) -> Tree:
    """Of what came out of a decision, the outcome without its reasons."""
    found = [one for one in tree.get("output", ()) if "outcome" in _codes(one.get("type"))]
    return _with(tree, output=found)


def _lines_of_provider(tree: Tree, beholder: Beholder) -> Tree:
    """A budget as far as its lines are the asker's to deliver."""
    team = [one for one in tree.get("careTeam", ()) if one.get("provider", {}).get("reference") in beholder.references]
    mine = {one.get("sequence") for one in team}
    return _lines(tree, [one for one in tree.get("item", ()) if mine & set(one.get("careTeamSequence", ()))], team)


def _lines_held(option: str) -> Sift:
    """A budget as far as the money of its lines is held in one way."""

    def sift(tree: Tree, _: Beholder) -> Tree:
        items = [one for one in tree.get("item", ()) if option in _codes_of(one.get("modifier", ()))]
        used = {number for one in items for number in one.get("careTeamSequence", ())}
        return _lines(tree, items, [one for one in tree.get("careTeam", ()) if one.get("sequence") in used])

    return sift


OF_LINE: Final = (
    *("sequence", "careTeamSequence", "informationSequence", "category", "productOrService", "modifier", "programCode"),
    *("servicedDate", "servicedPeriod", "quantity", "unitPrice", "net"),
)


def _lines(tree: Tree, items: Sequence[Tree], team: Sequence[Tree]) -> Tree:
    """A budget with some lines, what they are for, and the funder to turn to; no total and nobody's share."""
    numbers = {one.get("sequence") for one in team}
    shown = [_line(one, numbers) for one in items]
    about = {number for one in shown for number in one.get("informationSequence", ())}
    info = [one for one in tree.get("supportingInfo", ()) if one.get("sequence") in about]
    lead = [_row(one) for one in tree.get("insurance", ()) if one.get("focal") is True]
    return _with(tree, item=shown, careTeam=list(team), supportingInfo=info, insurance=lead)


def _line(item: Tree, team: set[Any]) -> Tree:
    line = {name: value for name, value in item.items() if name in OF_LINE}
    return _with(line, careTeamSequence=[one for one in item.get("careTeamSequence", ()) if one in team])


def _row(insurance: Tree) -> Tree:
    return {name: value for name, value in insurance.items() if name in ("sequence", "focal", "coverage")}


def _with(tree: Tree, **lists: list[Any]) -> Tree:
    """The tree with these lists; an empty one is left out."""
    kept = {name: value for name, value in tree.items() if name not in lists}
    return {**kept, **{name: found for name, found in lists.items() if found}}


def _codes_of(concepts: Iterable[Tree]) -> set[str]:
    return {code for one in concepts for code in _codes(one)}


def _codes(concept: Tree | None) -> set[str]:
    return {one.get("code", "") for one in (concept or {}).get("coding", ())}


SIFTED: Final[Mapping[str, Sift]] = {
    "work": _at_work,
    "own-place": _own_place,
    "decision-outcome": _outcome,
    "lines-of-provider": _lines_of_provider,
    "lines-of-direct-payment": _lines_held("direct-payment"),
    "lines-of-third-party": _lines_held("third-party"),
}
