"""Waiting for what is told in commit order only.

On PostgreSQL the change feed and the seals of the audit stop at the oldest transaction that is open, and parallel tests
share one server, so transactions of other tests' databases count too.
"""

import time
from typing import Any, Final

from fhir_gateway.store.database import Database

PATIENCE_S: Final = 30.0
NEXT: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
OLDEST: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def settle(database: Database) -> None:
    """Return once every transaction that has begun so far has ended."""
    if database.dialect == "sqlite":
        return
    begun, deadline = _number(database, NEXT), time.monotonic() + PATIENCE_S
    while _number(database, OLDEST) < begun:
        assert time.monotonic() < deadline, "a transaction stays open"
        time.sleep(0.005)


def _number(database: Database, sql: str) -> int:
    def asked(session: Any) -> int:
        return int(session.driver.execute(sql).fetchone()[0])

    return database.read(asked)
