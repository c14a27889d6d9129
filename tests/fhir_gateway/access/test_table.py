"""The access table is complete, or nothing starts (S32)."""

import re

import pytest

from fhir_gateway.access.asker import ROLES
from fhir_gateway.access.table import FILE, TABLE, TABLE_ROLES, Incomplete, check_operations, kinds, read
from fhir_gateway.interactions.operations import OPERATIONS
from mappings.registry import TYPES

TEXT = FILE.read_text()
GROUPS = re.findall(r"^\[group\.[a-z-]+\]\n(?:(?!\[).*\n(?:    .*\n|\]\n)*)*", TEXT, re.MULTILINE)


@pytest.mark.requirement("S32")
def test_every_kind_and_every_type_has_an_answer_for_every_role() -> None:
    assert {role for role, _ in TABLE.lines} == set(ROLES) - {"custodian"}
    assert all((role, name) in TABLE.lines for role in TABLE_ROLES for name in TYPES)
    assert len(GROUPS) > 30


@pytest.mark.requirement("S32")
@pytest.mark.parametrize("group", GROUPS, ids=lambda one: one.partition("]")[0].removeprefix("[group."))
def test_s32_without_a_group_nothing_starts(group: str) -> None:
    with pytest.raises(Incomplete, match="each kind stands in one group"):
        read(TEXT.replace(group, ""))


@pytest.mark.requirement("S32")
@pytest.mark.parametrize("group", GROUPS, ids=lambda one: one.partition("]")[0].removeprefix("[group."))
def test_s32_without_a_roles_line_nothing_starts(group: str) -> None:
    for line in re.findall(r"^(?!kinds|none)[a-z-]+ = .*\n", group, re.MULTILINE):
        with pytest.raises(Incomplete, match="each role has its lines"):
            read(TEXT.replace(group, group.replace(line, "")))
    for role in re.findall(r'"([a-z-]+)"', next(iter(re.findall(r"^none = .*$", group, re.MULTILINE)))):
        with pytest.raises(Incomplete, match="each role has its lines"):
            read(TEXT.replace(group, re.sub(rf'^(none = .*)"{role}",? ?', r"\1", group, count=1, flags=re.MULTILINE)))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tied: whole", "is not `conditions: view letters`"),
        ("tied: nowhere rs", "is not `conditions: view letters`"),
        ("tide: whole rs", "no condition 'tide'"),
        ("tied coloured=me: whole rs", "no condition 'coloured=me'"),
        ("tied: case-outline rsu", "whoever changes a record sees it whole"),
    ],
)
def test_a_line_that_cannot_be_meant_stops_the_start(line: str, says: str) -> None:
    at = TEXT.index('["tied: whole rs", "tied-now: whole cu"]', TEXT.index("[group.case]"))
    with pytest.raises(Incomplete, match=says):
        read(TEXT[:at] + TEXT[at:].replace("tied: whole rs", line, 1))


@pytest.mark.requirement("S32")
def test_an_operation_that_nobody_speaks_of_stops_the_start() -> None:
    check_operations([one.code for one in OPERATIONS])
    with pytest.raises(Incomplete, match="everything"):
        check_operations(["everything"])


def test_days_that_a_kind_of_record_has_not_stop_the_start() -> None:
    with pytest.raises(Incomplete, match="has no field 'born'"):
        read(TEXT.replace('from = ["opened_on"]', 'from = ["born"]'))


def test_the_operator_sees_no_record_and_an_auditor_writes_none() -> None:
    assert not any(lines for (role, _), lines in TABLE.lines.items() if role == "operator")
    letters = {
        letter
        for (role, _), lines in TABLE.lines.items()
        for one in lines
        if role == "auditor"
        for letter in one.letters
    }
    assert letters == {"r", "s"}


def test_nobody_but_the_deployments_own_systems_deletes() -> None:
    assert not any("d" in one.letters for lines in TABLE.lines.values() for one in lines)


def test_money_is_never_an_emergency() -> None:
    opened = {
        (name, one.kind) for (_, name), lines in TABLE.lines.items() for one in lines if "emergency" in one.conditions
    }
    assert opened
    assert not {name for name, _ in opened} & {"Claim", "ClaimResponse", "Coverage", "Account", "DocumentReference"}
    assert len(kinds()) == len({(n, k) for n in TYPES for k in ["", *(m.kind for m in TYPES[n].mappings)]})
