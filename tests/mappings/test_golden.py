"""Every golden pair, both ways. `make golden` rewrites the FHIR side."""

import pytest

from mappings.lens import document, shape
from tests.golden.pairs import FOLDER, MAPPINGS, PAIRS, Pair, empty_fields

each_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)


@each_pair
def test_a_record_becomes_its_fhir_form_token_for_token(pair: Pair, rewrite_golden: bool) -> None:  # noqa: FBT001
    if rewrite_golden:
        pair.rewrite()
    assert document.encode(pair.mapping.to_fhir(pair.record)) == document.encode(pair.tree)


@each_pair
def test_a_fhir_form_is_read_as_its_record(pair: Pair) -> None:
    assert pair.mapping.from_fhir(pair.tree) == pair.record


@each_pair
def test_putting_a_record_back_changes_no_byte(pair: Pair) -> None:
    tree = pair.tree
    assert document.encode(pair.mapping.to_fhir(pair.record, onto=tree)) == document.encode(tree)


@each_pair
def test_a_fhir_form_has_the_shape_r4_asks_for(pair: Pair) -> None:
    shape.judge(pair.tree, expected_type=pair.name.partition("/")[0])


@pytest.mark.parametrize("kind", MAPPINGS)
def test_every_kind_has_a_pair_that_fills_every_field(kind: str) -> None:
    empty = [set(empty_fields(pair.record)) for pair in PAIRS if pair.mapping.kind == kind]
    assert empty, "there is no pair"
    assert set.intersection(*empty) == set()


@pytest.mark.parametrize("kind", MAPPINGS)
def test_every_kind_has_a_pair_that_leaves_fields_empty(kind: str) -> None:
    assert any(list(empty_fields(pair.record)) for pair in PAIRS if pair.mapping.kind == kind)


def test_every_fhir_form_belongs_to_a_record() -> None:
    records = {f"{pair.name}.fhir.json" for pair in PAIRS}
    assert {f"{path.parent.name}/{path.name}" for path in FOLDER.glob("*/*.fhir.json")} == records
