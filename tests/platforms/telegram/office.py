"""What the tests of our Telegram intake stand on: a desk and records that answer as told, and the intake at work."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.answer import Answer, Outcome, Reply
from bot.capability import CommandHelp
from bot.events import Event
from bot.platforms.kinds import kind_of
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.intake import Intake
from bot.platforms.telegram.store import Known
from bot.ui.card import Card
from bot.ui.form import Attached
from bot.words import Reader, Speaker
from config.text import Words, t
from storage.errors import StorageBusy
from storage.places import Address, Identity
from tests.platforms.telegram.fake import FakeTelegram

ENGLISH = Speaker(Reader(("en",)))
CHINESE = Speaker(Reader(("zh",)))
BOTH = Speaker(Reader(("zh", "en")))
SECRET = "a-webhook-secret_0123456789"
COMMANDS = (
    CommandHelp("complaint", ("投诉",), t("Report a customer's complaint"), t("what happened")),
    CommandHelp("help", ("帮助",), t("What I can do for you")),
    CommandHelp("signin", (), t("Get a link to sign in on the web")),
    CommandHelp("outbox", (), t("Messages that were given up"), roles=frozenset({"admin"})),
)


class Clock:
    """A clock that goes with the machine's, unless it is moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - the fake Telegram's own clock is the machine's


class Desk:
    """Hears events, and answers with `reply`; the second time for one event id it says that it was here before.

    `busy` events of a chat answer BUSY (or `trouble`) so many times; `takes` seconds pass before an answer.
    """

    def __init__(self) -> None:
        self.commands: Sequence[CommandHelp] = COMMANDS
        self.heard: list[Event] = []
        self.asked: list[tuple[bool, Address | None]] = []
        self.reply: Reply = None
        self.outcome = Outcome.DONE
        self.posted = False
        self.say = ENGLISH
        self.takes = 0.0
        self.stuck: dict[str, int] = {}
        self.trouble = Outcome.BUSY
        self.tries: list[str] = []
        self.at_once = self.most_at_once = 0
        self._kept: set[str] = set()

    async def handle(self, event: Event, can_ask: bool = True, private: Address | None = None) -> Answer:
        self.tries.append(event.id)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.at_once -= 1
        if self.stuck.get(event.here.channel, 0):
            self.stuck[event.here.channel] -= 1
            return Answer(self.trouble, t("Not now."), BOTH)
        if event.id in self._kept:
            return Answer(Outcome.AGAIN, self.reply, self.say)
        self._kept.add(event.id)
        self.heard.append(event)
        self.asked.append((can_ask, private))
        return Answer(self.outcome, self.reply, self.say, posted=self.posted)

    @property
    def texts(self) -> list[str]:
        """What was said, in the order in which it was kept."""
        return [getattr(event, "text", "") for event in self.heard]


class Records:
    """Who is known, and what was kept."""

    def __init__(self) -> None:
        self.people: dict[str, Known] = {}
        self.files: list[tuple[str, str, bytes]] = []
        self.moves: list[tuple[str, str]] = []
        self.gone: list[tuple[str, str]] = []
        self.adopted: list[int] = []
        self.busy = 0
        self.broken = 0

    async def known(self, who: Identity) -> Known | None:
        self._turn()
        return self.people.get(who.user)

    async def keep_file(self, who: Identity, name: str, data: bytes) -> Attached | None:
        self._turn()
        if who.user not in self.people:
            return None
        self.files.append((who.user, name, data))
        return Attached(f"web:{len(self.files)}", name, kind_of(data), len(data))

    async def moved(self, old: str, new: str) -> None:
        self._turn()
        self.moves.append((old, new))

    async def lost(self, event: str, user: str, why: str) -> None:
        self._turn()
        self.gone.append((user, why))

    async def back(self, event: str, user: str) -> None:
        self._turn()
        self.gone.append((user, "is back"))

    async def adopt(self, bot: int) -> None:
        if not self.broken:
            self._turn()
        self.adopted.append(bot)

    def _turn(self) -> None:
        if self.broken:
            self.broken -= 1
            raise ZeroDivisionError
        if self.busy:
            self.busy -= 1
            raise StorageBusy("locked")


class Office:
    """The intake at work: it asks the fake Telegram, or (`webhook`) is called by it."""

    def __init__(
        self, telegram: FakeTelegram, *, webhook: bool = False, desk: Desk | None = None, in_charge: bool = True
    ) -> None:
        self.telegram = telegram
        self.desk, self.records, self.clock = desk or Desk(), Records(), Clock()
        self.in_charge = in_charge
        self.url = ""
        self.shown: list[tuple[str, str]] = []
        self.api = Api(telegram.token, telegram.api_url)
        self._webhook = webhook
        self._stack = AsyncExitStack()

    def know(self, person: Any, *, language: str = "en", met: bool = True) -> None:
        """Somebody is a colleague; `met` once they have written to us in private."""
        self.records.people[str(person.id)] = Known(Reader((language,)), met)

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(self.api.close)
        self.intake = await self._hung() if self._webhook else self._made("")
        await self.intake.start()
        self._stack.push_async_callback(self.intake.stop)
        return self

    async def _hung(self) -> Intake:
        """The address is known only once the server listens, and routes can't be hung after that."""
        app = web.Application()
        runner = web.AppRunner(app, access_log=None)

        async def serve(request: web.Request) -> web.StreamResponse:
            assert self.intake.webhook is not None
            return await self.intake.webhook.serve(request)

        app.router.add_post("/telegram/webhook", serve)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self._made(SECRET)

    def _made(self, secret: str) -> Intake:
        async def may() -> bool:
            return self.in_charge

        return Intake(
            self.api,
            self.desk,
            self.records,
            self.show,
            self.clock,
            self.telegram.token,
            in_charge=may,
            public_url=self.url,
            webhook_secret=secret,
            poll_seconds=5,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def show(self, chat: str, reply: Card | Words, say: Speaker) -> None:
        """Writes to somebody at once, as the platform does."""
        words = say(reply.title if isinstance(reply, Card) else reply)
        self.shown.append((chat, words))
        await self.api.send_text(chat, html.escape(words), words)

    async def settled(self) -> None:
        """Returns when all updates are confirmed, and all that goes on after an answer is done."""
        assert await self.telegram.delivered(5.0)
        await self.intake.tasks.finish(5.0)

    async def until(self, happened: Callable[[], object], seconds: float = 5.0) -> None:
        """Waits for something that must happen soon."""
        async with asyncio.timeout(seconds):
            while not happened():  # noqa: ASYNC110 - seen from outside, nothing tells of it
                await asyncio.sleep(0.01)
