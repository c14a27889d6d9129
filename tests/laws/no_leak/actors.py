"""Who asks in the world, each with a token of their own.

Tokens are put straight into the database: how one is got has tests of its own.

Source: security.md section 4 (who may do what); domain.md 8.8.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, insert

from auth import tokens
from auth.store import ACCESS_TOKEN, ACCOUNT, CLIENT, GRANT
from fhir_gateway.store import emergencies, engagements
from fhir_gateway.store.database import Session
from fhir_gateway.store.emergencies import Emergency
from fhir_gateway.store.engagements import Engagement
from tests.fhir_gateway.api import Api
from tests.laws.no_leak import bodies, people
from tests.laws.no_leak.people import NOON
from tests.laws.no_leak.world import script

YEAR_US: Final = 365 * 24 * 3600 * 1_000_000
AUDITED: Final = ("ada", "dot")
IN_EMERGENCY: Final = bodies.decider_of("council-1")
ACTING: Final = ("person", "representative", "nominee")


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks. role: in the access policy. body: slug of the Organization they speak for.

    user: name in the world of who logged in, `RelatedPerson/ben-deputy`, empty for a system. patient: slug of the
    person in the launch context, beyond whom the app does not go. ended: what the token rests on has ended, so that
    every answer is 401.
    """

    name: str
    role: str
    body: str = ""
    user: str = ""
    patient: str = ""
    ended: bool = False

    @property
    def scope(self) -> str:
        """Everything an app of such a user, or such a system, can be granted."""
        context = "patient" if self.patient else "user" if self.user else "system"
        return f"{context}/*.cruds"


def _system(role: str, body: str = "") -> Actor:
    return Actor(body or role, role, body)


def _staff(role: str, user: str, body: str) -> Actor:
    return Actor(user, role, body, f"PractitionerRole/{user}")


SYSTEMS: Final = (
    *(_system("icb", one) for one in bodies.ICBS),
    *(_system("council", one) for one in bodies.COUNCILS),
    *(_system("provider", one) for one in bodies.PROVIDERS),
    *(_system("holder", one) for one in bodies.HOLDERS),
    Actor("care-tool", "care-system", "icb-2"),
    _system("auditor", bodies.AUDITOR),
    _system("operator"),
    Actor("privacy-officer", "privacy-officer", "icb-1"),
    Actor("no-role", ""),
)
PERSONS: Final = tuple(
    Actor(one.id, "person", user=f"Patient/{one.id}", patient=one.id, ended=one is people.EVE) for one in people.PEOPLE
)
SPEAKERS: Final = tuple(
    Actor(one.speaks, "representative", user=f"RelatedPerson/{one.speaks}", patient=one.id, ended=one is people.EVE)
    for one in people.PEOPLE
    if one.speaks
)
NOMINEE: Final = Actor("dot-nominee", "nominee", user="RelatedPerson/dot-nominee", patient="dot")
STAFF: Final = (  # the one of Ada came by a launch from her record
    *(_staff("coordinator", bodies.coordinator_of(one), one) for one in bodies.ICBS),
    Actor("coordinator-of-ada", "coordinator", "icb-1", f"PractitionerRole/{bodies.coordinator_of('icb-1')}", "ada"),
    _staff("icb", bodies.decider_of("icb-1"), "icb-1"),
    _staff("council", bodies.decider_of("council-1"), "council-1"),
)
ACTORS: Final[tuple[Actor, ...]] = (*SYSTEMS, *PERSONS, *SPEAKERS, NOMINEE, *STAFF)


def open_cases(session: Session) -> None:
    """What no record makes: the audit of Ada's and Dot's money, and an emergency in which Fay's plan was opened."""
    sample = tuple(_id(f"Patient/{one}") for one in AUDITED)
    engagements.add(
        session,
        Engagement(
            engagement_id="audit-1",
            organisation=_id(f"Organization/{bodies.AUDITOR}"),
            people=sample,
            start=people.START,
            end=people.END,
            since=0,
            until=NOON + YEAR_US,
        ),
    )
    emergencies.begin(
        session,
        Emergency(
            emergency_id="emergency-1",
            person=_id("Patient/fay"),
            who=script().names[f"PractitionerRole/{IN_EMERGENCY}"],
            organisation=_id("Organization/council-1"),
            client=f"client-{IN_EMERGENCY}",
            request="request-1",
            reason="safeguarding",
            words="Somebody has to know now.",
            started=NOON,
            until=NOON + emergencies.LASTS,
        ),
    )


def admit(conn: Connection) -> None:
    """Register everybody, each with a token of a year."""
    for one in ACTORS:
        organisation = _id(f"Organization/{one.body}") if one.body else None
        conn.execute(insert(CLIENT).values(_client(one, organisation)))
        grant = _grant(conn, one, organisation) if one.user else None
        known = {"client_id": f"client-{one.name}", "scope": one.scope, "grant_id": grant}
        until = NOON + YEAR_US
        conn.execute(
            insert(ACCESS_TOKEN).values(digest=tokens.digest(_token(one)), issued_at=NOON, expires_at=until, **known)
        )


def asking(api: Api, actor: Actor) -> Api:
    """The API as an actor asks it."""
    return replace(api, token=_token(actor), client_id=f"client-{actor.name}")


def _token(actor: Actor) -> str:
    return f"token-of-{actor.name}"


def _id(name: str) -> str:
    return script().names[name].partition("/")[2]


def _client(actor: Actor, organisation: str | None) -> dict[str, Any]:
    """One for each actor; an app of people has no role and speaks for no body."""
    known = {} if actor.user else {"role": actor.role or None, "organisation": organisation}
    return {
        "client_id": f"client-{actor.name}",
        "name": f"Client {actor.name}",
        "status": "active",
        "scope": actor.scope,
        "aud": "either",
        "created_at": NOON,
        "kind": "public" if actor.user else "system",
        **known,
    }


def _grant(conn: Connection, actor: Actor, organisation: str | None) -> str:
    account, grant = f"account-{actor.name}", f"grant-{actor.name}"
    conn.execute(insert(ACCOUNT).values(account_id=account, username=actor.name, status="active", created_at=NOON))
    conn.execute(
        insert(GRANT).values(
            grant_id=grant,
            client_id=f"client-{actor.name}",
            account_id=account,
            scope=actor.scope,
            fhir_user=script().names[actor.user],
            role=actor.role,
            organisation=organisation,
            patient=_id(f"Patient/{actor.patient}") if actor.patient else None,
            context=json.dumps({}),
            offline=True,
            auth_time=NOON,
            created_at=NOON,
            expires_at=NOON + YEAR_US,
        )
    )
    return grant
