"""What was found out about the person of a demonstration case: needs, capacity, bars, and what was asked later.

Source: domain.md 2.1 (CapacityAssessment, DirectPaymentExclusion), 2.2 (NeedsAssessment), 2.6 (Comparator, Experience).
"""

from datetime import date
from typing import Any

from fhir_gateway.demo.case import Case
from fhir_gateway.demo.entry import Entry, File, entry
from mappings import assessment, experience
from mappings.lens.mapping import Mapping


def needs(case: Case, parts: File, kind: str, **known: Any) -> Entry:
    """The assessment that found the needs among `parts`, made with every funder and approved by the first."""
    return _observation(
        case,
        "assessment",
        assessment.NEEDS,
        assessment_kind=kind,
        mode="face-to-face",
        assessed_on=case.before(56),
        assessor=case.coordinator,
        joint_with=tuple(funder.body for funder in case.funders[1:]),
        approved_on=case.before(49),
        approved_by=f"PractitionerRole/{case.funders[0].decider}",
        carer_assessment_offered_on=case.before(56),
        need_ids=tuple(one.id for one in parts if one.mapping.resource_type == "Condition"),
        **known,
    )


def capacity(case: Case, status: str, path: str, **known: Any) -> Entry:
    """Whether the person can decide about a direct payment. path: how decisions are reached."""
    return _observation(
        case,
        "capacity",
        assessment.CAPACITY,
        decision="receive-direct-payment",
        status=status,
        assessed_on=case.before(50),
        assessor=case.coordinator,
        decision_path=path,
        **known,
    )


def not_barred(case: Case) -> Entry:
    """Nothing bars direct payments; of what was looked at nothing is told."""
    return _observation(case, "bar", assessment.BAR, value="not-barred", start=case.before(28))


def comparator(case: Case, pence: int, source: str) -> Entry:
    """What a standard package for the same needs would cost in the budget's period, in pence."""
    return _observation(
        case,
        "comparator",
        experience.COMPARATOR,
        standard_package_pence=pence,
        source=source,
        start=case.start,
        end=case.end,
    )


def asked(case: Case, on: date, *answers: tuple[str, str]) -> Entry:
    """What the person was asked, and said."""
    rows = tuple(experience.ExperienceAnswer(question=question, answer=answer) for question, answer in answers)
    return _observation(case, "experience", experience.EXPERIENCE, asked_on=on, answers=rows)


def _observation(case: Case, slug: str, mapping: Mapping[Any], **known: Any) -> Entry:
    return entry(
        f"{case.id}-{slug}",
        mapping,
        number=f"OBS-{case.number}-{slug}",
        person_id=case.id,
        observation_status="final",
        **known,
    )
