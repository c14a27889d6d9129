"""What is understood of a record of the world, and on which days it lies.

Source: security.md section 4 (tenancy is a join on dates); domain.md 2.
"""

from datetime import date
from functools import cache
from typing import Any, Final

from mappings.lens import document
from mappings.registry import TYPES
from tests.laws.no_leak.bonds import FIRST, LAST
from tests.laws.no_leak.people import TODAY
from tests.laws.no_leak.world import Record

# A record lies between the first of the former and the first of the latter that it has; without any it lies on today.
DATES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "case": (("opened_on",), ("closed_on",)),
    "support-plan": (("start", "created_on"), ("end",)),
    "outcome": (("start",), ()),
    "care-team": (("start",), ("end",)),
    "party": (("start",), ("end",)),
    "funder-contribution": (("start",), ("end",)),
    "agreed-budget": (("start", "created"), ("end", "created")),
    "indicative-budget": (("start", "created"), ("end", "created")),
    "payment": (
        ("start", "paid_on", "due_on", "received_on", "created"),
        ("end", "paid_on", "due_on", "received_on", "created"),
    ),
    "expenditure-entry": (("start", "created"), ("end", "created")),
    "funder-answer": (("paid_on", "preauth_start", "created"), ("paid_on", "preauth_end", "created")),
    "evidence": (("start", "dated_on"), ("end", "dated_on")),
    "payment-arrangement": (("start",), ("end",)),
    "direct-payment-agreement": (("start", "issued_on"), ("end",)),
    "employment": (("start", "issued_on"), ("end",)),
    "review": (("started_on", "respond_by", "requested_on"), ("ended_on",)),
    "decision": (("requested_on", "started_on", "respond_by"), ("ended_on",)),
    "appeal": (("requested_on", "started_on", "respond_by"), ("ended_on",)),
    "suspension": (("started_on", "requested_on"), ("ended_on",)),
    "funding-change": (("started_on", "requested_on"), ("ended_on",)),
    "concern": (("requested_on", "started_on"), ("ended_on",)),
    "transfer": (("requested_on", "accepted_on"), ("ended_on",)),
    "consent": (("holds_from", "given_on"), ("withdrawn_on",)),
    "notice": (("sent_on", "effective_on"), ("sent_on", "effective_on")),
    "discussion": (("sent_on",), ("sent_on",)),
    "risk": (("assessed_on",), ()),
    "plan-narrative": (("written_on",), ()),
    "capacity-assessment": (("assessed_on",), ()),
    "direct-payment-bar": (("start",), ("end",)),
    "needs-assessment": (("assessed_on",), ()),
    "experience": (("asked_on",), ("asked_on",)),
    "hospital-stay": (("admitted_on",), ("discharged_on",)),
    "need": (("since", "recorded_on"), ("until",)),
}


@cache
def fields_of(place: str, text: bytes) -> Any:
    """The record of a resource, by its text."""
    del place
    tree = document.parse(text)
    return TYPES[tree["resourceType"]].derive(tree)[1]


def fields(record: Record) -> Any:
    """What we understand of a record."""
    return fields_of(record.place, document.encode(record.tree))


def days(record: Record) -> tuple[date, date]:
    """The first and last day of a record."""
    starts, ends = DATES.get(record.kind, ((), ()))
    known = fields(record)
    if not any(getattr(known, name, None) for name in (*starts, *ends)):
        return TODAY, TODAY
    first = next((day for name in starts if (day := getattr(known, name, None))), FIRST)
    last = next((day for name in ends if (day := getattr(known, name, None))), LAST)
    return first, last
