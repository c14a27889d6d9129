"""What the person pays: towards adult social care alone, assessed, capped, and settled before the council pays.

Source: domain.md section 4 G (R75, R81 to R84), 6.5; CA14 ss 14 and 26.
"""

from collections.abc import Callable, Iterator
from typing import Final

from fhir_gateway.phb.case.bodies import NHS
from fhir_gateway.phb.case.budgets import is_upgrade, state_of
from fhir_gateway.phb.case.funders import CHARGED, COUNCIL_AFTERCARE, OWN, all_known, payers, streams_of
from fhir_gateway.phb.case.payments import CONTRIBUTION, RELEASED, budget_of, counts
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.shared_lines import is_proposal, shared_lines
from fhir_gateway.phb.case.social_care import PAID, REFUND, kept, most, movements, spent
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, Budget
from mappings.coverage import ClientContribution, FunderContribution
from mappings.payment import Payment

COST: Final = "costToBeneficiary"
CLOSED: Final = "closed"
Placed = tuple[int, ClientContribution]


def _is_draft(share: FunderContribution) -> bool:
    return share.status == "draft"


def _charges(new: Written[FunderContribution], streams: Callable[[str], bool]) -> tuple[Placed, ...]:
    """The contributions that a share of such a stream newly asks for, each with its place; zero is none."""
    if new.record.status == "cancelled" or not streams(new.record.stream):
        return ()
    if not any(new.changed(one) for one in ("client_contributions", "status", "stream", "funder")):
        return ()
    return tuple((at, one) for at, one in enumerate(new.record.client_contributions) if one.weekly_pence != 0)


# --- on whose share ---------------------------------------------------------------------------------


@rule("R75", on=FunderContribution, softer=_is_draft)
def no_contribution_to_an_nhs_share(new: Written[FunderContribution], _case: CaseFile) -> Iterator[Finding]:
    """An NHS share asks the person for nothing."""
    for at, _ in _charges(new, lambda stream: stream.startswith(NHS)):
        yield Finding("the person is asked to contribute to an NHS share; the NHS pays it in full", f"{COST}[{at}]")


@rule("R81", on=FunderContribution, softer=_is_draft)
def no_contribution_to_aftercare(new: Written[FunderContribution], _case: CaseFile) -> Iterator[Finding]:
    """The council's share of aftercare asks the person for nothing."""
    for at, _ in _charges(new, COUNCIL_AFTERCARE.__eq__):
        yield Finding("section 117 aftercare is free; take the person's contribution off this share", f"{COST}[{at}]")


@rule("R81", on=Budget, softer=is_proposal)
def no_share_of_aftercare_for_the_person(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """The person bears no part of a line of aftercare."""
    for one in shared_lines(new, case):
        if OWN in one.streams and COUNCIL_AFTERCARE in one.streams:
            says = f"line {one.line.line_no} is section 117 aftercare, which is free; take the person's share off it"
            yield Finding(says, f"{one.element}.extension")


@rule("R82", on=FunderContribution, softer=_is_draft)
def a_contribution_to_social_care_alone(new: Written[FunderContribution], _case: CaseFile) -> Iterator[Finding]:
    """Adult social care alone asks for a contribution; aftercare has a rule of its own."""
    for at, _ in _charges(new, lambda stream: stream not in {CHARGED, COUNCIL_AFTERCARE}):
        says = f"the person contributes to `{CHARGED}` only, not to `{new.record.stream}`"
        yield Finding(says, f"{COST}[{at}]")


@rule("R82", on=FunderContribution, softer=_is_draft)
def a_contribution_that_was_assessed(new: Written[FunderContribution], _case: CaseFile) -> Iterator[Finding]:
    """The council whose share it is has assessed what the person can pay, on a day that is recorded."""
    for at, one in _charges(new, CHARGED.__eq__):
        by = literal("Organization", one.assessed_by)
        if one.financial_assessment_on is None or by is None:
            says = "the contribution needs a financial assessment: give its day and the council that made it"
            yield Finding(says, f"{COST}[{at}].extension")
        elif new.record.funder not in {by, None}:
            says = "the financial assessment is another body's; it must be that of the council whose share this is"
            yield Finding(says, f"{COST}[{at}].extension")


@rule("R82", on=Payment)
def a_contribution_where_social_care_is_paid(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A contribution is paid against a budget in which a council pays adult social care."""
    yield from _where_none_is_due(new.record, case, aftercare=False)


@rule("R81", on=Payment)
def no_contribution_where_aftercare_is_paid(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """No contribution is paid against a budget of aftercare."""
    yield from _where_none_is_due(new.record, case, aftercare=True)


def _where_none_is_due(payment: Payment, case: CaseFile, *, aftercare: bool) -> Iterator[Finding]:
    if payment.payment_kind != CONTRIBUTION or not counts(payment):
        return
    budget = budget_of(payment, case)
    found = payers(case, budget) if budget is not None else ()
    if budget is None or not all_known(budget, found) or _only_upgrades(payment, budget):
        return
    streams = streams_of(found)
    if CHARGED not in streams and (COUNCIL_AFTERCARE in streams) == aftercare:
        what = "section 117 aftercare is free" if aftercare else "no council pays adult social care in this budget"
        yield Finding(f"{what}, so the person contributes nothing", "subType")


def _only_upgrades(payment: Payment, budget: AgreedBudget) -> bool:
    """Whether all of it is for lines the person may pay: upgrades of a wheelchair."""
    upgrades = {one.line_no for one in budget.lines if is_upgrade(one)}
    return bool(payment.lines) and all(one.budget_line in upgrades for one in payment.lines)


# --- how much ---------------------------------------------------------------------------------------


@rule("R83", on=Payment)
def no_more_than_the_council_pays(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """All contributions of a budget's period together are at most what may be asked for in it."""
    payment = new.record
    budget_id = payment.pays_against_id
    if payment.payment_kind != CONTRIBUTION or not counts(payment) or budget_id is None or not _asks_more(new):
        return
    budget = budget_of(payment, case)
    cap = most(case, budget) if budget is not None and not _only_upgrades(payment, budget) else None
    asked = sum(one.record.total_pence or 0 for one in movements(case, budget_id, CONTRIBUTION))
    if cap is not None and asked > cap:
        says = f"the contributions come to {pounds(asked)}; for the budget's period they may be {pounds(cap)} at most"
        yield Finding(says, "total")


def _asks_more(new: Written[Payment]) -> bool:
    before = new.previous
    return before is None or not counts(before) or (before.total_pence or 0) < (new.record.total_pence or 0)


@rule("R83", on=Payment)
def no_more_is_given_back_than_was_paid(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What is paid back to the person is at most what the person has paid towards the budget."""
    payment = new.record
    paid = payment.payment_kind == REFUND and payment.payment_status == PAID and counts(payment)
    if not paid or not (_asks_more(new) or new.changed("payment_kind") or new.changed("payment_status")):
        return
    over = -kept(case, payment.pays_against_id or "")
    if over > 0:
        yield Finding(
            f"{pounds(over)} more is paid back than the person has paid; record their payments first", "total"
        )


@rule("R83", on=AgreedBudget)
def what_was_too_much_is_given_back(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """When a budget is closed the person has paid no more than the council's share was spent on."""
    if state_of(new.record) != CLOSED or not new.changed("budget_status"):
        return
    paid = kept(case, new.id)
    used = spent(case, Filed(new.type, new.id, new.version, new.record)) if paid > 0 else None
    if used is not None and paid > used:
        says = f"the person has paid {pounds(paid)}, the council's share was spent on {pounds(used)}"
        yield Finding(f"{says}; pay {pounds(paid - used)} back before the budget is closed", "extension")


@rule("R84", on=Payment)
def collection_is_settled_first(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Before a council share with a contribution is paid, it says whether that is collected net or gross."""
    if new.record.payment_status not in RELEASED or not counts(new.record) or not new.changed("payment_status"):
        return
    for one in payers(case, new.record):
        if one.stream == CHARGED and one.funder.weekly_pence and one.funder.collection is None:
            says = (
                "say on the council's Coverage how the person's contribution is collected, net or gross, before it pays"
            )
            yield Finding(says, "insurance")
