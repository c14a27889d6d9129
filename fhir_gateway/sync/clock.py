"""The gateway's clock: each day payments become due or go on, transfers take effect, overdue reviews are flagged.

Everything goes through the write path, so rules, history and effects hold. Running it again changes nothing; what a
rule refuses is left as it is and told.

Source: domain.md 5.2 (T20, SYS), 5.3 (Payment); design decision 5.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import groupby
from typing import Final

from auth.principal import Principal
from auth.scopes import ScopeSet
from fhir_gateway.access.asker import WHOLE_RECORD
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.interactions import consequences, judgement, write
from fhir_gateway.interactions.context import Context, clock
from fhir_gateway.interactions.prepare import Target, flags_of, prepared
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.due_payments import on_the_day
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.rules.judge import judged
from fhir_gateway.store import diary, records
from fhir_gateway.store.database import Session
from fhir_gateway.store.diary import Entry
from fhir_gateway.store.facts import Facts
from fhir_gateway.store.records import Change
from mappings.change import Transfer
from mappings.lens import document
from mappings.lens.errors import FhirError
from mappings.payment import Payment
from mappings.registry import TYPES

LOG: Final = logging.getLogger("fhir_gateway")
SYSTEM: Final = Principal(
    client_id="clock",
    name="The gateway's clock",
    scopes=ScopeSet.parse("system/*.cruds"),
    token_digest="",
    role=WHOLE_RECORD,
)
CALLER: Final = Caller(None, "clock")
EFFECTIVE: Final = "effective"
Find = Callable[[Session, date], Sequence[Entry]]
Make = Callable[[Context, CaseFile, Entry], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A resource a rule holds where it is. rules: their numbers."""

    reference: str
    rules: tuple[str, ...]


@dataclass(slots=True)
class Ticked:
    """What a tick did: resources written, by what came of them."""

    payments: int = 0
    transfers: int = 0
    flagged: int = 0
    refused: list[Refused] = field(default_factory=list)


def tick(gateway: Gateway, day: date | None = None) -> Ticked:
    """Do what is due by a day, today where none is given. Raises ValueError for a day that is still to come."""
    now = today(clock())
    if day is not None and day > now:
        raise ValueError(f"{day} is still to come: the clock goes no further than today, {now}")
    done = Ticked()
    done.payments = _all(gateway, day or now, diary.payments, _moved, done)
    done.transfers = _all(gateway, day or now, diary.transfers, _transferred, done)
    done.flagged = _all(gateway, day or now, diary.overdue, _flagged, done)
    for one in done.refused:
        LOG.warning("the clock leaves %s as it is: %s", one.reference, ", ".join(one.rules))
    return done


def _all(gateway: Gateway, day: date, find: Find, make: Make, done: Ticked) -> int:
    """What was found, written person by person; how many resources that were."""
    found = gateway.database.read(lambda session: list(find(session, day)))
    by_person = groupby(sorted(found, key=lambda one: one.person), key=lambda one: one.person)
    return sum(_written(gateway, day, list(entries), make, done) for _, entries in by_person)


def _written(gateway: Gateway, day: date, entries: list[Entry], make: Make, done: Ticked) -> int:
    """One transaction for a person; where a rule refuses it, one for each resource, so that one holds up no other."""
    try:
        return int(gateway.database.write(partial(_made, gateway, day, entries, make)))
    except FhirError as error:
        if len(entries) > 1:
            return sum(_written(gateway, day, [one], make, done) for one in entries)
        (one,) = entries
        rules = tuple(dict.fromkeys(issue.details or issue.code for issue in error.issues))
        done.refused.append(Refused(f"{one.type}/{one.id}", rules))
        return 0


def _made(gateway: Gateway, day: date, entries: Sequence[Entry], make: Make, session: Session) -> int:
    ctx = gateway.context_of(session, SYSTEM, CALLER, clock())
    person = entries[0].person
    records.hold_people(session, {person})
    case = CaseFile(Facts(session), person, day)
    changes = [change for one in entries for change in make(ctx, case, one)]
    if changes:
        write.store(ctx, changes)
    return len(changes)


# --- what is made of each ---------------------------------------------------------------------------


def _moved(ctx: Context, case: CaseFile, entry: Entry) -> Iterator[Change]:
    """A payment on its day."""
    filed = case.filed(f"{entry.type}/{entry.id}")
    if filed is not None and isinstance(filed.record, Payment):
        for one in on_the_day(filed, case):
            yield consequences.change_of(ctx, one)


def _transferred(ctx: Context, case: CaseFile, entry: Entry) -> Iterator[Change]:
    """A transfer that takes effect."""
    filed = case.filed(f"{entry.type}/{entry.id}")
    if filed is not None and isinstance(filed.record, Transfer) and filed.record.transfer_status == "accepted":
        record = replace(filed.record, transfer_status=EFFECTIVE)
        made = Consequence(record=record, why="its day has come", rule="T20", id=filed.id)
        yield consequences.change_of(ctx, made)


def _flagged(ctx: Context, case: CaseFile, entry: Entry) -> Iterator[Change]:
    """A review or case once more, where a rule now flags it and did not before."""
    filed = case.filed(f"{entry.type}/{entry.id}")
    current = records.locked(ctx.session, entry.type, entry.id)
    if filed is None or current is None:
        return
    again = Written(filed.type, filed.id, filed.version, filed.record, filed.record)
    found = {one.details for one in judged(again, judgement.case_files(ctx).of(entry.person))}
    text = current.text or b""
    if found & set(diary.OVERDUE) - {tag["code"] for tag in flags_of(text)}:
        target = Target(TYPES[entry.type], entry.id, current, current.version + 1, "PUT")
        yield prepared(ctx, target, document.parse(text))
