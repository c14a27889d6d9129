"""Source: domain.md 2.3, 6.4."""

from datetime import date

import pytest

from fhir_gateway.phb.books import Funder, Movement, line_of
from tests.fhir_gateway.phb.simple_books import COUNCIL, NHS, PERSON, YEAR, books, charged, line, version
from tests.fhir_gateway.phb.test_line_cost import line as record
from tests.fhir_gateway.phb.test_shares import THREE, weight


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("nhs-chc", "nhs-icb"),
        ("la-section-117", "local-authority"),
        ("education-high-needs", "education"),
        ("person-contribution", "person"),
        ("charity-or-other", "other"),
        ("unheard-of", "other"),
    ],
)
def test_the_stream_says_what_kind_of_funder_it_is(stream: str, kind: str) -> None:
    assert Funder(coverage_id="c", reference="r", stream=stream, order=1).kind == kind


def test_only_adult_social_care_is_contributed_to() -> None:
    assert charged(1).charged
    assert not COUNCIL.charged
    assert not Funder(coverage_id="c", reference="r", stream="la-section-117", order=1, weekly_pence=1).charged


def test_a_coverage_counts_for_its_own_days() -> None:
    half = Funder(coverage_id="c", reference="r", stream="nhs-other", order=1, start=date(2025, 10, 1))
    found = half.within(YEAR)
    assert found is not None
    assert (found.start, found.end) == (date(2025, 10, 1), YEAR.end)
    over = Funder(coverage_id="c", reference="r", stream="nhs-other", order=1, end=date(2025, 1, 1))
    assert over.within(YEAR) is None


def test_funders_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        books(funders=(COUNCIL, NHS))


def test_shares_of_other_funders_are_refused() -> None:
    with pytest.raises(ValueError, match="shares of 2 funders"):
        books(indicative=(1, 2))
    with pytest.raises(ValueError, match="nobody who pays"):
        books(version(line(shares=(), weights=(1,))), funders=())


def test_the_council_has_the_pot_and_the_person_where_there_is_none() -> None:
    assert books().pot == 1
    assert books(funders=(NHS, PERSON)).pot == 1
    assert books(funders=(NHS,)).pot is None
    assert books(funders=(NHS,)).collected_net
    assert not books(funders=(NHS, charged(1, "gross"))).collected_net


def test_a_database_row_becomes_a_movement_as_it_is() -> None:
    row = ("m", "invoice", "paid", "b1", 1, "notional", 0, 500, None, None, None, YEAR.start, None, "confirmed")
    assert Movement._make(row).paid_on == YEAR.start


def test_the_funders_answers_count_once_they_make_up_the_line() -> None:
    given = record(
        split_method="percentage",
        weights=(weight(1, bps=5_000), weight(2, bps=5_000)),
        amount_pence=101,
        category="therapy",
        management_option="direct-payment",
        flags=("one-off", "contingency"),
    )
    answered = line_of(given, YEAR, THREE, answered=(50, 51, 0))
    assert (answered.shares, answered.weights) == ((50, 51, 0), (5_000, 5_000, 0))
    assert line_of(given, YEAR, THREE, answered=(50, 0, 0)).shares == (51, 50, 0)
    assert (answered.one_off, answered.contingency, answered.category) == (True, True, "therapy")


def test_the_spending_of_a_line_with_fixed_sums_follows_its_shares() -> None:
    given = record(split_method="fixed-amount", weights=(weight(2, amount_pence=200_000),), amount_pence=685_000)
    found = line_of(given, YEAR, THREE[:2])
    assert (found.shares, found.weights) == ((485_000, 200_000), ())
