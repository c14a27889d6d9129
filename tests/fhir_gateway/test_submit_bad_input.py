"""Bad input to $submit: each fault is a 422 that names the line, and nothing is stored."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget, BudgetLine
from mappings.lens import document
from mappings.patient import Person
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.submitted_world import THERAPY, bill, budget, insured, invoice, item, lines, share, tree
from tests.fhir_gateway.test_submit import SUBMIT, agreed, broken, bundle, put_in, stored

Json = Any
BORN = date(1960, 5, 5)


def money(text: str, currency: str = "GBP") -> Json:
    return document.parse(f'{{"value": {text}, "currency": "{currency}"}}'.encode())


def with_net(sent: Json, net: Json) -> Json:
    sent["item"][0]["net"] = net
    return sent


def refused_with(api: Api, sent: Json, expected: tuple[str, str]) -> None:
    """Refused for exactly what is expected, the element by its beginning, with nothing stored."""
    before = api.changes()
    found = broken(api.post(SUBMIT, sent))
    assert any(rule == expected[0] and element.startswith(expected[1]) for rule, element in found), found
    assert api.changes() == before


MONEY = [
    (money("745.001"), "R101", "Claim.item[0].net"),
    (money("745.00", "EUR"), "R101", "Claim.item[0].net"),
    (money("-745.00"), "R101", "Claim.item[0].net"),
]


@pytest.mark.parametrize(("net", "rule", "element"), MONEY, ids=["decimals", "currency", "negative"])
def test_money_that_is_no_amount_is_refused_on_a_budget(api: Api, net: Json, rule: str, element: str) -> None:
    put_in(api)
    refused_with(api, with_net(stored(api, "Claim/budget"), net), (rule, element))


@pytest.mark.parametrize(("net", "rule", "element"), MONEY, ids=["decimals", "currency", "negative"])
def test_money_that_is_no_amount_is_refused_on_a_claim(api: Api, net: Json, rule: str, element: str) -> None:
    agreed(api)
    sent = {name: value for name, value in with_net(invoice(), net).items() if name != "total"}
    refused_with(api, sent, (rule, element.removesuffix(".net")))


def changed(**known: Any) -> AgreedBudget:
    """The budget with its first line changed."""
    first, *rest = lines()
    return budget(lines=(replace(first, **known), *rest))


def weighted(*points: int) -> tuple[Any, ...]:
    first: BudgetLine = lines()[0]
    return tuple(replace(one, bps=bps) for one, bps in zip(first.weights, points, strict=True))


BUDGETS: dict[str, tuple[Callable[[], AgreedBudget], str, str]] = {
    "weights that do not add up": (lambda: changed(weights=weighted(5_750, 4_249)), "R86", "Claim.item[0]"),
    "a weight of no funder": (
        lambda: changed(weights=(replace(lines()[0].weights[0], insurance_sequence=7, bps=10_000),)),
        "R85",
        "Claim.item[0]",
    ),
    "a line before the budget": (
        lambda: changed(start=date(2025, 3, 31), end=date(2026, 3, 30)),
        "R85",
        "Claim.item[0]",
    ),
    "a line after the budget": (lambda: changed(start=date(2025, 4, 2), end=date(2026, 4, 1)), "R85", "Claim.item[0]"),
    "a need that nobody pays": (
        lambda: changed(split_method="need-type", weights=(), need_type="housing"),
        "R85",
        "Claim.item[0]",
    ),
    "a line that is not its terms": (lambda: changed(amount_pence=THERAPY), "R85", "Claim.item[0].net"),
    "a total that is not the lines": (lambda: replace(budget(), total_pence=1), "R85", "Claim.total"),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_a_budget_that_does_not_add_up_is_refused(api: Api, name: str) -> None:
    put_in(api)
    made_of, rule, element = BUDGETS[name]
    sent = tree(made_of(), "budget") | {"meta": {"versionId": "1"}}
    refused_with(api, sent, (rule, element))


def reversed_period(sent: Json) -> Json:
    sent["item"][0]["servicedPeriod"] = {"start": "2025-05-31", "end": "2025-05-01"}
    return sent


def test_a_period_that_ends_before_it_starts_is_refused(api: Api) -> None:
    agreed(api)
    refused_with(api, reversed_period(invoice()), ("", "Claim.item[0].servicedPeriod"))
    refused_with(api, reversed_period(tree(budget(budget_id="B"))), ("", "Claim.item[0].servicedPeriod"))


def test_a_version_for_days_of_another_is_refused(api: Api) -> None:
    agreed(api)
    refused_with(api, tree(budget(budget_id="BUD-2")), ("R157", "Claim.related"))


@pytest.mark.parametrize(
    ("lived", "rule"),
    [({"birth_date": date(2025, 6, 1)}, "R100"), ({"birth_date": BORN, "death_date": date(2025, 4, 30)}, "R114")],
    ids=["before birth", "after death"],
)
def test_days_outside_the_persons_life_are_refused(api: Api, lived: Json, rule: str) -> None:
    agreed(api)
    person = tree(made(Person, active=True, **lived), "pat")
    assert api.put("Patient/pat", person).status_code == 200
    refused_with(api, invoice(), (rule, "Claim.item[0]"))
    refused_with(api, tree(budget(budget_id="B", supersedes_id="budget", version=2)), (rule, "Claim.item[0]"))


def test_a_coverage_that_is_not_on_the_budget_is_refused(api: Api) -> None:
    agreed(api)
    other = tree(share("charity-or-other", "physio", 4), "charity")
    assert api.put("Coverage/charity", other).status_code == 201
    refused_with(api, invoice(insurance=insured("nhs", "charity")), ("R85", "Claim.item[0]"))


def test_a_coverage_of_another_person_is_refused(api: Api) -> None:
    agreed(api)
    other = api.person()
    theirs = tree(replace(share("nhs-other", "icb", 1), person_id=other.removeprefix("Patient/")), "theirs")
    assert api.put("Coverage/theirs", theirs).status_code == 201
    unknown_here(api, invoice(insurance=insured("theirs")), "Claim.insurance[0].coverage.reference")


def test_a_claim_against_another_persons_budget_is_refused(api: Api) -> None:
    agreed(api)
    other = api.person().removeprefix("Patient/")
    unknown_here(api, invoice(person_id=other), "Claim.related[0].claim.reference")


def unknown_here(api: Api, sent: Json, element: str) -> None:
    """Refused as something that is not known, with nothing stored."""
    before = api.changes()
    refused(api.post(SUBMIT, sent), 422, code="not-found", expression=element)
    assert api.changes() == before


def test_a_total_that_is_not_the_sum_of_the_lines_is_refused(api: Api) -> None:
    agreed(api)
    refused_with(api, invoice(total_pence=1, lines=(item(1, 1, 2),)), ("R85", "Claim.item[0]"))


def test_a_fault_in_a_bundle_names_the_claim(api: Api) -> None:
    agreed(api)
    wrong = with_net(invoice(), money("1.001"))
    refused_with(api, bundle(tree(bill()), wrong), ("R101", "Bundle.entry[1].resource.item[0].net"))
