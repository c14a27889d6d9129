"""What funders bear of a line, drawn bit by bit: it adds up, never goes back, and ends as it was agreed."""

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case.drawdown import Purse
from fhir_gateway.phb.in_force import LineInForce
from fhir_gateway.phb.money import split

NUMBER = 1


def purse(amount: int, weights: tuple[int, ...]) -> Purse:
    line = LineInForce(
        budget_id="b",
        line=cast("Any", None),
        span=None,
        amount=amount,
        shares=split(amount, weights),
        weights=weights,
    )
    return Purse(cast("Any", None), {NUMBER: line}, {NUMBER: (0,) * len(weights)}, [amount] * len(weights))


@given(
    st.lists(st.integers(1, 99_999), min_size=1, max_size=12), st.lists(st.integers(1, 9_999), min_size=2, max_size=4)
)
def test_bit_by_bit_each_funder_comes_to_its_share(amounts: list[int], weights: list[int]) -> None:
    whole = sum(amounts)
    drawn = purse(whole, tuple(weights))
    everybody = range(len(weights))
    for amount in amounts:
        shares = drawn.shares(NUMBER, amount, everybody)
        assert shares is not None
        assert sum(shares) == amount
        assert min(shares) >= 0
        drawn.draw(NUMBER, shares)
    assert drawn.room(NUMBER) == 0
    agreed = split(whole, weights)
    assert all(abs(one - other) <= len(weights) for one, other in zip(drawn.drawn[NUMBER], agreed, strict=True))
    if len(weights) == 2:
        assert drawn.drawn[NUMBER] == agreed


def test_a_funder_that_bears_nothing_has_no_share() -> None:
    assert purse(100, (1, 0)).shares(NUMBER, 50, [1]) is None
