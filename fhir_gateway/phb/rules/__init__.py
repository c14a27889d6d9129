"""The rules R1 to R168: one function each, in a module for each group, beside the group's part of the catalogue.

Source: domain.md section 4; docs/rules.md is written from here.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from fhir_gateway.phb.rules.rule import Rule, entered

_MACHINERY: Final = frozenset({"rule", "catalogue", "judge", "code_system"})
for _module in sorted(one.name for one in iter_modules(__path__)):
    if _module not in _MACHINERY:
        import_module(f"{__name__}.{_module}")

RULES: Final[tuple[Rule, ...]] = entered()
