"""What both kinds of Contract have in common: the states R4 gives a Contract.

Source: FHIR R4 contract.html, required value set contract-status.
"""

from typing import Final

STATUS: Final = (
    "amended",
    "appended",
    "cancelled",
    "disputed",
    "entered-in-error",
    "executable",
    "executed",
    "negotiable",
    "offered",
    "policy",
    "rejected",
    "renewed",
    "revoked",
    "resolved",
    "terminated",
)
