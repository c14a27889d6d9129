"""Whole pence: rounding once, sharing an amount out without losing a penny, and writing it in pounds.

Source: domain.md 6.1, 6.2.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

Pence = int

PENCE_A_POUND: Final = 100


def rhu(n: int, d: int) -> int:
    """The fraction n/d of whole numbers, rounded half up; ValueError unless n >= 0 and d > 0.

    Source: domain.md 6.1 no. 2.
    """
    if n < 0 or d <= 0:
        raise ValueError(f"{n}/{d} is not a fraction that is rounded here")
    return (2 * n + d) // (2 * d)


def split(total: Pence, weights: Sequence[int]) -> tuple[Pence, ...]:
    """The total shared out by weights, by largest remainder: parts add up to it, each within a penny of exact.

    Ties go to the lower position. A negative total is split as its absolute value, then signed. ValueError for a
    negative weight, or for a total that is not 0 where all weights are.

    Source: domain.md 6.2.
    """
    return _split(total, tuple(weights))


@lru_cache(maxsize=8192)  # a ledger has the same few sums, shared in the same way, thousands of times
def _split(total: Pence, weights: tuple[int, ...]) -> tuple[Pence, ...]:
    whole = sum(weights)
    if min(weights, default=0) < 0:
        raise ValueError("a weight is below zero")
    if not whole:
        return _of_nothing(total, weights)
    exact = [divmod(abs(total) * weight, whole) for weight in weights]
    left_over = abs(total) - sum(base for base, _ in exact)
    first = set(sorted(range(len(exact)), key=lambda at: -exact[at][1])[:left_over])
    sign = -1 if total < 0 else 1
    return tuple(sign * (base + (at in first)) for at, (base, _) in enumerate(exact))


def _of_nothing(total: Pence, weights: Sequence[int]) -> tuple[Pence, ...]:
    if total:
        raise ValueError(f"{pounds(total)} cannot be shared out: every weight is zero")
    return (0,) * len(weights)


def added(parts: Sequence[Sequence[Pence]], width: int) -> tuple[Pence, ...]:
    """Position by position, the sum of parts that have `width` positions each."""
    return tuple(sum(part[at] for part in parts) for at in range(width))


def pounds(amount: Pence) -> str:
    """The amount in pounds, as in `1,234.56`, `-0.05`."""
    whole, rest = divmod(abs(amount), PENCE_A_POUND)
    return f"{'-' if amount < 0 else ''}{whole:,}.{rest:02}"
