"""ExplanationOfBenefit: the statement of a budget in FHIR. Written only: it is computed, and nobody sends one.

`total` has the figures of all funders, `benefitBalance` those of each, `item` the lines and then the payments.

Source: FHIR R4 explanationofbenefit.html; domain.md 8.3 (statement), 8.4; docs/statement.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from mappings.lens.document import Tree
from mappings.lens.values import pounds
from mappings.statement import Statement, StatementColumn, StatementContact, StatementLine, StatementPayment
from mappings.terminology import (
    CLAIM_RELATION,
    CLAIM_TYPE,
    FUNDING_STREAM,
    LINE_CATEGORY,
    LINE_FLAG,
    MANAGEMENT_OPTION,
    PARTY_ROLE,
    PAYMENT_KIND,
    PAYMENT_STATUS,
    STATEMENT_TOTAL,
)
from mappings.terminology.code_list import CodeList

SPENT: Final = "spent"
ALLOCATED: Final = "allocated"
ALLOWED: Final = STATEMENT_TOTAL.where("side", "allowed")
FIGURES: Final = {code: {"coding": [STATEMENT_TOTAL.coding(code)]} for code in STATEMENT_TOTAL}
COORDINATOR: Final = "care-coordinator"
NOT_RECORDED: Final = "not recorded"


def to_fhir(one: Statement) -> Tree:
    """The resource of a statement."""
    tree: Tree = {
        "resourceType": "ExplanationOfBenefit",
        "status": "active",
        "type": _concept(CLAIM_TYPE, "phb-budget"),
        "use": "claim",
        "patient": {"reference": f"Patient/{one.person}"},
        "created": one.made_at,
        "insurer": _reference(one.insurer),
        "provider": _reference(one.provider),
        "related": [_version(text, current=at == 0) for at, text in enumerate(one.versions)],
        "claim": {"reference": f"Claim/{one.budget_id}"},
        "outcome": "complete",
        "disposition": _disposition(one),
        "careTeam": [_coordinator(one.contact)] if one.contact else [],
        "supportingInfo": [_source(at, payment) for at, payment in enumerate(one.payments, start=1)],
        "insurance": list(_insurance(one)),
        "item": list(_items(one)),
        "total": [*_totals(one.totals), *_options(one.options)],
        "processNote": [{"number": at, "type": "display", "text": text} for at, text in enumerate(notes(one), start=1)],
        "benefitPeriod": _period(one.start, one.end),
        "benefitBalance": [_balance(column) for column in one.columns],
    }
    return {name: value for name, value in tree.items() if value not in ([], {})}


def notes(one: Statement) -> Iterator[str]:
    """What the figures rest on: day, basis, rules, records."""
    yield f"As at the end of {one.at.isoformat()}; forecast {one.basis}."
    yield from (f"{rule.number}: {rule.says}" for rule in one.rules)
    yield f"Rules: catalogue {one.catalogue}."
    if one.mark:
        yield f"Records: {', '.join((*one.versions, *one.references))}; digest of all versions {one.mark}."
    if len(one.payments) < one.payments_in_all:
        listed = f"{len(one.payments)} of {one.payments_in_all} payments are listed, those nearest to the day."
        yield f"{listed} All: Claim?patient={one.person}&phb-type=phb-payment"


def _disposition(one: Statement) -> str:
    whose = f"; funder {one.only_funder} and total" if one.only_funder else ""
    return f"Statement as at {one.at.isoformat()}, {one.start.isoformat()} to {one.end.isoformat()}{whose}"


# --- figures ----------------------------------------------------------------------------------------


def _totals(amounts: Mapping[str, int]) -> Iterator[Tree]:
    return ({"category": FIGURES[code], "amount": money(amount)} for code, amount in amounts.items())


def _options(amounts: Mapping[str, int]) -> Iterator[Tree]:
    """What is allocated under each management option."""
    known = ((code, amount) for code, amount in amounts.items() if code in MANAGEMENT_OPTION)
    return ({"category": _concept(MANAGEMENT_OPTION, code), "amount": money(amount)} for code, amount in known)


def _balance(one: StatementColumn) -> Tree:
    return {
        "category": _stream(one),
        "name": one.name,
        "description": f"Coverage/{one.coverage_id}",
        "financial": list(_financial(one.amounts)),
    }


def _financial(amounts: Mapping[str, int]) -> Iterator[Tree]:
    """One for each figure; that of `spent` says what is allocated too."""
    for code, amount in amounts.items():
        side = "allowedMoney" if code in ALLOWED else "usedMoney"
        more = {"allowedMoney": money(amounts[ALLOCATED])} if code == SPENT else {}
        yield {"type": FIGURES[code], **more, side: money(amount)}


# --- lines and payments -----------------------------------------------------------------------------


def _items(one: Statement) -> Iterator[Tree]:
    for at, line in enumerate(one.lines, start=1):
        yield _line(at, line, one.columns)
    for at, payment in enumerate(one.payments, start=1):
        yield _payment(len(one.lines) + at, at, payment, one.columns)


def _line(sequence: int, one: StatementLine, columns: Sequence[StatementColumn]) -> Tree:
    modifiers = [_concept(MANAGEMENT_OPTION, one.option)] if one.option in MANAGEMENT_OPTION else []
    flags = [_concept(LINE_FLAG, "contingency")] if one.contingency else []
    return {
        "sequence": sequence,
        **({"category": _concept(LINE_CATEGORY, one.category)} if one.category in LINE_CATEGORY else {}),
        "productOrService": {"text": one.text},
        **({"modifier": [*modifiers, *flags]} if modifiers or flags else {}),
        "programCode": [{"text": f"line {one.number} of Claim/{one.budget_id}"}],
        "servicedPeriod": _period(one.start, one.end),
        "net": money(one.totals[ALLOCATED]),
        "adjudication": list(_adjudication(one.totals, one.shares, columns)),
    }


def _payment(sequence: int, source: int, one: StatementPayment, columns: Sequence[StatementColumn]) -> Tree:
    figure = "paid" if one.moved else "committed"
    return {
        "sequence": sequence,
        "informationSequence": [source],
        "category": _concept(PAYMENT_KIND, one.kind),
        "productOrService": {"text": PAYMENT_KIND.display(one.kind)},
        "modifier": [_concept(PAYMENT_STATUS, one.status)],
        **({"servicedDate": one.day.isoformat()} if one.day else {}),
        "net": money(one.total),
        "adjudication": [
            {"category": FIGURES[figure], "reason": _stream(column), "amount": money(amount)}
            for column, amount in zip(columns, one.shares, strict=True)
            if amount
        ],
    }


def _source(sequence: int, one: StatementPayment) -> Tree:
    """The Claim version of a payment, which its item points to; with the days it covers."""
    covers = {"timingPeriod": _period(one.start, one.end)} if one.start and one.end else {}
    return {
        "sequence": sequence,
        "category": _concept(CLAIM_TYPE, "phb-payment"),
        **covers,
        "valueReference": {"reference": one.reference},
    }


def _adjudication(
    totals: Mapping[str, int], shares: Mapping[str, Sequence[int]], columns: Sequence[StatementColumn]
) -> Iterator[Tree]:
    """Each figure of all funders, then of each, told apart by `reason`."""
    for code, amount in totals.items():
        yield {"category": FIGURES[code], "amount": money(amount)}
        for column, part in zip(columns, shares[code], strict=True):
            yield {"category": FIGURES[code], "reason": _stream(column), "amount": money(part)}


# --- small parts ------------------------------------------------------------------------------------


def money(pence: int) -> Tree:
    """Money with exactly two decimals."""
    return {"value": pounds(pence), "currency": "GBP"}


def _concept(codes: CodeList, code: str | None) -> Tree:
    assert code is not None
    return {"coding": [codes.coding(code)]}


def _stream(one: StatementColumn) -> Tree:
    """Which funder: the code of the stream, and the name, for a body may pay two streams."""
    known = {"coding": [FUNDING_STREAM.coding(one.stream)]} if one.stream in FUNDING_STREAM else {}
    return {**known, "text": one.name}


def _period(start: date, end: date) -> Tree:
    return {"start": start.isoformat(), "end": end.isoformat()}


def _reference(text: str) -> Tree:
    return {"reference": text} if text else {"display": NOT_RECORDED}


def _version(reference: str, *, current: bool) -> Tree:
    """A budget version behind the figures: the one in force, and those it replaced."""
    relation = "pays-against" if current else "supersedes"
    return {"claim": {"reference": reference}, "relationship": _concept(CLAIM_RELATION, relation)}


def _insurance(one: Statement) -> Iterator[Tree]:
    """Each funder shown; the lead funder's is focal, else the first."""
    lead = next((at for at, column in enumerate(one.columns) if column.funder == one.insurer), 0)
    for at, column in enumerate(one.columns):
        yield {"focal": at == lead, "coverage": {"reference": f"Coverage/{column.coverage_id}"}}


def _coordinator(one: StatementContact) -> dict[str, Any]:
    named = {"display": one.name} if one.name else {}
    role = {"role": {"coding": [PARTY_ROLE.coding(COORDINATOR)]}} if COORDINATOR in PARTY_ROLE else {}
    return {"sequence": 1, "provider": {"reference": one.reference, **named}, "responsible": True, **role}
