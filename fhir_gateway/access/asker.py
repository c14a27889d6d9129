"""Who asks, as the access policy sees them: a role, the references their ties are held under, a day.

Worked out anew for every request, so that what has ended opens nothing any more.

Source: security requirements S22, S32, S33; domain.md 8.8.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from auth.principal import Principal
from fhir_gateway.access import standing
from fhir_gateway.london import today
from fhir_gateway.store.database import Session

WHOLE_RECORD: Final = "custodian"  # the deployment's own systems
GATEWAY: Final = "gateway"  # the gateway itself, carrying out what somebody was allowed to set off: no caller's role
ROLES: Final = (
    WHOLE_RECORD,
    "person",
    "representative",
    "nominee",
    "coordinator",
    "care-system",  # of the body that answers for the case, such as a continuing-healthcare tool
    "icb",
    "council",
    "provider",
    "holder",
    "auditor",
    "privacy-officer",
    "operator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """The caller of one request. role: of ROLES, empty reaches nothing. now: microseconds. day: in London.

    who: the references ties are held under, such as `Organization/x`. patient: id of the launch person, whom
    `patient/` scopes do not go beyond.
    """

    principal: Principal
    role: str
    who: tuple[str, ...] = field(default=(), repr=False)
    patient: str | None = field(default=None, repr=False)
    now: int
    day: date

    @property
    def sees_all(self) -> bool:
        """Whether no row is closed to this asker by who they are."""
        return self.role in (WHOLE_RECORD, GATEWAY)

    @property
    def wall(self) -> str | None:
        """Who asks, as the database's own row security is told; None where it holds nothing back."""
        return None if self.sees_all else ",".join(self.who)

    def by_itself(self) -> "Asker":
        """The gateway in this asker's place, for what follows from an act that was allowed."""
        return self if self.sees_all else replace(self, role=GATEWAY)


def asker_of(session: Session, principal: Principal, now: int) -> Asker:
    """The asker a principal is now. Raises auth's Unauthorized when what its grant rests on has ended.

    One keyed statement for whoever logged in, so that a revocation, a birthday, capacity that is back, a death or the
    end of a role ends living tokens at the next request; none for a system that asks for itself.
    """
    day = today(now)
    return Asker(
        principal=principal,
        role=principal.role or "",
        who=standing.references(session, principal, now, day),
        patient=standing.patient_of(principal),
        now=now,
        day=day,
    )
