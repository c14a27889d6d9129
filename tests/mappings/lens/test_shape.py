"""The shape judge: a good resource passes, and each case changes one thing of it."""

import contextlib
import copy
import csv
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import jiter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings import definitions
from mappings.lens import document, fault, narrative, shape
from mappings.lens.errors import BadRequest, FhirError, Unprocessable

Tree = dict[str, Any]
Change = Callable[[Tree], object]

SAMPLES: Final = Path(__file__).parents[2] / "samples"
SHARED: Final = Path(__file__).parents[4] / "shared" / "samples"
XHTML: Final = 'xmlns="http://www.w3.org/1999/xhtml"'


def claim() -> Tree:
    """A Claim with something of everything, and no fault."""
    return {
        "resourceType": "Claim",
        "id": "c1",
        "contained": [{"resourceType": "Organization", "id": "o", "name": "Council"}],
        "extension": [{"url": "https://x.example/a", "valueString": "a"}],
        "identifier": [{"system": "https://x.example/id", "value": "1"}],
        "status": "active",
        "type": {"coding": [{"system": "https://x.example/type", "code": "institutional"}]},
        "use": "claim",
        "patient": {"reference": "Patient/p1"},
        "billablePeriod": {"start": "2024-01-01", "end": "2024-12-31"},
        "created": "2024-01-01T10:00:00+00:00",
        "insurer": {"reference": "#o"},
        "provider": {"identifier": {"system": "https://x.example/ods", "value": "A1"}, "type": "Organization"},
        "priority": {"text": "normal"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "share"}}],
        "item": [
            {
                "sequence": 1,
                "productOrService": {"text": "help"},
                "servicedDate": "2024-02-29",
                "quantity": {"value": 1.5},
                "net": {"value": 105, "currency": "GBP"},
            }
        ],
    }


def patient() -> Tree:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "text": {"status": "generated", "div": f"<div {XHTML}><p>Someone</p></div>"},
        "name": [{"family": "Smith", "given": ["Ann", "Bea"]}],
        "gender": "female",
        "birthDate": "1970",
    }


def observation() -> Tree:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueInteger": 1}


def care_plan() -> Tree:
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": "Patient/p1"}}


def put(path: str, value: Any) -> Change:
    """Sets the value at a dotted path; a number is a place in an array."""

    def change(tree: Tree) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        node: Any = tree
        for part in way:
            node = node[part]
        node[last] = value

    return change


def drop(name: str) -> Change:
    return lambda tree: tree.pop(name)


def parsed(tree: Tree) -> Tree:
    """As the gateway sees it: through the exact parser."""
    return document.parse(json.dumps(tree).encode())


def faults(tree: Tree, **how: Any) -> FhirError | None:
    try:
        shape.judge(parsed(tree), **how)
    except FhirError as error:
        return error
    return None


MANY: Final = "a" * 65
BIG: Final = "a" * (1024 * 1024 + 1)
BASIC: Final = {"resourceType": "Basic", "id": "n", "code": {"text": "n"}}
NESTED: Final = {"resourceType": "Basic", "id": "b", "code": {"text": "b"}, "contained": [BASIC]}


def part(**more: Any) -> list[Tree]:
    return [{"resourceType": "Organization", "id": "o", "name": "Council", **more}]


# (base, change, status, where, words of the message)
REFUSED: Final[list[tuple[Callable[[], Tree], Change, int, str, str]]] = [
    # resource type and names
    (claim, drop("resourceType"), 400, "Resource.resourceType", "is missing"),
    (claim, put("resourceType", "Nonsense"), 400, "Resource.resourceType", "no such resource type"),
    (claim, put("resourceType", 1), 400, "Resource.resourceType", "no such resource type"),
    (claim, put("resource_type", "Claim"), 400, "Claim.resource_type", "not an element"),
    (claim, put("fhir_comments", ["x"]), 400, "Claim.fhir_comments", "not an element"),
    (claim, put("item.0.net.amount", 1), 400, "Claim.item[0].net.amount", "not an element"),
    (claim, put("_item", [{"id": "x"}]), 400, "Claim._item", "not an element"),
    (claim, put("b\na" + "d" * 90, 1), 400, "Claim.b?a" + "d" * 61, "not an element"),
    (claim, put("", 1), 400, "Claim.", "not an element"),
    # cardinality
    (claim, drop("status"), 400, "Claim.status", "is missing"),
    (
        claim,
        put("insurance.0", {"focal": True, "coverage": {"display": "x"}}),
        400,
        "Claim.insurance[0].sequence",
        "missing",
    ),
    (claim, put("insurance", []), 400, "Claim.insurance", "must not be empty"),
    (claim, put("insurance", {"sequence": 1}), 400, "Claim.insurance", "an array is expected, not an object"),
    (claim, put("patient", [{"reference": "Patient/p1"}]), 400, "Claim.patient", "single object is expected"),
    (claim, put("status", ["active"]), 400, "Claim.status", "single value"),
    (claim, put("patient", "Patient/p1"), 400, "Claim.patient", "an object is expected, not a string"),
    (claim, put("patient", {}), 400, "Claim.patient", "an object must not be empty"),
    (claim, put("patient", None), 400, "Claim.patient", "not null"),
    (claim, put("created", None), 400, "Claim.created", "not null"),
    (claim, put("insurance.0", None), 400, "Claim.insurance[0]", "not null"),
    (claim, put("priority", {"id": "a"}), 400, "Claim.priority", "ele-1"),
    # primitives
    (claim, put("id", MANY), 400, "Claim.id", "1 to 64"),
    (claim, put("id", "a_b"), 400, "Claim.id", "1 to 64"),
    (claim, put("priority.text", ""), 400, "Claim.priority.text", "empty or blank"),
    (claim, put("priority.text", " \n"), 400, "Claim.priority.text", "empty or blank"),
    (claim, put("priority.text", "a\u0001"), 400, "Claim.priority.text", "control character"),
    (claim, put("priority.text", BIG), 400, "Claim.priority.text", "at most 1048576"),
    (claim, put("priority.text", 5), 400, "Claim.priority.text", "a string is expected, not a number"),
    (claim, put("insurance.0.focal", "true"), 400, "Claim.insurance[0].focal", "a boolean is expected, not a string"),
    (claim, put("insurance.0.focal", 1), 400, "Claim.insurance[0].focal", "a boolean is expected, not a number"),
    (claim, put("insurance.0.sequence", "1"), 400, "Claim.insurance[0].sequence", "a number is expected, not a string"),
    (claim, put("insurance.0.sequence", value=True), 400, "Claim.insurance[0].sequence", "not a boolean"),
    (claim, put("insurance.0.sequence", 0), 400, "Claim.insurance[0].sequence", "from 1 to 2147483647"),
    (claim, put("insurance.0.sequence", 2**31), 400, "Claim.insurance[0].sequence", "from 1 to"),
    (claim, put("insurance.0.sequence", 1.0), 400, "Claim.insurance[0].sequence", "whole number"),
    (observation, put("valueInteger", -(2**31) - 1), 400, "Observation.valueInteger", "from -2147483648"),
    (claim, put("item.0.net.value", "105.00"), 400, "Claim.item[0].net.value", "a number is expected"),
    (claim, put("item.0.net.value", 10**41), 400, "Claim.item[0].net.value", "too long or too large"),
    (claim, put("item.0.net.value", 1e99), 400, "Claim.item[0].net.value", "too long or too large"),
    (claim, put("created", "2024-02-30"), 400, "Claim.created", "no such day"),
    (claim, put("created", "2023-02-29T10:00:00Z"), 400, "Claim.created", "no such day"),
    (claim, put("created", "0000"), 400, "Claim.created", "no such day"),
    (claim, put("created", "2024-01-01T10:00:00"), 400, "Claim.created", "needs an offset"),
    (claim, put("created", "2024-01-01T24:00:00Z"), 400, "Claim.created", "no hour 24"),
    (claim, put("created", "2024-01-01T10:00Z"), 400, "Claim.created", "is written"),
    (claim, put("created", "2024-W01-1"), 400, "Claim.created", "is written"),
    (claim, put("created", "2024-01-01T10:00:00+15:00"), 400, "Claim.created", "is written"),
    (claim, put("created", 2024), 400, "Claim.created", "a string is expected"),
    (claim, put("created", "\u0662024-01-01"), 400, "Claim.created", "is written"),
    (claim, put("item.0.servicedDate", "2024-01-01T10:00:00Z"), 400, "Claim.item[0].servicedDate", "date is written"),
    (claim, put("meta", {"lastUpdated": "2024-01-01"}), 400, "Claim.meta.lastUpdated", "instant is written"),
    (claim, put("identifier.0.system", "a b"), 400, "Claim.identifier[0].system", "no blanks"),
    (claim, put("identifier.0.system", ""), 400, "Claim.identifier[0].system", "not empty"),
    (claim, put("identifier.0.system", 1), 400, "Claim.identifier[0].system", "a string is expected"),
    (claim, put("type.coding.0.code", " a"), 400, "Claim.type.coding[0].code", "a code is"),
    (claim, put("type.coding.0.code", "a  b"), 400, "Claim.type.coding[0].code", "a code is"),
    (claim, put("type.coding.0.code", value=False), 400, "Claim.type.coding[0].code", "a string is expected"),
    (claim, put("extension.0", {"url": "u", "valueOid": "1.2.3"}), 400, "Claim.extension[0].valueOid", "urn:oid:"),
    (claim, put("extension.0", {"url": "u", "valueOid": 1}), 400, "Claim.extension[0].valueOid", "a string"),
    (
        claim,
        put("extension.0", {"url": "u", "valueUuid": "urn:uuid:X"}),
        400,
        "Claim.extension[0].valueUuid",
        "urn:uuid:",
    ),
    (claim, put("extension.0", {"url": "u", "valueTime": "25:00:00"}), 400, "Claim.extension[0].valueTime", "hh:mm:ss"),
    (
        claim,
        put("extension.0", {"url": "u", "valueBase64Binary": "a"}),
        400,
        "Claim.extension[0].valueBase64Binary",
        "base64",
    ),
    (
        claim,
        put("extension.0", {"url": "u", "valueBase64Binary": 1}),
        400,
        "Claim.extension[0].valueBase64Binary",
        "string",
    ),
    (patient, put("language", "en GB"), 400, "Patient.language", "a language"),
    # choice, extension
    (observation, put("valueString", "x"), 400, "Observation.value[x]", "only one value[x]"),
    (
        observation,
        put("_valueString", {"extension": [{"url": "u", "valueCode": "x"}]}),
        400,
        "Observation.value[x]",
        "only one",
    ),
    (claim, put("item.0.servicedPeriod", {"start": "2024"}), 400, "Claim.item[0].serviced[x]", "only one"),
    (claim, put("accident", {"type": {"text": "x"}}), 400, "Claim.accident.date", "is missing"),
    (claim, put("diagnosis", [{"sequence": 1}]), 400, "Claim.diagnosis[0].diagnosis[x]", "is missing"),
    (claim, put("extension.0", {"valueString": "a"}), 400, "Claim.extension[0].url", "is missing"),
    (claim, put("extension.0", {"url": "u"}), 400, "Claim.extension[0]", "ext-1"),
    (claim, put("extension.0", {"url": "u", "id": "x"}), 400, "Claim.extension[0]", "ext-1"),
    (claim, put("extension.0", {"url": "", "valueString": "a"}), 400, "Claim.extension[0].url", "not empty"),
    (
        claim,
        put("extension.0", {"url": "u", "valueString": "a", "extension": [{"url": "v", "valueCode": "c"}]}),
        *(400, "Claim.extension[0]", "ext-1"),
    ),
    (
        claim,
        put("extension.0", {"url": "u", "_url": {"extension": []}}),
        400,
        "Claim.extension[0]._url",
        "not an element",
    ),
    (
        claim,
        put("extension.0", {"url": "u", "valueRatioRange": {}}),
        400,
        "Claim.extension[0].valueRatioRange",
        "not an",
    ),
    (claim, put("item.0.net.modifierExtension", []), 400, "Claim.item[0].net.modifierExtension", "not an element"),
    # siblings with an underscore
    (patient, put("_birthDate", {"valueString": "x"}), 400, "Patient._birthDate.valueString", "not an element"),
    (patient, put("_birthDate", "x"), 400, "Patient._birthDate", "an object is expected"),
    (patient, put("_birthDate", {}), 400, "Patient._birthDate", "must not be empty"),
    (patient, put("_birthDate", {"id": ""}), 400, "Patient._birthDate.id", "empty or blank"),
    (patient, put("_deceasedBoolean", {"id": "x"}), 400, "Patient._deceasedBoolean", "neither a value nor"),
    (patient, put("name.0._given", {"id": "x"}), 400, "Patient.name[0]._given", "an array"),
    (patient, put("name.0._given", []), 400, "Patient.name[0]._given", "an array"),
    (patient, put("name.0._given", [None, None]), 400, "Patient.name[0]._given", "an array"),
    (patient, put("name.0._given", [None, None, {"id": "x"}]), 400, "Patient.name[0]._given", "as long as"),
    (patient, put("name.0._suffix", [{"id": "x"}]), 400, "Patient.name[0]._suffix[0]", "neither a value nor"),
    (patient, put("name.0.given", ["Ann", None]), 400, "Patient.name[0].given[1]", "not null"),
    (patient, put("name.0", {"given": [None], "_given": [None]}), 400, "Patient.name[0].given[0]", "not null"),
    (
        patient,
        put("name.0", {"given": [None, "a"], "_given": [{"id": "x"}, None]}),
        *(400, "Patient.name[0]._given[0]", "neither a value nor"),
    ),
    (
        patient,
        put("name.0", {"given": [None, 1], "_given": [{"id": "x"}]}),
        400,
        "Patient.name[0].given[1]",
        "a string",
    ),
    # closed lists
    (claim, put("status", "bogus"), 422, "Claim.status", "active, cancelled, draft, entered-in-error"),
    (claim, put("status", ""), 400, "Claim.status", "a code is"),
    (claim, put("item.0.net.currency", "ZZZ"), 422, "Claim.item[0].net.currency", "value set currencies"),
    (
        lambda: {"resourceType": "Condition", "subject": {"reference": "Patient/1"}},
        put("clinicalStatus", {"coding": [{"system": "urn:x", "code": "active"}]}),
        *(422, "Condition.clinicalStatus", "condition-clinical"),
    ),
    (
        lambda: {"resourceType": "Condition", "subject": {"reference": "Patient/1"}},
        put("clinicalStatus", {"text": "active"}),
        *(422, "Condition.clinicalStatus", "active, inactive"),
    ),
    (
        lambda: {"resourceType": "Condition", "subject": {"reference": "Patient/1"}},
        put("clinicalStatus", {"coding": []}),
        *(400, "Condition.clinicalStatus.coding", "must not be empty"),
    ),
    (patient, put("photo", [{"contentType": "picture"}]), 422, "Patient.photo[0].contentType", "media type"),
    (patient, put("photo", [{"contentType": ""}]), 400, "Patient.photo[0].contentType", "a code is"),
    (claim, put("item.0.quantity.comparator", "<"), 422, "Claim.item[0].quantity.comparator", "sqty-1"),
    # references
    (claim, put("patient", {"reference": "Organization/1"}), 422, "Claim.patient.reference", "only to Patient"),
    (
        claim,
        put("patient", {"reference": "https://x.example/Group/1"}),
        422,
        "Claim.patient.reference",
        "only to Patient",
    ),
    (claim, put("patient", {"reference": "Nonsense/1"}), 422, "Claim.patient.reference", "no resource type of R4"),
    (claim, put("patient", {"reference": "#o"}), 422, "Claim.patient.reference", "Organization is not allowed here"),
    (claim, put("patient", {"reference": "#nobody"}), 422, "Claim.patient.reference", "ref-1"),
    (claim, put("patient", {"reference": "p1"}), 400, "Claim.patient.reference", "a reference is Type/id"),
    (claim, put("patient", {"reference": "Patient"}), 400, "Claim.patient.reference", "a reference is Type/id"),
    (claim, put("patient", {"reference": "Patient/a_b"}), 400, "Claim.patient.reference", "a reference is Type/id"),
    (claim, put("patient", {"reference": f"Patient/{MANY}"}), 400, "Claim.patient.reference", "a reference is Type/id"),
    (claim, put("patient", {"reference": "urn:uuid:1"}), 400, "Claim.patient.reference", "a reference is Type/id"),
    (claim, put("patient", {"reference": "javascript:alert(1)"}), 400, "Claim.patient.reference", "a reference is"),
    (claim, put("patient", {"reference": "Patient?identifier=1"}), 400, "Claim.patient.reference", "a reference is"),
    (claim, put("patient", {"reference": 1}), 400, "Claim.patient.reference", "a string is expected"),
    (claim, put("patient", {"type": "Patient"}), 400, "Claim.patient", "a reference, an identifier or a display"),
    (claim, put("patient", {"display": "x", "type": "Group"}), 422, "Claim.patient.type", "only to Patient"),
    (
        claim,
        put("provider", {"reference": "Organization/1", "type": "Practitioner"}),
        *(422, "Claim.provider.reference", "its type says Practitioner"),
    ),
    (claim, put("patient", {"reference": "Patient/1", "display": ""}), 400, "Claim.patient.display", "empty or blank"),
    # contained
    (claim, put("contained", [{}]), 400, "Claim.contained[0].resourceType", "is missing"),
    (claim, put("contained", ["x"]), 400, "Claim.contained[0]", "a resource is an object"),
    (claim, put("contained", {}), 400, "Claim.contained", "an array is expected"),
    (claim, put("contained", part(resourceType="Nonsense")), 400, "Claim.contained[0].resourceType", "no such"),
    (claim, put("contained", [{"resourceType": "Basic"}]), 400, "Claim.contained[0].id", "has an id"),
    (claim, put("contained", [*part(), NESTED]), 422, "Claim.contained[1].contained", "dom-2"),
    (claim, put("contained", part(meta={"versionId": "1"})), 422, "Claim.contained[0].meta.versionId", "dom-4"),
    (
        claim,
        put("contained", part(meta={"security": [{"code": "R"}]})),
        422,
        "Claim.contained[0].meta.security",
        "dom-5",
    ),
    (claim, put("contained", part() * 2), 422, "Claim.contained", "an id of its own"),
    (claim, put("contained.0.nonsense", 1), 400, "Claim.contained[0].nonsense", "not an element"),
    # narrative
    (patient, put("text.div", "plain"), 400, "Patient.text.div", "an XHTML div"),
    (patient, put("text.div", 1), 400, "Patient.text.div", "a string with an XHTML div"),
    (patient, put("text.div", "<divan/>"), 400, "Patient.text.div", "an XHTML div"),
    (patient, put("text.div", "<div>x</div>"), 400, "Patient.text.div", "in the namespace"),
    (patient, put("text.div", f"<div {XHTML}><p>x</div>"), 400, "Patient.text.div", "mismatched tag at line 1"),
    (patient, put("text.div", f"<div {XHTML}>&nbsp;</div>"), 400, "Patient.text.div", "write the character instead"),
    (patient, put("text.div", f"<!DOCTYPE div><div {XHTML}>x</div>"), 400, "Patient.text.div", "an XHTML div"),
    (patient, put("text.div", f"<div {XHTML}><?x y?>x</div>"), 400, "Patient.text.div", "processing instruction"),
    (patient, put("text.div", f"<div {XHTML}/><div/>"), 400, "Patient.text.div", "well-formed"),
    (patient, put("text.div", f"<div {XHTML}> <br/></div>"), 422, "Patient.text.div", "txt-2"),
    *(
        (patient, put("text.div", f"<div {XHTML}>x{bad}</div>"), 422, "Patient.text.div", words)
        for bad, words in [
            ("<script>x</script>", "element script"),
            ("<iframe/>", "element iframe"),
            ("<object/>", "element object"),
            ("<embed/>", "element embed"),
            ("<form/>", "element form"),
            ('<svg xmlns="http://www.w3.org/2000/svg"/>', "element svg"),
            ('<p onclick="x()">x</p>', "attribute onclick"),
            ('<a href="javascript:x()">x</a>', "active link"),
            ('<a href=" JAVA&#9;script:x()">x</a>', "active link"),
            ('<a href="data:text/html,x">x</a>', "active link"),
            ('<p style="width: expression(x)">x</p>', "active style"),
        ]
    ),
    # invariants
    (claim, put("billablePeriod", {"start": "2024-02-01", "end": "2024-01-31"}), 422, "Claim.billablePeriod", "per-1"),
    (claim, put("billablePeriod", {"start": 2024, "end": "2023"}), 400, "Claim.billablePeriod.start", "a string"),
    (claim, put("billablePeriod", {"start": "2024", "end": "2023"}), 422, "Claim.billablePeriod", "per-1"),
    (claim, put("billablePeriod", {"start": "2024", "end": "2023-12-31"}), 422, "Claim.billablePeriod", "per-1"),
    (
        claim,
        put("billablePeriod", {"start": "2024-01-01T00:30:00Z", "end": "2024-01-01T01:00:00+01:00"}),
        *(422, "Claim.billablePeriod", "per-1"),
    ),
    (claim, put("item.0.quantity", {"value": 1, "code": "h"}), 422, "Claim.item[0].quantity", "qty-3"),
    (claim, put("contained.0", {"resourceType": "Organization", "id": "o"}), 422, "Claim.contained[0]", "org-1"),
    (claim, put("contained", part(telecom=[{"use": "home", "system": "phone"}])), 422, "Claim.contained[0]", "org-3"),
    (claim, put("contained", part(telecom=[{"value": "1"}])), 422, "Claim.contained[0].telecom[0]", "cpt-2"),
    (patient, put("contact", [{"gender": "male"}]), 422, "Patient.contact[0]", "pat-1"),
    (patient, put("photo", [{"data": "YWJj"}]), 422, "Patient.photo[0]", "att-1"),
    (
        care_plan,
        put("activity", [{"reference": {"reference": "Task/1"}, "detail": {"status": "unknown"}}]),
        *(422, "CarePlan.activity[0]", "cpl-3"),
    ),
]


@pytest.mark.parametrize(("base", "change", "status", "where", "words"), REFUSED)
def test_one_fault_is_refused_where_it_is(
    base: Callable[[], Tree], change: Change, status: int, where: str, words: str
) -> None:
    tree = base()
    change(tree)
    error = faults(tree)
    assert error is not None
    assert error.status == status
    assert any(issue.expression == where and words in issue.diagnostics for issue in error.issues), error.issues


CODED: Final = {"coding": [{"system": "https://x.example/codes", "code": "x"}]}
MORE_INVARIANTS: Final[list[tuple[Tree, str]]] = [
    ({"resourceType": "Goal", "target": [{"detailString": "x"}]}, "gol-1"),
    ({"resourceType": "Consent"}, "ppc-1"),
    ({"resourceType": "Composition", "section": [{"title": "x"}]}, "cmp-1"),
    (
        {"resourceType": "Composition", "section": [{"emptyReason": {"text": "x"}, "entry": [{"display": "x"}]}]},
        "cmp-2",
    ),
    ({"resourceType": "Condition", "abatementString": "x"}, "con-4"),
    ({"resourceType": "Condition", "stage": [{"type": {"text": "x"}}]}, "con-1"),
    ({"resourceType": "Condition", "evidence": [{"id": "x", "extension": []}]}, "con-2"),
    ({"resourceType": "Organization", "name": "x", "address": [{"use": "home"}]}, "org-2"),
    ({"resourceType": "Group", "actual": False, "member": [{"entity": {"display": "x"}}]}, "grp-1"),
    ({"resourceType": "Observation", "valueString": "x", "dataAbsentReason": {"text": "x"}}, "obs-6"),
    ({"resourceType": "Observation", "code": CODED, "valueString": "x", "component": [{"code": CODED}]}, "obs-7"),
    ({"resourceType": "Observation", "referenceRange": [{"appliesTo": [{"text": "x"}]}]}, "obs-3"),
    ({"resourceType": "Task", "authoredOn": "2024-01-02", "lastModified": "2024-01-01"}, "inv-1"),
    ({"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": 101}]}, "ras-2"),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueRatio": {"numerator": {"value": 1}}}]}, "rat-1"),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueRatio": {"id": "x"}}]}, "rat-1"),
    (
        {
            "resourceType": "Basic",
            "extension": [{"url": "u", "valueRange": {"low": {"value": 2}, "high": {"value": 1}}}],
        },
        "rng-2",
    ),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueAge": {"value": 0}}]}, "age-1"),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueDistance": {"value": 1}}]}, "dis-1"),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueDuration": {"code": "h"}}]}, "drt-1"),
    ({"resourceType": "Basic", "extension": [{"url": "u", "valueExpression": {"language": "text/cql"}}]}, "exp-1"),
    *(
        ({"resourceType": "Basic", "extension": [{"url": "u", "valueTiming": {"repeat": repeat}}]}, key)
        for repeat, key in [
            ({"duration": 1}, "tim-1"),
            ({"period": 1}, "tim-2"),
            ({"duration": -1.5, "durationUnit": "h"}, "tim-4"),
            ({"period": -1, "periodUnit": "h"}, "tim-5"),
            ({"periodMax": 1}, "tim-6"),
            ({"durationMax": 1}, "tim-7"),
            ({"countMax": 1}, "tim-8"),
            ({"offset": 1}, "tim-9"),
            ({"offset": 1, "when": ["C"]}, "tim-9"),
            ({"timeOfDay": ["10:00:00"], "when": ["HS"]}, "tim-10"),
        ]
    ),
]


@pytest.mark.parametrize(("tree", "key"), MORE_INVARIANTS)
def test_a_broken_invariant_is_named(tree: Tree, key: str) -> None:
    error = faults(tree)
    assert error is not None
    assert any(f"({key})" in issue.diagnostics for issue in error.issues), error.issues


def test_a_condition_entered_in_error_has_no_clinical_status() -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-"
    tree = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/1"},
        "clinicalStatus": {"coding": [{"system": f"{system}clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{system}ver-status", "code": "entered-in-error"}]},
    }
    error = faults(tree)
    assert isinstance(error, Unprocessable)
    assert [issue.expression for issue in error.issues] == ["Condition"]
    assert "con-5" in error.issues[0].diagnostics


NULL_FLAVOUR: Final = {"extension": [{"url": "https://x.example/absent", "valueCode": "unknown"}]}

ACCEPTED: Final[list[tuple[Callable[[], Tree], Change]]] = [
    (observation, put("component", [{"code": CODED, "valueString": "x"}])),
    (observation, put("referenceRange", [{"text": "x"}])),
    (claim, lambda _: None),
    (patient, lambda _: None),
    (observation, lambda _: None),
    (claim, put("created", "2024-06")),
    (claim, put("created", "2016-12-31T23:59:60Z")),
    (claim, put("created", "2024-01-01T10:00:00.1234567-00:00")),
    (claim, put("item.0.net.value", 0)),
    (claim, put("item.0.net.value", -12.5)),
    (claim, put("priority.text", "<script>text is only text</script>")),
    (claim, put("priority.text", "tab\tand\r\nlines, \u00a0and é 😀")),
    (claim, put("patient", {"reference": "https://x.example/fhir/Patient/1/_history/2"})),
    (claim, put("patient", {"reference": "https://x.example/anything?at=all"})),
    (claim, put("patient", {"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"})),
    (claim, put("patient", {"reference": "urn:oid:1.2.3"})),
    (claim, put("patient", {"reference": "Patient/1", "type": "http://hl7.org/fhir/StructureDefinition/Patient"})),
    (claim, put("patient", {"reference": "Patient/1/_history/2", "display": "x"})),
    (claim, put("patient", NULL_FLAVOUR)),
    (claim, put("contained.0.partOf", {"reference": "#"})),
    (claim, put("item.0.modifierExtension", [{"url": "u", "valueBoolean": True}])),
    (claim, put("extension.0", {"url": "u", "extension": [{"url": "v", "valueMeta": {"versionId": "1"}}]})),
    (claim, put("extension.0", {"id": "e", "url": "u", "_valueCode": NULL_FLAVOUR})),
    (claim, put("extension.0", {"url": "u", "valueBase64Binary": "YW\nJj"})),
    (claim, put("extension.0", {"url": "u", "valueRange": {"low": {"value": 1}}})),
    (claim, put("extension.0", {"url": "u", "valueRange": {"low": {"value": 2, "unit": "d"}, "high": {"value": 1}}})),
    (claim, lambda tree: (tree.pop("created"), tree.update({"_created": NULL_FLAVOUR}))),
    (patient, put("_birthDate", {"id": "b"})),
    (patient, put("_gender", NULL_FLAVOUR)),
    (patient, put("name.0._given", [None, {"id": "x"}])),
    (patient, put("name.0._given", [{"id": "x"}])),
    (patient, put("name.0._given", [{"id": "x"}, None, None])),
    (patient, put("name.0", {"given": [None, "Bea"], "_given": [NULL_FLAVOUR, None]})),
    (patient, put("name.0", {"_given": [NULL_FLAVOUR]})),
    (patient, put("text.div", f'<div {XHTML} xml:lang="en"><a href="#x">x</a>&#160;&amp;</div>')),
    (patient, put("text.div", f'<div {XHTML}><img src="data:image/png;base64,YQ==" alt="x"/></div>')),
    (patient, put("language", "en-GB")),
    (patient, put("photo", [{"contentType": "image/png; q=1", "data": "YWJj"}])),
    (care_plan, put("period", {"start": "2024-01-01T10:00:00Z", "end": "2024-01-01"})),
    (care_plan, put("period", {"start": "2024-01-01T10:00:60Z", "end": "2024-01-01T10:00:59Z"})),
    (care_plan, put("_status", {"id": "x"})),
]


@pytest.mark.parametrize(("base", "change"), ACCEPTED)
def test_what_is_odd_but_legal_passes(base: Callable[[], Tree], change: Change) -> None:
    tree = base()
    change(tree)
    assert faults(tree) is None


def test_all_faults_are_told_at_once_with_shape_first() -> None:
    tree = claim()
    tree["status"] = "bogus"
    tree["item"][0]["net"]["value"] = "1"
    del tree["use"]
    error = faults(tree)
    assert isinstance(error, BadRequest)
    assert [issue.expression for issue in error.issues] == ["Claim.item[0].net.value", "Claim.use", "Claim.status"]
    assert [issue.code for issue in error.issues] == ["structure", "required", "code-invalid"]


@pytest.mark.parametrize(
    "tree",
    [
        {**patient(), "name": [{"text": 1}] * 500},
        {**patient(), **{f"x{number}": 1 for number in range(500)}},
        {**patient(), "name": [{"given": [1] * 500}]},
    ],
)
def test_at_most_fifty_faults_are_told(tree: Tree) -> None:
    error = faults(tree)
    assert error is not None
    assert len(error.issues) == fault.LIMIT


def test_the_type_of_the_address_must_be_that_of_the_body() -> None:
    error = faults(claim(), expected_type="Patient")
    assert isinstance(error, BadRequest)
    assert error.issues[0].expression == "Claim.resourceType"
    assert faults(claim(), expected_type="Claim") is None


def test_a_conditional_reference_passes_only_where_transactions_allow_it() -> None:
    tree = claim()
    tree["patient"] = {"reference": "Patient?identifier=https://x.example/id|1"}
    assert isinstance(faults(tree), BadRequest)
    assert faults(tree, conditional=True) is None
    tree["patient"] = {"reference": "Group?identifier=1"}
    assert isinstance(faults(tree, conditional=True), Unprocessable)


def bundle(resource: Any) -> Tree:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}


def test_a_resource_in_a_bundle_is_judged_with_its_own_contained_resources() -> None:
    assert faults(bundle(claim())) is None
    stranger = {**claim(), "contained": [{"resourceType": "Basic", "id": "b", "code": {"text": "b"}}]}
    error = faults(bundle(stranger))
    assert error is not None
    assert error.issues[0].expression == "Bundle.entry[0].resource.insurer.reference"


def test_contained_resources_of_the_outer_resource_are_not_those_of_the_inner_one() -> None:
    lost = {**patient(), "managingOrganization": {"reference": "#o"}}
    inner = {"resourceType": "Parameters", "id": "i", "parameter": [{"name": "x", "resource": lost}]}
    error = faults({**claim(), "contained": [*part(), inner]})
    assert error is not None
    where = "Claim.contained[1].parameter[0].resource.managingOrganization.reference"
    assert [issue.expression for issue in error.issues] == [where]


def test_entries_can_be_left_to_the_caller_but_for_their_type() -> None:
    assert faults(bundle({"resourceType": "Claim"}), entries=False) is None
    assert faults(bundle({"resourceType": "Claim"})) is not None
    assert faults(bundle({"resourceType": "Nonsense"}), entries=False) is not None


def test_no_message_repeats_what_was_sent() -> None:
    tree = patient()
    tree["birthDate"] = tree["gender"] = "secret value"
    tree["managingOrganization"] = {"reference": "secret value"}
    error = faults(tree)
    assert error is not None
    assert len(error.issues) == 3
    assert "secret" not in str(error)


def test_a_document_type_is_refused_even_inside_the_text() -> None:
    reader = narrative._Reader()
    with pytest.raises(narrative._Refused):
        reader.read('<!DOCTYPE div [<!ENTITY a "b">]><div/>')


NAMES: Final = sorted(
    {"resourceType", "nonsense", ""}.union(
        *(definitions.definition(name).elements for name in ("Claim", "Patient", "Claim.item", "Reference", "Coding")),
        *(definitions.definition(name).elements for name in ("Period", "Range", "Quantity", "Timing.repeat", "Meta")),
    )
)
names = st.sampled_from([*NAMES, *(f"_{name}" for name in NAMES)])
odd = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**50,
        jiter.LosslessFloat(b"1e9"),
        "",
        " ",
        "#",
        "#x",
        "Patient/1",
        "2024-02-30",
        "Claim",
        "<div ",
    ]
)
trees = st.recursive(
    odd, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6), max_leaves=30
)


@settings(max_examples=300)
@given(
    st.dictionaries(names, trees, max_size=8), st.sampled_from(["Claim", "Patient", "Condition", "Bundle", "Consent"])
)
def test_whatever_the_tree_it_is_judged_and_nothing_else_happens(tree: Tree, type_name: str) -> None:
    with contextlib.suppress(BadRequest, Unprocessable):
        shape.judge({**tree, "resourceType": type_name})


# published resources


@pytest.mark.parametrize("file", sorted((SAMPLES / "hl7-r4-examples").glob("*.json")), ids=lambda file: file.stem)
def test_a_published_example_passes(file: Path) -> None:
    tree = document.parse(file.read_bytes())
    shape.judge(tree, expected_type=file.name.partition("-")[0])


LEGAL: Final = {
    "json-good.json": "the good one of the set",
    "patient-lang2.json": "a language in the narrative is legal",
    "patient-lang2a.json": "lang alone is legal",
    "patient-lang2b.json": "xml:lang alone is legal",
    "pat-security-bad-string.json": "a string may hold any text; it is escaped where it is shown",
    "contained-invariant-instance.json": "only a profile unknown here forbids it",
}
MESSAGES: Final = {
    "json-comments-1.json": "not valid JSON",
    "json-comments-2.json": "not valid JSON",
    "observation-with-trailing-dot.json": "invalid number",
    "bad-json-close-2.json": "not valid JSON",
    "json-comma-bad-1.json": "not valid JSON",
    "json-comma-bad-2.json": "trailing comma",
    "patient-duplicate.json": 'duplicate key "active"',
    "group-choice-empty.json": "not valid JSON",
    "mcode-pat-bad.json": "trailing comma",
    "json-no-quotes-1.json": "key must be a string",
    "json-comments.json": "fhir_comments is not an element",
    "patient-id-bad-2.json": "an id is 1 to 64",
}


@pytest.mark.parametrize("file", sorted((SAMPLES / "negative-json").glob("*.json")), ids=lambda file: file.stem)
def test_a_broken_sample_is_refused_with_words_to_act_on_and_a_legal_one_passes(file: Path) -> None:
    if file.name in LEGAL:
        shape.judge(document.parse(file.read_bytes()))
        return
    with pytest.raises(BadRequest) as caught:
        shape.judge(document.parse(file.read_bytes()))
    assert MESSAGES[file.name] in str(caught.value)


# the whole corpus, where it lies next to the repository

# Files the model library accepts, refused here for a fault of R4 4.0.1 that is truly there.
JUSTIFIED: Final = {
    "hl7-carin-bb-2.0.0/ExplanationOfBenefit-EOBProfessional1.json": "narrative.html: &reg; is not XML",
    "davinci-prior-auth-ri/bundle-items.json": "a reference to the type Organizarion, which does not exist",
    "nhs-pds/Bundle__sandbox__mocks__Personal_Details_RelatedPersonBundle.json": "an empty object",
    "nhs-bars/process_message__response__ValidationRequest_(HTTP_Response)_.json": "a reference that is a bare UUID",
    "fhir-test-cases/validator_bundle-bad-empty.json": "an empty fullUrl, which is what the case is about",
    "fhir-test-cases/r4_patient-container-example.json": "the reference 1, and an Organization without a name (org-1)",
    "negative-json/patient-duplicate.json": "a duplicate key",
}
# Files the model library refuses, accepted here: none.
ONLY_OURS: Final[frozenset[str]] = frozenset()


def corpus() -> Iterator[tuple[str, bool]]:
    """File name and whether the library accepts it."""
    if (SHARED / "MANIFEST.csv").exists():
        with (SHARED / "MANIFEST.csv").open(encoding="utf-8", newline="") as manifest:
            for row in csv.DictReader(manifest):
                if row["file"].endswith((".json", ".json.gz")):
                    yield row["file"], row["validates_R4B"] == "yes"


def is_refused(name: str) -> bool:
    data = (SHARED / name).read_bytes()
    try:
        tree = document.parse(gzip.decompress(data) if name.endswith(".gz") else data)
        shape.judge(tree, conditional=tree.get("type") == "transaction")
    except FhirError as error:
        return bool(error.issues[0].diagnostics)
    return False


def test_the_corpus_is_judged_as_the_library_judges_it_but_for_true_faults() -> None:
    verdicts = {name: (accepted, is_refused(name)) for name, accepted in corpus()}
    refused = {name for name, (accepted, ours) in verdicts.items() if accepted and ours}
    assert refused == {name for name in JUSTIFIED if name in verdicts}
    assert {name for name, (accepted, ours) in verdicts.items() if not (accepted or ours)} <= ONLY_OURS


def test_judging_changes_nothing() -> None:
    tree = parsed(claim())
    before = copy.deepcopy(document.encode(tree))
    shape.judge(tree)
    assert document.encode(tree) == before
