import pytest

from mappings.terminology import crosswalk
from mappings.terminology.code_map import REQUIRED_CODES, CodeMap, Projection
from mappings.terminology.crosswalk import CROSSWALKS

MAPS = [each for each in CROSSWALKS if isinstance(each, CodeMap)]
PROJECTIONS = [each for each in CROSSWALKS if isinstance(each, Projection)]


def test_every_crosswalk_of_the_module_is_listed() -> None:
    named = [value for value in vars(crosswalk).values() if isinstance(value, CodeMap | Projection)]
    assert {id(each) for each in named} == {id(each) for each in CROSSWALKS}


@pytest.mark.parametrize("each", MAPS, ids=lambda each: each.codes.name)
def test_every_map_is_a_bijection(each: CodeMap) -> None:
    assert all(each.from_other(other) == code for code, other in each.exact.items())
    assert len(set(each.exact.values())) == len(each.exact)


@pytest.mark.parametrize("each", [each for each in MAPS if each.system in REQUIRED_CODES], ids=lambda e: e.codes.name)
def test_a_map_to_a_required_status_leaves_no_code_out(each: CodeMap) -> None:
    assert each.total


@pytest.mark.parametrize("each", PROJECTIONS, ids=lambda each: each.codes.name)
def test_every_projection_agrees_with_itself(each: Projection) -> None:
    for code in each.codes:
        assert each.agrees(code, each.project(code))
        assert code in each.states(each.project(code))


def test_the_plan_status_is_shown_as_the_care_plans() -> None:
    shown = {code: crosswalk.PLAN_STATUS.project(code) for code in crosswalk.PLAN_STATUS.codes}
    assert shown == {
        "draft": "draft",
        "submitted": "draft",
        "agreed": "active",
        "active": "active",
        "superseded": "revoked",
        "ended": "completed",
    }
    assert crosswalk.PLAN_STATUS.agrees("superseded", "completed")


def test_the_case_state_is_shown_as_the_episodes() -> None:
    shown = [crosswalk.CASE_STATE.project(code) for code in crosswalk.CASE_STATE.codes]
    assert shown == ["planned"] * 4 + ["waitlist"] + ["active"] * 3 + ["onhold", "active", "finished", "cancelled"]


def test_a_budget_is_active_only_while_its_money_may_be_relied_on() -> None:
    assert crosswalk.BUDGET_STATUS.states("active") == ("shared", "agreed", "active")
    assert crosswalk.BUDGET_STATUS.states("draft") == ("draft", "submitted")
    assert crosswalk.BUDGET_STATUS.states("cancelled") == ("superseded", "closed", "declined")


def test_a_payment_stays_active_unless_cancelled() -> None:
    assert crosswalk.PAYMENT_STATUS.states("cancelled") == ("cancelled",)
    assert len(crosswalk.PAYMENT_STATUS.states("active")) == 7


def test_a_mother_is_read_as_a_parent_and_a_parent_is_not_written_as_a_mother() -> None:
    assert crosswalk.RELATIONSHIP.from_other("MTH") == "parent"
    assert crosswalk.RELATIONSHIP.to_other("parent") == "PRN"


def test_a_civil_partner_is_not_written_as_a_spouse() -> None:
    assert crosswalk.RELATIONSHIP.from_other("SPS") == "spouse-or-civil-partner"
    assert crosswalk.RELATIONSHIP.to_other("spouse-or-civil-partner") is None


def test_audio_tape_is_audio_but_audio_is_not_audio_tape() -> None:
    assert crosswalk.ACCESSIBLE_FORMAT.from_other("13") == "audio"
    assert crosswalk.ACCESSIBLE_FORMAT.to_other("audio") is None
    assert crosswalk.ACCESSIBLE_FORMAT.to_other("braille") == "12"


def test_boards_and_councils_have_their_ods_role() -> None:
    assert crosswalk.FUNDER_KIND.from_other("RO261") == "nhs-icb"
    assert crosswalk.FUNDER_KIND.from_other("RO141") == "local-authority"
    assert crosswalk.FUNDER_KIND.to_other("education") is None


@pytest.mark.parametrize("code", crosswalk.PLAN_KIND.exact.values())
def test_a_snomed_code_has_a_valid_check_digit(code: str) -> None:
    assert verhoeff(code) == 0


def verhoeff(digits: str) -> int:
    """The Verhoeff checksum, 0 when the last digit is right: products of the dihedral group of order ten."""
    permutation = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(position % 8):
            value = permutation[value]
        check = dihedral(check, value)
    return check


def dihedral(left: int, right: int) -> int:
    turn = (left + right if left < 5 else left - right) % 5
    return turn + 5 * ((left < 5) == (right >= 5))
