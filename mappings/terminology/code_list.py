"""A closed list of codes as a value: its system, its codes, and what each one means.

Source: FHIR R4 codesystem.html, datatypes.html#code.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mappings import namespaces

Property = bool | int | str

OTHER: Final = "other"
_CODE: Final = re.compile(r"[^\s]+(\s[^\s]+)*")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Code:
    """One code. An empty definition means that the display says it all."""

    code: str
    display: str
    definition: str = ""
    properties: Mapping[str, Property] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """The codes of one system, in the order they are shown.

    name: `phb-case-state` for the project's own, the plain name for HL7's. properties: what each property
    of the codes means, by name. sources: keys of `data/sources.toml`, each with the place in the document.
    Raises ValueError for a bad or repeated code, an undeclared property, or a property of two types.
    """

    name: str
    system: str
    title: str
    definition: str
    sources: tuple[str, ...]
    codes: tuple[Code, ...]
    properties: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    _by_code: Mapping[str, Code] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", MappingProxyType({code.code: code for code in self.codes}))
        for fault in _faults(self):
            raise ValueError(f"{self.name}: {fault}")

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[str]:
        return (code.code for code in self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, code: str) -> Code:
        return self._by_code[code]

    @property
    def closed(self) -> bool:
        """False when the list has `other`, so that something outside it can be said."""
        return OTHER not in self

    @property
    def own(self) -> bool:
        """True when the project publishes the code system itself."""
        return self.system == namespaces.code_system(self.name)

    def display(self, code: str) -> str:
        """What people read for a code; KeyError for an unknown one."""
        return self._by_code[code].display

    def property_of(self, code: str, name: str) -> Property | None:
        """The value of one property of a code, None when the code has none."""
        return self._by_code[code].properties.get(name)

    def coding(self, code: str) -> dict[str, str]:
        """The FHIR Coding of a code; KeyError for an unknown one."""
        return {"system": self.system, "code": code, "display": self.display(code)}

    def where(self, name: str, value: Property) -> frozenset[str]:
        """The codes whose property `name` is `value`; KeyError for a property the list does not have."""
        if name not in self.properties:
            raise KeyError(name)
        return frozenset(code.code for code in self.codes if code.properties.get(name) == value)

    def property_type(self, name: str) -> type[Property]:
        """The one Python type every value of a property has."""
        return next(type(code.properties[name]) for code in self.codes if name in code.properties)


def _faults(codes: CodeList) -> Iterator[str]:
    if not _NAME.fullmatch(codes.name):
        yield "the name is not lower-kebab"
    if not codes.codes:
        yield "there are no codes"
    if len(set(codes)) != len(codes):
        yield "a code appears twice"
    for code in codes.codes:
        yield from _code_faults(codes, code)
    for name in codes.properties:
        yield from _property_faults(codes, name)


def _code_faults(codes: CodeList, code: Code) -> Iterator[str]:
    if not _CODE.fullmatch(code.code):
        yield f"{code.code!r} is no FHIR code"
    if not code.display.strip():
        yield f"{code.code!r} has no display"
    for name in code.properties.keys() - codes.properties.keys():
        yield f"{code.code!r} has an undeclared property {name!r}"


def _property_faults(codes: CodeList, name: str) -> Iterator[str]:
    types = {type(code.properties[name]) for code in codes.codes if name in code.properties}
    if len(types) != 1 or not types <= {bool, int, str}:
        yield f"property {name!r} is not one of boolean, integer or text throughout"
