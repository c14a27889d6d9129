"""What every page has, and the bars on it.

Source: WCAG 2.2 AA (1.4.3 contrast, 1.4.11 graphics); CSP Level 3.
"""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.web import chart, page

BACKGROUNDS = ("#fff", "#eef4f9")


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    parts = [one * 2 for one in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    linear = [(v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4) for v in (int(p, 16) / 255 for p in parts)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_text_colour_can_be_read(background: str) -> None:
    colours = set(re.findall(r"[{;] ?color: (#[0-9a-f]+)", page.STYLE))
    assert len(colours) >= 4
    for colour in colours:
        assert contrast(colour, background) >= 4.5, colour


def test_bars_can_be_told_from_what_is_around_them() -> None:
    assert contrast("#1d5b8f", "#e3edf5") >= 3
    assert contrast("#96210f", "#e3edf5") >= 3
    assert contrast("#5a7184", "#fff") >= 3


@pytest.mark.parametrize(
    ("pence", "text"),
    [(0, "£0.00"), (5, "£0.05"), (123_456_789, "£1,234,567.89"), (-5, "\N{MINUS SIGN}£0.05")],
)
def test_amounts_are_written_as_people_read_them(pence: int, text: str) -> None:
    assert page.pounds(pence) == text


def test_days_are_written_out() -> None:
    assert page.day(date(2025, 9, 3)) == "3 September 2025"
    assert page.day(None) == ""


def test_bars_have_one_scale() -> None:
    first, second = chart.bars([("a", 100, 50, 25), ("b", 50, 80, None)])
    assert (first.whole, first.filled, first.mark) == (chart.WIDTH, chart.WIDTH // 2, chart.WIDTH // 4)
    assert (second.whole, second.mark, second.over) == (chart.WIDTH // 2, None, True)
    assert first.top < second.top < chart.height(2)


def test_a_chart_of_nothing_has_no_width() -> None:
    (one,) = chart.bars([("a", 0, 0, 0)])
    assert (one.whole, one.filled, one.mark, one.over) == (0, 0, 0, False)


amounts = st.integers(-(10**9), 10**9)


@given(st.lists(st.tuples(st.just("x"), amounts, amounts, st.none() | amounts), max_size=20))
def test_no_bar_leaves_the_chart(rows: list[tuple[str, int, int, int | None]]) -> None:
    for one in chart.bars(rows):
        for width in (one.whole, one.filled, one.mark or 0):
            assert 0 <= width <= chart.WIDTH
