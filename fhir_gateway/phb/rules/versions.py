"""R157 and R158: what is agreed is not edited but followed by a new version; one version is in force at a time.

Source: domain.md 4 L (R157, R158), 5.3 (plan version, indicative and agreed budget).
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from fhir_gateway.phb.case import budgets, plans
from fhir_gateway.phb.case.days import meet
from fhir_gateway.phb.case.succession import gives_way, has_begun, names
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import DELETE, Finding, rule
from mappings.budget import AgreedBudget, Budget, IndicativeBudget
from mappings.care_plan import SupportPlan
from mappings.coverage import FunderContribution

Moves = Mapping[str, frozenset[str]]
PLAN_MOVES: Final[Moves] = {
    "draft": frozenset({"submitted"}),
    "submitted": frozenset({"draft", "agreed"}),
    "agreed": frozenset({"active"}),
    "active": frozenset({"superseded", "ended"}),
}
ESTIMATE_MOVES: Final[Moves] = {"draft": frozenset({"shared"}), "shared": frozenset({"superseded", "closed"})}
BUDGET_MOVES: Final[Moves] = {
    "draft": frozenset({"submitted"}),
    "submitted": frozenset({"agreed", "declined"}),
    "agreed": frozenset({"active"}),
    "active": frozenset({"superseded", "closed"}),
}
# Status and links, which change while what was agreed stays.
PLAN_LINKS: Final = frozenset(
    {
        *("status", "plan_status", "supporting", "reviews", "care_team_ids"),
        *("replaces", "based_on", "part_of", "plan_number", "case_number"),
    }
)
SIGNED_LATER: Final = frozenset({"agreements", "shared_with_person_on"})
BUDGET_LINKS: Final = frozenset(
    {
        *("status", "budget_status", "plan_id", "account", "pool", "comparator", "supersedes_id"),
        *("indicative_id", "budget_id", "version"),
    }
)
SHARE_KEEPS: Final = frozenset({"person_id", "stream"})
SHARE_CHANGES: Final = frozenset(one.name for one in fields(FunderContribution)) - SHARE_KEEPS
OVER: Final = frozenset({"superseded", "ended", "closed"})
STAYS: Final = "a version that was agreed is neither deleted nor turned into something else; add a version after it"
ADD_A_VERSION: Final = "add a new version that names this one instead"


# --- moves ------------------------------------------------------------------------------------------


@rule("R157", on=SupportPlan)
def plan_moves_step_by_step(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """A plan version goes from draft to submitted, agreed, active and its end, or back from submitted to draft."""
    if new.previous is not None:
        yield from _moved(plans.state_of(new.previous), plans.state_of(new.record), PLAN_MOVES)


@rule("R157", on=(IndicativeBudget, AgreedBudget))
def budget_moves_step_by_step(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """A budget version goes from state to state as the table has it."""
    moves = ESTIMATE_MOVES if isinstance(new.record, IndicativeBudget) else BUDGET_MOVES
    if new.previous is not None:
        yield from _moved(_state(new.previous), _state(new.record), moves)


def _state(budget: Budget) -> str:
    return WITHDRAWN if budget.status == WITHDRAWN else budgets.state_of(budget)


def _moved(before: str, now: str, moves: Moves) -> Iterator[Finding]:
    """What was entered in error stays so: it is not judged meanwhile, and could come back as something else."""
    if now in {before, WITHDRAWN} or now in moves.get(before, frozenset()):
        return
    on = " or ".join(sorted(moves.get(before, frozenset()))) or "nothing else"
    yield Finding(f"a version that is {before} does not become {now}; it becomes {on}", "extension")


# --- edits ------------------------------------------------------------------------------------------


@rule("R157", on=SupportPlan)
def agreed_plan_is_not_edited(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """Only a draft may be edited; a submitted plan gets its signatures, one in force its status and links."""
    before = new.previous
    if before is None or plans.is_draft(before) or WITHDRAWN in {before.status, new.record.status}:
        return
    free = PLAN_LINKS | (SIGNED_LATER if plans.state_of(before) == plans.SUBMITTED else frozenset())
    free |= {"end"} if plans.state_of(new.record) in OVER else frozenset()
    if plans.state_of(new.record) == plans.DRAFT:
        return
    edited = _edited(_settled(before), _settled(new.record), free)
    if edited:
        yield Finding(f"the plan is no draft: {', '.join(edited)} may not change; {ADD_A_VERSION}", "status")


def _settled(plan: SupportPlan) -> SupportPlan:
    """The plan without how far its actions have come, which goes on changing."""
    return replace(plan, actions=tuple(replace(one, status="") for one in plan.actions))


@rule("R157", on=AgreedBudget)
def agreed_budget_is_not_edited(new: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """A budget that was agreed keeps its lines and sums; only status and links change."""
    before = new.previous
    if before is None or _state(before) not in {*budgets.IN_FORCE, *OVER} or new.record.status == WITHDRAWN:
        return
    free = BUDGET_LINKS | ({"end"} if _state(new.record) in OVER else frozenset())
    edited = _edited(_unanswered(before), _unanswered(new.record), free)
    if edited:
        yield Finding(f"the budget is agreed: {', '.join(edited)} may not change; {ADD_A_VERSION}", "status")


def _unanswered(budget: AgreedBudget) -> AgreedBudget:
    """The budget without its links to the funders' answers."""
    rows = tuple(replace(one, answer_id=None, preauth_refs=()) for one in budget.insurance)
    return replace(budget, insurance=rows)


def _edited(before: Any, now: Any, free: frozenset[str]) -> list[str]:
    names = (one.name for one in fields(now) if one.name not in free)
    return [name for name in names if getattr(before, name) != getattr(now, name)]


@rule("R157", on=SupportPlan, when=DELETE)
def agreed_plan_is_not_deleted(gone: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """A plan that was agreed stays, and so does one entered in error; neither can be written anew under its id."""
    if gone.record.status == WITHDRAWN or gone.record.plan_status in {*plans.IN_FORCE, *OVER}:
        yield Finding(STAYS, "status")


@rule("R157", on=AgreedBudget, when=DELETE)
def agreed_budget_is_not_deleted(gone: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """A budget that was agreed stays, and so does one entered in error; neither can be written anew under its id."""
    if gone.record.status == WITHDRAWN or budgets.state_of(gone.record) in budgets.WAS_IN_FORCE:
        yield Finding(STAYS, "status")


@rule("R157", on=FunderContribution)
def share_of_an_agreed_budget_stays_what_it_is(new: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:
    """A share that an agreed budget names keeps its person and its stream."""
    before = new.previous
    edited = _edited(before, new.record, SHARE_CHANGES) if before is not None else []
    if before is None or not edited:
        return
    for one in case.where(AgreedBudget, "person_id", before.person_id):
        if _names_share(one.record, new.id) and budgets.state_of(one.record) in budgets.WAS_IN_FORCE:
            yield Finding(f"{one.reference} is agreed on this share: {', '.join(edited)} may not change", "type")


@rule("R157", on=FunderContribution, when=DELETE)
def share_of_a_past_budget_is_not_deleted(gone: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:
    """Nor is it deleted when that budget is over: statements of it rest on the share. R89 judges one that runs."""
    for one in case.all(AgreedBudget):
        if _names_share(one.record, gone.id) and _is_over(one.record, case):
            yield Finding(f"{one.reference} was agreed on this share: it stays, for the statements of that time")


def _is_over(budget: AgreedBudget, case: CaseFile) -> bool:
    ended = budget.end is not None and budget.end < case.today
    return budgets.state_of(budget) in budgets.WAS_IN_FORCE and (ended or not budgets.is_in_force(budget))


def _names_share(budget: AgreedBudget, coverage_id: str) -> bool:
    return any(one.coverage_id == coverage_id for one in budget.insurance)


# --- a new version names the one before -------------------------------------------------------------


@rule("R157", on=SupportPlan)
def new_plan_names_its_predecessor(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """A plan put forward while another of the case is in force for its days says that it replaces it."""
    plan = new.record
    if (
        not new.changed("plan_status")
        or plans.state_of(plan) not in {plans.SUBMITTED, *plans.IN_FORCE}
        or plan.replaces
    ):
        return
    for one in plans.others(case, new):
        if plans.is_in_force(one.record) and _share_days(one.record, plan):
            yield Finding(f"{one.reference} is in force: name it as the version this one replaces", "replaces")


@rule("R157", on=AgreedBudget)
def new_budget_names_its_predecessor(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A later version, or one put forward while another is in force for its days, says what it supersedes."""
    budget = new.record
    if not new.changed("budget_status") or not budgets.is_binding(budget) or budget.supersedes_id:
        return
    if (budget.version or 1) > 1:
        yield Finding("a later version names the one before (related: supersedes)", "related")
        return
    for one in _others_in_force(new, case):
        yield Finding(f"{one.reference} is in force: name it as the version this one supersedes", "related")


def _others_in_force(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Filed[AgreedBudget]]:
    """The other budgets of the case that are agreed or active on days this one runs."""
    running = (one for one in case.all(AgreedBudget) if one.id != new.id and budgets.is_in_force(one.record))
    then = (one for one in running if _share_days(one.record, new.record))
    return (one for one in then if plans.same_case(case, one.record, new.record))


def _share_days(one: SupportPlan | AgreedBudget, other: SupportPlan | AgreedBudget) -> bool:
    return meet((one.start, one.end), (other.start, other.end))


@rule("R158", on=AgreedBudget)
def active_budgets_do_not_overlap(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """On no day are two versions of a case's budget active; the one before gives way once the new one has begun."""
    asked = any(new.changed(one) for one in ("budget_status", "status", "start", "end", "plan_id"))
    if not asked or _state(new.record) != "active":
        return
    for one in _others_in_force(new, case):
        if _state(one.record) == "active" and not gives_way(one.id, new, case.today):
            yield Finding(
                f"{one.reference} is active on days of this one: {_instead(one, new, case)}", "billablePeriod"
            )


def _instead(one: Filed[AgreedBudget], new: Written[AgreedBudget], case: CaseFile) -> str:
    if names(new.record, one.id) and not has_begun(new.record, case.today):
        return f"it goes on until this one begins; make this one active on {new.record.start}"
    return "supersede or close it in the same transaction"
