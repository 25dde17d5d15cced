"""Answers and people are found by what somebody typed, and offered; only an exact name is taken at its word."""

import pytest

from bot.interview import finding
from bot.interview.state import Colleague
from bot.ui.form import Option
from config.text import Label, t

KINDS = [
    Option("quality", Label(zh="产品质量", en="Product quality")),
    Option("delivery", Label(zh="配送", en="Delivery")),
    Option("late", Label(zh="配送太晚", en="Late delivery")),
    Option("three", "3"),
    Option("other", t("Cancel")),
]
WEI = Colleague(1, "张伟", "service")
WEN = Colleague(2, "张文", "sales")
SHAN = Colleague(3, "单雄信", "service")
OMAR = Colleague(4, "Omar Haddad", "sales")
WEI_TOO = Colleague(5, "张伟", "hr")
EVERYONE = [WEI, WEN, SHAN, OMAR]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Delivery", 1), ("delivery.", 1), (" 配送 ", 1), ("「配送」", 1), ("late DELIVERY", 2),
        ("2", 1), ("\uff12", 1), ("3", 3), ("取消", 4), ("cancel", 4),
        ("0", None), ("6", None), ("deliver", None), ("", None), ("-1", None),
    ],
)  # fmt: skip
def test_option_is_called_by_its_label_in_either_language_or_by_its_number(said: str, found: int | None) -> None:
    assert finding.option_called(KINDS, said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [("deliv", [1, 2]), ("送", [1, 2]), ("qualty of product", [0]), ("prodct quality", [0]), ("zzz", []), ("", [])],
)
def test_options_are_offered_by_a_beginning_a_part_or_a_likeness(said: str, found: list[int]) -> None:
    assert finding.options_like(KINDS, said) == found


def test_several_options_are_named_in_one_line() -> None:
    assert finding.options_listed(KINDS, "Delivery、产品质量, 9") == ([1, 0], ["9"])
    assert finding.options_listed(KINDS, "1,2") == ([0, 1], [])


def test_list_without_end_is_read_to_its_hundredth_answer() -> None:
    found, unknown = finding.options_listed(KINDS, "1," * 2000)

    assert (len(found), len(unknown)) == (100, 1900)


def test_option_that_stands_twice_is_not_called() -> None:
    assert finding.option_called([Option("a", "Same"), Option("b", "same")], "SAME") is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("张伟", [1]), ("zhangwei", [1, 2]), ("Zhang Wei", [1, 2]), ("zw", [1, 2]), ("zhang", [1, 2]),
        ("wei", [1]), ("danxiongxin", [3]), ("shan xiong xin", [3]), ("dxx", [3]), ("haddad", [4]), ("@omar", [4]),
        ("omer", [4]), ("oh", [4]), ("张", [1, 2]), ("xyz", []), ("", []), ("@", []),
    ],
)  # fmt: skip
def test_people_are_found_by_name_pinyin_or_initials(said: str, found: list[int]) -> None:
    assert finding.people_like(EVERYONE, said, WEI) == found


def test_one_s_own_department_comes_first_among_equals() -> None:
    assert finding.people_like([WEN, WEI], "zw", WEI) == [1, 2]
    assert finding.people_like([WEI, WEN], "zw", OMAR) == [2, 1]


def test_person_is_taken_at_their_name_only_if_nobody_else_has_it() -> None:
    assert finding.person_called(EVERYONE, " 张伟 ") == 1
    assert finding.person_called([*EVERYONE, WEI_TOO], "张伟") is None
    assert finding.person_called(EVERYONE, "zhangwei") is None


def test_colleagues_of_the_own_department_are_offered_at_once() -> None:
    assert finding.colleagues([*EVERYONE, WEI_TOO], WEI) == [3]
    assert finding.colleagues([Colleague(7, "A"), Colleague(8, "B")], Colleague(7, "A")) == []
