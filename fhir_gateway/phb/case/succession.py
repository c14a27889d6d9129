"""A version that follows another: which one it names, and whether the day has come for that one to give way.

Source: domain.md 5.3 (plan version, agreed budget); rules R61, R157, R158.
"""

from datetime import date
from typing import Any

from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan

Version = AgreedBudget | SupportPlan


def names(version: Version, other: str) -> bool:
    """Whether it says that it follows the version of this id."""
    if isinstance(version, AgreedBudget):
        return version.supersedes_id == other
    return other in version.replaces


def has_begun(version: Version, today: date) -> bool:
    """Whether its first day has come."""
    return version.start is None or version.start <= today


def gives_way(before: str, new: Written[Any], today: date) -> bool:
    """Whether the version of this id is over once the new one, which was here before, is active.

    A version that comes in active, as in a load, finds the one before it over already.
    """
    return new.previous is not None and names(new.record, before) and has_begun(new.record, today)


def before_of(version: Version, case: CaseFile) -> tuple[Filed[Version], ...]:
    """The versions it names, as far as they are known here."""
    if isinstance(version, AgreedBudget):
        named = [literal("Claim", version.supersedes_id)]
    else:
        named = [literal("CarePlan", one) for one in version.replaces]
    found = (case.filed(one) for one in named)
    return tuple(one for one in found if one is not None and type(one.record) is type(version))
