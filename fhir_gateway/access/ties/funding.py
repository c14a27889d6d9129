"""The bodies that pay a share, for the days they do, and those the person lets see the shared plan.

Source: domain.md 2.3 (FunderContribution), 8.8; security.md section 4 (LA finance); rules R75, R137.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.access.ties.tie import FIRST, LAST, Tie, held, window
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case_file import CaseFile
from mappings.consent import PhbConsent
from mappings.coverage import FunderContribution

FUNDER: Final = "funder"
SHARED: Final = "shared"
SHARE_RECORD: Final = "share-record"
BODY: Final = "Organization"


def funders(case: CaseFile) -> Iterator[Tie]:
    """A body is tied by each share it pays, or paid until a day, to what is dated in the days of that share."""
    for one in case.all(FunderContribution):
        share = one.record
        paid = share.status == "active" or (share.status == "cancelled" and share.end is not None)
        if paid and type_of(share.funder) == BODY:
            start, end = share.start or FIRST, share.end or LAST
            yield Tie(kind=FUNDER, who=str(share.funder), source=one.reference, start=start, end=end)


def shared(case: CaseFile) -> Iterator[Tie]:
    """A body is tied by each consent to share the record that names it, from its first day to its last.

    One that is no longer active opens nothing, whatever day it names.
    """
    for one in case.all(PhbConsent):
        if one.record.consent_subject == SHARE_RECORD and one.record.status == "active":
            named = dict.fromkeys(row.body for row in one.record.scope_bodies if type_of(row.body) == BODY)
            for body in named:
                yield from held(SHARED, str(body), one.reference, [given(one.record)])


def given(consent: PhbConsent) -> tuple[int, int]:
    """The instants a consent holds: from the later of the days it was given and holds from, to its last day."""
    first = max((day for day in (consent.given_on, consent.holds_from) if day is not None), default=None)
    return window(first, consent.withdrawn_on)
