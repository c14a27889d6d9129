"""Moves of the whole case from state to state, and what refuses them."""

from typing import Any

from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.case_file import Filed
from mappings.episode_of_care import PhbCase
from tests.fhir_gateway.phb.shelf import broken, issues
from tests.fhir_gateway.phb.whole_case import phb_case, standing

Known = Any


def at(state: str, **known: Known) -> PhbCase:
    """The case in a state, with the status that belongs to it."""
    return phb_case(**{"state": state, "status": status_of(state), **known})


def moved(start: str, to: str, *around: Filed[Any], without: tuple[str, ...] = (), **known: Known) -> set[str]:
    """What refuses the move."""
    return broken(at(to, **known), *standing(*around, without=without), id="case", previous=at(start))


def reasons(start: str, to: str, *around: Filed[Any], **known: Known) -> str:
    """What R161 says about the move."""
    found = issues(at(to, **known), *standing(*around), id="case", previous=at(start))
    return "\n".join(one.diagnostics for one in found if one.details == "R161")
