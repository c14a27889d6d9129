import pytest

from mappings.nhs_number import is_nhs_number, with_check_digit


@pytest.mark.parametrize("number", ["9000000009", "9449304106", "9449304130", "9912003888", "9990000018"])
def test_a_number_with_its_check_digit_is_one(number: str) -> None:
    assert is_nhs_number(number)


@pytest.mark.parametrize(
    "number", ["9912003890", "9000000012", "999000001", "99900000180", "999 000 0018", "999000001X", ""]
)
def test_another_text_is_none(number: str) -> None:
    assert not is_nhs_number(number)


def test_digits_of_other_scripts_are_none() -> None:
    assert not is_nhs_number("٩٩٩٠٠٠٠٠١٨")


def test_nine_digits_whose_check_would_be_ten_start_no_number() -> None:
    assert with_check_digit("999000014") is None
