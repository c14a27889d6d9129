"""The people who can log in to the demonstration: three persons, a representative, a coordinator, two of the funders.

Source: design section 7 (users); security.md section 4 (actors).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from auth import accounts
from fhir_gateway.demo.case import COORDINATOR, COUNCIL, ICB

CONSONANTS: Final = "bdfgklmnprstvz"
VOWELS: Final = "aeiou"
WORDS: Final = 4
SYLLABLES: Final = 2  # of each word; six bits a syllable
HOW: Final = "demonstration"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """Somebody who logs in. name: also the user name. who: reference to them. patient: id of whose record it is."""

    name: str
    who: str
    role: str
    organisation: str | None = None
    patient: str | None = None


def _person(name: str) -> DemoUser:
    return DemoUser(name=name, who=f"Patient/{name}", role="person", patient=name)


USERS: Final = (
    _person("jackie"),
    _person("dylan"),
    _person("janice"),
    DemoUser(name="hilary", who="RelatedPerson/matthew-mother", role="representative", patient="matthew"),
    DemoUser(name="mira", who=f"PractitionerRole/{COORDINATOR}", role="coordinator", organisation=ICB),
    DemoUser(name="devon", who="PractitionerRole/decider-icb", role="icb", organisation=ICB),
    DemoUser(name="bryn", who="PractitionerRole/decider-council", role="council", organisation=COUNCIL),
)


def prepared(known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The users of the credentials, by name: with the password that is known already or a new one."""
    return {one.name: _user(one, known.get(one.name, {})) for one in USERS}


def _user(one: DemoUser, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "username": one.name,
        "password": known.get("password") or new_password(),
        "patient": one.patient,
        "role": one.role,
    }


def new_password() -> str:
    """One that can be said and typed: four made-up words, about fifty bits."""
    words = ("".join(_syllable() for _ in range(SYLLABLES)) for _ in range(WORDS))
    return "-".join(words)


def _syllable() -> str:
    return secrets.choice(CONSONANTS) + secrets.choice(VOWELS)


def register(conn: Connection, users: Mapping[str, Any], known: Mapping[str, Any], now: int) -> None:
    """Make the accounts that are missing. users: of the credentials. known: those that were there before.

    Whoever is there already keeps their password, unless the credentials with it were lost.
    """
    for one in USERS:
        _registered(conn, one, users[one.name]["password"], now, lost=one.name not in known)


def _registered(conn: Connection, one: DemoUser, password: str, now: int, *, lost: bool) -> None:
    account = accounts.find(conn, one.name)
    if account is None:
        account = accounts.create(conn, one.name, password, now)
        accounts.link(conn, account.account_id, one.who, one.role, now, organisation=one.organisation, how=HOW)
    elif lost and account.status == "active":
        accounts.set_password(conn, account, password, now)
