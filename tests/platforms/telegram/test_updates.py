"""What people do, as it reaches the bot: by getUpdates, or posted to its webhook."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageOriginHiddenUser, MessageOriginUser, Update
from telegram.error import BadRequest, Conflict

from tests.platforms.telegram.caller import PNG, Person, mention
from tests.platforms.telegram.chats import Answered, Chat
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.pace import Ticks

TAKE = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="tickets.take:42:3")]])


async def polled(bot: Bot, offset: int | None = None, timeout: int = 0) -> list[Update]:
    return list(await bot.get_updates(offset=offset, timeout=timeout))


async def texts(bot: Bot) -> list[str | None]:
    return [one.effective_message.text for one in await polled(bot) if one.effective_message]


# --- getUpdates


async def test_an_offset_confirms_what_came_before(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    for text in ("1", "2", "3"):
        await dana.says(text)
    first, second, _ = await polled(bot)

    assert [one.update_id for one in await polled(bot, second.update_id)] == [2, 3]
    assert [one.update_id for one in await polled(bot)] == [2, 3]
    assert [one.update_id for one in await polled(bot, -1)] == [3]
    assert (first.update_id, await polled(bot, 4), await telegram.delivered(0)) == (1, [], True)


async def test_a_poll_waits_for_news(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    waiting = asyncio.create_task(polled(bot, timeout=5))
    await asyncio.sleep(0.05)
    await dana.says("hello")

    assert [one.message.text for one in await waiting if one.message] == ["hello"]


async def test_of_two_polls_the_earlier_is_ended(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    earlier = asyncio.create_task(polled(bot, timeout=5))
    await asyncio.sleep(0.05)
    later = asyncio.create_task(polled(bot, timeout=5))

    with pytest.raises(Conflict) as ended:
        await earlier
    await dana.says("hello")

    assert ended.value.message == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    assert len(await later) == 1


async def test_updates_may_come_again_with_gaps_and_out_of_order(
    telegram: FakeTelegram, bot: Bot, dana: Person
) -> None:
    await dana.says("1")
    telegram.next_update_id = 50
    await dana.says("2")
    again: dict[str, Any] = dict(telegram.updates.pending[0])
    telegram.push(again | {"update_id": 20})
    telegram.ignores_offset = True

    seen = [one.update_id for one in await polled(bot)]
    assert seen == [1, 50, 20]
    assert [one.update_id for one in await polled(bot, 51)] == [1, 50, 20]
    telegram.ignores_offset = False
    assert await polled(bot, 51) == []


async def test_only_what_was_asked_for_comes(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await dana.says("not asked for")
    await bot.get_updates(allowed_updates=[])
    await dana.says("asked for")

    assert await texts(bot) == ["asked for"]


# --- The webhook


class Door:
    """The bot's address: answers with the statuses that are planned, then 200."""

    def __init__(self) -> None:
        self.plan: list[int] = []
        self.came: list[tuple[str | None, int]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.came.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["update_id"]))
        return web.Response(status=self.plan.pop(0) if self.plan else 200)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door, app = Door(), web.Application()
    app.router.add_post("/telegram", door.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    yield door
    await runner.cleanup()


async def test_a_webhook_gets_each_update_until_it_says_yes(
    telegram: FakeTelegram, bot: Bot, dana: Person, door: Door
) -> None:
    await dana.says("before")
    door.plan = [503, 500]
    await bot.set_webhook(door.url, secret_token="s3cret", max_connections=5)
    await dana.says("after")

    assert await telegram.delivered()
    assert door.came == [("s3cret", 1), ("s3cret", 1), ("s3cret", 1), ("s3cret", 2)]
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (door.url, 0)
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    with pytest.raises(Conflict) as refused:
        await polled(bot)
    assert refused.value.message == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )


async def test_one_chat_that_is_refused_does_not_hold_up_another(
    telegram: FakeTelegram, bot: Bot, dana: Person, omar: Person, door: Door
) -> None:
    telegram.updates.hook.pauses = (0.3,)
    door.plan = [500]
    await bot.set_webhook(door.url)
    await dana.says("refused once")
    await telegram.until(lambda: door.came)
    await omar.says("at once")

    assert await telegram.delivered()
    assert door.came == [(None, 1), (None, 2), (None, 1)]


async def test_a_webhook_can_be_dropped_with_what_waits(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    await bot.set_webhook("https://opsbook.invalid/telegram", secret_token="x")
    await dana.says("lost")
    await bot.delete_webhook(drop_pending_updates=True)

    assert await polled(bot) == []
    with pytest.raises(BadRequest) as refused:
        await bot.set_webhook("http://opsbook.invalid/telegram")
    assert refused.value.message == "Bad webhook: an https url must be provided for webhook"
    with pytest.raises(BadRequest):
        await bot.set_webhook("https://opsbook.invalid/", secret_token="not allowed!")


async def test_an_update_can_be_posted_by_hand(telegram: FakeTelegram, bot: Bot, door: Door) -> None:
    await bot.set_webhook(door.url, secret_token="s3cret")

    door.plan = [200, 403, 403]
    assert await telegram.post_webhook({"update_id": 7}) == 200
    assert await telegram.post_webhook({"update_id": 7}, secret="wrong") == 403
    assert await telegram.post_webhook({"update_id": 7}, secret=None) == 403
    assert await telegram.post_webhook({"update_id": 7}, url="http://127.0.0.1:9/") == 0
    assert door.came == [("s3cret", 7), ("wrong", 7), (None, 7)]


# --- What people do


async def test_a_person_starts_with_a_payload(telegram: FakeTelegram, bot: Bot, omar: Person) -> None:
    await omar.opens("form-42")
    (update,) = await polled(bot)
    await bot.send_message(omar.id, "Welcome")

    assert update.message is not None
    assert update.message.from_user is not None
    assert (update.message.text, update.message.from_user.language_code) == ("/start form-42", "en")
    assert [(one.type, one.offset, one.length) for one in update.message.entities] == [("bot_command", 0, 6)]
    assert omar.reads() == ["Welcome"]


async def test_a_press_is_answered_once_and_soon(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat, ticks: Ticks
) -> None:
    await bot.send_message(service.id, "C-1", reply_markup=TAKE)
    pressing = asyncio.create_task(dana.presses("Take", chat=service))
    (update,) = await polled(bot, timeout=2)
    press = update.callback_query
    assert press is not None

    await bot.answer_callback_query(press.id, "It's yours", show_alert=True)
    assert await pressing == Answered("It's yours", True, None)
    assert (press.data, press.from_user.id, press.chat_instance) == ("tickets.take:42:3", 11, service.instance)
    assert press.message is not None
    assert press.message.to_dict()["reply_markup"] == TAKE.to_dict()
    with pytest.raises(BadRequest) as twice:
        await bot.answer_callback_query(press.id)
    assert twice.value.message == "Query is too old and response timeout expired or query id is invalid"

    assert await dana.presses("Take", chat=service, seconds=0.01) is None
    (late,) = await polled(bot, update.update_id + 1)
    assert late.callback_query is not None
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(late.callback_query.id, "x" * 201)
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(late.callback_query.id, url="https://elsewhere.example")
    ticks.now += 20
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(late.callback_query.id)


async def test_a_press_may_lead_into_a_private_chat(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat
) -> None:
    link = "https://t.me/opsbook_bot?start=form-1"
    keys = [[InlineKeyboardButton("Fill in", url=link), InlineKeyboardButton("Ask", callback_data="a")]]
    await bot.send_message(service.id, "x", reply_markup=InlineKeyboardMarkup(keys))

    assert await dana.presses("Fill in", chat=service) == Answered(url=link)
    pressing = asyncio.create_task(dana.presses("Ask", chat=service))
    (update,) = await polled(bot, timeout=2)
    assert update.callback_query is not None
    await bot.answer_callback_query(update.callback_query.id, url=link)
    assert await pressing == Answered(url=link)


async def test_a_bad_client_presses_what_it_likes(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    shown = await bot.send_message(dana.id, "C-1", reply_markup=TAKE)
    message = dana.chat.find(shown.message_id)
    assert message is not None
    await dana.presses_data("x" * 500, message, seconds=0)
    await dana.presses_data(None, message, seconds=0)
    await dana.presses_data("t", message, seconds=0, gone=True)

    presses = [one.callback_query for one in await polled(bot)]
    assert [one and one.data for one in presses] == ["x" * 500, None, "t"]
    assert [one and one.message and one.message.is_accessible for one in presses] == [True, True, False]


async def test_a_group_keeps_its_privacy(telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat) -> None:
    card = await bot.send_message(service.id, "C-1")
    ours = service.find(card.message_id)
    theirs = await dana.says("lunch?", service)
    await dana.says("me too", service, theirs)
    await dana.says("/投诉 broken lock", service)
    await dana.says("/take@other_bot", service)
    for text in ("/take C-1", "/take@opsbook_bot", "@Opsbook_bot hello"):
        await dana.says(text, service)
    await dana.says("on my way", service, ours)

    assert await texts(bot) == ["/take C-1", "/take@opsbook_bot", "@Opsbook_bot hello", "on my way"]
    telegram.sets_bot(service, "administrator", dana)
    await dana.says("lunch!", service)
    status, said = (await polled(bot))[-2:]
    assert status.my_chat_member is not None
    assert (status.my_chat_member.new_chat_member.status, said.message and said.message.text) == (
        "administrator",
        "lunch!",
    )


async def test_files_come_with_their_bytes(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    await dana.sends_photo("Look @opsbook_bot", PNG + b"1")
    await dana.sends_document("a.csv", b"a,b", "the list", mime="text/csv")
    await dana.sends_media("voice", b"ogg")
    await dana.sends_document("huge.zip", b"", size=21 * 1024 * 1024)
    photo, document, voice, huge = [one.message for one in await polled(bot)]

    assert photo is not None
    assert (photo.caption, [one.width for one in photo.photo]) == ("Look @opsbook_bot", [90, 800])
    assert bytes(await (await bot.get_file(photo.photo[-1].file_id)).download_as_bytearray()) == PNG + b"1"
    assert document is not None
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("a.csv", "text/csv")
    assert bytes(await (await document.document.get_file()).download_as_bytearray()) == b"a,b"
    assert voice is not None
    assert voice.voice is not None
    assert huge is not None
    assert huge.document is not None
    with pytest.raises(BadRequest) as refused:
        await bot.get_file(huge.document.file_id)
    assert refused.value.message == "File is too big"


async def test_an_album_is_a_message_for_each_picture(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    await dana.sends_album(PNG, PNG, caption="Two")
    first, second = [one.message for one in await polled(bot)]

    assert first is not None
    assert second is not None
    assert (first.caption, second.caption) == ("Two", None)
    assert first.media_group_id == second.media_group_id is not None


async def test_places_say_how_they_came(telegram: FakeTelegram, bot: Bot, dana: Person, omar: Person) -> None:
    await dana.sends_location(31.2304, 121.4737, accuracy=12.5)
    live = await dana.sends_location(31.0, 121.0, live_period=900)
    await dana.moves(live, 31.1, 121.1)
    await dana.sends_location(30.0, 120.0, forwarded_from=omar.user)
    await dana.says("passed on", forwarded_from="Somebody hidden")
    here, began, moved, pin, hidden = await polled(bot)

    assert here.message is not None
    assert here.message.location is not None
    assert (here.message.location.latitude, here.message.location.horizontal_accuracy) == (31.2304, 12.5)
    assert began.message is not None
    assert moved.edited_message is not None
    assert moved.edited_message.location is not None
    assert moved.edited_message.location.to_dict()["live_period"] == 900
    assert (moved.edited_message.location.latitude, began.message.edit_date) == (31.1, None)
    assert pin.message is not None
    assert isinstance(pin.message.forward_origin, MessageOriginUser)
    assert pin.message.forward_origin.sender_user.id == omar.id
    assert hidden.message is not None
    assert isinstance(hidden.message.forward_origin, MessageOriginHiddenUser)


async def test_people_change_their_words_and_their_mind(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    said = await dana.says("Broken lok")
    await dana.edits(said, "Broken lock")
    await dana.blocks()
    await dana.unblocks()
    _, edited, blocked, back = await polled(bot)

    assert edited.edited_message is not None
    assert (edited.edited_message.text, edited.edited_message.edit_date is not None) == ("Broken lock", True)
    statuses = [one.my_chat_member and one.my_chat_member.new_chat_member.status for one in (blocked, back)]
    assert statuses == ["kicked", "member"]


async def test_a_group_that_grows_says_so_on_both_sides(telegram: FakeTelegram, bot: Bot, service: Chat) -> None:
    new = telegram.migrate(service, -1009)
    told, came = [one.message for one in await polled(bot)]

    assert told is not None
    assert came is not None
    assert (told.chat.id, told.migrate_to_chat_id) == (service.id, new)
    assert (came.chat.id, came.chat.type, came.migrate_from_chat_id) == (new, "supergroup", service.id)


async def test_those_who_are_not_quite_people(telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat) -> None:
    news = telegram.channel(-1005, "News", username="news")
    robo = telegram.person(13, "Robo", "robo_bot", is_bot=True, language=None)
    telegram.posts(news, "We are open")
    telegram.anonymous(service, "/take C-1")
    await robo.says("/beep", service)
    await dana.says("/via", service, via_bot=robo.user)
    await dana.says("hello", extra=mention("hello Dana", "Dana", dana.user))
    post, hidden, machine, via, named = await polled(bot)

    assert post.channel_post is not None
    assert (post.channel_post.from_user, post.channel_post.chat.username) == (None, "news")
    assert hidden.message is not None
    assert hidden.message.sender_chat is not None
    assert hidden.message.sender_chat.id == service.id
    assert machine.message is not None
    assert machine.message.from_user is not None
    assert machine.message.from_user.is_bot
    assert via.message is not None
    assert via.message.via_bot is not None
    assert named.message is not None
    assert [one.user and one.user.id for one in named.message.entities] == [dana.id]
