"""NHS numbers: ten digits, the last of which checks the other nine.

Source: NHS Data Dictionary, NHS NUMBER (modulus 11); domain rule R1.
"""

from typing import Final

LENGTH: Final = 10
_MODULUS: Final = 11


def is_nhs_number(text: str) -> bool:
    """True for ten digits without blanks whose check digit fits."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and with_check_digit(text[:-1]) == text


def with_check_digit(nine: str) -> str | None:
    """The NHS number that starts with nine digits; None when there is none, which is so for one in eleven."""
    weighted = sum(int(digit) * weight for digit, weight in zip(nine, range(LENGTH, 1, -1), strict=True))
    check = -weighted % _MODULUS
    return None if check == LENGTH else f"{nine}{check}"
