"""Scores as they are shown, and words that a spreadsheet must not run."""

from fractions import Fraction

import pytest

from fhir_gateway.phb.measures.report import rounded, safe


@pytest.mark.parametrize(
    ("unit", "score", "expected"),
    [
        ("%", Fraction(125, 10), "12.5"),
        ("%", Fraction(200, 3), "66.7"),
        ("%", Fraction(5, 100), "0.1"),
        ("%", Fraction(-5, 100), "-0.1"),
        ("1", Fraction(12), "12"),
        ("d", Fraction(23, 2), "11.5"),
    ],
)
def test_a_score_is_shown_to_one_place_and_a_count_whole(unit: str, score: Fraction, expected: str) -> None:
    assert str(rounded(unit, score)) == expected


@pytest.mark.parametrize("words", ["=1+1", "+44", "-1", "@cmd"])
def test_words_that_begin_like_a_formula_are_marked_as_words(words: str) -> None:
    assert safe(words) == f"'{words}"


def test_other_words_stay_as_they_are() -> None:
    assert safe("It went well - mostly") == "It went well - mostly"
