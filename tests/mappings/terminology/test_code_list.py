from types import MappingProxyType

import pytest

from mappings.terminology.code_list import Code, CodeList, Property

URL = "https://phb-gateway.example/fhir/CodeSystem/phb-colour"


def code_list(*codes: Code, name: str = "phb-colour", system: str = URL, warm: str = "Whether it is warm") -> CodeList:
    properties = MappingProxyType({"warm": warm} if any(code.properties for code in codes) else {})
    return CodeList(
        name=name, system=system, title="Colour", definition="A colour.", sources=(), codes=codes, properties=properties
    )


def code(value: str, display: str = "Shown", **properties: Property) -> Code:
    return Code(value, display, "", MappingProxyType(properties))


def test_a_list_knows_its_codes_in_order() -> None:
    colours = code_list(code("red"), code("blue"))
    assert list(colours) == ["red", "blue"]
    assert len(colours) == 2
    assert "red" in colours
    assert "green" not in colours
    assert None not in colours
    assert colours["blue"] == colours.codes[1]


def test_a_display_and_a_coding_are_given_for_a_known_code_only() -> None:
    colours = code_list(code("red", "Red"))
    assert colours.display("red") == "Red"
    assert colours.coding("red") == {"system": URL, "code": "red", "display": "Red"}
    with pytest.raises(KeyError):
        colours.coding("green")


def test_a_list_is_closed_unless_it_has_other() -> None:
    assert code_list(code("red")).closed
    assert not code_list(code("red"), code("other")).closed


def test_a_list_is_our_own_when_the_system_is_named_after_it() -> None:
    assert code_list(code("red")).own
    assert not code_list(code("red"), system="http://terminology.hl7.org/CodeSystem/colour").own


def test_codes_are_found_by_a_property() -> None:
    colours = code_list(code("red", warm=True), code("blue", warm=False), code("grey"))
    assert colours.where("warm", value=True) == {"red"}
    assert colours.property_of("blue", "warm") is False
    assert colours.property_of("grey", "warm") is None
    assert colours.property_type("warm") is bool
    with pytest.raises(KeyError, match="bright"):
        colours.where("bright", value=True)


def test_a_list_is_a_value() -> None:
    assert code_list(code("red")) == code_list(code("red"))
    assert len({code_list(code("red", warm=True)), code_list(code("red", warm=True))}) == 1


@pytest.mark.parametrize(
    ("codes", "fault"),
    [
        ((), "there are no codes"),
        ((code("red"), code("red")), "a code appears twice"),
        ((code(" red"),), "' red' is no FHIR code"),
        ((code("dark  red"),), "'dark  red' is no FHIR code"),
        ((code(""),), "'' is no FHIR code"),
        ((code("red", " "),), "'red' has no display"),
        ((code("red", warm=True, bright=True),), "'red' has an undeclared property 'bright'"),
        ((code("red", warm=True), code("blue", warm=1)), "property 'warm' is not one of"),
        ((code("red", warm=1.5),), "property 'warm' is not one of"),  # type: ignore[arg-type]
    ],
)
def test_a_faulty_list_is_refused(codes: tuple[Code, ...], fault: str) -> None:
    with pytest.raises(ValueError, match=f"phb-colour: {fault}"):
        code_list(*codes)


def test_a_name_that_is_not_lower_kebab_is_refused() -> None:
    with pytest.raises(ValueError, match="Colour: the name is not lower-kebab"):
        code_list(code("red"), name="Colour")
