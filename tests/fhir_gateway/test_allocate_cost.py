"""$allocate-cost over HTTP: five friends sail for 1,850.01, each from their own 400.00 (example 3)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.phb.records import made
from fhir_gateway.store.facts import MAPPING_OF
from mappings.budget import AgreedBudget, BudgetGoal, BudgetLine
from mappings.claim_parts import ClaimCoverage
from mappings.consent import PhbConsent
from mappings.coverage import FunderContribution
from mappings.goal import Outcome
from mappings.group import Pool, PoolMember
from mappings.lens import document
from mappings.organization import Organisation
from mappings.patient import Person
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.running_world import broken, change, record_at
from tests.fhir_gateway.stocked import put
from tests.fhir_gateway.submitted_world import resources, tree

FRIENDS = ("ann", "bob", "cy", "dee", "eve")
GIVEN = 40_000
SHARES = ["370.01", "370.00", "370.00", "370.00", "370.00"]
START, END = date(2025, 4, 1), date(2026, 3, 31)
SAILED = "2025-07-05"
ADDRESS = "Group/sailors/$allocate-cost"


def entry(id: str, record: Any) -> Entry:  # noqa: A002
    return Entry(id, MAPPING_OF[type(record)], record)


def friend(who: str) -> tuple[Entry, ...]:
    """Somebody with one line of 400.00 that the ICB pays, who consents to pooling it."""
    line = made(
        BudgetLine,
        line_no=1,
        category="exercise-and-activity",
        description="Sailing",
        management_option="notional",
        need_type="health",
        goal_sequences=(1,),
        frequency="one-off",
        rate_pence=GIVEN,
        amount_pence=GIVEN,
    )
    budget = made(
        AgreedBudget,
        person_id=who,
        status="active",
        budget_status="active",
        budget_kind="one-off",
        created=START,
        start=START,
        end=END,
        provider="Organization/icb",
        insurer_id="icb",
        insurance=(made(ClaimCoverage, sequence=1, focal=True, coverage_id=f"{who}-nhs"),),
        goals=(BudgetGoal(sequence=1, goal_id=f"{who}-goal"),),
        total_pence=GIVEN,
        lines=(line,),
    )
    share = made(FunderContribution, person_id=who, status="active", stream="nhs-one-off", funder="Organization/icb")
    consent = made(PhbConsent, person_id=who, status="active", consent_subject="pool-funds", given_on=START)
    goal = made(Outcome, person_id=who, kind="wellbeing", lifecycle="active", statement="I sail")
    records = {"nhs": share, "budget": budget, "consent": consent, "goal": goal}
    return (entry(who, made(Person, active=True)), *(entry(f"{who}-{slug}", one) for slug, one in records.items()))


def member(who: str, **known: Any) -> PoolMember:
    usual: dict[str, Any] = {
        "member": who,
        "start": START,
        "contribution_pence": GIVEN,
        "consent_id": f"{who}-consent",
        "budget_id": f"{who}-budget",
        "line_no": 1,
    }
    return made(PoolMember, **usual | known)


@pytest.fixture
def crew(api: Api) -> Api:
    """The five friends and their pool."""
    icb = entry("icb", made(Organisation, name="ICB", roles=("funder",), funder_kind="nhs-icb"))
    put(api.gateway, (icb, *(one for who in FRIENDS for one in friend(who))))
    pool = made(Pool, active=True, name="The sailors", purpose="A boat", members=tuple(map(member, FRIENDS)))
    reply = api.put("Group/sailors", tree(pool, "sailors"))
    assert reply.status_code == 201, reply.text
    return api


def cost(amount: str = "1850.01", **other: str) -> Any:
    """The Parameters of a cost."""
    text = {"payee": "The sailing club", "description": "A weekend on the water"} | other
    day = text.pop("date", SAILED)
    return document.parse(
        document.encode(
            {
                "resourceType": "Parameters",
                "parameter": [
                    {"name": "date", "valueDate": day},
                    *({"name": name, "valueString": value} for name, value in text.items() if value),
                ],
            }
        ).replace(b'"parameter":[', b'"parameter":[{"name":"amount","valueDecimal":' + amount.encode() + b"},")
    )


def total(claim: Any) -> str:
    return bytes(claim["total"]["value"]).decode()


def test_the_cost_is_entered_for_each_to_the_penny(crew: Api) -> None:
    reply = crew.post(ADDRESS, cost())
    claims = [one["resource"] for one in document.parse(reply.content)["entry"]]
    assert len(resources(reply, "Claim")) == len(FRIENDS)
    assert [total(one) for one in claims] == SHARES
    assert sum(Decimal(total(one)) for one in claims) == Decimal("1850.01")
    assert [one["patient"]["reference"] for one in claims] == [f"Patient/{who}" for who in FRIENDS]
    assert all(crew.get(f"Claim/{one['id']}").status_code == 200 for one in claims)


def test_each_entry_is_on_the_members_own_line_and_restricted(crew: Api) -> None:
    (found,) = (
        one for one in resources(crew.post(ADDRESS, cost()), "Claim") if one["patient"]["reference"].endswith("cy")
    )
    assert found["related"][0]["claim"] == {"reference": "Claim/cy-budget"}
    assert found["item"][0]["servicedDate"] == SAILED
    assert found["meta"]["security"][0]["code"] == "R"


def test_who_leaves_takes_the_rest_back(crew: Api) -> None:
    crew.post(ADDRESS, cost())
    last = date(2025, 8, 31)
    members = [member(who) for who in FRIENDS]
    gone = (member("ann", end=last), *members[1:])
    assert broken(change(crew, "Group/sailors", members=gone)) == {"R156"}
    paid_back = (member("ann", end=last, contribution_pence=GIVEN - 2_999), *members[1:])
    assert change(crew, "Group/sailors", members=paid_back).status_code == 200
    assert record_at(crew, "Claim/ann-budget").total_pence == GIVEN


def test_nobody_pays_for_another_and_nothing_is_stored(crew: Api) -> None:
    assert crew.post(ADDRESS, cost("1700.00")).status_code == 200
    before = crew.changes()
    reply = crew.post(ADDRESS, cost("300.05"))
    assert broken(reply) == {"R156"}
    assert reply.json()["issue"][0]["expression"] == ["Group.member[0]"]
    assert crew.changes() == before
    assert crew.post(ADDRESS, cost("300.00")).status_code == 200


def test_a_pool_that_is_over_shares_nothing(crew: Api) -> None:
    assert change(crew, "Group/sailors", active=False).status_code == 200
    assert broken(crew.post(ADDRESS, cost())) == {"R155"}


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1850.015", "1e3", "12345678901", '"many"'])
def test_an_amount_that_is_none_is_refused(crew: Api, amount: str) -> None:
    before = crew.changes()
    refused(crew.post(ADDRESS, cost(amount)), 400)
    assert crew.changes() == before


@pytest.mark.parametrize("other", [{"date": "2999-01-01"}, {"payee": ""}, {"description": ""}, {"payee": "x" * 501}])
def test_what_is_missing_or_to_come_is_refused(crew: Api, other: dict[str, str]) -> None:
    refused(crew.post(ADDRESS, cost(**other)), 400)


def test_an_unknown_pool_is_not_found(crew: Api) -> None:
    refused(crew.post("Group/nobody/$allocate-cost", cost()), 404, code="not-found")
    refused(crew.post("Group/icb/$allocate-cost", cost()), 404, code="not-found")


def test_whoever_may_not_write_claims_may_not_share_a_cost(crew: Api) -> None:
    reader = crew.client("system/*.rs")
    refused(reader.post(ADDRESS, cost()), 403, code="forbidden")
