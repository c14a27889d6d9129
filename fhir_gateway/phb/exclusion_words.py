"""Words in a description that suggest a use the money may not be put to; a hint to look, never a reason to refuse.

Source: rule R65; the uses are the codes of `phb-exclusion-category` (S003, S004).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "primary-medical-services": ("gp appointment", "gp visit", "private gp"),
        "vaccination-immunisation": ("vaccination", "vaccinations", "immunisation", "flu jab", "vaccine"),
        "screening": ("cancer screening", "breast screening", "bowel screening", "cervical screening"),
        "nhs-health-check": ("nhs health check",),
        "urgent-emergency-treatment": ("ambulance", "emergency treatment", "a&e"),
        "surgical-procedure": ("surgery", "surgical", "operation on"),
        "nhs-charges": ("prescription charge", "prescription charges", "dental charge", "dental charges"),
        "alcohol": ("alcohol", "beer", "cider", "gin", "lager", "vodka", "whisky", "wine"),
        "tobacco": ("cigarette", "cigarettes", "cigars", "tobacco", "vape", "vapes"),
        "gambling": ("betting", "bingo", "casino", "gambling", "lottery", "scratchcard", "scratchcards"),
        "debt-repayment": ("arrears", "debt", "debts", "loan repayment", "overdraft"),
        "illegal-or-unlawful": ("cannabis", "cocaine", "heroin"),
    }
)
_PATTERNS: Final = tuple(
    (category, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE))
    for category, words in WORDS.items()
)


def suggested(text: str | None) -> str | None:
    """The first code of `phb-exclusion-category` that whole words of a text suggest; None for none."""
    return next((category for category, pattern in _PATTERNS if pattern.search(text or "")), None)
