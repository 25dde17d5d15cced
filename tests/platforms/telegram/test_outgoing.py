"""Cards reach Telegram, are redrawn where they stand, and each failure is told for what it means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import DeliveryFailed
from bot.platforms import Message, Sent
from bot.platforms.telegram import enclosures, outgoing
from bot.platforms.telegram.gate import Gate
from bot.platforms.telegram.outgoing import Telegram
from bot.ui.card import Attached, Button, Card, Fact, Image, Link
from config.text import t
from storage.errors import StorageBusy
from storage.places import Address
from tests.platforms.telegram import script
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.fake import TOKEN, FakeTelegram
from tests.platforms.telegram.office import ENGLISH, Clock, Desk, Records

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (320).to_bytes(4) + (200).to_bytes(4) + bytes(40)
LONG_PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (9000).to_bytes(4) + (9000).to_bytes(4) + bytes(40)
CARD = Card("Complaint C-1 <b>", body=("@omar",), buttons=(Button("Take", "tickets.take:1:1"),))
SHOWN = "Complaint C-1 <b> | @omar [Take]"


class Watch:
    """A clock for the fake and for the gate, moved on by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


class Shelf:
    """Our files, by their ids."""

    def __init__(self) -> None:
        self.files: dict[int, tuple[str, str, bytes]] = {}
        self.busy = False

    async def __call__(self, id: int) -> tuple[str, str, bytes] | None:
        if self.busy:
            raise StorageBusy("locked")
        return self.files.get(id)


@pytest.fixture
def ticks() -> Watch:
    return Watch()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def platform(telegram: FakeTelegram, dana: Person, ticks: Watch, shelf: Shelf) -> AsyncIterator[Telegram]:
    async def in_charge() -> bool:
        return True

    made = Telegram(
        TOKEN, telegram.api_url, None, "http://127.0.0.1:1", Desk(), Clock(), shelf, Records(), in_charge=in_charge
    )
    made.api.gate = Gate(ticks, ticks.sleep)
    yield made
    await made.api.close()


def message(id: int = 7, channel: str = "11", card: Card = CARD, **more: Any) -> Message:
    return Message(id, Address("telegram", channel, more.pop("thread", None)), card, ENGLISH, **more)


async def failure(platform: Telegram, **more: Any) -> tuple[str, bool, bool, float | None]:
    send = platform.edit if "ref" in more else platform.send
    with pytest.raises(DeliveryFailed) as failed:
        await send(message(**more))
    assert TOKEN not in str(failed.value)
    return str(failed.value), failed.value.permanent, failed.value.gone, failed.value.retry_after


# --- Sending and editing ----------------------------------------------------------------------------------


async def test_card_is_posted_with_nothing_live_and_no_preview(platform: Telegram, telegram: FakeTelegram) -> None:
    sent = await platform.send(message())

    stored = telegram.chat(11).last
    assert sent == Sent("11", str(stored.id))
    assert telegram.reads(11) == [SHOWN]
    assert stored.html == "<b>Complaint C-1 &lt;b&gt;</b>\n\n<code>@omar</code>"
    assert stored.button("Take")["callback_data"] == "tickets.take:1:1"
    assert stored.body["link_preview_options"] == {"is_disabled": True}


async def test_card_hangs_under_a_message_while_that_is_there(platform: Telegram, telegram: FakeTelegram) -> None:
    first = await platform.send(message())

    await platform.send(message(8, thread=first.ref))
    await platform.send(message(9, thread="999"))
    await platform.send(message(10, thread="web-7"))

    under = [one.reply_to.id if one.reply_to else None for one in telegram.chat(11).messages]
    assert under == [None, int(first.ref), None, None]


async def test_card_is_redrawn_where_it_stands_and_the_same_again_is_fine(
    platform: Telegram, telegram: FakeTelegram
) -> None:
    sent = await platform.send(message())

    for _ in range(2):
        await platform.edit(message(card=Card("Taken by Dana"), ref=sent.ref))

    assert telegram.reads(11) == ["Taken by Dana"]


async def test_words_that_telegram_can_not_read_go_plain(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.fails("sendMessage", script.Error(400, "Bad Request: can't parse entities: nobody knows why"))

    await platform.send(message())

    assert telegram.reads(11) == [SHOWN]


async def test_links_go_as_words_where_a_button_is_refused(platform: Telegram, telegram: FakeTelegram) -> None:
    card = Card("X", links=(Link("Open", "https://ops.example.com/x"),), buttons=(Button("Take", "a"),))
    telegram.fails("sendMessage", script.Error(400, "Bad Request: BUTTON_URL_INVALID"))

    sent = await platform.send(message(card=card))
    telegram.fails("editMessageText", script.Error(400, "Bad Request: BUTTON_URL_INVALID"))
    await platform.edit(message(card=Card("Y", links=card.links), ref=sent.ref))

    assert telegram.chat(11).last.edits[0]["text"] == "X\n\nOpen: https://ops.example.com/x"
    assert telegram.reads(11) == ["Y | Open: https://ops.example.com/x"]


async def test_group_is_written_to_at_its_pace(platform: Telegram, telegram: FakeTelegram, ticks: Watch) -> None:
    telegram.supergroup(-1001, "Service")

    for id in range(20):
        await platform.send(message(id, "-1001"))

    assert (await failure(platform, channel="-1001"))[3] == pytest.approx(41.0)
    assert len(telegram.reads(-1001)) == 20
    assert telegram.limited == []


async def test_gate_is_shared_by_cards_and_words_of_the_moment(
    platform: Telegram, telegram: FakeTelegram, ticks: Watch
) -> None:
    sent = await platform.send(message())
    await platform.show("11", t("Done."), ENGLISH)
    await platform.edit(message(card=Card("Y"), ref=sent.ref))

    assert telegram.reads(11) == ["Y", "Done."]
    assert telegram.limited == []


# --- What goes wrong --------------------------------------------------------------------------------------


async def test_who_can_not_be_written_to_is_told_for_good(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.person(13, "Never")
    telegram.person(14, "Blocked", started=True).user.blocked = True
    telegram.person(15, "Gone", started=True).deactivates()
    telegram.group(-5, "Out", bot="kicked")
    telegram.supergroup(-6, "Mute", bot="restricted")

    found = [(await failure(platform, channel=channel))[:3] for channel in ("14", "15", "-5", "-6", "404")]

    assert found == [
        ("Forbidden: bot was blocked by the user", True, False),
        ("Forbidden: user is deactivated", True, False),
        ("Forbidden: bot was kicked from the group chat", True, False),
        ("Bad Request: not enough rights to send text messages to the chat", True, False),
        ("Bad Request: chat not found", True, False),
    ]


async def test_an_unknown_refusal_may_pass(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.fails("sendMessage", script.Error(403, "Forbidden: new"))
    telegram.fails("sendMessage", script.Error(400, "Bad Request: new"))

    assert await failure(platform) == ("Forbidden: new", False, False, None)
    assert await failure(platform) == ("Bad Request: new", False, False, None)


async def test_a_refused_token_blames_no_chat(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.fails("sendMessage", script.Error(401, "Unauthorized"))

    assert await failure(platform) == ("Unauthorized", False, False, None)


async def test_a_group_that_moved_is_told_with_its_new_id(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.group(-5, "Service")
    new = telegram.migrate(-5)

    with pytest.raises(DeliveryFailed) as failed:
        await platform.send(message(channel="-5"))

    assert (failed.value.moved_to, failed.value.permanent) == (str(new), False)


async def test_a_pause_is_told_and_kept_for_that_chat_alone(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.person(12, "Omar", started=True)
    telegram.fails("sendMessage", script.Limited(30), chat=11)

    assert await failure(platform) == ("Too Many Requests: retry after 30", False, False, 30.0)
    assert (await failure(platform))[3] == pytest.approx(30.0)
    await platform.send(message(channel="12"))

    assert len(telegram.calls_of("sendMessage", 11)) == 1
    assert telegram.limited == []


async def test_message_that_is_gone_is_told_so(platform: Telegram, telegram: FakeTelegram, shelf: Shelf) -> None:
    shelf.files[3] = ("chart.png", "image/png", PNG)
    picture = await platform.send(message(card=Card("X", image=Image(3, "A chart"))))

    assert await failure(platform, ref="999") == ("Bad Request: message to edit not found", True, True, None)
    assert await failure(platform, ref=picture.ref) == (
        "Bad Request: there is no text in the message to edit",
        True,
        True,
        None,
    )
    assert (await failure(platform, ref="web-7"))[1:3] == (True, True)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (script.Status(502), "http_502"),
        (script.Garbage(), "the answer can't be read"),
        (script.Empty(), "the answer can't be read"),
        (script.Truncated(), "the answer can't be read"),
        (script.StoreThen500(), "Internal Server Error"),
    ],
)
async def test_what_may_pass_is_tried_again_by_the_courier(
    platform: Telegram, telegram: FakeTelegram, fault: script.Step, words: str
) -> None:
    telegram.fails("sendMessage", fault)

    assert await failure(platform) == (words, False, False, None)
    assert len(telegram.calls) == 1


async def test_a_server_that_hangs_ends_in_time(
    platform: Telegram, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.2)
    telegram.fails("sendMessage", script.Hang(30))

    assert await failure(platform) == ("timeout", False, False, None)


async def test_records_that_can_not_be_had_are_waited_for(platform: Telegram, shelf: Shelf) -> None:
    shelf.busy = True

    assert await failure(platform, card=Card("X", image=Image(3, "A chart"))) == ("locked", False, False, 1.0)


# --- Pictures ---------------------------------------------------------------------------------------------

CHART = Card("Week 47", body=("Fine.",), image=Image(3, "A chart"), buttons=(Button("More", "a"),))


async def test_frozen_card_with_a_picture_is_one_photo(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf
) -> None:
    shelf.files[3] = ("../chart.png", "image/png", PNG)

    sent = await platform.send(message(card=CHART))

    assert telegram.reads(11) == ["(photo) | Week 47 | Fine. [More]"]
    photo = telegram.chat(11).last
    assert (str(photo.id), photo.photo and (photo.photo.name, photo.photo.content)) == (sent.ref, ("chart.png", PNG))


async def test_live_card_and_long_card_have_the_picture_before_them(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf
) -> None:
    shelf.files[3] = ("chart.png", "image/png", PNG)
    long = Card("Week 47", body=("x" * 1100,), image=CHART.image)

    live = await platform.send(message(1, card=CHART, about="reports:1"))
    await platform.edit(message(1, card=Card("Week 48", image=CHART.image), about="reports:1", ref=live.ref))
    await platform.send(message(2, card=long))

    assert telegram.reads(11) == ["(photo)", "Week 48", "(photo)", "Week 47 | " + "x" * 1100]
    assert live.ref == str(telegram.chat(11).messages[1].id)


async def test_picture_is_not_posted_again_when_its_text_is(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enclosures, "REMEMBERED", 2)
    shelf.files[3] = ("chart.png", "image/png", PNG)
    telegram.fails("sendMessage", script.Status(502))

    await failure(platform, id=1, card=CHART, about="reports:1")
    await platform.send(message(1, card=CHART, about="reports:1", again=True))

    assert telegram.reads(11) == ["(photo)", "Week 47 | Fine. [More]"]


async def test_picture_that_is_no_photo_is_a_document_and_one_that_is_gone_is_words(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf
) -> None:
    shelf.files[3] = ("chart.png", "image/png", LONG_PNG)
    await platform.send(message(1, card=CHART))
    del shelf.files[3]
    await platform.send(message(2, card=CHART))
    shelf.files[3] = ("chart.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(51 * 1024 * 1024))
    await platform.send(message(3, card=CHART))

    assert telegram.reads(11) == [
        "(file: chart.png)",
        "Week 47 | Fine. [More]",
        "Week 47 | Fine. | A chart [More]",
        "Week 47 | Fine. | A chart [More]",
    ]


async def test_failing_photo_is_a_failing_message(platform: Telegram, telegram: FakeTelegram, shelf: Shelf) -> None:
    shelf.files[3] = ("chart.png", "image/png", PNG)
    telegram.fails("sendPhoto", script.Status(502))
    telegram.fails("sendPhoto", script.Limited(9))

    assert await failure(platform, card=CHART) == ("http_502", False, False, None)
    assert (await failure(platform, card=CHART, about="reports:1"))[3] == 9.0
    assert telegram.reads(11) == []


# --- Files ------------------------------------------------------------------------------------------------


async def test_files_of_ours_hang_under_the_message(platform: Telegram, telegram: FakeTelegram, shelf: Shelf) -> None:
    shelf.files = {
        1: ("lock.png", "text/html", PNG),
        2: ("..\\evil\r\n\u202egpj.exe", "image/png", b"MZ"),
        3: ("moves.gif", "image/gif", b"GIF89a" + bytes(20)),
        5: ("empty.txt", "text/plain", b""),
    }
    sources = ("web:1", "slack:F1", "web:2", "web:3", "web:4", "web:5", "web:x", "web:-1")
    card = Card("X", files=tuple(Attached(source, source) for source in sources))

    sent = await platform.send(message(card=card))

    text, *files = telegram.chat(11).messages
    assert str(text.id) == sent.ref
    assert [one.line for one in files] == ["(photo)", "(file: evil gpj.exe)", "(file: moves.gif)"]
    assert {one.reply_to.id if one.reply_to else None for one in files} == {text.id}
    assert telegram.limited == []


@pytest.mark.parametrize(
    "fault", [script.Status(502), script.Limited(30), script.Error(400, "Bad Request: wrong file identifier")]
)
async def test_file_that_does_not_go_is_no_failure(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf, fault: script.Step
) -> None:
    shelf.files[1] = ("a.pdf", "application/pdf", b"%PDF")
    telegram.fails("sendDocument", fault)

    await platform.send(message(card=Card("X", files=(Attached("web:1", "a"),))))
    shelf.busy = True
    await platform.send(
        message(
            channel=str(telegram.person(16, "Ana", started=True).id), card=Card("Y", files=(Attached("web:1", "a"),))
        )
    )

    assert telegram.reads(11) == ["X | 📎 a"]
    assert telegram.reads(16) == ["Y | 📎 a"]


async def test_files_that_take_too_long_are_left_out(
    platform: Telegram, telegram: FakeTelegram, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "FOLLOW_SECONDS", 0.3)
    shelf.files[1] = ("a.pdf", "application/pdf", b"%PDF")
    telegram.fails("sendDocument", script.Hang(30))

    await platform.send(message(card=Card("X", files=(Attached("web:1", "a"), Attached("web:1", "b")))))

    assert telegram.reads(11) == ["X | 📎 a | 📎 b"]


# --- Asking for a place -----------------------------------------------------------------------------------


async def test_frozen_card_asks_for_the_place_by_itself(platform: Telegram, telegram: FakeTelegram) -> None:
    await platform.send(message(card=Card("Where are you?", wants="place")))

    asked = telegram.chat(11).last
    assert asked.line == "Where are you? [📍 Share where I am] [Cancel]"
    assert asked.button("📍 Share where I am")["request_location"] is True


async def test_live_card_keeps_its_buttons_and_is_followed_by_the_key(
    platform: Telegram, telegram: FakeTelegram
) -> None:
    card = Card("Where are you?", wants="place", buttons=(Button("Skip", "ask.skip:1:1"),))

    sent = await platform.send(message(card=card, about="interviews:1"))
    await platform.edit(message(card=Card("Done"), about="interviews:1", ref=sent.ref))

    assert telegram.reads(11) == ["Done", "The key below sends me where you are. [📍 Share where I am] [Cancel]"]


async def test_nobody_is_asked_for_a_place_in_a_group(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.group(-5, "Service")

    await platform.send(message(channel="-5", card=Card("Where are you?", wants="place")))

    assert telegram.reads(-5) == ["Where are you?"]


# --- Words of the moment ----------------------------------------------------------------------------------


async def test_words_and_cards_of_the_moment_are_shown(platform: Telegram, telegram: FakeTelegram) -> None:
    await platform.show("11", t("Done."), ENGLISH)
    await platform.show("11", Card("Sign in", facts=(Fact("Code", "1234"),), once=True), ENGLISH)

    assert telegram.reads(11) == ["Done.", "Sign in | Code: 1234"]


async def test_files_follow_a_card_of_the_moment(platform: Telegram, telegram: FakeTelegram, shelf: Shelf) -> None:
    shelf.files[1] = ("list.pdf", "application/pdf", b"%PDF")

    await platform.show("11", Card("The list", files=(Attached("web:1", "list.pdf"),)), ENGLISH)

    assert telegram.reads(11) == ["The list | 📎 list.pdf", "(file: list.pdf)"]


async def test_words_of_the_moment_are_tried_once_more_after_a_short_pause(
    platform: Telegram, telegram: FakeTelegram
) -> None:
    telegram.fails("sendMessage", script.Limited(2))

    await platform.show("11", t("Done."), ENGLISH)

    assert telegram.reads(11) == ["Done."]


async def test_words_of_the_moment_do_not_wait_long(platform: Telegram, telegram: FakeTelegram) -> None:
    telegram.fails("sendMessage", script.Limited(30))

    with pytest.raises(DeliveryFailed) as failed:
        await platform.show("11", t("Done."), ENGLISH)

    assert failed.value.retry_after == 30.0
    assert len(telegram.calls) == 1


# --- Life -------------------------------------------------------------------------------------------------


async def test_platform_starts_takes_updates_and_stops(
    platform: Telegram, telegram: FakeTelegram, dana: Person
) -> None:
    await platform.start()
    await dana.says("hello")

    assert await telegram.delivered()
    await platform.stop()
    assert platform.pace.a_minute == 20
    assert (await failure(platform))[1:] == (False, False, None)
