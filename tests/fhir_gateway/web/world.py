"""The pages over a database in memory: Janice, who can log in, and Colin, who is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from argon2 import PasswordHasher, Type

from auth import accounts
from auth.accounts import Account
from auth.config import AuthConfig
from auth.seams import Choice
from fhir_gateway.web.site import Site
from tests.auth import memory
from tests.auth.builders import NOW, Server
from tests.fhir_gateway.web.browser import HOME, Browser

PASSWORD: Final = "three green bicycles"
CHEAP: Final = PasswordHasher(1, 64, 1, type=Type.ID)  # for tests that are not about its cost
NOBODY: Final = CHEAP.hash("nobody's")


def choice(person: str, role: str = "person", label: str = "Janice Roberts") -> Choice:
    """Somebody an account may act as."""
    who = f"Patient/{person}" if role == "person" else f"RelatedPerson/for-{person}"
    return Choice(link_id=f"link-{person}", fhir_user=who, role=role, organisation=None, patient=person, label=label)


@dataclass
class World:
    """The pages over a database of their own, and what was put on record. people: whom each account may act as."""

    server: Server
    noted: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    people: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def config(self) -> AuthConfig:
        return self.server.config

    @property
    def site(self) -> Site:
        return Site(config=self.config, **self.more)

    def add(self, name: str) -> None:
        """Somebody else who can log in."""
        self.accounts[name] = self.server.write(lambda conn: accounts.create(conn, name, PASSWORD, NOW))

    def browser(self, source: str = HOME) -> Browser:
        return Browser(self.site, source)

    def outcomes(self, kind: str) -> list[str]:
        """What was put on record of one kind of event."""
        return [outcome for each, outcome, _ in self.noted if each == kind]


@contextmanager
def world() -> Iterator[World]:
    """Pages over a database in memory, for what is the same on every kind."""
    with memory.engine() as engine:
        made = World(Server(engine))
        made.server.seams = {
            "note": lambda _conn, kind, outcome, **about: made.noted.append((kind, outcome, about)),
            "people": lambda _conn, account_id, _now: made.people.get(account_id, ()),
        }
        for name in ("janice", "colin"):
            made.add(name)
        made.server.write(lambda conn: accounts.close(conn, made.accounts["colin"].account_id, NOW))
        made.people[made.accounts["janice"].account_id] = (choice("janice"),)
        yield made
