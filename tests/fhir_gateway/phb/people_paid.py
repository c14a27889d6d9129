"""Small valid records about who is paid and why: each negative test of groups A and B changes one thing in them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.account import PaymentArrangement
from mappings.assessment import CapacityAssessment, DirectPaymentBar
from mappings.budget import AgreedBudget, BudgetLine
from mappings.consent import PhbConsent
from mappings.coverage import FunderContribution
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.payment import Payment, PaymentLine
from mappings.practitioner_role import CareCoordinator
from mappings.related_person import Party
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, warned

OURS: Final = frozenset(f"R{number}" for number in range(1, 30))
START: Final = date(2025, 4, 1)
END: Final = date(2026, 3, 31)
DUE: Final = date(2025, 6, 1)
SELF: Final = f"Patient/{PERSON}"
MOTHER: Final = "RelatedPerson/mother"
ADULT_BORN: Final = date(1980, 5, 4)
CHILD_BORN: Final = date(2012, 5, 4)


def breaks(record: Any, *standing: Filed[Any], **known: Any) -> set[str]:
    """Numbers of the rules of groups A and B that refuse it."""
    return broken(record, *standing, **known) & OURS


def flags(record: Any, *standing: Filed[Any], **known: Any) -> set[str]:
    """Numbers of the rules of groups A and B that warn of it."""
    return warned(record, *standing, **known) & OURS


# --- people -----------------------------------------------------------------------------------------


def person(**known: Any) -> Filed[Person]:
    return filed(made(Person, **{"birth_date": ADULT_BORN, **known}), PERSON)


def mother(**known: Any) -> Party:
    usual: dict[str, Any] = {"person_id": PERSON, "active": True, "roles": ("deputy",), "relationship": "parent"}
    return made(Party, **usual | known)


def nominee(**known: Any) -> Party:
    usual: dict[str, Any] = {
        "roles": ("nominee",),
        "nominated_by": SELF,
        "agreed_to_act_on": date(2025, 3, 1),
        "body_agreed_on": date(2025, 3, 10),
    }
    return mother(**usual | known)


def capacity(status: str, on: date = date(2025, 1, 15), **known: Any) -> CapacityAssessment:
    usual: dict[str, Any] = {"decision_path": "We talk it over.", "speaks_for_person": "mother"}
    return made(
        CapacityAssessment,
        **{
            "person_id": PERSON,
            "observation_status": "final",
            "decision": "receive-direct-payment",
            "status": status,
            "assessed_on": on,
        }
        | usual
        | known,
    )


# --- consents ---------------------------------------------------------------------------------------


def consent(subject: str = "receive-direct-payment", by: str = SELF, **known: Any) -> PhbConsent:
    usual: dict[str, Any] = {"person_id": PERSON, "status": "active", "given_on": date(2025, 2, 1)}
    return made(PhbConsent, **{"consent_subject": subject, "given_by": by} | usual | known)


def to_speak(**known: Any) -> PhbConsent:
    return consent("act-as-representative", MOTHER, **known)


def own() -> tuple[Filed[Any], ...]:
    """An adult who decides alone and consents."""
    return person(), filed(consent(), "own")


def child() -> tuple[Filed[Any], ...]:
    """A child whose mother consents to act."""
    return person(birth_date=CHILD_BORN), filed(mother(), "mother"), filed(to_speak(), "hers")


def lacking(**known: Any) -> tuple[Filed[Any], ...]:
    """An adult without capacity whose mother consents to act."""
    found = filed(capacity("lacks-capacity", **known), "lost")
    return person(), filed(mother(), "mother"), filed(to_speak(), "hers"), found


def without(standing: Iterable[Filed[Any]], *ids: str) -> tuple[Filed[Any], ...]:
    return tuple(one for one in standing if one.id not in ids)


# --- money ------------------------------------------------------------------------------------------


def payment(**known: Any) -> Payment:
    """An instalment of a direct payment that is authorised."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "payment_kind": "instalment",
        "payment_status": "authorised",
        "payee": SELF,
        "due_on": DUE,
        "total_pence": 10_000,
        "lines": (made(PaymentLine, sequence=1, amount_pence=10_000, management_option="direct-payment"),),
    }
    return made(Payment, **usual | known)


def account(**known: Any) -> PaymentArrangement:
    """A direct payment that is set up."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "management_option": "direct-payment",
        "start": START,
        "end": END,
        "recipient": SELF,
        "suitability_appropriate": True,
        "suitability_value_for_money": True,
        "suitability_reasons": "Wants to choose the assistants.",
        "suitability_on": date(2025, 3, 1),
        "suitability_by": "PractitionerRole/decider",
    }
    return made(PaymentArrangement, **usual | known)


def line(number: int = 1, option: str = "direct-payment", **known: Any) -> BudgetLine:
    return made(BudgetLine, **{"line_no": number, "management_option": option, "amount_pence": 120_000} | known)


def budget(*lines: BudgetLine, **known: Any) -> AgreedBudget:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "budget_status": "active",
        "start": START,
        "end": END,
        "total_pence": 120_000,
        "lines": lines or (line(),),
    }
    return made(AgreedBudget, **usual | known)


def bar(**known: Any) -> DirectPaymentBar:
    usual: dict[str, Any] = {"person_id": PERSON, "observation_status": "final", "value": "barred"}
    return made(DirectPaymentBar, **{"start": date(2025, 5, 1), "end": date(2025, 12, 31)} | usual | known)


def share(stream: str, funder: str, **known: Any) -> FunderContribution:
    usual: dict[str, Any] = {"person_id": PERSON, "status": "active", "funder": f"Organization/{funder}"}
    return made(FunderContribution, **{"stream": stream} | usual | known)


# --- case, bodies, decisions ------------------------------------------------------------------------


def the_case(**known: Any) -> PhbCase:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "state": "active",
        "group": "long-term-conditions",
        "responsible_body": "icb",
        "opened_on": date(2025, 1, 6),
    }
    return made(PhbCase, **usual | known)


def body(id: str, **known: Any) -> Filed[Organisation]:  # noqa: A002
    return filed(made(Organisation, **known), id)


def icb(**known: Any) -> Filed[Organisation]:
    usual: dict[str, Any] = {"ods_code": "QZZ", "funder_kind": "nhs-icb", "roles": ("responsible-body", "funder")}
    return body("icb", **usual | known)


def council(**known: Any) -> Filed[Organisation]:
    return body("council", **{"ods_code": "9ZZ", "funder_kind": "local-authority", "roles": ("funder",)} | known)


def role(id: str, organisation: str) -> Filed[CareCoordinator]:  # noqa: A002
    return filed(made(CareCoordinator, organisation=organisation), id)


def decision(subject: str, **known: Any) -> Decision:
    """A decision that was taken and approves."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "decision_subject": subject,
        "outcome": "approved",
        "rationale": "It is necessary to meet the needs.",
        "owner": "PractitionerRole/decider",
        "requested_on": date(2025, 2, 3),
        "ended_on": date(2025, 2, 10),
    }
    return made(Decision, **usual | known)
