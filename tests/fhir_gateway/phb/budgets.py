"""A small budget that keeps every rule, for tests that change one thing in it."""

from datetime import date
from typing import Any, Final

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.assessment import NeedsAssessment
from mappings.budget import AgreedBudget, BudgetGoal, BudgetLine, BudgetNeed, IndicativeBudget, SplitWeight
from mappings.care_plan import SupportPlan
from mappings.claim_parts import ClaimCoverage
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.condition import Need
from mappings.coverage import ClientContribution, FunderContribution
from mappings.decision import Considered, Decision
from mappings.episode_of_care import PhbCase
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.goal import Outcome
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.phb.shelf import PERSON, filed

START: Final = date(2025, 4, 1)
END: Final = date(2026, 3, 31)
AGREED_ON: Final = date(2025, 3, 20)
AMOUNT: Final = 120_000
BUDGET: Final = "bud"
OWN: Final = "person-contribution"
BODIES: Final = {"icb": "nhs-icb", "council": "local-authority", "school": "education", "grant": "other"}


# --- who pays ---------------------------------------------------------------------------------------


def share(stream: str, body: str = "", **known: Any) -> FunderContribution:
    """The Coverage of one stream; of the person where the stream is theirs."""
    funder = f"Patient/{PERSON}" if stream == OWN else f"Organization/{body or body_of(stream)}"
    usual = {"person_id": PERSON, "status": "active", "stream": stream, "funder": funder, "start": START, "end": END}
    return made(FunderContribution, **usual | known)


def body_of(stream: str) -> str:
    """The one body of a kind: icb, council, school or grant."""
    kinds = {"nhs": "icb", "la": "council", "education": "school"}
    return kinds.get(stream.partition("-")[0], "grant")


def shares(*streams: str) -> tuple[Filed[Any], ...]:
    """The Coverages of a budget's streams, in the order of its insurance."""
    return tuple(filed(share(one, order=at), coverage_id(one)) for at, one in enumerate(streams, start=1))


def coverage_id(stream: str) -> str:
    return f"cov-{stream}"


def charge(weekly: int = 1_260, **known: Any) -> ClientContribution:
    """What the person contributes, assessed by the council."""
    usual = {
        "collection": "net",
        "weekly_pence": weekly,
        "financial_assessment_on": AGREED_ON,
        "assessed_by": "council",
    }
    return made(ClientContribution, **usual | known)


# --- budgets ----------------------------------------------------------------------------------------


def line(number: int = 1, **known: Any) -> BudgetLine:
    """A health line of 1,200.00 for the year, met by the NHS, held notionally."""
    usual: dict[str, Any] = {
        "line_no": number,
        "category": "therapy",
        "description": "Hydrotherapy",
        "management_option": "notional",
        "need_type": "health",
        "need_sequences": (1,),
        "goal_sequences": (1,),
        "rate_pence": known.get("amount_pence", AMOUNT),
        "amount_pence": AMOUNT,
        "frequency": "annual",
        "profile": "even",
        "regulated_activity": False,
    }
    return made(BudgetLine, **usual | known)


def weights(*bps: int, unit: str = "bps") -> tuple[SplitWeight, ...]:
    """A weight for each on the insurance, in order."""
    return tuple(made(SplitWeight, insurance_sequence=at, **{unit: one}) for at, one in enumerate(bps, start=1))


def joint(*bps: int, **known: Any) -> BudgetLine:
    """A joint line, split by percentages."""
    return line(**{"need_type": "joint", "split_method": "percentage", "weights": weights(*bps)} | known)


def insurance(*streams: str) -> tuple[ClaimCoverage, ...]:
    return tuple(
        made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=coverage_id(one))
        for at, one in enumerate(streams, start=1)
    )


def budget(*lines: BudgetLine, streams: tuple[str, ...] = ("nhs-other",), **known: Any) -> AgreedBudget:
    """A budget sent for decision. streams: of its insurance."""
    usual = _budget(lines or (line(),), streams, budget_status="submitted", difference_reason="The plan says more")
    return made(AgreedBudget, **usual | known)


def indicative(*lines: BudgetLine, streams: tuple[str, ...] = ("nhs-other",), **known: Any) -> IndicativeBudget:
    """The estimate that was shared before it."""
    told = {
        "created": date(2025, 2, 3),
        "assessment_id": "assessment",
        "method": "comparable-cases",
        "method_explanation": "What others receive",
        "review_route": "Tell the coordinator",
        "shared_with_person_on": date(2025, 2, 10),
        "may_change_explained": True,
    }
    found = _budget(lines or (line(),), streams, budget_status="shared")
    return made(
        IndicativeBudget, **{name: one for name, one in found.items() if name != "indicative_id"} | told | known
    )


def _budget(lines: tuple[BudgetLine, ...], streams: tuple[str, ...], **known: Any) -> dict[str, Any]:
    return {
        "person_id": PERSON,
        "status": "active",
        "budget_id": "B-1",
        "version": 1,
        "budget_kind": "ongoing",
        "created": AGREED_ON,
        "provider": "PractitionerRole/coordinator",
        "insurer_id": "icb",
        "start": START,
        "end": END,
        "plan_id": "plan",
        "indicative_id": "ind",
        "needs": (BudgetNeed(sequence=1, need_id="need"),),
        "goals": (BudgetGoal(sequence=1, goal_id="goal"),),
        "total_pence": sum(one.amount_pence or 0 for one in lines),
        "insurance": insurance(*streams),
        "lines": lines,
        **known,
    }


# --- what stands around it --------------------------------------------------------------------------


def around(*streams: str, group: str = "long-term-conditions", **known: Any) -> tuple[Filed[Any], ...]:
    """Person, case, need, outcome, plan, estimate, deciders and shares of a case. known: of the case."""
    return (
        filed(made(Person, birth_date=date(1980, 5, 1)), PERSON),
        filed(_case(group, **known), "case"),
        filed(_assessment(), "assessment"),
        filed(made(Need, person_id=PERSON, need_type="health", health_concern=True, met_by="phb"), "need"),
        filed(made(Outcome, person_id=PERSON, kind="health", lifecycle="active"), "goal"),
        filed(
            made(SupportPlan, person_id=PERSON, status="active", plan_status="submitted", start=START, end=END), "plan"
        ),
        *(filed(_body(one), one) for one in BODIES),
        *(filed(_decider(one), f"decider-{one}") for one in BODIES),
        *shares(*streams),
    )


def _case(group: str, **known: Any) -> PhbCase:
    usual = {
        "person_id": PERSON,
        "status": "active",
        "state": "active",
        "group": group,
        "budget_kind": "ongoing",
        "responsible_body": "icb",
        "care_coordinator": "PractitionerRole/coordinator",
    }
    return made(PhbCase, **usual | known)


def _assessment() -> NeedsAssessment:
    return made(
        NeedsAssessment,
        person_id=PERSON,
        observation_status="final",
        assessment_kind="other-health-assessment",
        assessed_on=date(2025, 1, 13),
        approved_on=date(2025, 1, 20),
        approved_by="PractitionerRole/decider-icb",
        need_ids=("need",),
    )


def _body(name: str) -> Organisation:
    return made(Organisation, name=name, ods_code=f"Q{len(name)}Z", roles=("funder",), funder_kind=BODIES[name])


def _decider(body: str) -> CareCoordinator:
    return made(CareCoordinator, active=True, practitioner=f"worker-{body}", organisation=body)


def estimate(*lines: BudgetLine, streams: tuple[str, ...] = ("nhs-other",)) -> Filed[Any]:
    """The estimate as it stands."""
    return filed(indicative(*lines, streams=streams), "ind")


def decision(body: str = "icb", **known: Any) -> Decision:
    """A body's approval of the budget."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "decision_subject": "agreed-budget",
        "decision_status": "communicated",
        "about": f"Claim/{BUDGET}",
        "owner": f"PractitionerRole/decider-{body}",
        "requested_on": date(2025, 3, 1),
        "respond_by": date(2025, 3, 29),
        "started_on": date(2025, 3, 1),
        "ended_on": AGREED_ON,
        "rationale": "Enough for the needs",
        "considered": (made(Considered, text="The plan"),),
        "outcome": "approved",
        "communicated_how": "By letter",
        "communicated_on": AGREED_ON,
        "appeal_route": "The panel",
        "complaint_route": "The complaints team",
        "support_contact": "The advocate",
    }
    return made(Decision, **usual | known)


def answer(body: str, *amounts: int | None, **known: Any) -> FunderAnswer:
    """A funder's approval of the budget, with what it gives to each line; None for a line it has no part in."""
    rows = tuple(
        made(AnsweredLine, line_no=at, amount_pence=one, decision="approved")
        for at, one in enumerate(amounts, start=1)
        if one is not None
    )
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "claim_type": "phb-budget",
        "use": "preauthorization",
        "created": AGREED_ON,
        "funder_id": body,
        "claim_id": BUDGET,
        "outcome": "complete",
        "total_pence": sum(one or 0 for one in amounts),
        "lines": rows,
    }
    return made(FunderAnswer, **usual | known)


def spent(number: int | None = 1, **known: Any) -> ExpenditureEntry:
    """Money spent on a line of the budget."""
    row = {
        "sequence": 1,
        "budget_line": number,
        "category": "therapy",
        "description": "Two sessions",
        "spent_on": date(2025, 5, 8),
        "amount_pence": 9_600,
    }
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "created": date(2025, 5, 8),
        "expenditure_status": "recorded",
        "payee_kind": "other",
        "payee_name": "A pool",
        "pays_against_id": BUDGET,
        "total_pence": 9_600,
        "lines": (made(ExpenditureLine, **row | known.pop("row", {})),),
    }
    return made(ExpenditureEntry, **usual | known)
