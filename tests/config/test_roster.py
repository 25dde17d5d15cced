"""What a line of the list of people says, in all the ways in which people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.handbook import Handbook
from config.roster import COLUMNS, Row, Wanted, clean, divided, judge

HANDBOOK = Handbook.load()


def wanted(**cells: str) -> Wanted | None:
    said, problems = judge(Row(2, cells), HANDBOOK)
    assert problems == []
    return said


@pytest.mark.parametrize(
    ("column", "written", "meant"),
    [
        ("department", "客户服务部", "service"), ("department", "SERVICE", "service"),
        ("department", "客服", "service"),
        ("department", "-", ""), ("department", " ", None),
        ("language", "中文", "zh"), ("language", "Chinese", "zh"), ("language", "zh-CN", "zh"),
        ("language", "zh_TW", "zh"),
        ("language", "English", "en"), ("language", "en-GB", "en"), ("language", "英语", "en"), ("language", "", None),
        ("zone", "europe/berlin", "Europe/Berlin"), ("zone", "UTC", "UTC"), ("zone", "", None),
        ("role", "员工", "employee"), ("role", "Staff", "employee"), ("role", "member", "employee"),
        ("role", "主管", "head"),
        ("role", "负责人", "head"), ("role", "经理", "head"), ("role", "Manager", "head"),
        ("role", "supervisor", "head"),
        ("role", "管理员", "admin"), ("role", "Administrator", "admin"), ("role", "", None),
        ("slack", " u0123abc ", "U0123ABC"), ("slack", "W0123", "W0123"), ("slack", "-", ""),
        ("telegram", "１２３", "123"), ("telegram", "9876543210", "9876543210"), ("telegram", "-", ""),
        ("title", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"), ("title", "-", ""), ("manager", "-", ""),
        ("manager", "王芳#3", "王芳#3"),
    ],
)  # fmt: skip
def test_a_cell_is_understood(column: str, written: str, meant: str | None) -> None:
    said = wanted(name="Dana", **{column: written})

    assert said is not None
    assert getattr(said, column) == meant


@pytest.mark.parametrize(
    "cells",
    [
        {"slack": "X0123"}, {"slack": "U"}, {"slack": "<@U0123>"}, {"telegram": "0"}, {"telegram": "-5"},
        {"telegram": "@dana"}, {"zone": "UTC+8"}, {"zone": "../etc/passwd"}, {"language": "de"}, {"role": "owner"},
        {"department": "nowhere"}, {"name": "x" * 101}, {"name": ""}, {"name": "\u200b"}, {"name": "-"},
        {"title": "x" * 101},
    ],
)  # fmt: skip
def test_a_cell_that_says_nothing_we_know_is_refused_in_its_column(cells: dict[str, str]) -> None:
    _, problems = judge(Row(7, {"name": "Dana", **cells}), HANDBOOK)

    assert [(problem.line, problem.column) for problem in problems] == [(7, next(iter(cells)))]


def test_a_name_is_cleaned_and_its_number_taken_off() -> None:
    assert clean("  Da\x00na\u202e\n\tLee ") == "Da na Lee"
    assert clean("e\u0301") == "é"
    assert clean("\U00030edd\ue863") == "\U00030edd\ue863"
    assert [divided(name) for name in ("王芳", "王芳#12", "王芳 ＃ 12", "A#B", "王芳#NEW")] == [
        ("王芳", ""), ("王芳", "12"), ("王芳", "12"), ("A#B", ""), ("王芳", "new")
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=120)))
def test_any_cells_are_understood_or_refused_with_a_remedy(cells: dict[str, str]) -> None:
    said, problems = judge(Row(2, cells), HANDBOOK)

    assert said is not None or problems
    assert all(problem.reason and problem.remedy for problem in problems)
