"""What the funders answered to a Claim, found by its id.

Source: FHIR R4 claimresponse.html; domain.md 2.5, 8.2.
"""

from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.claim_response import FunderAnswer

ByClaim = dict[str | None, tuple[Filed[FunderAnswer], ...]]


def answers(case: CaseFile, claim: str) -> tuple[Filed[FunderAnswer], ...]:
    """The answers to a budget or payment that stand, by its id."""
    by_claim = case.once("answers by claim", lambda: _by_claim(case))
    return by_claim.get(claim, ())


def _by_claim(case: CaseFile) -> ByClaim:
    found: ByClaim = {}
    for one in case.all(FunderAnswer):
        if one.record.status == "active":
            found[one.record.claim_id] = (*found.get(one.record.claim_id, ()), one)
    return found
