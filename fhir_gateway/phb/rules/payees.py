"""To whom money goes: by the way it is held, and for the other kinds of payment by what they are.

A payee that is only a name says nothing that could be checked, until the money is released.

Source: domain.md rule R98.
"""

from collections.abc import Callable, Iterator
from typing import Final

from fhir_gateway.phb.case.arrangements import MANAGED, arrangements_on
from fhir_gateway.phb.case.conversations import acts_as
from fhir_gateway.phb.case.payments import (
    CONTRIBUTION,
    DIRECT,
    INVOICE,
    NOTIONAL,
    RECOVERY,
    RELEASED,
    THIRD_PARTY,
    TO_HOLDER,
    budget_of,
    counts,
    day_of,
    options_of,
    paid_lines,
)
from fhir_gateway.phb.case.people import themselves
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.organization import Organisation
from mappings.payment import Payment
from mappings.terminology import REPRESENTATIVE_ROLES

ELEMENT: Final = "payee"
RECIPIENTS: Final = REPRESENTATIVE_ROLES | {"nominee", "la-nominated-person", "la-authorised-person"}
BY_OPTION: Final = TO_HOLDER | {INVOICE}
Test = Callable[[str, Payment, CaseFile, AgreedBudget | None], bool]


@rule("R98", on=Payment)
def paid_to_whom_the_option_says(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Notional pays the provider, third party the holder, a direct payment its recipient or the account's holder."""
    record = new.record
    if record.payment_kind not in BY_OPTION or not counts(record) or not _is_new(new):
        return
    budget = budget_of(record, case)
    options = sorted(options_of(record, budget))
    payee = payee_of(record, options)
    if options and payee is not None and not any(_OPTIONS[one][0](payee, record, case, budget) for one in options):
        yield Finding(f"the money goes to {' or '.join(_OPTIONS[one][1] for one in options)}", ELEMENT)
    elif options and payee is None and record.payment_status in RELEASED:
        yield Finding(f"name who is paid: {' or '.join(_OPTIONS[one][1] for one in options)}", ELEMENT)


@rule("R98", on=Payment)
def other_money_goes_where_it_belongs(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Money back goes to the funder or the person it came from, contributions to the account or the council."""
    record = new.record
    if record.payment_kind not in _KINDS or record.payee is None or not counts(record) or not _is_new(new):
        return
    test, says = _KINDS[record.payment_kind]
    if not test(record.payee, record, case, budget_of(record, case)):
        yield Finding(f"the money goes to {says}", ELEMENT)


def _is_new(new: Written[Payment]) -> bool:
    """Whether this write names the payee, or releases the money to them."""
    return any(new.changed(one) for one in ("payee", "payment_kind", "payment_status", "pays_against_id", "lines"))


def payee_of(payment: Payment, options: list[str]) -> str | None:
    """Who is paid; under notional the provider unless it says another, as FHIR has it."""
    if payment.payee is None and payment.payee_name is None and options == [NOTIONAL]:
        return payment.provider
    return payment.payee


# --- by option --------------------------------------------------------------------------------------


def _provider(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:  # noqa: ARG001
    """A provider of the budget lines it pays, where they name any; else the provider that bills."""
    named = {one for one in _providers(payment, budget) if one}
    return payee in named if named else payee == payment.provider


def _providers(payment: Payment, budget: AgreedBudget | None) -> Iterator[str | None]:
    sequences = {at for line in paid_lines(payment, budget) for at in line.provider_sequences}
    return (one.provider for one in (budget.providers if budget else ()) if one.sequence in sequences)


def _holder(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:
    """The holder of the arrangement; where none is known, a body that is not known to be anything else."""
    found = {_owner(one) for one in _arrangements(THIRD_PARTY, payment, case, budget)} - {None}
    return payee in found if found else _is_body(payee, case, "third-party-holder")


def _recipient(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:
    """Recipient or managed account's holder by the arrangement; where none is known, anybody who may be one."""
    known = _arrangements(DIRECT, payment, case, budget)
    found = {one.recipient for one in known} | {_owner(one) for one in known if one.account_kind == MANAGED}
    if found - {None}:
        return payee in found
    return (
        payee == themselves(case) or acts_as(case, payee, RECIPIENTS) or _is_body(payee, case, "managed-account-holder")
    )


def _arrangements(
    option: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None
) -> tuple[PaymentArrangement, ...]:
    return arrangements_on(case, option, day_of(payment) or case.today, budget)


def _owner(arrangement: PaymentArrangement) -> str | None:
    return literal("Organization", arrangement.owner)


def _is_body(payee: str, case: CaseFile, role: str) -> bool:
    body = case.get(Organisation, payee)
    return payee.startswith("Organization/") and (body is None or not body.roles or role in body.roles)


_OPTIONS: Final[dict[str, tuple[Test, str]]] = {
    DIRECT: (_recipient, "the recipient of the direct payment or the holder of their managed account"),
    NOTIONAL: (_provider, "the provider of the line"),
    THIRD_PARTY: (_holder, "the third party that holds the money"),
}


# --- by kind ----------------------------------------------------------------------------------------


def _who_paid_first(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:  # noqa: ARG001
    """The person or somebody whom the plan names; anybody where the plan is not known."""
    plan = case.get(SupportPlan, literal("CarePlan", budget.plan_id)) if budget is not None else None
    return plan is None or payee in {themselves(case), *plan.involved}


def _person(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:  # noqa: ARG001
    return payee == themselves(case)


def _funder(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:  # noqa: ARG001
    return payee == literal("Organization", payment.insurer_id) or (
        payment.insurer_id is None and payee.startswith("Organization/")
    )


def _account_or_council(payee: str, payment: Payment, case: CaseFile, budget: AgreedBudget | None) -> bool:
    body = case.get(Organisation, payee)
    council = body is not None and body.funder_kind == "local-authority"
    return council or _recipient(payee, payment, case, budget)


_KINDS: Final[dict[str, tuple[Test, str]]] = {
    "reimbursement": (_who_paid_first, "whoever the plan names as having paid"),
    "refund-to-person": (_person, "the person"),
    RECOVERY: (_funder, "the funder that takes it back"),
    CONTRIBUTION: (_account_or_council, "the account of the direct payment or the council"),
}
