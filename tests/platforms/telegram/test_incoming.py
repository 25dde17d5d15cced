"""What people do on Telegram reaches the desk once; a press is answered once, and no answer stands in a group."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.answer import Outcome
from bot.events import Commanded, Pressed, Said
from bot.platforms.telegram.incoming import AS_SENT
from bot.platforms.telegram.links import deep_link
from bot.platforms.telegram.reading import UNREADABLE
from bot.platforms.telegram.toasts import DONE, GO_ON, IN_PRIVATE, LATE, WIDE, Toast, worded
from bot.ui.card import Button, Card
from bot.ui.form import Attached
from config.text import t
from storage.places import Address, Identity
from tests.platforms.telegram import script
from tests.platforms.telegram.caller import PNG, Person
from tests.platforms.telegram.chats import Answered, Chat, Message
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.office import BOTH, CHINESE, ENGLISH, Office

DANA = Identity("telegram", "", "11")
ALONE = Address("telegram", "11")
SERVICE = Address("telegram", "-501")
STRANGER = t("We don't know each other yet.")
CARD = Card("Your complaints", body=("C-1", "C-2"))
FORM = Card("New complaint", buttons=(Button("Open the form", "forms.open:7"),))


@pytest.fixture
async def office(telegram: FakeTelegram, dana: Person) -> AsyncIterator[Office]:
    async with Office(telegram) as office:
        office.know(dana)
        yield office


def card_in(telegram: FakeTelegram, chat: Chat | Person, action: str = "tickets.take:42:3") -> Message:
    """A message of ours with a button."""
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data=action)]]).to_dict()
    return telegram.chats.write(telegram.chat(chat), telegram.chats.bot, {"text": "Complaint C-1"}, markup=markup)


def notes(telegram: FakeTelegram) -> list[str]:
    """What stands in the group of ours, but the card."""
    return [line for line in telegram.reads(-501) if not line.startswith("Complaint C-1")]


# --- In private


async def test_words_reach_the_desk_with_where_to_answer(office: Office, dana: Person) -> None:
    await dana.says("门锁坏了")
    await office.settled()

    assert office.desk.heard == [Said("update:7000000001:1", DANA, ALONE, "门锁坏了", to_us=True)]
    assert office.desk.asked == [(True, ALONE)]


async def test_a_reply_that_was_posted_is_not_shown_again(office: Office, dana: Person) -> None:
    office.desk.reply, office.desk.posted = CARD, True

    await dana.says("/complaint")
    await office.settled()

    assert (office.shown, dana.reads()) == ([], [])


async def test_a_reply_that_is_not_posted_is_shown_at_once(office: Office, dana: Person) -> None:
    office.desk.reply = Card("Sign in", once=True)

    await dana.says("/signin")
    await office.settled()

    assert dana.reads() == ["Sign in"]


@pytest.mark.parametrize(("language", "words"), [("zh-hans", CHINESE), ("en", ENGLISH), ("fr", BOTH), (None, BOTH)])
async def test_a_stranger_is_told_so_in_their_phones_language(
    office: Office, telegram: FakeTelegram, language: str | None, words: Any
) -> None:
    eve = telegram.person(66, "Eve", language=language)
    office.desk.reply, office.desk.outcome, office.desk.say = IN_PRIVATE, Outcome.STRANGER, BOTH

    for _ in range(3):
        await eve.says("hello")
    await office.settled()

    assert office.shown == [("66", words(IN_PRIVATE))]


async def test_what_we_cant_read_is_said_so_once_in_a_while(office: Office, dana: Person) -> None:
    for _ in range(3):
        await dana.sends_media("sticker")
    await office.settled()

    assert office.desk.heard == []
    assert office.shown == [("11", UNREADABLE.id)]


async def test_a_place_does_not_grow_old_between_two_tries(office: Office, dana: Person) -> None:
    office.desk.stuck["11"] = 2
    await dana.sends_location(31.2304, 121.4737, accuracy=12.0)
    await office.until(lambda: office.desk.tries)
    office.clock.ahead = timedelta(minutes=5)
    await office.settled()

    found = office.desk.heard[0]
    assert isinstance(found, Said)
    assert found.position is not None
    assert (found.position.latitude, len(office.desk.tries)) == (31.2304, 3)


# --- Files


async def test_a_file_is_kept_before_its_message_is_taken(office: Office, dana: Person) -> None:
    await dana.sends_photo("the lock")
    await dana.sends_document("offer (2).pdf", b"%PDF-1.7", mime="image/png")
    await office.settled()

    assert office.records.files == [("11", "photo-1.jpg", PNG), ("11", "offer (2).pdf", b"%PDF-1.7")]
    assert [(event.text, event.files) for event in office.desk.heard if isinstance(event, Said)] == [
        ("the lock", (Attached("web:1", "photo-1.jpg", "image/png", len(PNG)),)),
        ("", (Attached("web:2", "offer (2).pdf", "application/octet-stream", 8),)),
    ]


async def test_a_file_that_cant_be_had_costs_no_words(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    telegram.fails("getFile", script.Status(500))
    await dana.sends_photo("the lock is broken")
    await office.settled()

    assert office.desk.heard == [Said("update:7000000001:1", DANA, ALONE, "the lock is broken", to_us=True)]
    assert dana.reads() == ["The file photo-1.jpg did not reach me. Please send it once more."]


async def test_a_file_without_words_that_cant_be_had_is_only_told(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    await dana.sends_document("film.mov", b"x", size=21 * 1024 * 1024)
    await office.settled()

    assert office.desk.heard == []
    assert dana.reads() == ["The file film.mov is too large: Telegram lets me have at most 20 MB."]
    assert telegram.calls_of("getFile") == []


async def test_a_strangers_file_is_not_fetched(office: Office, telegram: FakeTelegram) -> None:
    eve = telegram.person(66, "Eve")
    office.desk.reply, office.desk.outcome = STRANGER, Outcome.STRANGER

    await eve.sends_photo("look")
    await office.settled()

    assert telegram.calls_of("getFile") == []
    assert office.desk.heard == [
        Said("update:7000000001:1", Identity("telegram", "", "66"), Address("telegram", "66"), "look", to_us=True)
    ]


async def test_a_file_is_fetched_once_however_often_its_message_is_tried(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.desk.stuck["11"] = 2
    await dana.sends_photo("the lock")
    await office.settled()

    assert len(telegram.calls_of("getFile")) == 1
    assert len(office.desk.heard) == 1


# --- Presses


async def test_a_press_is_answered_with_short_words(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.reply = t("Taken.")

    answered = await dana.presses("Take", card_in(telegram, dana))

    on = Address("telegram", "11", "1")
    assert office.desk.heard == [Pressed("update:7000000001:1", DANA, ALONE, "tickets.take:42:3", on=on)]
    assert answered == Answered("Taken.")


@pytest.mark.parametrize("outcome", [Outcome.CONFIRM, Outcome.REFUSED, Outcome.STRANGER, Outcome.ENDED])
async def test_words_that_matter_wait_to_be_read(
    office: Office, telegram: FakeTelegram, dana: Person, outcome: Outcome
) -> None:
    office.desk.reply, office.desk.outcome = t("No."), outcome

    assert await dana.presses("Take", card_in(telegram, dana)) == Answered("No.", show_alert=True)


async def test_long_words_wait_to_be_read_and_are_cut_between_signs(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.desk.reply = t("锁" * 250)

    assert await dana.presses("Take", card_in(telegram, dana)) == Answered("锁" * 199 + "…", show_alert=True)


async def test_a_press_without_words_ends_its_clock(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    assert await dana.presses("Take", card_in(telegram, dana)) == Answered()


@pytest.mark.parametrize("data", [None, "", "x" * 100, "\0"])
async def test_a_forged_press_is_answered(
    office: Office, telegram: FakeTelegram, dana: Person, data: str | None
) -> None:
    office.desk.reply, office.desk.outcome = t("This button is no longer in use."), Outcome.REFUSED

    answered = await dana.presses_data(data, card_in(telegram, dana))

    assert answered == Answered("This button is no longer in use.", show_alert=True)
    assert [event.action for event in office.desk.heard if isinstance(event, Pressed)] == [""]


async def test_a_dead_key_is_answered_without_the_desk(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    assert await dana.presses("Take", card_in(telegram, dana, "none")) == Answered()
    assert office.desk.tries == []


async def test_a_press_that_is_too_old_to_be_answered_counts(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    telegram.fails("answerCallbackQuery", script.Error(400, "Bad Request: query is too old"))

    await dana.presses("Take", card_in(telegram, dana), seconds=0.3)
    await office.settled()

    assert len(office.desk.heard) == 1


@pytest.mark.parametrize("outcome", [Outcome.CONFIRM, Outcome.REFUSED, Outcome.DONE])
async def test_words_for_a_press_that_is_too_old_are_written(
    office: Office, telegram: FakeTelegram, dana: Person, outcome: Outcome
) -> None:
    """We were away for a minute: a question that nobody saw must not be answered by the next press."""
    office.desk.outcome, office.desk.reply = outcome, t("Close it for good?")
    telegram.fails("answerCallbackQuery", script.Error(400, "Bad Request: query is too old"))

    await dana.presses("Take", card_in(telegram, dana), seconds=0.3)
    await office.settled()

    assert office.shown == [("11", "Close it for good?")]


async def test_a_card_in_answer_to_a_press_is_written(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.reply = Card("Your key", once=True)

    assert await dana.presses("Take", card_in(telegram, dana)) == Answered()
    await office.settled()

    assert office.shown == [("11", "Your key")]


async def test_a_press_that_takes_long_is_told_so_once_and_its_words_follow(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.desk.stuck["11"], office.desk.reply = 4, t("Taken.")

    answered = await dana.presses("Take", card_in(telegram, dana), seconds=5)
    await office.settled()

    assert answered == Answered(LATE_IN_CHINESE.text, show_alert=LATE_IN_CHINESE.alert)
    assert len(telegram.calls_of("answerCallbackQuery")) == 1
    assert (len(office.desk.tries), office.shown) == (5, [("11", "Taken.")])


LATE_IN_CHINESE = worded(LATE, CHINESE)  # which is what her phone speaks


# --- In a group


async def test_in_a_group_the_answer_is_private_and_the_group_hears_only_that(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    office.desk.reply, office.desk.posted = CARD, True

    asked = await dana.says("/complaint lock", service)
    await dana.says("@opsbook_bot help", service)
    await office.settled()

    assert office.desk.heard == [
        Commanded("update:7000000001:1", DANA, SERVICE, "complaint", "lock"),
        Said("update:7000000001:2", DANA, SERVICE, "help", to_us=True),
    ]
    assert office.desk.asked == [(True, ALONE), (True, ALONE)]
    assert notes(telegram) == ["I've written to you in private. [Open the chat]"]
    note = telegram.chat(service).last
    assert (note.reply_to, note.button("Open the chat")["url"]) == (asked, "https://t.me/opsbook_bot")


async def test_in_a_group_a_key_is_shown_in_private(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    office.desk.reply = Card("Sign in", once=True)

    await dana.says("/signin", service)
    await office.settled()

    assert (dana.reads(), notes(telegram)) == (["Sign in"], ["I've written to you in private. [Open the chat]"])


async def test_words_under_a_card_leave_no_note(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    card = card_in(telegram, service)
    await dana.says("the locksmith comes at five", service, card)
    await office.settled()

    here = Address("telegram", "-501", str(card.id))
    assert office.desk.heard == [Said("update:7000000001:1", DANA, here, "the locksmith comes at five")]
    assert notes(telegram) == []


async def test_a_press_in_a_group_whose_answer_was_posted_says_where(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    office.desk.reply, office.desk.posted = CARD, True

    answered = await dana.presses("Take", card_in(telegram, service))

    assert answered == Answered("I've written to you in private.")
    assert notes(telegram) == []


async def test_whom_we_may_not_write_to_goes_on_through_a_link(
    office: Office, telegram: FakeTelegram, omar: Person, service: Chat
) -> None:
    office.know(omar, met=False)
    office.desk.reply = FORM

    await omar.says("/complaint lock", service)
    pressed = await omar.presses("Take", card_in(telegram, service))
    await office.settled()

    assert office.desk.asked == [(False, None), (False, None)]
    assert notes(telegram) == [f"{GO_ON.id} [Open the chat]"]
    link = "https://t.me/opsbook_bot?start=forms_open_7"
    assert telegram.chat(service).last.button("Open the chat")["url"] == link
    assert pressed == Answered(url=link)


async def test_a_link_presses_again_in_private_what_can_not_be_shown_in_the_group(
    office: Office, telegram: FakeTelegram, omar: Person, service: Chat
) -> None:
    office.know(omar, met=False)
    office.desk.reply = CARD

    pressed = await omar.presses("Take", card_in(telegram, service))
    assert pressed is not None
    assert pressed.url == deep_link("opsbook_bot", "tickets.take:42:3", "12", office.intake.ours.key)
    await omar.opens(str(pressed.url).partition("start=")[2])
    await office.settled()

    alone = Address("telegram", "12")
    on = Address("telegram", "12", "2")
    assert office.desk.heard[-1] == Pressed(
        "update:7000000001:2", Identity("telegram", "", "12"), alone, "tickets.take:42:3", on=on
    )


async def test_what_was_done_for_somebody_not_met_is_not_done_again(
    office: Office, telegram: FakeTelegram, omar: Person, service: Chat
) -> None:
    office.know(omar, met=False)
    office.desk.reply = t("Complaint C-1 is with the team.")

    await omar.says("/complaint lock", service)
    await office.settled()

    assert notes(telegram) == [f"{DONE.id} [Open the chat]"]
    assert telegram.chat(service).last.button("Open the chat")["url"] == "https://t.me/opsbook_bot?start=do_home"


async def test_a_command_that_only_shows_is_given_again_in_private(
    office: Office, telegram: FakeTelegram, omar: Person, service: Chat
) -> None:
    office.know(omar, met=False)
    office.desk.reply = CARD

    await omar.says("/help", service)
    await office.settled()

    assert telegram.chat(service).last.button("Open the chat")["url"] == "https://t.me/opsbook_bot?start=do_help"


async def test_a_stranger_in_a_group_gets_nothing_but_a_toast(
    office: Office, telegram: FakeTelegram, omar: Person, service: Chat
) -> None:
    office.desk.reply, office.desk.outcome, office.desk.say = STRANGER, Outcome.STRANGER, BOTH

    await omar.says("/complaint lock", service)
    answered = await omar.presses("Take", card_in(telegram, service))
    await office.settled()

    assert (answered, notes(telegram), office.shown) == (Answered(STRANGER.id, show_alert=True), [], [])


async def test_a_note_that_the_group_refuses_is_no_failure(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    office.desk.reply, office.desk.posted = CARD, True
    telegram.sets_bot(service, "restricted", dana)
    telegram.always("sendMessage", script.Error(403, "Forbidden: bot was kicked from the group chat"), chat=-501)

    with caplog.at_level(logging.WARNING):
        await dana.says("/complaint lock", service)
        await office.settled()

    assert len(office.desk.heard) == 1
    assert "a note was not shown: Forbidden: bot was kicked from the group chat" in caplog.messages


# --- Chats that move, people who leave


async def test_moves_and_losses_are_kept(office: Office, telegram: FakeTelegram, dana: Person, service: Chat) -> None:
    telegram.migrate(service)
    await dana.blocks()
    await dana.unblocks()
    await office.settled()

    new = str(telegram.chat(-501).migrated_to)
    assert set(office.records.moves) == {("-501", new)}
    assert office.records.gone == [("11", "blocked"), ("11", "is back")]
    assert (office.desk.heard, office.shown) == ([], [])


async def test_records_that_are_busy_or_broken_lose_nothing(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.records.busy, office.records.broken = 2, 1

    await dana.blocks()
    await office.settled()

    assert office.records.gone == [("11", "blocked")]


async def test_what_breaks_time_after_time_is_let_go(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    office.records.broken = 3

    answered = await dana.presses("Take", card_in(telegram, service), seconds=5)
    await dana.presses("Take", card_in(telegram, service))

    assert answered == Answered()
    assert len(office.desk.heard) == 1


def test_wide_words_are_boxed() -> None:
    assert worded("x" * WIDE, ENGLISH) == Toast("x" * WIDE)
    assert worded("锁" * (WIDE // 2 + 1), ENGLISH) == Toast("锁" * (WIDE // 2 + 1), alert=True)


# --- Words that were changed


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REFUSED])
async def test_words_that_were_not_taken_are_new_ones_when_they_are_changed(
    office: Office, dana: Person, outcome: Outcome
) -> None:
    office.desk.outcome, office.desk.reply = outcome, t("What would you like to do?")
    typed = await dana.says("/complant lock")
    await office.settled()
    office.desk.outcome, office.desk.reply = Outcome.DONE, t("Noted.")

    await dana.edits(typed, "/complaint lock")
    await office.settled()

    assert office.desk.heard[1:] == [Commanded("update:7000000001:2", DANA, ALONE, "complaint", "lock")]
    assert [words for _, words in office.shown] == ["What would you like to do?", "Noted."]


async def test_who_changes_words_that_were_taken_is_told_that_it_is_too_late(office: Office, dana: Person) -> None:
    said = await dana.says("/complaint lok")
    await office.settled()

    await dana.edits(said, "/complaint lock")
    await dana.edits(said, "/complaint lock!")
    await office.settled()

    assert office.desk.texts == ["lok"]
    assert dana.reads() == [AS_SENT.id]


async def test_words_that_were_corrected_and_taken_are_not_taken_again(office: Office, dana: Person) -> None:
    office.desk.outcome = Outcome.UNKNOWN
    typed = await dana.says("complant")
    await office.settled()
    office.desk.outcome = Outcome.DONE
    await dana.edits(typed, "complaint")
    await office.settled()

    await dana.edits(typed, "complaint lock")
    await office.settled()

    assert office.desk.texts == ["complant", "complaint"]
    assert dana.reads() == [AS_SENT.id]


async def test_words_are_not_taken_late_by_who_went_on_meanwhile(office: Office, dana: Person, service: Chat) -> None:
    office.desk.outcome = Outcome.UNKNOWN
    typed = await dana.says("complant")
    await office.settled()
    office.desk.outcome = Outcome.DONE
    await dana.says("/complaint")
    await office.settled()

    await dana.edits(typed, "complaint lock")
    await office.settled()

    assert office.desk.texts == ["complant", ""]
    assert dana.reads() == [AS_SENT.id]


async def test_words_are_taken_late_whatever_others_say(
    office: Office, dana: Person, omar: Person, service: Chat
) -> None:
    office.desk.outcome = Outcome.REFUSED
    said = await dana.says("/complaint@opsbook_bot", service)
    await omar.says("/complaint@opsbook_bot door", service)
    await office.settled()

    await dana.edits(said, "/complaint@opsbook_bot lock")
    await office.settled()

    assert office.desk.texts == ["", "door", "lock"]


async def test_change_that_nobody_sees_is_none(office: Office, dana: Person) -> None:
    said = await dana.says("complaint lock")
    await office.settled()

    await dana.edits(said, "complaint lock")
    await office.settled()

    assert (office.desk.texts, dana.reads()) == (["complaint lock"], [])


async def test_who_changes_words_of_before_our_start_is_told_in_private_alone(
    office: Office, telegram: FakeTelegram, dana: Person, service: Chat
) -> None:
    alone = telegram.chats.write(telegram.chat(dana), dana.user, dana.written("complaint lok"))
    there = telegram.chats.write(service, dana.user, dana.written("/complaint@opsbook_bot lok"))

    await dana.edits(alone, "complaint lock")
    await dana.edits(there, "/complaint@opsbook_bot lock")
    await office.settled()

    assert (office.desk.heard, dana.reads(), notes(telegram)) == ([], [AS_SENT.id], [])


async def test_command_in_a_group_that_was_not_taken_can_be_corrected(
    office: Office, dana: Person, service: Chat
) -> None:
    office.desk.outcome = Outcome.REFUSED
    said = await dana.says("/complaint@opsbook_bot", service)
    await office.settled()
    office.desk.outcome = Outcome.DONE

    await dana.edits(said, "/complaint@opsbook_bot lock")
    await office.settled()

    assert office.desk.texts == ["", "lock"]


async def test_change_waits_for_the_desk_as_all_else_does(office: Office, dana: Person) -> None:
    office.desk.outcome = Outcome.UNKNOWN
    typed = await dana.says("complant")
    await office.settled()
    office.desk.stuck["11"] = 1

    await dana.edits(typed, "complaint")
    await office.settled()

    assert office.desk.texts == ["complant", "complaint"]


# --- What an earlier version has kept


@pytest.mark.parametrize("webhook", [False, True])
async def test_earlier_numbers_are_our_own_before_anything_comes_in(
    telegram: FakeTelegram, dana: Person, webhook: bool
) -> None:
    office = Office(telegram, webhook=webhook)
    office.records.busy = 1
    async with office:
        await office.until(lambda: office.records.adopted)
        await dana.says("hello")
        await office.settled()

    assert (office.records.adopted, office.desk.texts) == ([7000000001], ["hello"])
