"""The conditions of the access table as clauses for one asker.

Source: access/table.toml; security.md section 4; domain.md 8.8, R134 to R138.
"""

from collections.abc import Callable
from typing import Final

from fhir_gateway.access.asker import Asker
from fhir_gateway.access.standing import TIED
from fhir_gateway.access.table import FIELD, TABLE, Line
from fhir_gateway.store.lines import Keeps, OnLines, SpentUnder
from fhir_gateway.store.rows import Brought, Holds, Ids, IssuedBy, Kinds, Labelled, Names, Not, OfBody, Own, Person
from fhir_gateway.store.tied import Dates, Days, Members, Tied, Ties
from mappings.lens.query import EVERYTHING, AllOf, Clause
from mappings.namespaces import ODS_CODE

RESTRICTED: Final = ("R", "V")
DIRECT_PAYMENT: Final = ("direct-payment",)
THIRD_PARTY: Final = ("third-party",)
BODY: Final = "Organization/"
PLAIN: Final = frozenset({"=", "!="})


def rows_of(asker: Asker, resource_type: str, line: Line) -> Clause:
    """The rows of one line of the table. Reaching of Provenance is the policy's to add."""
    found = (condition(asker, (resource_type, line.kind), one) for one in line.conditions)
    return AllOf((Kinds((line.kind,)), *(one for one in found if one is not EVERYTHING)))


def condition(asker: Asker, kind: tuple[str, str], text: str) -> Clause:
    """One condition. kind: type and kind of record."""
    if text in NAMED:
        return NAMED[text](asker, kind)
    found = FIELD.fullmatch(text)
    assert found is not None
    field, sign, value = found.groups()
    if value == "person":
        return Own(field)
    values = {"me": references(asker), "us": bodies(asker)}.get(value, (value,))
    holds = {"~": Names, "@": OfBody}.get(sign, Holds)(field, values)
    return Not(holds) if sign == "!=" else holds


def says(asker: Asker, line: Line, record: object) -> bool:
    """Whether a record not stored yet meets what a line asks of its plain fields."""
    found = (FIELD.fullmatch(one) for one in line.conditions)
    return all(_said(asker, one[1], one[3], record) is (one[2] != "!=") for one in found if one and one[2] in PLAIN)


def _said(asker: Asker, field: str, value: str, record: object) -> bool:
    """Whether a field holds a value; what stands in a list, or is the record's own person, the store knows."""
    if "." in field or value == "person":
        return True
    return getattr(record, field) in (references(asker) if value == "me" else (value,))


def references(asker: Asker) -> tuple[str, ...]:
    """What stands for the asker in a record: references, and the bare id of a body where the type is understood."""
    return (*asker.who, *(one.removeprefix(BODY) for one in asker.who if one.startswith(BODY)))


def bodies(asker: Asker) -> tuple[str, ...]:
    """The asker's body, as reference and as bare id."""
    body = asker.principal.organisation
    return (f"{BODY}{body}", body) if body else ()


def person(asker: Asker) -> str:
    """The person of the launch, as reference."""
    return f"Patient/{asker.patient}" if asker.patient else ""


def ties(asker: Asker, *kinds: str, anybody: bool = False) -> Ties:
    """Ties of some kinds, by default those of the asker's role."""
    chosen = kinds or TABLE.ties.get(asker.role, ())
    who = None if anybody else asker.who
    return Ties(kinds=chosen, who=who, now=asker.now, day=asker.day.isoformat())


# --- each -------------------------------------------------------------------------------------------

Kind = tuple[str, str]


def _tied(days: Days) -> Callable[[Asker, Kind], Clause]:
    def made(asker: Asker, kind: Kind) -> Clause:
        tied = Tied(ties(asker), days, TABLE.dates.get(kind, Dates()) if days == "records" else Dates())
        return AllOf((Person(asker.patient or ""), tied)) if asker.role in TIED else tied

    return made


def gate(asker: Asker, kind: Kind) -> Clause:
    """A coordinator goes through any gate of the case, others through that of their body; on the days it opens."""
    opened = ties(asker, "gate", anybody=asker.role == "coordinator")
    return Tied(opened, "records", TABLE.dates.get(kind, Dates()))


def _members(asker: Asker, *, every: bool) -> Clause:
    members = Members(ties(asker), every)
    if asker.role not in TIED:
        return members
    return AllOf((Holds("members.member", (asker.patient or "",)), members))


def _ids(asker: Asker, resource_type: str) -> tuple[str, ...]:
    head = f"{resource_type}/"
    return tuple(one.removeprefix(head) for one in asker.who if one.startswith(head))


NAMED: Final[dict[str, Callable[[Asker, Kind], Clause]]] = {
    "everyone": lambda _, __: EVERYTHING,
    "targets": lambda _, __: EVERYTHING,
    "tied": _tied("records"),
    "tied-now": _tied("today"),
    "tied-ever": _tied("instant"),
    "gate": gate,
    "shared": lambda asker, _: Tied(ties(asker, "shared")),
    "emergency": lambda asker, _: Tied(ties(asker, "emergency"), "instant"),
    "brought": lambda asker, _: Brought(bodies(asker)),
    "unrestricted": lambda _, __: Not(Labelled(RESTRICTED)),
    "me": lambda asker, kind: Ids(_ids(asker, kind[0])),
    "some-members": lambda asker, _: _members(asker, every=False),
    "every-member": lambda asker, _: _members(asker, every=True),
    "issued": lambda asker, _: IssuedBy(bodies(asker), ODS_CODE),
    "own-lines": lambda asker, _: OnLines(providers=references(asker)),
    "funded": lambda _, __: OnLines(),
    "direct-payment-lines": lambda _, __: OnLines(options=DIRECT_PAYMENT),
    "third-party-lines": lambda _, __: OnLines(options=THIRD_PARTY),
    "spent-direct-payment": lambda _, __: SpentUnder(DIRECT_PAYMENT),
    "spent-third-party": lambda _, __: SpentUnder(THIRD_PARTY),
    "keeps-direct-payment": lambda asker, _: Keeps(references(asker), DIRECT_PAYMENT),
    "keeps-third-party": lambda asker, _: Keeps(references(asker), THIRD_PARTY),
}
