"""Invented people, many of them, the same for the same seed: their records as NDJSON.

A person has twenty resources, one person in a hundred a ledger of forty-nine further payments. The records of
sixteen people are shuffled together, each person's own in an order in which references point back.

Source: docs/mapping; NHS numbers of the 999 test range, for as many people as it has numbers.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bench import templates
from bench.money import PAYMENT
from bench.templates import NHS_IDENTIFIER, PERSON
from mappings.nhs_number import with_check_digit

Values = dict[str, str]
LEDGER_EVERY: Final = 100
LEDGER: Final = 49
HOLDER: Final = 0  # the person whose budget has thousands of payments
HELD: Final = 5_000
SMALL: Final = 40  # pence, so that thousands of them fit in a budget
DAYS: Final = 300
TOGETHER: Final = 16
TEST_RANGE: Final = 1_000_000
STRIDE: Final = 618_033  # shares no factor with the range, so that no number comes twice
FIRST_DAY: Final = date(2025, 4, 1)
ICBS: Final = 40
COUNCILS: Final = 120
PRACTITIONERS: Final = 240
NAMES: Final = ("patient", "condition", "goal_1", "goal_2", "coverage_nhs", "coverage_council", "episode", "budget",
                "plan", "payment", "task", "team", "consent", "indicative", "words", "account", "decision_nhs",
                "decision_council", "assessment", "agreement")  # fmt: skip
FAMILY: Final = (
    "Okafor",
    "Patel",
    "Hughes",
    "Nowak",
    "Begum",
    "Evans",
    "Clarke",
    "Rossi",
    "Khan",
    "Murphy",
    "Adeyemi",
    "Fox",
)
GIVEN: Final = ("Jackie", "Dylan", "Janice", "Matthew", "Asha", "Tom", "Grace", "Piotr", "Ruth", "Imran", "Ella", "Sam")
TOWNS: Final = ("Frimley", "Oxford", "Leeds", "Truro", "Hull", "Derby", "Kendal", "Exeter")
NEEDS: Final = (
    "I get very anxious when I go out on my own", "I cannot lift or carry, and stairs tire me",
    "Pain keeps me awake most nights",
    "I forget to eat and to take my tablets", "I need help to wash and dress each morning",
)  # fmt: skip
WISHES: Final = (
    "I want to walk to the shop without fear", "I want to swim with my friends", "I want to cook my own meals again",
    "I want to sleep through the night", "I want to help in the community garden", "I want to see my grandchildren",
)  # fmt: skip
SERVICES: Final = ("A companion at the pool", "A coach at the gym", "A guide on walks and errands")
DOMAINS: Final = (("mobility", "Mobility"), ("pain", "Pain"), ("cognition", "Cognition"), ("skin", "Skin"))


@dataclass(frozen=True, slots=True)
class People:
    """A population. count: persons. They are numbered from 0, and stay who they are in a larger population."""

    seed: int
    count: int

    def values(self, number: int) -> Values:
        """What fills the templates of one person."""
        chance = random.Random(self.seed << 32 | number)
        start = FIRST_DAY + timedelta(days=chance.randrange(300))
        rate, hours, cover = chance.randrange(1100, 1900), 260, chance.randrange(9000, 30000)
        return {
            **{name: _uuid(chance) for name in NAMES},
            **_party(chance),
            "nhs": _nhs(self.seed, number),
            "number": f"{number:07d}",
            "digits": f"{chance.randrange(1000):03d}",
            "start": start.isoformat(),
            "end": (start + timedelta(days=364)).isoformat(),
            "opened": (start - timedelta(days=60)).isoformat(),
            "created": (start - timedelta(days=chance.randrange(5, 40))).isoformat(),
            "reviewed": (start + timedelta(days=85)).isoformat(),
            "paid": (start + timedelta(days=chance.randrange(60))).isoformat(),
            "birth": (date(1935, 1, 1) + timedelta(days=chance.randrange(25_000))).isoformat(),
            "onset": f"20{chance.randrange(10, 24)}",
            "instalment_no": "1",
            "instalment": _pounds(rate),
            "rate_1": _pounds(rate),
            "net_1": _pounds(hours * rate),
            "rate_2": _pounds(cover),
            "net_2": _pounds(cover),
            "total": _pounds(hours * rate + cover),
        }

    def records(self, number: int) -> list[str]:
        """The resources of one person, each a line of JSON."""
        values = self.values(number)
        found = [template % values for template in PERSON]
        if number in ledgers(self.count):
            found += self.ledger(number, LEDGER)
        return found

    def ledger(self, number: int, size: int) -> list[str]:
        """So many further payments of a person, on the days of the budget in turn."""
        chance = random.Random(self.seed << 33 | number)
        values = self.values(number)
        first = date.fromisoformat(values["paid"])
        more = []
        for at in range(2, size + 2):
            paid = (first + timedelta(days=at % DAYS)).isoformat()
            more.append(
                {"payment": _uuid(chance), "paid": paid, "instalment_no": str(at), "instalment": _pounds(SMALL)}
            )
        return [PAYMENT % (values | one) for one in more]

    def lines(self, first: int = 0) -> Iterator[str]:
        """Every line from person `first` on, several persons' shuffled together; the pool comes with person 0."""
        if first == 0:
            yield from pool(self.seed)
        for low in range(first, self.count, TOGETHER):
            chance = random.Random(self.seed << 34 | low)
            waiting = [iter(self.records(number)) for number in range(low, min(low + TOGETHER, self.count))]
            while waiting:
                at = chance.randrange(len(waiting))
                line = next(waiting[at], None)
                if line is None:
                    waiting.pop(at)
                else:
                    yield line

    def write(self, path: Path, first: int = 0) -> int:
        """Write NDJSON; the number of resources."""
        count = 0
        with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
            for line in self.lines(first):
                file.write(line)
                file.write("\n")
                count += 1
        return count


def ledgers(count: int) -> range:
    """The persons, among so many, who have fifty payments."""
    return range(1, count, LEDGER_EVERY)


def pool(seed: int) -> Iterator[str]:
    """The bodies and the coordinators everybody shares."""
    for number in range(ICBS):
        yield _organization(seed, "icb", number, ("nhs-icb", "Integrated care board"), "Integrated Care Board")
    for number in range(COUNCILS):
        yield _organization(seed, "council", number, ("local-authority", "Local authority"), "Council")
    for number in range(PRACTITIONERS):
        chance = random.Random(seed << 35 | number)
        who = {"id": f"practitioner-{number}", "digits": f"{number:03d}"}
        yield templates.PRACTITIONER % (who | {"family": chance.choice(FAMILY), "given": chance.choice(GIVEN)})
    for kind, count in (("icb", ICBS), ("council", COUNCILS)):
        for number in range(count):
            body = {"id": f"{kind}-{number}", "digits": f"{number:03d}"}
            yield templates.DECIDER % (body | {"practitioner": f"practitioner-{number}"})


def _organization(seed: int, kind: str, number: int, funder: tuple[str, str], name: str) -> str:
    chance = random.Random(f"{seed} {kind} {number}")
    town = chance.choice(TOWNS)
    return templates.ORGANIZATION % {
        "id": f"{kind}-{number}",
        "ods": f"99{'Q' if kind == 'icb' else 'C'}{number:03d}",
        "funder_kind": funder[0],
        "funder_kind_name": funder[1],
        "name": f"{town} Example {number} {name}",
        "digits": f"{number:03d}",
        "number": str(number + 1),
        "town": town,
        "postcode": f"ZZ{number % 90 + 10} 9ZZ",
    }


def _party(chance: random.Random) -> Values:
    domain = chance.choice(DOMAINS)
    return {
        "family": chance.choice(FAMILY),
        "given": chance.choice(GIVEN),
        "gender": chance.choice(("female", "male", "other", "unknown")),
        "town": chance.choice(TOWNS),
        "postcode": f"ZZ{chance.randrange(10, 99)} 9ZZ",
        "icb": f"icb-{chance.randrange(ICBS)}",
        "council": f"council-{chance.randrange(COUNCILS)}",
        "practitioner": f"practitioner-{chance.randrange(PRACTITIONERS)}",
        "need": chance.choice(NEEDS),
        "need_type": chance.choice(("health", "social-care", "joint")),
        "domain": domain[0],
        "domain_name": domain[1],
        "wish_1": chance.choice(WISHES),
        "wish_2": chance.choice(WISHES),
        "service": chance.choice(SERVICES),
    }


def _nhs(seed: int, number: int) -> str:
    """An NHS number identifier of the test range where one is free for this person, else a practice's own number."""
    six = (number * STRIDE + seed) % TEST_RANGE
    found = with_check_digit(f"999{six:06d}") if number < TEST_RANGE else None
    if found is None:
        return f'{{"system":"https://practice.example/patient","value":"{number:010d}"}}'
    return NHS_IDENTIFIER % found


def _uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"
