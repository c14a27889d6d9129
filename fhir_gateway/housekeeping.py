"""What a running gateway sees to each hour: what is past its time is forgotten, and what is due by the day is done.

Source: security requirement S47 (outcomes are kept seven days).
"""

import asyncio
import logging
from typing import Final

from sqlalchemy import bindparam, delete

from fhir_gateway.access.seal import Key, seal_all
from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.gateway import Gateway
from fhir_gateway.interactions.context import clock
from fhir_gateway.interactions.once import KEPT, PURGE
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CONDITIONAL_KEY
from fhir_gateway.sync.clock import tick

LOG: Final = logging.getLogger("fhir_gateway")
HOUR_S: Final = 3_600
MINUTE_S: Final = 60
DAY: Final = 86_400 * 1_000_000
PURGE_KEYS: Final = Statement(delete(CONDITIONAL_KEY).where(CONDITIONAL_KEY.c.used < bindparam("at")))


async def keep_house(gateway: Gateway) -> None:
    """Tidy, and do what the day brings, once an hour until cancelled."""
    while True:
        await asyncio.sleep(HOUR_S)
        try:
            await see_to_it(gateway)
        except ServiceUnavailable:
            LOG.warning("housekeeping is put off: the database cannot be had")


async def keep_sealing(gateway: Gateway) -> None:
    """Seal the audit once a minute until cancelled; the key is made at the first start."""
    key = await gateway.in_thread(Key.open, gateway.settings.audit_key_file)
    while True:
        try:
            await gateway.in_thread(gateway.guarded, lambda: seal_all(gateway.database, key, clock()))
        except ServiceUnavailable:
            LOG.warning("sealing the audit is put off: the database cannot be had")
        await asyncio.sleep(MINUTE_S)


async def see_to_it(gateway: Gateway) -> None:
    """One round. Raises ServiceUnavailable."""
    await gateway.in_thread(gateway.guarded, lambda: gateway.database.write(tidy))
    if gateway.settings.clock:
        await gateway.in_thread(gateway.guarded, lambda: tick(gateway))


def tidy(session: Session) -> None:
    """Forget what is past its time."""
    now = clock()
    session.run(PURGE, {"at": now - KEPT})
    session.run(PURGE_KEYS, {"at": now - DAY})
