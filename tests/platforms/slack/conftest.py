"""A small Slack workspace, a client and an app that listens, new for each test."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import BOT_TOKEN, FakeSlack
from tests.platforms.slack.scene import (
    SECRET,
    App,
    Clock,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as fake:
        fake.add_user("U1", "dana", "Dana Lee", email="dana@example.com", locale="zh-CN")
        fake.add_user("U2", "omar", "Omar Haddad")
        fake.add_channel("C1", "service")
        fake.add_channel("C2", "archive", is_archived=True)
        fake.add_channel("C3", "elsewhere", ["U1"])
        yield fake


@pytest.fixture
async def client(slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(BOT_TOKEN, slack.api_url, session=session, retry_handlers=[], timeout=2)


@pytest.fixture
async def app(clock: Clock) -> AsyncIterator[App]:
    app = App(clock)
    runner = await app.start()
    yield app
    await runner.cleanup()


@pytest.fixture
async def caller(app: App, slack: FakeSlack, clock: Clock) -> AsyncIterator[SlackCaller]:
    async with SlackCaller(app.url, SECRET, clock=clock, slack=slack) as caller:
        yield caller
