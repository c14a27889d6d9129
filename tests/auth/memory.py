"""A database in memory with the tables of `auth`, for what is the same on every database, and grants to fill it."""

from collections.abc import Iterator
from contextlib import contextmanager

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from auth import grants
from auth.app_scopes import AppScopes
from auth.grants import Decision, Grant
from auth.seams import Choice
from auth.sessions import LoginSession
from auth.store import METADATA
from tests.auth.builders import NOW


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine of one connection, which any thread may use."""
    made = create_engine("sqlite://", module=sqlite, poolclass=StaticPool, connect_args={"check_same_thread": False})
    METADATA.create_all(made)
    yield made
    made.dispose()


@contextmanager
def connection() -> Iterator[Connection]:
    """One connection, its transaction never ended."""
    with engine() as made, made.connect() as conn:
        yield conn


def granted(
    conn: Connection, session: LoginSession, *words: str, fhir_user: str = "Patient/x", role: str = "person"
) -> Grant:
    """What a person granted the client of these tests."""
    choice = Choice(link_id="l1", fhir_user=fhir_user, role=role, organisation=None, patient="x", label="Themselves")
    decided = Decision(
        client_id="council-sync",
        choice=choice,
        patient="x",
        scopes=AppScopes(words, ("patient/Claim.rs",)),
        context={},
        nonce=None,
    )
    return grants.create(conn, decided, session, NOW)


def lives(conn: Connection, grant: Grant, now: int) -> bool:
    """Whether a grant has not ended."""
    found = grants.find(conn, grant.grant_id)
    assert found is not None
    return grants.holds(conn, found, now)
