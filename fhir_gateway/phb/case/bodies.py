"""The bodies around a case: who answers for it, who acts for them, who pays.

Source: domain.md 2.1 (PhbCase, Organisation), 2.3 (FunderContribution); rules R2 to R4, R28.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case import days
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.coverage import FunderContribution
from mappings.episode_of_care import Delegation, PhbCase
from mappings.organization import Organisation
from mappings.terminology import DECISION_SUBJECT

CLOSED: Final = frozenset({"ended", "not-proceeding"})
NHS: Final = "nhs-"
COUNCIL: Final = "la-"
WHOLE: Final = "all"
NHS_BODIES: Final = frozenset({"nhs-icb", "nhs-england"})


def is_open(case: PhbCase) -> bool:
    """Whether a case is neither closed nor entered in error."""
    return case.state not in CLOSED and case.status != "entered-in-error"


def open_cases(case: CaseFile) -> tuple[Filed[PhbCase], ...]:
    """The person's open cases: one, and perhaps a one-off beside it."""
    return tuple(one for one in case.all(PhbCase) if is_open(one.record))


def organisation(case: CaseFile, id: str | None) -> Organisation | None:  # noqa: A002
    """The body of a bare id."""
    return case.get(Organisation, literal("Organization", id))


def shares(case: CaseFile, stream: str = "") -> Iterator[FunderContribution]:
    """The funders' shares in force, of all streams or of those that begin with `stream`."""
    found = (one.record for one in case.all(FunderContribution))
    return (one for one in found if one.status == "active" and one.stream.startswith(stream))


def funders(case: CaseFile, stream: str = "") -> frozenset[str]:
    """Ids of the bodies that pay a share, of all streams or of those that begin with `stream`."""
    named = (one.funder or "" for one in shares(case, stream))
    return frozenset(one.removeprefix("Organization/") for one in named if one.startswith("Organization/"))


def responsible_bodies(case: CaseFile) -> frozenset[str]:
    """Ids of the bodies that answer in law for the open cases."""
    return frozenset(one.record.responsible_body for one in open_cases(case) if one.record.responsible_body)


def delegations(case: CaseFile, body: str) -> tuple[Delegation, ...]:
    """What was delegated to a body in any open case."""
    return tuple(one for filed in open_cases(case) for one in filed.record.delegations if one.delegate == body)


def runs_on(delegation: Delegation, day: date) -> bool:
    """Whether a delegation is in force on a day."""
    return days.runs_on(delegation.start, delegation.end, day)


def covers(delegation: Delegation, subject: str) -> bool:
    """Whether a delegation's words name a decision subject, by its code or as it is shown, or say `all`."""
    words = (delegation.functions or "").casefold()
    named = (WHOLE, subject, DECISION_SUBJECT.display(subject).casefold())
    return any(re.search(rf"\b{re.escape(one)}s?\b", words) for one in named)
