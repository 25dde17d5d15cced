"""Slack's stage: the real adapter with the real SDK and bolt, and over HTTP a Slack that runs on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from aiohttp import web

from bot.platforms import Sent
from bot.platforms.files import files_of
from bot.platforms.slack.outgoing import Slack
from bot.ui.form import Form, Position
from config.text import Money
from storage.places import Address
from tests.platforms.slack import script, shown
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import BOT_TOKEN, FakeSlack
from tests.platforms.slack.scene import SECRET
from tests.platforms.slack.workspace import Message, View
from tests.platforms.stage import LIMITED, PASSES, PERSON_IS_LOST, PLACES, ROOM_IS_LOST, SILENCE, Stage
from tests.platforms.stages.seen import Colleague, Filled, Paper, Shown

Json = dict[str, Any]
ROOM = PLACES["slack"]
DANA = "U0DANA"

_CODES = {
    "room is gone": "channel_not_found",
    "room shut us out": "is_archived",
    "person is gone": "user_disabled",
    "person shut us out": "user_not_visible",
    "person never began": "user_not_found",
}
_STEPS: dict[str, script.Step] = {
    "error": script.Status(500, b"", "text/plain"),
    "page of html": script.Status(502),
    "cut": script.StoreThenCut(),
    "garbage": script.Garbage(),
    "empty": script.Empty(),
    "silence": script.Hang(30),
    "wait 30": script.Limited("30"),
    "wait abc": script.Limited("abc"),
    "wait forever": script.Limited("99999999"),
    "wait below nothing": script.Limited("-5"),
    "wait": script.Limited(None),
    **{fault: script.Fails(code) for fault, code in _CODES.items()},
}


class SlackStage(Stage):
    """Dana is U0DANA in the workspace T0001; the team's channel is C0SERVICE."""

    name = "slack"
    faults = frozenset({*PERSON_IS_LOST, *ROOM_IS_LOST, *PASSES, *LIMITED, SILENCE})
    time_limit = "bot.platforms.slack.api.TIMEOUT"

    async def opened(self) -> None:
        """Slack, the platform in a server of ours, and people who call it."""
        self.fake = FakeSlack(clock=self.clock)
        await self.stack.enter_async_context(self.fake)
        for id, name in ((DANA, "Dana"), ("U0OMAR", "Omar"), ("U0HANA", "Hana")):
            self.fake.add_user(id, name.lower(), name)
        self.fake.add_channel(ROOM, "service")
        self.platform = slack = Slack(
            BOT_TOKEN, SECRET, None, self.fake.api_url, self.desk, self.clock, self.desk.left,
            read_file=files_of(self.database), later=self.desk.reply_later,
        )  # fmt: skip
        app = web.Application()
        slack.hang(app.router)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self.stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await slack.start()
        self.stack.push_async_callback(slack.stop)
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.people = await self.stack.enter_async_context(SlackCaller(url, SECRET, clock=self.clock, slack=self.fake))
        self.settled: Callable[[float], Any] = slack.tasks.finish
        self._typed: dict[str, Any] = {}

    async def reads(self, at: Address | None = None, languages: Sequence[str] = ("en",)) -> list[Shown]:
        """The channel's messages, or a thread's."""
        at = at or self.room
        here = [one for one in self._messages(at.channel) if one.by_app]
        if at.thread is None:
            return [_read(one) for one in here if one.thread_ts in (None, one.ts)]
        return [_read(one) for one in here if one.thread_ts == at.thread and one.ts != at.thread]

    def _messages(self, channel: str) -> list[Message]:
        found = self.fake.workspace.direct(channel) if channel.startswith("U") else self.fake.channel(channel)
        return found.messages

    async def loses(self, sent: Sent) -> None:
        """Somebody deletes it."""
        messages = self._messages(sent.channel)
        messages[:] = [one for one in messages if one.ts != sent.ref]

    async def presses(self, sent: Sent, label: str, deliveries: int = 1) -> str:
        """Words for Dana alone come as ephemeral messages."""
        before = len(self.fake.ephemerals(DANA))
        message = next(one for one in self._messages(sent.channel) if one.ts == sent.ref)
        await self.people.press(message, label, DANA)
        for _ in range(deliveries - 1):
            await self.people.resend()
        await self.settled(5.0)
        return " ".join(self.fake.ephemerals(DANA)[before:])

    async def asks(self, form: type[Form]) -> tuple[str, ...]:
        """A modal opens."""
        self._typed = {}
        await self.people.command(DANA, "/try", form.__name__, ROOM)
        await self.settled(5.0)
        blocks = self._window.body["blocks"]
        return tuple(block["label"]["text"] for block in blocks if block["type"] == "input")

    @property
    def _window(self) -> View:
        return self.fake.modal(DANA)

    async def fills(self, answers: Mapping[str, Any]) -> Filled:
        """All in one window; what was typed stays in it while it is open."""
        view, before = self._window, len(self.fake.ephemerals(DANA))
        self._typed |= {name: self._given(answer) for name, answer in answers.items()}
        await self.people.submit(view, DANA, self._typed)
        await self.settled(5.0)
        if not view.open:
            return Filled(" ".join(self.fake.ephemerals(DANA)[before:]))
        beside, words = next(iter(view.errors.items()), (None, view.line))
        return Filled(words, beside)

    def _given(self, answer: Any) -> Any:
        """What a person does in Slack's controls."""
        match answer:
            case Money():
                return f"{answer.minor / 100:.2f}"
            case Position():
                return f"{answer.latitude}, {answer.longitude}"
            case Colleague():
                return f"U0{answer.name.upper()}"
            case tuple() if answer and isinstance(answer[0], Paper):
                return [self.fake.add_file(one.name, one.data, DANA, one.mime) for one in answer]
            case tuple() if answer and isinstance(answer[0], Colleague):
                return [self._given(one) for one in answer]
            case str() | int() | date() | datetime() | tuple():
                return answer
        raise AssertionError(answer)

    async def breaks(self, fault: str) -> Address:
        """Slack misbehaves once."""
        self.fake.misbehave("chat.postMessage", _STEPS[fault])
        self.fake.misbehave("chat.update", _STEPS[fault])
        return self.person if fault in PERSON_IS_LOST else self.room


def _read(message: Message) -> Shown:
    lines: list[str] = []
    buttons: list[str] = []
    links: list[tuple[str, str]] = []
    for block in message.blocks:
        texts = [block.get("text"), *(block.get("fields") or [])]
        elements = [*(block.get("elements") or []), block.get("accessory")]
        for part in [one for one in [*texts, *elements] if one]:
            if part["type"] != "button":
                lines.append(shown.element(part))
            elif part.get("url"):
                links.append((part["text"]["text"], part["url"]))
            else:
                buttons.append(part["text"]["text"])
    live = tuple(str(one) for one in shown.live_in_message(message.body))
    return Shown(tuple(lines), tuple(buttons), tuple(links), live)
