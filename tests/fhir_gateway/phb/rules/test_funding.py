"""Rules R75 to R80: whose money may be on which line."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.records import made
from mappings.budget import BudgetLine
from mappings.patient import Person
from mappings.payment import Payment, PaymentLine
from mappings.terminology import FUNDING_STREAM
from tests.fhir_gateway.phb.budgets import (
    AMOUNT,
    BUDGET,
    OWN,
    answer,
    around,
    budget,
    estimate,
    insurance,
    joint,
    line,
    weights,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

NHS = "nhs-other"
COUNCIL = "la-adult-social-care"
SCHOOL = "education-high-needs"
CHAIR = "nhs-wheelchair"
CHC = "nhs-chc"
AFTERCARE = ("nhs-section-117", "la-section-117")


def refused(
    *lines: BudgetLine, streams: tuple[str, ...], group: str = "joint-funded-package", **known: Any
) -> set[str]:
    standing = (*around(*streams, group=group, mha_section="s3"), estimate(streams=streams))
    return broken(budget(*lines, streams=streams, **known), *standing, id=BUDGET)


def shared(*bps: int, **known: Any) -> BudgetLine:
    return line(**{"split_method": "percentage", "weights": weights(*bps)} | known)


def care(*bps: int, **known: Any) -> BudgetLine:
    return joint(*bps, **{"category": "agency-care", "description": "Agency"} | known)


# --- R75: the person pays for no health need ------------------------------------------------------------


@pytest.mark.parametrize("need_type", ["health", "joint"])
def test_r75_breaks_when_the_person_bears_a_part_of_a_line_of_the_nhs(need_type: str) -> None:
    assert refused(shared(9_000, 1_000, need_type=need_type), streams=(NHS, OWN)) == {"R75"}


def test_r75_breaks_when_the_person_is_to_pay_all_of_a_health_line() -> None:
    assert refused(shared(0, 10_000), streams=(NHS, OWN)) == {"R75"}


def test_r75_breaks_when_a_line_that_is_no_wheelchair_calls_itself_beyond_the_assessed_need() -> None:
    assert refused(shared(9_000, 1_000, assessed_need_element=False), streams=(NHS, OWN)) == {"R75"}


def test_r75_holds_when_the_persons_weight_is_nothing() -> None:
    assert refused(shared(10_000, 0), streams=(NHS, OWN)) == set()


def test_r75_holds_beside_the_social_care_in_a_joint_line() -> None:
    assert refused(care(5_000, 4_000, 1_000), streams=(NHS, COUNCIL, OWN)) == set()


def test_r75_warns_only_while_the_budget_is_a_draft() -> None:
    standing = (*around(NHS, OWN), estimate(streams=(NHS, OWN)))
    record = budget(shared(9_000, 1_000), streams=(NHS, OWN), budget_status="draft")
    assert broken(record, *standing, id=BUDGET) == set()
    assert "R75" in warned(record, *standing, id=BUDGET)


def asked(*numbers: int, streams: tuple[str, ...] = (OWN,), **known: Any) -> Payment:
    """Money asked of the person for lines of the budget."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "payment_kind": "client-contribution",
        "payment_status": "scheduled",
        "created": date(2025, 5, 1),
        "start": date(2025, 5, 1),
        "end": date(2025, 5, 31),
        "due_on": date(2025, 5, 1),
        "payee_kind": "subscriber",
        "payee": f"Patient/{PERSON}",
        "pays_against_id": BUDGET,
        "total_pence": 1_000,
        "insurance": insurance(*streams),
        "lines": tuple(made(PaymentLine, sequence=at, budget_line=at) for at in numbers),
    }
    return made(Payment, **usual | known)


PAID_BY_THREE = (NHS, COUNCIL, OWN)
MASSAGE_AND_CARE = (shared(10_000, 0, 0), care(5_000, 5_000, 0, line_no=2))


def pays(payment: Payment, *lines: BudgetLine) -> set[str]:
    known = filed(budget(*(lines or MASSAGE_AND_CARE), streams=PAID_BY_THREE, budget_status="active"), BUDGET)
    return broken(payment, *around(*PAID_BY_THREE), known, id="pay")


def test_r75_breaks_when_a_contribution_is_taken_for_a_health_line() -> None:
    assert pays(asked(1)) == {"R75"}


def test_r75_breaks_when_a_contribution_draws_on_an_nhs_share() -> None:
    assert pays(asked(2, streams=(OWN, NHS))) == {"R75"}


def test_r75_breaks_when_the_person_alone_is_sent_an_invoice_for_a_health_line() -> None:
    bill = asked(1, payment_kind="invoice", invoice_no="I-1", payee="Organization/pool", payee_kind="provider")
    assert "R75" in pays(bill)


@pytest.mark.parametrize("payment", [asked(2), asked(), asked(7), asked(1, payment_status="cancelled")])
def test_r75_holds_for_a_contribution_to_social_care(payment: Payment) -> None:
    assert pays(payment) == set()


def test_r75_names_the_item_that_asks() -> None:
    known = filed(budget(*MASSAGE_AND_CARE, streams=PAID_BY_THREE, budget_status="active"), BUDGET)
    (found,) = issues(asked(2, 1), *around(*PAID_BY_THREE), known, id="pay")
    assert found.expression == "Claim.item[1]"


# --- R76: wheelchairs -----------------------------------------------------------------------------------

CHAIRS = (CHAIR, COUNCIL, OWN)


def chair(**known: Any) -> BudgetLine:
    """The chair of worked example 2: the council adds 500.00, the NHS pays the rest."""
    fixed = {"split_method": "fixed-amount", "weights": weights(0, 50_000, unit="amount_pence")[1:]}
    return line(**{"category": "wheelchair", "description": "Chair", "need_type": "joint"} | fixed | known)


def riser(**known: Any) -> BudgetLine:
    usual: dict[str, Any] = {
        "line_no": 2,
        "category": "wheelchair-upgrade",
        "description": "Seat riser",
        "assessed_need_element": False,
        "split_method": "fixed-amount",
        "weights": weights(0, 0, AMOUNT, unit="amount_pence")[2:],
    }
    return line(**usual | known)


def wheels(*lines: BudgetLine, streams: tuple[str, ...] = CHAIRS) -> set[str]:
    return refused(*lines, streams=streams, group="nhs-wheelchair")


@pytest.mark.parametrize("assessed", [True, None])
def test_r76_breaks_when_an_upgrade_is_not_told_apart_from_the_assessed_need(assessed: bool | None) -> None:  # noqa: FBT001
    assert wheels(chair(), riser(assessed_need_element=assessed)) == {"R76"}


def test_r76_breaks_when_a_gift_pays_a_part_of_the_assessed_chair() -> None:
    part = chair(weights=weights(0, 50_000, unit="amount_pence")[1:])
    assert wheels(part, streams=(CHAIR, "charity-or-other")) == {"R76"}


def test_r76_and_r75_break_when_the_person_is_asked_for_a_part_of_the_assessed_chair() -> None:
    part = chair(weights=weights(0, 0, 50_000, unit="amount_pence")[2:])
    assert wheels(part) == {"R75", "R76"}


def test_r76_holds_when_the_council_adds_to_the_chair_and_the_person_pays_the_riser() -> None:
    assert wheels(chair(), riser()) == set()


def test_r76_holds_when_somebody_else_gives_the_riser() -> None:
    given_by = weights(0, AMOUNT, unit="amount_pence")[1:]
    assert wheels(riser(line_no=1, weights=given_by), streams=(CHAIR, "charity-or-other")) == set()


# --- R77: continuing healthcare -------------------------------------------------------------------------


def chc(*lines: BudgetLine, streams: tuple[str, ...] = (CHC, COUNCIL)) -> set[str]:
    return refused(*lines, streams=streams, group="adult-nhs-chc")


@pytest.mark.parametrize("need_type", ["social-care", "joint"])
def test_r77_breaks_when_the_council_pays_a_line_of_care(need_type: str) -> None:
    assert chc(care(9_000, 1_000, need_type=need_type)) == {"R77"}


def test_r77_breaks_when_the_council_pays_all_of_it() -> None:
    assert chc(care(0, 10_000)) == {"R77"}


def test_r77_breaks_when_the_council_answers_with_a_share() -> None:
    streams = (CHC, COUNCIL)
    known = filed(budget(care(10_000, 0), streams=streams), BUDGET)
    standing = (*around(*streams, group="adult-nhs-chc"), known)
    assert "R77" in broken(answer("council", 100_000), *standing, id="ans")
    assert "R77" not in broken(answer("icb", AMOUNT), *standing, id="ans")
    assert "R77" not in broken(answer("council", 0), *standing, id="ans")


@pytest.mark.parametrize("need_type", ["education", "housing", "carer-support"])
def test_r77_holds_for_what_others_may_pay(need_type: str) -> None:
    assert "R77" not in chc(care(0, 10_000, need_type=need_type))


def test_r77_holds_for_a_line_of_aftercare_and_one_the_nhs_pays_by_its_type() -> None:
    assert chc(care(5_000, 5_000), streams=AFTERCARE) == set()
    assert chc(line(need_type="social-care", category="agency-care")) == set()


def test_r77_holds_without_continuing_healthcare() -> None:
    assert refused(care(9_000, 1_000), streams=(NHS, COUNCIL)) == set()


def test_r77_holds_when_the_case_is_closed() -> None:
    streams = (CHC, COUNCIL)
    standing = (*around(*streams, group="adult-nhs-chc", state="ended"), estimate(streams=streams))
    assert "R77" not in broken(budget(care(9_000, 1_000), streams=streams), *standing, id=BUDGET)


# --- R78 and R79: health, social care, education --------------------------------------------------------


@pytest.mark.parametrize("stream", [COUNCIL, "la-childrens-social-care"])
def test_r78_breaks_when_council_money_is_on_a_health_line(stream: str) -> None:
    assert refused(shared(9_000, 1_000), streams=(NHS, stream)) == {"R78"}


def test_r78_breaks_when_the_council_answers_for_a_health_line() -> None:
    known = filed(budget(line(), streams=(NHS, COUNCIL)), BUDGET)
    assert "R78" in broken(answer("council", 100), *around(NHS, COUNCIL), known, id="ans")


def test_r78_holds_when_the_council_has_no_part_in_it() -> None:
    assert refused(shared(10_000, 0), streams=(NHS, COUNCIL)) == set()
    assert refused(line(), streams=(NHS, COUNCIL)) == set()


def test_r78_holds_in_section_117_where_the_type_is_put_right_first() -> None:
    assert refused(shared(5_000, 5_000), streams=AFTERCARE) == {"R80"}


def with_ehc(*lines: BudgetLine, streams: tuple[str, ...]) -> set[str]:
    standing = [one for one in around(*streams) if one.id != PERSON]
    person = made(Person, birth_date=date(2006, 5, 1), ehc_reference="EHC-1", ehc_start=date(2024, 9, 1))
    found = budget(*lines, streams=streams)
    return broken(found, *standing, filed(person, PERSON), estimate(streams=streams), id=BUDGET)


def test_r79_breaks_when_education_pays_social_care() -> None:
    assert with_ehc(shared(9_000, 1_000, need_type="social-care"), streams=(COUNCIL, SCHOOL)) == {"R79"}


@pytest.mark.parametrize("stream", [NHS, COUNCIL, "other-public"])
def test_r79_breaks_when_others_pay_education(stream: str) -> None:
    assert with_ehc(shared(9_000, 1_000, need_type="education"), streams=(SCHOOL, stream)) == {"R79"}


@pytest.mark.parametrize("streams", [(SCHOOL,), (SCHOOL, "charity-or-other")])
def test_r79_holds_for_education_money_and_gifts(streams: tuple[str, ...]) -> None:
    parts = (10_000,) if len(streams) == 1 else (6_000, 4_000)
    assert with_ehc(shared(*parts, need_type="education"), streams=streams) == set()


# --- R80: section 117 -----------------------------------------------------------------------------------


def aftercare(*lines: BudgetLine, streams: tuple[str, ...] = AFTERCARE) -> set[str]:
    return refused(*lines, streams=streams, group="section-117-aftercare")


@pytest.mark.parametrize("need_type", ["health", "social-care"])
def test_r80_breaks_when_a_line_of_aftercare_is_not_joint(need_type: str) -> None:
    assert aftercare(care(5_000, 5_000, need_type=need_type)) == {"R80"}


def test_r80_breaks_when_the_line_says_no_split() -> None:
    assert aftercare(line(need_type="joint")) == {"R80"}


def test_r80_breaks_when_somebody_else_has_a_part_in_it() -> None:
    assert aftercare(care(5_000, 4_000, 1_000), streams=(*AFTERCARE, "other-public")) == {"R80"}


def test_r80_breaks_when_a_line_of_care_is_paid_outside_aftercare() -> None:
    assert aftercare(care(5_000, 5_000), streams=(NHS, COUNCIL)) == {"R80"}


@given(st.integers(0, 10_000))
def test_r80_accepts_any_ratio(nhs: int) -> None:
    assert aftercare(care(nhs, 10_000 - nhs)) == set()


def test_r80_accepts_a_split_by_hours_and_by_a_fixed_sum() -> None:
    hours = care(split_method="hours", weights=weights(300, 120, unit="minutes"))
    fixed = care(split_method="fixed-amount", weights=weights(0, 40_000, unit="amount_pence")[1:])
    assert aftercare(hours) == set()
    assert aftercare(fixed) == set()


def test_r80_leaves_housing_beside_aftercare_alone() -> None:
    streams = (*AFTERCARE, "other-public")
    assert (
        aftercare(care(0, 0, 10_000, need_type="housing", weights=weights(0, 0, 10_000)[2:]), streams=streams) == set()
    )


# --- all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["superseded", "closed", "declined"])
def test_a_budget_of_the_past_is_left_alone(status: str) -> None:
    found = refused(shared(5_000, 4_000, 1_000), streams=(NHS, COUNCIL, OWN), budget_status=status)
    assert found.isdisjoint({"R75", "R76", "R77", "R78", "R79", "R80"})


@pytest.mark.parametrize("stream", FUNDING_STREAM)
def test_no_rule_here_minds_a_share_that_is_not_known(stream: str) -> None:
    record = budget(shared(5_000, 5_000), streams=(stream, "unknown"))
    assert isinstance(issues(record, *around(stream)[:2], id=BUDGET), list)
