"""The personal assistants that the person of a demonstration case employs.

Source: domain.md 2.3 (Employment); rules R20 to R22, R47, R71, R72.
"""

from datetime import date
from typing import Any

from fhir_gateway.demo.case import Case
from fhir_gateway.demo.entry import Entry, entry, made
from fhir_gateway.demo.persons import HEALTH_CONTACT
from mappings import employment


def employed(case: Case, worker: str, *, rate: int, minutes: int, on_costs: tuple[int, ...], **known: Any) -> Entry:
    """The contract with one worker, from the start of the budget. worker: Practitioner id. rate: pence an hour.

    minutes: a week. on_costs: numbers of the budget lines that carry the employer's costs.
    """
    return entry(
        f"{case.id}-employs-{worker}",
        employment.EMPLOYMENT,
        number=f"EMP-{case.number}-{worker}",
        person_id=case.id,
        status="executed",
        start=case.start,
        employer=case.voice,
        employee=worker,
        hourly_rate_pence=rate,
        weekly_minutes=minutes,
        family_member=False,
        insurance_until=case.end,
        on_cost_lines=on_costs,
        **known,
    )


def trained(task: str, on: date, until: date) -> employment.DelegatedTask:
    """A health care task the worker was trained for and the health contact signed off."""
    return made(employment.DelegatedTask, task=task, trained_on=on, signed_off_by=HEALTH_CONTACT, expires_on=until)
