"""Whether those who do delegated health care tasks are trained and signed off for them.

Source: domain.md 2.3 (Employment), 2.2 (Need); rule R47.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case_file import CaseFile
from mappings.budget import AgreedBudget, BudgetLine
from mappings.condition import Need
from mappings.employment import DelegatedTask, Employment

VOID: Final = frozenset({"cancelled", "revoked", "rejected", "entered-in-error"})


def trained_on(case: CaseFile, day: date) -> bool:
    """Whether, on a day, an employment has a delegated task that was trained, signed off and has not run out."""
    works = (one.record for one in case.all(Employment) if one.record.status not in VOID)
    return any(_is_current(task, day) for one in works if runs_on(None, one.end, day) for task in one.delegated_tasks)


def _is_current(task: DelegatedTask, day: date) -> bool:
    done = task.trained_on is not None and task.trained_on <= day and bool(task.signed_off_by)
    return done and runs_on(None, task.expires_on, day)


def delegates_tasks(case: CaseFile, budget: AgreedBudget, line: BudgetLine) -> bool:
    """Whether a need the line is linked to asks for a health care task to be done by somebody trained for it."""
    found = {one.sequence: one.need_id for one in budget.needs}
    needs = (case.get(Need, f"Condition/{found.get(one)}") for one in line.need_sequences)
    return any(one is not None and one.delegated_healthcare_task is True for one in needs)
