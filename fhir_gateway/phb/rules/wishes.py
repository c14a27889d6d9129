"""Rules R164, R166 and R168, from what people complained of and wished for.

Source: domain.md section 4 M.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.conversations import was_with_person
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, Budget, BudgetLine
from mappings.care_plan import SupportPlan
from mappings.communication import Discussion, Notice
from mappings.patient import Person

AGREED: Final = frozenset({"agreed", "active"})
FOR_THE_PERSON: Final = frozenset({"Patient", "RelatedPerson"})
SENT: Final = frozenset({"in-progress", "completed"})


# --- who provides -----------------------------------------------------------------------------------


@rule("R164", on=AgreedBudget)
def another_provider_is_chosen_by_the_person(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A new version keeps the providers of its notional lines, or there is a recorded choice or reason."""
    if new.record.status == "entered-in-error":
        return
    before = case.get(AgreedBudget, literal("Claim", new.record.supersedes_id)) or new.previous
    replaced = list(_replaced(before, new.record)) if before is not None else []
    if before is None or not replaced or (new.record.difference_reason or "").strip() or _chose(case, before):
        return
    for at in replaced:
        says = "another provider without the person's recorded choice; record the talk about `options` they agreed to"
        yield Finding(f"{says}, or the reason as `difference-reason`", f"item[{at}].careTeamSequence")


def _replaced(before: Budget, after: Budget) -> Iterator[int]:
    """Places of the notional lines whose providers are others than before."""
    old = {(one.line_no, one.category): _providers(before, one) for one in before.lines if _is_notional(one)}
    for at, line in enumerate(after.lines):
        had = old.get((line.line_no, line.category), frozenset())
        if _is_notional(line) and had and _providers(after, line) != had:
            yield at


def _is_notional(line: BudgetLine) -> bool:
    return line.management_option == "notional"


def _providers(budget: Budget, line: BudgetLine) -> frozenset[str | None]:
    return frozenset(one.provider for one in budget.providers if one.sequence in line.provider_sequences)


def _chose(case: CaseFile, before: Budget) -> bool:
    """Whether the person agreed in a talk about options since the budget before was made."""
    since = before.created or before.start or date.min
    return any(_is_choice(case, one, since) for one in case.all(Discussion))


def _is_choice(case: CaseFile, talk: Filed[Discussion], since: date) -> bool:
    record = talk.record
    agreed = record.topic == "options" and record.agreed is True
    return agreed and record.sent_on is not None and record.sent_on >= since and was_with_person(case, record)


# --- what the person can read -----------------------------------------------------------------------


@rule("R166", on=Notice)
def in_a_form_the_person_reads(new: Written[Notice], case: CaseFile) -> Iterator[Finding]:
    """A notice to the person comes in one of the formats they need."""
    notice = new.record
    if notice.status not in SENT or not any(type_of(one) in FOR_THE_PERSON for one in notice.recipients):
        return
    person = case.get(Person, literal("Patient", notice.person_id))
    needed = {one.format for one in person.communication_needs if one.format} if person is not None else set()
    if needed and notice.format not in needed:
        yield Finding(f"sent in none of the formats the person needs: {', '.join(sorted(needed))}", "extension")


@rule("R168", on=SupportPlan)
def read_before_it_is_agreed(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """A version becomes agreed after the day the person could read it."""
    plan = new.record
    if plan.status == "entered-in-error" or plan.plan_status not in AGREED or not new.changed("plan_status"):
        return
    shared = plan.shared_with_person_on
    signed = min((one.on for one in plan.agreements if one.on is not None), default=None)
    if shared is None:
        yield Finding("the day the person could read this version is missing; give phb-shared-with-person", "extension")
    elif signed is not None and signed < shared:
        yield Finding("agreed before the person could read it; agree it on that day or later", "extension")
