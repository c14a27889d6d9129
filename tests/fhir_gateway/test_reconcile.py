"""$reconcile over HTTP: the demonstration's ledger against a list made from it, with one fault of each kind."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fhir_gateway.demo.case import COUNCIL, ICB
from fhir_gateway.demo.entry import Entry, entry
from fhir_gateway.demo.people import FILES
from fhir_gateway.store.reconciliation import payment_list
from mappings.claim_response import FunderAnswer
from mappings.lens import document, shape
from mappings.namespaces import ODS_CODE
from mappings.payment_reconciliation import MAPPING
from tests.fhir_gateway import stocked
from tests.fhir_gateway.api import Api, Json, refused

LIST = "made/icb.csv"
ISSUER = f"{ODS_CODE}|QZZ"
DAY = timedelta(days=1)


def ledger() -> list[Entry]:
    """What the ICB says it paid for Janice, in order of days."""
    found = [one for one in FILES["janice"] if isinstance(one.record, FunderAnswer) and one.record.paid_on]
    mine = [one for one in found if one.record.funder_id == ICB]
    return sorted(mine, key=lambda one: (one.record.paid_on, one.id))


def row(at: int, answer: FunderAnswer, **known: Any) -> Entry:
    usual: dict[str, Any] = {
        "list_id": LIST,
        "row_id": f"row-{at}",
        "status": "active",
        "created": answer.paid_on,
        "paid_on": answer.paid_on,
        "amount_pence": answer.paid_pence,
        "issuer": ISSUER,
        "outcome": "complete",
        "payment_ref": answer.payment_ref,
    }
    return entry(f"row-{at:02}", MAPPING, **usual | known)


def listed() -> list[Entry]:
    """A list that shows the ledger as it is."""
    return [row(at, one.record) for at, one in enumerate(ledger())]


def changed(one: Entry, **known: Any) -> Entry:
    return replace(one, record=replace(one.record, **known))


def stock(api: Api, rows: list[Entry]) -> None:
    stocked.people(api.gateway, "janice")
    stocked.put(api.gateway, rows)


def asked(api: Api, query: str = f"list={LIST}", **headers: str) -> Any:
    reply = api.get(f"PaymentReconciliation/$reconcile?{query}", **headers)
    assert reply.status_code == 200, reply.text
    return reply


def parameters(tree: Json, name: str) -> list[Any]:
    found = [one for one in tree["parameter"] if one["name"] == name]
    return [next(value for key, value in one.items() if key != "name") for one in found]


def lines(tree: Json) -> list[dict[str, Any]]:
    return [
        {part["name"]: next(value for key, value in part.items() if key != "name") for part in one}
        for one in parameters(tree, "line")
    ]


def test_a_list_made_from_the_ledger_agrees_to_the_penny(api: Api) -> None:
    stock(api, listed())
    shape.judge(document.parse(asked(api).content), expected_type="Parameters")
    tree = asked(api).json()
    total = sum(one.record.paid_pence for one in ledger())
    assert parameters(tree, "agrees") == [True]
    assert parameters(tree, "matched") == [len(ledger())]
    assert b'"listed","valueMoney":{"value":%d.%02d,' % divmod(total, 100) in asked(api).content
    assert parameters(tree, "difference") == [{"value": 0.0, "currency": "GBP"}]
    assert {one["verdict"] for one in lines(tree)} == {"matched"}


def faulty_rows() -> list[Entry]:
    """One row too dear, one a day late, one twice, one that nobody paid, and one payment left out."""
    first, second, third, _, *rest = listed()
    answers = [one.record for one in ledger()]
    return [
        changed(first, amount_pence=first.record.amount_pence + 1),
        changed(second, paid_on=second.record.paid_on + DAY),
        third,
        row(91, answers[2]),
        row(90, answers[3], payment_ref="BACS-0000", amount_pence=4_200),
        *rest,
    ]


def test_each_fault_has_its_verdict(api: Api) -> None:
    first, second, _, left_out, *rest = ledger()
    stock(api, faulty_rows())
    found = {one["verdict"]: one for one in lines(asked(api).json())}
    assert set(found) == {
        "matched",
        "amount-differs",
        "date-differs",
        "not-in-ledger",
        "listed-twice",
        "not-on-list",
    }
    assert found["amount-differs"]["difference"] == {"value": 0.01, "currency": "GBP"}
    assert found["amount-differs"]["payment"] == {"reference": f"ClaimResponse/{first.id}"}
    assert found["date-differs"]["row-on"] == str(second.record.paid_on + DAY)
    assert found["date-differs"]["payment-on"] == str(second.record.paid_on)
    assert found["not-in-ledger"]["row"] == {"reference": "PaymentReconciliation/row-90"}
    assert found["not-on-list"]["payment"] == {"reference": f"ClaimResponse/{left_out.id}"}
    assert "row" not in found["not-on-list"]
    assert len(rest) + 1 == sum(one["verdict"] == "matched" for one in lines(asked(api).json()))


def test_the_table_says_the_same_as_the_parameters(api: Api) -> None:
    stock(api, faulty_rows())
    reply = asked(api, Accept="text/csv")
    assert reply.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(reply.text)))
    tree = asked(api).json()
    sums = {one["verdict"]: one for one in table if one["verdict"].startswith("sum")}
    told = [one for one in table if not one["verdict"].startswith("sum")]
    assert [one["verdict"] for one in told] == [one["verdict"] for one in lines(tree)]
    assert [one["difference"] for one in told] == [f"{one['difference']['value']:.2f}" for one in lines(tree)]
    for side in ("listed", "paid", "difference"):
        assert Decimal(sums["sum"][side]) == sum(Decimal(one[side] or 0) for one in told)
        assert Decimal(sums["sum"][side]) == Decimal(f"{parameters(tree, side)[0]['value']:.2f}")
    assert int(sums["sum matched"]["row"]) == parameters(tree, "matched")[0]


def test_money_that_came_back_stands_below_zero_on_both_sides(api: Api) -> None:
    claim = next(one for one in FILES["janice"] if one.id == "janice-pay-nhs-1")
    back = changed(replace(claim, id="janice-back"), payment_kind="recovery", payment_id=None)
    answer = changed(replace(ledger()[0], id="janice-got"), claim_id="janice-back", payment_ref="BACK-1")
    returned = row(50, answer.record, amount_pence=-answer.record.paid_pence)
    stock(api, [back, answer, *listed(), returned])
    assert parameters(asked(api).json(), "agrees") == [True]


def test_a_list_of_a_body_that_is_not_known_here_is_all_not_in_the_ledger(api: Api) -> None:
    stock(api, [changed(one, issuer=None, issuer_name="Elsewhere") for one in listed()])
    tree = asked(api).json()
    assert {one["verdict"] for one in lines(tree)} == {"not-in-ledger"}
    named = asked(api, f"list={LIST}&funder=Organization/{ICB}").json()
    assert parameters(named, "agrees") == [True]
    council = asked(api, f"list={LIST}&funder=Organization/{COUNCIL}").json()
    assert {one["verdict"] for one in lines(council)} == {"not-in-ledger", "not-on-list"}


def test_only_the_days_that_are_asked_for_are_missed(api: Api) -> None:
    stock(api, listed()[:1])
    assert parameters(asked(api).json(), "not-on-list") == [0]
    year = asked(api, f"list={LIST}&start=2025-04-01&end=2026-03-31").json()
    assert parameters(year, "not-on-list") == [len(ledger()) - 1]


def test_the_lists_own_period_counts_where_it_says_one(api: Api) -> None:
    stock(api, [changed(listed()[0], start=date(2025, 4, 1), end=date(2025, 6, 30))])
    found = api.gateway.database.read(lambda session: payment_list(session, LIST))
    assert (found.issuers, found.covers and found.covers.end) == ((ICB,), date(2025, 6, 30))
    missing = [one for one in ledger()[1:] if one.record.paid_on <= date(2025, 6, 30)]
    assert parameters(asked(api).json(), "not-on-list") == [len(missing)]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("list=unknown", 404),
        (f"list={LIST}&start=2025-04-01", 400),
        (f"list={LIST}&end=2025-04-01", 400),
        (f"list={LIST}&start=2025-04-02&end=2025-04-01", 400),
        (f"list={LIST}&start=2025-02-30&end=2025-04-01", 400),
        (f"list={LIST}&funder=Patient/janice", 400),
        (f"list={LIST}&other=1", 400),
    ],
)
def test_what_cannot_be_reconciled_is_refused(api: Api, query: str, status: int) -> None:
    stock(api, listed())
    refused(api.get(f"PaymentReconciliation/$reconcile?{query}"), status)


@pytest.mark.parametrize(
    "scope", ["system/PaymentReconciliation.rs", "system/*.rs?patient=Patient/janice", "system/Claim.rs"]
)
def test_whoever_may_not_read_both_sides_is_refused(api: Api, scope: str) -> None:
    stock(api, listed())
    assert api.client(scope, "narrow").get(f"PaymentReconciliation/$reconcile?list={LIST}").status_code == 403


def test_a_reference_that_looks_like_a_formula_stays_text_in_the_table(api: Api) -> None:
    stock(api, [changed(listed()[0], payment_ref='=HYPERLINK("http://example.org")')])
    assert "\"'=HYPERLINK" in asked(api, Accept="text/csv").text
