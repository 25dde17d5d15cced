"""Cards and forms as Slack shows them: the same facts, nothing that Slack would refuse, nothing that comes alive."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.slack.answers import answers_of
from bot.platforms.slack.blocks import MESSAGE_BLOCKS, VIEW_BLOCKS, blocks_of, message_of, text_of
from bot.platforms.slack.letters import cut, escaped, pieces, plain, short, size, without_mention
from bot.platforms.slack.modals import errors_of, home_of, modal_of, reopened
from bot.ui.card import Button, Card, Fact, Image, Link, Row, Table, Tone
from bot.ui.form import Asking, Attached, Option, Position, Question
from config.text import Label, Money, t
from storage.places import Address, Identity
from tests.platforms.slack import limits, shown
from tests.platforms.slack.office import BOTH, CHINESE, ENGLISH

HERE = Address("slack", "C1", "17.5")
COMPLAINT = Card(
    title="Complaint C-1",
    body=("The lock is broken & the door <open>.",),
    facts=(Fact(Label("客户", "Customer"), "Ms Lee"), Fact(Label("金额", "Amount"), Money(12050))),
    table=Table((Label("何人", "Who"), Label("何事", "What")), (Row(("Omar", "took it")), Row(("Dana", "asked")))),
    image=Image(7, "Complaints by week"),
    buttons=(
        Button(Label("接手", "I take it"), "tickets.take:1:1", Tone.GOOD),
        Button(Label("关闭", "Close"), "tickets.close:1:1", Tone.BAD, confirm="Close it for good?"),
        Button("Give to Omar", "tickets.give:1:2"),
        Button("Give to Dana", "tickets.give:1:3"),
    ),
    links=(Link("Open", "https://opsbook.example/t/1"),),
    foot=("§3.4.2",),
)


def test_card_shows_its_parts_in_their_order() -> None:
    assert shown.line_of_message(message_of(COMPLAINT, ENGLISH)) == (
        "Complaint C-1 | The lock is broken & the door <open>. | Customer Ms Lee | Amount ¥120.50"
        " | Who | What | Omar | took it Dana | asked"
        " | [I take it] [Close] [Give to Omar] [Give to Dana] | [Open] | Complaints by week | §3.4.2"
    ).replace("¥", ENGLISH(Money(1))[:-4])


def test_card_is_what_slack_takes_and_makes_nothing_live() -> None:
    message = message_of(COMPLAINT, BOTH)

    assert limits.refusal_of_blocks(message["blocks"]) is None
    assert shown.live_in_message(message | {"sent_with": {"parse": "none"}}) == []


def test_card_buttons_carry_the_whole_action_under_ids_of_their_own() -> None:
    actions = next(block for block in blocks_of(COMPLAINT, ENGLISH) if block["block_id"] == "buttons0")

    assert [(one["action_id"], one["value"], one.get("style")) for one in actions["elements"]] == [
        ("tickets.take", "tickets.take:1:1", "primary"),
        ("tickets.close", "tickets.close:1:1", "danger"),
        ("tickets.give", "tickets.give:1:2", None),
        ("tickets.give:2", "tickets.give:1:3", None),
    ]
    assert actions["elements"][1]["confirm"]["text"]["text"] == "Close it for good?"
    assert actions["elements"][1]["confirm"]["style"] == "danger"


def test_card_shows_its_tone() -> None:
    titles = [blocks_of(Card("Late", tone=tone), ENGLISH)[0]["text"]["text"] for tone in Tone]

    assert titles == ["Late", "✅ Late", "❌ Late", "⚠️ Late", "Late"]


def test_card_text_is_escaped_and_short_enough_to_be_edited() -> None:
    text = text_of(Card("<!channel> & <@U1>", body=("&" * 9000,)), ENGLISH)

    assert text.startswith("&lt;!channel&gt; &amp; &lt;@U1&gt;\n&amp;")
    assert len(text) <= 4000


def test_card_stacks_two_languages() -> None:
    card = Card(Label("投诉", "Complaint"), body=(Label("门坏了", "The door is broken"),))

    assert shown.line_of_message(message_of(card, BOTH)) == "投诉 / Complaint | 门坏了 The door is broken"


def test_card_table_says_how_many_more_there_are() -> None:
    rows = tuple(Row((f"C-{n}",), Button("Take", f"tickets.take:{n}:1")) for n in range(200))
    card = Card("Open complaints", table=Table(("Number",), rows), foot=("§3.4",))

    message, home = blocks_of(card, ENGLISH), blocks_of(card, ENGLISH, VIEW_BLOCKS)

    assert (len(message), len(home)) == (MESSAGE_BLOCKS, VIEW_BLOCKS)
    assert limits.refusal_of_blocks(message) is None
    assert shown.line_of_message({"blocks": message[-2:]}) == "… and 154 more, not shown here | §3.4"
    assert [block["accessory"]["action_id"] for block in message[2:4]] == ["tickets.take", "tickets.take:2"]


def test_card_table_without_buttons_needs_few_blocks() -> None:
    card = Card("All", table=Table(("Number",), tuple(Row((f"C-{n}",)) for n in range(300))))

    assert len(blocks_of(card, ENGLISH)) == 3


def test_card_link_that_slack_would_refuse_is_shown_as_words() -> None:
    card = Card("See", links=(Link("Page", "javascript:alert(1)"), Link("Far", "https://e.example/" + "x" * 3000)))

    assert [block["type"] for block in blocks_of(card, ENGLISH)] == ["header", "context"]


NASTY = st.lists(
    st.one_of(
        st.sampled_from(["👨‍👩‍👧‍👦", "é", "\u0301", "<", "&", "<!channel>", "@here", " ", "\n", "\u202e", "客"]),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
).map(lambda parts: "".join(parts) * 90)
WORDS = st.one_of(st.text(max_size=30), NASTY)
BUTTON = st.builds(
    Button,
    label=WORDS,
    action=st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}(:[0-9]{1,9}){0,2}", fullmatch=True),
    tone=st.sampled_from(Tone),
    confirm=st.none() | WORDS,
)
ROWS = st.lists(st.builds(Row, st.tuples(WORDS, WORDS), st.none() | BUTTON), max_size=120).map(tuple)
CARD = st.builds(
    Card,
    title=WORDS,
    body=st.lists(WORDS, max_size=12).map(tuple),
    facts=st.lists(st.builds(Fact, WORDS, WORDS), max_size=25).map(tuple),
    table=st.none() | st.builds(Table, st.just(("a", "b")), ROWS),
    buttons=st.lists(BUTTON, max_size=30).map(tuple),
    links=st.lists(
        st.builds(Link, WORDS, st.sampled_from(["https://e.example/", "ftp://x", "http://a b"])), max_size=4
    ).map(tuple),
    tone=st.sampled_from(Tone),
    foot=st.lists(WORDS, max_size=12).map(tuple),
)


@settings(max_examples=120, deadline=None)
@given(CARD)
def test_every_card_is_what_slack_takes(card: Card) -> None:
    message = message_of(card, BOTH)

    assert limits.refusal_of_blocks(message["blocks"]) is None
    assert 1 <= len(message["text"]) <= 4000
    assert shown.live_in_message(message | {"sent_with": {"parse": "none"}}) == []
    assert limits.refusal_of_view(home_of(card, BOTH), home=True) is None


# --- Letters ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "most", "found"),
    [
        ("short", 5, "short"),
        ("shorter", 5, "shor…"),
        ("", 5, "–"),
        (" \n ", 5, "–"),
        ("客户投诉", 3, "客户…"),
        ("ab👨‍👩‍👧‍👦", 12, "ab…"),
        ("ab👨‍👩‍👧‍👦", 13, "ab👨‍👩‍👧‍👦"),
        ("cafe\u0301s", 5, "caf…"),
        ("👨‍👩‍👧‍👦", 3, "👨…"),  # one grapheme, longer than all the place there is
    ],
)
def test_text_is_cut_between_graphemes(text: str, most: int, found: str) -> None:
    assert cut(text, most) == found
    assert size(found) <= most


def test_text_of_ten_thousand_combining_marks_is_cut_in_time() -> None:
    assert size(cut("e" + "\u0301" * 10_000, 150)) <= 150


def test_long_text_is_parted_at_spaces() -> None:
    assert pieces("one two three four", 9, 9) == ["one two", "three", "four"]
    assert pieces("one two three four", 9, 2) == ["one two", "three fo…"]


def test_small_place_takes_both_languages_or_the_first_that_fits() -> None:
    words = Label("新建投诉", "A new complaint of a customer")

    assert short(BOTH, Label("新建", "New"), 24) == "新建 / New"
    assert short(BOTH, words, 24) == "新建投诉"
    assert short(ENGLISH, words, 24) == "A new complaint of a cu…"


def test_escaped_text_fits_after_escaping() -> None:
    assert escaped("&" * 100, 50) == "&amp;" * 8 + "…"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<@U1> and <@U2|omar>", "@U1 and @omar"),
        ("<#C1|service> <#C2|>", "#service #C2"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<https://a.example|a.example>", "a.example"),
        ("<https://evil.example|bank>", "bank (https://evil.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("1 < 2 <> 3", "1 < 2 <> 3"),
    ],
)
def test_slacks_marks_are_read_as_a_person_sees_them(sent: str, read: str) -> None:
    assert plain(sent) == read


def test_mention_of_us_is_taken_out() -> None:
    assert without_mention("<@UBOT>: 投诉 door", "UBOT") == "投诉 door"
    assert without_mention("hello <@UBOT|opsbook> and <@U2>", "UBOT") == "hello and <@U2>"


# --- Forms -----------------------------------------------------------------------------------------------

URGENCY = (Option("low", Label("低", "Low")), Option("high", Label("高", "High")))
MANY = tuple(Option(f"o{n}", f"Option {n}") for n in range(250))
QUESTIONS = (
    Question("customer", "line", Label("客户", "Customer"), most=150),
    Question("what", "paragraph", "What happened?", hint="As they said it", optional=True, most=3000),
    Question("times", "number", "How often?", least=1, most=9),
    Question("worth", "money", "Worth"),
    Question("urgency", "choice", "Urgency", options=URGENCY),
    Question("maybe", "choice", "Maybe", optional=True, options=URGENCY),
    Question("product", "choice", "Product", options=MANY),
    Question("tags", "choices", "Tags", options=URGENCY),
    Question("day", "day", "Day"),
    Question("at", "moment", "At"),
    Question("who", "person", "Who"),
    Question("crew", "people", "Crew", least=1, most=5),
    Question("proof", "files", "Proof", most=3),
)
GIVEN: dict[str, Any] = {
    "customer": "Ms Lee",
    "times": 2,
    "worth": Money(12050),
    "urgency": "high",
    "product": "o101",
    "tags": ["low"],
    "day": date(2026, 3, 15),
    "at": "2026-03-15T14:30",
    "who": Identity("slack", "T0001", "U2"),
    "crew": (Identity("slack", "T0001", "U2"), 17, Identity("slack", "T0001", "U3")),
}
FORM = Asking("tickets.NewComplaint", Label("新建投诉", "New complaint"), QUESTIONS, GIVEN, about="tickets:42:3")


def test_form_asks_each_question_in_its_way() -> None:
    view = modal_of(FORM, ENGLISH, HERE)

    assert limits.refusal_of_view(view) is None
    assert {block["block_id"]: block["element"]["type"] for block in view["blocks"]} == {
        "customer": "plain_text_input",
        "what": "plain_text_input",
        "times": "number_input",
        "worth": "plain_text_input",
        "urgency": "radio_buttons",
        "maybe": "static_select",
        "product": "static_select",
        "tags": "checkboxes",
        "day": "datepicker",
        "at": "datetimepicker",
        "who": "users_select",
        "crew": "multi_users_select",
        "proof": "file_input",
    }
    assert all(block["element"]["action_id"] == block["block_id"] for block in view["blocks"])
    assert (view["callback_id"], json.loads(view["private_metadata"])) == (
        "tickets.NewComplaint",
        {"about": "tickets:42:3", "channel": "C1", "thread": "17.5"},
    )


def test_form_shows_what_is_filled_in_already() -> None:
    initial = {
        block["block_id"]: {name: value for name, value in block["element"].items() if name.startswith("initial_")}
        for block in modal_of(FORM, ENGLISH, HERE)["blocks"]
    }

    low = {"text": {"type": "plain_text", "text": "Low", "emoji": True}, "value": "low"}
    high = {"text": {"type": "plain_text", "text": "High", "emoji": True}, "value": "high"}
    option = {"text": {"type": "plain_text", "text": "Option 101", "emoji": True}, "value": "o101"}
    assert {name: found for name, found in initial.items() if found} == {
        "customer": {"initial_value": "Ms Lee"},
        "times": {"initial_value": "2"},
        "worth": {"initial_value": "120.50"},
        "urgency": {"initial_option": high},
        "product": {"initial_option": option},
        "tags": {"initial_options": [low]},
        "day": {"initial_date": "2026-03-15"},
        "at": {"initial_date_time": int(datetime(2026, 3, 15, 6, 30, tzinfo=UTC).timestamp())},
        "who": {"initial_user": "U2"},
        "crew": {"initial_users": ["U2", "U3"]},
    }


def test_form_says_which_files_it_has_and_asks_for_no_other() -> None:
    questions = (Question("proof", "files", "Proof", "A receipt.", most=3),)
    files = (Attached("web:7", "taxi.pdf"), Attached("slack:F1", "hotel.pdf"))

    block = modal_of(Asking("f", "Form", questions, {"proof": files}), ENGLISH, HERE)["blocks"][0]

    assert (block["optional"], block["hint"]["text"]) == (
        True, "A receipt.\nSo far: taxi.pdf, hotel.pdf. They stay, unless you add others.",
    )  # fmt: skip


def test_form_leaves_out_what_can_not_be_prefilled() -> None:
    answers = {"times": "many", "urgency": "x", "day": "soon", "at": "0001-01-01T00:00", "who": 17, "crew": (17,)}

    view = modal_of(Asking("f", "Form", QUESTIONS, answers), ENGLISH, HERE)

    assert limits.refusal_of_view(view) is None
    assert not [block for block in view["blocks"] if any(key.startswith("initial_") for key in block["element"])]


def test_form_asks_for_a_place_in_a_line_and_says_how_to_write_it() -> None:
    questions = (Question("at", "place", "Where is it?"),)

    view = modal_of(Asking("f", "Form", questions, {"at": Position(31.2304, 121.4737)}), ENGLISH, HERE)

    assert limits.refusal_of_view(view) is None
    assert view["blocks"][0]["hint"]["text"] == "Latitude and longitude, such as 31.2304, 121.4737."
    assert view["blocks"][0]["element"]["initial_value"] == "31.23040, 121.47370"


def test_form_with_a_long_title_tells_it_above_the_questions() -> None:
    asking = Asking("f", t("A complaint that somebody has brought to us"), QUESTIONS[:1], {}, send=t("Send"))

    view = modal_of(asking, ENGLISH, HERE)

    assert shown.line_of_view(view) == (
        "A complaint that somebo… | A complaint that somebody has brought to us | Customer: ___ | [Send] [Cancel]"
    )


def test_form_without_options_says_so_instead_of_breaking() -> None:
    asking = Asking("f", "Form", (Question("product", "choice", "Product"), QUESTIONS[0]), {})

    view = modal_of(asking, ENGLISH, HERE)

    assert limits.refusal_of_view(view) is None
    assert view["blocks"][0]["text"]["text"] == "Product: There is nothing to choose from yet."


@settings(max_examples=60, deadline=None)
@given(
    WORDS,
    WORDS,
    WORDS,
    st.dictionaries(st.sampled_from([q.name for q in QUESTIONS]), WORDS | st.integers() | st.none()),
)
def test_every_form_is_what_slack_takes(title: str, label: str, hint: str, answers: dict[str, Any]) -> None:
    questions = tuple(Question(q.name, q.ask, label, hint, q.optional, q.least, q.most, q.options) for q in QUESTIONS)

    view = modal_of(Asking("f", title, questions, answers, about=label, send=hint), BOTH, HERE)

    assert limits.refusal_of_view(view) is None


def test_answers_come_back_by_question() -> None:
    values = {
        "customer": {"customer": {"type": "plain_text_input", "value": "Ms <Lee> & co"}},
        "what": {"what": {"type": "plain_text_input", "value": None}},
        "times": {"times": {"type": "number_input", "value": "2"}},
        "urgency": {"urgency": {"type": "radio_buttons", "selected_option": {"value": "high"}}},
        "maybe": {"maybe": {"type": "static_select", "selected_option": None}},
        "tags": {"tags": {"type": "checkboxes", "selected_options": [{"value": "low"}, {"value": 7}, "x"]}},
        "day": {"day": {"type": "datepicker", "selected_date": "2026-03-15"}},
        "at": {"at": {"type": "datetimepicker", "selected_date_time": 1773556200}},
        "who": {"who": {"type": "users_select", "selected_user": "U2"}},
        "crew": {"crew": {"type": "multi_users_select", "selected_users": ["U3", 7, "U2"]}},
        "proof": {
            "proof": {
                "type": "file_input",
                "files": [
                    {"id": "F1", "name": "door.png", "mimetype": "image/png", "size": 12},
                    {"id": "F2", "mode": "tombstone"},
                    {"id": 3},
                ],
            }
        },
    }

    assert answers_of(values, "T0001") == {
        "customer": "Ms <Lee> & co",
        "times": "2",
        "urgency": "high",
        "tags": ["low"],
        "day": "2026-03-15",
        "at": "2026-03-15T06:30:00+00:00",
        "who": Identity("slack", "T0001", "U2"),
        "crew": [Identity("slack", "T0001", "U3"), Identity("slack", "T0001", "U2")],
        "proof": [Attached("slack:F1", "door.png", "image/png", 12)],
    }


@pytest.mark.parametrize("forged", [None, [], "x", {"a": None}, {"a": {"a": []}}, {"a": {"a": {"type": "file_input"}}}])
def test_forged_answers_are_none(forged: Any) -> None:
    assert answers_of(forged, "T0001") == {}


def test_refusal_stands_beside_its_question_or_the_last_one() -> None:
    view = modal_of(FORM, ENGLISH, HERE)

    assert errors_of(view, "customer", "Who?") == {"customer": "Who?"}
    assert errors_of(view, "gone", "No.") == errors_of(view, None, "No.") == {"proof": "No."}
    assert errors_of({"blocks": []}, None, "No.") == {}


def test_window_drawn_anew_keeps_what_was_written() -> None:
    view = modal_of(Asking("f", "Form", QUESTIONS[:2], {"customer": "Ms Lee"}), ENGLISH, HERE)
    state = {"values": {"what": {"what": {"type": "plain_text_input", "value": "It broke"}}}}

    again = reopened(view | {"state": state, "id": "V1", "hash": "1.a"}, t("Not today."), ENGLISH)
    once_more = reopened(again | {"state": state}, "Nor tomorrow.", ENGLISH)

    assert limits.refusal_of_view(again) is None
    assert shown.line_of_view(again) == (
        "Form | ⚠️ Not today. | Customer: Ms Lee | What happened? (optional) (As they said it): It broke"
        " | [Submit] [Cancel]"
    )
    assert shown.line_of_view(once_more).split(" | ")[1:3] == ["⚠️ Nor tomorrow.", "Customer: Ms Lee"]


def test_chinese_reader_reads_chinese() -> None:
    assert modal_of(FORM, CHINESE, HERE)["title"]["text"] == "新建投诉"
