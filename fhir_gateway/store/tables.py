"""The tables: one per resource type (text, record columns, search columns), and what they share.

A current row holds the stored text and everything derived from it. Old versions and deletions live in
`history`. Every write leaves a row in `change`, in commit order.

Source: design decisions 1 and 5; docs/adr/0004.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, get_args, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from mappings.definitions import is_list_path
from mappings.lens.lens import Rows
from mappings.lens.mapping import ResourceType
from mappings.lens.search import SearchParam
from mappings.registry import TYPES

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
SEQUENCE: Final = BigInteger().with_variant(Integer(), "sqlite")
COLUMN_TYPES: Final[dict[Any, TypeEngine[Any]]] = {
    str: TEXT,
    int: BigInteger(),
    bool: Boolean(),
    date: Date(),
    datetime: BigInteger(),
    Decimal: TEXT,
}


def snake(name: str) -> str:
    """`CarePlan` -> `care_plan`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def q_name(param: SearchParam) -> str:
    """The column of a single-valued search parameter."""
    return "q_" + param.name.replace("-", "_")


def person_params(resource: ResourceType) -> tuple[SearchParam, ...]:
    """The parameters answered by the column `person`: the compartment, and others on the same element."""
    if not resource.compartment:
        return ()
    paths = resource.params[resource.compartment].paths
    if is_list_path(resource.name, paths[0]):
        return ()
    return tuple(param for param in resource.search if param.paths == paths)


def single_params(resource: ResourceType) -> tuple[SearchParam, ...]:
    """The parameters answered from columns of their own in the type's table."""
    person = person_params(resource)
    return tuple(param for param in resource.search if param not in person and param.single(resource.name))


def multi_params(resource: ResourceType) -> tuple[SearchParam, ...]:
    """The parameters answered from `search_value`."""
    own = {one.name for one in (*single_params(resource), *person_params(resource))} | {"_id", "_lastUpdated"}
    return tuple(param for param in resource.params.values() if param.name not in own)


def record_columns(resource: ResourceType) -> dict[str, TypeEngine[Any]]:
    """Scalar record fields of every kind of a type, with their column type; lists of values are JSON text."""
    found: dict[str, TypeEngine[Any]] = {}
    for mapping in resource.mappings:
        hints = get_type_hints(mapping.record)
        for one in fields(mapping.record):
            if not isinstance(mapping.field_lenses[one.name], Rows):
                found.setdefault(one.name, column_type(hints[one.name]))
    found.pop("id", None)
    return found


def column_type(hint: Any) -> TypeEngine[Any]:
    """The column type of a record field's annotation."""
    plain = (
        next((one for one in get_args(hint) if one is not type(None)), hint)
        if None.__class__ in get_args(hint)
        else hint
    )
    return COLUMN_TYPES.get(plain, TEXT)


def row_tables(resource: ResourceType) -> dict[str, tuple[type[Any], ...]]:
    """Row classes by field name, one for each kind of record that has the field: each name has a child table."""
    found: dict[str, tuple[type[Any], ...]] = {}
    for mapping in resource.mappings:
        for name, lens in mapping.field_lenses.items():
            if isinstance(lens, Rows):
                found[name] = (*found.get(name, ()), lens.row)
    return found


def _search_columns(resource: ResourceType) -> Iterator[Column[Any]]:
    for param in single_params(resource):
        name = q_name(param)
        if param.kind == "date":
            yield Column(f"{name}_low", BigInteger)
            yield Column(f"{name}_high", BigInteger)
            continue
        yield Column(name, TEXT)
        if param.kind == "string":
            yield Column(f"{name}_exact", TEXT)


def _indexes(resource: ResourceType, table: Table) -> None:
    Index(f"ix_{table.name}_updated", table.c.updated, table.c.id)
    if resource.compartment:
        Index(f"ix_{table.name}_person", table.c.person, table.c.updated, table.c.id)
    for param in single_params(resource):
        column = table.c[f"{q_name(param)}_low" if param.kind == "date" else q_name(param)]
        filled = column.is_not(None)
        name = f"ix_{table.name}_{column.name}"
        Index(name, column, table.c.updated, table.c.id, sqlite_where=filled, postgresql_where=filled)


def _resource_table(resource: ResourceType) -> Table:
    table = Table(
        snake(resource.name),
        METADATA,
        Column("id", TEXT, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("updated", BigInteger, nullable=False),
        Column("person", TEXT),
        Column("kind", TEXT, nullable=False),
        Column("text", LargeBinary, nullable=False),
        *(Column(f"r_{name}", kind) for name, kind in record_columns(resource).items()),
        *_search_columns(resource),
    )
    _indexes(resource, table)
    return table


def _row_table(resource: ResourceType, name: str, rows: tuple[type[Any], ...]) -> Table:
    hints = {one: hint for row in reversed(rows) for one, hint in get_type_hints(row).items()}
    names = dict.fromkeys(one.name for row in rows for one in fields(row))
    parent = snake(resource.name)
    return Table(
        f"{parent}_{name}",
        METADATA,
        Column("id", TEXT, primary_key=True),
        Column("position", Integer, primary_key=True),
        *(Column(f"r_{one}", column_type(hints[one])) for one in names),
    )


RESOURCES: Final[dict[str, Table]] = {name: _resource_table(resource) for name, resource in TYPES.items()}
ROWS: Final[dict[tuple[str, str], Table]] = {
    (resource.name, name): _row_table(resource, name, rows)
    for resource in TYPES.values()
    for name, rows in row_tables(resource).items()
}

SEARCH_VALUE: Final = Table(
    "search_value",
    METADATA,
    Column("key", TEXT, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),
    Column("system", TEXT),
    Column("low", BigInteger),
    Column("high", BigInteger),
)
Index("ix_search_value_value", SEARCH_VALUE.c.key, SEARCH_VALUE.c.value, SEARCH_VALUE.c.id)
Index("ix_search_value_id", SEARCH_VALUE.c.id)
Index(
    "ix_search_value_low",
    SEARCH_VALUE.c.key,
    SEARCH_VALUE.c.low,
    sqlite_where=text("low IS NOT NULL"),
    postgresql_where=text("low IS NOT NULL"),
)

HISTORY: Final = Table(
    "history",
    METADATA,
    Column("type", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("updated", BigInteger, nullable=False),
    Column("person", TEXT),
    Column("text", LargeBinary),  # NULL: the version that says the resource is deleted
    Column("kind", TEXT),  # what was deleted, of a deletion
)

CHANGE: Final = Table(
    "change",
    METADATA,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("xact", BigInteger, nullable=False),  # its place in commit order on PostgreSQL, 0 on SQLite
    Column("type", TEXT, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("method", TEXT, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("person", TEXT),
    Column("client", TEXT, nullable=False),
    Column("request", TEXT, nullable=False),
    Column("role", TEXT),  # of whoever wrote it, in the access policy
    Column("organisation", TEXT),  # id of the body it was written for
    Column("fhir_user", TEXT),  # who was logged in, such as PractitionerRole/x
    Column("purpose", TEXT),
    Column("origin", TEXT, nullable=False, server_default="client"),  # or gateway, load, consequence: what made it
    UniqueConstraint("type", "id", "version"),
    Index("ix_change_order", "xact", "seq"),
    Index("ix_change_type", "type", "updated", "seq"),
    Index("ix_change_updated", "updated", "seq"),
    sqlite_autoincrement=True,
)

# Who is tied to a person, in what way, worked out from the person's records at every write that changes it: what the
# access policy joins. The tie opens records dated `start` to `end` (days, both inclusive) from `since` until just
# before `until` (microseconds).
TIE: Final = Table(
    "tie",
    METADATA,
    Column("person", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("who", TEXT, primary_key=True),  # such as Organization/x
    Column("source", TEXT, primary_key=True),  # the record that makes it
    Column("start", Date, primary_key=True),
    Column("end", Date, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("ix_tie_who", "who", "kind", "person"),
)

# One row for each access and each event of the authorization server, and one for every person it touched. Rows are
# only ever added: triggers refuse the rest, but for what a pruning takes away in its own transaction.
# What an auditor was asked to look at: people sampled, days of their records, and until when.
ENGAGEMENT: Final = Table(
    "engagement",
    METADATA,
    Column("engagement_id", TEXT, primary_key=True),
    Column("organisation", TEXT, nullable=False),  # the auditing body
    Column("people", TEXT, nullable=False),  # JSON list of ids
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
)

# A member of staff who opened a plan in an emergency. It is an alert until somebody has reviewed it.
EMERGENCY: Final = Table(
    "emergency",
    METADATA,
    Column("emergency_id", TEXT, primary_key=True),
    Column("person", TEXT, nullable=False),
    Column("who", TEXT, nullable=False),  # such as PractitionerRole/x
    Column("organisation", TEXT, nullable=False),  # whose privacy officer reviews it
    Column("client", TEXT, nullable=False),
    Column("request", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),  # a code
    Column("words", TEXT, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("told_at", BigInteger),  # the person
    Column("reviewed_at", BigInteger),
    Column("reviewed_by", TEXT),
    Index("ix_emergency_started", "started"),
    Index("ix_emergency_person", "person"),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column(
        "xact", BigInteger, nullable=False, server_default="0"
    ),  # the writing transaction on PostgreSQL, 0 on SQLite
    Column("at", BigInteger, nullable=False),
    Column("client", TEXT, nullable=False),
    Column("account", TEXT),  # who was logged in
    Column("fhir_user", TEXT),  # such as Patient/x: whom the account acted as
    Column("role", TEXT),  # in the access policy
    Column("organisation", TEXT),  # id of the body it spoke for
    Column("purpose", TEXT),
    Column("action", TEXT, nullable=False),  # FHIR audit-event-action: C R U D E
    Column("subtype", TEXT, nullable=False, server_default="operation"),  # an interaction of FHIR, or an event of ours
    Column("what", TEXT, nullable=False),  # the address under the base, never a query
    Column("query", TEXT),  # base64 of what was searched for
    Column("status", Integer, nullable=False),
    Column("outcome", TEXT),  # a code that says more than the status
    Column("request", TEXT, nullable=False),
    Column("token", TEXT),  # names the token: the head of its digest
    Column("gate", TEXT),  # reviews and concerns that opened what is closed: Task/x, parted by spaces
    Column("address", TEXT),  # where the caller's connection came from
    Index("ix_audit_order", "xact", "seq"),
    Index("ix_audit_at", "at"),
    sqlite_autoincrement=True,
)
AUDIT_SUBJECT: Final = Table(
    "audit_subject",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("person", TEXT, nullable=False),
    Index("ix_audit_subject_person", "person", "seq"),
    sqlite_with_rowid=False,  # so that SQLite's number of the row last made stays that of the event
)

# Seal n covers the rows after those of seal n-1 up to (xact, seq). marks: 8 bytes of each row's hash, in order, to tell
# which one is wrong; mac: with a key that is not in the database, over all of this and the seal before.
AUDIT_SEAL: Final = Table(
    "audit_seal",
    METADATA,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("xact", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("newest", BigInteger, nullable=False),  # the latest `at` of its rows
    Column("hash", TEXT, nullable=False),  # SHA-256 of its rows, hex
    Column("marks", LargeBinary, nullable=False),
    Column("mac", TEXT, nullable=False),  # HMAC-SHA256, hex
)
# What stands for rows that are past their time: seals `first` to `last`, whose rows are gone.
AUDIT_TOMBSTONE: Final = Table(
    "audit_tombstone",
    METADATA,
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("mac", TEXT, nullable=False),
)
# Holds a row only inside the transaction of a pruning: nobody else ever sees it.
AUDIT_PRUNING: Final = Table("audit_pruning", METADATA, Column("at", BigInteger, primary_key=True))

CONDITIONAL_KEY: Final = Table(
    "conditional_key",
    METADATA,
    Column("key", TEXT, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

SEEN_REQUEST: Final = Table(
    "seen_request",
    METADATA,
    Column("client", TEXT, primary_key=True),
    Column("request", TEXT, primary_key=True),
    Column("fingerprint", TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("status", Integer),
    Column("headers", TEXT),
    Column("body", LargeBinary),
)
Index("ix_seen_request_at", SEEN_REQUEST.c.at)

SECRET: Final = Table(
    "secret", METADATA, Column("name", TEXT, primary_key=True), Column("value", LargeBinary, nullable=False)
)


def _ledger_index(name: str, resource_type: str, which: str, *columns: str) -> Index:
    """An index that alone answers what the statement asks of a person's records.

    Their columns lie behind the stored text, which a reader of thousands would pass thousands of times.
    """
    table = RESOURCES[resource_type]
    found = (table.c[one if one in table.c else f"r_{one}"] for one in ("person", *columns))
    return Index(f"ix_{table.name}_{name}", *found, sqlite_where=text(which), postgresql_where=text(which))


LEDGER_INDEXES: Final = (
    _ledger_index("budgets", "Claim", "kind IN ('agreed-budget', 'indicative-budget')", "id", "kind"),
    _ledger_index(
        "payments",
        "Claim",
        "kind = 'payment' AND r_status = 'active'",
        *("id", "version", "payment_kind", "payment_status", "pays_against_id", "total_pence", "insurer_id"),
        *("due_on", "start", "end", "paid_on"),
    ),
    _ledger_index(
        "entries",
        "Claim",
        "kind = 'expenditure-entry' AND r_status = 'active'",
        *("id", "version", "updated", "pays_against_id", "expenditure_status", "created", "total_pence"),
    ),
    _ledger_index(
        "answers",
        "ClaimResponse",
        "kind = 'funder-answer' AND r_status = 'active'",
        *("use", "claim_id", "funder_id", "id", "version", "total_pence", "paid_on", "paid_pence"),
    ),
)


def _fact_index(name: str, resource_type: str, field: str) -> Index:
    """An index for a field by which the rules look records up, whoever they are about."""
    table = RESOURCES[resource_type]
    column = table.c[f"r_{field}"]
    filled = column.is_not(None)
    return Index(f"ix_{table.name}_{name}", column, table.c.id, sqlite_where=filled, postgresql_where=filled)


FACT_INDEXES: Final = (
    _fact_index("against", "Claim", "pays_against_id"),
    _fact_index("invoice", "Claim", "invoice_no"),
)

# The tables whose rows are somebody's: what row security guards. Of Patient it is the row itself.
PEOPLE: Final = (
    *(RESOURCES[name].name for name, resource in TYPES.items() if resource.compartment or name == "Patient"),
    CHANGE.name,
    HISTORY.name,
)
