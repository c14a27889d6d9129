"""A statement as ExplanationOfBenefit: valid, to the penny, and with every figure in its place.

Source: FHIR R4 explanationofbenefit.html; domain.md 8.3.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from mappings.explanation_of_benefit import notes, to_fhir
from mappings.lens import document, shape
from mappings.statement import (
    BY_FUNDER,
    ONLY_TOTAL,
    Statement,
    StatementColumn,
    StatementContact,
    StatementLine,
    StatementPayment,
    StatementRule,
)
from mappings.terminology import STATEMENT_TOTAL

FIRST: Final = date(2025, 4, 1)
LAST: Final = date(2026, 3, 31)
COLUMN: Final = StatementColumn(
    coverage_id="nhs",
    funder="Organization/icb",
    name="The ICB",
    stream="nhs-other",
    amounts={code: at for at, code in enumerate(BY_FUNDER)},
)
LINE: Final = StatementLine(
    budget_id="b",
    number=3,
    text="Therapy",
    category="therapy",
    option="direct-payment",
    contingency=False,
    start=FIRST,
    end=LAST,
    shares={"allocated": (7,), "planned-to-date": (5,), "spent": (-1,)},
    totals={"allocated": 7, "planned-to-date": 5, "spent": -1},
)
PAYMENT: Final = StatementPayment(
    reference="Claim/m/_history/2",
    kind="instalment",
    status="paid",
    moved=True,
    day=FIRST,
    start=FIRST,
    end=LAST,
    total=9,
    shares=(9,),
)
STATEMENT: Final = Statement(
    person="p",
    person_name="Somebody",
    at=FIRST,
    start=FIRST,
    end=LAST,
    basis="planned",
    totals={code: at for at, code in enumerate(STATEMENT_TOTAL)},
    options={"direct-payment": 7, "": 1},
    columns=(COLUMN,),
    only_funder=None,
    lines=(LINE,),
    payments=(PAYMENT,),
    payments_in_all=1,
    contact=StatementContact(reference="PractitionerRole/one", name="Mira", phone=None, email=None),
    budget_id="b",
    insurer="Organization/icb",
    provider="Organization/icb",
    versions=("Claim/b/_history/2", "Claim/a/_history/1"),
    references=("Coverage/nhs/_history/1",),
    mark="0123456789ab",
    rules=(StatementRule(number="R74", says="Contingency is a line of its own."),),
    catalogue="ba9876543210",
    made_at="2025-04-01T12:00:00.000Z",
)


def sent(one: Statement) -> Any:
    """The resource as it goes out, judged."""
    tree = document.parse(document.encode(to_fhir(one)))
    shape.judge(tree, expected_type="ExplanationOfBenefit")
    return tree


def test_every_figure_is_there_once_in_all_and_by_funder() -> None:
    tree = sent(STATEMENT)
    totals = [one["category"]["coding"][0]["code"] for one in tree["total"]]
    assert totals == [*STATEMENT_TOTAL, "direct-payment"]
    (balance,) = tree["benefitBalance"]
    assert [one["type"]["coding"][0]["code"] for one in balance["financial"]] == list(BY_FUNDER)
    assert not ONLY_TOTAL & set(BY_FUNDER)


def test_spent_says_what_is_allocated_beside_it() -> None:
    (balance,) = sent(STATEMENT)["benefitBalance"]
    (spent,) = [one for one in balance["financial"] if one["type"]["coding"][0]["code"] == "spent"]
    assert bytes(spent["allowedMoney"]["value"]) == f"0.{BY_FUNDER.index('allocated'):02}".encode()
    assert bytes(spent["usedMoney"]["value"]) == f"0.{BY_FUNDER.index('spent'):02}".encode()


def test_a_payment_points_to_its_claim_version() -> None:
    tree = sent(STATEMENT)
    line, payment = tree["item"]
    (source,) = [one for one in tree["supportingInfo"] if one["sequence"] in payment["informationSequence"]]
    assert source["valueReference"] == {"reference": "Claim/m/_history/2"}
    assert line["programCode"] == [{"text": "line 3 of Claim/b"}]
    assert "informationSequence" not in line


def test_the_version_in_force_comes_before_those_it_replaced() -> None:
    relations = [one["relationship"]["coding"][0]["code"] for one in sent(STATEMENT)["related"]]
    assert relations == ["pays-against", "supersedes"]


def test_it_is_valid_with_little_in_it() -> None:
    bare = replace(
        STATEMENT,
        person_name=None,
        contact=StatementContact(reference="Practitioner/one", name=None, phone=None, email=None),
        insurer="",
        provider="",
        columns=(replace(COLUMN, stream=""),),
        lines=(replace(LINE, category=None, option=None),),
        payments=(replace(PAYMENT, day=None, start=None, moved=False),),
        references=(),
    )
    tree = sent(bare)
    assert tree["insurer"] == tree["provider"] == {"display": "not recorded"}
    assert tree["benefitBalance"][0]["category"] == {"text": "The ICB"}
    assert "careTeam" not in sent(replace(bare, contact=None))


def test_contingency_is_marked() -> None:
    line, _ = sent(replace(STATEMENT, lines=(replace(LINE, contingency=True),)))["item"]
    assert [one["coding"][0]["code"] for one in line["modifier"]] == ["direct-payment", "contingency"]


def test_what_is_left_out_is_said() -> None:
    found = list(notes(replace(STATEMENT, payments_in_all=400)))
    assert found[-1].startswith("1 of 400 payments are listed")
    assert not any("payments are listed" in one for one in notes(STATEMENT))
    assert (
        "funder Organization/icb and total" in sent(replace(STATEMENT, only_funder="Organization/icb"))["disposition"]
    )


@given(st.lists(st.integers(-(10**11), 10**11), min_size=len(STATEMENT_TOTAL), max_size=len(STATEMENT_TOTAL)))
def test_amounts_go_out_to_the_penny(amounts: list[int]) -> None:
    totals = dict(zip(STATEMENT_TOTAL, amounts, strict=True))
    tree = sent(replace(STATEMENT, totals=totals, options={}))
    found = [bytes(one["amount"]["value"]).decode() for one in tree["total"]]
    assert [int(one.replace(".", "")) for one in found] == amounts
    assert all(one[-3] == "." for one in found)
