"""Communication: a notice that was sent, or a discussion that was held.

Source: FHIR R4 communication.html; DPR13 regs 13, 15 and 17 (notices), S004 (discussions before a recovery).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.lens import (
    ShapeSpec,
    code,
    coded,
    day,
    each,
    extension,
    first,
    flag,
    identifier,
    part,
    pence,
    reference,
    text,
)
from mappings.lens.mapping import Mapping, ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param, uri_param
from mappings.namespaces import identifier_system
from mappings.terminology import ACCESSIBLE_FORMAT, DISCUSSION_TOPIC, NOTICE_KIND

STATUS: Final = (
    "preparation",
    "in-progress",
    "not-done",
    "on-hold",
    "stopped",
    "completed",
    "entered-in-error",
    "unknown",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhbCommunication:
    """What both kinds say. sent_on: day it was sent or held. about: the records it is about. message: its text."""

    communication_id: str | None
    person_id: str
    status: str
    sender: str | None
    recipients: tuple[str, ...]
    sent_on: date | None
    about: tuple[str, ...]
    based_on: tuple[str, ...]
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(PhbCommunication):
    """A written notice. reasons: why. amount_pence, pay_by, must_pay: of a repayment.

    reconsideration_told: whether it tells the right to ask for a second look. format: the form it was sent in (R166).
    """

    notice_kind: str
    reasons: str | None
    effective_on: date | None
    amount_pence: int | None
    pay_by: date | None
    must_pay: str | None
    reconsideration_told: bool | None
    format: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion(PhbCommunication):
    """A conversation with `recipients`. agreed: whether they agreed, None when that was not the question."""

    topic: str
    agreed: bool | None


def _opening() -> ShapeSpec:
    return {
        "identifier": identifier("communication_id", identifier_system("phb-communication")),
        "basedOn": each("based_on", reference(to=targets.ANY)),
        "status": code("status", STATUS),
        "subject": reference("person_id", to="Patient"),
        "about": each("about", reference(to=targets.ANY)),
        "sent": day("sent_on"),
        "recipient": each("recipients", reference(to=targets.RECIPIENTS)),
        "sender": reference("sender", to=targets.AUTHORS),
        "payload": first({"contentString": text("message")}),
    }


_NOTICE_TERMS: Final[ShapeSpec] = {
    "extension": (
        part("effective", {"valueDate": day("effective_on")}),
        part("amount", {"valueMoney": pence("amount_pence")}),
        part("pay-by", {"valueDate": day("pay_by")}),
        part("must-pay", {"valueReference": reference("must_pay", to=targets.PARTIES)}),
        part("reconsideration-told", {"valueBoolean": flag("reconsideration_told")}),
    )
}

NOTICE: Final[Mapping[Notice]] = mapping(
    "Communication",
    Notice,
    "notice",
    {
        "extension": (
            extension("phb-notice-terms", _NOTICE_TERMS),
            extension("phb-accessible-format", {"valueCode": code("format", ACCESSIBLE_FORMAT)}),
        ),
        **_opening(),
        "category": coded("notice_kind", NOTICE_KIND, marks=True),
        "reasonCode": first({"text": text("reasons")}),
    },
)

DISCUSSION: Final[Mapping[Discussion]] = mapping(
    "Communication",
    Discussion,
    "discussion",
    {
        "extension": extension("phb-discussion-agreed", {"valueBoolean": flag("agreed")}),
        **_opening(),
        "category": coded("topic", DISCUSSION_TOPIC, marks=True),
    },
)

TYPE: Final = ResourceType(
    "Communication",
    (NOTICE, DISCUSSION),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Patient", "Group")),
        token_param("category"),
        token_param("status"),
        token_param("identifier"),
        token_param("medium"),
        date_param("sent"),
        date_param("received"),
        reference_param("sender", to=targets.AUTHORS),
        reference_param("recipient", to=targets.RECIPIENTS),
        reference_param("based-on", "basedOn", to=targets.ANY),
        reference_param("part-of", "partOf", to=targets.ANY),
        reference_param("encounter", to="Encounter"),
        uri_param("instantiates-canonical", "instantiatesCanonical"),
        uri_param("instantiates-uri", "instantiatesUri"),
    ),
    compartment="patient",
)
