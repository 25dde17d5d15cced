"""What the tests of our Slack platform stand on: a desk that answers as it was told, and the platform in a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.answer import Answer, Enclosing, Outcome, Reply
from bot.events import Event, Identity
from bot.platforms.files import ReadFile, no_file
from bot.platforms.slack.outgoing import Slack
from bot.words import Reader, Speaker
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.platforms.slack.scene import SECRET, Clock

ENGLISH = Speaker(Reader(("en",)))
CHINESE = Speaker(Reader(("zh",)))
BOTH = Speaker(Reader(("zh", "en")))


class Desk:
    """Hears events, and answers with `reply`; the second time for one event id it says that it was here before."""

    def __init__(self) -> None:
        self.heard: list[tuple[Event, bool]] = []
        self.reply: Reply = None
        self.outcome = Outcome.DONE
        self.field: str | None = None
        self.takes = 0.0
        self.left: list[Identity] = []
        self.let_in: list[tuple[Identity, str, str | None, str | None]] = []
        self._kept: dict[str, Reply] = {}

    async def handle(self, event: Event, can_ask: bool = True, enclosing: Enclosing | None = None) -> Answer:
        await asyncio.sleep(self.takes)
        self.heard.append((event, can_ask))
        if event.id in self._kept:
            return Answer(Outcome.AGAIN, self._kept[event.id], ENGLISH)
        if self.outcome not in (Outcome.BUSY, Outcome.FAULT) and self.field is None:
            self._kept[event.id] = self.reply
        return Answer(self.outcome, self.reply, ENGLISH, self.field)

    async def admit(self, who: Identity, name: str, language: str | None, zone: str | None) -> None:
        self.let_in.append((who, name, language, zone))

    async def goodbye(self, who: Identity) -> None:
        self.left.append(who)

    @property
    def events(self) -> list[Event]:
        return [event for event, _ in self.heard]

    @property
    def last(self) -> Any:
        return self.heard[-1][0]


class Office:
    """The platform at work: hung into a web server, connected to the fake Slack."""

    def __init__(
        self,
        fake: FakeSlack,
        clock: Clock,
        *,
        socket: bool = False,
        joining: bool = False,
        read_file: ReadFile = no_file,
    ) -> None:
        self.desk = Desk()
        app_token = APP_TOKEN if socket else None
        self.platform = Slack(
            BOT_TOKEN,
            SECRET,
            app_token,
            fake.api_url,
            self.desk,
            clock,
            self.desk.goodbye,
            joining=joining,
            read_file=read_file,
        )
        self.fake, self.clock, self._socket = fake, clock, socket
        self.url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        self.platform.hang(app.router)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await self.platform.start()
        self._stack.push_async_callback(self.platform.stop)
        self.people = SlackCaller(self.url, SECRET, clock=self.clock, slack=self.fake, socket=self._socket)
        await self._stack.enter_async_context(self.people)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def settled(self) -> None:
        """Returns when all that goes on after an answer is done."""
        await self.platform.tasks.finish(5.0)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Waits for something that must happen soon."""
        async with asyncio.timeout(10):
            while not happened():  # noqa: ASYNC110 — seen from outside, nothing tells of it
                await asyncio.sleep(0.02)
