"""A running case with money in it, all in order; each test of the payment rules changes one thing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget, BudgetGoal, BudgetLine, BudgetNeed, BudgetProvider
from mappings.care_plan import SupportPlan
from mappings.consent import PhbConsent
from mappings.contract import AgreementSigner, DirectPaymentAgreement
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.practitioner_role import CareCoordinator
from mappings.related_person import Party
from tests.fhir_gateway.phb.rules.money_dealings import COORDINATOR, SELF, talk
from tests.fhir_gateway.phb.rules.money_moved import MONTHLY, insured
from tests.fhir_gateway.phb.shelf import PERSON, filed

START: Final = date(2025, 4, 1)
END: Final = date(2026, 3, 31)
THERAPY: Final = 60_000


def line(no: int, **known: Any) -> BudgetLine:
    usual: dict[str, Any] = {
        "line_no": no,
        "category": "exercise-and-activity",
        "description": "Swimming",
        "management_option": "direct-payment",
        "need_type": "health",
        "need_sequences": (1,),
        "goal_sequences": (1,),
        "frequency": "monthly",
        "profile": "even",
        "split_method": "need-type",
        "rate_pence": MONTHLY,
        "amount_pence": 12 * MONTHLY,
        "regulated_activity": False,
        "assessed_need_element": True,
    }
    return made(BudgetLine, **usual | known)


SWIMMING: Final = line(1)
THERAPIST: Final = line(
    2,
    category="therapy",
    description="Therapy",
    management_option="notional",
    provider_sequences=(1,),
    frequency="annual",
    rate_pence=THERAPY,
    amount_pence=THERAPY,
)
CONTINGENCY: Final = line(
    3,
    category="contingency",
    description="For the unforeseen",
    flags=("contingency",),
    frequency="annual",
    rate_pence=6_000,
    amount_pence=6_000,
    need_sequences=(),
    goal_sequences=(),
)
HELD_BY_THIRD: Final = replace(SWIMMING, management_option="third-party")
WAGES: Final = replace(SWIMMING, category="personal-assistant-wages", description="Assistant")


def budget(*lines: BudgetLine, **known: Any) -> Filed[AgreedBudget]:
    chosen = lines or (SWIMMING, THERAPIST, CONTINGENCY)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "budget_status": "active",
        "budget_kind": "ongoing",
        "budget_id": "BUD-1",
        "version": 1,
        "plan_id": "plan",
        "account": "account",
        "start": START,
        "end": END,
        "created": date(2025, 3, 1),
        "insurer_id": "icb",
        "provider": COORDINATOR,
        "total_pence": sum(one.amount_pence or 0 for one in chosen),
        "insurance": insured(),
        "goals": (made(BudgetGoal, sequence=1, goal_id="goal"),),
        "needs": (made(BudgetNeed, sequence=1, need_id="need"),),
        "providers": (made(BudgetProvider, sequence=1, provider="Organization/physio"),),
        "lines": chosen,
    }
    return filed(made(AgreedBudget, **usual | known), "budget")


def arrangement(**known: Any) -> Filed[PaymentArrangement]:
    usual: dict[str, Any] = {
        "account_ref": "token-1",
        "person_id": PERSON,
        "status": "active",
        "management_option": "direct-payment",
        "account_kind": "dedicated-bank-account",
        "start": START,
        "coverage_ids": ("nhs",),
        "recipient": SELF,
        "account_approved_on": date(2025, 3, 25),
        "payment_day": 1,
        "interval": "monthly",
        "agreement_id": "agreement",
        "suitability_appropriate": True,
        "suitability_value_for_money": True,
        "suitability_reasons": "It suits the person and costs no more.",
        "suitability_on": date(2025, 3, 20),
        "suitability_by": COORDINATOR,
    }
    return filed(made(PaymentArrangement, **usual | known), "account")


def agreement(*signers: str, **known: Any) -> Filed[DirectPaymentAgreement]:
    at = datetime(2025, 3, 25, 10, tzinfo=UTC)
    parties = signers or (SELF, "Organization/icb")
    usual: dict[str, Any] = {
        "agreement_id": "DPA-1",
        "person_id": PERSON,
        "status": "executed",
        "start": START,
        "end": END,
        "body_id": "icb",
        "about": ("CarePlan/plan", "Claim/budget"),
        "signers": tuple(made(AgreementSigner, party=one, signed_by=one, signed_at=at) for one in parties),
        "excluded_uses_acknowledged": True,
        "employer_duties_explained_on": date(2025, 3, 1),
    }
    return filed(made(DirectPaymentAgreement, **usual | known), "agreement")


def consent(**known: Any) -> Filed[PhbConsent]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "consent_subject": "receive-direct-payment",
        "given_by": SELF,
        "given_on": date(2025, 3, 10),
        "holds_from": date(2025, 3, 10),
    }
    return filed(made(PhbConsent, **usual | known), "consent")


def plan(**known: Any) -> Filed[SupportPlan]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "plan_status": "active",
        "plan_number": "PLAN-1",
        "case_number": "CASE-1",
        "start": START,
        "end": END,
        "involved": (SELF,),
        "dp_reduction_notice_days": 28,
    }
    return filed(made(SupportPlan, **usual | known), "plan")


def share(id: str, stream: str, funder: str, order: int, **known: Any) -> Filed[FunderContribution]:  # noqa: A002
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "stream": stream,
        "funder": funder,
        "order": order,
        "start": START,
        "end": END,
    }
    return filed(made(FunderContribution, **usual | known), id)


def person(**known: Any) -> Filed[Person]:
    return filed(made(Person, **{"active": True, "birth_date": date(1960, 5, 5)} | known), PERSON)


def body(id: str, *roles: str, **known: Any) -> Filed[Organisation]:  # noqa: A002
    return filed(made(Organisation, name="A body", roles=roles, **known), id)


def world(*changed: Filed[Any], without: tuple[str, ...] = ()) -> tuple[Filed[Any], ...]:
    """Everything that stands, the changed or added records in place of those with their ids."""
    case = made(
        PhbCase,
        person_id=PERSON,
        case_number="CASE-1",
        status="active",
        state="active",
        group="long-term-conditions",
        budget_kind="ongoing",
        responsible_body="icb",
        care_coordinator=COORDINATOR,
        opened_on=date(2025, 1, 10),
    )
    standing = (
        person(),
        filed(case, "case"),
        filed(made(CareCoordinator, practitioner="mira", organisation="icb", active=True), "mira"),
        filed(
            made(CareCoordinator, practitioner="dee", organisation="icb", active=True, decision_subjects=("stop",)),
            "decider",
        ),
        body("icb", "funder", "responsible-body", funder_kind="nhs-icb", ods_code="ZZ901"),
        body("council", "funder", funder_kind="local-authority"),
        body("physio", "provider"),
        body("holder", "third-party-holder"),
        body("keeper", "managed-account-holder"),
        share("nhs", "nhs-other", "Organization/icb", 1),
        plan(),
        budget(),
        arrangement(),
        agreement(),
        consent(),
        talk("talk-person", recipients=(SELF,), sender=SELF),
        talk("talk-coordinator", recipients=(COORDINATOR,), sender="Practitioner/clerk"),
    )
    every: tuple[Filed[Any], ...] = (*standing, *changed)
    kept = {(one.type, one.id): one for one in every}
    return tuple(one for one in kept.values() if one.id not in without)


def party(id: str, *roles: str, **known: Any) -> Filed[Party]:  # noqa: A002
    return filed(made(Party, **{"person_id": PERSON, "active": True, "roles": roles} | known), id)
