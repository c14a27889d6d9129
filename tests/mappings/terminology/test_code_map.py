import pytest

from mappings.terminology.code_list import Code, CodeList
from mappings.terminology.code_map import TASK_STATUS, CodeMap, Projection

COLOURS = CodeList(
    name="phb-colour",
    system="https://phb-gateway.example/fhir/CodeSystem/phb-colour",
    title="Colour",
    definition="A colour.",
    sources=(),
    codes=(Code("red", "Red"), Code("blue", "Blue")),
)
WAVES = "http://example.org/waves"


def test_an_exact_code_is_mapped_both_ways() -> None:
    waves = CodeMap(codes=COLOURS, system=WAVES, exact={"red": "700", "blue": "450"})
    assert (waves.to_other("red"), waves.from_other("700")) == ("700", "red")
    assert waves.total


def test_a_code_without_an_equivalent_keeps_its_own_coding() -> None:
    waves = CodeMap(codes=COLOURS, system=WAVES, exact={"red": "700"})
    assert waves.to_other("blue") is None
    assert waves.from_other("450") is None
    assert not waves.total


def test_a_narrower_code_is_read_but_never_written() -> None:
    waves = CodeMap(codes=COLOURS, system=WAVES, exact={}, narrower={"701": "red", "699": "red"})
    assert (waves.from_other("701"), waves.from_other("699")) == ("red", "red")
    assert waves.to_other("red") is None


@pytest.mark.parametrize(
    ("exact", "narrower", "fault"),
    [
        ({"red": "700", "blue": "700"}, {}, "two codes meet in one code of http://example.org/waves"),
        ({"red": "700"}, {"700": "blue"}, "two codes meet"),
        ({"green": "550"}, {}, "'green' is not in the list"),
        ({}, {"550": "green"}, "'green' is not in the list"),
    ],
)
def test_a_map_that_is_not_one_to_one_is_refused(exact: dict[str, str], narrower: dict[str, str], fault: str) -> None:
    with pytest.raises(ValueError, match=f"phb-colour: {fault}"):
        CodeMap(codes=COLOURS, system=WAVES, exact=exact, narrower=narrower)


def test_a_map_to_a_code_outside_the_required_value_set_is_refused() -> None:
    with pytest.raises(ValueError, match="'done' is no code of"):
        CodeMap(codes=COLOURS, system=TASK_STATUS, exact={"red": "done"})


def test_several_states_may_share_a_status() -> None:
    shown = Projection(codes=COLOURS, system=TASK_STATUS, table={"red": ("draft",), "blue": ("draft", "ready")})
    assert (shown.project("red"), shown.project("blue")) == ("draft", "draft")
    assert shown.states("draft") == ("red", "blue")
    assert shown.states("ready") == ("blue",)
    assert shown.agrees("blue", "ready")
    assert not shown.agrees("red", "ready")


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"red": ("draft",)}, "'blue' has no status of http://hl7.org/fhir/task-status"),
        ({"red": ("draft",), "blue": ()}, "'blue' has no status"),
        ({"red": ("draft",), "blue": ("draft",), "green": ("draft",)}, "'green' is not in the list"),
        ({"red": ("draft",), "blue": ("done",)}, "'done' is no code of"),
    ],
)
def test_a_projection_with_a_gap_is_refused(table: dict[str, tuple[str, ...]], fault: str) -> None:
    with pytest.raises(ValueError, match=f"phb-colour: {fault}"):
        Projection(codes=COLOURS, system=TASK_STATUS, table=table)
