"""Answers are kept as JSON, come back as the form takes them, and are worded for whoever gave them."""

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.capability import Face
from bot.interview import faces
from bot.interview.answers import all_raw, kept, shortened, worded
from bot.interview.state import Colleague, Loaded, Talk, View
from bot.ui.card import Attached
from bot.ui.form import Asking, Option, Position, Question, read_answer
from config.text import Label, Money, Words, t
from tests.town import chinese, english, handbook

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPTIONS = (Option("a", Label(zh="甲", en="First")), Option("b", t("Cancel")))
PEOPLE = {2: Colleague(2, "Omar")}


@pytest.mark.parametrize(
    ("question", "given", "value", "in_english", "in_chinese"),
    [
        (Question("q", "line", "Q"), " Ms Lee ", "Ms Lee", "Ms Lee", "Ms Lee"),
        (Question("q", "paragraph", "Q"), "one\ntwo", "one\ntwo", "one\ntwo", "one\ntwo"),
        (Question("q", "number", "Q"), "12", 12, "12", "12"),
        (Question("q", "money", "Q", currency="CNY"), Money(12050), Money(12050), "CN¥120.50", "¥120.50"),
        (Question("q", "money", "Q", currency="JPY"), "1,200", Money(1200, "JPY"), "¥1,200", "JP¥1,200"),
        (Question("q", "choice", "Q", options=OPTIONS), "a", "a", "First", "甲"),
        (Question("q", "choices", "Q", options=OPTIONS), ["a", "b"], ("a", "b"), "First, Cancel", "甲、取消"),
        (Question("q", "day", "Q"), date(2026, 11, 24), date(2026, 11, 24), "Tue 24 Nov", "11月24日 周二"),
        (
            Question("q", "moment", "Q"), "2026-11-24 15:00", datetime(2026, 11, 24, 7, tzinfo=UTC),
            "Tue 24 Nov 15:00", "11月24日 周二 15:00",
        ),
        (Question("q", "person", "Q"), 2, 2, "Omar", "Omar"),
        (
            Question("q", "files", "Q"), [Attached("web:1", "a.jpg", "image/jpeg", 7)],
            (Attached("web:1", "a.jpg", "image/jpeg", 7),), "a.jpg", "a.jpg",
        ),
        (
            Question("q", "place", "Q"), "31.2, 121.4", Position(31.2, 121.4), "31.20000, 121.40000",
            "31.20000, 121.40000",
        ),
    ],
)  # fmt: skip
def test_answer_of_each_kind_comes_back_as_it_was_given(
    question: Question, given: Any, value: Any, in_english: str, in_chinese: str
) -> None:
    stored = json.loads(json.dumps(kept(question, given, SHANGHAI)))
    talk = Talk(1, Asking("f", "Form", (question,), {}), {"q": stored}, View())

    words = worded(question, stored, PEOPLE)

    assert read_answer(question, all_raw(talk)["q"], SHANGHAI) == value
    assert (english(words), chinese(words)) == (in_english, in_chinese)


@pytest.mark.parametrize(
    ("question", "stored", "words"),
    [
        (Question("q", "choice", "Q", options=OPTIONS), "gone", "gone"),
        (Question("q", "line", "Q", most=3), "longer", "longer"),
        (Question("q", "line", "Q"), "x" * 700, "x" * 599 + "…"),
    ],
)
def test_answer_that_would_no_longer_do_is_still_shown(question: Question, stored: Any, words: Words) -> None:
    assert worded(question, stored, PEOPLE) == words


def test_long_answers_fit_into_one_message_together() -> None:
    questions = tuple(Question(f"q{n}", "paragraph", "What?", most=3000) for n in range(12))
    talk = Talk(1, Asking("f", "Form", questions, {}), {one.name: "长" * 3000 for one in questions}, View(), at=12)

    card = faces.card(Loaded(talk, {}), Face("1", handbook()))

    assert len(card.facts) == 12
    assert sum(len(english(fact.value)) for fact in card.facts) == 12 * 250


def test_what_was_typed_is_cut_with_a_sign() -> None:
    assert (shortened("short", 5), shortened("longer", 5)) == ("short", "long…")


def test_action_fits_where_the_numbers_are_large() -> None:
    question = Question("q", "day", "Q")
    talk = Talk(2**31 - 1, Asking("f", "Form", (question,), {}), {}, View(turn=99999, today=date(2026, 11, 23)))

    card = faces.card(Loaded(talk, {}), Face("1", handbook()))

    assert max(len(key.action) for row in card.pad for key in row) == len("ask.month:2147483647:99999:2026-10-01")
