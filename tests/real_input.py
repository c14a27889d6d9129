"""Real resources of the types the gateway speaks, from the licensed subset and, where it is, the whole corpus.

A resource's references point into the system it came from. To load it here its subject is made to name a Patient
of the test and its other relative references are made absolute; not another token is changed.
"""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.definitions import is_list_path
from mappings.lens import document, shape
from mappings.lens.document import Json, Tree
from mappings.lens.errors import FhirError
from mappings.registry import TYPES

ROOT = Path(__file__).parent
CORPUS = ROOT.parent.parent / "shared" / "samples"
ELSEWHERE = "https://elsewhere.example/fhir"
RELATIVE = re.compile(r"[A-Z][A-Za-z]+[/?]")
SUFFIXES = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Sample:
    """One resource: where it was found and its tree."""

    name: str
    tree: Tree


def folders() -> list[Path]:
    """The whole corpus when it is there, the subset otherwise."""
    return [CORPUS] if CORPUS.is_dir() else [ROOT / "samples"]


def samples() -> Iterator[Sample]:
    """Every resource of our types, Bundles split, that the shape judge accepts."""
    for folder in folders():
        for path in sorted(folder.rglob("*.json*")):
            if path.name.endswith(SUFFIXES):
                yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Sample]:
    data = path.read_bytes()
    try:
        tree = document.parse(gzip.decompress(data) if path.suffix == ".gz" else data)
    except FhirError:
        return
    for number, found in enumerate(_resources(tree)):
        if _judged(found):
            yield Sample(f"{path.name}[{number}]", found)


def _resources(tree: Tree) -> Iterator[Tree]:
    if tree.get("resourceType") == "Bundle":
        for entry in tree.get("entry") or ():
            if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
                yield from _resources(entry["resource"])
    elif tree.get("resourceType") in TYPES:
        yield tree


def _judged(tree: Tree) -> bool:
    try:
        shape.judge(tree, conditional=True)
    except FhirError:
        return False
    return True


def localised(tree: Tree, person: str) -> Tree:
    """The resource as it can live here: about `person`, other relative references absolute."""
    moved: Tree = _moved(tree)
    resource = TYPES[tree["resourceType"]]
    if resource.compartment:
        element = resource.params[resource.compartment].paths[0]
        subject: Any = {"reference": f"Patient/{person}"}
        moved[element] = [subject] if is_list_path(resource.name, element) else subject
    return moved


def _moved(node: Json) -> Any:
    if type(node) is dict:
        return {key: _moved_value(key, value) for key, value in node.items()}
    return [_moved(one) for one in node] if type(node) is list else node


def _moved_value(key: str, value: Json) -> Any:
    if key == "reference" and type(value) is str and RELATIVE.match(value):
        return f"{ELSEWHERE}/{value}"
    return _moved(value)


def tokens(data: bytes) -> Any:
    """The token stream of a resource less `id` and `meta`: number text and key order count, whitespace does not."""
    pairs = json.loads(
        data, parse_float=lambda text: f"float {text}", parse_int=lambda text: f"int {text}", object_pairs_hook=list
    )
    return [pair for pair in pairs if pair[0] not in ("id", "meta")]
