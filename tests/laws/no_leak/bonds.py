"""Who is tied to whom in the world, as its story says: written down by hand, derived from no record and no table.

Source: security.md section 4 (who may do what, tenancy, gate); domain.md 4.J, 4.L, 8.8.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tests.laws.no_leak import bodies
from tests.laws.no_leak.actors import AUDITED, IN_EMERGENCY, Actor
from tests.laws.no_leak.people import ADA, CAI, END, FAY, MOVED_ON, PEOPLE, START

FIRST: Final = date.min
LAST: Final = date.max


@dataclass(frozen=True, slots=True)
class Bond:
    """A tie to a person. who: slug of the body or worker. It opens what is dated from start to end, both inclusive."""

    kind: str
    who: str
    person: str
    start: date = FIRST
    end: date = LAST


def _responsible() -> tuple[Bond, ...]:
    """Each ICB for its own; the one that Cai moved from for what lies before."""
    moved = Bond("responsible", "icb-2", "cai", end=MOVED_ON - timedelta(days=1))
    now = (Bond("responsible", one.icb, one.id, MOVED_ON if one is CAI else FIRST) for one in PEOPLE)
    return moved, *now


def _shared() -> tuple[Bond, ...]:
    """Everybody shares the plan with whoever pays, but Fay, who shares it with the ICB alone."""
    icbs = (Bond("shared", one.icb, one.id) for one in PEOPLE)
    councils = (Bond("shared", one.council, one.id) for one in PEOPLE if one.council and one is not FAY)
    return *icbs, *councils


def _gates() -> tuple[Bond, ...]:
    """The worry about Ada opens everything to her bodies, the review of Fay's what lies in the plan's year."""
    ada = (Bond("gate", who, "ada") for who in (ADA.icb, str(ADA.council), bodies.coordinator_of(ADA.icb)))
    fay = (Bond("gate", who, "fay", START, END) for who in (FAY.icb, str(FAY.council), bodies.coordinator_of(FAY.icb)))
    return *ada, *fay


BONDS: Final[tuple[Bond, ...]] = (
    *_responsible(),
    *(Bond("funder", one.council, one.id, START, END) for one in PEOPLE if one.council),
    *_shared(),
    *_gates(),
    *(Bond("coordinator", bodies.coordinator_of(one.icb), one.id) for one in PEOPLE),
    *(Bond("provider", one.provider, one.id) for one in PEOPLE),
    *(Bond("holder", one.holder, one.id, START, END) for one in PEOPLE if one.holder),
    *(Bond("engagement", bodies.AUDITOR, one, START, END) for one in AUDITED),
    Bond("emergency", IN_EMERGENCY, "fay"),
)
OF_ROLE: Final = {
    "coordinator": ("coordinator",),
    "care-system": ("responsible",),
    "icb": ("responsible",),
    "council": ("funder",),
    "provider": ("provider",),
    "holder": ("holder",),
    "auditor": ("engagement",),
    "privacy-officer": ("responsible", "funder"),
}


def bonds_of(actor: Actor, person: str | None, *kinds: str) -> list[Bond]:
    """The ties of an actor to a person: those of the role unless kinds are named."""
    wanted = kinds or OF_ROLE.get(actor.role, ())
    names = {actor.body, actor.user.partition("/")[2]}
    return [one for one in BONDS if one.person == person and one.kind in wanted and one.who in names]


def own_person(actor: Actor, person: str | None) -> bool:
    """Whether an actor who acts as, or for, one person is asked about that one."""
    return bool(actor.patient) and actor.patient == person and not actor.ended
