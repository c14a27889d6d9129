"""Each condition of the access table: a row that meets it, one that does not, the days on the edge; both databases."""

from datetime import date
from typing import Any, Final

import pytest
from sqlalchemy import delete, insert

from auth.principal import Principal
from auth.scopes import ScopeSet
from fhir_gateway.access.asker import Asker
from fhir_gateway.access.conditions import condition
from fhir_gateway.demo.entry import Entry, entry, made
from fhir_gateway.store import records
from fhir_gateway.store.tables import TIE
from mappings import account, budget, communication, expenditure, goal, group, organization, patient
from mappings import payment_reconciliation as lists
from mappings import practitioner_role as roles
from mappings.budget_line import BudgetLine
from mappings.decision import DECISION
from mappings.lens.query import Clause
from tests.fhir_gateway import stocked
from tests.fhir_gateway.access.case import tie
from tests.fhir_gateway.api import Api

TODAY: Final = date(2026, 1, 31)
NOW: Final = 1_000_000
US: Final = "Organization/us"


def asker(role: str = "icb", who: tuple[str, ...] = (US,), **known: Any) -> Asker:
    principal = Principal(
        client_id="c", name="c", scopes=ScopeSet.parse("system/*.rs"), token_digest="", role=role, organisation="us"
    )
    usual: dict[str, Any] = {"principal": principal, "role": role, "who": who, "now": NOW, "day": TODAY}
    return Asker(**usual | known)


def line(no: int, option: str, provider: int) -> BudgetLine:
    return made(BudgetLine, line_no=no, management_option=option, provider_sequences=(provider,), goal_sequences=(no,))


def spent(id_: str, *numbers: int) -> Entry:
    lines = tuple(
        made(expenditure.ExpenditureLine, sequence=at, budget_line=no, amount_pence=1)
        for at, no in enumerate(numbers, start=1)
    )
    known: dict[str, Any] = {"person_id": "a", "status": "active", "pays_against_id": "budget", "lines": lines}
    return entry(id_, expenditure.EXPENDITURE, **known)


def pool(id_: str, *people: str) -> Entry:
    members = tuple(made(group.PoolMember, member=one) for one in people)
    return entry(id_, group.MAPPING, active=True, name=id_, members=members)


def person(id_: str) -> Entry:
    return entry(id_, patient.MAPPING, active=True, name=id_)


SENT: Final[dict[str, Any]] = {"person_id": "a", "status": "completed", "notice_kind": "transfer"}
WORLD: Final = (
    entry("us", organization.MAPPING, active=True, name="us", ods_code="XX1"),
    entry("us-role", roles.MAPPING, active=True, organisation="us", roles=("care-coordinator",)),
    entry("them-role", roles.MAPPING, active=True, organisation="them", roles=("care-coordinator",)),
    *(person(one) for one in ("a", "b", "other")),
    entry("hidden", patient.MAPPING, restricted=True, active=True, name="hidden"),
    pool("one", "a"),
    pool("both", "a", "b"),
    pool("neither", "other"),
    entry(
        "budget",
        budget.AGREED,
        person_id="a",
        status="active",
        goals=tuple(made(budget.BudgetGoal, sequence=no, goal_id=f"goal-{no}") for no in (1, 2, 12)),
        providers=(
            made(budget.BudgetProvider, sequence=1, provider=US),
            made(budget.BudgetProvider, sequence=2, provider="Organization/them"),
        ),
        lines=(line(1, "direct-payment", 1), line(2, "third-party", 2), line(12, "notional", 2)),
    ),
    *(entry(f"goal-{no}", goal.MAPPING, person_id="a", lifecycle="active", kind="health") for no in (1, 2, 3, 12)),
    spent("spent-1", 1),
    spent("spent-2", 2),
    spent("spent-both", 1, 2),
    spent("spent-none"),
    entry(
        "account",
        account.MAPPING,
        person_id="a",
        status="active",
        management_option="third-party",
        owner=US,
    ),
    entry("row-id", lists.MAPPING, list_id="l", row_id="1", status="active", issuer="us", amount_pence=1),
    entry("row-other", lists.MAPPING, list_id="l", row_id="2", status="active", issuer="them", amount_pence=1),
    *(
        entry(
            f"by-{one}",
            DECISION,
            person_id="a",
            status="completed",
            intent="order",
            decision_subject="plan",
            owner=owner,
        )
        for one, owner in (("us", US), ("role", "PractitionerRole/us-role"), ("them", "PractitionerRole/them-role"))
    ),
    *(
        entry(f"to-{at}", communication.NOTICE, **SENT, recipients=to)
        for at, to in enumerate(((US,), ("Patient/a", US), ("Organization/us-2",), ()))
    ),
)


@pytest.fixture
def world(api: Api) -> Api:
    stocked.put(api.gateway, WORLD)
    return api


def admitted(api: Api, resource_type: str, clause: Clause) -> set[str]:
    """Ids of the rows of the world that a clause admits."""
    ids = [one.id for one in WORLD if one.mapping.resource_type == resource_type]
    return set(api.gateway.database.read(lambda session: records.admitted(session, resource_type, ids, clause)))


def tied(api: Api, *rows: dict[str, Any]) -> None:
    api.write(lambda conn: conn.execute(delete(TIE)))
    api.write(lambda conn: conn.execute(insert(TIE), list(rows)))


def test_conditions_on_what_a_record_says(world: Api) -> None:
    def rows(kind: str, text: str, **known: Any) -> set[str]:
        resource_type, _, name = kind.partition("/")
        return admitted(world, resource_type, condition(asker(**known), (resource_type, name), text))

    assert rows("Task/decision", "owner@us") == {"by-us", "by-role"}
    assert rows("Communication/notice", "recipients~me") == {"to-0", "to-1"}
    assert rows("Communication/notice", "recipients~me", who=()) == set()
    assert rows("Claim/agreed-budget", "providers.provider=me") == {"budget"}
    assert rows("Claim/agreed-budget", "providers.provider=me", who=("Organization/%",)) == set()
    assert rows("Account/payment-arrangement", "owner=me") == {"account"}
    assert rows("Account/payment-arrangement", "management_option=third-party") == {"account"}
    assert rows("Account/payment-arrangement", "management_option!=third-party") == set()
    assert rows("Account/payment-arrangement", "account_kind!=held") == {"account"}  # where nothing is said as well
    assert rows("PaymentReconciliation/payment-list-row", "issued") == {"row-id"}
    assert rows("Patient/person", "unrestricted") == {"a", "b", "other"}
    assert rows("Patient/person", "me", who=("Patient/b",)) == {"b"}


def test_conditions_on_the_budget_line_behind_a_record(world: Api) -> None:
    def rows(kind: str, text: str, **known: Any) -> set[str]:
        resource_type, _, name = kind.partition("/")
        return admitted(world, resource_type, condition(asker(**known), (resource_type, name), text))

    assert rows("Goal/outcome", "own-lines") == {"goal-1"}
    assert rows("Goal/outcome", "own-lines", who=("Organization/them",)) == {"goal-2", "goal-12"}
    assert rows("Goal/outcome", "funded") == {"goal-1", "goal-2", "goal-12"}
    assert rows("Goal/outcome", "direct-payment-lines") == {"goal-1"}
    assert rows("Goal/outcome", "third-party-lines") == {"goal-2"}
    assert rows("Claim/expenditure-entry", "spent-direct-payment") == {"spent-1"}
    assert rows("Claim/expenditure-entry", "spent-third-party") == {"spent-2"}
    entries = {"budget", "spent-1", "spent-2", "spent-both", "spent-none"}
    assert rows("Claim/expenditure-entry", "keeps-third-party") == entries
    assert rows("Claim/expenditure-entry", "keeps-direct-payment") == set()
    assert rows("Claim/expenditure-entry", "keeps-third-party", who=("Organization/them",)) == set()


def test_conditions_on_the_members_of_a_pool(world: Api) -> None:
    def rows(text: str, **known: Any) -> set[str]:
        return admitted(world, "Group", condition(asker(**known), ("Group", "pool"), text))

    tied(world, tie("responsible", US, person="a"), tie("delegate", US, person="other", until=NOW))
    assert (rows("some-members"), rows("every-member")) == ({"one", "both"}, {"one"})
    tied(world, tie("responsible", US, person="a"), tie("delegate", US, person="b", end=TODAY))
    assert (rows("some-members"), rows("every-member")) == ({"one", "both"}, {"one", "both"})
    tied(world, tie("self", "Patient/b", person="b"), tie("self", "Patient/b", person="a"))
    assert rows("some-members", role="person", who=("Patient/b",), patient="b") == {"both"}


START, END = date(2026, 1, 1), date(2026, 1, 31)
EDGES: Final = [
    (date(2025, 12, 1), date(2025, 12, 31), False),
    (date(2025, 12, 1), date(2026, 1, 1), True),
    (date(2026, 1, 31), date(2026, 2, 28), True),
    (date(2026, 2, 1), date(2026, 2, 28), False),
    (date(2025, 1, 1), None, True),
    (date(2026, 2, 1), None, False),
    (None, date(2026, 1, 1), True),
    (None, date(2025, 12, 31), False),
]


def test_a_tie_opens_the_records_of_its_days(api: Api) -> None:
    known: dict[str, Any] = {"person_id": "a", "status": "active", "management_option": "notional"}
    accounts = [entry(f"n{at}", account.MAPPING, **known, start=s, end=e) for at, (s, e, _) in enumerate(EDGES)]
    stocked.put(api.gateway, (person("a"), *accounts, entry("none", account.MAPPING, **known)))
    tied(api, tie("delegate", US, START, END, person="a"))
    ids = [*(f"n{at}" for at in range(len(EDGES))), "none"]

    def rows(text: str, **of_asker: Any) -> set[str]:
        clause = condition(asker(**of_asker), ("Account", "payment-arrangement"), text)
        return set(api.gateway.database.read(lambda session: records.admitted(session, "Account", ids, clause)))

    within = {f"n{at}" for at, (_, _, inside) in enumerate(EDGES) if inside}
    assert rows("tied") == within | {"none"}
    assert rows("tied", day=date(2026, 2, 1)) == within  # what has no day lies on the asker's
    assert rows("tied-now") == set(ids)
    assert rows("tied-now", day=START) == set(ids)
    assert rows("tied-now", day=date(2025, 12, 31)) == rows("tied-now", day=date(2026, 2, 1)) == set()
    assert rows("tied", who=("Organization/them",)) == rows("tied", role="council") == rows("tied", who=()) == set()


def test_a_tie_holds_from_its_first_instant_to_just_before_its_last(api: Api) -> None:
    stocked.put(api.gateway, (person("a"),))

    def holds(since: int, until: int, text: str = "tied-now", kind: str = "responsible") -> bool:
        tied(api, tie(kind, US, person="a", since=since, until=until))
        clause = condition(asker(), ("Patient", "person"), text)
        return bool(api.gateway.database.read(lambda session: records.admitted(session, "Patient", ("a",), clause)))

    assert holds(NOW, NOW + 1)
    assert not holds(NOW + 1, NOW + 2)
    assert not holds(NOW - 1, NOW)
    assert holds(NOW, NOW + 1, "emergency", "emergency")
    assert not holds(NOW - 1, NOW, "emergency", "emergency")
    assert holds(NOW, NOW + 1, "shared", "shared")
    assert not holds(NOW, NOW + 1, "shared")
    assert holds(NOW, NOW + 1, "gate", "gate")


def test_a_gate_is_open_to_the_body_it_names_and_to_the_coordinator(api: Api) -> None:
    stocked.put(api.gateway, (person("a"),))
    tied(api, tie("gate", "Organization/them", person="a"))

    def opened(**known: Any) -> bool:
        clause = condition(asker(**known), ("Patient", "person"), "gate")
        return bool(api.gateway.database.read(lambda session: records.admitted(session, "Patient", ("a",), clause)))

    assert not opened()
    assert opened(who=("Organization/them",))
    assert opened(role="coordinator", who=("PractitionerRole/x",))


def test_a_person_reaches_no_further_than_the_launch(api: Api) -> None:
    stocked.put(api.gateway, (person("a"), person("b")))
    tied(api, *(tie("representative", "RelatedPerson/r", person=one) for one in ("a", "b")))
    speaks = asker(role="representative", who=("RelatedPerson/r",), patient="a")
    clause = condition(speaks, ("Patient", "person"), "tied-now")
    rows = api.gateway.database.read(lambda session: records.admitted(session, "Patient", ("a", "b"), clause))
    assert rows == {"a"}
