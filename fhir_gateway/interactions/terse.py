"""What a rule says to those who do not see the whole case: its own words, and nothing of the records behind it.

Source: domain.md 8.8 (a provider sees no balance, no other's share); security requirement S39.
"""

from dataclasses import replace
from typing import Final

from fhir_gateway.access.asker import Asker
from fhir_gateway.errors import RuleBroken
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings.lens.errors import Issue

IN_PART: Final = frozenset({"provider", "holder", "nominee"})


def tells_all(asker: Asker) -> bool:
    """Whether this asker may read all that the rules say."""
    return asker.role not in IN_PART


def told_to(asker: Asker, error: RuleBroken) -> RuleBroken:
    """The refusal as this asker may read it."""
    if tells_all(asker):
        return error
    return RuleBroken([_plain(one) for one in error.issues], headers=error.headers)


def _plain(issue: Issue) -> Issue:
    rule = CATALOGUE.get(issue.details)
    return replace(issue, diagnostics=rule.says if rule is not None else "a rule of the budget stands against it")
