"""The measures as `measures.toml` has them: what each counts, above and below the line, and how it is broken down.

Source: domain.md section 7; the documents named at each measure.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TABLE: Final = Path(__file__).with_name("measures.toml")

COUNT: Final = "cohort"
PROPORTION: Final = "proportion"
RATIO: Final = "ratio"
SPREAD: Final = "continuous-variable"
SCORINGS: Final = frozenset({COUNT, PROPORTION, RATIO, SPREAD})

GROUP: Final = "eligibility-group"
AGE: Final = "age"
GROUP_AGE: Final = "eligibility-group-and-age"
OPTION: Final = "management-option"
MIX: Final = "mix"
SHAPE: Final = "variance-shape"
QUESTION: Final = "question"
ANSWER: Final = "answer"
STRATIFIERS: Final = {
    GROUP: "Eligibility group",
    AGE: "Adult or child on the last day of the period",
    GROUP_AGE: "Eligibility group, adults and children apart",
    OPTION: "Management option; a mixed case once, as direct payment if it has any, else third party",
    MIX: "Whether the budget has more than one management option",
    SHAPE: "Whether the variance comes from a few large or from many small differences",
    QUESTION: "What was asked",
    ANSWER: "What was asked and answered",
}
WHO: Final = (GROUP, AGE, OPTION)

PER_CENT: Final = "%"
DAYS: Final = "d"
EACH: Final = "1"
# The figure that holds a count against the people registered.
PER_POPULATION: Final = "per-100000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a measure. scoring: a code of HL7's measure-scoring. numerator, denominator: what is counted.

    A count has no denominator; a mean or median is of what its denominator counts. unit: of the score, in UCUM.
    by: its stratifiers. of_total: whether each stratum is held against the total of all.
    """

    code: str
    title: str
    scoring: str
    numerator: str
    denominator: str = ""
    unit: str = PER_CENT
    by: tuple[str, ...] = WHO
    of_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure. better: `increase`, `decrease`, or empty where neither is. source: keys of the documents."""

    number: str
    title: str
    source: tuple[str, ...]
    figures: tuple[Figure, ...]
    better: str = ""


def _measure(number: str, tree: dict[str, Any]) -> Measure:
    figures = tuple(_figure(one) for one in tree.pop("figures"))
    return Measure(number=number, figures=figures, **tree | {"source": tuple(tree["source"])})


def _figure(tree: dict[str, Any]) -> Figure:
    figure = Figure(**tree | {"by": tuple(tree.get("by", WHO))})
    if figure.scoring not in SCORINGS or not set(figure.by) <= set(STRATIFIERS):
        raise ValueError(f"{figure.title}: the table of measures is not in order")
    return figure


def _read() -> dict[str, Measure]:
    return {number: _measure(number, tree) for number, tree in tomllib.loads(TABLE.read_text("utf-8")).items()}


MEASURES: Final = _read()
