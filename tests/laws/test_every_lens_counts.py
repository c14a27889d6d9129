"""Taking any one lens away is noticed by a golden pair: no lens is there without a test that needs it.

Run by `make laws`.
"""

from typing import Any

import pytest

from mappings.lens import document
from mappings.lens.mapping import Mapping
from tests.golden.pairs import MAPPINGS, PAIRS, Pair


@pytest.mark.mutation
@pytest.mark.parametrize("kind", MAPPINGS)
def test_taking_a_lens_away_is_noticed(kind: str) -> None:
    mapping = MAPPINGS[kind]
    pairs = [pair for pair in PAIRS if pair.mapping is mapping]
    survivors = [path for path, _ in mapping.leaves() if not noticed(mapping.without(path), pairs)]
    assert survivors == []


@pytest.mark.mutation
@pytest.mark.parametrize("kind", MAPPINGS)
def test_a_whole_mapping_passes_every_pair(kind: str) -> None:
    """The check itself: with all its lenses a mapping is found without fault."""
    assert not noticed(MAPPINGS[kind], [pair for pair in PAIRS if pair.mapping.kind == kind])


def noticed(mapping: Mapping[Any], pairs: list[Pair]) -> bool:
    """Whether a pair fails: what must be written is not. A pair that merely cannot be read would prove less."""
    return not all(writes(mapping, pair) for pair in pairs)


def writes(mapping: Mapping[Any], pair: Pair) -> bool:
    return document.encode(mapping.to_fhir(pair.record)) == document.encode(pair.tree)
