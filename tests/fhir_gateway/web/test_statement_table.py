"""The statement as a table: every row as wide as the heading, no formula, amounts a spreadsheet reads.

Source: RFC 4180.
"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.web.statement_table import pounds, render, safe
from tests.mappings.test_explanation_of_benefit import STATEMENT


def test_every_row_is_as_wide_as_the_heading() -> None:
    text = render(STATEMENT).decode()
    assert "\r\n" in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} == {7 + len(STATEMENT.columns)}
    assert {row[0] for row in rows} == {"part", "figure", "option", "line", "payment", "note"}


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@sum", "\tx", "\rx"])
def test_what_would_be_a_formula_is_text(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe(f"a{text}") == f"a{text}"


@given(st.integers(-(10**12), 10**12))
def test_amounts_lose_nothing(pence: int) -> None:
    text = pounds(pence)
    assert int(text.replace(".", "")) == pence
    assert text[-3] == "."
