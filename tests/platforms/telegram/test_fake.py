"""The fake Telegram, asked by the real library: what it takes, what it refuses, and how it misbehaves."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import ChatMigrated, Forbidden, RetryAfter, TelegramError

from tests.platforms.telegram import script
from tests.platforms.telegram.caller import PNG, Person
from tests.platforms.telegram.chats import Chat
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.pace import Ticks, TooSoon

# The library warns at every RetryAfter that its seconds will be a timedelta one day.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


def keys(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(one, callback_data=f"t.{one.lower()}:1:1") for one in labels]])


async def refusal(call: Awaitable[Any]) -> str:
    """The words with which a call is refused."""
    with pytest.raises(TelegramError) as refused:
        await call
    return refused.value.message


# --- Sending


async def test_a_message_stands_as_people_see_it(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    sent = await bot.send_message(
        dana.id, "<b>C-1</b>\nMs Lee &amp; Co", parse_mode=ParseMode.HTML, reply_markup=keys("Take", "Close")
    )

    stands = telegram.chat(dana).last
    assert telegram.reads(dana) == ["C-1 | Ms Lee & Co [Take] [Close]"]
    assert (stands.text, stands.html) == ("C-1\nMs Lee & Co", "<b>C-1</b>\nMs Lee &amp; Co")
    assert (stands.keyboard, stands.id, stands.edits) == ([["Take", "Close"]], sent.message_id, [])
    assert (sent.text, sent.text_html, sent.chat.id) == ("C-1\nMs Lee & Co", "<b>C-1</b>\nMs Lee &amp; Co", dana.id)


async def test_a_text_is_counted_after_parsing_in_utf16(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    telegram.pace.strict = False
    await bot.send_message(dana.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    await bot.send_message(dana.id, "😀" * 2048)

    assert await refusal(bot.send_message(dana.id, "😀" * 2048 + "x")) == "Message is too long"
    assert await refusal(bot.send_message(dana.id, "")) == "Message text is empty"
    assert await refusal(bot.send_message(dana.id, "<b> </b>", parse_mode="HTML")) == "Text must be non-empty"
    assert await refusal(bot.send_photo(dana.id, PNG, "x" * 1025)) == "Message caption is too long"
    assert len(telegram.reads(dana)) == 2


async def test_broken_html_is_refused_and_plain_text_may_follow_at_once(
    telegram: FakeTelegram, bot: Bot, dana: Person
) -> None:
    words = await refusal(bot.send_message(dana.id, "1 < 2", parse_mode="HTML"))
    await bot.send_message(dana.id, "1 < 2")

    assert words == 'Can\'t parse entities: unsupported start tag "" at byte offset 2'
    assert (telegram.reads(dana), telegram.limited) == (["1 < 2"], [])


async def test_a_reply_needs_its_message_unless_told_otherwise(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    telegram.pace.strict = False
    asked = await dana.says("Where is it?")
    await bot.send_message(dana.id, "Here.", reply_parameters=ReplyParameters(asked.id))
    gone = await refusal(bot.send_message(dana.id, "x", reply_parameters=ReplyParameters(99)))
    await bot.send_message(dana.id, "y", reply_parameters=ReplyParameters(99, allow_sending_without_reply=True))

    assert gone == "Message to be replied not found"
    assert [one.reply_to for one in dana.chat.messages if one.by_bot] == [asked, None]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ([[{"text": "x", "callback_data": "好" * 21 + "xx"}]], "Button_data_invalid"),
        ([[{"text": "x", "callback_data": ""}]], "Button_data_invalid"),
        ([[{"text": "x"}]], "Can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"),
        (
            [[{"text": "x", "callback_data": "y", "url": "https://a.example"}]],
            "Can't parse inline keyboard button: exactly one action is allowed for a button",
        ),
        ([[{"text": " ", "callback_data": "y"}]], "Text of the button must be non-empty"),
        (
            [[{"text": "x", "url": "javascript:1"}]],
            "Inline keyboard button url 'javascript:1' is invalid: wrong http url",
        ),
        (
            [[{"text": "x", "callback_data": "y"}] * 9],
            "Reply markup has a row of more than 8 buttons, which nobody would see",
        ),
        ([[{"text": "x", "callback_data": "y"}]] * 101, "Reply markup is too long"),
    ],
)
async def test_a_keyboard_that_cannot_be_shown_is_refused(bot: Bot, dana: Person, markup: Any, words: str) -> None:
    said = await refusal(bot.send_message(dana.id, "x", reply_markup={"inline_keyboard": markup}))  # type: ignore[arg-type]

    assert said.lower() == words.lower()


async def test_only_private_chats_may_be_asked_for_a_place(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat
) -> None:
    asks = ReplyKeyboardMarkup([[KeyboardButton("I am here", request_location=True)]])
    await bot.send_message(dana.id, "Where?", reply_markup=asks)

    assert telegram.reads(dana) == ["Where? [I am here]"]
    words = await refusal(bot.send_message(service.id, "Where?", reply_markup=asks))
    assert words == "Location can be requested in private chats only"


async def test_files_and_albums_arrive(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    telegram.pace.strict = False
    await bot.send_photo(dana.id, PNG, caption="<i>Sales</i>", parse_mode="HTML", reply_markup=keys("More"))
    sent = await bot.send_document(dana.id, b"a,b\n", filename="sales.csv")
    await bot.send_media_group(dana.id, [InputMediaPhoto(PNG, caption="One"), InputMediaPhoto(PNG)])
    again = telegram.chat(dana).messages[1]

    assert telegram.reads(dana) == ["(photo) | Sales [More]", "(file: sales.csv)", "(photo) | One", "(photo)"]
    assert again.document is not None
    assert (again.document.content, again.photo) == (b"a,b\n", None)
    assert sent.document is not None
    await bot.send_document(dana.id, sent.document.file_id)
    assert telegram.chat(dana).last.line == "(file: sales.csv)"


async def test_files_that_cannot_be_shown_are_refused(bot: Bot, dana: Person) -> None:
    strip = PNG[:16] + (4000).to_bytes(4) + (100).to_bytes(4) + PNG[24:]

    assert await refusal(bot.send_photo(dana.id, b"no picture")) == "Image_process_failed"
    assert await refusal(bot.send_photo(dana.id, strip)) == "Photo_invalid_dimensions"
    assert await refusal(bot.send_document(dana.id, b"")) == "File must be non-empty"
    assert await refusal(bot.send_document(dana.id, "nonsense")) == "Wrong file identifier/http url specified"


# --- Where the bot may write


async def test_whom_the_bot_may_not_write_to(telegram: FakeTelegram, bot: Bot, dana: Person, omar: Person) -> None:
    telegram.group(-1, "old", [omar], bot="kicked")
    telegram.supergroup(-1001, "big", [omar], bot="left")
    telegram.supergroup(-1002, "quiet", [omar], bot="restricted")
    telegram.person(13, "Robo", is_bot=True, started=True)

    async def says(chat: int | str) -> str:
        with pytest.raises(TelegramError) as refused:
            await bot.send_message(chat, "x")
        return f"{type(refused.value).__name__}: {refused.value.message}"

    assert await says(99) == "BadRequest: Chat not found"
    assert await says("@nobody") == "BadRequest: Chat not found"
    assert await says(omar.id) == "Forbidden: Forbidden: bot can't initiate conversation with a user"
    assert await says(13) == "Forbidden: Forbidden: bot can't send messages to bots"
    assert await says(-1) == "Forbidden: Forbidden: bot was kicked from the group chat"
    assert await says(-1001) == "Forbidden: Forbidden: bot is not a member of the supergroup chat"
    assert await says(-1002) == "BadRequest: Not enough rights to send text messages to the chat"
    await dana.blocks()
    assert await says(dana.id) == "Forbidden: Forbidden: bot was blocked by the user"
    await dana.unblocks()
    dana.deactivates()
    assert await says(dana.id) == "Forbidden: Forbidden: user is deactivated"


async def test_a_group_that_grew_has_another_number(telegram: FakeTelegram, bot: Bot, service: Chat) -> None:
    new = telegram.migrate(service)

    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(service.id, "x")
    await bot.send_message(moved.value.new_chat_id, "y")

    assert (new, moved.value.new_chat_id, telegram.reads(new)) == (-100501, -100501, ["y"])
    assert await refusal(bot.send_message(99, "x")) == "Chat not found"


# --- Editing


async def sent_card(bot: Bot, dana: Person, ticks: Ticks) -> Message:
    message = await bot.send_message(dana.id, "C-1", reply_markup=keys("Take"))
    ticks.now += 1
    return message


async def test_an_edit_changes_text_and_keyboard(telegram: FakeTelegram, bot: Bot, dana: Person, ticks: Ticks) -> None:
    message = await sent_card(bot, dana, ticks)
    edited = await bot.edit_message_text("C-1 taken", dana.id, message.message_id)
    ticks.now += 1
    await bot.edit_message_reply_markup(dana.id, message.message_id, reply_markup=keys("Close"))

    stands = telegram.chat(dana).last
    assert isinstance(edited, Message)
    assert (edited.text, edited.reply_markup, edited.edit_date is not None) == ("C-1 taken", None, True)
    assert telegram.reads(dana) == ["C-1 taken [Close]"]
    assert [one["text"] for one in stands.edits] == ["C-1", "C-1 taken"]


async def test_an_edit_without_a_change_is_refused(bot: Bot, dana: Person, ticks: Ticks) -> None:
    message = await sent_card(bot, dana, ticks)

    words = await refusal(
        bot.edit_message_text("<b></b>C-1", dana.id, message.message_id, parse_mode="HTML", reply_markup=keys("Take"))
    )

    assert words == (
        "Message is not modified: specified new message content and reply markup are exactly the same"
        " as a current content and reply markup of the message"
    )


async def test_what_cannot_be_edited(telegram: FakeTelegram, bot: Bot, dana: Person, ticks: Ticks) -> None:
    telegram.pace.strict = False
    theirs = await dana.says("mine")
    asks = ReplyKeyboardMarkup([["Yes"]])
    keyed = await bot.send_message(dana.id, "Sure?", reply_markup=asks)
    picture = await bot.send_photo(dana.id, PNG, "Sales")
    gone = await bot.send_message(dana.id, "gone")
    await bot.delete_message(dana.id, gone.message_id)

    assert await refusal(bot.edit_message_text("x", dana.id, gone.message_id)) == "Message to edit not found"
    assert await refusal(bot.edit_message_text("x", dana.id, theirs.id)) == "Message can't be edited"
    assert await refusal(bot.edit_message_text("x", dana.id, keyed.message_id)) == "Message can't be edited"
    words = await refusal(bot.edit_message_text("x", dana.id, picture.message_id))
    assert words == "There is no text in the message to edit"
    words = await refusal(bot.edit_message_reply_markup(dana.id, picture.message_id, reply_markup=asks))  # type: ignore[arg-type]
    assert words == "Inline keyboard expected"
    assert await refusal(bot.delete_message(dana.id, gone.message_id)) == "Message to delete not found"
    await bot.edit_message_caption(dana.id, picture.message_id, caption="Sales, May")
    await bot.edit_message_media(InputMediaPhoto(PNG, "Sales, June"), dana.id, picture.message_id)
    assert telegram.reads(dana) == ["Sure? [Yes]", "(photo) | Sales, June"]


# --- Limits


async def test_one_message_a_second_to_a_chat(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat, ticks: Ticks
) -> None:
    message = await bot.send_message(dana.id, "1")
    await bot.send_message(service.id, "elsewhere")

    with pytest.raises(RetryAfter) as later:
        await bot.edit_message_text("2", dana.id, message.message_id)
    ticks.now += 0.95
    await bot.edit_message_text("2", dana.id, message.message_id)

    assert later.value.retry_after == 1
    assert telegram.limited == [TooSoon("chat", dana.id, "editMessageText", 1000.0, 1)]
    assert telegram.reads(dana) == ["2"]


async def test_twenty_a_minute_to_a_group_and_thirty_a_second_in_all(
    telegram: FakeTelegram, bot: Bot, service: Chat, ticks: Ticks
) -> None:
    for number in range(20):
        await bot.send_message(service.id, str(number))
        ticks.now += 1
    with pytest.raises(RetryAfter) as later:
        await bot.send_message(service.id, "20")
    many = [telegram.person(100 + number, "P", started=True) for number in range(31)]
    for person in many[:30]:
        await bot.send_message(person.id, "x")

    assert await refusal(bot.send_message(many[30].id, "x")) == "Flood control exceeded. Retry in 1 seconds"
    assert (later.value.retry_after, [one.why for one in telegram.limited]) == (40, ["group", "overall"])


async def test_a_send_inside_a_named_window_is_written_down(
    telegram: FakeTelegram, bot: Bot, dana: Person, ticks: Ticks
) -> None:
    telegram.fails("sendMessage", script.Limited(30), chat=dana)
    with pytest.raises(RetryAfter):
        await bot.send_message(dana.id, "1")
    ticks.now += 10
    await bot.send_message(dana.id, "too soon")
    ticks.now += 21
    await bot.send_message(dana.id, "in time")

    assert telegram.limited == [TooSoon("window", dana.id, "sendMessage", 1010.0, 20)]


# --- Misbehaving


async def test_each_fault_happens_as_it_was_written_down(telegram: FakeTelegram, bot: Bot, dana: Person) -> None:
    telegram.pace.strict = False
    faults: list[tuple[script.Step, str, bool]] = [
        (script.Error(400, "Bad Request: PEER_ID_INVALID"), "Peer_id_invalid", False),
        (script.Error(403, "Forbidden: something new"), "Forbidden: something new", False),
        (script.Limited(None), "Too Many Requests", False),
        (script.Limited(3600), "Flood control exceeded. Retry in 3600 seconds", False),
        (script.Status(502), "Bad Gateway (502)", False),
        (script.Garbage(), "Invalid server response", False),
        (script.Empty(), "Invalid server response", False),
        (script.Truncated(), "Invalid server response", True),
        (script.StoreThen500(), "Internal Server Error", True),
        (script.StoreThenCut(), "httpx.RemoteProtocolError", True),
        (script.CutBeforeRead(), "httpx.", False),
    ]
    for number, (step, words, stored) in enumerate(faults):
        telegram.fails("sendMessage", step)
        said = await refusal(bot.send_message(dana.id, f"{number}"))
        assert words.lower() in said.lower()
        assert telegram.calls[-1].stored == stored
    await bot.send_message(dana.id, "all is well")

    stored_ones = [str(number) for number, (_, _, stored) in enumerate(faults) if stored]
    assert telegram.reads(dana) == [*stored_ones, "all is well"]


async def test_faults_stay_with_their_method_and_chat(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat
) -> None:
    telegram.always("sendMessage", script.Error(400, "Bad Request: no"), chat=service)
    telegram.fails("sendMessage", script.Slow(0.02), chat=dana)

    await bot.send_message(dana.id, "slow, but here")
    await bot.send_photo(service.id, PNG)
    assert await refusal(bot.send_message(service.id, "x")) == "No"
    assert await refusal(bot.send_message(service.id, "x")) == "No"
    telegram.behaves()
    telegram.pace.strict = False
    await bot.send_message(service.id, "y")

    assert [(one.chat, one.status) for one in telegram.calls_of("sendMessage")] == [
        (dana.id, 200),
        (service.id, 400),
        (service.id, 400),
        (service.id, 200),
    ]


async def test_a_hanging_call_ends_with_the_fake(telegram: FakeTelegram, dana: Person) -> None:
    telegram.fails("sendMessage", script.Hang(60))
    async with aiohttp.ClientSession() as session:
        held = asyncio.create_task(session.get(f"{telegram.api_url}/bot{telegram.token}/sendMessage?chat_id=11&text=x"))
        await telegram.until(lambda: telegram.calls)
        await telegram.stop()
        with pytest.raises(aiohttp.ClientError):
            await held

    assert [(one.status, one.stored) for one in telegram.calls] == [(0, False)]


# --- The address, and ways of writing a request down


async def test_tokens_and_methods_that_are_not_known(telegram: FakeTelegram) -> None:
    async with aiohttp.ClientSession(telegram.api_url) as session:

        async def answer(path: str, **more: Any) -> tuple[int, Any]:
            async with session.post(path, **more) as response:
                return response.status, await response.json()

        not_found = (404, {"ok": False, "error_code": 404, "description": "Not Found"})
        wrong = (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        assert await answer("/bot1:wrongwrongwrong/getMe") == wrong
        assert await answer("/botnonsense/getMe") == not_found
        assert await answer(f"/bot{telegram.token}/getNothing") == not_found
        assert await answer("/") == not_found
        status, me = await answer(f"/bot{telegram.token}/GETME")
        assert (status, me["result"]["username"]) == (200, "opsbook_bot")


async def test_a_request_may_come_as_json_or_in_the_address(telegram: FakeTelegram, dana: Person, ticks: Ticks) -> None:
    url = f"{telegram.api_url}/bot{telegram.token}/sendMessage"
    markup = {"inline_keyboard": [[{"text": "Take", "callback_data": "t:1"}]]}
    async with aiohttp.ClientSession() as session:
        await (await session.post(url, json={"chat_id": 11, "text": "json", "reply_markup": markup})).read()
        ticks.now += 1
        asked = {"chat_id": "11", "text": "address", "reply_markup": json.dumps(markup)}
        await (await session.get(url, params=asked)).read()
        broken = await session.post(url, data=b"{", headers={"Content-Type": "application/json"})

    assert telegram.reads(dana) == ["json [Take]", "address [Take]"]
    assert telegram.calls[1].args == {"chat_id": "11", "text": "address", "reply_markup": markup}
    assert broken.status == 400


# --- About itself


async def test_menus_are_for_a_scope_and_a_language(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat
) -> None:
    await bot.set_my_commands([BotCommand("home", "My day")])
    await bot.set_my_commands([BotCommand("home", "我的一天")], language_code="zh")
    await bot.set_my_commands([BotCommand("take", "Take it")], scope=BotCommandScopeChat(service.id))
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())

    assert telegram.commands("zh") == [("home", "我的一天")]
    assert telegram.commands("fr") == [("home", "My day")]
    assert telegram.commands("zh", service) == [("take", "Take it")]
    assert [one.description for one in await bot.get_my_commands(language_code="zh")] == ["我的一天"]
    await bot.delete_my_commands(language_code="zh")
    assert telegram.commands("zh") == [("home", "My day")]
    assert await refusal(bot.set_my_commands([("投诉", "x")])) == "Bot_command_invalid"
    assert await refusal(bot.set_my_commands([("Home", "x")])) == "Bot_command_invalid"
    assert await refusal(bot.set_my_commands([("home", "")])) == "Bot_command_description_invalid"
    many = [(f"c{number}", "x") for number in range(101)]
    assert await refusal(bot.set_my_commands(many)) == "Bot_commands_too_much"


async def test_chats_and_members_can_be_looked_at(
    telegram: FakeTelegram, bot: Bot, dana: Person, service: Chat
) -> None:
    await bot.set_my_description("Opsbook", "en")
    await bot.set_my_short_description("Ops")
    await bot.send_chat_action(dana.id, "typing")
    here, private = await bot.get_chat(service.id), await bot.get_chat(dana.id)
    bot_there = await bot.get_chat_member(service.id, bot.id)
    stranger = await bot.get_chat_member(service.id, telegram.person(14, "Eve").id)
    await bot.leave_chat(service.id)

    assert (here.title, here.type, private.first_name, private.username) == ("service", "group", "Dana", "dana")
    assert (bot_there.status, stranger.status, dana.chat.actions) == ("member", "left", ["typing"])
    assert await refusal(bot.get_chat_member(dana.id, 99)) == "User not found"
    with pytest.raises(Forbidden):
        await bot.send_message(service.id, "x")
