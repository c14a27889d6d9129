"""How a person or a body is named and reached: the parts that Patient, Organization and their like share.

Source: FHIR R4 datatypes.html#HumanName, #ContactPoint, #Address; domain.md 2.1.
"""

from dataclasses import dataclass
from typing import Final

from mappings.lens.lens import First, Rows, code, each, first, rows, text

GENDER: Final = ("male", "female", "other", "unknown")
CONTACT_SYSTEM: Final = ("phone", "fax", "email", "pager", "url", "sms", "other")
CONTACT_USE: Final = ("home", "work", "temp", "old", "mobile")
ADDRESS_USE: Final = ("home", "work", "temp", "old", "billing")
NICKNAME: Final = {"use": "nickname"}
NOT_IN_USE: Final = (NICKNAME, {"use": "old"}, {"use": "maiden"}, {"use": "anonymous"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telecom:
    """A way to reach somebody: a number or an address, and what it is."""

    system: str | None
    value: str | None
    use: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address. text: the whole of it, where it was sent in one piece."""

    use: str | None
    text: str | None
    lines: tuple[str, ...]
    city: str | None
    county: str | None
    postcode: str | None
    country: str | None


def name_in_use() -> First:
    """The first name still in use, as the fields `name`, `prefix`, `given` and `family`."""
    parts = {
        "text": text("name"),
        "family": text("family"),
        "given": each("given", text("")),
        "prefix": each("prefix", text("")),
    }
    return first(parts, but=NOT_IN_USE)


def telecoms() -> Rows:
    """Every contact point, as the field `telecoms`."""
    parts = {"system": code("system", CONTACT_SYSTEM), "value": text("value"), "use": code("use", CONTACT_USE)}
    return rows("telecoms", Telecom, parts)


def addresses() -> Rows:
    """Every address, as the field `addresses`."""
    parts = {
        "use": code("use", ADDRESS_USE),
        "text": text("text"),
        "line": each("lines", text("")),
        "city": text("city"),
        "district": text("county"),
        "postalCode": text("postcode"),
        "country": text("country"),
    }
    return rows("addresses", Address, parts)
