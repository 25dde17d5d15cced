"""A small Telegram with two people and a group, and the real library's bot in it, new for each test."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Chat
from tests.platforms.telegram.fake import TOKEN, FakeTelegram
from tests.platforms.telegram.pace import Ticks


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def telegram(ticks: Ticks) -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(ticks=ticks) as fake:
        yield fake


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    def quick() -> HTTPXRequest:
        return HTTPXRequest(connect_timeout=2, read_timeout=2, httpx_kwargs={"verify": False})  # reads no certificates

    base, files = telegram.api_url + "/bot", telegram.api_url + "/file/bot"
    async with Bot(TOKEN, base_url=base, base_file_url=files, request=quick(), get_updates_request=quick()) as bot:
        telegram.calls.clear()
        yield bot


@pytest.fixture
def dana(telegram: FakeTelegram) -> Person:
    return telegram.person(11, "Dana", "dana", "zh", started=True)


@pytest.fixture
def omar(telegram: FakeTelegram) -> Person:
    return telegram.person(12, "Omar")


@pytest.fixture
def service(telegram: FakeTelegram, dana: Person, omar: Person) -> Chat:
    return telegram.group(-501, "service", [dana, omar])
