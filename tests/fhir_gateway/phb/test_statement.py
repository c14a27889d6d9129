"""The statement from the books: what it shows of columns, payments and rules.

Source: domain.md 6.7; rules R91, R138.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.accounts import Kept
from fhir_gateway.phb.books import Movement
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.rules import catalogue
from fhir_gateway.phb.statement import LISTED, RULES, Asked, statement
from mappings.budget import AgreedBudget
from mappings.claim_parts import ClaimCoverage
from tests.fhir_gateway.phb.simple_books import books, line, paid, promised, spent, version

JUNE: Final = date(2025, 6, 30)
MAY: Final = date(2025, 5, 1)
JULY: Final = date(2025, 7, 1)
BUDGET: Final = made(
    AgreedBudget,
    person_id="p",
    status="active",
    insurance=(made(ClaimCoverage, sequence=1, focal=True, coverage_id="la"),),
)


def kept(*payments: Movement, budget: AgreedBudget = BUDGET, **known: Any) -> Kept:
    numbered = tuple(one._replace(claim_id=f"m{at:03}") for at, one in enumerate(payments))
    return Kept(
        books=books(version(line()), payments=numbered, **known),
        budgets=(Filed("Claim", "b1", 1, budget),),
        references=("Claim/b1/_history/1", "Coverage/nhs/_history/1"),
        payments={one.claim_id: 3 for one in numbered},
        entries=(0, 0, 0),
    )


def stated(*payments: Movement, **known: Any) -> Any:
    asked = Asked(at=known.pop("at", JUNE), made_at="2025-06-30T12:00:00Z", **known.pop("asked", {}))
    return statement(kept(*payments, **known), asked)


def test_versions_of_budgets_are_told_from_other_records() -> None:
    found = stated()
    assert (found.versions, found.references) == (("Claim/b1/_history/1",), ("Coverage/nhs/_history/1",))


def test_each_rule_is_quoted_from_the_catalogue() -> None:
    found = stated()
    assert [one.number for one in found.rules] == list(RULES)
    assert [one.says for one in found.rules] == [catalogue.CATALOGUE[one].says for one in RULES]
    assert found.catalogue == catalogue.version()


def test_the_body_that_comes_first_is_the_insurer_else_the_focal_funder() -> None:
    assert stated().insurer == "Organization/la"
    assert stated(budget=replace(BUDGET, insurer_id="lead")).insurer == "Organization/lead"
    assert stated(budget=replace(BUDGET, insurance=())).insurer == "Organization/icb"
    assert stated(budget=replace(BUDGET, provider="Organization/x")).provider == "Organization/x"


def test_a_funder_s_view_has_its_column_its_payments_and_no_lines() -> None:
    found = stated(paid(100, MAY), paid(50, MAY, 1), asked={"only_funder": "Organization/la"})
    assert [one.coverage_id for one in found.columns] == ["la"]
    assert [(one.total, one.shares) for one in found.payments] == [(50, (50,))]
    assert (found.lines, found.payments_in_all) == ((), 1)
    assert found.totals["paid"] == 150


def test_funders_have_their_own_names_else_those_of_their_streams() -> None:
    found = stated(asked={"names": {"Organization/icb": "The ICB"}})
    assert [one.name for one in found.columns] == ["The ICB", "Council adult social care", "Your own contribution"]


@pytest.mark.parametrize(
    ("one", "status", "moved"),
    [
        (paid(1, MAY), "paid", True),
        (paid(1, JULY), "scheduled", False),
        (paid(1, JULY)._replace(due_on=MAY), "due", False),
        (promised(1, MAY, status="on-hold"), "on-hold", False),
        (promised(1, MAY, status="cancelled"), "cancelled", False),
        (promised(1, MAY, status=None), "scheduled", False),
    ],
)
def test_a_payment_stands_as_it_did_at_the_end_of_the_day(one: Movement, status: str, *, moved: bool) -> None:
    (found,) = stated(one).payments
    assert (found.status, found.moved) == (status, moved)
    assert found.reference == "Claim/m000/_history/3"


def test_a_payment_shows_what_moved() -> None:
    assert stated(paid(100, MAY, paid_pence=80)).payments[0].total == 80


def test_payments_stand_in_order_of_time_and_very_many_are_cut_around_the_day() -> None:
    many = [paid(1, date(2025, 4, 1 + at % 28)) for at in range(LISTED)]
    far = promised(2, date(2026, 3, 1))
    found = stated(*many, far)
    assert (len(found.payments), found.payments_in_all) == (LISTED, LISTED + 1)
    assert 2 not in [one.total for one in found.payments]
    days = [one.day for one in stated(far, *many[:5]).payments]
    assert days == sorted(days)


def test_the_forecast_rests_on_the_basis_and_what_is_left_with_it() -> None:
    entries = (spent(9_000, MAY),)
    plan = stated(entries=entries).totals
    pace = stated(entries=entries, asked={"basis": "run-rate"}).totals
    assert pace["forecast"] != plan["forecast"]
    assert pace["forecast"] + pace["forecast-underspend"] == plan["forecast"] + plan["forecast-underspend"]


def test_a_line_without_words_is_called_by_its_category() -> None:
    named = stated().lines[0].text
    assert named == "Part of the budget"
    found = kept()
    lined = replace(found.books, versions=(version(line(category="therapy")),))
    asked = Asked(at=JUNE, made_at="")
    assert statement(replace(found, books=lined), asked).lines[0].text == "Therapy"


def test_contingency_has_two_figures_more() -> None:
    found = kept()
    lined = replace(found.books, versions=(version(line(), line(2, contingency=True)),))
    usual, reserve = statement(replace(found, books=lined), Asked(at=JUNE, made_at="")).lines
    assert set(reserve.totals) - set(usual.totals) == {"contingency-released", "contingency-used"}


def test_the_digest_changes_with_any_version() -> None:
    found = kept(paid(1, MAY))
    assert found.mark == kept(paid(1, MAY)).mark
    assert len(found.mark) == 12
    changed = (
        replace(found, payments={"m000": 4}),
        replace(found, entries=(1, 1, 1)),
        replace(found, references=("Claim/b1/_history/2",)),
    )
    assert found.mark not in {one.mark for one in changed}


def test_a_line_that_nothing_is_left_of_is_shown_only_when_money_went_through_it() -> None:
    replaced = version(line(), status="superseded")
    newer = version(line(rate=73_000), number=2)

    def shown(**known: Any) -> list[str]:
        found = kept(**known)
        both = replace(found, books=replace(found.books, versions=(replaced, newer)))
        return [one.budget_id for one in statement(both, Asked(at=JUNE, made_at="")).lines]

    assert shown() == ["b2"]
    assert shown(entries=(spent(1, MAY),)) == ["b1", "b2"]


def test_a_payment_has_moved_once_every_part_of_it_has() -> None:
    first, second = paid(60, MAY), paid(40, JULY, 1)._replace(claim_id="m")
    books_of_one = replace(kept(first).books, payments=(first, second))
    (found,) = statement(
        replace(kept(first), books=books_of_one, payments={"m": 1}), Asked(at=JUNE, made_at="")
    ).payments
    assert (found.moved, found.total, found.shares) == (False, 100, (60, 40, 0))
