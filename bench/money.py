"""The money of an invented person as text to fill in: shares, budgets, decisions, account and payments.

Source: docs/mapping/Claim.md, Coverage.md, Task.md, Account.md.
"""

from typing import Final

from bench.shapes import (
    COORDINATOR,
    COUNCIL_DECIDER,
    ICB_DECIDER,
    MARK,
    SUBJECT,
    Tree,
    coding,
    extension,
    hl7,
    identifier,
    money,
    narrative,
    reference,
    text_of,
    year,
)


def _coverage(id_: str, stream: str, display: str, payor: str, order: int) -> Tree:
    return {
        "resourceType": "Coverage",
        "id": f"%({id_})s",
        "identifier": [identifier("phb-contribution", f"CON-%(number)s-{order}")],
        "status": "active",
        "type": coding("phb-funding-stream", stream, display),
        "beneficiary": SUBJECT,
        "period": year(),
        "payor": [reference(payor)],
        "order": order,
    }


COVERAGE_NHS: Final = text_of(_coverage("coverage_nhs", "nhs-other", "NHS other", "Organization/%(icb)s", 1))
COVERAGE_COUNCIL: Final = text_of(
    _coverage("coverage_council", "la-adult-social-care", "Council adult social care", "Organization/%(council)s", 2)
)


def _claim(id_: str, kind: tuple[str, str], use: str, sub: Tree, created: str) -> Tree:
    return {
        "resourceType": "Claim",
        "id": f"%({id_})s",
        "status": "active",
        "type": coding("phb-claim-type", *kind),
        "subType": sub,
        "use": use,
        "patient": SUBJECT,
        "billablePeriod": year(),
        "created": created,
        "insurer": reference("Organization/%(icb)s"),
        "provider": COORDINATOR,
        "priority": hl7("processpriority", "normal"),
    }


def _insurance() -> list[Tree]:
    return [
        {"sequence": 1, "focal": True, "coverage": reference("Coverage/%(coverage_nhs)s")},
        {"sequence": 2, "focal": False, "coverage": reference("Coverage/%(coverage_council)s")},
    ]


def _terms(frequency: str) -> Tree:
    weights = [
        {
            "url": "weight",
            "extension": [
                {"url": "insurance-sequence", "valuePositiveInt": sequence},
                {"url": "basis-points", "valueUnsignedInt": 5000},
            ],
        }
        for sequence in (1, 2)
    ]
    parts = [
        {"url": "frequency", "valueCode": frequency},
        {"url": "profile", "valueCode": "even"},
        {"url": "split-method", "valueCode": "percentage"},
        *weights,
        {"url": "regulated-activity", "valueBoolean": False},
        {"url": "assessed-need-element", "valueBoolean": True},
    ]
    return extension("phb-line-terms", extension=parts)


def _line(number: int, category: tuple[str, str], words: str, quantity: int, unit: str, frequency: str) -> Tree:
    return {
        "extension": [_terms(frequency)],
        "sequence": number,
        "diagnosisSequence": [1],
        "informationSequence": [1],
        "category": coding("phb-line-category", *category),
        "productOrService": {"text": words},
        "modifier": [coding("phb-management-option", "direct-payment", "Direct payment")],
        "programCode": [coding("phb-need-type", "joint", "Joint")],
        "servicedPeriod": year(),
        "quantity": {"value": quantity, "unit": unit},
        "unitPrice": money(f"rate_{number}"),
        "net": money(f"net_{number}"),
    }


def _info(number: int, category: str, to: str) -> Tree:
    return {"sequence": number, "category": coding("phb-budget-info", category), "valueReference": reference(to)}


def _said(number: int, category: str, words: str) -> Tree:
    return {"sequence": number, "category": coding("phb-budget-info", category), "valueString": words}


def _budget(id_: str, use: str, status: str, number: str, created: str) -> Tree:
    kind, sub = ("phb-budget", "Budget"), coding("phb-budget-kind", "ongoing", "Ongoing")
    activity, transport = ("exercise-and-activity", "Exercise and activity"), ("transport", "Transport")
    return {
        **_claim(id_, kind, use, sub, created),
        "extension": [extension("phb-budget-status", valueCode=status)],
        "identifier": [identifier("phb-budget", number), identifier("phb-budget-version", "1")],
        "insurance": _insurance(),
        "diagnosis": [{"sequence": 1, "diagnosisReference": reference("Condition/%(condition)s")}],
        "supportingInfo": [_info(1, "goal", "Goal/%(goal_1)s")],
        "item": [
            _line(1, activity, "%(service)s", 260, "hour", "per-unit"),
            _line(2, transport, "Getting there and back", 1, "year", "annual"),
        ],
        "total": money("total"),
    }


def _refined(budget: Tree) -> Tree:
    """The budget as agreed after the estimate and the plan."""
    relation = coding("phb-claim-relation", "refines")
    parts = [
        {"url": "body-ok", "valueBoolean": True},
        {"url": "person-ok", "valueBoolean": True},
        {"url": "on", "valueDate": "%(created)s"},
    ]
    return budget | {
        "extension": [*budget["extension"], extension("phb-sufficiency", extension=parts)],
        "related": [{"relationship": relation, "claim": reference("Claim/%(indicative)s")}],
        "supportingInfo": [
            *budget["supportingInfo"],
            _info(2, "care-plan", "CarePlan/%(plan)s"),
            _info(3, "account", "Account/%(account)s"),
        ],
    }


def _estimated(budget: Tree) -> Tree:
    """The estimate as it was shared with the person."""
    method = coding("phb-budget-method", "current-service-cost", "Current service cost")
    return budget | {
        "supportingInfo": [
            *budget["supportingInfo"],
            _info(2, "needs-assessment", "Observation/%(assessment)s"),
            _said(3, "budget-method", "What the support costs now, at the local rate.") | {"code": method},
            _said(4, "review-route", "Tell the care coordinator that it is too low."),
            {
                "sequence": 5,
                "category": coding("phb-budget-info", "shared-with-person"),
                "timingDate": "%(opened)s",
                "valueBoolean": True,
            },
        ]
    }


INDICATIVE: Final = text_of(
    _estimated(_budget("indicative", "predetermination", "shared", "IND-%(number)s", "%(opened)s"))
)
BUDGET: Final = text_of(_refined(_budget("budget", "preauthorization", "active", "BUD-%(number)s", "%(created)s")))


def _told(name: str, words: str) -> Tree:
    return {"type": coding("phb-task-detail", name), "valueString": words}


def _decision(id_: str, by: Tree) -> Tree:
    """A funder's approval of the budget."""
    approved = coding("phb-decision-outcome", "approved", "Approved")
    return {
        "resourceType": "Task",
        "id": f"%({id_})s",
        "identifier": [identifier("phb-task", f"DEC-%(number)s-{id_}")],
        "status": "completed",
        "intent": "order",
        "code": coding("phb-decision-subject", "agreed-budget", "Agreed budget"),
        "focus": reference("Claim/%(budget)s"),
        "for": SUBJECT,
        "executionPeriod": {"start": "%(opened)s", "end": "%(created)s"},
        "authoredOn": "%(opened)s",
        "requester": SUBJECT,
        "owner": by,
        "restriction": {"period": {"end": "%(created)s"}},
        "businessStatus": coding("phb-decision-status", "communicated", "Communicated"),
        "statusReason": {"text": "The share is enough for the part of the needs this body has to meet."},
        "input": [_told("information-considered", "What the person said when the plan was read together")],
        "output": [
            {"type": coding("phb-task-detail", "outcome"), "valueCodeableConcept": approved},
            _told("communicated-how", "By letter, and read together with the care coordinator"),
            {"type": coding("phb-task-detail", "communicated-on"), "valueDate": "%(created)s"},
            _told("appeal-route", "Write to the personal health budget group within six months."),
            _told("complaint-route", "The complaints team of the body, or the ombudsman."),
            _told("support-contact", "The advocacy line, free and independent."),
        ],
    }


DECISION_NHS: Final = text_of(_decision("decision_nhs", ICB_DECIDER))
DECISION_COUNCIL: Final = text_of(_decision("decision_council", COUNCIL_DECIDER))


def _arrangement() -> Tree:
    suitable = [
        {"url": "appropriate", "valueBoolean": True},
        {"url": "value-for-money", "valueBoolean": True},
        {"url": "reasons", "valueString": "The same needs are met, and more of what matters to the person."},
        {"url": "on", "valueDate": "%(created)s"},
        {"url": "by", "valueReference": ICB_DECIDER},
    ]
    parts = [
        {"url": "recipient", "valueReference": SUBJECT},
        {"url": "account-approved", "valueDate": "%(created)s"},
        {"url": "payment-day", "valuePositiveInt": 1},
        {"url": "interval", "valueCode": "monthly"},
        {"url": "other-public-money", "valueCode": "la-adult-social-care"},
        {"url": "agreement", "valueReference": reference("Contract/%(agreement)s")},
        {"url": "suitability", "extension": suitable},
    ]
    return extension("phb-payment-arrangement", extension=parts)


ACCOUNT: Final = text_of(
    {
        "resourceType": "Account",
        "id": "%(account)s",
        "extension": [_arrangement()],
        "identifier": [identifier("phb-account", "ACC-%(number)s")],
        "status": "active",
        "type": {
            "coding": [
                *coding("phb-account-kind", "dedicated-bank-account", "Dedicated bank account")["coding"],
                *coding("phb-management-option", "direct-payment", "Direct payment")["coding"],
            ]
        },
        "subject": [SUBJECT],
        "servicePeriod": year(),
        "coverage": [{"coverage": reference(f"Coverage/%(coverage_{one})s")} for one in ("nhs", "council")],
    }
)


def _payment(status: str, *more: Tree) -> str:
    """An instalment in a state. more: terms beside its number and the day it is due."""
    line = {
        "extension": [extension("phb-line-terms", extension=[{"url": "budget-line", "valuePositiveInt": 1}])],
        "sequence": 1,
        "category": coding("phb-line-category", "exercise-and-activity", "Exercise and activity"),
        "productOrService": {"text": "%(service)s"},
        "modifier": [coding("phb-management-option", "direct-payment", "Direct payment")],
        "servicedPeriod": {"start": "%(paid)s", "end": "%(paid)s"},
        "quantity": {"value": 1, "unit": "hour"},
        "unitPrice": money("rate_1"),
        "net": money("instalment"),
    }
    kind = coding("phb-payment-kind", "instalment", "Instalment")
    terms = [
        {"url": "instalment", "valuePositiveInt": "=%(instalment_no)s"},
        {"url": "due", "valueDate": "%(paid)s"},
        *more,
    ]
    relation = coding("phb-claim-relation", "pays-against")
    return text_of(
        {
            **_claim("payment", ("phb-payment", "Payment"), "claim", kind, "%(paid)s"),
            "billablePeriod": {"start": "%(paid)s", "end": "%(paid)s"},
            "text": narrative(f"Instalment %(instalment_no)s for %(service)s, paid on %(paid)s. Reference {MARK}."),
            "extension": [
                extension("phb-payment-status", valueCode=status),
                extension("phb-payment-terms", extension=terms),
            ],
            "identifier": [identifier("phb-payment", "PAY-%(number)s-%(instalment_no)s")],
            "related": [{"relationship": relation, "claim": reference("Claim/%(budget)s")}],
            "payee": {"type": hl7("payeetype", "subscriber"), "party": SUBJECT},
            "insurance": _insurance(),
            "item": [line],
            "total": money("instalment"),
        }
    )


PAYMENT: Final = _payment("paid", {"url": "paid", "valueDate": "%(paid)s"})
DUE: Final = _payment("due")
