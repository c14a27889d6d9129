"""The moves of a transfer (R152), a concern (R135) and a second look (R148) in the table of domain.md 5.3."""

from dataclasses import replace
from itertools import product
from typing import Any, Final

import pytest

from fhir_gateway.phb.records import made
from mappings.change import Concern, Transfer
from mappings.decision import Appeal
from mappings.terminology import APPEAL_STATUS, CONCERN_STATUS, TRANSFER_STATUS
from tests.fhir_gateway.phb.shelf import PERSON, issues

GOES_ON: Final = {
    *(("proposed", "accepted"), ("proposed", "refused"), ("proposed", "cancelled")),
    *(("accepted", "effective"), ("accepted", "refused"), ("accepted", "cancelled")),
    ("effective", "completed"),
}

KINDS: Final[dict[type[Any], dict[str, Any]]] = {
    Concern: {"concern_kind": "overspend"},
    Appeal: {"appeal_kind": "reconsideration"},
}


def task(kind: type[Any], **known: Any) -> Any:
    usual = {"status": "in-progress", "intent": "order", **KINDS.get(kind, {})}
    return made(kind, person_id=PERSON, **usual | known)


def moved(before: Any, after: Any) -> set[str]:
    """Numbers of the rules that find fault with the move itself."""
    found = issues(after, previous=before)
    return {one.details for one in found if one.expression == "Task.businessStatus"}


@pytest.mark.parametrize(("before", "after"), [*product(TRANSFER_STATUS, TRANSFER_STATUS)])
def test_r152_breaks_exactly_when_a_transfer_leaves_its_path(before: str, after: str) -> None:
    found = moved(task(Transfer, transfer_status=before), task(Transfer, transfer_status=after))
    assert found == (set() if before == after or (before, after) in GOES_ON else {"R152"})


@pytest.mark.parametrize(
    ("kind", "field", "states", "number"),
    [
        (Concern, "concern_status", tuple(CONCERN_STATUS), "R135"),
        (Appeal, "appeal_status", tuple(APPEAL_STATUS), "R148"),
    ],
    ids=["a concern", "a second look"],
)
def test_r135_and_r148_break_exactly_when_one_goes_back(
    kind: type[Any], field: str, states: tuple[str, ...], number: str
) -> None:
    for before, after in product(states, states):
        found = moved(task(kind, **{field: before}), task(kind, **{field: after}))
        assert found == ({number} if states.index(after) < states.index(before) else set())


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (Transfer, {"transfer_status": "completed"}),
        (Concern, {"concern_status": "closed"}),
        (Appeal, {"appeal_status": "closed"}),
    ],
    ids=["a transfer", "a concern", "a second look"],
)
def test_what_is_over_may_be_brought_in_or_entered_in_error_but_loses_its_state_never(
    kind: type[Any], known: dict[str, Any]
) -> None:
    over = task(kind, **known)
    assert moved(None, over) == set()
    assert moved(over, replace(over, status="entered-in-error", **dict.fromkeys(known))) == set()
    assert len(moved(over, replace(over, **dict.fromkeys(known)))) == 1
