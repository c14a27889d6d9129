"""Writes `r4.json`, the table of R4 definitions, from the definition files of HL7.

    python -m mappings.definitions.build FOLDER

FOLDER holds `profiles-types.xml`, `profiles-resources.xml`, `valuesets.xml`, `v3-codesystems.xml` and
`v2-tables.xml` of FHIR 4.0.1, at any depth. The same files always give the same bytes.

Shape of the table: `types` has for each type its `kind`, its `base` and only its own elements, a row each of name, min,
max, type codes, reference targets, value set and flags (m modifier, s summary, q no comparator), empty ends cut off. A
type code with a dot is a backbone element, found under that name. `codes` lists what a required binding allows, by
system.

Source: https://hl7.org/fhir/R4/downloads.html (definitions, CC0); ISO 4217 for the currencies.
"""

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_VALUE_SET_AT: Final = 5

OUTPUT: Final = Path(__file__).with_name("r4.json")

_NS: Final = "{http://hl7.org/fhir}"
_HL7: Final = "http://hl7.org/fhir/"
_PROFILE: Final = f"{_HL7}StructureDefinition/"
_VALUE_SET: Final = f"{_HL7}ValueSet/"
_FHIR_TYPE: Final = f"{_PROFILE}structuredefinition-fhir-type"
_REGEX: Final = f"{_PROFILE}regex"
_SIMPLE_QUANTITY: Final = f"{_PROFILE}SimpleQuantity"

# ISO 4217, and the five codes of British and other islands that HL7's page of the value set names besides
_CURRENCIES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GGP GHS GIP GMD GNF GTQ GYD
HKD HNL HRK HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SPL SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TVD
TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF
XPT XSU XTS XUA XXX YER ZAR ZMW ZWG ZWL
"""

Xml = ET.Element
Codes = dict[str, list[str]]
Row = list[Any]


def main(arguments: list[str]) -> int:
    """Write the table; the exit code is 2 when the folder is not given."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    OUTPUT.write_text(render(build(Path(arguments[0]))), encoding="utf-8")
    sys.stdout.write(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes\n")
    return 0


def build(folder: Path) -> dict[str, Any]:
    """The whole table out of the files under `folder`."""
    definitions = [
        node
        for name in ("profiles-types.xml", "profiles-resources.xml")
        for node in _root(folder, name).iter(f"{_NS}StructureDefinition")
        if _get(node, "derivation") != "constraint"
    ]
    types: dict[str, Any] = {}
    for node in definitions:
        types.update(_types(node))
    used = {name for entry in types.values() for row in entry["elements"] for name in row[_VALUE_SET_AT:][:1] if name}
    codes = _Terminology(folder).lists(used)
    return {
        "fhirVersion": "4.0.1",
        "primitives": dict(sorted(_primitives(definitions))),
        "narrative": _narrative(definitions),
        "codes": {name: codes[name] for name in sorted(codes)},
        "types": {name: types[name] for name in sorted(types)},
    }


def render(table: dict[str, Any]) -> str:
    """JSON with one element, one value set a line, so that a change reads as a diff."""

    def one_line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def block(entries: dict[str, Any]) -> str:
        return ",\n".join(f"{one_line(name)}:{one_line(value)}" for name, value in entries.items())

    def type_lines(entry: dict[str, Any]) -> str:
        rows = ",\n".join(f"  {one_line(row)}" for row in entry["elements"])
        return f'{{"kind":{one_line(entry["kind"])},"base":{one_line(entry["base"])},"elements":[\n{rows}]}}'

    types = ",\n".join(f"{one_line(name)}:{type_lines(entry)}" for name, entry in table["types"].items())
    return (
        f'{{"fhirVersion":{one_line(table["fhirVersion"])},\n'
        f'"primitives":{{\n{block(table["primitives"])}}},\n'
        f'"narrative":{{\n{block(table["narrative"])}}},\n'
        f'"codes":{{\n{block(table["codes"])}}},\n'
        f'"types":{{\n{types}}}}}\n'
    )


def _root(folder: Path, name: str) -> Xml:
    return ET.parse(next(folder.rglob(name))).getroot()  # noqa: S314 - HL7's own files


def _get(node: Xml, name: str) -> str:
    child = node.find(f"{_NS}{name}")
    return "" if child is None else child.get("value", "")


def _all(node: Xml, name: str) -> Iterator[str]:
    return (child.get("value", "") for child in node.findall(f"{_NS}{name}"))


def _extension(node: Xml, url: str) -> str:
    found = (child[0].get("value", "") for child in node.findall(f"{_NS}extension") if child.get("url") == url)
    return next(found, "")


# types and elements


def _types(definition: Xml) -> Iterator[tuple[str, dict[str, Any]]]:
    """The type of one definition and the backbone elements inside it."""
    name = _get(definition, "type")
    kind = "abstract" if _get(definition, "abstract") == "true" else _get(definition, "kind")
    if kind == "primitive-type":
        return
    elements = list(definition.iterfind(f"{_NS}snapshot/{_NS}element"))
    parents = {_get(element, "path").rpartition(".")[0] for element in elements}
    bases = {name: _get(definition, "baseDefinition").removeprefix(_PROFILE)}
    bases |= {path: _get(element, f"type/{_NS}code") for element in elements
              if (path := _get(element, "path")) in parents and path != name}  # fmt: skip
    for path, base in bases.items():
        own = [element for element in elements if _get(element, "path").rpartition(".")[0] == path]
        rows = [_row(element, parents) for element in own if _is_own(element)]
        yield path, {"kind": kind if path == name else "backbone", "base": base, "elements": rows}


def _is_own(element: Xml) -> bool:
    """False for what the base type already has."""
    return _get(element, f"base/{_NS}path") == _get(element, "path")


def _row(element: Xml, parents: Iterable[str]) -> Row:
    path = _get(element, "path")
    types = list(element.findall(f"{_NS}type"))
    codes = [path] if path in parents else [_type_code(path, node) for node in types]
    codes = codes or [_content_reference(element)]
    maximum = _get(element, "max")
    row: Row = [
        path.rpartition(".")[2],
        int(_get(element, "min")),
        maximum if maximum == "*" else int(maximum),
        codes,
        sorted(set(_targets(types))),
        _binding(element),
        _flags(element, types),
    ]
    while not row[-1]:
        row.pop()
    return row


def _content_reference(element: Xml) -> str:
    return _get(element, "contentReference").removeprefix("#")


def _type_code(path: str, node: Xml) -> str:
    if path == "Resource.id":
        return "id"  # the file says string, the page says id
    code = _get(node, "code")
    return code if "/" not in code else _extension(node, _FHIR_TYPE)


def _targets(types: Iterable[Xml]) -> Iterator[str]:
    for node in types:
        if _get(node, "code") == "Reference":
            yield from (target.removeprefix(_PROFILE) for target in _all(node, "targetProfile"))


def _binding(element: Xml) -> str:
    """The required value set, without its version; its page name when HL7's own."""
    node = element.find(f"{_NS}binding")
    if node is None or _get(node, "strength") != "required":
        return ""
    return _short(_get(node, "valueSet"))


def _short(value_set: str) -> str:
    return value_set.partition("|")[0].removeprefix(_VALUE_SET)


def _flags(element: Xml, types: Iterable[Xml]) -> str:
    simple = any(_SIMPLE_QUANTITY in _all(node, "profile") for node in types)
    return (
        ("m" if _get(element, "isModifier") == "true" else "")
        + ("s" if _get(element, "isSummary") == "true" else "")
        + ("q" if simple else "")
    )


def _primitives(definitions: Iterable[Xml]) -> Iterator[tuple[str, str]]:
    """Every primitive type with its regular expression, empty when it has none."""
    for node in definitions:
        if _get(node, "kind") == "primitive-type":
            value = next(e for e in node.iterfind(f"{_NS}snapshot/{_NS}element") if e.get("id", "").endswith(".value"))
            yield _get(node, "type"), _extension(value.findall(f"{_NS}type")[0], _REGEX)


def _narrative(definitions: Iterable[Xml]) -> dict[str, list[str]]:
    """The XHTML elements and attributes that invariant txt-1 allows."""
    node = next(node for node in definitions if _get(node, "type") == "Narrative")
    rule = next(c for c in node.iter(f"{_NS}constraint") if _get(c, "key") == "txt-1")
    elements, attributes = _get(rule, "xpath").split("@*")
    return {"elements": re.findall(r"'(\w+)'", elements), "attributes": re.findall(r"'(\w+)'", attributes)}


# value sets


class _NotEnumerable(Exception):
    """The value set has a part that no list gives."""


class _Terminology:
    """The code systems and value sets of the files."""

    def __init__(self, folder: Path) -> None:
        self._systems: dict[str, Xml] = {}
        self._value_sets: dict[str, Xml] = {}
        for name in ("valuesets.xml", "v3-codesystems.xml", "v2-tables.xml"):
            root = _root(folder, name)
            self._systems.update((_get(node, "url"), node) for node in root.iter(f"{_NS}CodeSystem"))
            self._value_sets.update((_get(node, "url"), node) for node in root.iter(f"{_NS}ValueSet"))

    def lists(self, names: Iterable[str]) -> dict[str, Codes]:
        """Codes by value set and system, of those value sets that enumerate."""
        found: dict[str, Codes] = {}
        for name in names:
            try:
                found[name] = self._value_set(name if ":" in name else _VALUE_SET + name)
            except _NotEnumerable:
                continue
        return found

    def _value_set(self, url: str) -> Codes:
        node = self._value_sets.get(url.partition("|")[0])
        if node is None:
            raise _NotEnumerable(url)
        codes: Codes = {}
        for include in node.iterfind(f"{_NS}compose/{_NS}include"):
            for system, members in self._part(include).items():
                codes.setdefault(system, []).extend(code for code in members if code not in codes[system])
        for exclude in node.iterfind(f"{_NS}compose/{_NS}exclude"):
            for system, members in self._part(exclude).items():
                codes[system] = [code for code in codes.get(system, []) if code not in members]
        if not codes:
            raise _NotEnumerable(url)
        return codes

    def _part(self, include: Xml) -> Codes:
        system = _get(include, "system")
        value_sets = list(_all(include, "valueSet"))
        if not system:
            return {name: codes for url in value_sets for name, codes in self._value_set(url).items()}
        if value_sets:
            raise _NotEnumerable(system)
        listed = [_get(concept, "code") for concept in include.findall(f"{_NS}concept")]
        return {system: listed or self._of_system(system, include)}

    def _of_system(self, system: str, include: Xml) -> list[str]:
        if system == "urn:iso:std:iso:4217":
            return sorted(_CURRENCIES.split())
        node = self._systems.get(system)
        if node is None or _get(node, "content") != "complete":
            raise _NotEnumerable(system)
        concepts = list(node.iter(f"{_NS}concept"))
        codes = [_get(concept, "code") for concept in concepts]
        for rule in include.findall(f"{_NS}filter"):
            allowed = self._filtered(system, node, rule)
            codes = [code for code in codes if code in allowed]
        return codes

    def _filtered(self, system: str, node: Xml, rule: Xml) -> set[str]:
        if (_get(rule, "property"), _get(rule, "op")) != ("concept", "is-a"):
            raise _NotEnumerable(system)
        wanted = _get(rule, "value")
        found: set[str] = {wanted}
        while True:
            more = {code for code, parents in _parents(node) if parents & found} - found
            if not more:
                return found
            found |= more


def _parents(system: Xml) -> Iterator[tuple[str, set[str]]]:
    """Every concept of a system with the concepts it stands under, by nesting or by a subsumedBy property."""
    for concept in system.iter(f"{_NS}concept"):
        for child in concept.findall(f"{_NS}concept"):
            yield _get(child, "code"), {_get(concept, "code")}
        yield (
            _get(concept, "code"),
            {_get(p, "valueCode") for p in concept.findall(f"{_NS}property") if _get(p, "code") == "subsumedBy"},
        )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
