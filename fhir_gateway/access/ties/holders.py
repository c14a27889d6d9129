"""The body that holds the money for the person: a third party, or the holder of a managed account.

Source: domain.md 2.3 (third-party and managed account), 8.8; security.md section 4 (third-party holder).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.access.ties.tie import FIRST, LAST, Tie
from fhir_gateway.phb.case.arrangements import given_up
from fhir_gateway.phb.case_file import CaseFile
from mappings.account import PaymentArrangement

HOLDER: Final = "holder"


def holders(case: CaseFile) -> Iterator[Tie]:
    """The owner of an arrangement, for what is dated in its days."""
    for one in case.all(PaymentArrangement):
        held = one.record
        if held.owner and not given_up(held):
            start, end = held.start or FIRST, held.end or LAST
            yield Tie(kind=HOLDER, who=f"Organization/{held.owner}", source=one.reference, start=start, end=end)
