"""A card on Telegram reads well on a phone, is never too long, and nothing in it that somebody wrote comes alive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.letters import width
from bot.platforms.telegram.keyboards import asks_place, is_web, opens
from bot.platforms.telegram.markup import CAPTION, MESSAGE, PHONE, Drawn, Limits, draw, draw_words
from bot.ui.card import Attached, Button, Card, Fact, Link, Row, Table, Tone
from bot.words import Reader, Speaker
from config.text import Label, Money, Span, Text, When, Words, t
from tests.platforms.telegram import html
from tests.platforms.telegram.entities import found_in
from tests.platforms.telegram.keyboards import markup_of
from tests.platforms.telegram.shown import live, units
from tests.platforms.telegram.wire import Args

ENGLISH = Speaker(Reader(("en",)))
CHINESE = Speaker(Reader(("zh",)))
BOTH = Speaker(Reader())
MONDAY = datetime(2025, 11, 24, 9, 30, tzinfo=UTC)


def read(drawn: Drawn) -> str:
    """The text as people see it; fails where Telegram would not take it."""
    text, _ = html.parse(drawn.html)
    assert text.strip()
    assert units(text) <= MESSAGE
    assert units(drawn.plain) <= MESSAGE
    if drawn.keyboard is not None:
        markup_of(Args("sendMessage", {"reply_markup": drawn.keyboard}))
    return text


def alive(drawn: Drawn) -> list[tuple[str, str]]:
    text, entities = html.parse(drawn.html)
    return live(text, found_in(text, entities))


def labels(drawn: Drawn) -> list[list[str]]:
    return [
        [button["text"] for button in row] for row in (drawn.keyboard or {"inline_keyboard": []})["inline_keyboard"]
    ]


# --- What a card looks like -------------------------------------------------------------------------------


def test_card_shows_everything_in_its_order() -> None:
    card = Card(
        t("Complaint {number}", number="C-1042"),
        body=("The lock is broken.", "Nobody came."),
        facts=(Fact(t("Customer"), "Ms Lee"), Fact(t("Answer by"), When(MONDAY))),
        table=Table((t("Number"), t("State")), (Row(("C-7", t("Open"))), Row(("C-8", t("Closed"))))),
        buttons=(Button(t("I take it"), "tickets.take:42:3", Tone.GOOD), Button(t("Close"), "tickets.close:42:3")),
        links=(Link(t("Open"), "https://ops.example.com/tickets/42"),),
        files=(Attached("web:7", "door lock", "image/png", 20),),
        foot=(t("{n} more; see the lists.", n=3),),
    )

    drawn = draw(card, ENGLISH)

    assert drawn.html == (
        "<b>Complaint C-1042</b>\n\n"
        "The lock is broken.\n\n"
        "Nobody came.\n\n"
        "<b>Customer</b>: Ms Lee\n"
        "<b>Answer by</b>: Mon 24 Nov 17:30\n\n"
        "<b>C-7</b> · Open\n"
        "<b>C-8</b> · Closed\n\n"
        "📎 door lock\n\n"
        "<i>3 more; see the lists.</i>"
    )
    assert drawn.plain == read(drawn)
    assert drawn.is_whole
    assert drawn.keyboard == {
        "inline_keyboard": [
            [
                {"text": "I take it", "callback_data": "tickets.take:42:3", "style": "primary"},
                {"text": "Close", "callback_data": "tickets.close:42:3"},
            ],
            [{"text": "Open", "url": "https://ops.example.com/tickets/42"}],
        ]
    }


@pytest.mark.parametrize(
    ("tone", "title"),
    [
        (Tone.PLAIN, "<b>Done</b>"),
        (Tone.MUTED, "<b>Done</b>"),
        (Tone.GOOD, "<b>✅ Done</b>"),
        (Tone.BAD, "<b>❌ Done</b>"),
        (Tone.WARN, "<b>⚠️ Done</b>"),
    ],
)
def test_tone_is_a_sign_before_the_title(tone: Tone, title: str) -> None:
    assert draw(Card("Done", body=("It is.",), tone=tone), ENGLISH).html == f"{title}\n\nIt is."


def test_title_alone_is_a_sentence_and_no_heading() -> None:
    assert draw(Card("That was not saved.", tone=Tone.WARN, buttons=(Button("Again", "x"),)), ENGLISH).html == (
        "⚠️ That was not saved."
    )


def test_two_languages_stand_on_two_lines() -> None:
    card = Card(
        Label("投诉", "Complaint"),
        body=(Label("请尽快处理。", "Please look at it soon."),),
        facts=(
            Fact(Label("客户", "Customer"), "李女士"),
            Fact(Label("状态", "State"), Label("还没有人处理", "Nobody has taken it yet")),
        ),
    )

    assert draw(card, BOTH).html == (
        "<b>投诉 / Complaint</b>\n\n"
        "请尽快处理。\nPlease look at it soon.\n\n"
        "<b>客户 / Customer</b>: 李女士\n"
        "<b>状态 / State</b>:\n还没有人处理\nNobody has taken it yet"
    )


def test_long_title_in_two_languages_stands_on_two_lines() -> None:
    title = Label("还没有人处理这个投诉,请看一看", "Nobody has taken this complaint, please look")

    assert draw(Card(title, body=("1",)), BOTH).html == f"<b>{title.zh}\n{title.en}</b>\n\n1"


def test_chinese_takes_the_wide_colon_and_no_gap() -> None:
    card = Card("X", facts=(Fact(Label("客户", "Customer"), "李梅"), Fact(Label("多急？", "How urgent?"), "一般")))

    assert draw(card, CHINESE).html == "<b>X</b>\n\n<b>客户</b>：李梅\n<b>多急？</b> 一般"


def test_fact_that_a_phone_would_break_has_its_value_on_the_next_line() -> None:
    card = Card(
        "X", facts=(Fact("Customer", "Ms Lee"), Fact("What", "The lock of the front door broke"), Fact("Why?", ""))
    )

    assert draw(card, ENGLISH).html == (
        "<b>X</b>\n\n<b>Customer</b>: Ms Lee\n<b>What</b>:\nThe lock of the front door broke\n<b>Why?</b> –"
    )


def test_what_nobody_could_see_is_a_dash() -> None:
    card = Card("\u200b", body=(" ", "\u2800"), facts=(Fact("", ""),), foot=("\u202e",))

    assert draw(card, ENGLISH).html == "<b>–</b>\n\n–\n\n–\n\n<b>–</b>: –\n\n<i>–</i>"


def test_words_alone_are_a_message() -> None:
    assert draw_words(Label("好的。", "All right."), BOTH) == Drawn("好的。\nAll right.", "好的。\nAll right.")
    assert draw_words("", ENGLISH) == Drawn("–", "–")
    assert draw_words("<b>@omar", ENGLISH) == Drawn("&lt;b&gt;<code>@omar</code>", "<b>@omar")


# --- Tables -----------------------------------------------------------------------------------------------


def rows_of(columns: tuple[Words, ...], *rows: tuple[Words, ...]) -> list[str]:
    text = read(draw(Card("X", table=Table(columns, tuple(Row(cells) for cells in rows))), ENGLISH))
    return text.removeprefix("X\n\n").split("\n")


def test_cell_that_says_nothing_alone_has_its_columns_name() -> None:
    columns = (t("Name"), "Late", "Left", "Pay", "Took", "Here")

    assert rows_of(columns, ("Dana", "3", "", Money(1200), Span(5400), t("No"))) == [
        "Dana · Late: 3 · Pay: CN¥12.00",
        "Took: 1 h 30 min · Here: No",
    ]


def test_short_rows_stand_close_and_long_ones_apart() -> None:
    columns = ("Number", "Customer", "State")

    assert rows_of(columns, ("C-1", "Lee", "open"), ("C-2", "Acme", "closed")) == [
        "C-1 · Lee · open",
        "C-2 · Acme · closed",
    ]
    assert rows_of(columns, ("C-1", "Lee", "open"), ("C-2", "The Acme Company of Shanghai", "closed")) == [
        "C-1 · Lee · open",
        "",
        "C-2 · The Acme Company of Shanghai",
        "closed",
    ]


@given(st.lists(st.lists(st.text("ab漢字 ", max_size=30), min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_no_line_of_a_table_is_wider_than_a_phone_unless_a_cell_is(cells: list[list[str]]) -> None:
    most = max(len(row) for row in cells)
    columns = tuple(f"Column {n}" for n in range(most))
    drawn = draw(Card("X", table=Table(columns, tuple(Row(tuple(row)) for row in cells))), ENGLISH)

    widest = max([PHONE, *(width(" ".join(cell.split())) for row in cells for cell in row)])

    assert all(width(one) <= widest for one in read(drawn).split("\n"))


def test_rows_are_pressed_by_their_first_cell() -> None:
    rows = tuple(Row((f"C-{n}", "Lee"), Button("Show", f"tickets.look:{n}")) for n in range(1001, 1006))

    drawn = draw(Card("X", table=Table(("Number", "Customer"), rows)), ENGLISH)

    assert labels(drawn) == [["C-1001 ›", "C-1002 ›", "C-1003 ›"], ["C-1004 ›", "C-1005 ›"]]
    assert drawn.keyboard is not None
    assert drawn.keyboard["inline_keyboard"][1][0]["callback_data"] == "tickets.look:1004"


def test_rows_whose_buttons_differ_say_what_each_does() -> None:
    rows = (Row(("C-1",), Button("Show", "a:1")), Row(("C-2",), Button("I take it", "b:2")), Row(("C-3",)))

    assert labels(draw(Card("X", table=Table(("Number",), rows)), ENGLISH)) == [["C-1 · Show", "C-2 · I take it"]]


@pytest.mark.parametrize("first", [("Dana", "Dana"), ("A very long name of a thing", "B"), ("", "B")])
def test_rows_that_their_first_cell_can_not_name_are_numbered(first: tuple[str, str]) -> None:
    rows = (Row((first[0],), Button("Show", "a:1")), Row((first[1],), Button("Show", "a:2")))

    drawn = draw(Card("X", table=Table(("Name",), rows)), ENGLISH)

    assert read(drawn) == f"X\n\n1. {first[0] or '–'}\n2. {first[1]}"
    assert labels(drawn) == [["1 · Show", "2 · Show"]]


# --- Buttons ----------------------------------------------------------------------------------------------


def in_rows(*names: str) -> list[list[str]]:
    return labels(draw(Card("X", buttons=tuple(Button(name, "a") for name in names)), ENGLISH))


def test_short_buttons_share_a_row_and_long_ones_stand_alone() -> None:
    assert in_rows("Yes", "No") == [["Yes", "No"]]
    assert in_rows("Mine", "Open", "Overdue") == [["Mine", "Open", "Overdue"]]
    assert in_rows("Mine", "Open", "Overdue", "All") == [["Mine", "Open"], ["Overdue", "All"]]
    assert in_rows("1", "2", "3", "4", "5") == [["1", "2", "3"], ["4", "5"]]
    assert in_rows("Report a complaint", "Complaints", "Help") == [["Report a complaint"], ["Complaints", "Help"]]


def test_chinese_signs_are_two_wide() -> None:
    assert in_rows("我来处理", "关闭", "转给同事") == [["我来处理", "关闭", "转给同事"]]
    assert in_rows("我来处理它", "关闭", "转给同事") == [["我来处理它"], ["关闭", "转给同事"]]
    assert in_rows("提交新的投诉吧哈", "关闭") == [["提交新的投诉吧哈"], ["关闭"]]


def test_label_in_two_languages_is_one_where_both_are_too_wide() -> None:
    long = Label("请把这个投诉转给另一位同事", "Hand this complaint over to somebody else")
    card = Card("X", buttons=(Button(Label("我来", "I take it"), "a"), Button(long, "b")))

    assert labels(draw(card, BOTH)) == [["我来 / I take it"], ["请把这个投诉转给另一位同事"]]


def test_pad_keeps_its_rows_and_its_empty_keys() -> None:
    week = tuple(
        Button(str(day) if day > 2 else " ", "none" if day <= 2 else f"ask.day:1:1:{day}") for day in range(1, 8)
    )
    names = tuple(Button(name, "none") for name in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))
    card = Card("X", pad=(names, week), buttons=(Button("Back", "ask.back:1:1"),))

    drawn = draw(card, ENGLISH)

    read(drawn)
    assert labels(drawn) == [
        ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
        ["\u2800", "\u2800", "3", "4", "5", "6", "7"],
        ["Back"],
    ]


def test_never_more_than_a_hundred_buttons_and_the_rows_go_first() -> None:
    rows = tuple(Row((f"C-{n}",), Button("Show", f"a:{n}")) for n in range(200))
    own = tuple(Button(f"B{n}", "b") for n in range(10))

    drawn = draw(Card("X", table=Table(("Number",), rows), buttons=own), ENGLISH)
    many = draw(Card("X", buttons=tuple(Button(f"B{n}", "b") for n in range(150))), ENGLISH)
    wide = draw(Card("X", pad=(tuple(Button(str(n), "none") for n in range(20)),)), ENGLISH)

    read(drawn), read(many), read(wide)
    assert sum(map(len, labels(drawn))) == 100
    assert labels(drawn)[-1][-1] == "B9"
    assert sum(map(len, labels(many))) == 100
    assert [len(row) for row in labels(wide)] == [8, 8, 4]


def test_hostile_label_is_one_line_of_moderate_length() -> None:
    names = ("a" * 5000, "e" + "\u0301" * 10_000, "\u200b", "x\ny", "\ud800", "\u202ecod.exe")
    drawn = draw(Card("X", buttons=tuple(Button(name, "a") for name in names)), ENGLISH)

    read(drawn)
    found = [label for row in labels(drawn) for label in row]
    assert all(units(label) <= 40 and "\n" not in label and "\u202e" not in label for label in found)
    assert found[2:4] == ["–", "x y"]


# --- Links and places -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "as_button", "as_words"),
    [
        ("https://ops.example.com/x?y=1", True, True),
        ("http://10.0.0.5:8080/x", True, True),
        ("http://127.0.0.1:8080/x", False, True),
        ("http://[::1]:8080/", False, True),
        ("http://localhost:8080/", False, True),
        ("http://opsbook/", False, True),
        ("http://ops.localhost/", False, True),
        ("javascript:alert(1)", False, False),
        ("tg://user?id=5", False, False),
        ("/signin?token=x", False, False),
        ("//evil.example", False, False),
        ("https://bank.example@evil.example/", False, False),
        ("https://a b.example/", False, False),
        ("https://", False, False),
        ("http://[", False, False),
        ("", False, False),
    ],
)
def test_link_is_a_button_where_telegram_takes_it_else_words(url: str, as_button: bool, as_words: bool) -> None:
    drawn = draw(Card("X", links=(Link("Sign in", url),)), ENGLISH)

    assert (opens(url), is_web(url)) == (as_button, as_words)
    shown = f"Sign in: {url}" if as_words else "Sign in"
    assert read(drawn) == ("X" if as_button else f"X\n\n{shown}")
    assert labels(drawn) == ([["Sign in"]] if as_button else [])


def test_links_are_words_where_buttons_were_refused() -> None:
    card = Card("X", links=(Link("Sign in", "https://ops.example.com"),))

    drawn = draw(card, ENGLISH, Limits(leads_out=False))

    assert (read(drawn), drawn.keyboard) == ("X\n\nSign in: https://ops.example.com", None)


def test_file_is_named_and_another_platforms_is_a_link() -> None:
    files = (
        Attached("web:1", "photo.zip"),
        Attached("slack:F1", "a<b>.pdf", url="https://files.example.com/F1?a=1&b=2"),
        Attached("slack:F2", "x", url="javascript:alert(1)"),
        Attached("web:2", "two\nlines\u202egpj.exe"),
    )

    assert draw(Card("X", files=files), ENGLISH).html == (
        "<b>X</b>\n\n📎 <code>photo.zip</code>\n"
        '📎 <a href="https://files.example.com/F1?a=1&amp;b=2">a&lt;b&gt;.pdf</a>\n'
        "📎 x\n📎 two lines <code>gpj.exe</code>"
    )


def test_place_is_asked_for_with_a_key_that_goes_after_one_press() -> None:
    assert asks_place(ENGLISH) == {
        "keyboard": [[{"text": "📍 Share where I am", "request_location": True}], [{"text": "Cancel"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


# --- What somebody wrote stays words ----------------------------------------------------------------------

HOSTILE = [
    "<b>bold</b>",
    "<a href='https://evil.example'>bank</a>",
    '<a href="tg://user?id=501">Dana</a>',
    "</b></i></code><pre>",
    "<tg-spoiler>x",
    "&lt;b&gt; &amp;amp; &#60;b&#62; &nbsp;",
    "*bold* _it_ [x](https://evil.example) ||s|| `c`",
    "@dana @channel @everyone hey@dana",
    "/start /delete@opsbook_bot go/now a /x",
    "https://evil.example/path?x=1&y=2#z (https://evil.example) http://例え.com",
    "www.evil.example evil.com/path sub.evil.co.uk. mail lee@example.com",
    "127.0.0.1:8080/x 10.0.0.1",
    "t.me/evilbot tg://resolve?domain=evil",
    "#tag #标签 $USD ＃全",
    "请看evil.com谢谢 联系@dana谢谢 网站：https://evil.example/。好",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "<!channel> <@U1> <https://evil|bank>",
    "\ud83d broken \udc00",
    "\x00\x01\x1b[31mred\r\nnew",
    "e" + "\u0301" * 10_000,
    "👨‍👩‍👧‍👦" * 3000,
    "مرحبا بالعالم " * 500,
    "\n" * 5000 + "end",
    "a" * 50_000,
    "@dana " * 3000,
    "-." * 20_000,
    "a.-@" * 10_000,
    "=1+1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("say", [ENGLISH, BOTH], ids=["en", "both"])
def test_hostile_words_neither_ring_nor_lead_nor_break_anything(text: str, say: Speaker) -> None:
    inside = t("{state}, overdue", state=text)
    card = Card(
        inside,
        body=(text, inside),
        facts=(Fact(text, text), Fact("A", inside)),
        table=Table((text, "B"), (Row((text, inside), Button(text, "a:1")), Row(("1", text), Button("Show", "a:2")))),
        buttons=(Button(text, "b"),),
        files=(Attached("web:1", text),),
        foot=(text, inside),
    )

    drawn = draw(card, say)

    read(drawn)
    assert alive(drawn) == []
    assert len(html.parse(drawn.html)[1]) <= 100
    assert not {"\u202e", "\u2066", "\x00", "\x1b"} & set(drawn.html)
    assert drawn.keyboard is not None
    kept = [button["callback_data"] for row in drawn.keyboard["inline_keyboard"] for button in row]
    assert kept[-1] == "b"
    assert len(text) > 2000 or kept == ["a:1", "a:2", "b"]


def test_what_is_set_as_code_reads_and_copies_as_it_was_written() -> None:
    text = "Ask @dana, /take it, see https://x.example/a_(b) or mail lee@example.com; v1.2 costs $3 #4."

    assert read(draw_words(text, ENGLISH)) == text


def test_our_own_words_may_name_a_command() -> None:
    assert draw_words(Text("Type /help, or {n}.", {"n": 3}), ENGLISH).html == "Type /help, or 3."
    assert draw_words(Text("Type {x}.", {"x": "/help"}), ENGLISH).html == "Type <code>/help</code>."


# --- When it is too much ----------------------------------------------------------------------------------

CUT = "Shortened to fit. The web chat has all of it."


def test_text_at_the_limit_stays_whole() -> None:
    at, over = Card("X", body=("a" * (MESSAGE - 3),)), Card("X", body=("a" * (MESSAGE - 2),))

    assert (draw(at, ENGLISH).is_whole, units(read(draw(at, ENGLISH)))) == (True, MESSAGE)
    assert draw(over, ENGLISH).is_whole is False
    assert read(draw(over, ENGLISH)).endswith(f"…\n\n{CUT}")


def test_giant_paragraph_costs_nothing_else_its_place() -> None:
    card = Card(
        "Complaint C-1",
        body=("First.", "long " * 3000, "Last."),
        facts=(Fact("Customer", "Ms Lee"),),
        table=Table(("Number", "State"), (Row(("C-7", "open")),)),
        buttons=(Button("I take it", "tickets.take:1:1"),),
        files=(Attached("web:1", "photo"),),
        foot=("Clause 3",),
    )

    drawn = draw(card, ENGLISH)
    parts = read(drawn).split("\n\n")

    assert parts[:2] == ["Complaint C-1", "First."]
    assert parts[2].startswith("long long")
    assert parts[3:] == ["Last.", "Customer: Ms Lee", "C-7 · open", "📎 photo", CUT, "Clause 3"]
    assert units(read(drawn)) > MESSAGE - 20
    assert labels(drawn) == [["I take it"]]


def test_giant_facts_share_the_room_and_short_ones_stay_whole() -> None:
    card = Card("X", body=("b" * 5000,), facts=tuple(Fact(f"F{n}", "v" * (3000 if n % 2 else 5)) for n in range(6)))

    text = read(draw(card, ENGLISH))

    assert [f"F{n}: vvvvv" in text for n in (0, 2, 4)] == [True] * 3
    assert [f"F{n}:\nvvvvv" in text for n in (1, 3, 5)] == [True] * 3
    assert "bbbbb" in text


def test_table_that_does_not_fit_says_how_much_is_left() -> None:
    rows = tuple(Row((f"C-{n}", "some customer"), Button("Show", f"a:{n}")) for n in range(500))

    drawn = draw(Card("X", table=Table(("Number", "Customer"), rows), buttons=(Button("Help", "h"),)), ENGLISH)
    text = read(drawn)
    shown = text.count("some customer")

    assert f"… and {500 - shown} more, not shown here" in text
    assert 100 < shown < 500
    assert labels(drawn)[-1] == ["Help"]


def test_buttons_of_rows_that_are_not_shown_are_not_shown() -> None:
    rows = tuple(Row((f"C-{n}", "z" * 380), Button("Show", f"a:{n}")) for n in range(50))

    drawn = draw(Card("X", table=Table(("Number", "What"), rows)), ENGLISH)

    assert sum(map(len, labels(drawn))) == read(drawn).count("\nzzz")


def test_caption_is_shorter() -> None:
    card = Card("X", body=("a" * 1100,), facts=(Fact("Customer", "Ms Lee"),))

    drawn = draw(card, ENGLISH, Limits(CAPTION))

    assert units(read(drawn)) <= CAPTION
    assert not drawn.is_whole
    assert "Customer: Ms Lee" in drawn.plain


def test_cut_never_parts_a_sign() -> None:
    family = "👨‍👩‍👧‍👦"

    text = read(draw(Card("X", body=(family * 2000,)), ENGLISH))

    assert set(text.split("\n\n")[1].removesuffix("…").split(family)) == {""}


def _words() -> st.SearchStrategy[Words]:
    signs = st.text(st.characters(codec=None), max_size=300)
    some = st.text("ab @/.#<>&\"'\n漢é\u0301\u200d👍:x", max_size=400)
    long = st.builds(lambda word, n: word * n, st.text("ab<&@. \n漢👍", min_size=1, max_size=5), st.integers(1, 3000))
    own: st.SearchStrategy[Any] = signs | some | long
    return own | st.builds(lambda text: t("{state}, overdue", state=text), own) | st.just(When(MONDAY))


@given(
    st.builds(
        Card,
        title=_words(),
        body=st.lists(_words(), max_size=6).map(tuple),
        facts=st.lists(st.builds(Fact, _words(), _words()), max_size=12).map(tuple),
        table=st.none()
        | st.lists(
            st.builds(
                Row,
                st.lists(_words(), min_size=1, max_size=4).map(tuple),
                st.none() | st.builds(Button, _words(), st.just("a:1")),
            ),
            max_size=20,
        ).map(lambda rows: Table(("A", "B", "C", "D"), tuple(rows))),
        buttons=st.lists(st.builds(Button, _words(), st.just("b")), max_size=12).map(tuple),
        links=st.lists(
            st.builds(Link, _words(), st.text(max_size=50) | st.just("https://a.example/x")), max_size=4
        ).map(tuple),
        files=st.lists(st.builds(Attached, st.just("web:1"), st.text(max_size=200)), max_size=5).map(tuple),
        tone=st.sampled_from(list(Tone)),
        foot=st.lists(_words(), max_size=3).map(tuple),
    ),
    st.sampled_from([ENGLISH, CHINESE, BOTH]),
    st.sampled_from([MESSAGE, CAPTION]),
)
@settings(max_examples=150, deadline=None)
def test_any_card_is_one_that_telegram_takes(card: Card, say: Speaker, most: int) -> None:
    drawn = draw(card, say, Limits(most))

    text = read(drawn)
    assert units(text) <= most
    assert units(drawn.plain) <= most
