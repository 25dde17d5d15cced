"""The web's stage: the real pages on the real database, asked as a browser asks them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import delete
from sqlmodel import col

from bot.platforms import Sent
from bot.platforms.web import Web
from bot.platforms.web.render import TONES
from bot.ui.card import Card, Tone
from bot.ui.form import Form, Position
from bot.words import Speaker
from config.text import Money
from storage.places import Address
from storage.webchat import WebMessage
from tests.platforms.stage import Stage
from tests.platforms.stages.page import Page
from tests.platforms.stages.seen import Colleague, Filled, Paper, Shown
from tests.town import Person

CLIENT_IDS = count(10_000_000)


class WebStage(Stage):
    """Everybody in the room reads their own language there: Dana English, Omar Chinese."""

    name = "web"
    faults = frozenset({"room is gone", "person is gone", "person never began", "error"})
    takes_halves = False

    async def opened(self) -> None:
        """The pages in a server, in demo mode: the path says who one is."""
        self.platform = chat = Web(self.database, self.desk, self.desk.database.handbook, self.clock, True, "")
        app = web.Application()
        chat.hang(app)
        self.server = TestServer(app)
        await chat.start()
        self.stack.push_async_callback(chat.stop)
        await self.server.start_server()
        self.stack.push_async_callback(self.server.close)
        jar = aiohttp.DummyCookieJar()
        self.browser = await self.stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        self._asked: Json = {}
        self._typed: dict[str, Any] = {}
        self._files: dict[str, list[int]] = {}

    def speaker(self, languages: Sequence[str]) -> Speaker:
        """In a room of two languages everyone reads one: here Omar, who reads Chinese, speaks for all."""
        return super().speaker(languages[:1])

    def _reader(self, languages: Sequence[str]) -> Person:
        return self.town.omar if languages[0] == "zh" else self.dana

    async def _get(self, path: str, person: Person) -> Page:
        answer = await self.browser.get(self.server.make_url(f"/as/{person.id}/{path}"))
        assert answer.status == 200, await answer.text()
        return Page((await answer.json())["html"])

    async def _post(self, path: str, **body: Any) -> Json:
        url = self.server.make_url(f"/as/{self.dana.id}/{path}")
        answer = await self.browser.post(url, json=body, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status == 200, await answer.text()
        found: Json = await answer.json()
        return found

    def mark(self, tone: Tone, say: Speaker) -> str:
        """The tone in words, for those who can't see its colour."""
        return say(TONES[tone])

    async def reads(self, at: Address | None = None, languages: Sequence[str] = ("en",)) -> list[Shown]:
        """The middle of the page, or the thread at its right."""
        at = at or self.room
        if at.thread is None:
            page = await self._get(f"talk?at={at.channel}", self._reader(languages))
            return list(page.messages.values())
        page = await self._get(f"thread?id={at.thread}", self._reader(languages))
        return [shown for id, shown in page.messages.items() if id != at.thread]

    async def shown(self, card: Card, languages: Sequence[str] = ("en",), to: Address | None = None) -> Shown:
        """A card as it is read after it was sent, without all that stands above it."""
        sent = await self.send(card, to, languages)
        return (await self._get(f"thread?id={sent.ref}", self._reader(languages))).messages[sent.ref]

    async def loses(self, sent: Sent) -> None:
        """An administrator takes it out of the database."""
        async with self.database.session() as session:
            await session.execute(delete(WebMessage).where(col(WebMessage.id) == int(sent.ref)))

    async def presses(self, sent: Sent, label: str, deliveries: int = 1) -> str:
        """The page posts the press; the answer is a note."""
        html = await self.browser.get(self.server.make_url(f"/as/{self.dana.id}/talk?at={sent.channel}"))
        action = action_of((await html.json())["html"], label)
        body = {"action": action, "message": int(sent.ref), "channel": sent.channel}
        body["client_id"] = str(next(CLIENT_IDS))
        answers = [await self._post("press", **body) for _ in range(deliveries)]
        return _told(answers[0])

    async def asks(self, form: type[Form]) -> tuple[str, ...]:
        """The form stands at the side."""
        own = f"dm:{self.dana.id}"
        answer = await self._post("say", text=f"/try {form.__name__}", channel=own, client_id=str(next(CLIENT_IDS)))
        html = answer["reply"]["html"]
        self._typed, self._files = {}, {}
        self._asked = {"form": attribute(html, "data-asking"), "about": attribute(html, "data-about"), "channel": own}
        return tuple(Page(html).labels)

    async def fills(self, answers: Mapping[str, Any]) -> Filled:
        """All in one form, which stays open with what was typed until it is taken."""
        for name, answer in answers.items():
            if isinstance(answer, tuple) and answer and isinstance(answer[0], Paper):
                self._files[name] = [await self._uploaded(one) for one in answer]
            else:
                self._typed[name] = self._given(answer)
        body = self._asked | {"answers": self._typed, "files": self._files, "note": True}
        answer = await self._post("form", **body, client_id=str(next(CLIENT_IDS)))
        if "error" in answer:
            return Filled(answer["error"], answer["field"])
        return Filled(_told(answer))

    async def _uploaded(self, paper: Paper) -> int:
        url = self.server.make_url(f"/as/{self.dana.id}/upload?name={paper.name}")
        answer = await self.browser.post(url, data=paper.data, headers={"Sec-Fetch-Site": "same-origin"})
        id: int = (await answer.json())["id"]
        return id

    def _given(self, answer: Any) -> Any:
        """What stands in the page's controls."""
        match answer:
            case Money():
                return f"{answer.minor / 100:.2f}"
            case Position():
                return f"{answer.latitude}, {answer.longitude}"
            case Colleague():
                return next(one.id for one in self.town.everybody if one.name == answer.name)
            case datetime():
                return answer.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
            case date():
                return answer.isoformat()
            case tuple():
                return [self._given(one) if isinstance(one, Colleague) else one for one in answer]
            case str() | int():
                return str(answer)
        raise AssertionError(answer)

    async def breaks(self, fault: str) -> Address:
        """The place is not there, or another program keeps the database for itself."""
        if fault == "error":
            async with self.database.session():
                pass  # what the platform does by itself at the beginning is done
            keeper = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
            keeper.execute("BEGIN IMMEDIATE")
            self.stack.callback(keeper.close)
        places = {"room is gone": "nowhere", "person is gone": "dm:8", "person never began": "dm:99"}
        return Address("web", places.get(fault, "service"))


Json = dict[str, Any]


def attribute(html: str, name: str) -> str:
    """The value of the first attribute of this name."""
    return html.partition(f'{name}="')[2].partition('"')[0]


def action_of(html: str, label: str) -> str:
    """What the last button with this label does."""
    before = html.rpartition(f">{label}</button>")[0]
    return before.rpartition('data-action="')[2].partition('"')[0]


def _told(answer: Json) -> str:
    reply = answer.get("reply")
    if reply is None:
        return ""
    page = Page(reply["html"])
    return " ".join(one.text for one in [*page.notes, *page.messages.values()])
