"""The law of queries: over any rows, SQL finds what the pure meaning says (design section 5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from fhir_gateway.interactions.prepare import stamp
from fhir_gateway.store import records, search
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.records import Actor, Change, Stored
from fhir_gateway.store.search import SortKey
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.query import AllOf, AnyOf, Clause, matches, parse_clause
from mappings.lens.search import SearchParam
from mappings.registry import TYPES
from tests import databases

Strategy = st.SearchStrategy[Any]
World = dict[str, Tree]
SOME: Final = ("Patient", "Organization", "CarePlan", "Goal", "Coverage", "Task")
DAY: Final = 86_400_000_000

# few values, so that they meet
IDS: Final = st.sampled_from(["a", "b", "c-1"])
SYSTEMS: Final = st.sampled_from(["urn:s", "urn:t", "http://x/y|1"])
CODES: Final = st.sampled_from(["active", "draft", "x", "a,b", "a|b", "\\", "ACTIVE"])
TEXTS: Final = st.sampled_from(
    [
        "Ann",
        "ann",
        "ANNA",
        "Zoë",
        "zoe",
        "a%b",
        "a_b",
        "\\",
        "  an  n",
        "ß",
        "ss",
        "℻",
        "fax",
        "\U0010ffff",
        "a\U0010ffffb",
        "\ud7ff",
    ]
)
DATES: Final = st.sampled_from(
    ["1970", "2026", "2026-04", "2026-04-01", "2026-04-30", "2026-04-01T00:00:00Z", "2026-04-01T23:59:59.5+01:00",
     "2026-04-01T00:00:00.123Z", "2026-04-01T00:00:00.123456Z", "0001-01-01", "9999-12-31"]
)  # fmt: skip
URIS: Final = st.sampled_from(["http://x/y", "http://x/y/z", "http://x", "urn:u", "http://x/\U0010ffff"])
LITERALS: Final = st.one_of(
    st.builds("{}/{}".format, st.sampled_from(SOME), IDS),
    st.sampled_from(["http://e/Patient/a", "urn:u", "#x", "Group/a"]),
)


def tree_of(**elements: Strategy) -> Strategy:
    """Objects with any of the elements."""
    return st.fixed_dictionaries({}, optional=elements)


def few(one: Strategy) -> Strategy:
    return st.lists(one, min_size=1, max_size=2)


IDENTIFIERS: Final = few(tree_of(system=SYSTEMS, value=CODES, use=CODES))
CODINGS: Final = tree_of(system=SYSTEMS, code=CODES, display=TEXTS)
CONCEPTS: Final = tree_of(coding=few(CODINGS), text=TEXTS)
PERIODS: Final = tree_of(start=DATES, end=DATES)
REFERENCES: Final = tree_of(reference=LITERALS, identifier=tree_of(system=SYSTEMS, value=CODES))
NAMES: Final = tree_of(family=TEXTS, given=few(TEXTS), text=TEXTS, use=CODES, id=TEXTS, period=PERIODS)
ADDRESSES: Final = tree_of(city=TEXTS, line=few(TEXTS), postalCode=TEXTS, use=CODES)
META: Final = tree_of(tag=few(CODINGS), security=few(CODINGS), profile=few(URIS), source=URIS)
PEOPLE: Final = IDS.map(lambda id_: {"reference": f"Patient/{id_}"})

BODIES: Final[dict[str, Strategy]] = {
    "Patient": tree_of(
        meta=META, identifier=IDENTIFIERS, active=st.booleans(), name=few(NAMES), gender=CODES, birthDate=DATES,
        deceasedDateTime=DATES, address=few(ADDRESSES), generalPractitioner=few(REFERENCES),
        managingOrganization=REFERENCES,
        telecom=few(tree_of(system=CODES, value=TEXTS)),
    ),
    "Organization": tree_of(meta=META, identifier=IDENTIFIERS, active=st.booleans(), name=TEXTS,
    type=few(CONCEPTS), partOf=REFERENCES),
    "CarePlan": tree_of(
        meta=META, identifier=IDENTIFIERS, status=CODES, intent=CODES, category=few(CONCEPTS), period=PERIODS,
        goal=few(REFERENCES),
        replaces=few(REFERENCES), instantiatesUri=few(URIS),
    ),
    "Goal": tree_of(
        meta=META, identifier=IDENTIFIERS, lifecycleStatus=CODES, achievementStatus=CONCEPTS, category=few(CONCEPTS),
        startDate=DATES, target=few(tree_of(dueDate=DATES)),
    ),
    "Coverage": tree_of(
        meta=META, identifier=IDENTIFIERS, status=CODES, type=CONCEPTS, payor=few(REFERENCES), policyHolder=REFERENCES,
    ),
    "Task": tree_of(
        meta=META, code=CONCEPTS, status=CODES, owner=REFERENCES, focus=REFERENCES, basedOn=few(REFERENCES),
        executionPeriod=PERIODS, authoredOn=DATES, performerType=few(CONCEPTS),
    ),
}  # fmt: skip
PERSON: Final = {"CarePlan": "subject", "Goal": "subject", "Coverage": "beneficiary", "Task": "for"}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Some resources of some types, by `Type/id`."""
    world: World = {}
    for name in SOME:
        for id_ in draw(st.sets(IDS)):
            tree = {"resourceType": name, **draw(BODIES[name])}
            if name in PERSON:
                tree[PERSON[name]] = draw(PEOPLE)
            updated = draw(st.sampled_from([0, DAY, 1_775_001_600_123_000]))
            world[f"{name}/{id_}"] = stamp(tree, id_, 1, updated, foreign=False)
    return world


# --- queries


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in ",|$\\" else char for char in text)


VALUES: Final[dict[str, Strategy]] = {
    "token": st.one_of(
        CODES.map(_escaped), st.sampled_from(["true", "false"]), SYSTEMS.map(lambda s: f"{_escaped(s)}|"),
        st.builds(lambda s, c: f"{_escaped(s)}|{_escaped(c)}", SYSTEMS, CODES),
        CODES.map(lambda c: f"|{_escaped(c)}"), IDS,
    ),
    "date": st.builds("{}{}".format, st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]),
    DATES),
    "string": TEXTS.map(_escaped),
    "reference": st.one_of(LITERALS, IDS),
    "uri": URIS,
}  # fmt: skip
MODIFIERS: Final = {
    "token": ["not"],
    "string": ["exact", "contains"],
    "reference": ["identifier"],
    "uri": ["below"],
    "date": [],
}


@st.composite
def conditions(draw: st.DrawFn, resource_type: str) -> tuple[str, str]:
    """Name and value of a test on one type."""
    param: SearchParam = draw(st.sampled_from(sorted(TYPES[resource_type].params.values(), key=lambda one: one.name)))
    modifier = draw(st.sampled_from(["", "", "missing", *MODIFIERS[param.kind]]))
    name = f"{param.name}:{modifier}" if modifier else param.name
    if modifier == "missing":
        return name, draw(st.sampled_from(["true", "false"]))
    kind = "token" if modifier == "identifier" else param.kind
    return name, ",".join(draw(st.lists(VALUES[kind], min_size=1, max_size=3)))


@st.composite
def parameters(draw: st.DrawFn, resource_type: str) -> tuple[str, str]:
    """Name and value of one parameter: a test, a chain or a `_has`."""
    kind = draw(st.sampled_from(["test", "test", "chain", "has"]))
    if kind == "chain":
        links = [
            (one.name, aim)
            for one in TYPES[resource_type].params.values()
            for aim in one.targets
            if one.kind == "reference" and aim in SOME
        ]
        assume(links)
        link, aim = draw(st.sampled_from(sorted(links)))
        name, value = draw(conditions(aim))
        return f"{link}{draw(st.sampled_from([f':{aim}', '']))}.{name}", value
    if kind == "has":
        sources = [
            (source, one.name)
            for source in SOME
            for one in TYPES[source].params.values()
            if one.kind == "reference" and resource_type in one.targets
        ]
        assume(sources)
        source, link = draw(st.sampled_from(sorted(sources)))
        name, value = draw(conditions(source))
        return f"_has:{source}:{link}:{name}", value
    return draw(conditions(resource_type))


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, Clause]:
    """A type and a clause on it."""
    resource_type = draw(st.sampled_from(SOME))
    given_ = draw(st.lists(parameters(resource_type), min_size=1, max_size=3))
    note(f"{resource_type}: {given_}")
    clauses = tuple(parse_clause(TYPES, resource_type, name, value) for name, value in given_)
    whole: list[Clause] = [AllOf(clauses), AnyOf(clauses), AllOf((AnyOf(clauses), clauses[0]))]
    return resource_type, draw(st.sampled_from(whole))


# --- the law


@contextmanager
def _holding(session: Session, world: World) -> Iterator[None]:
    """The world in the database, for as long as the block runs."""
    session.command("BEGIN")
    try:
        records.write(session, [_change(name, tree) for name, tree in world.items()], Actor("law", "law"))
        yield
    finally:
        session.command("ROLLBACK")


def _change(name: str, tree: Tree) -> Change:
    resource_type, _, id_ = name.partition("/")
    updated = next(TYPES[resource_type].params["_lastUpdated"].values(tree)).low
    stored = Stored(resource_type, id_, 1, updated, document.encode(tree))
    person = TYPES[resource_type].subject_of(tree)
    assert not isinstance(person, tuple)
    return Change(stored, "POST", tree, "", None, str(person) if person else None, None)


def _meant(world: World, resource_type: str, clause: Clause) -> set[str]:
    def referrers(of_type: str) -> list[Tree]:
        return [tree for name, tree in world.items() if name.startswith(f"{of_type}/")]

    return {tree["id"] for tree in referrers(resource_type) if matches(clause, tree, world.get, referrers)}


def _check(session: Session, world: World, query: tuple[str, Clause]) -> None:
    resource_type, clause = query
    with _holding(session, world):
        rows = session.rows(*search.page(resource_type, clause, search.NEWEST_FIRST, None, 100))
        counted = session.row(*search.count(resource_type, clause))
    found = [row[0] for row in rows]
    assert set(found) == _meant(world, resource_type, clause)
    assert len(found) == len(set(found)) == (counted or [None])[0]


@pytest.fixture(scope="module", params=databases.KINDS)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with databases.fresh(str(request.param), upgrade) as url:
        database = Database(url)
        with database.reading() as session:
            yield session
        database.close()


EXAMPLES: Final = {"sqlite": 300, "postgresql": 60}


def test_sql_finds_what_a_query_means(session: Session) -> None:
    @settings(max_examples=EXAMPLES[session.dialect], suppress_health_check=list(HealthCheck))
    @given(worlds(), queries())
    def law(world: World, query: tuple[str, Clause]) -> None:
        _check(session, world, query)

    law()


def test_pages_of_any_order_and_size_hold_every_match_once(session: Session) -> None:
    @settings(max_examples=EXAMPLES[session.dialect] // 3, suppress_health_check=list(HealthCheck))
    @given(worlds(), st.data(), st.integers(1, 3))
    def law(world: World, data: st.DataObject, size: int) -> None:
        resource_type = data.draw(st.sampled_from(SOME))
        names = st.sampled_from(search.sortable(resource_type))
        sort = tuple(data.draw(st.lists(st.builds(SortKey, names, st.booleans()), min_size=1, max_size=3)))
        with _holding(session, world):
            whole = session.rows(*search.page(resource_type, AllOf(()), sort, None, 100))
            parts: list[Any] = []
            after = None
            while page := session.rows(*search.page(resource_type, AllOf(()), sort, after, size)):
                parts += page
                after = [*page[-1][len(search.FOUND) :], page[-1][0]]
        assert [row[0] for row in parts] == [row[0] for row in whole]
        assert {row[0] for row in parts} == _meant(world, resource_type, AllOf(()))

    law()
