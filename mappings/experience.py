"""What the budget is compared with, and what it has been like: a standard package's cost, the person's answers.

Source: FHIR R4 observation.html; S004 (savings), S001 (experience); domain.md 2.6 (Comparator, Experience).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.lens.entries import kind
from mappings.lens.lens import day, first, pence_quantity, period, rows, text
from mappings.lens.mapping import Mapping, mapping
from mappings.observation_parts import ObservationRecord, opening
from mappings.terminology import RECORD_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparator(ObservationRecord):
    """What a standard package for the same needs would cost from `start` to `end`. source: where that is known from."""

    standard_package_pence: int | None
    source: str | None
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceAnswer:
    """One question and what the person said."""

    question: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience(ObservationRecord):
    """What the person was asked and said; reported only for many people together."""

    asked_on: date | None
    answers: tuple[ExperienceAnswer, ...]


COMPARATOR: Final[Mapping[Comparator]] = mapping(
    "Observation",
    Comparator,
    "comparator",
    {
        **opening(kind(RECORD_KIND, "comparator")),
        "effectivePeriod": period("start", "end"),
        "valueQuantity": pence_quantity("standard_package_pence"),
        "note": first({"text": text("source")}),
    },
)

EXPERIENCE: Final[Mapping[Experience]] = mapping(
    "Observation",
    Experience,
    "experience",
    {
        **opening(kind(RECORD_KIND, "experience")),
        "effectiveDateTime": day("asked_on"),
        "component": rows(
            "answers", ExperienceAnswer, {"code": {"text": text("question")}, "valueString": text("answer")}
        ),
    },
)
