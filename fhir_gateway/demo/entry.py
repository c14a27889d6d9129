"""One demonstration resource: its id, and the record that its mapping turns into FHIR.

Source: design section 7; FHIR R4 resource.html#Meta (test data is tagged), v3-ActReason HTEST.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fhir_gateway.phb.records import made
from mappings.lens.document import Tree
from mappings.lens.mapping import Mapping

__all__ = ["INVENTED", "RESTRICTED", "Entry", "File", "entry", "made", "transaction"]

INVENTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
RESTRICTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "code": "R",
    "display": "restricted",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of the demonstration. restricted: labelled so, as financial detail is (domain.md 8.3)."""

    id: str
    mapping: Mapping[Any]
    record: Any
    restricted: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Type and id."""
        return self.mapping.resource_type, self.id

    @property
    def literal(self) -> str:
        """The reference to it: `Type/id`."""
        return f"{self.mapping.resource_type}/{self.id}"

    def resource(self) -> Tree:
        """The FHIR form, tagged as test data."""
        meta = {**({"security": [RESTRICTED]} if self.restricted else {}), "tag": [INVENTED]}
        head = {"resourceType": self.mapping.resource_type, "id": self.id, "meta": meta}
        return self.mapping.to_fhir(self.record, head)


File = tuple[Entry, ...]


def entry(id: str, mapping: Mapping[Any], *, restricted: bool = False, **known: Any) -> Entry:  # noqa: A002
    """The resource whose record has the `known` fields and no other."""
    return Entry(id, mapping, made(mapping.record, **known), restricted)


def transaction(entries: Iterable[Entry]) -> Tree:
    """The transaction Bundle that puts the entries under their own ids."""
    requests = [{"resource": one.resource(), "request": {"method": "PUT", "url": one.literal}} for one in entries]
    return {"resourceType": "Bundle", "type": "transaction", "entry": requests}
