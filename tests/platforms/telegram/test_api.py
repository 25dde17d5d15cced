"""Telegram's API is asked once, in time, at its pace; a failure is told for what it means, never with the token."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.errors import DeliveryFailed
from bot.platforms.telegram import calls
from bot.platforms.telegram.api import Api, Upload, We
from bot.platforms.telegram.checks import faults
from bot.platforms.telegram.refusals import DEFAULT_WAIT, Meaning, Refused, refusal, seconds
from tests.platforms.telegram import script
from tests.platforms.telegram.fake import TOKEN, FakeTelegram

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + (320).to_bytes(4) + (200).to_bytes(4) + bytes(40)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        fake.person(501, "Dana", started=True)
        fake.person(502, "Omar")
        fake.supergroup(-1001, "Service", [fake.people[501]])
        yield fake


@pytest.fixture
async def api(telegram: FakeTelegram) -> AsyncIterator[Api]:
    api = Api(TOKEN, telegram.api_url)
    yield api
    await api.close()


async def refused(work: Any) -> Refused:
    with pytest.raises(Refused) as found:
        await work
    assert TOKEN not in f"{found.value!r} {found.value.code}"
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__ or found.value.__context__ is None
    return found.value


# --- What works -------------------------------------------------------------------------------------------


async def test_words_are_posted_edited_and_hung_under_a_message(telegram: FakeTelegram, api: Api) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Take", "callback_data": "a:1"}]]}

    first = await api.send_text("501", "<b>One</b> https://a.example", "One", keyboard)
    second = await api.send_text("501", "Two", "Two", reply_to=str(first))
    await api.edit_text("501", str(first), "<i>Done</i>", "Done")
    third = await api.send_text("501", "Three", "Three", reply_to="999")

    chat = telegram.chat(501)
    assert [message.id for message in chat.messages] == [first, second, third]
    assert [message.html for message in chat.messages] == ["<i>Done</i>", "Two", "Three"]
    assert [message.reply_to.id if message.reply_to else None for message in chat.messages] == [None, first, None]
    assert chat.messages[0].keyboard == []
    assert telegram.calls[0].args["link_preview_options"] == {"is_disabled": True}


async def test_an_edit_that_changes_nothing_is_a_success(telegram: FakeTelegram, api: Api) -> None:
    id = await api.send_text("501", "One", "One")

    await api.edit_text("501", str(id), "One", "One")

    assert telegram.calls[-1].status == 400


async def test_words_that_are_no_html_go_as_they_are(telegram: FakeTelegram, api: Api) -> None:
    id = await api.send_text("501", "<b>broken", "broken & plain")
    await api.edit_text("501", str(id), "<x>", "x & y")

    assert telegram.chat(501).last.html == "x &amp; y"
    assert [edit["text"] for edit in telegram.chat(501).last.edits] == ["broken & plain"]


async def test_pictures_and_documents_are_posted(telegram: FakeTelegram, api: Api) -> None:
    first = await api.send_photo("501", Upload("a.png", "image/png", PNG), "<b>A</b>", "A")
    await api.send_document("501", Upload("b \u6f22.pdf", "application/pdf", b"%PDF"), str(first))

    photo, document = telegram.chat(501).messages
    assert (photo.photo and photo.photo.content, photo.html) == (PNG, "<b>A</b>")
    assert document.document is not None
    assert (document.document.name, document.document.mime) == ("b \u6f22.pdf", "application/pdf")
    assert document.reply_to is photo


async def test_updates_come_as_they_are(telegram: FakeTelegram, api: Api) -> None:
    await telegram.people[501].says("hello")
    telegram.push({"update_id": 7, "message": "not one"})

    found = await api.updates(None, 0)
    rest = await api.updates(found[0]["update_id"] + 1, 0)

    assert [found[0]["message"]["text"], rest] == ["hello", [{"update_id": 7, "message": "not one"}]]
    asked = telegram.calls_of("getUpdates")[0].args["allowed_updates"]
    assert asked == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_webhook_is_set_seen_and_taken_away(telegram: FakeTelegram, api: Api) -> None:
    await api.set_webhook("https://ops.example.com/telegram/webhook", "secret")
    assert await api.webhook() == "https://ops.example.com/telegram/webhook"

    await api.delete_webhook()
    assert await api.webhook() == ""


async def test_we_learn_who_we_are(api: Api) -> None:
    assert await api.me() == We(TOKEN.partition(":")[0], "opsbook_bot", False)


async def test_a_press_too_old_to_be_answered_is_no_failure(telegram: FakeTelegram, api: Api) -> None:
    await api.answer("12345", "Done", alert=True)

    assert telegram.calls[-1].status == 400


async def test_menu_is_set(telegram: FakeTelegram, api: Api) -> None:
    await api.set_commands([("help", "Help")])
    await api.set_commands([("help", "帮助")], "zh", {"type": "all_private_chats"})

    assert (telegram.commands(), telegram.commands("zh", chat=501)) == ([("help", "Help")], [("help", "帮助")])


# --- Files ------------------------------------------------------------------------------------------------


async def test_file_is_fetched(telegram: FakeTelegram, api: Api) -> None:
    kept = telegram.chats.keep("note 1?#%2e.txt", b"hello", "text/plain")

    assert await api.file(kept.id) == (b"hello", kept.path)


async def test_file_that_is_too_big_is_not_fetched(
    telegram: FakeTelegram, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = telegram.chats.keep("a", b"x", "text/plain", size=20 * 1024 * 1024 + 1)
    lies = telegram.chats.keep("b", b"x" * 3000, "text/plain", size=5)
    monkeypatch.setattr(calls, "MOST_BYTES", 2000)

    assert [(await refused(api.file(one.id))).status for one in (claims, lies)] == [400, 413]


@pytest.mark.parametrize(
    "path",
    [
        "http://evil.example/x",
        "//evil.example/x",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a\\b",
        "a\x00b",
        "",
        ".",
        "x" * 501,
        7,
        None,
    ],
)
async def test_file_is_looked_for_at_telegram_alone(telegram: FakeTelegram, api: Api, path: Any) -> None:
    body = b'{"ok":true,"result":{"file_id":"x","file_path":%s}}' % json.dumps(path).encode()
    telegram.fails("getFile", script.Garbage(body))

    assert (await refused(api.file("x"))).code == "Telegram names no place of the file that we would look in"
    assert telegram.calls_of("file") == []


async def test_a_redirect_of_a_file_is_not_followed() -> None:
    asked = []

    async def redirect(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path.startswith("/file"):
            raise web.HTTPFound("/elsewhere")
        return web.json_response({"ok": True, "result": {"file_path": "a/b"}})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", redirect)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api = Api(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}")

    error = await refused(api.file("x"))

    await api.close()
    await runner.cleanup()
    assert (error.status, asked) == (302, [f"/bot{TOKEN}/getFile", f"/file/bot{TOKEN}/a/b"])


# --- What goes wrong --------------------------------------------------------------------------------------

ROWS = [
    (403, "Forbidden: bot was blocked by the user", Meaning.NEVER),
    (403, "Forbidden: user is deactivated", Meaning.NEVER),
    (403, "Forbidden: bot can't initiate conversation with a user", Meaning.NEVER),
    (403, "Forbidden: bot can't send messages to bots", Meaning.NEVER),
    (403, "Forbidden: bot was kicked from the supergroup chat", Meaning.NEVER),
    (403, "Forbidden: bot is not a member of the channel chat", Meaning.NEVER),
    (403, "Forbidden: the group chat was deleted", Meaning.NEVER),
    (403, "Forbidden: something that nobody has seen before", Meaning.LATER),
    (400, "Bad Request: chat not found", Meaning.NEVER),
    (400, "Bad Request: PEER_ID_INVALID", Meaning.NEVER),
    (400, "Bad Request: have no rights to send a message", Meaning.NEVER),
    (400, "Bad Request: not enough rights to send text messages to the chat", Meaning.NEVER),
    (400, "Bad Request: need administrator rights in the channel chat", Meaning.NEVER),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Meaning.NEVER),
    (400, "Bad Request: message to edit not found", Meaning.GONE),
    (400, "Bad Request: message can't be edited", Meaning.GONE),
    (400, "Bad Request: MESSAGE_ID_INVALID", Meaning.GONE),
    (400, "Bad Request: there is no text in the message to edit", Meaning.GONE),
    (400, "Bad Request: message is not modified: specified new message content …", Meaning.SAME),
    (400, 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0', Meaning.MARKUP),
    (400, "Bad Request: BUTTON_URL_INVALID", Meaning.BUTTON),
    (400, "Bad Request: inline keyboard button URL 'http://x' is invalid: Wrong HTTP URL", Meaning.BUTTON),
    (400, "Bad Request: IMAGE_PROCESS_FAILED", Meaning.PICTURE),
    (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Meaning.PICTURE),
    (413, "Request Entity Too Large", Meaning.PICTURE),
    (400, "Bad Request: query is too old and response timeout expired or query ID is invalid", Meaning.OLD),
    (400, "Bad Request: message is too long", Meaning.LATER),
    (400, "Bad Request: something new", Meaning.LATER),
    (401, "Unauthorized", Meaning.TOKEN),
    (404, "Not Found", Meaning.TOKEN),
    (409, "Conflict: terminated by other getUpdates request", Meaning.LATER),
    (500, "Internal Server Error: chat not found", Meaning.LATER),
]


@pytest.mark.parametrize(("status", "description", "meaning"), ROWS, ids=[row[1][:40] for row in ROWS])
async def test_a_refusal_is_told_for_what_it_means(
    telegram: FakeTelegram, api: Api, status: int, description: str, meaning: Meaning
) -> None:
    telegram.fails("getChatMember", script.Error(status, description))

    error = await refused(api.member("-1001", "501"))

    assert (error.meaning, error.status, error.code) == (meaning, status, description)
    failure = error.as_failure()
    assert (failure.permanent, failure.gone) == (meaning in (Meaning.NEVER, Meaning.GONE), meaning is Meaning.GONE)


async def test_a_group_that_became_a_supergroup_is_told_with_its_new_id(telegram: FakeTelegram, api: Api) -> None:
    telegram.group(-5, "Old")
    new = telegram.migrate(-5)

    error = await refused(api.send_text("-5", "x", "x"))

    assert (error.meaning, error.moved_to, error.as_failure().moved_to) == (Meaning.MOVED, str(new), str(new))
    assert error.as_failure().permanent is False


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [(30, 30.0), (0, 0.0), ("7", 7.0), (2.5, 2.5), (99999, 3600.0), (None, DEFAULT_WAIT), ("abc", DEFAULT_WAIT),
     (-3, DEFAULT_WAIT), ("nan", DEFAULT_WAIT)],
)  # fmt: skip
async def test_a_pause_is_as_long_as_asked_and_no_longer_than_an_hour(
    telegram: FakeTelegram, api: Api, retry_after: Any, wait: float
) -> None:
    telegram.fails("getMe", script.Limited(retry_after))

    error = await refused(api.me())

    assert (error.meaning, error.retry_after, error.as_failure().retry_after) == (Meaning.LIMITED, wait, wait)


def test_seconds_may_be_of_any_kind() -> None:
    given: list[Any] = [timedelta(minutes=2), 5, "5.5", True, None, "", math.inf, math.nan, -1, 1e9, [], "9" * 500]
    assert [seconds(value) for value in given] == [
        120.0, 5.0, 5.5, None, None, None, None, None, None, 3600.0, None, None,
    ]  # fmt: skip


def test_whatever_a_refusal_holds_is_data() -> None:
    odd: list[Any] = [None, [], "x", 5, {"description": 5}, {"parameters": "x"}]
    odd.append({"parameters": {"migrate_to_chat_id": "x"}})

    assert [refusal(400, said).code for said in odd] == ["http_400"] * len(odd)
    assert refusal(400, {"description": "a\nb" * 500}).code == ("a b" * 500)[:200]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (script.Garbage(), "the answer can't be read"),
        (script.Garbage(b"[" * 100_000), "the answer can't be read"),
        (script.Garbage(b'{"ok":true}'), "the answer can't be read"),
        (script.Garbage(b'{"ok":true,"result":{"message_id":"x"}}'), "Telegram's answer names no message"),
        (script.Garbage(b'{"ok":false,"description":"Bad luck"}'), "Bad luck"),
        (script.Empty(), "the answer can't be read"),
        (script.Truncated(), "the answer can't be read"),
        (script.Status(502), "http_502"),
        (script.Status(200), "the answer can't be read"),
        (script.Status(301, b""), "http_301"),
        (script.StoreThenCut(), "RemoteProtocolError"),
        (script.StoreThen500(), "Internal Server Error"),
    ],
)
async def test_a_failure_on_the_way_is_told_and_nothing_is_sent_twice(
    telegram: FakeTelegram, api: Api, fault: script.Step, code: str
) -> None:
    telegram.fails("sendMessage", fault)

    error = await refused(api.send_text("501", "x", "x"))

    assert (error.code in (code, "ReadError"), error.meaning) == (True, Meaning.LATER)
    assert len(telegram.calls_of("sendMessage")) == 1


async def test_a_call_that_hangs_ends_in_time_and_holds_nobody_up(
    telegram: FakeTelegram, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "TIMEOUT", 0.3)
    telegram.always("sendMessage", script.Hang(60), chat=501)

    hanging = [asyncio.ensure_future(refused(api.call("sendMessage", {"chat_id": 501, "text": "x"}))) for _ in range(4)]
    await asyncio.sleep(0.05)
    await api.send_text("-1001", "y", "y")

    assert [error.code for error in await asyncio.gather(*hanging)] == ["timeout"] * 4
    assert telegram.reads(-1001) == ["y"]


async def test_a_server_that_is_not_there_is_a_failure_like_others() -> None:
    api = Api(TOKEN, "http://127.0.0.1:9")

    assert (await refused(api.me())).code == "ConnectError"
    await api.close()
    assert (await refused(api.me())).code == "RuntimeError"


@pytest.mark.parametrize("url", ["http://[", "http://", "nonsense", "http://a b"])
async def test_a_server_without_an_address_is_a_failure_too(url: str) -> None:
    try:
        api = Api(TOKEN, url)
    except ValueError:
        return
    await refused(api.me())
    await api.close()


async def test_halves_of_signs_are_a_failure_and_no_crash(api: Api) -> None:
    assert (await refused(api.send_text("501", "\ud800", "\ud800"))).code == "UnicodeEncodeError"


async def test_a_pause_holds_that_chat_alone(telegram: FakeTelegram, api: Api) -> None:
    telegram.fails("sendMessage", script.Limited(30), chat=501)
    await refused(api.send_text("501", "x", "x"))

    error = await refused(api.send_text("501", "x", "x"))
    await api.send_text("-1001", "y", "y")

    assert error.meaning is Meaning.LIMITED
    assert error.retry_after is not None
    assert 29 < error.retry_after <= 30
    assert len(telegram.calls_of("sendMessage", 501)) == 1
    assert telegram.limited == []


async def test_sends_wait_for_their_turn(telegram: FakeTelegram, api: Api) -> None:
    id = await api.send_text("501", "x", "x")
    await asyncio.gather(api.edit_text("501", str(id), "y", "y"), api.send_text("501", "z", "z"))

    assert telegram.reads(501) == ["y", "z"]
    assert telegram.limited == []


# --- The token --------------------------------------------------------------------------------------------


async def test_the_token_is_in_no_log_and_no_error(
    telegram: FakeTelegram, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    telegram.fails("getMe", script.Error(400, f"Bad Request: {telegram.api_url}/bot{TOKEN}/getMe"))
    kept = telegram.chats.keep("a.txt", b"hello", "text/plain")

    await api.send_text("501", "x", "x")
    await api.file(kept.id)
    errors = [await refused(api.me()), await refused(api.file("no such"))]
    elsewhere = Api(TOKEN, "http://127.0.0.1:9")
    errors += [await refused(elsewhere.me())]
    await elsewhere.close()

    assert TOKEN not in caplog.text
    assert TOKEN not in " ".join(f"{error} {error.args} {error!r}" for error in errors)
    assert "***" in errors[0].code
    assert TOKEN not in f"{api!r} {api.calls!r}"


def test_without_a_token_there_is_no_api() -> None:
    with pytest.raises(ValueError, match="token"):
        Api("", "https://api.telegram.org")


# --- What `check` finds out -------------------------------------------------------------------------------


async def test_check_finds_nothing_wrong(telegram: FakeTelegram) -> None:
    assert await faults(TOKEN, telegram.api_url, {"-1001": "service"}) == ([], [])


async def test_check_tells_of_a_wrong_token_and_of_a_server_that_is_not_there(telegram: FakeTelegram) -> None:
    wrong = await faults("7000000001:AAanotherTokenThatIsWrong-000000", telegram.api_url, {})
    malformed = await faults("x", telegram.api_url, {})
    away = await faults(TOKEN, "http://127.0.0.1:9", {})

    words = "TELEGRAM_BOT_TOKEN: Telegram refuses it ({}); copy the bot's token from @BotFather"
    assert wrong == ([words.format("Unauthorized")], [])
    assert malformed == ([words.format("Not Found")], [])
    assert away == (
        [],
        ["TELEGRAM_API_URL: Telegram can't be reached now (ConnectError); the token and the rooms were not checked"],
    )


async def test_check_looks_at_every_rooms_chat(telegram: FakeTelegram) -> None:
    telegram.supergroup(-1002, "Left", bot="left")
    telegram.supergroup(-1003, "Silent", bot="restricted")
    telegram.group(-5, "Old")
    telegram.migrate(-5, -1005)
    telegram.fails("getChatMember", script.Status(502), chat=-1001)
    rooms = {"-1002": "ops", "-1003": "sales", "-5": "old", "-77": "none", "-1001": "service"}

    wrong, notes = await faults(TOKEN, telegram.api_url, rooms)

    assert wrong == [
        "rooms.ops: the chat -1002 does not have the bot in it: add @opsbook_bot",
        "rooms.sales: the chat -1003 does not let the bot write: give @opsbook_bot the right to send messages",
        "rooms.old: the group -5 has become a supergroup; write telegram:-1005 instead",
        "rooms.none: Telegram knows no chat -77, or the bot was never in it: add @opsbook_bot",
    ]
    assert notes == ["rooms.service: Telegram does not tell of the chat -1001 (http_502)"]


async def test_check_notes_who_else_listens(telegram: FakeTelegram, api: Api) -> None:
    ours = "https://ops.example.com/telegram/webhook"
    await api.set_webhook(ours, "s")

    assert (await faults(TOKEN, telegram.api_url, {}, ours))[1] == []
    assert (await faults(TOKEN, telegram.api_url, {}))[1] == [
        "TELEGRAM_WEBHOOK_SECRET: not set, but the bot has a webhook from elsewhere; it is removed at the start"
    ]
    assert (await faults(TOKEN, telegram.api_url, {}, "https://b.example/"))[1] == [
        "TELEGRAM_WEBHOOK_SECRET: the bot has a webhook at another address; it is replaced at the start"
    ]


def test_a_refusal_is_a_failure_for_the_courier() -> None:
    failure = Refused("x", 429, meaning=Meaning.LIMITED, retry_after=3.0).as_failure()

    assert isinstance(failure, DeliveryFailed)
    assert (str(failure), failure.permanent, failure.gone, failure.retry_after) == ("x", False, False, 3.0)
