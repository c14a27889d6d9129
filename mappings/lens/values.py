"""Lenses on one value: text, codes, days, moments, money, references.

Source: FHIR R4 datatypes.html, references.html; domain.md 8.6 (Money), rules R1, R101, R160.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Final

import jiter

from mappings.lens.base import Leaf, Misfit
from mappings.lens.document import Json, Tree, decimal_of, is_number
from mappings.nhs_number import is_nhs_number
from mappings.terminology.code_list import CodeList

PENNIES: Final = 2
MOST_POUNDS: Final = 10**15
CURRENCIES: Final = "urn:iso:std:iso:4217"
_EXACT: Final = Context(prec=99)
_DAY_LENGTH: Final = len("2026-01-31")
_MICROSECONDS: Final = 6


@dataclass(frozen=True)
class Text(Leaf):
    """A string, as it is."""

    def decode(self, node: Json) -> str:
        return str(node)

    def encode(self, value: str) -> Json:
        return value


@dataclass(frozen=True)
class NhsNumber(Text):
    """An NHS number with a valid check digit (R1). The number itself is in no message."""

    def decode(self, node: Json) -> str:
        if not is_nhs_number(str(node)):
            raise Misfit("value", "an NHS number is ten digits with a valid check digit", "R1")
        return str(node)


@dataclass(frozen=True)
class Flag(Leaf):
    """A boolean."""

    def decode(self, node: Json) -> bool:
        return bool(node)

    def encode(self, value: bool) -> Json:  # noqa: FBT001 - a boolean is the value itself
        return value


@dataclass(frozen=True)
class Count(Leaf):
    """A whole number."""

    def decode(self, node: Json) -> int:
        if type(node) is not int:
            raise Misfit("value", "a whole number is expected")
        return node

    def encode(self, value: int) -> Json:
        return value


@dataclass(frozen=True)
class Number(Leaf):
    """A decimal, exact."""

    def decode(self, node: Json) -> Decimal:
        return decimal_of(node)

    def encode(self, value: Decimal) -> Json:
        return json_number(value)


@dataclass(frozen=True)
class Code(Leaf):
    """A code of a closed list; an unknown one is refused and the list named (R160)."""

    list: CodeList | tuple[str, ...] = ()

    def decode(self, node: Json) -> str:
        if node not in self.list:
            raise Misfit("code-invalid", f"the code is not in {list_name(self.list)}", "R160")
        return str(node)

    def encode(self, value: str) -> Json:
        return value


@dataclass(frozen=True)
class Day(Leaf):
    """The day of a date or dateTime, as its own text says; a year or a month alone is no day and reads as None."""

    def decode(self, node: Json) -> date | None:
        return date.fromisoformat(node[:_DAY_LENGTH]) if len(node) >= _DAY_LENGTH else None

    def encode(self, value: date) -> Json:
        return value.isoformat()


@dataclass(frozen=True)
class Moment(Leaf):
    """The instant of a dateTime with offset, in UTC to the microsecond; a bare date reads as None."""

    def decode(self, node: Json) -> datetime | None:
        if "T" not in node:
            return None
        head, _, tail = node.partition(".")
        digits = len(tail) - len(tail.lstrip("0123456789"))
        exact = f"{head}.{tail[: min(digits, _MICROSECONDS)]:0<6}{tail[digits:]}" if tail else head
        try:
            return datetime.fromisoformat(exact.replace(":60", ":59")).astimezone(UTC)
        except OverflowError as error:
            raise Misfit("value", "the time lies outside the calendar") from error

    def encode(self, value: datetime) -> Json:
        return value.isoformat()


@dataclass(frozen=True)
class Pence(Leaf):
    """Money in pounds and pence, as whole pence: two decimals at most, GBP only (R101)."""

    def decode(self, node: Json) -> int:
        number = node.get("value")
        if not is_number(number):
            raise Misfit("required", "an amount needs a value")
        if node.get("currency", "GBP") != "GBP":
            raise Misfit("value", "amounts are in GBP", "R101")
        return pence_of(decimal_of(number))

    def encode(self, value: int) -> Json:
        return {"value": pounds(value), "currency": "GBP"}

    def refreshed(self, node: Json, value: int) -> Json:
        return {**node, "value": pounds(value), "currency": "GBP"}


@dataclass(frozen=True)
class PenceQuantity(Leaf):
    """Money as a Quantity whose unit is GBP, where R4 allows no Money (R101)."""

    def decode(self, node: Json) -> int:
        number = node.get("value")
        if not is_number(number):
            raise Misfit("required", "an amount needs a value")
        if node.get("code", node.get("unit", "GBP")) != "GBP":
            raise Misfit("value", "amounts are in GBP", "R101")
        return pence_of(decimal_of(number))

    def encode(self, value: int) -> Json:
        return {"value": pounds(value), "unit": "GBP", "system": CURRENCIES, "code": "GBP"}

    def refreshed(self, node: Json, value: int) -> Json:
        return {**node, **self.encode(value)}


@dataclass(frozen=True)
class Reference(Leaf):
    """A literal reference as `Type/id`, or the bare id where only one type can be meant.

    Absolute references read as their URL, logical ones as `system|value`; a display alone reads as None.
    """

    to: tuple[str, ...] = ()

    def decode(self, node: Json) -> str | None:
        literal = node.get("reference")
        if literal is None:
            return _logical(node.get("identifier"))
        local: str = literal.partition("/_history/")[0]
        if len(self.to) == 1 and local.startswith(f"{self.to[0]}/"):
            return local[len(self.to[0]) + 1 :]
        return local

    def encode(self, value: str) -> Json:
        if "|" in value:
            system, _, number = value.partition("|")
            return {"identifier": {**({"system": system} if system else {}), "value": number}}
        bare = not any(mark in value for mark in "/:#")
        return {"reference": f"{self.to[0]}/{value}" if bare else value}


def _logical(identifier: Json) -> str | None:
    if not identifier or "value" not in identifier:
        return None
    return f"{identifier.get('system', '')}|{identifier['value']}"


@dataclass(frozen=True)
class Concept(Leaf):
    """The code of one closed list inside a CodeableConcept; other codings and the text stay."""

    list: CodeList = field(default=None)  # type: ignore[assignment]
    marks: bool = False

    def decode(self, node: Json) -> str | None:
        coding = coding_of(node, self.list.system)
        if coding is None:
            return None
        code = coding.get("code")
        if code not in self.list:
            raise Misfit("code-invalid", f"the code is not in {list_name(self.list)}", "R160")
        return str(code)

    def encode(self, value: str) -> Json:
        return {"coding": [self.list.coding(value)]}

    def refreshed(self, node: Json, value: str) -> Json:
        return {**node, "coding": [self.list.coding(value), *self._others(node)]}

    def cleared(self, node: Json) -> Json:
        others = self._others(node)
        return {**node, "coding": others} if others else None

    def _others(self, node: Json) -> Json:
        return [coding for coding in node.get("coding", ()) if coding.get("system") != self.list.system]

    def tells(self, node: Json) -> bool:
        return not self.marks or (node is not None and coding_of(node, self.list.system) is not None)


@dataclass(frozen=True)
class SystemCode(Leaf):
    """The code of a system that is not ours in a CodeableConcept; the other codings say the same, and go with it.

    list: the codes allowed; empty for any.
    """

    system: str = ""
    list: tuple[str, ...] = ()

    def decode(self, node: Json) -> str | None:
        coding = coding_of(node, self.system)
        if coding is None or "code" not in coding:
            return None
        if self.list and coding["code"] not in self.list:
            raise Misfit("code-invalid", f"the code is not in {list_name(self.list)}", "R160")
        return str(coding["code"])

    def encode(self, value: str) -> Json:
        return {"coding": [{"system": self.system, "code": value}]}

    def refreshed(self, node: Json, value: str) -> Json:
        others = [coding for coding in node.get("coding", ()) if coding.get("system") != self.system]
        return {**node, "coding": [*self.encode(value)["coding"], *others]}


def coding_of(concept: Json, system: str) -> Tree | None:
    """The first coding of `system` in a CodeableConcept."""
    for coding in concept.get("coding", ()):
        if coding.get("system") == system:
            found: Tree = coding
            return found
    return None


def pence_of(pounds_value: Decimal) -> int:
    """Whole pence; raises Misfit for a fraction of a penny, and for a sum no ledger holds."""
    if pounds_value.copy_abs() >= MOST_POUNDS:
        raise Misfit("value", "the amount is too large", "R101")
    pence = pounds_value.scaleb(PENNIES, _EXACT)
    if pence != pence.to_integral_value(context=_EXACT):
        raise Misfit("value", "an amount has at most two decimals", "R101")
    return int(pence)


def pounds(pence: int) -> jiter.LosslessFloat:
    """A JSON number with exactly two decimals."""
    sign, whole = ("-", -pence) if pence < 0 else ("", pence)
    return jiter.LosslessFloat(f"{sign}{whole // 100}.{whole % 100:02d}".encode())


def json_number(value: Decimal) -> Json:
    """A JSON number with the decimal's own digits."""
    return jiter.LosslessFloat(format(value, "f").encode())


def list_name(codes: CodeList | tuple[str, ...]) -> str:
    """How a message names a code list."""
    return codes.name if isinstance(codes, CodeList) else "(" + ", ".join(codes) + ")"
