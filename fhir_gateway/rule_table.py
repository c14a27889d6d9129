"""Writes `docs/rules.md`: `python -m fhir_gateway.rule_table`.

Every rule with its words, severity, source, where it acts and the tests that break and satisfy it, read from the
catalogue, the functions and the test files, and from nowhere else.
"""

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from fhir_gateway.phb.rules import RULES
from fhir_gateway.phb.rules.catalogue import CATALOGUE, Entry
from fhir_gateway.store.facts import MAPPING_OF

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "rules.md"
TESTS: Final = ROOT / "tests"
HEAD: Final = """# Rules

What the gateway holds true of a personal health budget. An error refuses the write with 422 and names the rule, the
element and what would satisfy it. A warning is accepted and kept with the record as a tag whose code is the number of
the rule, so that `_tag` finds it. The same list is served as `CodeSystem/phb-rule`. This page is written by
`make docs`; its words are those of the catalogue, `fhir_gateway/phb/rules/*.toml`.

Where a rule acts: the kinds of record named are judged on every write; *mapping* is refused when the resource is read;
*operation*, *measure* and *access* name the part of the gateway that holds it; *accepts* forbids a refusal. Sources are
listed at the end of `docs/terminology.md`; none is given where a rule was written from memory of its source and is
not to be quoted.
"""
COLUMNS: Final = "| No. | Rule | Severity | Source | Acts on | Tests |\n|---|---|---|---|---|---|\n"
_named: Final = re.compile(r"def (test_r(\d+)_\w+)").finditer


def tests_of() -> dict[str, list[str]]:
    """Names of the tests of each rule, by its number."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for match in _named(path.read_text("utf-8")):
            found.setdefault(f"R{int(match[2])}", []).append(match[1])
    return found


def kinds_of() -> dict[str, list[str]]:
    """The record kinds each rule looks at, by its number."""
    found: dict[str, dict[str, None]] = {}
    for rule in RULES:
        kinds = [mapping.kind for kind, mapping in MAPPING_OF.items() if issubclass(kind, rule.on)]
        found.setdefault(rule.number, {}).update(dict.fromkeys(kinds))
    return {number: list(kinds) for number, kinds in found.items()}


def page() -> str:
    """The page."""
    tests, kinds = tests_of(), kinds_of()
    parts = [HEAD]
    for group, entries in groupby(sorted(CATALOGUE.values(), key=lambda one: one.order), key=lambda one: one.group):
        parts.append(
            f"\n## {group}\n\n| No. | Rule | Severity | Source | Acts on | Tests |\n|---|---|---|---|---|---|\n"
        )
        parts += [_row(one, kinds.get(one.number, []), tests.get(one.number, [])) for one in entries]
    return "".join(parts)


def _row(entry: Entry, kinds: list[str], tests: list[str]) -> str:
    cells = (
        entry.number,
        entry.says + (f" *{entry.note}*" if entry.note else ""),
        entry.severity,
        "" if entry.recalled else ", ".join(entry.source),
        ", ".join(_places(entry, kinds)),
        "<br>".join(f"`{one}`" for one in tests),
    )
    return "| " + " | ".join(one.replace("|", "\\|") for one in cells) + " |\n"


def _places(entry: Entry, kinds: list[str]) -> Iterator[str]:
    if entry.place != "write":
        yield f"*{entry.place}*"
    yield from kinds


def main() -> None:
    """Write the page, or with `--check` say whether it is the one there is."""
    text = page()
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text("utf-8") == text else f"{PAGE.name} is not what the catalogue says: make docs")
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
