"""Making a record of which only some fields are known.

Source: mappings (records are frozen dataclasses; what may be absent says so in its type).
"""

from dataclasses import fields
from typing import Any, TypeVar, get_args, get_origin

R = TypeVar("R")


def made(record: type[R], **known: Any) -> R:
    """A record or row with the `known` fields; every other one that may be absent is. Raises TypeError."""
    absent = {one.name: _absence(one.type) for one in fields(record) if _may_be_absent(one.type)}  # type: ignore[arg-type]
    return record(**absent | known)


def _may_be_absent(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or type(None) in get_args(annotation)


def _absence(annotation: Any) -> Any:
    return () if get_origin(annotation) is tuple else None
