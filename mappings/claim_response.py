"""ClaimResponse: the answer of one funder to a budget or payment, with its part of each line.

Source: FHIR R4 claimresponse.html; S001 (each funder decides), S004 (split of a line).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from mappings import namespaces, targets
from mappings.lens.lens import (
    Pick,
    ShapeSpec,
    code,
    code_in,
    coded_as,
    concept,
    count,
    day,
    extension,
    identifier,
    number,
    pence,
    period,
    pick,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import ADJUDICATION, CLAIM_TYPE, DECISION_OUTCOME, PAYMENT_EXTENT

RULE: Final = namespaces.code_system("phb-rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """What the funder pays of a line. line_no: item of the Claim. share_percent: the weight behind amount_pence.

    rule: such as `R76`, where a rule gave the answer. plan_element: the part of the plan the line was held against.
    """

    line_no: int
    amount_pence: int | None
    decision: str | None
    share_percent: Decimal | None
    rule: str | None
    plan_element: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerNote:
    """A sentence that goes with the answer: rationale, how to appeal or complain, who helps."""

    note_no: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderAnswer:
    """One funder's answer. outcome: FHIR's word for processed, not for approved; the lines have the decision.

    total_pence: the funder's share. paid_, payment_ and offset_ fields: of the payment it made. decision_id: the Task
    of the decision behind it.
    """

    answer_id: str | None
    person_id: str
    status: str
    claim_type: str
    use: str
    created: date | None
    funder_id: str | None
    requestor: str | None
    claim_id: str | None
    decision_id: str | None
    outcome: str
    disposition: str | None
    preauth_ref: str | None
    preauth_start: date | None
    preauth_end: date | None
    total_pence: int | None
    payment_extent: str | None
    payment_ref: str | None
    paid_on: date | None
    paid_pence: int | None
    offset_pence: int | None
    offset_reason: str | None
    notes: tuple[AnswerNote, ...]
    lines: tuple[AnsweredLine, ...]


def _adjudication(adjudication_code: str, spec: ShapeSpec) -> Pick:
    return pick({"category": coded_as(ADJUDICATION, adjudication_code)}, spec)


MAPPING: Final = mapping(
    "ClaimResponse",
    FunderAnswer,
    "funder-answer",
    {
        "extension": extension("phb-decision", {"valueReference": reference("decision_id", to="Task")}),
        "identifier": identifier("answer_id", identifier_system("phb-answer")),
        "status": code("status", ("active", "cancelled", "draft", "entered-in-error")),
        "type": concept("claim_type", CLAIM_TYPE, marks=True),
        "use": code("use", ("claim", "preauthorization", "predetermination")),
        "patient": reference("person_id", to="Patient"),
        "created": day("created"),
        "insurer": reference("funder_id", to="Organization"),
        "requestor": reference("requestor", to=targets.PROVIDERS),
        "request": reference("claim_id", to="Claim"),
        "outcome": code("outcome", ("queued", "complete", "error", "partial")),
        "disposition": text("disposition"),
        "preAuthRef": text("preauth_ref"),
        "preAuthPeriod": period("preauth_start", "preauth_end"),
        "item": rows(
            "lines",
            AnsweredLine,
            {
                "extension": extension(
                    "phb-plan-element", {"valueReference": reference("plan_element", to=targets.ANY)}
                ),
                "itemSequence": count("line_no"),
                "adjudication": (
                    _adjudication(
                        "benefit",
                        {"reason": concept("decision", DECISION_OUTCOME), "amount": pence("amount_pence")},
                    ),
                    _adjudication("share", {"value": number("share_percent")}),
                    _adjudication("rule", {"reason": code_in("rule", RULE)}),
                ),
            },
        ),
        "total": pick({"category": coded_as(ADJUDICATION, "benefit")}, {"amount": pence("total_pence")}),
        "payment": {
            "type": concept("payment_extent", PAYMENT_EXTENT),
            "adjustment": pence("offset_pence"),
            "adjustmentReason": {"text": text("offset_reason")},
            "date": day("paid_on"),
            "amount": pence("paid_pence"),
            "identifier": {"value": text("payment_ref")},
        },
        "processNote": rows("notes", AnswerNote, {"number": count("note_no"), "text": text("text")}),
    },
)

TYPE: Final = ResourceType(
    "ClaimResponse",
    (MAPPING,),
    search=(
        reference_param("patient", to="Patient"),
        reference_param("request", to="Claim"),
        reference_param("insurer", to="Organization"),
        reference_param("requestor", to=targets.PROVIDERS),
        token_param("outcome"),
        token_param("use"),
        token_param("status"),
        date_param("created"),
        date_param("payment-date", "payment.date"),
        token_param("identifier"),
        string_param("disposition"),
        token_param("phb-type", "type"),
    ),
    compartment="patient",
    money=True,
)
