"""Bars drawn as SVG by the template: how wide each part is. The same numbers stand beside them as text.

Source: domain.md 6.7; SVG 2 (title, desc), WCAG 2.2 1.1.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
ROW: Final = 50
BAR: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar. whole, filled: width of the frame and of the filled part; mark: where the plan is, None for nowhere.

    top: of the bar; label: above it. over: more is filled than the frame holds.
    """

    label: str
    top: int
    whole: int
    filled: int
    mark: int | None
    over: bool


def bars(rows: Iterable[tuple[str, int, int, int | None]]) -> tuple[Bar, ...]:
    """Bars to one scale. rows: label, whole, filled, and planned of each, in pence."""
    found = tuple(rows)
    most = max((max(whole, filled, planned or 0) for _, whole, filled, planned in found), default=0)
    return tuple(_bar(at, *row, most) for at, row in enumerate(found))


def _bar(at: int, label: str, whole: int, filled: int, planned: int | None, most: int) -> Bar:
    return Bar(
        label=label,
        top=at * ROW + ROW - BAR - 4,
        whole=scaled(whole, most),
        filled=scaled(filled, most),
        mark=None if planned is None else scaled(planned, most),
        over=filled > whole,
    )


def scaled(amount: int, most: int) -> int:
    """The width of an amount; nothing below zero has one."""
    return max(0, amount) * WIDTH // most if most > 0 else 0


def height(count: int) -> int:
    """Of a chart with so many bars."""
    return count * ROW + 4
