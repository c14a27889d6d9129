"""What a day brings: payments that become due or go on, transfers that take effect, reviews that are overdue.

One statement each, whatever the number of people.

Source: domain.md 5.3, 5.2 T20; rules R105, R116 to R119.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, literal_column, or_, select

from fhir_gateway.phb.case.reviews import OPEN
from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.rules.suspensions import IN_FORCE
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, SEARCH_VALUE
from mappings.change import SUSPENSION, TRANSFER
from mappings.episode_of_care import MAPPING as CASE
from mappings.namespaces import code_system
from mappings.payment import PAYMENT
from mappings.review import REVIEW

CLAIM: Final = RESOURCES["Claim"]
TASK: Final = RESOURCES["Task"]
EPISODE: Final = RESOURCES["EpisodeOfCare"]
OVERDUE: Final = ("R116", "R117", "R118", "R119")
RULE: Final = code_system("phb-rule")


class Entry(NamedTuple):
    """A resource that a day may change."""

    type: str
    id: str
    person: str


def payments(session: Session, day: date) -> list[Entry]:
    """What is scheduled and due by the day, due while payments are paused, or on hold under a pause that is over."""
    params = {"day": day.isoformat()}
    found = {one for query in (COME_DUE, PAUSED, GO_ON) for one in _found(session, query, "Claim", params)}
    return sorted(found, key=lambda one: (one.person, one.id))


def transfers(session: Session, day: date) -> list[Entry]:
    """Accepted transfers that take effect by the day."""
    return _found(session, TAKE_EFFECT, "Task", {"day": day.isoformat()})


def overdue(session: Session, day: date) -> list[Entry]:
    """Open reviews that should have been held before the day, and their cases, as far as neither is flagged."""
    params = {"day": day.isoformat()}
    return [*_found(session, LATE_REVIEWS, "Task", params), *_found(session, LATE_CASES, "EpisodeOfCare", params)]


def _found(session: Session, statement: Statement, resource_type: str, params: dict[str, Any]) -> list[Entry]:
    return [Entry(resource_type, id_, person) for id_, person in session.rows(statement, params)]


# --- statements -------------------------------------------------------------------------------------


def _text(value: str) -> ColumnElement[Any]:
    return literal_column("'" + value.replace("'", "''") + "'")


def _among(column: ColumnElement[Any], codes: Sequence[str]) -> ColumnElement[bool]:
    return column.in_([_text(one) for one in codes])


def _paying(status: str) -> Select[Any]:
    return select(CLAIM.c.id, CLAIM.c.person).where(
        CLAIM.c.kind == _text(PAYMENT.kind),
        CLAIM.c.r_status == _text("active"),
        CLAIM.c.r_payment_status == _text(status),
    )


def _flagged(table: Any, resource_type: str) -> ColumnElement[bool]:
    """Whether a rule about overdue reviews has flagged it already."""
    return exists(
        select(literal_column("1")).where(
            SEARCH_VALUE.c.id == table.c.id,
            SEARCH_VALUE.c.key == _text(f"{resource_type}._tag"),
            SEARCH_VALUE.c.system == _text(RULE),
            _among(SEARCH_VALUE.c.value, OVERDUE),
        )
    )


def _late() -> Select[Any]:
    return select(TASK.c.id, TASK.c.person).where(
        TASK.c.kind == _text(REVIEW.kind),
        _among(TASK.c.r_review_status, sorted(OPEN)),
        TASK.c.r_respond_by < bindparam("day"),
    )


COME_DUE: Final = Statement(_paying("scheduled").where(CLAIM.c.r_due_on <= bindparam("day")))
PAUSED: Final = Statement(
    _paying("due").where(
        CLAIM.c.person.in_(
            select(TASK.c.person).where(
                TASK.c.kind == _text(SUSPENSION.kind),
                _among(TASK.c.r_status, sorted(IN_FORCE)),
                TASK.c.r_started_on <= bindparam("day"),
                or_(TASK.c.r_ended_on.is_(None), TASK.c.r_ended_on > bindparam("day")),
            )
        )
    )
)
GO_ON: Final = Statement(
    _paying("on-hold")
    .join(TASK, TASK.c.id == CLAIM.c.r_suspension_id)
    .where(
        TASK.c.kind == _text(SUSPENSION.kind),
        or_(TASK.c.r_ended_on <= bindparam("day"), ~_among(TASK.c.r_status, sorted(IN_FORCE))),
    )
)
TAKE_EFFECT: Final = Statement(
    select(TASK.c.id, TASK.c.person)
    .where(
        TASK.c.kind == _text(TRANSFER.kind),
        TASK.c.r_transfer_status == _text("accepted"),
        TASK.c.r_status != _text("entered-in-error"),
        TASK.c.r_started_on <= bindparam("day"),
    )
    .order_by(TASK.c.id)
)
LATE_REVIEWS: Final = Statement(_late().where(~_flagged(TASK, "Task")).order_by(TASK.c.id))
LATE_CASES: Final = Statement(
    select(EPISODE.c.id, EPISODE.c.person)
    .where(
        EPISODE.c.kind == _text(CASE.kind),
        EPISODE.c.r_status == _text(status_of("active")),
        EPISODE.c.person.in_(_late().with_only_columns(TASK.c.person)),
        ~_flagged(EPISODE, "EpisodeOfCare"),
    )
    .order_by(EPISODE.c.id)
)
