"""People who have logged in and granted an app something: their tokens, made without any page."""

import json
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, insert

from auth import clients, tokens
from auth.clients import Registration
from auth.store import ACCOUNT, GRANT
from fhir_gateway.demo.entry import Entry, transaction
from fhir_gateway.interactions.context import clock, new_id
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store import ties
from fhir_gateway.store.facts import MAPPING_OF
from tests.auth.builders import key, public
from tests.fhir_gateway.api import Api, Json

APP: Final = "app"
YEARS: Final = 50 * 366 * 24 * 3600  # seconds: a token that outlives what a test tells of
READS: Final = {"person": "patient/*.rs", "representative": "patient/*.rs", "nominee": "patient/*.rs"}


def logged_in(api: Api, role: str, fhir_user: str, **granted: Any) -> Api:
    """The same application, asked by an app that somebody let in. granted: columns of the grant besides, and scope."""
    scope = granted.pop("scope", READS.get(role, "user/*.rs"))
    known = {"role": role, "fhir_user": fhir_user, "scope": scope, **granted}
    return replace(api, token=api.write(lambda conn: _token(conn, known, scope)), client_id=APP)


def _token(conn: Connection, known: dict[str, Any], scope: str) -> str:
    now, account = clock(), new_id()
    if clients.find(conn, APP) is None:
        made = Registration(client_id=APP, name=APP, scope="system/*.cruds", jwks=public(key("ec")), role="custodian")
        clients.add(conn, made, now)
    conn.execute(insert(ACCOUNT).values(account_id=account, status="active", created_at=now))
    usual = {
        "grant_id": new_id(),
        "client_id": APP,
        "account_id": account,
        "context": json.dumps({}),
        "offline": True,
        "auth_time": now,
        "created_at": now,
        "expires_at": now + YEARS * 1_000_000,
    }
    conn.execute(insert(GRANT).values(**usual | known))
    return tokens.issue(conn, APP, scope, now, YEARS, grant_id=str(usual["grant_id"])).access_token


def sent(api: Api, *records: Filed[Any]) -> None:
    """Records put under their ids, in one transaction, as any client would."""
    entries = [Entry(one.id, MAPPING_OF[type(one.record)], one.record) for one in records]
    reply = api.post("/fhir", transaction(entries))
    assert reply.status_code == 200, reply.text


def changed(api: Api, reference: str, **elements: Json) -> None:
    """A resource with some elements set; None takes one away."""
    tree = api.get(reference).json()
    for name, value in elements.items():
        tree.pop(name, None)
        if value is not None:
            tree[name] = value
    reply = api.put(reference, tree, If_Match="*")
    assert reply.status_code == 200, reply.text


def tied(api: Api, person: str, kind: str) -> set[str]:
    """Who holds a kind of tie to a person just now."""
    now = clock()
    found = api.gateway.database.read(lambda session: ties.stored(session, person))
    return {one.who for one in found if one.kind == kind and one.since <= now < one.until}
