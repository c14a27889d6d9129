"""PaymentReconciliation: one row of a payment list that a funder published or sent.

Source: FHIR R4 paymentreconciliation.html; payment lists of public bodies over a set sum.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import default
from mappings.lens.lens import code, day, first, identifier, pence, period, pick, reference, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.namespaces import identifier_system

PAYMENT_LIST: Final = identifier_system("phb-payment-list")
PAYMENT_LIST_ROW: Final = identifier_system("phb-payment-list-row")
PAYMENT: Final = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/payment-type", "code": "payment"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentListRow:
    """A row of a payment list, about no single person. amount_pence: below zero when money came back.

    list_id: the list; row_id: the row, unique among all lists. purpose: what the list says it was for.
    detail_kind, payee_name, detail_date, detail_pence: the one payment the row shows.
    """

    list_id: str
    row_id: str | None
    status: str
    created: date | None
    start: date | None
    end: date | None
    paid_on: date | None
    amount_pence: int
    issuer: str | None
    issuer_name: str | None
    outcome: str | None
    purpose: str | None
    payment_ref: str | None
    detail_kind: str | None
    payee: str | None
    payee_name: str | None
    detail_date: date | None
    detail_pence: int | None


MAPPING: Final = mapping(
    "PaymentReconciliation",
    PaymentListRow,
    "payment-list-row",
    {
        "identifier": (
            pick({"system": PAYMENT_LIST}, {"value": text("list_id")}, marks=True),
            identifier("row_id", PAYMENT_LIST_ROW),
        ),
        "status": code("status", ("active", "cancelled", "draft", "entered-in-error")),
        "period": period("start", "end"),
        "created": day("created"),
        "paymentIssuer": (reference("issuer", to="Organization"), {"display": text("issuer_name")}),
        "outcome": code("outcome", ("queued", "complete", "error", "partial")),
        "disposition": text("purpose"),
        "paymentDate": day("paid_on"),
        "paymentAmount": pence("amount_pence"),
        "paymentIdentifier": {"value": text("payment_ref")},
        "detail": first(
            {
                "type": (
                    {"text": text("detail_kind")},
                    default(PAYMENT, "payee", "payee_name", "detail_date", "detail_pence"),
                ),
                "payee": (reference("payee", to=targets.PROVIDERS), {"display": text("payee_name")}),
                "date": day("detail_date"),
                "amount": pence("detail_pence"),
            }
        ),
    },
)

TYPE: Final = ResourceType(
    "PaymentReconciliation",
    (MAPPING,),
    search=(
        token_param("identifier"),
        token_param("status"),
        token_param("outcome"),
        date_param("created"),
        string_param("disposition"),
        reference_param("payment-issuer", "paymentIssuer", to="Organization"),
        reference_param("request", to="Task"),
        reference_param("requestor", to=targets.PROVIDERS),
    ),
    money=True,
)
