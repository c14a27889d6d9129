"""What follows from a write: one function each, in a module for each subject.

Source: domain.md 5.2, 5.3; design decision 5 (one write path, one transaction).
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from fhir_gateway.phb.effects.effect import Effect, entered

for _module in sorted(one.name for one in iter_modules(__path__)):
    if _module != "effect":
        import_module(f"{__name__}.{_module}")

EFFECTS: Final[tuple[Effect, ...]] = entered()
