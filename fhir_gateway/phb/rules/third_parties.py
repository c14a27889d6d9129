"""Group B, on third parties that hold the money: independent, and open about a conflict of interest.

Source: domain.md 4 B (R28, R29).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case import bodies
from fhir_gateway.phb.case.payments import THIRD_PARTY
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.account import PaymentArrangement
from mappings.organization import Organisation

NHS_PROVIDER: Final = "nhs-provider"
CONFLICT: Final = "an NHS provider holds the money: record on its Organization how the conflict of interest is handled"


def _is_set_up(new: Written[PaymentArrangement]) -> bool:
    """Whether this write has a third party hold the money."""
    asked = any(new.changed(one) for one in ("status", "management_option", "owner", "recipient"))
    return asked and new.record.status == "active" and new.record.management_option == THIRD_PARTY


@rule("R28", on=PaymentArrangement)
def third_party_is_independent(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """The holder is neither the person's side nor a body that decides or, as a council, pays."""
    if not _is_set_up(new):
        return
    if new.record.recipient is not None:
        yield Finding("a third party holds the money: no person or party of theirs receives it", "extension")
    if new.record.owner in bodies.responsible_bodies(case):
        yield Finding("the responsible body cannot hold the money as third party: name an independent one", "owner")
    elif new.record.owner is not None and _is_paying_council(new.record.owner, case):
        yield Finding("a council that pays cannot hold the money as third party: name an independent one", "owner")


def _is_paying_council(owner: str, case: CaseFile) -> bool:
    known = bodies.organisation(case, owner)
    council = known is not None and known.funder_kind == "local-authority"
    return owner in bodies.funders(case, bodies.COUNCIL) or (council and owner in bodies.funders(case))


@rule("R29", on=PaymentArrangement)
def nhs_provider_handles_its_conflict(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """An NHS provider holds the money when its conflict of interest is dealt with."""
    holder = bodies.organisation(case, new.record.owner) if _is_set_up(new) else None
    if holder is not None and _is_conflicted(holder):
        yield Finding(CONFLICT, "owner")


@rule("R29", on=Organisation)
def nhs_provider_says_how(new: Written[Organisation], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001 - its own fields
    """An NHS provider that may hold money is flagged while nothing is said of the conflict."""
    if "third-party-holder" in new.record.roles and _is_conflicted(new.record):
        yield Finding(CONFLICT, "extension", WARNING)


def _is_conflicted(body: Organisation) -> bool:
    return body.provider_kind == NHS_PROVIDER and not (body.conflict_of_interest or "").strip()
