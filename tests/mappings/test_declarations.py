"""Every declaration agrees with R4: its paths are there, its codes are R4's own, its references may point there."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from mappings import definitions
from mappings.lens.lens import Code, Each, Inside, Leaf, Lens, Reference, Rows, element_path, placed
from mappings.lens.mapping import Mapping, ResourceType
from mappings.lens.search import PLAIN_TYPES, SearchParam
from mappings.registry import TYPES
from mappings.terminology import RECORD_KIND

MAPPINGS: Final = tuple(one for kind in TYPES.values() for one in kind.mappings)
PARAMS: Final = tuple((kind, param) for kind in TYPES.values() for param in kind.search)
SEARCHED: Final = {
    "token": {*PLAIN_TYPES["token"], "Coding", "CodeableConcept", "Identifier", "ContactPoint"},
    "reference": {"Reference", "canonical", "uri"},
    "date": PLAIN_TYPES["date"],
    "string": {"string", "markdown", "HumanName", "Address"},
    "uri": PLAIN_TYPES["uri"],
}
each_mapping = pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda one: one.kind)
each_param = pytest.mark.parametrize(("kind", "param"), PARAMS, ids=lambda one: one.name)


def leaves(lens: Lens, base: str) -> Iterator[tuple[str, Lens]]:
    """Every leaf under a lens, rows gone into and list items named, with its plain element path."""
    for path, leaf in placed(lens, base):
        if isinstance(leaf, Rows):
            yield from leaves(leaf.shape, path)
        elif isinstance(leaf, Each):
            item = leaf.item
            yield (f"{path}.{item.name}", item.inner) if isinstance(item, Inside) else (path, item)
        else:
            yield path, leaf


def element_of(path: str) -> definitions.Element | None:
    """R4's element at a lens path."""
    type_name, *names = element_path(path).split(".")
    found = None
    for name in names:
        found = definitions.element(type_name, name)
        if found is None:
            return None
        type_name = found.types[0]
    return found


def plain(path: str) -> str:
    """A search path without the names of the extensions it goes through."""
    return re.sub(r":[^.]+", "", path)


@each_mapping
def test_every_lens_is_on_an_element_of_r4(mapping: Mapping[Any]) -> None:
    assert [path for path, _ in leaves(mapping.shape, mapping.resource_type) if element_of(path) is None] == []


@each_mapping
def test_the_codes_of_a_required_binding_are_all_of_r4s(mapping: Mapping[Any]) -> None:
    for path, leaf in leaves(mapping.shape, mapping.resource_type):
        element = element_of(path)
        systems = definitions.codes(element.value_set) if element is not None and element.types == ("code",) else None
        if isinstance(leaf, Code) and systems is not None:
            assert set(leaf.list) == {code for codes in systems.values() for code in codes}, path


@each_mapping
def test_a_reference_names_types_the_element_allows(mapping: Mapping[Any]) -> None:
    for path, leaf in leaves(mapping.shape, mapping.resource_type):
        element = element_of(path)
        if (
            isinstance(leaf, Reference)
            and element is not None
            and element.targets
            and "Resource" not in element.targets
        ):
            assert set(leaf.to) <= set(element.targets), path


@each_mapping
def test_every_kind_of_record_is_in_the_list_of_kinds(mapping: Mapping[Any]) -> None:
    assert mapping.kind in RECORD_KIND


def test_every_kind_has_one_mapping() -> None:
    kinds = [mapping.kind for mapping in MAPPINGS]
    assert len(kinds) == len(set(kinds))


@each_mapping
def test_every_field_is_filled_by_a_leaf_or_rows(mapping: Mapping[Any]) -> None:
    assert all(isinstance(lens, Leaf | Rows) for lens in mapping.field_lenses.values())


@each_param
def test_a_search_parameter_asks_elements_of_r4_of_its_kind(kind: ResourceType, param: SearchParam) -> None:
    for path in map(plain, param.paths):
        types = set(definitions.path_types(kind.name, path))
        assert types, f"{kind.name}.{path} is no element"
        assert types <= SEARCHED[param.kind], f"{kind.name}.{path}: {types}"


@each_param
def test_a_reference_parameter_names_types_its_elements_allow(kind: ResourceType, param: SearchParam) -> None:
    allowed = {target for path in param.paths for target in definitions.path_targets(kind.name, plain(path))}
    assert set(param.targets) <= allowed or "Resource" in allowed


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda one: one.name)
def test_the_compartment_is_a_parameter_that_names_a_patient(kind: ResourceType) -> None:
    assert not kind.compartment or "Patient" in kind.params[kind.compartment].targets


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda one: one.name)
def test_no_parameter_is_declared_twice(kind: ResourceType) -> None:
    names = [param.name for param in kind.search]
    assert len(names) == len(set(names))
