"""Lenses on one value: what they read, what they refuse, and what they keep."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jiter
import pytest

from mappings.lens.lens import Code, Concept, Count, Day, Misfit, Moment, NhsNumber, Number, Pence, Reference, code_in
from mappings.terminology import CASE_STATE, PARTY_ROLE

FOREIGN = {"system": "https://elsewhere.example/codes", "code": "kept"}


def amount(text: str, currency: str = "GBP") -> dict[str, Any]:
    return {"value": jiter.LosslessFloat(text.encode()), "currency": currency}


def test_an_nhs_number_is_refused_by_rule_and_not_repeated() -> None:
    with pytest.raises(Misfit) as refusal:
        NhsNumber("n").decode("9990000019")
    assert (refusal.value.issue_code, refusal.value.rule) == ("value", "R1")
    assert "9990000019" not in str(refusal.value)


def test_a_code_outside_its_list_is_refused_and_the_list_named() -> None:
    with pytest.raises(Misfit, match="phb-case-state"):
        Code("c", CASE_STATE).decode("bogus")
    with pytest.raises(Misfit, match=r"\(a, b\)"):
        Code("c", ("a", "b")).decode("bogus")


def test_a_fraction_is_no_whole_number() -> None:
    with pytest.raises(Misfit, match="whole number"):
        Count("n").decode(jiter.LosslessFloat(b"1.5"))
    assert Count("n").decode(3) == 3
    assert Count("n").encode(3) == 3


def test_a_decimal_keeps_its_digits() -> None:
    assert Number("n").decode(jiter.LosslessFloat(b"105.00")) == Decimal("105.00")
    assert bytes(Number("n").encode(Decimal("1E+2"))) == b"100"


@pytest.mark.parametrize(
    ("text", "pence"), [("105.00", 10500), ("-0.01", -1), ("1E2", 10000), ("2.5", 250), ("3.000", 300)]
)
def test_money_is_whole_pence(text: str, pence: int) -> None:
    assert Pence("p").decode(amount(text)) == pence


@pytest.mark.parametrize("text", ["0.001", "1.0000000000000000000000000000000000001", "1E30", "9999999999999999.99"])
def test_money_that_no_ledger_holds_is_refused(text: str) -> None:
    with pytest.raises(Misfit):
        Pence("p").decode(amount(text))


def test_money_without_a_value_or_in_another_currency_is_refused() -> None:
    with pytest.raises(Misfit, match="needs a value"):
        Pence("p").decode({"currency": "GBP"})
    with pytest.raises(Misfit, match="GBP"):
        Pence("p").decode(amount("1.00", "EUR"))


def test_money_is_written_with_two_decimals_and_keeps_what_else_it_holds() -> None:
    written = Pence("p").written({**amount("1.00"), "id": "m"}, -5)
    assert (bytes(written["value"]), written["id"]) == (b"-0.05", "m")
    assert bytes(Pence("p").encode(10500)["value"]) == b"105.00"


@pytest.mark.parametrize(
    ("text", "day"), [("2025-04-01", date(2025, 4, 1)), ("2025-04-01T23:30:00-05:00", date(2025, 4, 1))]
)
def test_a_day_is_what_its_text_says(text: str, day: date) -> None:
    assert Day("d").decode(text) == day


@pytest.mark.parametrize("text", ["2025", "2025-04"])
def test_a_month_or_year_alone_is_no_day_and_stays(text: str) -> None:
    assert Day("d").decode(text) is None
    assert Day("d").written(text, None) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-04-01T10:00:00+01:00", datetime(2025, 4, 1, 9, tzinfo=UTC)),
        ("2025-04-01T10:00:00.5Z", datetime(2025, 4, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2025-04-01T10:00:00.1234567Z", datetime(2025, 4, 1, 10, 0, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_an_instant_in_utc(text: str, moment: datetime) -> None:
    assert Moment("m").decode(text) == moment


def test_a_day_is_no_moment() -> None:
    assert Moment("m").decode("2025-04-01") is None


def test_a_moment_before_the_calendar_is_refused() -> None:
    with pytest.raises(Misfit, match="calendar"):
        Moment("m").decode("0001-01-01T00:00:00+14:00")


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"reference": "Patient/a"}, "a"),
        ({"reference": "Patient/a/_history/2"}, "a"),
        ({"reference": "Group/a"}, "Group/a"),
        ({"reference": "https://elsewhere.example/Patient/a"}, "https://elsewhere.example/Patient/a"),
        ({"identifier": {"system": "s", "value": "v"}}, "s|v"),
        ({"identifier": {"value": "v"}}, "|v"),
        ({"identifier": {"system": "s"}}, None),
        ({"display": "Jackie"}, None),
    ],
)
def test_a_reference_reads_as_what_it_names(node: dict[str, Any], value: str | None) -> None:
    assert Reference("r", ("Patient",)).decode(node) == value


@pytest.mark.parametrize("value", ["a", "Group/a", "#inside", "urn:uuid:x", "s|v", "|v"])
def test_a_reference_is_written_so_that_it_reads_the_same(value: str) -> None:
    lens = Reference("r", ("Patient",))
    assert lens.decode(lens.encode(value)) == value


def test_a_reference_without_a_system_names_none() -> None:
    assert Reference("r", ("Patient",)).encode("|v") == {"identifier": {"value": "v"}}


def test_a_new_code_leaves_the_other_codings() -> None:
    lens = Concept("c", PARTY_ROLE)
    written = lens.written({"coding": [FOREIGN, PARTY_ROLE.coding("nominee")], "text": "kept"}, "deputy")
    assert written == {"coding": [PARTY_ROLE.coding("deputy"), FOREIGN], "text": "kept"}


def test_a_code_taken_away_leaves_the_other_codings() -> None:
    lens = Concept("c", PARTY_ROLE)
    assert lens.written({"coding": [FOREIGN, PARTY_ROLE.coding("nominee")]}, None) == {"coding": [FOREIGN]}
    assert lens.written({"coding": [PARTY_ROLE.coding("nominee")], "text": "gone"}, None) is None


def test_a_code_of_a_list_that_is_not_ours_is_read_by_its_system() -> None:
    lens = code_in("c", "s", ("a", "b"))
    assert lens.decode({"coding": [FOREIGN, {"system": "s", "code": "a"}]}) == "a"
    assert lens.decode({"coding": [FOREIGN]}) is None
    assert lens.decode({"coding": [{"system": "s"}]}) is None
    with pytest.raises(Misfit, match=r"\(a, b\)"):
        lens.decode({"coding": [{"system": "s", "code": "c"}]})


def test_a_code_of_a_list_that_is_not_ours_is_replaced_or_goes_whole() -> None:
    lens = code_in("c", "s")
    node = {"coding": [FOREIGN, {"system": "s", "code": "a"}]}
    assert lens.written(node, "b") == {"coding": [{"system": "s", "code": "b"}, FOREIGN]}
    assert lens.written(node, None) is None
