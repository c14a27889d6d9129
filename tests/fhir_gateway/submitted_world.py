"""A person whose joint budget NHS and council pay, all in order, put in over FHIR; each test changes one thing.

Three notional lines: therapy at 57.50 to 42.50 per cent, transport that the council pays alone, contingency.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fhir_gateway.phb.records import made
from fhir_gateway.store.facts import MAPPING_OF
from mappings.budget import AgreedBudget, BudgetGoal, BudgetLine, BudgetNeed, BudgetProvider, SplitWeight
from mappings.care_plan import Agreement, PlanAction, SupportPlan
from mappings.care_team import Participant, Team
from mappings.claim_parts import ClaimCoverage
from mappings.composition import PlanNarrative, PlanSection
from mappings.condition import Need
from mappings.coverage import FunderContribution
from mappings.decision import Considered, Decision
from mappings.episode_of_care import PhbCase
from mappings.goal import Outcome
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.payment import Payment, PaymentLine
from mappings.practitioner import Worker
from mappings.practitioner_role import CareCoordinator
from mappings.terminology import AGREEMENT_STATEMENT

Json = Any
Resources = dict[str, Any]
PERSON: Final = "pat"
SELF: Final = f"Patient/{PERSON}"
COORDINATOR: Final = "PractitionerRole/mira"
START: Final = date(2025, 4, 1)
END: Final = date(2026, 3, 31)
AGREED_ON: Final = date(2025, 3, 20)
THERAPY: Final = 74_500
VISITS: Final = 20
TRANSPORT: Final = 60_000
CONTINGENCY: Final = 10_000
SECTIONS: Final = (
    *("who-i-am", "strengths-and-skills", "social-context", "working", "not-working", "important-to"),
    *("important-for", "contingency-plan", "monitoring", "signs-going-well", "signs-going-wrong"),
)


# --- records ----------------------------------------------------------------------------------------


def line(no: int, category: str, amount: int, weights: Mapping[int, int], **known: Any) -> BudgetLine:
    """A notional line. weights: basis points by insurance sequence."""
    usual: dict[str, Any] = {
        "line_no": no,
        "category": category,
        "description": category.capitalize(),
        "management_option": "notional",
        "need_type": "joint",
        "provider_sequences": (1,),
        "need_sequences": (1,),
        "goal_sequences": (1,),
        "frequency": "annual",
        "profile": "even",
        "split_method": "percentage",
        "rate_pence": amount,
        "amount_pence": amount,
        "regulated_activity": False,
        "assessed_need_element": True,
        "weights": tuple(made(SplitWeight, insurance_sequence=at, bps=bps) for at, bps in weights.items()),
    }
    return made(BudgetLine, **usual | known)


def lines() -> tuple[BudgetLine, ...]:
    loose = {"need_sequences": (), "goal_sequences": (), "provider_sequences": ()}
    return (
        line(1, "therapy", THERAPY * VISITS, {1: 5_750, 2: 4_250}),
        line(2, "transport", TRANSPORT, {2: 10_000}, need_type="social-care"),
        line(3, "contingency", CONTINGENCY, {1: 5_000, 2: 5_000}, flags=("contingency",), **loose),
    )


def insured(*coverages: str) -> tuple[ClaimCoverage, ...]:
    return tuple(
        made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one) for at, one in enumerate(coverages, start=1)
    )


def budget(**known: Any) -> AgreedBudget:
    chosen = known.get("lines", lines())
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "draft",
        "budget_status": "draft",
        "budget_kind": "one-off",
        "budget_id": "BUD-1",
        "version": 1,
        "plan_id": "plan",
        "start": START,
        "end": END,
        "created": date(2025, 3, 1),
        "insurer_id": "icb",
        "provider": COORDINATOR,
        "total_pence": sum(one.amount_pence or 0 for one in chosen),
        "insurance": insured("nhs", "la"),
        "goals": (made(BudgetGoal, sequence=1, goal_id="goal"),),
        "needs": (made(BudgetNeed, sequence=1, need_id="need"),),
        "providers": (made(BudgetProvider, sequence=1, provider="Organization/physio"),),
        "lines": chosen,
        "sufficiency_body_ok": True,
        "sufficiency_person_ok": True,
        "sufficiency_on": AGREED_ON,
    }
    return made(AgreedBudget, **usual | known)


def share(stream: str, funder: str, order: int, **known: Any) -> FunderContribution:
    usual: dict[str, Any] = {"person_id": PERSON, "status": "active", "start": START, "end": END}
    return made(FunderContribution, stream=stream, funder=f"Organization/{funder}", order=order, **usual | known)


def plan(**known: Any) -> SupportPlan:
    sides = {"icb": "PractitionerRole/decider-icb", "person": SELF}
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "draft",
        "plan_status": "submitted",
        "plan_number": "PLAN-1",
        "case_number": "CASE-1",
        "title": "My plan",
        "start": START,
        "end": END,
        "created_on": date(2025, 3, 1),
        "author": COORDINATOR,
        "involved": (SELF,),
        "care_team_ids": ("team",),
        "need_ids": ("need",),
        "outcome_ids": ("goal",),
        "supporting": ("Claim/budget", "Composition/words"),
        "actions": (
            made(PlanAction, text="Book", status="in-progress", performers=(SELF,), by_when=END, outcome_ids=("goal",)),
        ),
        "agreements": tuple(
            made(
                Agreement,
                statement=one,
                agreed=True,
                on=AGREED_ON,
                by=sides[str(AGREEMENT_STATEMENT.property_of(one, "stated_by"))],
            )
            for one in AGREEMENT_STATEMENT
        ),
        "risks_none_identified": True,
        "shared_with_person_on": date(2025, 3, 10),
        "health_contact": "The practice nurse",
    }
    return made(SupportPlan, **usual | known)


def decision(body: str, **known: Any) -> Decision:
    """A body's approval of the budget, told to the person."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "decision_subject": "agreed-budget",
        "decision_status": "communicated",
        "about": "Claim/budget",
        "owner": f"PractitionerRole/decider-{body}",
        "requested_on": date(2025, 3, 12),
        "respond_by": date(2025, 4, 9),
        "ended_on": AGREED_ON,
        "communicated_on": AGREED_ON,
        "communicated_how": "By letter",
        "rationale": "The plan meets the needs.",
        "considered": (made(Considered, text="The plan"),),
        "outcome": "approved",
        "appeal_route": "Write to us.",
        "complaint_route": "Write to the complaints team.",
        "support_contact": "The advocacy line.",
    }
    return made(Decision, **usual | known)


def world(**changed: Any) -> Resources:
    """Every record by `Type/id`: plan submitted, budget a draft, nobody asked yet. changed: ids with another record."""
    case = made(
        PhbCase,
        person_id=PERSON,
        case_number="CASE-1",
        status="planned",
        state="planning",
        group="long-term-conditions",
        budget_kind="one-off",
        responsible_body="icb",
        care_coordinator=COORDINATOR,
        care_teams=("team",),
        opened_on=date(2025, 1, 10),
    )
    coordinators = tuple(
        made(Participant, roles=("care-coordinator",), member=COORDINATOR, on_behalf_of=one)
        for one in ("icb", "council")
    )
    words = tuple(made(PlanSection, section=one, title=one, div=_paragraph(one)) for one in SECTIONS)
    standing: Resources = {
        "Patient/pat": made(Person, active=True, birth_date=date(1960, 5, 5)),
        "Organization/icb": made(
            Organisation, name="ICB", ods_code="QZZ", roles=("funder", "responsible-body"), funder_kind="nhs-icb"
        ),
        "Organization/council": made(Organisation, name="Council", roles=("funder",), funder_kind="local-authority"),
        "Organization/physio": made(Organisation, name="Physio", roles=("provider",), provider_kind="therapist"),
        "Practitioner/worker": made(Worker, active=True, name="Mira Makeup", family="Makeup"),
        **{f"PractitionerRole/{one}": _role(body) for one, body in ROLES.items()},
        "EpisodeOfCare/case": case,
        "CareTeam/team": made(Team, person_id=PERSON, status="active", name="Team", participants=coordinators),
        "Condition/need": made(
            Need,
            person_id=PERSON,
            health_concern=True,
            need_type="joint",
            met_by="phb",
            description="Pain",
            clinical_status="active",
        ),
        "Goal/goal": made(Outcome, person_id=PERSON, kind="health", statement="To walk", lifecycle="active"),
        "Coverage/nhs": share("nhs-other", "icb", 1),
        "Coverage/la": share("la-adult-social-care", "council", 2),
        "Composition/words": made(
            PlanNarrative,
            person_id=PERSON,
            status="final",
            written_on=date(2025, 3, 1),
            title="My words",
            authors=(SELF,),
            sections=words,
        ),
        "CarePlan/plan": plan(),
        "Claim/budget": budget(),
    }
    return {place: changed.pop(place.partition("/")[2].replace("-", "_"), one) for place, one in standing.items()}


ROLES: Final = {"mira": "icb", "decider-icb": "icb", "decider-council": "council"}


def _role(body: str) -> CareCoordinator:
    return made(
        CareCoordinator,
        active=True,
        practitioner="worker",
        organisation=body,
        decision_subjects=("agreed-budget", "contingency-release"),
    )


def _paragraph(words: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{words}</p></div>'


# --- FHIR -------------------------------------------------------------------------------------------


def tree(record: Any, id: str = "") -> Json:  # noqa: A002
    """The FHIR form of a record."""
    mapping = MAPPING_OF[type(record)]
    made_of = mapping.to_fhir(record)
    return {"resourceType": mapping.resource_type} | ({"id": id} if id else {}) | made_of


def transaction(resources: Resources) -> Json:
    """The Bundle that puts them under their ids."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(_puts(resources))}


def _puts(resources: Resources) -> Iterable[Json]:
    for place, record in resources.items():
        yield {
            "resource": tree(record, place.partition("/")[2]),
            "request": {"method": "PUT", "url": place},
        }


def invoice(amount: int = THERAPY, **known: Any) -> Json:
    """An invoice of the therapist for a visit in May, drawing on both funders."""
    return tree(bill(amount, **known))


def bill(amount: int | None = THERAPY, no: int = 1, **known: Any) -> Payment:
    """The record of an invoice for one budget line. no: number of that line."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "created": date(2025, 5, 2),
        "payment_kind": "invoice",
        "payment_status": "due",
        "provider": "Organization/physio",
        "insurer_id": "icb",
        "insurance": insured("nhs", "la"),
        "pays_against_id": "budget",
        "start": date(2025, 5, 1),
        "end": date(2025, 5, 31),
        "due_on": date(2025, 6, 1),
        "received_on": date(2025, 5, 2),
        "payee_kind": "provider",
        "payee": "Organization/physio",
        "total_pence": amount,
        "lines": (item(1, no, amount),),
    }
    return made(Payment, **usual | known)


def item(sequence: int, no: int | None, amount: int | None, **known: Any) -> PaymentLine:
    """A line of a claim. no: of the budget line."""
    return made(PaymentLine, sequence=sequence, budget_line=no, description="Visit", amount_pence=amount, **known)


# --- what came back ---------------------------------------------------------------------------------


def resources(reply: Any, kind: str = "") -> list[Json]:
    """The resources of an answer, or those of one type."""
    assert reply.status_code == 200, reply.text
    assert (reply.json()["resourceType"], reply.json()["type"]) == ("Bundle", "collection")
    found = [one["resource"] for one in reply.json()["entry"]]
    return [one for one in found if not kind or one["resourceType"] == kind]


def benefits(answer: Json) -> list[tuple[int, Decimal]]:
    """Line and amount of each adjudicated line of an answer."""
    found = ((one["itemSequence"], _of(one, "benefit")["amount"]["value"]) for one in answer.get("item", ()))
    return [(at, Decimal(str(amount))) for at, amount in found]


def rules(answer: Json) -> list[tuple[int, str]]:
    """Line and rule of each line that a rule decided."""
    found = [(one["itemSequence"], _of(one, "rule")) for one in answer.get("item", ())]
    return [(at, one["reason"]["coding"][0]["code"]) for at, one in found if one]


def _of(row: Json, category: str) -> Json:
    return next((one for one in row["adjudication"] if one["category"]["coding"][0]["code"] == category), {})


def total(answer: Json) -> Decimal:
    """What a funder's answer comes to."""
    return Decimal(str(answer["total"][0]["amount"]["value"]))
