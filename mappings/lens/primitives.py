"""The primitive types: which JSON value each takes, and which text.

Source: FHIR R4 datatypes.html#primitive, json.html#primitive; the calendar of ISO 8601.
"""

import binascii
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import Final

from mappings.lens.document import Json, is_number, sane_number
from mappings.lens.fault import Faults, Rule, Scope, kind, meaning, shape

MAX_STRING: Final = 1024 * 1024
MAX_INTEGER: Final = 2**31 - 1

_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,32})?"
_OFFSET: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_DAY: Final = r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_PARTIAL_DAY: Final = r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01])"

_date: Final = re.compile(rf"{_PARTIAL_DAY})?)?").fullmatch
_date_time: Final = re.compile(rf"{_PARTIAL_DAY}(?:T{_TIME}{_OFFSET})?)?)?").fullmatch
_instant: Final = re.compile(rf"{_DAY}T{_TIME}{_OFFSET}").fullmatch
_time: Final = re.compile(_TIME).fullmatch
_id: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}").fullmatch
_code: Final = re.compile(r"\S+(?:\s\S+)*").fullmatch
_uri: Final = re.compile(r"\S+").fullmatch
_oid: Final = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
_uuid: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_language: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*").fullmatch
_mime: Final = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^*-]+(?:\s*;.*)?|json|xml|ttl", re.ASCII).fullmatch
_control: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]").search
_no_offset: Final = re.compile(rf"{_DAY}T{_TIME}").fullmatch
_blanks: Final = str.maketrans("", "", " \t\r\n")

_SAFE_DAY: Final = "28"
_DAY_LENGTH: Final = 10
_PLAIN_NUMBER: Final = 18


def string(value: Json, scope: Scope) -> Faults | None:
    """Text with something to read in it; at most 1 MiB, control characters other than tab and line ends refused."""
    if type(value) is str and value.isprintable() and value and not value.isspace() and len(value) <= MAX_STRING:
        return None
    return _text_faults(value, scope)


def _text_faults(value: Json, _: Scope) -> Faults | None:
    if type(value) is not str:
        return shape(_expected("a string", value))
    if not value.strip():
        return shape("a string must not be empty or blank", "value")
    if len(value) > MAX_STRING:
        return shape(f"a string is at most {MAX_STRING} characters", "too-long")
    if _control(value):
        return shape("a control character is not allowed", "value")
    return None


def boolean(value: Json, _: Scope) -> Faults | None:
    """`true` or `false`; never text or a number that looks like it."""
    return None if value is True or value is False else shape(_expected("a boolean", value))


def decimal(value: Json, _: Scope) -> Faults | None:
    """A JSON number of sane size, kept as it was written."""
    if not is_number(value):
        return shape(_expected("a number", value))
    if type(value) is int and -(10**_PLAIN_NUMBER) < value < 10**_PLAIN_NUMBER:
        return None
    return None if sane_number(value) else shape("the number is too long or too large", "value")


def _whole(least: int, most: int, name: str) -> Rule:
    def judge(value: Json, _: Scope) -> Faults | None:
        if type(value) is int and least <= value <= most:
            return None
        if not is_number(value):
            return shape(_expected("a number", value))
        return shape(f"{name} is a whole number from {least} to {most}", "value")

    return judge


def base64_binary(value: Json, _: Scope) -> Faults | None:
    """Base64 with its padding; blanks between are allowed. No bound here: the size of the request is one."""
    if type(value) is not str:
        return shape(_expected("a string", value))
    try:
        if binascii.a2b_base64(value.translate(_blanks).encode(), strict_mode=True):
            return None
    except ValueError:  # binascii.Error is one
        pass
    return shape("base64 is expected", "value")


def _matching(matches: Callable[[str], object], text: str) -> Rule:
    def judge(value: Json, _: Scope) -> Faults | None:
        if type(value) is str and matches(value):
            return None
        return shape(text, "value") if type(value) is str else shape(_expected("a string", value))

    return judge


def uri(value: Json, _: Scope) -> Faults | None:
    """Text without blanks or control characters."""
    if type(value) is str and value.isprintable() and value and " " not in value:
        return None
    if type(value) is not str:
        return shape(_expected("a string", value))
    return None if _uri(value) and not _control(value) else shape("a URI has no blanks and is not empty", "value")


def code(value: Json, _: Scope) -> Faults | None:
    """Text without blanks at its ends or two in a row."""
    if type(value) is str and value.isprintable() and value and " " not in value:
        return None
    if type(value) is not str:
        return shape(_expected("a string", value))
    fits = _code(value) and not _control(value)
    return None if fits else shape("a code is not empty, with no blank at its ends and no two in a row", "value")


def _calendar(matches: Callable[[str], re.Match[str] | None], name: str, form: str) -> Rule:
    def judge(value: Json, _: Scope) -> Faults | None:
        if type(value) is not str:
            return shape(_expected("a string", value))
        match = matches(value)
        if match is None:
            return shape(_why_no_date(value, name, form), "value")
        year, month, day = match.groups()
        if year == "0000" or (day and day > _SAFE_DAY and int(day) > monthrange(int(year), int(month))[1]):
            return shape("there is no such day in the calendar", "value")
        return None

    return judge


def _day_first(rule: Rule) -> Rule:
    """The same judge, quicker for the usual text: a whole day."""

    def judge(value: Json, scope: Scope) -> Faults | None:
        if type(value) is str and len(value) == _DAY_LENGTH and value[4] == value[7] == "-":
            try:
                date.fromisoformat(value)
            except ValueError:
                return rule(value, scope)
            return None
        return rule(value, scope)

    return judge


def _why_no_date(value: str, name: str, form: str) -> str:
    if name != "date" and _no_offset(value):
        return f"{name} with a time needs an offset, Z or such as +01:00"
    if name != "date" and "T24:" in value:
        return f"{name} has no hour 24: midnight is 00:00:00 of the next day"
    return f"{name} is written {form}"


RULES: Final[dict[str, Rule]] = {
    "string": string,
    "markdown": string,
    "boolean": boolean,
    "decimal": decimal,
    "integer": _whole(-MAX_INTEGER - 1, MAX_INTEGER, "integer"),
    "unsignedInt": _whole(0, MAX_INTEGER, "unsignedInt"),
    "positiveInt": _whole(1, MAX_INTEGER, "positiveInt"),
    "base64Binary": base64_binary,
    "uri": uri,
    "url": uri,
    "canonical": uri,
    "code": code,
    "id": _matching(_id, "an id is 1 to 64 letters, digits, - and ."),
    "oid": _matching(_oid, "an oid is written urn:oid:1.2.3"),
    "uuid": _matching(_uuid, "a uuid is written urn:uuid: and 32 small hexadecimal digits with hyphens"),
    "date": _day_first(_calendar(_date, "date", "YYYY, YYYY-MM or YYYY-MM-DD")),
    "dateTime": _day_first(_calendar(_date_time, "dateTime", "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+hh:mm")),
    "instant": _calendar(_instant, "instant", "YYYY-MM-DDThh:mm:ss+hh:mm"),
    "time": _matching(_time, "time is written hh:mm:ss"),
}

LANGUAGE: Final = _matching(_language, "a language is a tag such as en or en-GB")


def one_of(allowed: frozenset[str], text: str) -> Rule:
    """A code out of a closed list; `text` tells what is allowed."""

    def judge(value: Json, scope: Scope) -> Faults | None:
        if type(value) is str and value in allowed:
            return None
        return code(value, scope) or meaning(text, "code-invalid")

    return judge


def mime_type(value: Json, scope: Scope) -> Faults | None:
    """A code that is a media type (BCP 13), or one of FHIR's short names."""
    if type(value) is str and _mime(value):
        return None
    return code(value, scope) or meaning("a media type such as application/pdf is expected", "code-invalid")


def _expected(what: str, value: Json) -> str:
    if type(value) is list:
        return "a single value is expected, not an array"
    return f"{what} is expected, not {kind(value)}"
