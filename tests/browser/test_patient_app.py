"""The patient app in a real browser, from the first page to the end of its access, on nothing but the public API."""

import re
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from fhir_gateway.demo.token import token
from tests.browser.axe import check_axe, violations
from tests.browser.person import Person
from tests.demonstration import Demonstration

DAY: Final = "2025-09-30"
INVOICE: Final = "janice-pay-physio-3"
FIGURES: Final = {"Budget": "allocated", "Paid": "paid", "Spent": "spent", "Left": "remaining"}
REVIEWS: Final = "See your reviews, decisions and requests"


@pytest.fixture
def connected(janice: Person) -> Person:
    """Janice in the app; she let it see everything it asks for."""
    janice.connect()
    return janice


@pytest.fixture
def asked(page: Page) -> list[Request]:
    """Every request of the page, in order."""
    found: list[Request] = []
    page.on("request", lambda one: found.append(one))  # noqa: PLW0108 - a built-in cannot be a handler
    return found


def pounds(amount: dict[str, Any]) -> str:
    return f"£{amount['value']:,.2f}"


def in_pounds(text: str) -> float:
    return float(text.replace("£", "").replace(",", ""))


def code(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])


def of_api(demo: Demonstration, path: str, client: str = "chc-tool") -> Any:
    """What a system is answered."""
    bearer = {"Authorization": f"Bearer {token(client, demo.folder / '.demo')}"}
    reply = httpx.get(f"{demo.base}/{path}", headers=bearer)
    assert reply.status_code == 200, reply.text
    return reply.json()


def columns(statement: dict[str, Any]) -> list[list[str]]:
    """For each figure of the app: of all, then of each funder."""
    totals = {code(one["category"]): one["amount"] for one in statement["total"]}
    of_funders = [
        {code(one["type"]): one.get("usedMoney") or one["allowedMoney"] for one in balance["financial"]}
        for balance in statement["benefitBalance"]
    ]
    return [[pounds(column[figure]) for column in (totals, *of_funders)] for figure in FIGURES.values()]


def test_a_person_logs_in_leaves_one_thing_out_and_sees_the_rest(janice: Person) -> None:
    janice.open_app()
    check_axe(janice.page)
    janice.log_in()
    expect(janice.page.get_by_role("heading", level=1)).to_contain_text("My personal health budget")
    check_axe(janice.page)
    janice.allow(REVIEWS)
    janice.is_shown("Home")
    assert janice.heading() == "Hello, Janice Demowell"
    assert "code=" not in janice.page.url
    assert "state=" not in janice.page.url
    check_axe(janice.page)
    janice.go("Reviews")
    expect(janice.page.get_by_text("You did not let this app see this.")).to_be_visible()
    janice.go("My plan")
    assert janice.heading() == "Janice's plan"
    expect(janice.page.get_by_role("row", name=re.compile("Order ten visits"))).to_contain_text("Mira Makeuply")
    check_axe(janice.page)
    janice.go("My goals")
    expect(janice.page.get_by_role("heading", name="I am in the water twice a week.")).to_be_visible()
    check_axe(janice.page)


def test_whoever_follows_a_link_into_the_app_gets_to_its_page_by_way_of_the_login(janice: Person) -> None:
    janice.page.goto(f"{janice.demo.app}#/goals")
    janice.page.get_by_role("button", name="Connect to my records").click()
    janice.log_in()
    janice.allow()
    janice.is_shown("My goals")
    janice.go("Reviews")
    decided = janice.page.get_by_role("table", name="Decisions")
    expect(decided.get_by_role("row", name=re.compile("^Agreed budget Bryn "))).to_be_visible()


def test_the_chart_and_its_table_show_the_figures_of_the_statement(connected: Person) -> None:
    page = connected.page
    connected.go("My budget")
    page.get_by_label("Show it as at the end of another day").fill(DAY)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("These are the figures at the end of 30 September 2025.")).to_be_visible()
    wanted = columns(of_api(connected.demo, f"Patient/janice/$statement?date={DAY}"))
    rows = page.get_by_role("table", name="The same as a table").locator("tbody tr").all()
    assert [row.locator("td .app-cell").all_inner_texts() for row in rows] == wanted
    drawn = [group.locator(".app-chart__amount").all_text_contents() for group in page.locator("figure").all()]
    assert [list(figure) for figure in zip(*drawn, strict=True)] == wanted
    assert wanted[3] == ["£3,376.79", "£2,190.60", "£1,186.19", "£0.00"]
    bars = page.locator("figure .app-chart__bar").evaluate_all("all => all.map(one => one.width.baseVal.value)")
    amounts = [in_pounds(text) for group in drawn for text in group]
    assert [bar / bars[0] for bar in bars] == pytest.approx([amount / amounts[0] for amount in amounts], abs=0.001)
    check_axe(page)


def test_an_invoice_is_queried_then_confirmed_and_whoever_looked_is_shown(connected: Person) -> None:
    page = connected.page
    connected.go("Payments")
    check_axe(page)
    page.get_by_role("link", name="Invoice of Steady Pain Physiotherapy (invented) for £124.80").click()
    page.get_by_text("No, something is wrong").click()
    check_axe(page)
    page.get_by_role("button", name="Send this").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what is wrong")
    page.get_by_label("What is wrong with it?").fill("There was only one visit <b>")
    page.get_by_role("button", name="Send this").click()
    expect(page.get_by_role("alert")).to_contain_text("You said what is wrong")
    expect(page.get_by_text("There was only one visit <b>")).to_be_visible()
    check_axe(page)
    page.get_by_role("button", name="Yes, this is right").click()
    expect(page.get_by_role("alert")).to_contain_text("You said that this invoice is right")
    assert page.get_by_role("button", name="Yes, this is right").count() == 0
    check_axe(page)
    connected.go("Who looked")
    expect(page.locator("tbody tr").first).to_be_visible()
    check_axe(page)


def test_access_that_is_stopped_at_the_gateway_ends_in_the_app(connected: Person) -> None:
    page = connected.page
    page.get_by_role("link", name="Apps that can see my records").click()
    check_axe(page)
    page.get_by_role("button", name=re.compile("Stop access")).first.click()
    page.goto(connected.demo.app)
    expect(page.get_by_role("heading", name="Access has ended")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    check_axe(page)


def test_the_app_asks_the_gateway_alone_and_logging_out_gives_the_access_back(
    connected: Person, asked: list[Request]
) -> None:
    page = connected.page
    for name in ("My plan", "My budget", "Payments", "Reviews", "Who looked"):
        connected.go(name)
    bearer = next(one.headers["authorization"] for one in asked if "/fhir/CarePlan" in one.url)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="You are logged out")).to_be_visible()
    expect(page.get_by_text("has given back its access")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    assert httpx.get(f"{connected.demo.base}/Patient/janice", headers={"Authorization": bearer}).status_code == 401
    assert {one.url.split("/")[2] for one in asked} == {connected.demo.root.removeprefix("http://")}
    assert [one.url for one in asked if bearer.split()[1] in one.url] == []


def test_whoever_refuses_is_told_that_nothing_was_read(janice: Person) -> None:
    janice.open_app()
    janice.log_in()
    janice.page.get_by_role("button", name="Do not allow").click()
    expect(janice.page.get_by_role("heading", name="This app is not connected")).to_be_visible()
    expect(janice.page.get_by_text("You did not let this app see your records.")).to_be_visible()
    check_axe(janice.page)


@pytest.mark.parametrize(
    "query", ["launch=x&iss=https://elsewhere.example/fhir", "code=x&state=y&iss=https://elsewhere.example"]
)
def test_an_address_that_somebody_else_made_leads_nowhere(janice: Person, query: str) -> None:
    away: list[Request] = []
    janice.page.on("request", lambda one: away.append(one) if janice.demo.root not in one.url else None)
    janice.page.goto(f"{janice.demo.app}?{query}")
    expect(janice.page.get_by_role("heading", level=1)).to_be_visible()
    assert janice.page.get_by_role("navigation", name="Menu").count() == 0
    assert away == []


def test_the_app_is_opened_from_the_gateways_own_page(janice: Person) -> None:
    """SMART App Launch 2.2: EHR launch; whose records is known and not asked again."""
    janice.page.goto(f"{janice.demo.root}/me")
    janice.log_in()
    janice.page.get_by_role("button", name=re.compile("Open My personal health budget")).click()
    janice.allow()
    janice.is_shown("Home")
    assert janice.heading() == "Hello, Janice Demowell"


def test_a_representative_sees_the_record_of_the_person_they_speak_for(demo: Demonstration, page: Page) -> None:
    hilary = Person(demo, page, "hilary")
    hilary.connect()
    assert hilary.heading().startswith("The records of Matthew")
    hilary.go("My plan")
    assert violations(page) == []


def test_staff_are_told_that_the_app_is_not_for_them(demo: Demonstration, page: Page) -> None:
    mira = Person(demo, page, "mira")
    mira.open_app()
    mira.log_in()
    mira.allow()
    expect(page.get_by_text("you logged in for none")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
