"""The record an operation is asked of, as far as whoever asks may see it.

Source: security requirements S34, S38.
"""

from datetime import date

from fhir_gateway.access import policy
from fhir_gateway.interactions import shown
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.operations.operation import Asked
from fhir_gateway.interactions.read import missing, unknown
from fhir_gateway.store import records
from fhir_gateway.store.records import Stored
from mappings.registry import TYPES


def person_of(ctx: Context, asked: Asked, day: date | None = None) -> str:
    """Id of the person the record is about. Raises NotFound, alike for what is not there and what is not seen.

    day: as of which something is worked out, today where none is given.
    """
    if ctx.asker.sees_all:
        person = records.person_of(ctx.session, asked.type, asked.id)
        ctx.touched.person(person)
    else:
        stored = shown.one(ctx, asked.type, asked.id)
        person = stored.person if stored is not None and _is_open(ctx, stored.person, day) else None
    if person is None:
        raise unknown(TYPES[asked.type], asked.id)
    return person


def _is_open(ctx: Context, person: str | None, day: date | None) -> bool:
    """Whether a tie of the asker opens what is worked out as of a day: a body that left has its own days alone."""
    tied = policy.tied_on(ctx.asker, day or ctx.asker.day)
    return person is not None and bool(records.admitted(ctx.session, "Patient", (person,), tied))


def record_of(ctx: Context, asked: Asked) -> Stored:
    """The record as stored, seen whole or not at all. Raises NotFound, Gone, and Forbidden where R134 closes it."""
    seen = shown.one(ctx, asked.type, asked.id)
    stored = records.get(ctx.session, asked.type, asked.id) if seen is not None else None
    if stored is None or seen is None or seen.text != stored.text:
        raise missing(ctx, TYPES[asked.type], asked.id)
    return stored
