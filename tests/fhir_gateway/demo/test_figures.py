"""The money of the demonstration is that of the worked examples, to the penny.

Source: domain.md 6.8, examples 1 to 7; amounts below are the published ones, in pence.
"""

from typing import Final

import pytest

from tests.fhir_gateway.demo.people import (
    PEOPLE,
    budget,
    committed,
    instalments,
    of,
    paid,
    payments,
    share,
    spent,
    spent_by_line,
)

ROWAN_NHS: Final = (
    *(122_393, 183_589, 189_709, 189_709, 183_589, 189_709),
    *(183_589, 189_709, 189_709, 171_350, 189_709),
)
ROWAN_COUNCIL: Final = (
    *(90_464, 135_696, 140_220, 140_220, 135_696, 140_220),
    *(135_696, 140_220, 140_220, 126_650, 140_220),
)


def lines(person: str) -> list[int]:
    return [one.amount_pence for one in budget(person).lines]


def shares(person: str, funder: str) -> dict[int, int]:
    return {one.line_no: one.amount_pence for one in share(person, funder).lines}


def allocated(person: str, option: str) -> int:
    return sum(one.amount_pence for one in budget(person).lines if one.management_option == option)


# --- what holds for everybody -----------------------------------------------------------------------


@pytest.mark.parametrize("person", PEOPLE)
def test_lines_add_up_to_the_budget_and_shares_to_each_line(person: str) -> None:
    record = budget(person)
    answers = [one.record for one in of(person, "funder-answer") if one.record.use == "preauthorization"]
    assert sum(lines(person)) == record.total_pence == sum(one.total_pence for one in answers)
    for line in record.lines:
        parts = [one.amount_pence for answer in answers for one in answer.lines if one.line_no == line.line_no]
        assert sum(parts) == line.amount_pence
    for answer in answers:
        assert sum(one.amount_pence for one in answer.lines) == answer.total_pence


@pytest.mark.parametrize("person", PEOPLE)
def test_the_indicative_budget_has_the_same_lines(person: str) -> None:
    indicative = of(person, "indicative-budget")[0].record
    assert indicative.lines == budget(person).lines
    assert indicative.total_pence == budget(person).total_pence


@pytest.mark.parametrize("person", PEOPLE)
def test_percentages_add_up_to_the_whole(person: str) -> None:
    for line in budget(person).lines:
        if line.split_method == "percentage":
            assert sum(one.bps for one in line.weights) == 10_000


@pytest.mark.parametrize("person", PEOPLE)
def test_a_payment_is_the_sum_of_its_lines_and_its_answers_of_what_was_paid(person: str) -> None:
    answers = [one.record for one in of(person, "funder-answer")]
    for one in of(person, "payment"):
        record = one.record
        settled = [answer.paid_pence for answer in answers if answer.claim_id == one.id]
        assert not record.lines or sum(line.amount_pence for line in record.lines) == record.total_pence
        assert sum(settled) == (record.total_pence if record.payment_status == "paid" and not record.paid_on else 0)


@pytest.mark.parametrize("person", PEOPLE)
def test_no_funder_pays_or_promises_more_than_its_share(person: str) -> None:
    for coverage in of(person, "funder-contribution"):
        slug = coverage.id.removeprefix(f"{person}-")
        if slug != "own":
            assert paid(person, slug) + committed(person, slug) <= share(person, slug).total_pence


@pytest.mark.parametrize("person", PEOPLE)
def test_an_entry_is_the_sum_of_what_it_lists(person: str) -> None:
    for one in of(person, "expenditure-entry"):
        assert sum(line.amount_pence for line in one.record.lines) == one.record.total_pence


# --- the examples -----------------------------------------------------------------------------------


def test_jackie_starts_in_october_with_half_a_year_of_the_assistance_dog() -> None:
    assert budget("jackie").total_pence == 149_589
    assert instalments("jackie", "nhs") == [24_932, 24_932, 24_932, 24_931, 24_931, 24_931]
    assert (paid("jackie", "nhs"), committed("jackie", "nhs")) == (74_796, 74_793)
    assert spent("jackie") == 70_000
    assert (paid("jackie", "nhs") - spent("jackie"), budget("jackie").total_pence - spent("jackie")) == (4_796, 79_589)


def test_dylan_has_a_wheelchair_the_council_adds_two_thousand_pounds_to_and_is_paid_nothing() -> None:
    assert budget("dylan").total_pence == 685_000
    assert (share("dylan", "nhs").total_pence, share("dylan", "council").total_pence) == (485_000, 200_000)
    assert (paid("dylan", "nhs"), paid("dylan", "council")) == (485_000, 200_000)
    assert {one.record.payee for one in of("dylan", "payment")} == {"Organization/exampleshire-wheels"}
    assert allocated("dylan", "notional") == 685_000
    assert of("dylan", "expenditure-entry") == []


def test_olive_spent_her_four_hundred_pounds_on_the_first_day() -> None:
    assert budget("olive").total_pence == 40_000 == paid("olive", "nhs") == spent("olive")
    (entry,) = of("olive", "expenditure-entry")
    assert entry.record.lines[0].spent_on == payments("olive", "nhs")[0].due_on


def test_oscar_is_in_hospital_and_spent_nothing() -> None:
    assert (budget("oscar").total_pence, paid("oscar", "nhs"), spent("oscar")) == (40_000, 40_000, 0)
    assert any(one.record.topic == "hospital" for one in of("oscar", "discussion"))
    assert {one.record.payment_status for one in of("oscar", "payment")} == {"paid"}


def test_keir_has_every_line_of_the_continuing_healthcare_package() -> None:
    assert lines("keir") == [
        *(3_109_800, 333_984, 366_568, 65_874, 16_500, 27_000, 48_000, 11_800, 961_775, 192_000, 312_340),
    ]
    assert budget("keir").total_pence == 5_445_641 == share("keir", "nhs").total_pence
    recurring = [one.amount_pence for one in budget("keir").lines if not one.flags]
    assert sum(recurring) == 5_073_501


def test_keir_is_paid_one_offs_and_contingency_first_into_the_managed_account() -> None:
    assert instalments("keir", "nhs") == [794_932, *[422_792] * 8, *[422_791] * 3]
    assert [one.amount_pence for one in payments("keir", "nhs")[0].lines] == [422_792, 48_000, 11_800, 312_340]
    assert (paid("keir", "nhs"), committed("keir", "nhs")) == (1_640_516, 3_805_125)
    assert {one.payee for one in payments("keir", "nhs")} == {"Organization/clear-accounts"}


def test_keir_spent_what_the_example_says_by_line() -> None:
    assert spent_by_line("keir") == {
        1: 717_100,
        3: 82_000,
        4: 15_000,
        5: 16_500,
        6: 6_750,
        7: 48_000,
        8: 11_800,
        9: 221_340,
        10: 43_200,
    }
    assert spent("keir") == 1_161_690
    assert (paid("keir", "nhs") - spent("keir"), budget("keir").total_pence - spent("keir")) == (478_826, 4_283_951)


def test_rowan_is_funded_by_nhs_and_council_with_the_left_over_pennies_in_the_right_place() -> None:
    assert lines("rowan") == [3_448_286, 24_999]
    assert shares("rowan", "nhs") == {1: 1_982_764, 2: 12_500}
    assert shares("rowan", "council") == {1: 1_465_522, 2: 12_499}
    assert budget("rowan").total_pence == 3_473_285
    assert (share("rowan", "nhs").total_pence, share("rowan", "council").total_pence) == (1_995_264, 1_478_021)


def test_rowan_is_paid_by_days_and_the_tablet_at_once() -> None:
    assert instalments("rowan", "nhs") == list(ROWAN_NHS)
    assert instalments("rowan", "council") == list(ROWAN_COUNCIL)
    assert (sum(ROWAN_NHS), sum(ROWAN_COUNCIL)) == (1_982_764, 1_465_522)
    assert (instalments("rowan", "nhs", "one-off"), instalments("rowan", "council", "one-off")) == ([12_500], [12_499])
    assert (paid("rowan", "nhs"), paid("rowan", "council")) == (881_489, 654_795)
    assert (committed("rowan", "nhs"), committed("rowan", "council")) == (1_113_775, 823_226)


def test_rowan_spent_twenty_weeks_and_the_tablet() -> None:
    assert spent_by_line("rowan") == {1: 20 * 74_500, 2: 24_999}
    assert spent("rowan") == 1_514_999


def test_janice_has_a_mix_of_options_and_shares() -> None:
    assert lines("janice") == [361_089, 21_000, 109_200, 62_400, 18_000]
    assert shares("janice", "nhs") == {1: 180_545, 2: 10_500, 3: 109_200, 4: 62_400, 5: 9_000}
    assert shares("janice", "council") == {1: 180_544, 2: 10_500, 5: 9_000}
    assert (share("janice", "nhs").total_pence, share("janice", "council").total_pence) == (371_645, 200_044)
    assert (allocated("janice", "direct-payment"), allocated("janice", "notional")) == (509_289, 62_400)


def test_janice_pays_her_contribution_and_the_council_its_share_less_that() -> None:
    own = instalments("janice", "own", "client-contribution")
    assert own == [5_475] * 12
    assert sum(own) == 65_700
    assert instalments("janice", "nhs") == [*[25_771] * 5, *[25_770] * 7]
    assert instalments("janice", "council") == [*[11_196] * 4, *[11_195] * 8]
    assert sum(instalments("janice", "council")) == 134_344 == share("janice", "council").total_pence - sum(own)
    assert sum((*instalments("janice", "nhs"), *instalments("janice", "council"), *own)) == 509_289
    (council,) = [one.record for one in of("janice", "funder-contribution") if one.record.client_contributions]
    assert (council.stream, council.client_contributions[0].weekly_pence) == ("la-adult-social-care", 1_260)


def test_janice_as_at_the_end_of_september() -> None:
    invoices = [one.total_pence for one in payments("janice", "nhs", payment_kind="invoice", payment_status="paid")]
    assert sum(invoices) == 24_960
    assert paid("janice", "nhs") - sum(invoices) == 154_625
    assert paid("janice", "council") == 67_174
    own = payments("janice", "own", payment_status="paid")
    assert sum(one.total_pence for one in own if one.paid_on == one.due_on) == 32_850
    assert (committed("janice", "nhs"), committed("janice", "council")) == (192_060, 67_170)
    assert spent_by_line("janice") == {1: 152_350, 2: 10_500, 3: 46_200}
    assert spent("janice") + sum(invoices) == 234_010


def test_one_invoice_waits_for_the_check_of_janice() -> None:
    checks = [line.invoice_check for one in payments("janice", "nhs", payment_kind="invoice") for line in one.lines]
    assert checks == ["confirmed", "confirmed", "awaiting-person", None, None]


def test_matthew_has_three_funders_and_the_penny_goes_to_the_council() -> None:
    assert budget("matthew").total_pence == 3_130_396
    funders = ("nhs", "council", "education")
    assert [share("matthew", one).total_pence for one in funders] == [1_408_678, 939_119, 782_599]
    assert [sum(instalments("matthew", one)) for one in funders] == [1_408_678, 939_119, 782_599]
    assert all(max(parts) - min(parts) <= 1 for parts in (instalments("matthew", one) for one in funders))
    assert {one.record.payee for one in of("matthew", "payment")} == {"Organization/hold-it-together"}
