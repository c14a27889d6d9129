"""The figures of the worked examples as at their days, worked out from the records of the demonstration.

Source: domain.md 6.8, examples 1 to 7; amounts in pence, by funder and then in total.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest

from fhir_gateway.phb.books import Movement
from fhir_gateway.phb.contribution import contribution
from fhir_gateway.phb.figures import Figures, figures, summed
from fhir_gateway.phb.line_cost import cost
from fhir_gateway.phb.money import rhu, split
from fhir_gateway.phb.schedules import LinePart, instalments, owed
from tests.fhir_gateway.demo.people import PEOPLE, budget
from tests.fhir_gateway.demo.people import instalments as recorded
from tests.fhir_gateway.phb.demo_books import books

JUNE: Final = date(2025, 6, 30)
SEPTEMBER: Final = date(2025, 9, 30)
EACH: Final = 40_000


def row(found: Figures, name: str) -> tuple[int, ...]:
    return (*(getattr(one, name) for one in found.funders), getattr(found.total, name))


def of_lines(found: Figures, name: str) -> list[int]:
    return [sum(getattr(one, name)) for one in found.lines]


@pytest.mark.parametrize("person", PEOPLE)
def test_every_line_costs_what_its_terms_say(person: str) -> None:
    made = books(person)
    found = figures(made, made.period.end).total
    for line in made.versions[0].lines:
        assert line.amount == cost(line.terms, made.period)
    assert found.allocated == budget(person).total_pence
    assert found.planned_to_date == found.planned == found.allocated - found.contingency_allocated


@pytest.mark.parametrize("person", ["jackie", "keir", "rowan", "janice", "matthew"])
def test_the_schedules_are_those_of_the_records(person: str) -> None:
    made = books(person, contingency_funding="spread" if person == "janice" else None)
    lines = [line for line in made.versions[0].lines if line.option != "notional"]
    for at, funder in enumerate(made.funders[:-1] if person == "janice" else made.funders):
        parts = (LinePart(share=one.shares[at], one_off=one.one_off, contingency=one.contingency) for one in lines)
        due = owed(parts, made.contingency_funding)
        due = due.less(65_700) if funder.charged else due
        slug = funder.coverage_id.removeprefix(f"{person}-")
        first = 0 if person != "rowan" else due.one_off  # the tablet is a payment of its own
        amounts = [one.amount for one in instalments(due, made.period)]
        assert [amounts[0] - first, *amounts[1:]] == recorded(person, slug)


def test_jackie_as_at_the_end_of_december() -> None:
    found = figures(books("jackie"), date(2025, 12, 31)).total
    assert (found.allocated, found.paid, found.committed, found.uncommitted) == (149_589, 74_796, 74_793, 0)
    assert (found.held, found.remaining) == (4_796, 79_589)
    assert (found.planned_to_date, found.underspend) == (75_616, 5_616)
    assert (found.forecast, found.forecast_run_rate) == (143_973, 138_478)


def test_dylan_s_wheelchair_is_paid_and_spent_on_delivery_and_nothing_is_held() -> None:
    found = figures(books("dylan"), date(2025, 7, 31))
    for name in ("allocated", "paid", "spent", "planned_to_date", "forecast"):
        assert row(found, name) == (485_000, 200_000, 685_000)
    for name in ("held", "remaining", "uncommitted", "underspend"):
        assert row(found, name) == (0, 0, 0)
    assert found.by_option() == {"notional": 685_000}


def test_fifty_people_exercise_and_two_do_not_spend_it_all() -> None:
    """48 like Olive, Oscar who is in hospital, and one who paid 372.50."""
    whole = figures(books("olive"), SEPTEMBER).total
    oscar = figures(books("oscar"), SEPTEMBER).total
    made = books("olive")
    cheaper = tuple(entry._replace(amount=37_250) for entry in made.entries)
    one = figures(replace(made, entries=cheaper), SEPTEMBER).total
    found = summed((*[whole] * 48, one, oscar))
    assert (whole.allocated, found.allocated, found.spent, found.underspend) == (EACH, 2_000_000, 1_957_250, 42_750)


def test_a_membership_of_two_years_is_spent_on_the_day_it_is_bought() -> None:
    made = books("olive")
    bought = made.entries[0].spent_on
    assert figures(made, bought).total.spent == EACH
    assert figures(made, bought - timedelta(days=1)).total.spent == 0


def test_the_on_costs_of_keir_s_two_assistants() -> None:
    """Employer rates of the example: National Insurance 15 % above 5,000.00, pension 3 % above 6,240.00."""
    wages, cover, insurance, pension = [one.amount_pence for one in budget("keir").lines][:4]
    weekly = rhu(42 * 60 * 1_420, 60)
    pay_each = (wages + cover) // 2
    assert (weekly, cover) == (59_640, rhu(weekly * 56, 10))
    assert insurance == 2 * rhu((pay_each - 500_000) * 15, 100)
    assert pension == 2 * rhu((pay_each - 624_000) * 3, 100)
    assert budget("keir").lines[-1].amount_pence == 4 * (weekly + rhu(7 * 2_635, 1))


def test_keir_as_at_the_end_of_june() -> None:
    found = figures(books("keir"), JUNE)
    total = found.total
    assert of_lines(found, "planned_to_date") == [
        *(775_320, 83_267, 91_391, 16_423, 16_500, 6_732, 48_000, 11_800, 239_785, 47_868, 0),
    ]
    assert of_lines(found, "spent") == [
        *(717_100, 0, 82_000, 15_000, 16_500, 6_750, 48_000, 11_800, 221_340, 43_200, 0),
    ]
    assert (total.allocated, total.paid, total.committed, total.uncommitted) == (5_445_641, 1_640_516, 3_805_125, 0)
    assert (total.spent, total.planned_to_date, total.underspend) == (1_161_690, 1_337_086, 175_396)
    assert (total.remaining, total.held, total.protected, total.surplus) == (4_283_951, 478_826, 94_081, 72_405)
    assert (total.forecast, total.forecast_underspend, total.forecast_run_rate) == (4_957_905, 175_396, 4_429_787)
    assert (total.contingency_allocated, total.contingency_remaining, total.contingency_held) == (312_340,) * 3
    assert (total.contingency_released, total.contingency_used) == (0, 0)


def test_keir_saves_a_sixth_of_the_standard_package() -> None:
    standard = 6_561_013
    saved = standard - figures(books("keir"), JUNE).total.allocated
    assert (saved, round(100 * saved / standard, 2)) == (1_115_372, 17.0)


def test_rowan_as_at_the_end_of_september() -> None:
    found = figures(books("rowan"), SEPTEMBER)
    assert row(found, "allocated") == (1_995_264, 1_478_021, 3_473_285)
    assert row(found, "paid") == (881_489, 654_795, 1_536_284)
    assert row(found, "spent") == (869_250, 645_749, 1_514_999)
    assert row(found, "held") == (12_239, 9_046, 21_285)
    assert row(found, "committed") == (1_113_775, 823_226, 1_937_001)
    assert row(found, "remaining") == (1_126_014, 832_272, 1_958_286)
    assert row(found, "underspend") == (12_239, 9_047, 21_286)
    assert found.lines[0].planned_to_date == (868_989, 642_297)
    assert found.lines[0].spent == (856_750, 633_250)
    assert found.total.forecast == 3_451_999


def test_janice_as_at_the_end_of_september() -> None:
    made = books("janice", contingency_funding="spread")
    found = figures(made, SEPTEMBER)
    assert row(found, "allocated") == (371_645, 200_044, 0, 571_689)
    assert row(found, "payable") == (371_645, 134_344, 65_700, 571_689)
    assert found.by_option() == {"direct-payment": 509_289, "notional": 62_400}
    assert row(found, "paid") == (154_625 + 24_960, 67_174, 32_850, 279_609)
    assert of_lines(found, "spent") == [152_350, 10_500, 46_200, 24_960, 0]
    assert row(found, "spent") == (152_585, 81_425, 0, 234_010)
    assert row(found, "held") == (27_000, 18_599, 0, 45_599)
    assert row(found, "committed") == (154_620 + 37_440, 67_170, 32_850, 292_080)
    assert row(found, "uncommitted") == (0, 0, 0, 0)
    assert of_lines(found, "planned_to_date") == [181_039, 10_529, 54_750, 31_285, 0]
    assert row(found, "planned_to_date") == (181_820, 95_783, 0, 277_603)
    assert row(found, "underspend") == (29_235, 14_358, 0, 43_593)
    assert row(found, "remaining") == (219_060, 118_619, 0, 337_679)
    assert (found.total.forecast, found.total.forecast_underspend) == (510_096, 43_593)
    assert row(found, "contingency_held") == (4_500, 4_500, 0, 9_000)
    assert found.total.contributed == 32_850


def test_janice_with_45_pounds_a_week_would_pay_the_council_s_whole_share() -> None:
    found = contribution(4_500, books("janice").period, 200_044)
    assert (found.assessed, found.amount, found.council_net) == (234_643, 200_044, 0)


def test_matthew_s_penny_goes_to_the_council() -> None:
    found = figures(books("matthew"), SEPTEMBER)
    assert row(found, "allocated") == (1_408_678, 939_119, 782_599, 3_130_396)
    assert split(3_130_396, (4_500, 3_000, 2_500)) == row(found, "allocated")[:3]


@pytest.mark.parametrize("person", PEOPLE)
def test_a_day_that_is_past_keeps_its_figures(person: str) -> None:
    """What was paid or spent since was still to come then."""
    made = books(person)
    day = made.period.start + timedelta(days=60)
    still_to_come = [one if one.paid_on is None or one.paid_on <= day else _unpaid(one) for one in made.payments]
    known = replace(made, entries=[one for one in made.entries if one.spent_on <= day], payments=still_to_come)
    assert figures(made, day) == figures(known, day)


def _unpaid(one: Movement) -> Movement:
    return one._replace(status="scheduled", paid_on=None, paid_pence=None)
