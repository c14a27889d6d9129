"""A mapping says, in the shape of the JSON, how one kind of record looks in FHIR; a resource type gathers them.

From one declaration come `from_fhir`, `to_fhir`, the search parameters, the CapabilityStatement entry, the
record's columns and the mapping table of the docs.

Source: design decision 2; docs/mapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from mappings.lens.document import Tree
from mappings.lens.errors import Issue, Unprocessable
from mappings.lens.lens import Leaf, Lens, Reading, Rows, Shape, ShapeSpec, built, fields_of, shape, values_of
from mappings.lens.search import COMMON, SearchParam, nodes_at

R = TypeVar("R")


@dataclass(frozen=True)
class Mapping(Generic[R]):
    """One kind of record and its FHIR form. `kind` is a code of `phb-record-kind`."""

    resource_type: str
    record: type[R]
    kind: str
    shape: Shape

    def claims(self, tree: Tree) -> bool:
        """Whether the resource is a record of this kind."""
        return self.shape.tells(tree)

    def from_fhir(self, tree: Tree) -> R:
        """The record of a resource. Raises Unprocessable with every fault met."""
        reading = Reading()
        self.shape.get(tree, reading, self.resource_type)
        record: R | None = built(self.record, reading, self.resource_type, self.shape)
        if reading.issues or record is None:
            raise Unprocessable(reading.issues)
        return record

    def to_fhir(self, record: R, onto: Tree | None = None) -> Tree:
        """The resource of a record; with `onto`, that resource changed to say the record and nothing else."""
        base: Tree = {"resourceType": self.resource_type} if onto is None else onto
        tree: Tree = self.shape.put(base, values_of(record))
        return tree

    def leaves(self) -> Iterator[tuple[str, Lens]]:
        """Every leaf lens with its element path."""
        return self.shape.leaves(self.resource_type)

    def without(self, path: str) -> "Mapping[R]":
        """This mapping less one leaf lens: the laws must notice."""
        return replace(self, shape=self.shape.without(path, self.resource_type))

    @cached_property
    def field_lenses(self) -> dict[str, Leaf | Rows]:
        """The lens of each record field."""
        return dict(fields_of(self.shape))


def mapping(resource_type: str, record: type[R], kind: str, spec: ShapeSpec) -> Mapping[R]:
    """A checked mapping: every field of the record has exactly one lens, and no lens an unknown field."""
    made = Mapping(resource_type, record, kind, shape(spec))
    named = sorted(name for name, _ in fields_of(made.shape))
    if named != sorted(one.name for one in fields(record)):  # type: ignore[arg-type]
        raise ValueError(f"{record.__name__}: fields and lenses differ: {named}")
    return made


@dataclass(frozen=True)
class ResourceType:
    """A FHIR type the gateway speaks: its record kinds, and what may be asked of it.

    compartment: name of the search parameter that says whose record it is; empty for people and bodies.
    money: updates must carry If-Match.
    profile: canonical of the profile the type follows, a UK Core one only where it exists.
    """

    name: str
    mappings: tuple[Mapping[Any], ...]
    search: tuple[SearchParam, ...]
    compartment: str = ""
    money: bool = False
    profile: str = ""
    note: str = field(default="", compare=False)

    def mapping_of(self, tree: Tree) -> Mapping[Any] | None:
        """The mapping that claims the resource; None when it is no PHB record."""
        for one in self.mappings:
            if one.claims(tree):
                return one
        return None

    def derive(self, tree: Tree) -> tuple[str, Any]:
        """Kind and record of a resource, ("", None) for one that is not ours. Raises Unprocessable."""
        one = self.mapping_of(tree)
        if one is None:
            return "", None
        strange = [name for name in ("implicitRules", "modifierExtension") if name in tree]
        if strange:
            what = f"a record with {strange[0]} may mean something else and cannot be taken"
            raise Unprocessable(Issue("not-supported", what, f"{self.name}.{strange[0]}"))
        return one.kind, one.from_fhir(tree)

    @cached_property
    def params(self) -> dict[str, SearchParam]:
        """Every search parameter by name, the common ones included."""
        return {param.name: param for param in (*COMMON, *self.search)}

    def subject_of(self, tree: Tree) -> Issue | str | None:
        """The id of the Patient whose record it is, None where the type has no compartment, or the fault."""
        if not self.compartment:
            return tree.get("id") if self.name == "Patient" else None
        element = self.params[self.compartment].paths[0]
        literals = [node.get("reference", "") for node in nodes_at(tree, element)]
        literal = next((one for one in literals if one.startswith("Patient/")), "")
        person = literal.removeprefix("Patient/")
        if not person or "/" in person:
            return Issue("value", "must name a Patient of this gateway: Patient/[id]", f"{self.name}.{element}")
        return str(person)
