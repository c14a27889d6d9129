"""Rules R68 and R69: whether the money is enough."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from mappings.budget import BudgetLine
from mappings.condition import Need
from mappings.contract import AgreementSigner, AgreementTerm, DirectPaymentAgreement
from tests.fhir_gateway.phb.budgets import (
    AMOUNT,
    BUDGET,
    END,
    START,
    around,
    budget,
    charge,
    coverage_id,
    decision,
    estimate,
    joint,
    line,
    share,
    weights,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues

NHS = ("nhs-other",)
GRANT = ("nhs-other", "other-public")
COUNCIL = ("nhs-other", "la-adult-social-care")


# --- R68: enough for the needs --------------------------------------------------------------------------


def test_r68_breaks_when_a_grant_stands_in_for_the_nhs_on_a_health_line() -> None:
    record = budget(line(split_method="percentage", weights=weights(6_000, 4_000)), streams=GRANT)
    assert broken(record, *around(*GRANT), estimate(), id=BUDGET) == {"R68"}


def test_r68_says_by_how_much_the_nhs_share_is_short() -> None:
    record = budget(line(split_method="percentage", weights=weights(6_000, 4_000)), streams=GRANT)
    (found,) = [one for one in issues(record, *around(*GRANT), estimate(), id=BUDGET) if one.severity == "error"]
    assert "480.00" in found.diagnostics
    assert found.expression == "Claim.item[0]"


@pytest.mark.parametrize(
    "whole",
    [
        line(split_method="percentage", weights=weights(10_000, 0)),
        joint(6_000, 4_000),
        line(category="wheelchair-upgrade", split_method="percentage", weights=weights(0, 10_000)),
    ],
    ids=["all of it by the NHS", "a joint line", "an upgrade"],
)
def test_r68_holds_when_the_nhs_pays_its_own(whole: BudgetLine) -> None:
    assert broken(budget(whole, streams=GRANT), *around(*GRANT), estimate(), id=BUDGET) == set()


@pytest.mark.parametrize("said", [{"sufficiency_body_ok": False}, {"sufficiency_person_ok": False}])
def test_r68_breaks_when_one_side_says_that_it_is_too_little(said: dict[str, Any]) -> None:
    record = budget(budget_status="agreed", **said)
    assert broken(record, *around(*NHS), estimate(), filed(decision(), "dec"), id=BUDGET) == {"R68"}


def test_r68_holds_when_both_say_that_it_is_enough() -> None:
    record = budget(budget_status="agreed", sufficiency_body_ok=True, sufficiency_person_ok=True)
    assert broken(record, *around(*NHS), estimate(), filed(decision(), "dec"), id=BUDGET) == set()


@pytest.mark.parametrize("met_by", ["phb", "universal-service"])
def test_r68_compares_the_total_with_the_lines_of_the_needs_it_is_to_meet(met_by: str) -> None:
    need = made(Need, person_id=PERSON, need_type="health", health_concern=True, met_by=met_by)
    standing = [one for one in around(*NHS) if one.id != "need"]
    record = budget(total_pence=AMOUNT - 1)
    found = broken(record, *standing, filed(need, "need"), estimate(), id=BUDGET)
    assert ("R68" in found) == (met_by == "phb")


def test_r68_takes_the_cost_of_a_line_without_amount_from_its_terms() -> None:
    record = budget(line(amount_pence=None, rate_pence=AMOUNT), total_pence=AMOUNT - 1)
    assert "R68" in broken(record, *around(*NHS), estimate(), id=BUDGET)


@pytest.mark.parametrize("status", ["draft", "superseded", "declined"])
def test_r68_leaves_a_budget_alone_that_binds_nobody(status: str) -> None:
    record = budget(line(split_method="percentage", weights=weights(6_000, 4_000)), streams=GRANT, budget_status=status)
    assert "R68" not in broken(record, *around(*GRANT), estimate(), id=BUDGET)


# --- R69: each service in full --------------------------------------------------------------------------


def service(words: str, amount: int, interval: str | None = "monthly") -> AgreementTerm:
    return made(AgreementTerm, topic="Services", service=words, interval=interval, amount_pence=amount)


def agreement(*services: AgreementTerm, **known: Any) -> DirectPaymentAgreement:
    signed = datetime(2025, 3, 20, 10, tzinfo=UTC)
    signers = tuple(
        made(AgreementSigner, party=one, signed_at=signed) for one in (f"Patient/{PERSON}", "Organization/icb")
    )
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "executed",
        "start": START,
        "end": END,
        "body_id": "icb",
        "about": (f"Claim/{BUDGET}",),
        "terms": services,
        "signers": signers,
    }
    return made(DirectPaymentAgreement, **usual | known)


def paid(*lines: BudgetLine, streams: tuple[str, ...] = NHS) -> tuple[Any, ...]:
    direct = tuple(replace(one, management_option="direct-payment") for one in lines or (line(),))
    return (*around(*streams), filed(budget(*direct, streams=streams, budget_status="active"), BUDGET))


TWO = (line(1), line(2, description="Gym", amount_pence=60_000))
ONCE = (line(1), line(2, description="Tablet", amount_pence=30_000, frequency="one-off", flags=("one-off",)))
SPARE = (line(1), line(2, category="contingency", description="Spare", flags=("contingency",)))


@pytest.mark.parametrize(
    ("lines", "services"),
    [
        ((line(),), (service("Hydrotherapy", 9_999),)),
        ((line(),), (service("hydrotherapy ", 119_999, "annual"),)),
        ((line(),), (service("Everything", 2_300, "weekly"),)),
        ((line(),), (service("Everything", 8_500, "four-weekly"),)),
        (TWO, (service("Everything", 14_999),)),
        (TWO, (service("Hydrotherapy", 10_000), service("Other", 4_999))),
        (ONCE, (service("Everything", 10_000), service("Computer", 29_999, "one-off"))),
        (ONCE, (service("Everything", 10_000), service("Computer", 29_999, None))),
    ],
    ids=["named", "by the year", "by the week", "by four weeks", "together", "the rest", "once", "without interval"],
)
def test_r69_breaks_when_a_service_is_granted_less_than_it_costs(
    lines: tuple[BudgetLine, ...], services: tuple[AgreementTerm, ...]
) -> None:
    assert broken(agreement(*services), *paid(*lines), id="agr") == {"R69"}


@pytest.mark.parametrize(
    ("lines", "services"),
    [
        ((line(),), (service("Hydrotherapy", 10_000),)),
        ((line(),), (service("Hydrotherapy", 120_000, "annual"),)),
        (TWO, (service("Everything", 15_000),)),
        (TWO, (service("Hydrotherapy", 10_000), service("Gym", 5_000))),
        (ONCE, (service("Everything", 10_000),)),
        (ONCE, (service("Everything", 10_000), service("Tablet", 30_000, "one-off"))),
        (SPARE, (service("Everything", 10_000),)),
        ((line(),), ()),
    ],
    ids=["named", "by the year", "together", "both named", "single costs apart", "once", "contingency apart", "none"],
)
def test_r69_holds_when_each_service_has_its_full_cost(
    lines: tuple[BudgetLine, ...], services: tuple[AgreementTerm, ...]
) -> None:
    assert broken(agreement(*services), *paid(*lines), id="agr") == set()


def test_r69_says_what_is_granted_and_what_it_costs() -> None:
    (found,) = issues(agreement(service("Hydrotherapy", 9_999)), *paid(), id="agr")
    assert "1,199.88" in found.diagnostics
    assert "1,200.00" in found.diagnostics
    assert found.expression == "Contract.term[0].asset"


def test_r69_asks_of_each_body_its_own_part() -> None:
    standing = paid(joint(5_000, 5_000), streams=COUNCIL)
    assert broken(agreement(service("Everything", 5_000)), *standing, id="agr") == set()
    assert broken(agreement(service("Everything", 4_999)), *standing, id="agr") == {"R69"}


def test_r69_counts_what_the_person_pays_in_for_the_council() -> None:
    charged = filed(share("la-adult-social-care", client_contributions=(charge(600),)), coverage_id(COUNCIL[1]))
    standing = [one for one in paid(joint(5_000, 5_000), streams=COUNCIL) if one.id != coverage_id(COUNCIL[1])]
    monthly = -(-(60_000 - 31_286) // 12)
    own = agreement(service("Everything", monthly), body_id="council")
    less = agreement(service("Everything", monthly - 1), body_id="council")
    assert broken(own, *standing, charged, id="agr") == set()
    assert broken(less, *standing, charged, id="agr") == {"R69"}


@pytest.mark.parametrize(
    "known",
    [
        {"status": "offered"},
        {"about": (), "start": date(2020, 1, 1), "end": date(2020, 12, 31)},
        {"about": ("Claim/x",)},
    ],
    ids=["not signed", "no budget then", "an unknown budget"],
)
def test_r69_leaves_an_agreement_alone_that_cannot_be_compared(known: dict[str, Any]) -> None:
    record = agreement(service("Hydrotherapy", 1), **known)
    standing = paid() if known.get("about") != ("Claim/x",) else around(*NHS)
    assert "R69" not in broken(record, *standing, id="agr")


def test_r69_asks_for_the_whole_cost_where_the_split_does_not_say_whose_it_is() -> None:
    standing = paid(joint(5_000, 4_000), streams=COUNCIL)
    assert "R69" in broken(agreement(service("Everything", 9_999)), *standing, id="agr")
    assert "R69" not in broken(agreement(service("Everything", 10_000)), *standing, id="agr")
