"""The shape of variance over many budgets, and counts small enough to point at somebody.

Source: domain.md 7, K13 and "Small numbers"; S004 (few large or many small differences).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from fhir_gateway.phb.money import Pence, rhu
from fhir_gateway.phb.shares import BASIS_POINTS

SUPPRESSED: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where the shapes begin. Fields in `_bps` are parts of 10,000.

    large_pence and large_bps (of planned): a difference is large from both on. few_large_bps of the gross sum in at
    most few_bps of the budgets: `few-large`. At most many_small_bps in large ones and a net sum of drift_bps of
    planned: `many-small`.
    """

    large_pence: Pence = 100_000
    large_bps: int = 1_000
    few_large_bps: int = 8_000
    few_bps: int = 2_000
    many_small_bps: int = 2_000
    drift_bps: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """The differences spent - planned of a number of budgets, in pence. large_gross: of the large ones alone.

    shape: `few-large`, `many-small`, `mixed`, or `none` where nothing differs.
    """

    budgets: int
    planned: Pence
    net: Pence
    gross: Pence
    large: int
    large_gross: Pence
    shape: str

    @property
    def concentration(self) -> Fraction:
        """What part of the gross sum the large differences make up; 0 where nothing differs."""
        return Fraction(self.large_gross, self.gross) if self.gross else Fraction(0)


def variance(pairs: Iterable[tuple[Pence, Pence]], limits: Thresholds | None = None) -> Variance:
    """The shape of variance. pairs: planned to date and spent of each budget, contingency left out."""
    limits = limits or Thresholds()
    budgets = [(planned, spent - planned) for planned, spent in pairs]
    large = [abs(off) for planned, off in budgets if _large(planned, off, limits)]
    sums = {
        "budgets": len(budgets),
        "planned": sum(planned for planned, _ in budgets),
        "net": sum(off for _, off in budgets),
        "gross": sum(abs(off) for _, off in budgets),
        "large": len(large),
        "large_gross": sum(large),
    }
    return Variance(**sums, shape=_shape(sums, limits))


def _large(planned: Pence, off: Pence, limits: Thresholds) -> bool:
    return abs(off) >= limits.large_pence and abs(off) * BASIS_POINTS >= planned * limits.large_bps


def _shape(sums: dict[str, int], limits: Thresholds) -> str:
    if not sums["gross"]:
        return "none"
    in_large = sums["large_gross"] * BASIS_POINTS
    few = sums["large"] * BASIS_POINTS <= limits.few_bps * sums["budgets"]
    drift = abs(sums["net"]) * BASIS_POINTS >= limits.drift_bps * sums["planned"]
    if in_large >= limits.few_large_bps * sums["gross"] and few:
        return "few-large"
    return "many-small" if in_large <= limits.many_small_bps * sums["gross"] and drift else "mixed"


def published(count: int, *, least: int = 7, to: int = 5) -> str:
    """A count as it may be published: `*` below `least`, else rounded to the nearest `to`."""
    return SUPPRESSED if count < least else str(rhu(count, to) * to)
