"""Counts by who they are about, and how they are rolled up into a figure with its strata.

The store counts once for each combination of group, age and management option; totals and every breakdown are
sums of these cells, so that they agree with each other.

Source: domain.md section 7; FHIR R4 measurereport.html (group, population, stratifier).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from fhir_gateway.phb.measures.table import (
    AGE,
    COUNT,
    GROUP,
    GROUP_AGE,
    MIX,
    OPTION,
    PROPORTION,
    RATIO,
    SPREAD,
    Figure,
)
from fhir_gateway.phb.money import Pence

PER_CENT: Final = 100
A_HUNDRED_THOUSAND: Final = 100_000
UNKNOWN: Final = "not-known"
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was counted of one combination. numerator, denominator: pieces. Pence of both where money is summed.

    total: sum of what a mean is of. group, option: codes, None where not known.
    """

    group: str | None = None
    age: str | None = None
    option: str | None = None
    mix: str | None = None
    numerator: int = 0
    denominator: int = 0
    numerator_pence: Pence = 0
    denominator_pence: Pence = 0
    total: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A figure, or one stratum of it. numerator: None of a mean or median. score: in the unit of the figure.

    score is None where there is nothing to divide by. hidden: names of counts too small to be published, then None.
    """

    numerator: int | None
    denominator: int | None = None
    numerator_pence: Pence | None = None
    denominator_pence: Pence | None = None
    score: Fraction | None = None
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One stratum. values: by stratifier, or by each part of a stratifier of several."""

    by: str
    values: Key
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A figure of a measure worked out."""

    figure: Figure
    result: Result
    strata: tuple[Stratum, ...] = ()


_KEYS: Final[dict[str, Callable[[Cell], Key]]] = {
    GROUP: lambda one: (one.group or UNKNOWN,),
    AGE: lambda one: (one.age or UNKNOWN,),
    GROUP_AGE: lambda one: (one.group or UNKNOWN, one.age or UNKNOWN),
    OPTION: lambda one: (one.option or UNKNOWN,),
    MIX: lambda one: (one.mix or UNKNOWN,),
}


def rolled(figure: Figure, cells: Iterable[Cell]) -> Outcome:
    """The figure and its strata, codes in their order."""
    every = tuple(cells)
    whole = sum(one.numerator for one in every) if figure.of_total else None
    strata = tuple(
        Stratum(by=by, values=key, result=result_of(figure, some, whole))
        for by in figure.by
        if by in _KEYS
        for key, some in _parted(every, _KEYS[by])
    )
    return Outcome(figure=figure, result=result_of(figure, every, whole), strata=strata)


def _parted(cells: Iterable[Cell], key: Callable[[Cell], Key]) -> list[tuple[Key, list[Cell]]]:
    found: dict[Key, list[Cell]] = {}
    for one in cells:
        found.setdefault(key(one), []).append(one)
    return sorted(found.items())


def result_of(figure: Figure, cells: Sequence[Cell], whole: int | None = None) -> Result:
    """What some cells come to. whole: the denominator, where it is not theirs."""
    above, below = sum(one.numerator for one in cells), sum(one.denominator for one in cells)
    if figure.scoring == COUNT:
        return Result(numerator=above, score=Fraction(above))
    if figure.scoring == PROPORTION:
        return proportion(above, below if whole is None else whole)
    if figure.scoring == RATIO:
        return money(cells)
    assert figure.scoring == SPREAD
    return mean(cells)


def proportion(above: int, below: int) -> Result:
    """So many of so many, in per cent."""
    return Result(numerator=above, denominator=below, score=_per_cent(above, below))


def money(cells: Sequence[Cell]) -> Result:
    """A sum of money held against another, in per cent."""
    above, below = sum(one.numerator_pence for one in cells), sum(one.denominator_pence for one in cells)
    return Result(
        numerator=sum(one.numerator for one in cells),
        denominator=sum(one.denominator for one in cells),
        numerator_pence=above,
        denominator_pence=below,
        score=_per_cent(above, below),
    )


def per_population(above: int | None, registered: int | None) -> Result:
    """So many for each 100,000 registered; no score where it is not said how many are."""
    score = Fraction(A_HUNDRED_THOUSAND * above, registered) if above is not None and registered else None
    return Result(numerator=above, denominator=registered, score=score)


def mean(cells: Sequence[Cell]) -> Result:
    """The mean of parts, in per cent; sums are exact to far more digits than are shown."""
    count = sum(one.denominator for one in cells)
    total = Fraction(sum(one.total for one in cells))
    return Result(numerator=None, denominator=count, score=PER_CENT * total / count if count else None)


def _per_cent(above: int, below: int) -> Fraction | None:
    return Fraction(PER_CENT * above, below) if below else None


def median(figure: Figure, cells: Iterable[Cell]) -> Outcome:
    """The median and its strata of cells that each say how often (denominator) a value (numerator) was found."""
    every = tuple(cells)
    strata = tuple(
        Stratum(by=by, values=key, result=_median(some))
        for by in figure.by
        if by in _KEYS
        for key, some in _parted(every, _KEYS[by])
    )
    return Outcome(figure=figure, result=_median(every), strata=strata)


def _median(cells: Sequence[Cell]) -> Result:
    count = sum(one.denominator for one in cells)
    if not count:
        return Result(numerator=None, denominator=0)
    middle = [_at(cells, place) for place in ((count - 1) // 2, count // 2)]
    return Result(numerator=None, denominator=count, score=Fraction(sum(middle), 2))


def _at(cells: Iterable[Cell], place: int) -> int:
    """The value at a place, from 0, when all are laid out in order."""
    for one in sorted(cells, key=lambda cell: cell.numerator):
        if place < one.denominator:
            return one.numerator
        place -= one.denominator
    raise AssertionError("the place lies among them")
