"""The lens laws, over every registered mapping.

GetPut: what is written is read back. PutGet: putting back what was read changes no byte. PutPut: the last write
wins whole. What no lens names is neither read nor touched.

Source: design section 5; J. N. Foster and others, Combinators for Bidirectional Tree Transformations (2007).
"""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from mappings import definitions
from mappings.lens import document
from mappings.lens.errors import BadRequest, Unprocessable
from mappings.lens.lens import Rows
from mappings.lens.mapping import Mapping
from mappings.lens.shape import judge
from mappings.registry import TYPES
from tests.laws.strategies import BESIDE, decorated, records

MAPPINGS: Final = tuple(one for kind in TYPES.values() for one in kind.mappings)
each_mapping = pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda one: one.kind)
law = settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a record of forty fields shrinks for minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@each_mapping
@law
@given(data=st.data())
def test_what_is_written_is_read_back(mapping: Mapping[Any], data: st.DataObject) -> None:
    record = data.draw(records(mapping))
    tree = mapping.to_fhir(record)
    assert mapping.claims(tree)
    assert mapping.from_fhir(tree) == record
    assert mapping.from_fhir(document.parse(document.encode(tree))) == record
    accept_but_for_invariants(tree)


@each_mapping
@law
@given(data=st.data())
def test_putting_back_what_was_read_changes_no_byte(mapping: Mapping[Any], data: st.DataObject) -> None:
    record = data.draw(records(mapping))
    tree = data.draw(decorated(mapping.to_fhir(record)))
    text = document.encode(tree)
    read = mapping.from_fhir(tree)
    assert read == record, "what no lens names changes no field"
    assert document.encode(mapping.to_fhir(read, onto=tree)) == text
    assert document.encode(tree) == text


@each_mapping
@law
@given(data=st.data())
def test_the_last_write_wins_whole(mapping: Mapping[Any], data: st.DataObject) -> None:
    first, second = data.draw(records(mapping)), data.draw(records(mapping))
    tree = data.draw(decorated(mapping.to_fhir(first)))
    text = document.encode(tree)
    after = mapping.to_fhir(second, onto=tree)
    assert mapping.from_fhir(after) == second
    assert document.encode(tree) == text, "the tree written onto is left alone"
    assert {name: after[name] for name in BESIDE if name in tree} == {
        name: tree[name] for name in BESIDE if name in tree
    }
    accept_but_for_invariants(after)


@each_mapping
def test_every_element_of_the_type_is_mapped_or_kept(mapping: Mapping[Any]) -> None:
    """Totality: what no lens names at the top of the resource survives a write of an empty record."""
    named = {name for name, _ in mapping.shape.parts}
    others = {
        name: {"kept": name} for name in definitions.definition(mapping.resource_type).elements if name not in named
    }
    assert {name: mapping.shape.put({**others}, blank(mapping))[name] for name in others} == others


def blank(mapping: Mapping[Any]) -> dict[str, Any]:
    """The values of a record that says nothing."""
    lists = {name for name, lens in mapping.field_lenses.items() if isinstance(lens, Rows) or hasattr(lens, "item")}
    return {name: () if name in lists else None for name in mapping.field_lenses}


def accept_but_for_invariants(tree: document.Tree) -> None:
    """Judges a tree; one that only breaks an invariant between elements is no example."""
    try:
        judge(tree)
    except (BadRequest, Unprocessable) as refusal:
        assume(any(issue.code != "invariant" for issue in refusal.issues))
        raise
