"""Where a colleague sits: at Slack, or at the web chat's page. What they read is one line a message."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp

from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.workspace import Message, View
from tests.platforms.stages.page import Page
from tests.platforms.stages.web import action_of, attribute

CLIENT_IDS = count(10_000_000)
SECONDS = 10.0
"""So long people look for what must come."""


@dataclass(eq=False, slots=True)
class OnSlack:
    """A person at Slack. Words for them alone are `told`; their chat with us is what they `read`."""

    user: str
    slack: FakeSlack
    caller: SlackCaller

    def reads(self) -> list[str]:
        """What stands in their own chat with us."""
        return self.slack.reads(self.slack.workspace.direct(self.user).id)

    def told(self) -> str:
        """The last words that they alone were shown; empty where there were none."""
        return (self.slack.ephemerals(self.user) or [""])[-1]

    async def commands(self, command: str, text: str = "") -> str:
        """Gives a command in the room, and reads its answer."""
        await self.caller.command(self.user, command, text, "C0SERVICE")
        return self.told()

    async def presses(self, label: str) -> None:
        """Presses the newest button of this label that they see."""
        await self.caller.press(self._message_with(label), label, self.user)

    async def form(self) -> View:
        """The form that opens."""
        async with asyncio.timeout(SECONDS):
            while not self.slack.modals(self.user):  # noqa: ASYNC110  # seen from outside, nothing tells of it
                await asyncio.sleep(0.01)
        return self.slack.modal(self.user)

    async def fills(self, **answers: Any) -> None:
        """Fills in the form that opens, and sends it."""
        await self.caller.submit(await self.form(), self.user, answers)

    async def writes(self, text: str, under: str) -> None:
        """Writes something under the newest message of their own chat that has these words."""
        own = self.slack.workspace.direct(self.user)
        found = next(one for one in reversed(own.messages) if one.by_app and under in one.line)
        await self.caller.says(self.user, own.id, text, found.ts)

    def _message_with(self, label: str) -> Message:
        space = self.slack.workspace
        whispers = [one for one in space.whispers if one.shown_to == self.user]
        here = [*space.direct(self.user).messages, *space.channels["C0SERVICE"].messages, *whispers]
        newest = sorted((one for one in here if one.by_app), key=lambda one: float(one.ts), reverse=True)
        found = next((one for one in newest if f"[{label}]" in one.line), None)
        assert found is not None, f"{self.user} sees no [{label}] on Slack in: {[one.line for one in newest]}"
        return found


@dataclass(eq=False, slots=True)
class OnWeb:
    """A person at the web chat: signed in by a link from Slack; the open page hears of changes by itself."""

    id: int
    url: str
    browser: aiohttp.ClientSession
    at_slack: OnSlack
    stack: AsyncExitStack
    cookies: dict[str, str] = field(default_factory=dict)
    shown: dict[str, dict[int, str]] = field(default_factory=dict)
    html: dict[int, str] = field(default_factory=dict)
    form: str = ""
    note: str = ""

    async def signs_in(self) -> None:
        """Follows the link that `/signin` gives on Slack, presses the button there, and opens the page."""
        await self.at_slack.commands("/signin")
        whisper = next(one for one in reversed(self.at_slack.slack.workspace.whispers))
        token = re.findall(r"/signin\?token=([\w-]+)", json.dumps(whisper.body))[0]
        async with self._post("/signin", data={"token": token}) as answer:
            assert answer.status == 303, await answer.text()
            self.cookies = {name: one.value for name, one in answer.cookies.items()}
        stream = await self.browser.get(f"{self.url}/chat/events?since=0", cookies=self.cookies)
        assert stream.status == 200, await stream.text()
        listening = asyncio.create_task(self._listens(stream))
        self.stack.callback(listening.cancel)
        self.stack.callback(stream.close)

    def reads(self, channel: str = "service", under: int | None = None) -> list[str]:
        """What stands in a room, or under one of its messages, on the page as it is open."""
        return list(self.shown.get(_place(channel, under), {}).values())

    def own(self) -> list[str]:
        """What stands in their own chat with us."""
        return self.reads(f"dm:{self.id}")

    def root(self, channel: str = "service") -> int:
        """The number of the newest message of a room."""
        return max(self.shown[_place(channel, None)])

    async def presses(self, label: str, channel: str = "service") -> str:
        """Presses a button on the newest message that has it; returns what they alone are shown."""
        return await self.gives(self.sees(label, channel))

    def sees(self, label: str, channel: str = "service") -> dict[str, Any]:
        """A button on the newest message that has it, as it is on the page now: to be pressed at once, or too late."""
        number = next(one for one in sorted(self.html, reverse=True) if f">{label}</button>" in self.html[one])
        return {"action": action_of(self.html[number], label), "message": number, "channel": channel}

    async def presses_there(self, label: str) -> str:
        """Presses a button on what they alone were shown last."""
        return await self.gives({"action": action_of(self.note, label), "channel": "service"})

    async def gives(self, button: dict[str, Any]) -> str:
        """The press itself."""
        return await self._shown(await self._json("press", button))

    async def fills(self, **answers: Any) -> str:
        """Fills in the form that has opened, and sends it."""
        html = self.form
        body = {"form": attribute(html, "data-asking"), "about": attribute(html, "data-about"), "answers": answers}
        return await self._shown(await self._json("form", body | {"channel": "service"}))

    async def says(self, text: str, channel: str = "service") -> str:
        """Writes something, or gives a command."""
        return await self._shown(await self._json("say", {"text": text, "channel": channel}))

    async def opens(self, name: str) -> bytes:
        """Opens a file by its name: from what they alone were shown, else from the newest message that it is on."""
        pages = [self.note, *[self.html[number] for number in sorted(self.html, reverse=True)]]
        at = next(found for page in pages if (found := _file(page, name)))
        async with self.browser.get(f"{self.url}/chat/{at}", cookies=self.cookies) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def _shown(self, answer: dict[str, Any]) -> str:
        assert "error" not in answer, answer
        reply = answer.get("reply")
        if reply is None:
            return ""
        self.form, self.note = (reply["html"], "") if reply["kind"] == "form" else ("", reply["html"])
        page = Page(reply["html"])
        return " | ".join(_line(one) for one in [*page.notes, *page.messages.values()])

    async def _json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        body = {"client_id": str(next(CLIENT_IDS)), **body}
        async with self._post(f"/chat/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    def _post(self, path: str, **more: Any) -> Any:
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self.browser.post(self.url + path, headers=headers, cookies=self.cookies, allow_redirects=False, **more)

    async def _listens(self, stream: aiohttp.ClientResponse) -> None:
        async for line in stream.content:
            name, _, value = line.decode().partition(": ")
            if name == "data" and (news := json.loads(value)):
                html = news["html"]
                self.html[news["id"]] = html
                place = self.shown.setdefault(_place(news["channel"], news["thread"]), {})
                place[news["id"]] = _line(next(iter(Page(html).messages.values())))


def _place(channel: str, under: int | None) -> str:
    return f"{channel}/{under or ''}"


def _file(html: str, name: str) -> str:
    """Where the file of this name lies; empty where there is none."""
    before, found, _ = html.rpartition(f"{name}</a>")
    return re.findall(r'href="(file/\d+/\d+)"', before)[-1] if found else ""


def _line(shown: Any) -> str:
    words = " | ".join(shown.lines)
    links = " ".join(f"({label})" for label, _ in shown.links)
    return " ".join(part for part in [words, links, *[f"[{label}]" for label in shown.buttons]] if part)
