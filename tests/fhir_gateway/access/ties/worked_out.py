"""The ties that records on a shelf make, and which of them hold on a day."""

from datetime import date
from typing import Any

from fhir_gateway.access.ties.derivation import derived
from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.london import begins
from fhir_gateway.phb.case_file import Filed
from tests.fhir_gateway.phb.shelf import case_file


def ties(kind: str, *standing: Filed[Any]) -> list[Tie]:
    """Those of one kind, in order."""
    return sorted(derived(case_file(*standing), {kind}))


def held_by(kind: str, day: date, *standing: Filed[Any]) -> set[str]:
    """Who holds one of a kind as a day begins."""
    at = begins(day)
    return {one.who for one in ties(kind, *standing) if one.since <= at < one.until}


def days_of(kind: str, *standing: Filed[Any]) -> list[tuple[str, date, date]]:
    """Who, and the days of records it opens."""
    return [(one.who, one.start, one.end) for one in ties(kind, *standing)]
