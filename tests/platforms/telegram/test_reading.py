"""Telegram's updates become what people did; whatever an update holds, reading it raises nothing."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Commanded, Pressed, Said
from bot.platforms.telegram.links import action_of, deep_link, key_of, payload_of
from bot.platforms.telegram.media import LIVE, NO_PLACE, PASSED_ON, TOO_OLD, Sent
from bot.platforms.telegram.reading import (
    NOT_OURS,
    UNREADABLE,
    Arrived,
    Back,
    Did,
    Edited,
    Idle,
    Lost,
    Moved,
    Ours,
    Placed,
    Spot,
    Unread,
    lane_of,
    number_of,
    read,
)
from bot.platforms.telegram.wording import Wording, wording
from bot.ui.form import Position
from storage.places import Address, Identity
from tests.platforms.telegram.payloads import (
    ALL,
    BOT,
    DOCUMENT,
    GROUP,
    NAME,
    NOW,
    PERSON,
    PHOTO,
    PLACE,
    PRIVATE,
    SERVICE,
    US,
    message,
    mutated,
    ours,
    press,
    standing,
)

KEY = key_of("7000000001:AAFakeTokenForTestsOnly")
OURS = Ours(BOT, NAME, KEY, frozenset({"complaint", "help"}))
AT = datetime.fromtimestamp(NOW, UTC)
ID = f"update:{BOT}:1"
WHO = Identity("telegram", "", "11")
ALONE = Address("telegram", "11")
IN_SERVICE = Address("telegram", "-501")
SPOT = Spot("11", "11", True, "133", "", "zh")
GROUP_SPOT = Spot("-501", "11", False, "133", "", "zh")
FORUM: dict[str, Any] = {"id": -1001, "title": "f", "type": "supergroup", "is_forum": True}


def taken(update: Any, at: datetime = AT) -> Arrived | None:
    return read(update, OURS, at)


def said(text: str, **more: Any) -> Did:
    return Did(Said(ID, WHO, ALONE, text, to_us=True, **more), SPOT)


# --- Words that were changed


def edited(text: str | None = None, **more: Any) -> dict[str, Any]:
    return {"update_id": 1, "edited_message": message(text, **more)["message"] | {"edit_date": NOW + 5}}


def test_changed_words_are_what_they_would_be_were_they_new() -> None:
    assert taken(edited("门锁坏了")) == Edited(said("门锁坏了"))
    assert taken(edited("/complaint lock")) == Edited(Did(Commanded(ID, WHO, ALONE, "complaint", "lock"), SPOT))


def test_place_that_moves_and_words_of_long_ago_are_no_news() -> None:
    assert taken(edited(location={"latitude": 31.2, "longitude": 121.4})) is None
    assert taken(edited("门锁坏了"), AT + timedelta(hours=1)) == Edited(said("门锁坏了"))
    assert taken(edited("门锁坏了"), AT + timedelta(hours=1, seconds=1)) is None
    assert taken(edited("hello", chat=SERVICE)) is None
    assert taken(edited(f"/start {payload_of('tickets.take:42:3', '11', KEY)}")) is None


def test_another_bots_updates_are_others() -> None:
    assert read(message("hi"), Ours(8), AT) != taken(message("hi"))
    assert read(standing("kicked"), Ours(BOT), AT) == Lost(ID, "11")


# --- In private


def test_words_are_said_to_us() -> None:
    assert taken(message("门锁坏了")) == said("门锁坏了")


def test_our_name_is_taken_out_of_the_words() -> None:
    assert taken(message("@OpsBook_bot, hi 🔒 @opsbook_bot there")) == said("hi 🔒 there")


def test_somebody_elses_name_stays() -> None:
    assert taken(message("ask @someone_else")) == said("ask @someone_else")


def test_a_command_is_one_by_its_mark() -> None:
    assert taken(message("/Complaint@opsbook_bot  lock 坏了")) == Did(
        Commanded(ID, WHO, ALONE, "complaint", "lock 坏了"), SPOT
    )
    assert taken(message("/complaint")) == Did(Commanded(ID, WHO, ALONE, "complaint"), SPOT)


def test_a_chinese_command_word_stays_text() -> None:
    assert taken(message("/投诉 门锁")) == said("/投诉 门锁")


def test_an_answer_to_our_message_hangs_under_it() -> None:
    under = Said(ID, WHO, Address("telegram", "11", "77"), "yes", to_us=True)

    assert taken(message("yes", reply_to_message=ours(PRIVATE))) == Did(under, SPOT)
    assert taken(message("yes", reply_to_message={"message_id": 5, "from": PERSON})) == said("yes")


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        ({"photo": PHOTO}, Sent("large", "photo-133.jpg", 93_000)),
        ({"document": DOCUMENT}, Sent("doc1", "offer.pdf", 2048)),
        ({"document": {"file_id": "d", "file_name": "../../etc/\u202epasswd"}}, Sent("d", "passwd")),
        ({"voice": {"file_id": "v", "duration": 3}}, Sent("v", "voice.ogg")),
        ({"audio": {"file_id": "a", "file_name": "song.mp3"}}, Sent("a", "song.mp3")),
        ({"video": {"file_id": "v", "file_size": 5}}, Sent("v", "video.mp4", 5)),
        ({"video_note": {"file_id": "n"}}, Sent("n", "video.mp4")),
        ({"animation": {"file_id": "g"}, "document": {"file_id": "g", "file_name": "x"}}, Sent("g", "animation.mp4")),
    ],
)
def test_files_are_to_be_fetched(content: dict[str, Any], sent: Sent) -> None:
    assert taken(message(caption="here", **content)) == Did(said("here").event, SPOT, (sent,))


def test_a_command_under_a_picture_keeps_the_picture() -> None:
    marks = [{"type": "bot_command", "offset": 0, "length": 10}]
    found = taken(message(photo=PHOTO, caption="/complaint lock", caption_entities=marks))

    assert found == Did(said("/complaint lock").event, SPOT, (Sent("large", "photo-133.jpg", 93_000),))


def test_a_place_is_where_they_are() -> None:
    assert taken(message(location=PLACE)) == said("", position=Position(31.2304, 121.4737, 12.5))


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"forward_origin": {"type": "user", "sender_user": PERSON, "date": NOW}}, PASSED_ON),
        ({"forward_date": NOW}, PASSED_ON),
        ({"venue": {"location": PLACE, "title": "Office", "address": "1 Road"}}, PASSED_ON),
        ({"location": PLACE | {"live_period": 900}}, LIVE),
        ({"date": NOW - 121}, TOO_OLD),
        ({"date": "soon"}, TOO_OLD),
        ({"is_from_offline": True}, TOO_OLD),
        ({"location": {"latitude": 91, "longitude": 0}}, NO_PLACE),
        ({"location": {"latitude": float("nan"), "longitude": 0}}, NO_PLACE),
        ({"location": {"latitude": True, "longitude": 0}}, NO_PLACE),
        ({"location": []}, NO_PLACE),
    ],
)
def test_a_place_that_does_not_count_is_told_why(more: dict[str, Any], why: Any) -> None:
    assert taken(message(**({"location": PLACE} | more))) == Unread(SPOT, why)


def test_a_place_counts_for_two_minutes() -> None:
    assert taken(message(location=PLACE), AT + timedelta(seconds=120)) == taken(message(location=PLACE))
    assert taken(message(location=PLACE), AT + timedelta(seconds=121)) == Unread(SPOT, TOO_OLD)


@pytest.mark.parametrize("kind", ["sticker", "poll", "dice", "contact", "game", "story"])
def test_what_we_cant_read_is_said_so(kind: str) -> None:
    content: dict[str, Any] = {kind: {"emoji": "🎲"}}

    assert taken(message(**content)) == Unread(SPOT, UNREADABLE)
    assert taken(message(**content, chat=SERVICE, reply_to_message=ours())) is None


# --- Links from elsewhere


def test_a_link_presses_what_was_begun_elsewhere() -> None:
    def pressed(action: str) -> Did:
        return Did(Pressed(ID, WHO, ALONE, action, on=Address("telegram", "11", "133")), SPOT)

    own = payload_of("tickets.take:42:3", "11", KEY)
    assert taken(message("/start forms_open_7")) == pressed("forms.open:7")
    assert taken(message("/start do_my_day")) == pressed("do:my_day")
    assert taken(message(f"/start {own}")) == pressed("tickets.take:42:3")
    assert taken(message("/start ABCD-2345")) == Did(Commanded(ID, WHO, ALONE, "start", "ABCD-2345"), SPOT)
    assert taken(message("/start")) == Did(Commanded(ID, WHO, ALONE, "start"), SPOT)


def test_a_link_made_for_somebody_else_presses_nothing() -> None:
    theirs = payload_of("leave.approve:7:1", "12", KEY)
    forged = payload_of("leave.approve:7:1", "11", b"another key")

    assert taken(message(f"/start {theirs}")) == Did(Commanded(ID, WHO, ALONE, "start", theirs or ""), SPOT)
    assert taken(message(f"/start {forged}")) == Did(Commanded(ID, WHO, ALONE, "start", forged or ""), SPOT)


def test_a_link_in_a_group_presses_nothing() -> None:
    assert taken(message("/start@opsbook_bot forms_open_7", chat=SERVICE)) == Did(
        Commanded(ID, WHO, IN_SERVICE, "start", "forms_open_7"), GROUP_SPOT
    )


@given(st.text(max_size=70))
def test_a_link_leads_back_to_its_action(action: str) -> None:
    payload = payload_of(action, "11", KEY)
    if payload is not None:
        assert (action_of(payload, "11", KEY), len(payload) <= 64) == (action, True)


def test_a_link_that_does_not_fit_is_none() -> None:
    assert deep_link(NAME, "forms.open:7", "11", KEY) == "https://t.me/opsbook_bot?start=forms_open_7"
    assert deep_link(NAME, "x" * 40, "11", KEY) is not None
    assert deep_link(NAME, "x" * 41, "11", KEY) is None
    assert deep_link("", "do:help", "11", KEY) is None


# --- In groups


def test_in_a_group_our_name_calls_us() -> None:
    called = Said(ID, WHO, IN_SERVICE, "complaint lock", to_us=True)
    marks = [{"type": "text_mention", "offset": 0, "length": 7, "user": US}]

    assert taken(message("@opsbook_bot complaint lock", chat=SERVICE)) == Did(called, GROUP_SPOT)
    assert taken(message("Opsbook complaint lock", chat=SERVICE) | {}) is None
    found = message("Opsbook complaint lock", chat=SERVICE, entities=marks)
    assert taken(found) == Did(called, GROUP_SPOT)


def test_in_a_group_an_answer_to_our_message_is_for_its_record() -> None:
    under = Said(ID, WHO, Address("telegram", "-501", "77"), "fixed", to_us=False)

    assert taken(message("fixed", chat=SERVICE, reply_to_message=ours())) == Did(under, GROUP_SPOT)
    assert taken(message("fixed", chat=SERVICE, reply_to_message=ours() | {"from": PERSON})) is None


def test_in_a_forum_every_message_hangs_under_its_topic_and_is_not_for_us() -> None:
    topic = ours(FORUM, forum_topic_created={"name": "Doors", "icon_color": 1})

    assert taken(message("hello", chat=FORUM, reply_to_message=topic)) is None


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("/complaint lock", True),
        ("/complaint@opsbook_bot lock", True),
        ("/Complaint@OpsBook_Bot lock", True),
        ("/complaint@other_bot lock", False),
        ("/weather", False),
        ("/start", False),
        ("complaint lock", False),
        ("/投诉 lock", False),
    ],
)
def test_in_a_group_only_our_commands_are_ours(text: str, is_ours: bool) -> None:
    expected = Did(Commanded(ID, WHO, IN_SERVICE, "complaint", "lock"), GROUP_SPOT)

    assert taken(message(text, chat=SERVICE)) == (expected if is_ours else None)


# --- Whom we don't hear


@pytest.mark.parametrize(
    "more",
    [
        {"from": PERSON | {"is_bot": True}},
        {"from": None},
        {"from": PERSON | {"id": "11"}},
        {"sender_chat": SERVICE},
        {"via_bot": US | {"id": 5}},
        {"chat": {"id": -5, "type": "channel", "title": "News"}},
        {"chat": PRIVATE | {"id": 12}},
        {"chat": None},
    ],
)
def test_bots_channels_and_hidden_people_are_nobody(more: dict[str, Any]) -> None:
    assert taken(message("@opsbook_bot help", **more)) is None


@pytest.mark.parametrize("notice", [{"new_chat_members": [US]}, {"pinned_message": ours()}, {"caption": 7}, {}])
def test_notices_are_nothing(notice: dict[str, Any]) -> None:
    assert taken(message(None, chat=PRIVATE, update_id=1, **notice)) is None


@pytest.mark.parametrize("kind", ["edited_channel_post", "channel_post", "inline_query", "message_reaction", "poll"])
def test_other_updates_are_nothing(kind: str) -> None:
    assert taken({"update_id": 1, kind: message("hi")["message"]}) is None


# --- Presses


def pressed(action: str, chat: str = "11") -> Did:
    spot = Spot(chat, "11", chat == "11", "77", "4382bfdwdsb323b2d9", "zh")
    here = Address("telegram", chat)
    return Did(Pressed(ID, WHO, here, action, on=Address("telegram", chat, "77")), spot)


def test_a_press_names_its_button_and_its_message() -> None:
    assert taken(press()) == pressed("tickets.take:42:3")
    assert taken(press(chat=SERVICE)) == pressed("tickets.take:42:3", "-501")


def test_a_press_on_a_message_that_is_too_old_to_be_seen_counts() -> None:
    gone = {"chat": PRIVATE, "message_id": 77, "date": 0}

    assert taken(press(message=gone)) == pressed("tickets.take:42:3")


@pytest.mark.parametrize("data", [..., None, 7, [], {}, "x" * 65, "锁" * 22, "a\0b", "\ud800", "a\nb"])
def test_a_press_that_nobody_could_make_is_a_button_that_nobody_has(data: Any) -> None:
    assert taken(press(data)) == pressed("")


def test_a_dead_key_only_wants_an_answer() -> None:
    assert taken(press("none")) == Idle("4382bfdwdsb323b2d9")


@pytest.mark.parametrize(
    "more",
    [
        {"message": None, "inline_message_id": "abc"},
        {"from": PERSON | {"is_bot": True}},
        {"from": "dana"},
        {"message": {"message_id": 1, "chat": {"id": 5, "type": "private"}}},
    ],
)
def test_a_press_from_nowhere_is_answered_all_the_same(more: dict[str, Any]) -> None:
    assert taken(press(**more)) == Idle("4382bfdwdsb323b2d9", NOT_OURS)


def test_a_press_without_an_id_is_nothing() -> None:
    assert taken(press(id=7)) is None


# --- Chats that move, people who leave


def test_a_group_that_moves_is_told_from_both_ends() -> None:
    big = SERVICE | {"id": -1001234567890, "type": "supergroup"}

    assert taken(message(chat=SERVICE, migrate_to_chat_id=-1001234567890)) == Moved("-501", "-1001234567890")
    assert taken(message(chat=big, migrate_from_chat_id=GROUP)) == Moved("-501", "-1001234567890")


def test_our_standing() -> None:
    assert taken(standing("kicked")) == Lost(ID, "11", "blocked")
    assert taken(standing("member")) == Back(ID, "11")
    assert taken(standing("restricted")) is None
    assert taken(standing("member", SERVICE)) == Placed("-501", "member")
    someone: Any = standing("kicked")
    someone["my_chat_member"]["new_chat_member"]["user"] = PERSON
    assert taken(someone) is None


# --- Lanes and numbers


def test_each_chat_has_its_lane() -> None:
    updates = (message("hi"), press(), press(chat=SERVICE), standing("kicked"), press(message=None), {"update_id": 3})

    assert [lane_of(update) for update in updates] == ["11", "11", "-501", "11", "11", ""]


@pytest.mark.parametrize("number", [None, "1", True, -1, 1.0, 2**60, []])
def test_a_number_that_is_none_is_none(number: Any) -> None:
    assert (number_of({"update_id": number}), number_of(number)) == (None, None)
    assert taken(message("hi") | {"update_id": number}) is None


# --- Whatever comes


def test_no_update_breaks_the_reading() -> None:
    rng, read_ = random.Random(20260302), 0
    for round in range(20_000):
        update = mutated(rng, ALL[round % len(ALL)])
        found = taken(update)
        lane_of(update)
        read_ += found is not None
        if isinstance(found, Did):
            check(found)
    assert 4_000 < read_ < 16_000


def check(did: Did) -> None:
    """What is said of anybody is of the right kind, and of a size that the records take."""
    event, spot = did.event, did.spot
    assert (event.who.platform, event.who.workspace, event.who.user) == ("telegram", "", spot.user)
    assert spot.user.isdecimal()
    assert spot.is_private is (spot.chat == spot.user)
    assert event.here.channel == spot.chat
    assert event.id.removeprefix("update:7000000001:").isdecimal()
    if isinstance(event, Pressed):
        assert len(event.action.encode()) <= 64
    if isinstance(event, Commanded):
        assert event.name.isascii()
    for file in did.files:
        assert (0 < len(file.name) <= 120, file.size >= 0, "/" not in file.name) == (True, True, True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(PERSON) + list(ALL[2])), inner),
    max_leaves=20,
)


@given(json_values, st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member"]))
def test_no_json_breaks_the_reading(value: Any, kind: str) -> None:
    taken(value)
    taken({"update_id": 1, kind: value})
    lane_of({"update_id": 1, kind: value})


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
def test_no_marks_break_a_text(text: str, spans: list[tuple[int, int]]) -> None:
    for kind in ("mention", "bot_command", "text_mention"):
        marks = [{"type": kind, "offset": start, "length": length, "user": US} for start, length in spans]
        found = wording(text, marks, BOT, NAME)
        assert len(found.text) <= len(text)


def test_marks_count_in_utf16() -> None:
    text = "🔒🔒 @opsbook_bot 锁"
    marks = [{"type": "mention", "offset": 5, "length": 12}]

    assert wording(text, marks, BOT, NAME) == Wording("🔒🔒 锁", called=True)
    assert wording(text, [{"type": "mention", "offset": 3, "length": 12}], BOT, NAME) == Wording(text)


def test_json_with_halves_of_characters_is_read() -> None:
    update = json.loads(json.dumps(message("x") | {"update_id": 1}).replace('"x"', '"\\ud83d"'))

    assert taken(update) == said("\ud83d")
