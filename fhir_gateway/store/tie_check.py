"""The ties that are stored, held against those that the records, engagements and emergencies make.

Source: docs/adr/0007; `phb-gateway verify`.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from fhir_gateway.access.ties.derivation import derived
from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.store import emergencies, engagements, ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.facts import FactsOfMany
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, TIE

OF_NOBODY: Final = Statement(
    select(TIE.c.person).where(TIE.c.person.not_in(select(RESOURCES["Patient"].c.id))).distinct().order_by(TIE.c.person)
)


def differences(session: Session) -> Iterator[str]:
    """A line for each tie that is missing, and for each that nothing makes."""
    made: dict[str, set[Tie]] = {}
    granted = (*engagements.tied(engagements.every(session)), *emergencies.tied(emergencies.every(session)))
    for person, tie in granted:
        made.setdefault(person, set()).add(tie)
    for people in ties.pages(session):
        facts = FactsOfMany(session, people)
        for person in people:
            wanted = derived(CaseFile(facts, person, ties.ANY_DAY)) | made.get(person, set())
            yield from _told(person, wanted, ties.stored(session, person))
    yield from (f"Patient/{person}: ties of somebody who is not here" for (person,) in session.rows(OF_NOBODY, {}))


def _told(person: str, wanted: frozenset[Tie], found: frozenset[Tie]) -> Iterator[str]:
    for one in sorted(wanted - found):
        yield f"Patient/{person}: the {one.kind} tie of {one.who} by {one.source} is missing or differs"
    for one in sorted(found - wanted):
        yield f"Patient/{person}: the {one.kind} tie of {one.who} by {one.source} is made by nothing"
