"""A budget version replaced in mid-year, a start part-way through one, options mixed: over HTTP, to the penny."""

from dataclasses import replace
from datetime import date
from typing import Any

from fhir_gateway.phb.case.books import books_of
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.figures import Figures, figures
from fhir_gateway.phb.in_force import windows
from fhir_gateway.store.facts import Facts
from mappings.budget import AgreedBudget
from mappings.lens import document
from mappings.lens.values import pence_of
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.running_world import BODIES, broken, change, record_at, running, state_of, version
from tests.fhir_gateway.submitted_world import (
    CONTINGENCY,
    PERSON,
    THERAPY,
    TRANSPORT,
    VISITS,
    decision,
    line,
    lines,
    tree,
)

OCTOBER = date(2025, 10, 1)
FIRST = (THERAPY * VISITS, TRANSPORT, CONTINGENCY)
SECOND = (1_825_000, TRANSPORT, CONTINGENCY)
YEAR = sum(FIRST)
MORE = (line(1, "therapy", SECOND[0], {1: 5_750, 2: 4_250}), *lines()[1:])


def figures_at(api: Api, day: date, budget: str = "budget") -> Figures:
    """The figures of a budget and its versions as at a day."""

    def work(session: Any) -> Figures:
        case = CaseFile(Facts(session), PERSON, day)
        filed = case.filed(f"Claim/{budget}")
        assert filed is not None
        books = books_of(case, filed)
        assert books is not None
        return figures(books, day)

    return api.gateway.database.read(work)


def agreed(api: Api, second: AgreedBudget) -> None:
    """A second version, put to the funders and approved by both."""
    assert api.put("Claim/second", tree(second, "second")).status_code == 201
    for body in BODIES:
        reply = api.put(f"Task/second-{body}", tree(decision(body, about="Claim/second"), f"second-{body}"))
        assert reply.status_code == 201, reply.text


def what_was_agreed(api: Api, place: str) -> bytes:
    """The text of a budget but for its status."""
    found = document.parse(api.get(place).content)
    return document.encode({name: found[name] for name in found if name not in {"meta", "status", "extension"}})


def test_a_version_that_is_approved_is_agreed_and_the_one_in_force_goes_on(api: Api) -> None:
    running(api)
    agreed(api, version(OCTOBER))
    assert (state_of(api, "Claim/second"), state_of(api, "Claim/budget")) == ("agreed", "active")
    answers = api.entries("ClaimResponse?request=Claim/second")
    assert {one["resource"]["insurer"]["reference"] for one in answers} == {"Organization/icb", "Organization/council"}


def test_once_active_it_supersedes_the_one_before_whose_words_and_sums_stay(api: Api) -> None:
    running(api)
    agreed(api, version(OCTOBER))
    before = what_was_agreed(api, "Claim/budget")
    assert change(api, "Claim/second", budget_status="active").status_code == 200
    assert (state_of(api, "Claim/second"), state_of(api, "Claim/budget")) == ("active", "superseded")
    assert api.get("Claim/budget").json()["status"] == "cancelled"
    assert what_was_agreed(api, "Claim/budget") == before
    (told,) = api.entries("Provenance?agent=Device/phb-gateway&target=Claim/budget")
    assert told["resource"]["entity"][0]["what"] == {"reference": "Claim/second"}


def test_the_figures_change_with_the_version_to_the_penny(api: Api) -> None:
    running(api)
    assert figures_at(api, date(2025, 9, 30)).total.allocated == YEAR
    agreed(api, version(OCTOBER, *MORE))
    change(api, "Claim/second", budget_status="active")
    now = figures_at(api, OCTOBER)
    assert now.total.allocated == sum(_for(183, one) for one in FIRST) + sum(_for(182, one) for one in SECOND)
    assert sum(one.allocated for one in now.funders) == now.total.allocated


def _for(days: int, amount: int) -> int:
    """Pence of a yearly amount for days of 2025/26, rounded half up."""
    return (2 * amount * days + 365) // 730


def test_the_days_of_two_versions_meet(api: Api) -> None:
    running(api)
    agreed(api, version(OCTOBER))
    change(api, "Claim/second", budget_status="active")

    def work(session: Any) -> list[tuple[date, date]]:
        case = CaseFile(Facts(session), PERSON, OCTOBER)
        filed = case.filed("Claim/second")
        assert filed is not None
        books = books_of(case, filed)
        assert books is not None
        return [(span.start, span.end) for _, span in windows(books.versions, books.period) if span is not None]

    assert api.gateway.database.read(work) == [
        (date(2025, 4, 1), date(2025, 9, 30)),
        (OCTOBER, date(2026, 3, 31)),
    ]


def test_a_second_active_version_that_names_no_other_is_refused(api: Api) -> None:
    running(api)
    reply = api.put("Claim/second", tree(version(OCTOBER, supersedes_id=None, version=1), "second"))
    assert broken(reply) == {"R157"}
    assert api.get("Claim/second").status_code == 404


# --- part of a year, and more than one option -------------------------------------------------------


def test_a_budget_that_starts_part_way_costs_its_days_and_not_a_penny_more(api: Api) -> None:
    running(api)
    half = version(OCTOBER, line(1, "therapy", 300_000, {1: 5_750, 2: 4_250}))
    assert half.lines[0].amount_pence == 149_589
    agreed(api, half)
    change(api, "Claim/second", budget_status="active")
    assert record_at(api, "Claim/second").total_pence == 149_589


def test_options_are_mixed_by_line_and_add_up_to_the_whole(api: Api) -> None:
    running(api)
    therapy, transport, contingency = lines()
    agreed(api, version(OCTOBER, therapy, replace(transport, management_option="third-party"), contingency))
    assert change(api, "Claim/second", budget_status="active").status_code == 200
    now = figures_at(api, OCTOBER)
    held = dict(now.by_option())
    assert set(held) == {"notional", "third-party"}
    assert held["third-party"] == _for(182, TRANSPORT)
    assert sum(held.values()) == now.total.allocated


def test_the_statement_says_the_same_before_and_after(api: Api) -> None:
    running(api)
    assert allocated(api, date(2025, 9, 30)) == YEAR
    agreed(api, version(OCTOBER, *MORE))
    change(api, "Claim/second", budget_status="active")
    assert allocated(api, OCTOBER) == figures_at(api, OCTOBER).total.allocated != YEAR


def allocated(api: Api, day: date) -> int:
    """Pence allocated, as the statement as at a day tells the person."""
    reply = api.get(f"Patient/{PERSON}/$statement?date={day}")
    assert reply.status_code == 200, reply.text
    totals = document.parse(reply.content)["total"]
    (found,) = (one["amount"] for one in totals if one["category"]["coding"][0]["code"] == "allocated")
    return pence_of(document.decimal_of(found["value"]))
