"""What is asked of the servers: the same requests for the gateway and for the bare app.

Source: design section 4; FHIR R4 http.html.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench import money, templates
from bench.client import Shot
from bench.people import HOLDER, NAMES, People, Values, ledgers
from mappings.lens import document
from mappings.lens.document import Tree

BASE: Final = "/fhir"
SAMPLE: Final = 400
PAGE: Final = 20
BUNDLE: Final = 50
BUNDLES: Final = 16
KINDS: Final = len(templates.FIRST)
STATED_ON: Final = "2026-06-30"
MEASURED: Final = "periodStart=2025-04-01&periodEnd=2026-03-31"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request. per_request: resources a request is about. written: it has a body.

    raw: it has a raw driver baseline. alone: one connection, so that its latency is the time it takes.
    of_all: it looks at every person there is.
    """

    name: str
    shots: Callable[[People], Sequence[Shot]]
    per_request: int = 1
    written: bool = False
    raw: bool = False
    alone: bool = False
    of_all: bool = False


def sample(people: People, size: int = SAMPLE) -> list[Values]:
    """The values of persons taken at random, the same for the same population; never those of the HOLDER."""
    others = range(HOLDER + 1, people.count)
    return [people.values(one) for one in random.Random(people.seed).sample(others, min(size, len(others)))]


def read(people: People) -> list[Shot]:
    """Claims of about 3 KB, by id."""
    return [Shot("GET", f"{BASE}/Claim/{one['payment']}") for one in sample(people)]


def search(people: People) -> list[Shot]:
    """Twenty of a person's Claims by patient, status and date, from persons who have more than twenty."""
    query = f"&status=active&created=ge2025-04-01&_count={PAGE}"
    return [Shot("GET", f"{BASE}/Claim?patient=Patient/{one['patient']}{query}") for one in _holders_of_ledgers(people)]


def _holders_of_ledgers(people: People) -> list[Values]:
    some = ledgers(people.count)
    return [people.values(one) for one in random.Random(people.seed).sample(some, min(SAMPLE, len(some)))]


def create_claim(people: People) -> list[Shot]:
    """New payments of about 3 KB to persons who are there."""
    return [_post("Claim", money.PAYMENT, one) for one in sample(people)]


def create_goal(people: People) -> list[Shot]:
    """New goals of about 1 KB of persons who are there."""
    return [_post("Goal", templates.GOAL_1, one) for one in sample(people)]


def create_mix(people: People) -> list[Shot]:
    """The resources of `transaction`, one request each."""
    return [
        _post(_type_of(text), text, one)
        for one in sample(people, BUNDLES * BUNDLE // KINDS)
        for text in templates.FIRST
    ]


def update(people: People) -> list[Shot]:
    """Payments replaced by versions that differ in a word, with If-Match."""
    return [
        Shot("PUT", f"{BASE}/Claim/{one['payment']}", (money.PAYMENT % one).encode(), version=1)
        for one in sample(people)
    ]


def transaction(people: People) -> list[Shot]:
    """Bundles of five new persons with ten resources each, which refer to each other by `urn:uuid`."""
    return [Shot("POST", BASE, document.encode(_bundle(people, number))) for number in range(BUNDLES)]


def _bundle(people: People, number: int) -> Tree:
    """The five persons who would come next in the population, and so on."""
    first = people.count + number * BUNDLE // KINDS
    entries = [one for person in range(BUNDLE // KINDS) for one in _entries(people.values(first + person))]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _entries(values: Values) -> Iterator[Tree]:
    names = {values[name]: f"urn:uuid:{uuid.UUID(values[name])}" for name in NAMES}
    for text in templates.FIRST:
        tree = document.parse((text % values).encode())
        kind, id_ = tree["resourceType"], tree.pop("id")
        yield {
            "fullUrl": names[id_],
            "resource": _named(tree, names),
            "request": {"method": "POST", "url": kind},
        }


def _named(node: Any, names: dict[str, str]) -> Any:
    """The tree with references to what the Bundle holds made by fullUrl."""
    if isinstance(node, dict):
        return {
            key: _aimed(value, names) if key == "reference" else _named(value, names) for key, value in node.items()
        }
    return [_named(one, names) for one in node] if isinstance(node, list) else node


def _aimed(reference: str, names: dict[str, str]) -> str:
    return names.get(reference.partition("/")[2], reference)


def _type_of(template: str) -> str:
    return str(template.partition('"resourceType":"')[2].partition('"')[0])


def _post(kind: str, template: str, values: Values) -> Shot:
    tree = document.parse((template % values).encode())
    del tree["id"]
    return Shot("POST", f"{BASE}/{kind}", document.encode(tree))


def would_be_paid(people: People) -> list[Shot]:
    """Whether a payment would be made, nothing stored."""
    return [_submitted(one, "predetermination") for one in sample(people)]


def draw_down(people: People) -> list[Shot]:
    """A payment adjudicated, authorised and stored with the answer of both funders."""
    return [_submitted(one, "claim") for one in sample(people)]


def _submitted(values: Values, use: str) -> Shot:
    tree = document.parse((money.DUE % values).encode())
    del tree["id"]
    return Shot("POST", f"{BASE}/Claim/$submit", document.encode(tree | {"use": use}))


def statement(people: People) -> list[Shot]:
    """The statement of budgets with fifty payments."""
    return [_statement(one) for one in _holders_of_ledgers(people)]


def long_statement(people: People) -> list[Shot]:
    """The statement of a budget with five thousand."""
    return [_statement(people.values(HOLDER))]


def _statement(values: Values) -> Shot:
    return Shot("GET", f"{BASE}/Patient/{values['patient']}/$statement?date={STATED_ON}")


def measures(_: People) -> list[Shot]:
    """Every measure of a year."""
    return [Shot("GET", f"{BASE}/Measure/$evaluate-measure?{MEASURED}")]


SCENARIOS: Final = (
    Scenario("read", read),
    Scenario("search of 20", search, per_request=PAGE),
    Scenario("create Claim", create_claim, written=True, raw=True),
    Scenario("create Goal", create_goal, written=True, raw=True),
    Scenario("create a person's mix", create_mix, written=True),
    Scenario("update Claim, If-Match", update, written=True),
    Scenario("transaction of 50", transaction, per_request=BUNDLE, written=True),
    Scenario("$submit, predetermination", would_be_paid, written=True),
    Scenario("$submit, claim", draw_down, written=True),
    Scenario("$statement, 50 payments", statement, alone=True),
    Scenario("$statement, 5,000 payments", long_statement, alone=True),
    Scenario("$evaluate-measure, all", measures, alone=True, of_all=True),
)
