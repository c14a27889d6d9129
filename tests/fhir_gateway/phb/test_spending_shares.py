"""What each funder bears of an entry of the holder's ledger, by all that was spent on the line so far."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.records import made
from fhir_gateway.phb.spending_shares import shared_out
from fhir_gateway.phb.verdict import Verdict
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from tests.fhir_gateway.phb.shelf import case_file, filed
from tests.fhir_gateway.submitted_world import THERAPY, VISITS, budget, insured, line, lines, world


def bought(pence: int | None, no: int | None = 1, **known: Any) -> ExpenditureLine:
    usual: dict[str, Any] = {"sequence": 1, "spent_on": date(2025, 5, 9)}
    return made(ExpenditureLine, budget_line=no, amount_pence=pence, **usual | known)


def entry(*items: ExpenditureLine, **known: Any) -> ExpenditureEntry:
    usual: dict[str, Any] = {"person_id": "pat", "status": "active", "expenditure_status": "recorded"}
    named = {"pays_against_id": "budget", "insurance": insured("nhs", "la")}
    return made(ExpenditureEntry, **usual | named | {"lines": items} | known)


def standing(*others: Filed[Any], **changed: Any) -> CaseFile:
    active = budget(budget_status="active", status="active")
    records = [filed(one, place.partition("/")[2]) for place, one in world(**{"budget": active} | changed).items()]
    return case_file(*records, *others)


def shares(verdict: Verdict) -> list[int]:
    return [one.pence for one in verdict.shares]


def test_twenty_entries_add_up_to_the_shares_of_the_whole() -> None:
    before: list[Filed[Any]] = []
    totals = [0, 0]
    for at in range(VISITS):
        (verdict,) = shared_out(entry(bought(THERAPY)), standing(*before))
        totals = [old + new for old, new in zip(totals, shares(verdict), strict=True)]
        before.append(filed(entry(bought(THERAPY)), f"e{at}"))
    assert totals == [856_750, 633_250]


def test_the_lines_of_one_entry_follow_each_other() -> None:
    first, second = shared_out(entry(bought(1), bought(1)), standing())
    assert (shares(first), shares(second)) == ([1], [1])
    assert [one.funder.coverage_id for one in (*first.shares, *second.shares)] == ["nhs", "la"]
    assert (first.shares[0].percent, first.plan_element) == (Decimal("57.5"), "Claim/budget#item-1")


@pytest.mark.parametrize("status", ["queried", "disallowed"])
def test_what_does_not_count_was_not_spent(status: str) -> None:
    apart = filed(entry(bought(1), expenditure_status=status), "apart")
    (verdict,) = shared_out(entry(bought(1)), standing(apart))
    assert [one.funder.coverage_id for one in verdict.shares] == ["nhs"]


def test_an_excluded_use_and_what_no_line_plans_are_borne_by_nobody() -> None:
    found = shared_out(entry(bought(100, exclusion="alcohol"), bought(100, None), bought(100, 9)), standing())
    assert [(one.fault.rule if one.fault else "", shares(one)) for one in found] == [
        ("R64", []),
        ("R66", []),
        ("R66", []),
    ]
    assert [one.plan_element for one in found] == ["Claim/budget#item-1", "Claim/budget", "Claim/budget"]


def test_an_entry_that_names_no_budget_is_spent_from_the_one_in_force() -> None:
    loose = entry(bought(100), pays_against_id=None)
    (verdict,) = shared_out(loose, standing())
    assert sum(shares(verdict)) == 100
    (late,) = shared_out(entry(bought(100, spent_on=date(2027, 1, 1)), pays_against_id=None), standing())
    assert (late.fault.rule if late.fault else "", late.plan_element) == ("R66", None)


def test_of_a_budget_elsewhere_nobody_here_is_known_to_pay() -> None:
    (verdict,) = shared_out(entry(bought(100), pays_against_id="elsewhere"), standing())
    assert (verdict.fault, verdict.shares, verdict.plan_element) == (None, (), None)


def test_a_budget_that_does_not_say_who_pays_is_borne_by_nobody_known() -> None:
    unshared = replace(lines()[0], split_method="need-type", weights=(), need_type="housing")
    unknown = budget(budget_status="active", status="active", lines=(unshared,))
    (verdict,) = shared_out(entry(bought(100)), standing(budget=unknown))
    assert verdict.shares == ()


def test_a_line_of_one_funder_has_no_percentage() -> None:
    health = line(1, "therapy", 5_000, {}, split_method="need-type", need_type="health")
    own = budget(budget_status="active", status="active", lines=(health,))
    (verdict,) = shared_out(entry(bought(100)), standing(budget=own))
    assert [(one.funder.coverage_id, one.pence, one.percent) for one in verdict.shares] == [("nhs", 100, None)]
