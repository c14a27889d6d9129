"""The plan of a demonstration case: needs, outcomes, risks, actions, and what it says in words.

Source: domain.md 2.2, 2.4; the nine criteria of S003.
"""

import tomllib
from collections.abc import Mapping as Words
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, Final

from fhir_gateway.demo.case import ICB, Case
from fhir_gateway.demo.entry import Entry, File, entry, made
from fhir_gateway.demo.persons import HEALTH_CONTACT
from fhir_gateway.phb.periods import months_after
from mappings import care_plan, composition, condition, goal, risk_assessment
from mappings.terminology import AGREEMENT_STATEMENT, PLAN_SECTION

WORDS: Final = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A need of the case, named by its slug."""

    slug: str
    text: str
    domain: str
    type: str = "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An outcome of the plan, named by its slug. needs: their slugs."""

    slug: str
    text: str
    kind: str
    measure: str
    target: str
    needs: tuple[str, ...]
    achievement: str = "in-progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something somebody does. who: a reference. outcomes: their slugs."""

    text: str
    who: str
    by_when: date
    outcomes: tuple[str, ...]
    status: str = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A risk of the plan, named by its slug."""

    slug: str
    text: str
    mitigation: str
    contingency: str
    likelihood: str = "low"
    impact: str = "medium"


# --- needs, outcomes, risks -------------------------------------------------------------------------


def needs(case: Case, *all_of_them: Need) -> File:
    """The approved needs, each to be met by the budget."""
    return tuple(
        entry(
            f"{case.id}-need-{one.slug}",
            condition.MAPPING,
            person_id=case.id,
            number=f"NEED-{case.number}-{at}",
            need_type=one.type,
            domain=one.domain,
            health_concern=True,
            met_by="phb",
            delegated_healthcare_task=False,
            description=one.text,
            clinical_status="active",
            verification_status="confirmed",
            recorded_on=case.before(60),
            recorded_by=case.coordinator,
            told_by=case.voice,
        )
        for at, one in enumerate(all_of_them, start=1)
    )


def outcomes(case: Case, *all_of_them: Outcome) -> File:
    """The outcomes, in the person's words, each with something to look at and a day."""
    return tuple(
        entry(
            f"{case.id}-goal-{one.slug}",
            goal.MAPPING,
            person_id=case.id,
            number=f"OUT-{case.number}-{at}",
            kind=one.kind,
            statement=one.text,
            lifecycle="active",
            achievement=one.achievement,
            achievement_on=case.as_of,
            start=case.start,
            targets=(made(goal.OutcomeTarget, measure=one.measure, target=one.target, due=case.end),),
            expressed_by=case.voice,
            needs=tuple(case.ref("Condition", f"need-{slug}") for slug in one.needs),
        )
        for at, one in enumerate(all_of_them, start=1)
    )


def risks(case: Case, *all_of_them: Risk) -> File:
    """The risks, each with what keeps it small and what happens all the same."""
    return tuple(
        entry(
            f"{case.id}-risk-{one.slug}",
            risk_assessment.MAPPING,
            risk_id=f"RISK-{case.number}-{at}",
            person_id=case.id,
            status="final",
            assessed_on=case.before(21),
            owner=case.coordinator,
            description=one.text,
            likelihood=one.likelihood,
            impact=one.impact,
            residual="acceptable",
            mitigation=one.mitigation,
            contingency=one.contingency,
            agreed_with_person=True,
            significant=False,
        )
        for at, one in enumerate(all_of_them, start=1)
    )


# --- the plan and its words -------------------------------------------------------------------------


def plan(case: Case, parts: File, *, title: str, actions: tuple[Action, ...], also: tuple[str, ...] = ()) -> Entry:
    """The agreed plan over its `parts` (needs, outcomes, risks). also: more records that support it."""
    supporting = (
        case.ref("Claim", "indicative"),
        case.ref("Claim", "budget"),
        case.ref("Composition", "plan-words"),
        *_literals(parts, "RiskAssessment"),
        *also,
    )
    return entry(
        f"{case.id}-plan",
        care_plan.MAPPING,
        person_id=case.id,
        plan_number=f"PLAN-{case.number}/1",
        case_number=f"CASE-{case.number}",
        status="active",
        plan_status="active",
        title=title,
        start=case.start,
        end=case.end,
        created_on=case.before(21),
        author=case.coordinator,
        involved=tuple(dict.fromkeys((case.person, case.voice, HEALTH_CONTACT))),
        care_team_ids=(f"{case.id}-team",),
        need_ids=_ids(parts, "Condition"),
        outcome_ids=_ids(parts, "Goal"),
        supporting=supporting,
        actions=tuple(_action(case, one) for one in actions),
        reviews=(case.ref("Task", "review-1"),),
        agreements=agreements(case),
        shared_with_person_on=case.before(7),
        health_contact="Sol Supposed",
        health_contact_role="Practice nurse",
        health_contact_phone="01632 960900",
        **(_direct_payment_terms(case) if case.is_direct else {}),
    )


def _direct_payment_terms(case: Case) -> dict[str, Any]:
    """What a plan says of a direct payment (R58)."""
    return {
        "dp_health_monitor": HEALTH_CONTACT,
        "dp_first_review_due": months_after(case.start, 3),
        "dp_review_method": "We meet, look at what works, and go through receipts and the account together.",
        "dp_reduction_notice_days": 28,
    }


def _action(case: Case, one: Action) -> Any:
    return made(
        care_plan.PlanAction,
        text=one.text,
        status=one.status,
        performers=(one.who,),
        start=case.agreed_on,
        by_when=one.by_when,
        outcome_ids=tuple(f"{case.id}-goal-{slug}" for slug in one.outcomes),
    )


def agreements(case: Case) -> tuple[Any, ...]:
    """The five statements of the NHS body and the three of the person (R59)."""
    speakers = {"icb": f"PractitionerRole/{case.funders[0].decider}", "person": case.voice}
    return tuple(
        made(
            care_plan.Agreement,
            statement=statement,
            agreed=True,
            on=case.agreed_on,
            by=speakers[str(AGREEMENT_STATEMENT.property_of(statement, "stated_by"))],
        )
        for statement in AGREEMENT_STATEMENT
    )


def sections_of(name: str) -> dict[str, str]:
    """The words in a file of `words/`, by section."""
    return {section: str(text) for section, text in tomllib.loads((WORDS / f"{name}.toml").read_text("utf-8")).items()}


def words(case: Case, parts: File, sections: Words[str, str] | None = None) -> Entry:
    """The words of the plan, by section, from the person's file unless given; some point to what they rest on."""
    pointing = {
        "who-i-am": _literals(parts, "Condition"),
        "contingency-plan": _literals(parts, "RiskAssessment"),
        "money-held-and-used": (case.ref("Claim", "indicative"), case.ref("Claim", "budget")),
        "monitoring": (case.ref("Task", "review-1"), *_literals(parts, "Goal")),
    }
    return entry(
        f"{case.id}-plan-words",
        composition.MAPPING,
        narrative_id=f"WORDS-{case.number}/1",
        person_id=case.id,
        status="final",
        written_on=case.before(21),
        title="My plan in my words",
        authors=(case.voice, case.coordinator),
        custodian_id=ICB,
        sections=tuple(
            made(
                composition.PlanSection,
                section=name,
                title=PLAN_SECTION.display(name),
                div=_paragraph(text),
                entries=pointing.get(name, ()),
            )
            for name, text in (sections or sections_of(case.id)).items()
        ),
    )


def _paragraph(text: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(text)}</p></div>'


def _ids(parts: File, kind: str) -> tuple[str, ...]:
    return tuple(one.id for one in parts if one.mapping.resource_type == kind)


def _literals(parts: File, kind: str) -> tuple[str, ...]:
    return tuple(one.literal for one in parts if one.mapping.resource_type == kind)
