"""The table of R4 definitions: what it says, and that the model library says the same."""

import importlib
import json
from pathlib import Path
from typing import Any, Final

import pytest

from mappings import definitions
from mappings.definitions import build

OURS: Final = (
    *("Patient", "RelatedPerson", "Organization", "Practitioner", "PractitionerRole", "CareTeam", "EpisodeOfCare"),
    *("Condition", "CarePlan", "Goal", "Coverage", "Claim", "ClaimResponse", "Task", "Consent", "DocumentReference"),
    *(
        "Communication",
        "RiskAssessment",
        "Contract",
        "Composition",
        "PaymentReconciliation",
        "Provenance",
        "AuditEvent",
    ),
    *("Subscription", "MeasureReport", "Bundle", "Parameters", "OperationOutcome", "Questionnaire", "ServiceRequest"),
)


def model_of(type_name: str) -> Any:
    module = importlib.import_module(f"fhir.resources.R4B.{type_name.lower()}")
    return getattr(module, type_name)


def test_every_resource_type_of_4_0_1_is_there_and_no_abstract_one() -> None:
    assert len(definitions.resource_types()) == 146
    assert definitions.resource_types() >= set(OURS)
    assert not definitions.resource_types() & {"Resource", "DomainResource", "NutritionProduct", "Money"}


def test_a_name_that_r4_does_not_define_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        definitions.definition("Budget")


def test_a_mandatory_reference_says_where_it_may_point() -> None:
    element = definitions.element("Claim", "patient")
    assert element is not None
    assert (element.min, element.repeats, element.types, element.targets) == (1, False, ("Reference",), ("Patient",))


def test_an_element_that_a_type_does_not_have_is_none() -> None:
    assert definitions.element("Claim", "subject") is None


def test_inherited_elements_come_first() -> None:
    names = list(definitions.definition("Claim").elements)
    assert names[:7] == ["id", "meta", "implicitRules", "language", "text", "contained", "extension"]
    assert list(definitions.definition("Claim.item").elements)[:3] == ["id", "extension", "modifierExtension"]


def test_a_choice_has_one_element_a_type() -> None:
    choices = definitions.definition("Claim.item").choices
    assert choices["serviced"] == {"servicedDate", "servicedPeriod"}
    reference = definitions.element("Claim.item", "locationReference")
    assert reference is not None
    assert (reference.choice, reference.targets) == ("location", ("Location",))
    codeable = definitions.element("Claim.item", "locationCodeableConcept")
    assert codeable is not None
    assert codeable.targets == ()


def test_4_0_1_wins_over_the_r4b_classes() -> None:
    extension = definitions.definition("Extension").elements
    assert "valueMeta" in extension
    assert not {"valueRatioRange", "valueCodeableReference"} & extension.keys()
    assert definitions.element("ActivityDefinition", "subjectCanonical") is None


def test_a_content_reference_leads_to_the_type_it_names() -> None:
    assert definitions.path_types("Questionnaire", "item.item.item.linkId") == ("string",)
    assert definitions.path_types("Bundle", "entry.link.relation") == ("string",)


@pytest.mark.parametrize(
    ("type_name", "path", "types"),
    [
        ("Claim", "patient", ("Reference",)),
        ("Claim", "item", ("Claim.item",)),
        ("Claim", "item.net.value", ("decimal",)),
        ("Claim", "item.serviced", ("date", "Period")),
        ("Claim", "item.servicedDate", ("date",)),
        ("CarePlan", "meta.lastUpdated", ("instant",)),
        ("Resource", "id", ("id",)),
        ("Claim", "item.nothing", ()),
        ("Nonsense", "id", ()),
    ],
)
def test_a_path_gives_its_types(type_name: str, path: str, types: tuple[str, ...]) -> None:
    assert definitions.path_types(type_name, path) == types


@pytest.mark.parametrize(
    ("path", "repeats"),
    [("insurance.coverage", True), ("patient", False), ("item", True), ("total.value", False), ("nothing", False)],
)
def test_a_path_repeats_when_any_step_does(path: str, *, repeats: bool) -> None:
    assert definitions.is_list_path("Claim", path) is repeats


def test_a_path_gives_its_reference_targets() -> None:
    assert definitions.path_targets("CarePlan", "subject") == ("Group", "Patient")
    assert definitions.path_targets("Claim", "insurance.coverage") == ("Coverage",)
    assert definitions.path_targets("Claim", "created") == ()


def test_a_summary_keeps_what_the_specification_marks() -> None:
    summary = definitions.summary_elements("Claim")
    assert {"id", "meta", "status", "patient", "insurance"} <= set(summary)
    assert not {"item", "total", "text", "contained"} & set(summary)


def test_mandatory_elements_are_those_with_a_minimum() -> None:
    assert definitions.mandatory_elements("Task") == ("status", "intent")
    assert "use" in definitions.mandatory_elements("Claim")


def test_a_modifier_is_known() -> None:
    status = definitions.element("Claim", "status")
    assert status is not None
    assert status.is_modifier


def test_closed_lists_are_spelled_out() -> None:
    assert definitions.codes("administrative-gender") == {
        "http://hl7.org/fhir/administrative-gender": ("male", "female", "other", "unknown")
    }
    currencies = definitions.codes("currencies") or {}
    assert {"GBP", "EUR", "XXX"} <= set(currencies["urn:iso:std:iso:4217"])
    assert "ZZZ" not in currencies["urn:iso:std:iso:4217"]


def test_a_list_by_hierarchy_has_its_descendants() -> None:
    """v3 concepts stand below each other; FHIR's timing events take three branches of them."""
    events = definitions.codes("event-timing") or {}
    assert {"ACM", "HS", "C"} <= {code for members in events.values() for code in members}


def test_a_value_set_that_no_list_can_give_is_none() -> None:
    assert definitions.codes("mimetypes") is None


def test_every_required_binding_but_three_is_enumerated() -> None:
    table = json.loads(build.OUTPUT.read_text(encoding="utf-8"))
    names = {row[5] for entry in table["types"].values() for row in entry["elements"] if len(row) > 5 and row[5]}
    assert {name for name in names if definitions.codes(name) is None} == {
        "mimetypes",
        "ucum-units",
        "http://loinc.org/vs/LL379-9",
    }


def test_the_table_is_written_the_same_way_each_time() -> None:
    text = build.OUTPUT.read_text(encoding="utf-8")
    assert build.render(json.loads(text)) == text
    assert len(text) < 400_000


@pytest.mark.parametrize("type_name", OURS)
def test_the_model_library_has_the_same_elements_and_cardinalities(type_name: str) -> None:
    """R4B did not change these types: the library is a second witness of the table."""
    fields = model_of(type_name).model_fields
    theirs = {
        field.alias or name: "List[" in str(field.annotation)
        for name, field in fields.items()
        if not name.endswith("__ext") and name not in {"resource_type", "fhir_comments"}
    }
    ours = {element.name: element.repeats for element in definitions.definition(type_name).elements.values()}
    assert {name: repeats for name, repeats in theirs.items() if name != "resourceType"} == ours


HL7_FILES: Final = {
    "profiles-types.xml": """<Bundle xmlns="http://hl7.org/fhir"><entry><resource><StructureDefinition>
      <kind value="primitive-type"/><abstract value="false"/><type value="code"/><derivation value="specialization"/>
      <snapshot><element id="code.value"><path value="code.value"/><type>
        <extension url="http://hl7.org/fhir/StructureDefinition/regex"><valueString value="[^ ]+"/></extension>
        <code value="http://hl7.org/fhirpath/System.String"/></type></element></snapshot>
    </StructureDefinition></resource></entry><entry><resource><StructureDefinition>
      <kind value="complex-type"/><abstract value="false"/><type value="Narrative"/><snapshot>
      <element><path value="Narrative.div"/><base><path value="Narrative.div"/></base><min value="1"/><max value="1"/>
        <type><code value="xhtml"/></type><constraint><key value="txt-1"/>
        <xpath value="('p', 'div') and not(descendant-or-self::*/@*[not(name(.)=('class'))])"/></constraint></element>
      </snapshot></StructureDefinition></resource></entry></Bundle>""",
    "profiles-resources.xml": """<Bundle xmlns="http://hl7.org/fhir"><entry><resource><StructureDefinition>
      <kind value="resource"/><abstract value="false"/><type value="Thing"/>
      <baseDefinition value="http://hl7.org/fhir/StructureDefinition/Narrative"/><snapshot>
      <element><path value="Thing.status"/><base><path value="Thing.status"/></base><min value="1"/><max value="1"/>
        <type><code value="code"/></type><isModifier value="true"/><isSummary value="true"/>
        <binding><strength value="required"/><valueSet value="http://hl7.org/fhir/ValueSet/s|4.0.1"/></binding>
      </element>
      <element><path value="Thing.text"/><base><path value="Base.text"/></base><min value="0"/><max value="1"/>
      </element>
      <element><path value="Thing.part"/><base><path value="Thing.part"/></base><min value="0"/><max value="*"/>
        <type><code value="Narrative"/></type></element>
      <element><path value="Thing.part.again"/><base><path value="Thing.part.again"/></base><min value="0"/>
        <max value="*"/><contentReference value="#Thing.part"/></element>
      <element><path value="Thing.owner"/><base><path value="Thing.owner"/></base><min value="0"/><max value="1"/><type>
        <code value="Reference"/><targetProfile value="http://hl7.org/fhir/StructureDefinition/Thing"/></type></element>
      </snapshot></StructureDefinition></resource></entry><entry><resource><StructureDefinition>
      <kind value="resource"/><abstract value="true"/><type value="Resource"/><snapshot>
      <element><path value="Resource.id"/><base><path value="Resource.id"/></base><min value="0"/><max value="1"/><type>
        <code value="http://hl7.org/fhirpath/System.String"/></type></element>
      </snapshot></StructureDefinition></resource></entry></Bundle>""",
    "valuesets.xml": """<Bundle xmlns="http://hl7.org/fhir"><ValueSet><url value="http://hl7.org/fhir/ValueSet/s"/><compose>
      <include><system value="urn:s"/><filter><property value="concept"/><op value="is-a"/><value value="b"/></filter>
      </include><exclude><system value="urn:s"/><concept><code value="d"/></concept></exclude></compose></ValueSet>
      <CodeSystem><url value="urn:s"/><content value="complete"/><concept><code value="a"/></concept>
      <concept><code value="b"/><concept><code value="c"/></concept></concept><concept><code value="d"/>
      <property><code value="subsumedBy"/><valueCode value="b"/></property></concept></CodeSystem></Bundle>""",
    "v3-codesystems.xml": '<Bundle xmlns="http://hl7.org/fhir"/>',
    "v2-tables.xml": '<Bundle xmlns="http://hl7.org/fhir"/>',
}


OWNER: Final = ["owner", 0, 1, ["Reference"], ["Thing"]]


def value_sets(**includes: str) -> str:
    """A file of value sets, each with what it includes."""
    sets = "".join(
        f'<ValueSet><url value="http://hl7.org/fhir/ValueSet/{name}"/><compose>{include}</compose></ValueSet>'
        for name, include in includes.items()
    )
    system = '<url value="urn:s"/><content value="complete"/><concept><code value="a"/></concept>'
    return f'<Bundle xmlns="http://hl7.org/fhir">{sets}<CodeSystem>{system}</CodeSystem></Bundle>'


def test_only_value_sets_that_enumerate_are_listed(tmp_path: Path) -> None:
    rule = '<filter><property value="kind"/><op value="="/><value value="x"/></filter>'
    other = '<valueSet value="http://hl7.org/fhir/ValueSet/listed"/>'
    made = value_sets(
        listed='<include><system value="urn:other"/><concept><code value="x"/></concept></include>',
        imported=f"<include>{other}</include>",
        whole='<include><system value="urn:s"/></include>',
        money='<include><system value="urn:iso:std:iso:4217"/></include>',
        ruled=f'<include><system value="urn:s"/>{rule}</include>',
        crossed=f'<include><system value="urn:s"/>{other}</include>',
        foreign='<include><system value="urn:elsewhere"/></include>',
        empty="",
    )
    for name in HL7_FILES:
        (tmp_path / name).write_text('<Bundle xmlns="http://hl7.org/fhir"/>', encoding="utf-8")
    (tmp_path / "valuesets.xml").write_text(made, encoding="utf-8")
    names = ["listed", "imported", "whole", "money", "ruled", "crossed", "foreign", "empty", "http://x.example/lost"]
    found = build._Terminology(tmp_path).lists(names)
    assert found.pop("money")["urn:iso:std:iso:4217"][:2] == ["AED", "AFN"]
    assert found == {"listed": {"urn:other": ["x"]}, "imported": {"urn:other": ["x"]}, "whole": {"urn:s": ["a"]}}


def test_the_table_is_built_from_definition_files(tmp_path: Path) -> None:
    for name, text in HL7_FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    table = build.build(tmp_path)
    assert table["primitives"] == {"code": "[^ ]+"}
    assert table["narrative"] == {"elements": ["p", "div"], "attributes": ["class"]}
    assert table["codes"] == {"s": {"urn:s": ["b", "c"]}}
    assert table["types"]["Thing"] == {
        "kind": "resource",
        "base": "Narrative",
        "elements": [["status", 1, 1, ["code"], [], "s", "ms"], ["part", 0, "*", ["Thing.part"]], OWNER],
    }
    assert table["types"]["Resource"] == {"kind": "abstract", "base": "", "elements": [["id", 0, 1, ["id"]]]}
    assert table["types"]["Thing.part"]["elements"] == [["again", 0, "*", ["Thing.part"]]]


def test_the_command_writes_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in HL7_FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(build, "OUTPUT", tmp_path / "r4.json")
    assert build.main([str(tmp_path)]) == 0
    assert json.loads((tmp_path / "r4.json").read_text())["fhirVersion"] == "4.0.1"
    assert capsys.readouterr().out.startswith("r4.json")


def test_the_command_without_a_folder_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
