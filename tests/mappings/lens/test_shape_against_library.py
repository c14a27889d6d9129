"""The model library as a second judge: whatever it refuses is refused here, over many broken copies of real resources.

Where the library lets through what R4 forbids, the kinds are listed, so that a change on either side is noticed.
"""

import copy
import importlib
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from mappings.lens import document, shape
from mappings.lens.errors import FhirError

Tree = dict[str, Any]
Place = tuple[Any, Any]  # a container, and the key or position in it

SAMPLES: Final = Path(__file__).parents[2] / "samples" / "hl7-r4-examples"
SEED: Final = 20240401
COPIES: Final = 30


@cache
def model_of(type_name: str) -> Any:
    return getattr(importlib.import_module(f"fhir.resources.R4B.{type_name.lower()}"), type_name)


def library_refuses(tree: Tree) -> bool:
    """Anything it raises counts: a KeyError of its own is no acceptance."""
    try:
        model_of(tree["resourceType"]).model_validate(tree)
    except Exception:  # noqa: BLE001 - which error it raises is the library's affair
        return True
    return False


def we_refuse(tree: Tree) -> bool:
    try:
        shape.judge(document.parse(json.dumps(tree).encode()))
    except FhirError:
        return True
    return False


def places(node: Any) -> list[Place]:
    """Every place below a node where a value stands, but the resource types."""
    keys: Any = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    here = [(node, key) for key in keys if key != "resourceType"]
    return here + [place for key in keys for place in places(node[key])]


def _remove(node: Any, key: Any, _: random.Random) -> None:
    del node[key]


def _to(value: Any) -> Callable[[Any, Any, random.Random], None]:
    def mutate(node: Any, key: Any, _: random.Random) -> None:
        node[key] = copy.deepcopy(value)

    return mutate


def _wrap(node: Any, key: Any, _: random.Random) -> None:
    node[key] = [node[key]]


def _unwrap(node: Any, key: Any, _: random.Random) -> None:
    if isinstance(node[key], list) and node[key]:
        node[key] = node[key][0]


def _rename(node: Any, key: Any, _: random.Random) -> None:
    if isinstance(node, dict):
        node[f"{key}X"] = node.pop(key)


def _spoil(node: Any, key: Any, chance: random.Random) -> None:
    """Text with one letter put in, cut off or doubled."""
    if isinstance(node[key], str) and node[key]:
        at = chance.randrange(len(node[key]))
        node[key] = node[key][:at] + chance.choice(["", "-", " ", "99", "é", "/"]) + node[key][at + 1 :]


MUTATIONS: Final = (
    *(_remove, _wrap, _unwrap, _rename, _spoil, _spoil),
    *(_to(None), _to([]), _to({}), _to(""), _to("x"), _to(17), _to(1.5), _to(value=True), _to({"id": "x"}), _to(["x"])),
)


def broken_copies(tree: Tree, chance: random.Random) -> list[Tree]:
    copies = []
    for _ in range(COPIES):
        broken = copy.deepcopy(tree)
        node, key = chance.choice(places(broken))
        chance.choice(MUTATIONS)(node, key, chance)
        copies.append(broken)
    return copies


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_what_the_library_refuses_is_refused_here(file: Path) -> None:
    tree = json.loads(file.read_text(encoding="utf-8"))
    chance = random.Random(f"{SEED} {file.name}")  # noqa: S311 - the same broken copies each time
    escaped = [broken for broken in broken_copies(tree, chance) if library_refuses(broken) and not we_refuse(broken)]
    assert escaped == []


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_what_is_published_passes_both_judges(file: Path) -> None:
    tree = json.loads(file.read_text(encoding="utf-8"))
    assert not library_refuses(tree)
    assert not we_refuse(tree)


def patient(**more: Any) -> Tree:
    return {"resourceType": "Patient", **more}


def claim(**more: Any) -> Tree:
    return {**json.loads((SAMPLES / "Claim-760150.json").read_text(encoding="utf-8")), **more}


LENIENT: Final[dict[str, Tree]] = {
    "a closed list is not enforced": patient(gender="foo"),
    "a currency is any text": claim(total={"value": 1, "currency": "ZZZ"}),
    "text stands for a boolean": patient(active="true"),
    "one stands for a boolean": patient(multipleBirthBoolean=1),
    "text stands for a whole number": patient(telecom=[{"system": "phone", "rank": "1"}]),
    "text stands for a decimal": claim(total={"value": "230.00", "currency": "GBP"}),
    "a number stands for a time": claim(created=1700000000),
    "an array may be empty": patient(name=[]),
    "an object may be empty": patient(maritalStatus={}),
    "an id may be too long": patient(id="a" * 65),
    "a Python name is an element": {**patient(), "resource_type": "Patient"},
    "comments are an element": patient(fhir_comments=["x"]),
    "a control character is text": patient(name=[{"text": "a\u0001b"}]),
    "a blank is text": patient(name=[{"text": " "}]),
    "a reference may point to any type": claim(patient={"reference": "Organization/1"}),
    "a reference may be any text": claim(patient={"reference": "no reference"}),
    "a period may end before it starts": claim(billablePeriod={"start": "2024-02-01", "end": "2024-01-01"}),
    "a narrative may hold a script": patient(text={"status": "generated", "div": "<div><script>x</script></div>"}),
    "a contained resource may be empty": patient(contained=[{}]),
    "a contained reference may lead nowhere": patient(managingOrganization={"reference": "#nowhere"}),
}


@pytest.mark.parametrize("tree", LENIENT.values(), ids=LENIENT.keys())
def test_what_the_library_lets_through_is_refused_here(tree: Tree) -> None:
    assert not library_refuses(tree)
    assert we_refuse(tree)


def test_the_library_knows_a_type_of_r4b_that_4_0_1_has_not_and_lacks_one_it_has() -> None:
    meta = patient(extension=[{"url": "u", "valueMeta": {"versionId": "1"}}])
    ratio = patient(extension=[{"url": "u", "valueRatioRange": {"denominator": {"value": 1}}}])
    assert (library_refuses(meta), we_refuse(meta)) == (True, False)
    assert (library_refuses(ratio), we_refuse(ratio)) == (False, True)
