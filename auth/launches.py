"""Launches from our own pages or tools: a handle, used once, that carries whom an app is opened for.

Source: SMART App Launch 2.2, app-launch (EHR launch).
"""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from auth.clients import Client
from auth.grants import BANNER
from auth.redirects import with_parameters
from auth.store import LAUNCH
from auth.tokens import MICROSECONDS, digest

LIFETIME: Final = 5 * 60 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchContext:
    """Whom an app is opened for. patient: id. fhir_context: as in the token response, such as a CarePlan."""

    patient: str | None = field(default=None, repr=False)
    need_patient_banner: bool = True
    fhir_context: tuple[dict[str, Any], ...] = ()


def create(conn: Connection, client: Client, account_id: str, context: LaunchContext, now: int) -> str:
    """A launch of an app for an account; its handle lasts five minutes and serves once."""
    handle = secrets.token_urlsafe(32)
    told = {
        "patient": context.patient,
        BANNER: context.need_patient_banner,
        "fhirContext": list(context.fhir_context),
    }
    conn.execute(
        insert(LAUNCH).values(
            digest=digest(handle),
            client_id=client.client_id,
            account_id=account_id,
            context=json.dumps(told),
            expires_at=now + LIFETIME,
        )
    )
    return handle


def address(client: Client, fhir_base: str, handle: str) -> str | None:
    """Where the browser opens the app, None when it registered no launch_uri."""
    if client.launch_uri is None:
        return None
    return with_parameters(client.launch_uri, iss=fhir_base, launch=handle)


def consume(conn: Connection, handle: str, client_id: str, now: int) -> tuple[str, str] | None:
    """The account and the context (JSON) of a launch of this client, used up; None when there is none to use."""
    usable = (
        (LAUNCH.c.digest == digest(handle))
        & (LAUNCH.c.client_id == client_id)
        & (LAUNCH.c.expires_at > now)
        & LAUNCH.c.used_at.is_(None)
    )
    if conn.execute(update(LAUNCH).where(usable).values(used_at=now)).rowcount != 1:
        return None
    row = conn.execute(select(LAUNCH.c.account_id, LAUNCH.c.context).where(LAUNCH.c.digest == digest(handle))).one()
    return row.account_id, row.context
