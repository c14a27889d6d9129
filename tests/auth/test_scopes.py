"""Scopes: what is read, what is granted, and that nothing ever widens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.errors import OAuthError
from auth.scopes import ACTIONS, MAX_SCOPES, Scope, ScopeSet, check_size, narrow

ROWS = [frozenset(), frozenset({("a", "1")}), frozenset({("a", "2")}), frozenset({("a", "1"), ("b", "x|y")})]
TYPES = ("Patient", "Claim", "Goal")


@pytest.mark.requirement("smart-2.2/scope-grammar", "smart-2.2#126")
@pytest.mark.parametrize(
    ("text", "actions", "params"),
    [
        ("system/Patient.rs", "rs", ()),
        ("system/*.cruds", "cruds", ()),
        ("patient/Claim.rd", "rd", ()),
        ("user/Claim.c", "c", ()),
        ("system/*.read", "rs", ()),
        ("system/Patient.write", "cud", ()),
        ("system/Patient.*", "cruds", ()),
        ("system/Claim.rs?status=active", "rs", (("status", "active"),)),
        ("system/Claim.r?a=b&c=http://x.example|y=z", "r", (("a", "b"), ("c", "http://x.example|y=z"))),
    ],
)
def test_a_scope_is_read_in_its_v1_and_v2_forms(text: str, actions: str, params: tuple[tuple[str, str], ...]) -> None:
    scope = Scope.parse(text)
    assert scope is not None
    assert (scope.actions, scope.params, scope.text) == (frozenset(actions), params, text)


@pytest.mark.requirement("smart-2.2#129")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "openid",
        "launch/patient",
        "system/Patient",
        "system/Patient.",
        "system/Patient.dus",
        "system/Patient.sr",
        "system/Patient.dr",
        "system/Patient.rr",
        "system/Patient.reads",
        "system/Patient.readx",
        "system/Patient.Read",
        "system/patient.rs",
        "system/**.rs",
        "system/Pat*.rs",
        "System/Patient.rs",
        "other/Patient.rs",
        "system/Patient.rs\n",
        "system/Patient.rs?",
        "system/Patient.rs?a",
        "system/Patient.rs?a=",
        "system/Patient.rs?=b",
        "system/Patient.rs?a=b&",
        "system/Patient.rs?a=b&&c=d",
        'system/Patient.rs?a="b"',
        "system/Patient.rs?a=b\\c",
        "system/Patient.read?a=b",
        "system/Patient.?a=b",
        "urn:nhsd:apim:app:level3:personal-demographics",
        "system/Pätient.rs",
    ],
)
def test_what_is_no_scope_or_out_of_order_grants_nothing(text: str) -> None:
    assert Scope.parse(text) is None
    assert ScopeSet.parse(text).scopes == ()
    assert narrow(text, "system/*.cruds") == ""


def test_grants_names_every_scope_that_allows_an_action() -> None:
    scopes = ScopeSet.parse("system/Claim.r?status=active system/Claim.r?status=draft system/*.s system/Claim.c")
    assert [scope.text for scope in scopes.grants("Claim", "r")] == [
        "system/Claim.r?status=active",
        "system/Claim.r?status=draft",
    ]
    assert [scope.text for scope in scopes.grants("Claim", "s")] == ["system/*.s"]
    assert [scope.text for scope in scopes.grants("Goal", "s")] == ["system/*.s"]
    assert scopes.grants("Goal", "r") == ()
    assert scopes.grants("Claim", "d") == ()
    assert ScopeSet.parse("system/Claim.r").grants("Goal", "r") == ()


def test_a_scope_set_is_parsed_once_and_prints_what_it_read() -> None:
    text = "system/Claim.r bogus system/Claim.r system/Goal.read"
    assert ScopeSet.parse(text) is ScopeSet.parse(text)
    assert str(ScopeSet.parse(text)) == "system/Claim.r system/Goal.read"


@pytest.mark.parametrize(
    ("requested", "registered", "granted"),
    [
        ("system/Patient.rs", "system/*.cruds", "system/Patient.rs"),
        ("system/*.read", "system/*.rs", "system/*.read"),
        ("system/*.read", "system/Patient.rs system/Claim.r", "system/Patient.read system/Claim.r"),
        ("system/Patient.*", "system/Patient.rs", "system/Patient.read"),
        ("system/Patient.*", "system/Patient.cud", "system/Patient.write"),
        ("system/Patient.*", "system/Patient.cr", "system/Patient.cr"),
        ("system/Patient.cruds", "system/Patient.rs", "system/Patient.rs"),
        ("system/Patient.cruds", "system/Patient.rs system/*.cud", "system/Patient.cruds"),
        ("system/*.cruds", "system/*.rs system/Claim.cruds", "system/*.rs system/Claim.cud"),
        ("system/Patient.rs system/Goal.rs", "system/Patient.rs", "system/Patient.rs"),
        ("system/Patient.rs system/Patient.rs", "system/*.rs", "system/Patient.rs"),
        ("system/Claim.rs?status=active", "system/Claim.rs", "system/Claim.rs?status=active"),
        ("system/Claim.rs", "system/Claim.rs?status=active", "system/Claim.rs?status=active"),
        ("system/Claim.rs?a=1", "system/Claim.r?b=2", "system/Claim.r?a=1&b=2"),
        ("system/Claim.rs?a=1", "system/Claim.rs?a=1", "system/Claim.rs?a=1"),
        ("system/Claim.read", "system/Claim.rs?a=1", "system/Claim.rs?a=1"),
        ("system/Claim.rs", "system/Claim.s system/Claim.r?a=1", "system/Claim.s system/Claim.r?a=1"),
        ("patient/Patient.rs user/Patient.rs", "system/*.cruds", ""),
        ("system/Goal.rs", "system/Patient.rs", ""),
        ("system/Patient.d", "system/Patient.rs", ""),
        ("", "system/*.cruds", ""),
    ],
)
def test_a_grant_is_what_both_sides_name_in_the_form_it_was_asked(
    requested: str, registered: str, granted: str
) -> None:
    assert narrow(requested, registered) == granted


def test_a_type_that_does_not_exist_is_not_granted() -> None:
    assert narrow("system/Patient.rs system/Nonsense.rs system/*.r", "system/*.rs", {"Patient"}) == (
        "system/Patient.rs system/*.r"
    )


@pytest.mark.requirement("S14")
def test_a_scope_string_beyond_its_bounds_is_refused() -> None:
    check_size(" ".join(["system/A.r"] * MAX_SCOPES))
    for text in (" ".join(["a"] * (MAX_SCOPES + 1)), "a" * 2049):
        with pytest.raises(OAuthError) as refused:
            narrow(text, "system/*.rs")
        assert refused.value.error == "invalid_scope"


def test_a_grant_that_would_grow_beyond_its_bounds_is_refused() -> None:
    registered = " ".join(f"system/Claim.r?a={'x' * 20}{number:02}" for number in range(50))
    requested = " ".join(f"system/Claim.r?b={'y' * 20}{number:02}" for number in range(50))
    with pytest.raises(OAuthError, match="too long"):
        narrow(requested, registered)


def scope_texts() -> st.SearchStrategy[str]:
    """Well-formed scopes over a small world, and some noise."""
    letters = st.sets(st.sampled_from(ACTIONS), min_size=1).map(lambda some: "".join(c for c in ACTIONS if c in some))
    query = st.sampled_from(["", "?a=1", "?a=2", "?b=x|y", "?a=1&b=x|y"])
    suffix = st.one_of(st.tuples(letters, query).map("".join), st.sampled_from(["read", "write", "*", "sr", "dus", ""]))
    context, kind = st.sampled_from(["system", "user"]), st.sampled_from(["Patient", "Claim", "*"])
    scope = st.tuples(context, kind, suffix).map(lambda parts: f"{parts[0]}/{parts[1]}.{parts[2]}")
    return st.lists(scope, max_size=5).map(" ".join)


def reach(text: str) -> set[tuple[str, str, str, int]]:
    """Everything a scope string allows, spelt out: context, type, action, row."""
    return {
        (scope.context, name, action, number)
        for scope in ScopeSet.parse(text).scopes
        for name in TYPES
        if scope.resource_type in ("*", name)
        for action in scope.actions
        for number, row in enumerate(ROWS)
        if set(scope.params) <= row
    }


@pytest.mark.requirement("smart-2.2#250", "S14")
@given(scope_texts(), scope_texts())
def test_a_grant_is_exactly_what_was_asked_and_registered(requested: str, registered: str) -> None:
    assert reach(narrow(requested, registered)) == reach(requested) & reach(registered)


@given(scope_texts(), scope_texts())
def test_narrowing_again_changes_nothing(requested: str, registered: str) -> None:
    granted = narrow(requested, registered)
    assert reach(narrow(granted, registered)) == reach(granted)


@given(scope_texts(), st.sampled_from(TYPES), st.sampled_from(ACTIONS))
def test_grants_agrees_with_reach(text: str, name: str, action: str) -> None:
    rows = {
        number
        for scope in ScopeSet.parse(text).grants(name, action)
        for number, row in enumerate(ROWS)
        if set(scope.params) <= row
    }
    assert rows == {number for _, kind, letter, number in reach(text) if (kind, letter) == (name, action)}


@pytest.mark.requirement("smart-2.2/scope-grammar")
@given(st.text(max_size=80))
def test_any_text_whatever_is_read_or_ignored(text: str) -> None:
    known = set(text.split(" "))
    assert {scope.text for scope in ScopeSet.parse(text).scopes} <= known
