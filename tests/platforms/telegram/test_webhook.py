"""Telegram calls us: only with the secret, only sound JSON, and 200 only once the update is kept."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.answer import Outcome
from bot.platforms.telegram.toasts import LATE, worded
from bot.platforms.telegram.webhook import HEADER, Webhook
from config.text import t
from tests.platforms.telegram import script
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Answered
from tests.platforms.telegram.fake import FakeTelegram
from tests.platforms.telegram.office import CHINESE, SECRET, Office
from tests.platforms.telegram.payloads import ALL, message, mutated, press


@pytest.fixture
async def office(telegram: FakeTelegram, dana: Person, omar: Person) -> AsyncIterator[Office]:
    async with Office(telegram, webhook=True) as office:
        await office.until(lambda: telegram.updates.hook.url)
        yield office


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def webhook(office: Office) -> Webhook:
    assert office.intake.webhook is not None
    return office.intake.webhook


async def posted(session: aiohttp.ClientSession, office: Office, body: bytes, secret: str = SECRET) -> int:
    headers = {HEADER: secret, "Content-Type": "application/json"}
    async with session.post(webhook(office).url, data=body, headers=headers) as answer:
        return answer.status


# --- The address


async def test_telegram_is_told_where_we_are(office: Office, telegram: FakeTelegram) -> None:
    set_ = telegram.calls_of("setWebhook")[-1].args

    assert (set_["url"], set_["secret_token"]) == (f"{office.url}/telegram/webhook", SECRET)
    assert set_["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert not set_.get("drop_pending_updates")


async def test_the_address_is_set_in_spite_of_trouble(telegram: FakeTelegram, dana: Person) -> None:
    telegram.fails("getMe", script.Status(502))
    telegram.fails("setWebhook", script.Status(502))
    await dana.says("early")
    async with Office(telegram, webhook=True) as office:
        await office.until(lambda: telegram.updates.hook.url, 10)
        await office.settled()

    assert office.desk.texts == ["early"]


def test_an_empty_secret_does_not_start(telegram: FakeTelegram) -> None:
    free = Office(telegram)._made("x")
    for secret in ("", "  "):
        with pytest.raises(ValueError, match="secret is empty"):
            Webhook(free.api, free.incoming, free.tasks, "https://ops.example.com", secret)


# --- At the door


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "sécret", "密"])
async def test_a_wrong_secret_is_refused_unread(office: Office, session: aiohttp.ClientSession, secret: str) -> None:
    assert await posted(session, office, b"not even json", secret) == 403
    assert office.desk.tries == []


async def test_a_missing_secret_is_refused(office: Office, telegram: FakeTelegram) -> None:
    assert await telegram.post_webhook(message("hi"), None) == 403


async def test_other_methods_are_refused(office: Office, session: aiohttp.ClientSession) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        async with session.request(method, webhook(office).url, headers={HEADER: SECRET}) as answer:
            assert answer.status == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b"\xff\xfe",
        b'{"update_id": "1"}',
        b'{"update_id": 1, "update_id": 2}',
        b'{"update_id": NaN}',
        b'{"update_id": 1, "x": 1e999}',
        b'{"update_id": 1, "x": ' + b"9" * 5000 + b"}",
        b'{"update_id": 99999999999999999999}',
        b"[" * 100_000,
        b'{"update_id":1,"a":' * 5_000,
    ],
)
async def test_what_is_no_update_is_refused(office: Office, session: aiohttp.ClientSession, body: bytes) -> None:
    begun = time.monotonic()

    assert await posted(session, office, body) == 400
    assert (time.monotonic() - begun < 0.2, office.desk.tries) == (True, [])


async def test_a_body_that_is_too_large_is_refused(office: Office, session: aiohttp.ClientSession) -> None:
    body = b'{"update_id": 1, "x": "' + b"x" * 1024 * 1024 + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {HEADER: SECRET}
    async with session.post(webhook(office).url, data=io.BytesIO(body), headers=headers) as known:
        assert known.status == 413
    async with session.post(webhook(office).url, data=in_pieces(), headers=headers) as unknown:
        assert unknown.status == 413


async def test_nul_and_half_characters_are_the_desks_to_clean(office: Office, session: aiohttp.ClientSession) -> None:
    for id, text in enumerate(("a\0b", "\ud800"), 1):
        assert await posted(session, office, json.dumps(message(text, update_id=id)).encode()) == 200

    assert office.desk.texts == ["a\0b", "\ud800"]


async def test_no_mutation_of_an_update_breaks_the_door(office: Office, session: aiohttp.ClientSession) -> None:
    rng, found = random.Random(42), set()
    for round in range(400):
        body = json.dumps(mutated(rng, ALL[round % len(ALL)])).encode()
        found.add(await posted(session, office, body))

    assert found == {200, 400}


# --- Kept, and only then 200


async def test_an_update_is_answered_once_it_is_kept(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    office.desk.takes = 0.1
    await dana.says("one")
    await dana.says("two")
    await office.settled()

    assert (office.desk.texts, telegram.updates.hook.statuses) == (["one", "two"], [200, 200])


@pytest.mark.parametrize(("trouble", "status"), [(Outcome.BUSY, 503), (Outcome.FAULT, 500)])
async def test_what_is_not_kept_comes_again(
    office: Office, telegram: FakeTelegram, dana: Person, trouble: Outcome, status: int
) -> None:
    office.desk.trouble, office.desk.stuck["11"] = trouble, 2
    await dana.says("one")
    await office.settled()

    assert (office.desk.texts, telegram.updates.hook.statuses) == (["one"], [status, status, 200])


async def test_a_press_that_has_to_come_again_is_told_so_at_once(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    office.know(dana)
    office.desk.stuck["11"], office.desk.reply = 1, t("Taken.")
    card = telegram.chats.write(
        dana.chat,
        telegram.chats.bot,
        {"text": "C-1"},
        markup={"inline_keyboard": [[{"text": "Take", "callback_data": "tickets.take:1:1"}]]},
    )

    answered = await dana.presses("Take", card)
    await office.settled()

    late = worded(LATE, CHINESE)
    assert answered == Answered(late.text, late.alert)
    assert len(telegram.calls_of("answerCallbackQuery")) == 1
    assert office.shown == [("11", "Taken.")]


async def test_an_update_that_takes_too_long_is_kept_all_the_same(
    office: Office, telegram: FakeTelegram, dana: Person
) -> None:
    webhook(office).seconds = 0.2
    office.desk.takes = 0.7
    await dana.says("slow")
    await office.settled()

    assert office.desk.tries == ["update:7000000001:1"]
    assert telegram.updates.hook.statuses[0] == 503
    assert telegram.updates.hook.statuses[-1] == 200


async def test_the_same_update_at_once_has_one_effect(office: Office, telegram: FakeTelegram) -> None:
    office.desk.takes = 0.1
    statuses = await asyncio.gather(*[telegram.post_webhook(message("hi", update_id=9)) for _ in range(8)])

    assert (statuses, office.desk.tries) == ([200] * 8, ["update:7000000001:9"])


async def test_one_chat_stays_in_order_and_holds_up_no_other(office: Office, telegram: FakeTelegram) -> None:
    office.desk.takes = 0.02
    group = {"id": -501, "title": "service", "type": "group"}
    sent = [telegram.post_webhook(message(str(number), update_id=number)) for number in range(1, 11)]
    sent += [telegram.post_webhook(press(chat=group, update_id=100))]
    tasks = []
    for one in sent:
        tasks.append(asyncio.create_task(one))
        await asyncio.sleep(0.005)
    assert await asyncio.gather(*tasks) == [200] * 11

    assert [text for text in office.desk.texts if text] == [str(number) for number in range(1, 11)]
    assert office.desk.tries.index("update:7000000001:100") < 10


async def test_after_the_stop_nothing_is_taken(office: Office, telegram: FakeTelegram, dana: Person) -> None:
    await office.intake.stop()

    assert await telegram.post_webhook(message("late", update_id=50)) == 503
    assert office.desk.tries == []
