"""What an eligibility group gives: a right to a personal health budget, or an offer of the body's own.

Source: domain.md 3.1 (eligibility-group); rule R5.
"""

from mappings.terminology import ELIGIBILITY_GROUP


def right_to_have(group: str | None) -> bool:
    """Whether the law gives people of a group a right to a budget; computed always, written by nobody."""
    return group is not None and ELIGIBILITY_GROUP.property_of(group, "right_to_have") is True
