"""The second world: the same, less what an actor may not see.

Records nobody may show the actor are taken out of the database, with their history; of records that are shown in
part, the hidden words are others. Whatever answer differs told something of them.

Source: security.md section 4, the no-leak law (oracle B).
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, delete, select, update

from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES, ROWS, SEARCH_VALUE
from mappings.lens import document
from tests.fhir_gateway.api import Api
from tests.laws.no_leak.canary import WORD, words
from tests.laws.no_leak.oracle import Oracle
from tests.laws.no_leak.world import Record

OTHER: Final = "zx"  # what a hidden word begins with in the second world


def strangers(oracle: Oracle) -> list[Record]:
    """The records of people of whom the actor may see nothing at all."""
    every = [*oracle.world.records.values(), *oracle.world.gone.values()]
    known = {one.person for one in every if oracle.sees(one)}
    return [one for one in every if one.person is not None and one.person not in known]


def hidden(oracle: Oracle) -> list[Record]:
    """Every record the actor may not even know of."""
    every = (*oracle.world.records.values(), *oracle.world.gone.values())
    return [one for one in every if not oracle.knows(one)]


def without(api: Api, records: Iterable[Record]) -> None:
    """Take records out of the database as if they had never been."""

    def work(conn: Connection) -> None:
        for one in records:
            _take_out(conn, one)

    api.write(work)


def _take_out(conn: Connection, one: Record) -> None:
    conn.execute(delete(RESOURCES[one.type]).where(RESOURCES[one.type].c.id == one.id))
    for table in _of_id(one.type):
        conn.execute(delete(table).where(table.c.id == one.id))
    for table in (HISTORY, CHANGE):
        conn.execute(delete(table).where(and_(table.c.type == one.type, table.c.id == one.id)))


def _of_id(type_: str) -> tuple[Table, ...]:
    return (SEARCH_VALUE, *(table for (name, _), table in ROWS.items() if name == type_))


# --- records that are shown in part -------------------------------------------------------------------


def reworded(api: Api, oracle: Oracle) -> int:
    """Change every word that the actor sees nowhere, in records they know of; how many records that touched."""
    partly = [one for one in oracle.world.records.values() if oracle.knows(one) and _hidden_words(oracle, one)]

    def work(conn: Connection) -> None:
        for one in partly:
            for table in (RESOURCES[one.type], HISTORY, *_of_id(one.type)):
                _reword(conn, table, one.id, _hidden_words(oracle, one))

    api.write(work)
    return len(partly)


def _hidden_words(oracle: Oracle, record: Record) -> frozenset[str]:
    """Words of a record that the actor sees nowhere; ids stay what they are."""
    leaves = (node for _, node, _ in document.walk(record.tree) if isinstance(node, str))
    return words(leaves) - oracle.marks - words((*oracle.world.records, *oracle.world.gone))


def _reword(conn: Connection, table: Table, id_: str, hidden_: frozenset[str]) -> None:
    for row in conn.execute(select(table).where(table.c.id == id_)).mappings().all():
        changed = {name: _other(value, hidden_) for name, value in row.items() if _other(value, hidden_) != value}
        if changed:
            here = and_(
                *(table.c[name].is_not_distinct_from(value) for name, value in row.items() if name in _keys(table))
            )
            conn.execute(update(table).where(here).values(changed))


def _keys(table: Table) -> list[str]:
    return [one.name for one in table.primary_key.columns] or [one.name for one in table.columns]


def _changed(word: str) -> str:
    """Another word, that sorts the other way."""
    return f"{OTHER}{99_999 - int(word[len(OTHER) :]):05d}"


def _other(value: Any, hidden_: frozenset[str]) -> Any:
    if isinstance(value, str):
        return WORD.sub(lambda found: _changed(found[0]) if found[0] in hidden_ else found[0], value)
    if isinstance(value, bytes):
        return _other(value.decode(), hidden_).encode()
    return value
