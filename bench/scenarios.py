"""What is asked of the servers: the same requests for the gateway and for the bare app.

Source: design section 4; FHIR R4 http.html.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench import templates
from bench.client import Shot
from bench.people import LEDGER_EVERY, NAMES, People, Values
from mappings.lens import document
from mappings.lens.document import Tree

BASE: Final = "/fhir"
SAMPLE: Final = 400
PAGE: Final = 20
BUNDLE: Final = 50
BUNDLES: Final = 16
KINDS: Final = 10  # of the eleven resources of a person


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request. per_request: resources a request is about. written: it changes the database.

    raw: it has a raw driver baseline.
    """

    name: str
    shots: Callable[[People], Sequence[Shot]]
    per_request: int = 1
    written: bool = False
    raw: bool = False


def sample(people: People, size: int = SAMPLE) -> list[Values]:
    """The values of persons taken at random, the same for the same population."""
    chance = random.Random(people.seed)
    return [people.values(number) for number in chance.sample(range(people.count), min(size, people.count))]


def read(people: People) -> list[Shot]:
    """Claims of about 3 KB, by id."""
    return [Shot("GET", f"{BASE}/Claim/{one['payment']}") for one in sample(people)]


def search(people: People) -> list[Shot]:
    """Twenty of a person's Claims by patient, status and date, from persons who have more than twenty."""
    ledgers = range(0, people.count, LEDGER_EVERY)
    chosen = random.Random(people.seed).sample(ledgers, min(SAMPLE, len(ledgers)))
    query = f"&status=active&created=ge2025-04-01&_count={PAGE}"
    return [Shot("GET", f"{BASE}/Claim?patient=Patient/{people.values(one)['patient']}{query}") for one in chosen]


def create_claim(people: People) -> list[Shot]:
    """New payments of about 3 KB to persons who are there."""
    return [_post("Claim", templates.PAYMENT, one) for one in sample(people)]


def create_goal(people: People) -> list[Shot]:
    """New goals of about 1 KB of persons who are there."""
    return [_post("Goal", templates.GOAL_1, one) for one in sample(people)]


def create_mix(people: People) -> list[Shot]:
    """The resources of `transaction`, one request each."""
    return [
        _post(_type_of(text), text, one)
        for one in sample(people, BUNDLES * BUNDLE // KINDS)
        for text in templates.PERSON[:KINDS]
    ]


def update(people: People) -> list[Shot]:
    """Payments replaced by versions that differ in a word, with If-Match."""
    return [
        Shot("PUT", f"{BASE}/Claim/{one['payment']}", (templates.PAYMENT % one).encode(), version=1)
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
    for text in templates.PERSON[:KINDS]:
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


SCENARIOS: Final = (
    Scenario("read", read),
    Scenario("search of 20", search, per_request=PAGE),
    Scenario("create Claim", create_claim, written=True, raw=True),
    Scenario("create Goal", create_goal, written=True, raw=True),
    Scenario("create a person's mix", create_mix, written=True),
    Scenario("update Claim, If-Match", update, written=True),
    Scenario("transaction of 50", transaction, per_request=BUNDLE, written=True),
)
