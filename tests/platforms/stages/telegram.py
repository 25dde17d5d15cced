"""Telegram's stage: the real adapter with python-telegram-bot, and over HTTP a Telegram that runs on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from aiohttp import web

from bot.platforms import Sent
from bot.platforms.telegram.gate import Gate
from bot.platforms.telegram.outgoing import Telegram
from bot.platforms.telegram.store import Records
from bot.ui.card import Row
from bot.ui.form import Form
from bot.words import Speaker
from storage import people, webchat
from storage.places import Address
from tests.platforms.stage import LIMITED, PASSES, PERSON_IS_LOST, PLACES, ROOM_IS_LOST, SILENCE, Stage
from tests.platforms.stages.interview import Answering
from tests.platforms.stages.seen import Filled, Shown
from tests.platforms.telegram import script, shown
from tests.platforms.telegram.chats import Message
from tests.platforms.telegram.fake import TOKEN, FakeTelegram

SECRET = "a-webhook-secret"
ROOM = int(PLACES["telegram"])
_STEPS: dict[str, script.Step] = {
    "error": script.Error(500, "Internal Server Error"),
    "page of html": script.Status(502),
    "cut": script.StoreThenCut(),
    "garbage": script.Garbage(),
    "empty": script.Empty(),
    "silence": script.Hang(30),
    "wait 30": script.Limited(30),
    "wait abc": script.Limited("abc"),
    "wait forever": script.Limited(99_999_999),
    "wait below nothing": script.Limited(-5),
    "wait": script.Limited(None),
}


class Ticks:
    """Seconds that go by only when somebody waits: nobody's pace keeps a test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Waits, and is there at once."""
        self.now += seconds


class TelegramStage(Stage):
    """Dana is 7001 and Omar 7002; the team's group is -1001, where the bot is a plain member."""

    name = "telegram"
    faults = frozenset({*PERSON_IS_LOST, *ROOM_IS_LOST, *PASSES, *LIMITED, SILENCE})
    time_limit = "bot.platforms.telegram.calls.TIMEOUT"
    names_columns: ClassVar[bool] = False

    async def opened(self) -> None:
        """Telegram, the platform in a server that it calls, and two people who have met the bot."""
        ticks = Ticks()
        self.fake = FakeTelegram(clock=self.clock, ticks=ticks)
        await self.stack.enter_async_context(self.fake)
        self.phone = self.fake.person(7001, "Dana", "dana", started=True)
        omar = self.fake.person(7002, "Omar", "omar", "zh", started=True)
        self.group = self.fake.supergroup(ROOM, "Customer service", [self.phone, omar])
        app = web.Application()
        runner = web.AppRunner(app, access_log=None)
        self.stack.push_async_callback(runner.cleanup)
        url, hang = await _served(runner, app)
        self.platform = self.telegram = Telegram(
            TOKEN, self.fake.api_url, SECRET, url, self.desk, self.clock, self._file,
            Records(self.database, self.clock), _always,
        )  # fmt: skip
        self.telegram.api.gate = Gate(ticks, ticks.sleep)
        hang(self.telegram)
        await self.telegram.start()
        self.stack.push_async_callback(self.telegram.stop)
        assert await self.fake.until(lambda: self.fake.updates.hook.url)
        await self.telegram.intake.tasks.finish(5.0)
        self.answering: Answering | None = None

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        async with self.database.unit(self.clock()) as work:  # Dana has pressed Start long ago
            await people.known(work.session, self.account, work.now, alone=True)
        return self

    async def _file(self, id: int) -> tuple[str, str, bytes] | None:
        async with self.database.reading() as session:
            found = await webchat.file(session, id)
        return (found.name, found.mime, found.data) if found else None

    async def settled(self) -> None:
        """Returns when all that was done is kept, and everybody has been told."""
        assert await self.fake.delivered()
        await self.telegram.intake.tasks.finish(5.0)
        while await self.courier.drain():
            self.clock.now += timedelta(seconds=2)

    # --- How it shows cards

    def row_button(self, n: int, row: Row, say: Speaker) -> str:
        """A row's number stands on its button."""
        return f"{n} · {say(row.button.label)}" if row.button else ""

    async def reads(self, at: Address | None = None, languages: Sequence[str] = ("en",)) -> list[Shown]:
        """What the bot wrote in a chat; or in answer to a message."""
        at = at or self.room
        here = [one for one in self.fake.chat(int(at.channel)).messages if one.by_bot]
        under = None if at.thread is None else int(at.thread)
        return [_read(one) for one in here if (one.reply_to.id if one.reply_to else None) == under]

    async def loses(self, sent: Sent) -> None:
        """Somebody deletes it for everyone."""
        self._message(sent).chat.messages.remove(self._message(sent))

    def _message(self, sent: Sent) -> Message:
        found = self.fake.chat(int(sent.channel)).find(int(sent.ref))
        assert found is not None
        return found

    # --- What Dana does

    async def presses(self, sent: Sent, label: str, deliveries: int = 1) -> str:
        """Words for Dana alone come as a notice on her screen, or into her private chat."""
        before = len(await self.reads(self.person))
        answered = await self.phone.presses(label, self._message(sent))
        for _ in range(deliveries - 1):
            assert await self.fake.post_webhook(self.fake.updates.past[-1]) == 200
        await self.settled()
        told = [one.text for one in (await self.reads(self.person))[before:]]
        return " ".join([answered.text, *told] if answered and answered.text else told)

    async def asks(self, form: type[Form]) -> tuple[str, ...]:
        """The first question is asked in the private chat."""
        await self.phone.says(f"/try {form.__name__}")
        await self.settled()
        self.answering = Answering(self.phone, self.settled, form.questions(self.database.handbook))
        return self.answering.asked

    async def fills(self, answers: Mapping[str, Any]) -> Filled:
        """One after another."""
        assert self.answering is not None
        return await self.answering.fills(answers)

    # --- What goes wrong

    async def breaks(self, fault: str) -> Address:
        """A chat is closed to us for good; or Telegram misbehaves once."""
        if fault in _STEPS:
            for method in ("sendMessage", "editMessageText"):
                self.fake.fails(method, _STEPS[fault])
        user = self.phone.user
        user.deactivated, user.blocked = fault == "person is gone", fault == "person shut us out"
        user.started = fault != "person never began"
        if fault == "room shut us out":
            self.group.statuses[self.fake.chats.bot.id] = "kicked"
        if fault == "room is gone":
            return Address("telegram", "-1999")
        return self.person if fault in PERSON_IS_LOST else self.room


async def _always() -> bool:
    return True


async def _served(runner: web.AppRunner, app: web.Application) -> tuple[str, Any]:
    """A server whose address is known before the platform hangs its route into it."""
    hung: list[Telegram] = []

    async def serve(request: web.Request) -> web.Response:
        webhook = hung[0].intake.webhook
        assert webhook is not None
        return await webhook.serve(request)

    app.router.add_post("/telegram/webhook", serve)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}", hung.append


def _read(message: Message) -> Shown:
    keys = [key for row in shown.rows(message.markup) for key in row]
    buttons = tuple(key["text"] for key in keys if "callback_data" in key)
    named = [(shown.part(message.text, one), one["url"]) for one in message.entities if one["type"] == "text_link"]
    live = [f"{kind} {words}" for kind, words in shown.live(message.text, message.entities) if kind != "text_link"]
    return Shown(
        tuple(line for line in message.text.split("\n") if line.strip()),
        buttons,
        (*named, *((key["text"], key["url"]) for key in keys if "url" in key)),
        tuple(live),
        pictures=int(message.photo is not None),
    )
