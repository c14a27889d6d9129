"""What follows from a change of funding: a review of the joint package, held by the day of the change.

Shares end or fall by new versions of Coverage and budget alone, which R89 and R90 hold to the change; in dispute all
stays as it is.

Source: domain.md 2.6 (FundingChange); rules R89, R90.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.funding_changes import TAKES_EFFECT, in_dispute, lacks, others_of
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.effects.reviews import review_to_hold
from mappings.change import FundingChange
from mappings.review import Review

KIND: Final = "interim"


@effect(on=FundingChange)
def a_change_of_funding_is_reviewed(new: Written[FundingChange], case: CaseFile) -> Iterator[Consequence]:
    """One that names all four things and takes effect is looked at in a review, once."""
    change = new.record
    if change.started_on is None or not _is_in_order(change, case) or _is_reviewed(new, case):
        return
    review = review_to_hold(case, kind=KIND, due=max(change.started_on, case.today), about=new.reference)
    yield Consequence(
        # an extra review: it stands for none that a funder must hold by law
        record=replace(review, inputs=tuple(one for one in review.inputs if one.discharges is None)),
        why=f"a funder's share changes from {change.started_on}",
        rule="R89",
    )


def _is_in_order(change: FundingChange, case: CaseFile) -> bool:
    if change.status not in TAKES_EFFECT or in_dispute(change) or type_of(change.requester) != "Organization":
        return False
    body = (change.requester or "").partition("/")[2]
    return not lacks(change, others_of(case, change, body), change.started_on)


def _is_reviewed(new: Written[FundingChange], case: CaseFile) -> bool:
    return any(one.record.about == new.reference for one in case.all(Review))
