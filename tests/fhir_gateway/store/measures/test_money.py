"""K12 to K17 and K23 over budgets put together by hand, and over the demonstration people."""

from datetime import date
from fractions import Fraction
from typing import Any

from fhir_gateway.demo.entry import Entry, entry
from fhir_gateway.demo.people import FILES
from fhir_gateway.gateway import Gateway
from fhir_gateway.phb.figures import figures
from mappings import budget, claim_response, experience
from tests.fhir_gateway import stocked
from tests.fhir_gateway.demo.people import budget as agreed_budget
from tests.fhir_gateway.phb.demo_books import books
from tests.fhir_gateway.store.measures.world import (
    APRIL,
    CHC,
    DIRECT,
    ICB,
    MARCH,
    agreed,
    case,
    cover,
    holder,
    insured,
    line,
    outcomes,
    paid,
    person,
    result,
    spent,
)

DECEMBER = date(2025, 12, 31)
# 275 of the 365 days of the financial year have passed on 31 December.
YEARLY = 365_000
TO_DATE = 275_000


def _direct(no: int = 1, amount: int = YEARLY, **known: Any) -> Any:
    return line(no, amount, management_option=DIRECT, **known)


# --- K13 --------------------------------------------------------------------------------------------


def _varying(*differences: int) -> list[Entry]:
    """People whose budget plans 10,000.00 by the last day and who spent so many pence more or less."""
    found: list[Entry] = []
    for at, off in enumerate(differences):
        name = f"p{at}"
        planned = _direct(amount=1_000_000, on_date=date(2025, 6, 1))
        found += [*holder(name, lines=(planned,)), spent(name, f"{name}-e", 1_000_000 + off, date(2025, 7, 1))]
    return found


def test_a_few_large_differences_are_told_from_many_small_ones(gateway: Gateway) -> None:
    """domain.md 7, K13, first row: net -1,100.00, gross 7,470.00, two large of 7,300.00, 0.977."""
    off = (-420_000, 310_000, 2_000, -1_500, 3_000, -2_500, 1_000, -4_000, 2_500, -500)
    shape, large, net = outcomes(gateway, "K13", _varying(*off))
    assert [one.values for one in shape.strata] == [("few-large",)]
    assert (shape.result.numerator_pence, shape.result.denominator_pence) == (730_000, 747_000)
    assert shape.result.score == Fraction(100 * 730_000, 747_000)
    assert (large.result.numerator, large.result.denominator) == (2, 10)
    assert net.result.numerator_pence == -110_000


def test_many_small_differences_are_told_from_a_few_large_ones(gateway: Gateway) -> None:
    """domain.md 7, K13, second row: net and gross 4,100.00, none large."""
    off = (-42_000, -38_000, -45_000, -40_000, -41_000, -39_000, -43_000, -37_000, -44_000, -41_000)
    shape, large, net = outcomes(gateway, "K13", _varying(*off))
    assert [one.values for one in shape.strata] == [("many-small",)]
    assert (shape.result.score, large.result.numerator) == (Fraction(0), 0)
    assert net.result.numerator_pence == -410_000


def test_contingency_is_left_out_of_variance(gateway: Gateway) -> None:
    contingency = _direct(2, 50_000, flags=("contingency",))
    used = spent("a", "e2", 20_000, date(2025, 8, 1), line=2)
    plan = spent("a", "e1", TO_DATE, date(2025, 7, 1))
    shape, *_ = outcomes(gateway, "K13", holder("a", lines=(_direct(), contingency)), used, plan)
    assert [one.values for one in shape.strata] == [("none",)]


def test_spending_after_the_period_queried_or_disallowed_is_none(gateway: Gateway) -> None:
    late = spent("a", "e1", 5_000, date(2026, 1, 1))
    queried = spent("a", "e2", 5_000, DECEMBER, expenditure_status="queried")
    wrong = spent("a", "e3", 5_000, DECEMBER, expenditure_status="disallowed")
    *_, net = outcomes(gateway, "K13", holder("a", lines=(_direct(),)), late, queried, wrong)
    assert net.result.numerator_pence == -TO_DATE


# --- K14, K16, K17 ----------------------------------------------------------------------------------


def test_the_underspend_rate_is_of_budgets_that_closed_in_the_period(gateway: Gateway) -> None:
    closed = holder("a", lines=(_direct(amount=40_000),), end=date(2025, 11, 30), budget_status="closed")
    running = holder("b", lines=(_direct(),))
    found = result(gateway, "K14", closed, running, spent("a", "e", 30_000, date(2025, 6, 1)))
    assert (found.numerator_pence, found.denominator_pence, found.denominator) == (10_000, 40_000, 1)
    assert found.score == Fraction(25)


def test_the_forecast_is_what_was_spent_and_what_is_still_planned(gateway: Gateway) -> None:
    contingency = _direct(2, 50_000, flags=("contingency",))
    found = result(
        gateway, "K16", holder("a", lines=(_direct(), contingency)), spent("a", "e", 200_000, date(2025, 6, 1))
    )
    assert (found.numerator_pence, found.denominator_pence) == (200_000 + YEARLY - TO_DATE, YEARLY)


def test_a_notional_invoice_that_was_paid_is_spending_and_the_holders_ledger_is_not(gateway: Gateway) -> None:
    every = (
        holder("a", lines=(line(1, YEARLY),)),
        paid("a", "i1", 150_000, date(2025, 6, 1), payment_kind="invoice"),
        paid("a", "i2", 9_000, None, payment_kind="invoice", due_on=date(2025, 6, 1)),
        paid("a", "i3", 9_000, date(2026, 1, 2), payment_kind="invoice"),
        spent("a", "e", 7_000, date(2025, 6, 1)),
    )
    assert result(gateway, "K16", *every).numerator_pence == 150_000 + YEARLY - TO_DATE


def test_what_the_funder_says_it_paid_counts_before_what_was_asked(gateway: Gateway) -> None:
    said = entry(
        "answer",
        claim_response.MAPPING,
        person_id="a",
        status="active",
        claim_type="phb-payment",
        use="claim",
        outcome="complete",
        claim_id="i1",
        paid_on=date(2025, 6, 3),
        paid_pence=140_000,
    )
    invoice = paid("a", "i1", 150_000, None, payment_kind="invoice", payment_status="paid")
    found = result(gateway, "K16", holder("a", lines=(line(1, YEARLY),)), invoice, said)
    assert found.numerator_pence == 140_000 + YEARLY - TO_DATE


def test_contingency_use_is_what_was_spent_of_it(gateway: Gateway) -> None:
    contingency = _direct(2, 50_000, flags=("contingency",))
    on_line = spent("a", "e1", 10_000, date(2025, 6, 1), line=2)
    flagged = spent("a", "e2", 5_000, date(2025, 6, 1), line=1, flags=("contingency",))
    without = holder("b", lines=(_direct(),))
    found = result(gateway, "K17", holder("a", lines=(_direct(), contingency)), on_line, flagged, without)
    assert (found.numerator_pence, found.denominator_pence, found.denominator) == (15_000, 50_000, 1)
    assert found.score == Fraction(30)


def test_a_budget_replaced_in_the_year_counts_as_both_versions_do(gateway: Gateway) -> None:
    first = agreed("a", _direct(rate_pence=7_000, frequency="weekly"), id="a-1", budget_status="superseded")
    second = agreed("a", _direct(amount=91_000), id="a-2", start=date(2025, 12, 31), supersedes_id="a-1")
    every = (person("a"), case("a"), first, second)
    # 274 days at 10.00 a day, then 91 days of the same
    found = result(gateway, "K16", *every, spent("a", "e", 275_000, date(2025, 7, 1), pays_against_id="a-1"))
    assert (found.numerator_pence, found.denominator_pence) == (365_000, 365_000)


# --- K12, K23 ---------------------------------------------------------------------------------------


def _comparator(name: str, pence: int, **known: Any) -> Entry:
    usual: dict[str, Any] = {"person_id": name, "observation_status": "final", "standard_package_pence": pence}
    return entry(f"{name}-standard", experience.COMPARATOR, **usual | {"start": APRIL, "end": MARCH} | known)


def _compared(name: str, cost: int, standard: int, group: str = CHC, **known: Any) -> tuple[Entry, ...]:
    budgeted = holder(name, group=group, lines=(_direct(amount=cost),), comparator=f"Observation/{name}-standard")
    return *budgeted, _comparator(name, standard, **known)


def test_the_average_saving_is_a_part_of_what_the_standard_packages_would_cost(gateway: Gateway) -> None:
    """S004: 17 % on average; here 830.00 and 400.00 where the standard would be 1,000.00 and 500.00."""
    other_days = _compared("c", 10_000, 90_000, end=date(2025, 9, 30))
    other_group = _compared("d", 10_000, 90_000, group="mental-health")
    found = result(
        gateway, "K12", _compared("a", 83_000, 100_000), _compared("b", 40_000, 50_000), other_days, other_group
    )
    assert (found.numerator_pence, found.denominator_pence, found.denominator) == (27_000, 150_000, 2)
    assert found.score == Fraction(18)


def test_only_the_nhs_part_is_held_against_the_standard_package(gateway: Gateway) -> None:
    nhs, school = cover("a", "nhs-chc", ICB), cover("a", "education-high-needs", "school")
    shares = [
        entry(
            f"answer-{body}",
            claim_response.MAPPING,
            person_id="a",
            status="active",
            claim_type="phb-budget",
            use="preauthorization",
            outcome="complete",
            claim_id="a-budget",
            funder_id=body,
            total_pence=pence,
        )
        for body, pence in ((ICB, 60_000), ("school", 20_000))
    ]
    every = holder(
        "a",
        group=CHC,
        lines=(_direct(amount=80_000),),
        comparator="Observation/a-standard",
        insurance=insured(nhs, school),
    )
    found = result(gateway, "K12", every, nhs, school, shares, _comparator("a", 100_000))
    assert found.numerator_pence == 40_000


def _indicated(name: str, before: int, after: int, **known: Any) -> list[Entry]:
    shared = entry(
        f"{name}-indicative",
        budget.INDICATIVE,
        person_id=name,
        status="active",
        budget_status="shared",
        total_pence=before,
    )
    known = {"created": date(2025, 11, 3), "indicative_id": shared.id} | known
    return [*holder(name, lines=(_direct(amount=after),), **known), shared]


def test_indicative_accuracy_is_the_mean_of_the_differences(gateway: Gateway) -> None:
    ten_up, five_down = _indicated("a", 100_000, 110_000), _indicated("b", 200_000, 190_000)
    earlier = _indicated("c", 100_000, 300_000, created=date(2025, 9, 30))
    found = result(gateway, "K23", ten_up, five_down, earlier)
    assert (found.denominator, round(float(found.score or 0), 9)) == (2, 2.5)


# --- the demonstration people -----------------------------------------------------------------------


def test_the_demonstration_people_come_to_what_their_statements_say(gateway: Gateway) -> None:
    for file in FILES.values():
        stocked.put(gateway, file)
    with_budget = [name for name in FILES if any(one.id == f"{name}-budget" for one in FILES[name])]
    every = [figures(books(name), DECEMBER) for name in with_budget if _in_place(name)]
    found = result(gateway, "K16")
    assert len(every) > 3
    assert found.numerator == len(every)
    assert found.numerator_pence == sum(one.total.forecast for one in every)
    assert found.denominator_pence == sum(one.total.allocated - one.total.contingency_allocated for one in every)
    (used,) = outcomes(gateway, "K17")
    assert used.result.numerator_pence == sum(one.total.contingency_used for one in every)


def _in_place(name: str) -> bool:
    record = agreed_budget(name)
    return bool(record.budget_status == "active" and record.start <= DECEMBER <= record.end)
