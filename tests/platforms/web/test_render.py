"""Cards and forms as the page shows them: the same facts in the same order, in one language, nothing dangerous."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.platforms.web.render import (
    ButtonView,
    CardView,
    LinkView,
    OptionView,
    QuestionView,
    asking_view,
    card_view,
    is_dated,
    is_short,
    kind_of,
    linked,
    readable_size,
    safe_url,
)
from bot.ui.card import Button, Card, Link, Row, Table
from bot.ui.form import Asking, Attached, Option, Position, Question
from bot.words import Reader, Speaker
from config.text import Label, Money
from tests.platforms.web.shop import COMPLAINT, PNG

ENGLISH = Speaker(Reader(("en",), ZoneInfo("Asia/Shanghai")), datetime(2026, 3, 3, 4, 0, tzinfo=UTC))


def test_card_reads_in_the_readers_language_and_clock() -> None:
    assert card_view(COMPLAINT, ENGLISH) == CardView(
        title="Complaint C-1: the lock won't open",
        body=("指纹锁连续三次识别失败，门打不开，孩子在屋里。",),
        facts=(
            ("Customer", "李女士"),
            ("Received", "Tue 3 Mar 12:00"),
            ("Answer by", "Tue 3 Mar 16:00"),
            ("Owner", "Nobody yet"),
        ),
        columns=(),
        rows=(),
        image=None,
        buttons=(
            ButtonView("I take it", "tickets.take:1:1", "good", ""),
            ButtonView("Turn down", "tickets.refuse:1:1", "bad", "Turn it down? The customer will be told."),
        ),
        links=(),
        files=(),
        tone="warn",
        tone_word="Take care",
        foot="By §3.4.2, Complaints",
    )


def test_numbers_states_and_moments_stay_on_one_line() -> None:
    cells = ("C-1036", "Mon 23 Nov 17:46", "11月23日 周一 17:46", "处理中（已超时）", "Harborview Apartments")

    assert [cell for cell in cells if is_short(cell)] == list(cells[:4])


def test_a_chinese_date_in_a_cell_is_not_broken() -> None:
    cells = (
        "已通过，11月16日 周一 10:12",
        "11月23日",
        "已通过",
        "报销：11月16日打车去李女士那里看房子，来回两趟",
        "Mon 23 Nov",
    )

    assert [cell for cell in cells if is_dated(cell)] == list(cells[:2])


def test_table_keeps_its_rows_and_their_buttons() -> None:
    table = Table(("What", "Who"), (Row(("C-1", "Lee"), Button("Open", "tickets.open:1")), Row(("C-2", "Wu"))))

    view = card_view(Card("Open", table=table), ENGLISH)

    assert view.columns == ("What", "Who")
    assert [row.cells for row in view.rows] == [("C-1", "Lee"), ("C-2", "Wu")]
    assert [row.button for row in view.rows] == [ButtonView("Open", "tickets.open:1", "plain", ""), None]


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://example.com/a?b=c", True),
        ("http://127.0.0.1:8080/files/1", True),
        ("/files/1", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/x", False),
        ("/\\evil.example", False),
        ("https://", False),
        ("", False),
    ],
)
def test_link_is_followed_only_where_that_is_safe(url: str, is_safe: bool) -> None:
    assert safe_url(url) is is_safe
    assert card_view(Card("t", links=(Link("more", url),)), ENGLISH).links == (
        LinkView("more", url if is_safe else None),
    )


def test_words_are_cut_at_addresses_in_both_languages() -> None:
    assert linked("请看https://example.com/a。谢谢") == [
        ("请看", False),
        ("https://example.com/a", True),
        ("。谢谢", False),
    ]
    assert linked("See http://a.example/x.") == [("See ", False), ("http://a.example/x", True), (".", False)]
    assert linked("javascript:alert(1) <b>") == [("javascript:alert(1) <b>", False)]


def test_form_shows_few_options_at_once_and_folds_many() -> None:
    few = tuple(Option(name, Label(name, name)) for name in ("a", "b"))
    many = tuple(Option(str(n), str(n)) for n in range(6))
    questions = (Question("way", "choice", "Way", options=few), Question("kind", "choice", "Kind", options=many))

    view = asking_view(Asking("x.Y", "Title", questions, {"way": "b"}), ENGLISH)

    assert [question.control for question in view.questions] == ["radios", "select"]
    assert view.questions[0].options == (OptionView("a", "a", False), OptionView("b", "b", True))


def test_form_shows_what_is_known_as_its_control_takes_it() -> None:
    questions = (
        Question("visit", "moment", "Visit"),
        Question("bought", "day", "Bought"),
        Question("cost", "money", "Cost", optional=True),
        Question("owner", "person", "Owner"),
        Question("wishes", "choices", "Wishes", options=(Option("a", "A"), Option("b", "B"))),
    )
    answers = {
        "visit": datetime(2026, 3, 3, 6, 30, tzinfo=UTC),
        "bought": date(2026, 2, 14),
        "cost": Money(12050),
        "owner": 7,
        "wishes": ["b"],
    }

    view = asking_view(Asking("x.Y", "Title", questions, answers), ENGLISH, "CNY", {7: "Omar"})

    assert [question.value for question in view.questions[:4]] == ["2026-03-03T14:30", "2026-02-14", "120.50", "7"]
    assert view.questions[2] == QuestionView("cost", "money", "Cost", "", True, None, (), "120.50", "", "CN¥")
    assert view.questions[3].shown == "Omar"
    assert [option.chosen for option in view.questions[4].options] == [False, True]


def test_place_stands_in_a_line_as_it_is_written() -> None:
    questions = (Question("at", "place", "Where is it?"),)

    view = asking_view(Asking("x.Y", "T", questions, {"at": Position(31.2304, 121.4737, 9.0)}), ENGLISH)

    assert [(one.control, one.value) for one in view.questions] == [("place", "31.23040, 121.47370")]


def test_people_stand_there_by_name_without_those_who_have_left() -> None:
    asking = Asking("x.Y", "T", (Question("crew", "people", "Crew"),), {"crew": (7, 8, 3)})

    view = asking_view(asking, ENGLISH, "CNY", {3: "Hana", 7: "Omar"})

    assert view.questions[0].options == (OptionView("7", "Omar", True), OptionView("3", "Hana", True))


def test_files_of_before_are_named() -> None:
    asking = Asking("x.Y", "T", (Question("proof", "files", "Proof"),), {"proof": (Attached("slack:F1", "taxi.pdf"),)})

    view = asking_view(asking, ENGLISH)

    assert view.questions[0].shown == "So far: taxi.pdf. They stay, unless you add others."


def test_person_whom_nobody_knows_is_not_filled_in() -> None:
    view = asking_view(Asking("x.Y", "T", (Question("owner", "person", "Owner"),), {"owner": 7}), ENGLISH)

    assert (view.questions[0].value, view.questions[0].shown) == ("", "")


def test_file_is_what_its_first_bytes_say() -> None:
    assert kind_of(PNG) == "image/png"
    assert kind_of(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>") == "application/octet-stream"
    assert kind_of(b"<html>") == "application/octet-stream"
    assert kind_of(b"RIFF\x10\x00\x00\x00WEBPVP8 ") == "image/webp"
    assert kind_of(b"") == "application/octet-stream"


def test_sizes_read_well() -> None:
    assert [readable_size(n) for n in (812, 34 * 1024, 1_258_291)] == ["812 B", "34 KB", "1.2 MB"]


def test_card_in_two_languages_stands_on_two_lines() -> None:
    both = Speaker(Reader(("zh", "en")))

    view = card_view(Card(Label("标题", "Title"), body=(Label("正文", "Body"),)), both)

    assert (view.title, view.body) == ("标题 / Title", ("正文\nBody",))
