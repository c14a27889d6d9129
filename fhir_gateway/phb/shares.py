"""Who pays a line, and who has paid for what was spent under it: pence by funder, in the funders' order.

A position is a place in that order: NHS first, then council, education, others, the person last.

Source: domain.md 6.2, 6.4; rules R85, R86.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fhir_gateway.phb.money import Pence, split
from mappings.budget import BudgetLine, SplitWeight

BASIS_POINTS: Final = 10_000
# Under adult continuing healthcare the NHS pays everything but these.
NOT_BY_CONTINUING_HEALTHCARE: Final = frozenset({"education", "housing", "carer-support"})
KINDS_THAT_PAY: Final = {
    "health": ("nhs-icb", "nhs-england"),
    "social-care": ("local-authority",),
    "education": ("education",),
}


@dataclass(frozen=True, slots=True)
class Split:
    """How a line is shared. method: a code of `phb-split-method`.

    weights: by position; basis points, minutes, or for `fixed-amount` the fixed pence. payer: position of the one
    who pays the whole line (`need-type`) or the balance (`fixed-amount`).
    """

    method: str
    weights: tuple[int, ...]
    payer: int | None = None


def line_shares(amount: Pence, terms: Split) -> tuple[Pence, ...]:
    """Pence of a line by position; they add up to the amount.

    Raises ValueError for percentages that do not come to 10,000 basis points, and where nobody is to pay.
    """
    if terms.method == "need-type":
        return _whole(amount, terms)
    if terms.method == "fixed-amount":
        return _fixed(amount, terms)
    if terms.method == "percentage" and sum(terms.weights) != BASIS_POINTS:
        raise ValueError(f"percentages come to {sum(terms.weights)} basis points, not {BASIS_POINTS}")
    return split(amount, terms.weights)


def _whole(amount: Pence, terms: Split) -> tuple[Pence, ...]:
    if terms.payer is None:
        raise ValueError("no funder is there for this type of need")
    return tuple(amount if at == terms.payer else 0 for at in range(len(terms.weights)))


def _fixed(amount: Pence, terms: Split) -> tuple[Pence, ...]:
    """Each named funder pays its sum while the amount lasts, in order; the payer of the balance pays the rest."""
    if terms.payer is None:
        raise ValueError("nobody pays the balance")
    parts, left = [0] * len(terms.weights), amount
    for at, fixed in enumerate(terms.weights):
        if at != terms.payer:
            parts[at] = min(fixed, left)
            left -= parts[at]
    parts[terms.payer] = left
    return tuple(parts)


def split_of(line: BudgetLine, funders: Sequence[tuple[int, str]], *, continuing_healthcare: bool = False) -> Split:
    """The split of a line. funders: of each, in order, the insurance sequence and a code of `phb-funder-kind`.

    A `need-type` line that names one funder is that funder's. The balance of `fixed-amount` is paid by the first
    funder that is not named, or by the first of all.
    """
    method = line.split_method or "need-type"
    given = {one.insurance_sequence: _weight(one, method) for one in line.weights}
    weights = tuple(given.get(sequence, 0) for sequence, _ in funders)
    if method == "fixed-amount":
        unnamed = (at for at, (sequence, _) in enumerate(funders) if sequence not in given)
        return Split(method, weights, next(unnamed, 0 if funders else None))
    if method != "need-type":
        return Split(method, weights)
    named = [at for at, weight in enumerate(weights) if weight]
    kinds = [kind for _, kind in funders]
    payer = (
        named[0] if len(named) == 1 else payer_of(line.need_type, kinds, continuing_healthcare=continuing_healthcare)
    )
    return Split(method, weights, payer)


def _weight(one: SplitWeight, method: str) -> int:
    unit = {"fixed-amount": one.amount_pence, "hours": one.minutes}
    return unit.get(method, one.bps) or 0


def payer_of(need_type: str | None, kinds: Sequence[str], *, continuing_healthcare: bool = False) -> int | None:
    """Position of the funder that alone pays for a type of need; None where the law names none, or it is not there.

    kinds: codes of `phb-funder-kind` by position.
    """
    health = continuing_healthcare and need_type not in NOT_BY_CONTINUING_HEALTHCARE
    wanted = KINDS_THAT_PAY.get("health" if health else need_type or "", ())
    return next((at for at, kind in enumerate(kinds) if kind in wanted), None)


# --- what was spent ---------------------------------------------------------------------------------


def shares_of_spending(total: Pence, weights: Sequence[int]) -> tuple[Pence, ...]:
    """Pence by position of all that was spent on a line so far: only the total counts, so no penny drifts."""
    return split(total, weights)


def entry_shares(before: Pence, amount: Pence, weights: Sequence[int]) -> tuple[Pence, ...]:
    """Pence by position of one entry, in posting order. before: spent on the line by the entries before it."""
    after = shares_of_spending(before + amount, weights)
    return tuple(new - old for new, old in zip(after, shares_of_spending(before, weights), strict=True))


def pooled_cost(cost: Pence, contributions: Sequence[Pence], weights: Sequence[int] | None = None) -> tuple[Pence, ...]:
    """Pence of a shared cost by member, in order of joining; by contribution unless weights are given."""
    return split(cost, contributions if weights is None else weights)
