"""What all of the web chat's pages share: the company, the desk, who reads, and how a message becomes HTML."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.answer import Answer
from bot.codec import unpack_card
from bot.events import Address, Event, Identity
from bot.platforms.web import render, rooms
from bot.platforms.web.hub import Hub, Listener
from bot.words import Reader, Speaker
from config.handbook import Handbook
from config.text import Label, Text, When, Words, t, tn
from storage import people, sessions, webchat
from storage.database import Database
from storage.people import Employee
from storage.webchat import Posted
from storage.work import Work

Clock = Callable[[], datetime]
HEADS_LEARNT_EVERY = 2.0
"""Seconds after which it is asked again who leads whom."""
DRAWN_MOST = 512
"""Drawn messages that are kept: one event goes to many pages, and most of them read it alike."""


class Command(Protocol):
    """A command as the desk tells it."""

    @property
    def name(self) -> str:
        """The word behind the slash."""

    @property
    def aliases(self) -> Sequence[str]:
        """Other words for it, in either language."""

    @property
    def help(self) -> Text | Label:
        """What it does, in a few words."""

    @property
    def usage(self) -> Text | Label | None:
        """What may be written behind it; None where nothing is needed."""

    @property
    def roles(self) -> frozenset[str]:
        """Whose it is; empty where it is everybody's."""


class Desk(Protocol):
    """Where events go: never raises, and answers after the commit."""

    @property
    def commands(self) -> Sequence[Command]:
        """All commands, in the order of the handbook."""

    @property
    def on(self) -> frozenset[str]:
        """The platforms that are running."""

    def handle(self, event: Event, can_ask: bool = True) -> Awaitable[Answer]:
        """Does what somebody asked for."""


@dataclass(slots=True)
class Site:
    """Made once, by `Web`."""

    database: Database
    desk: Desk
    handbook: Handbook
    clock: Clock
    demo: bool
    public_url: str
    hub: Hub = field(init=False)
    templates: Environment = field(init=False)
    _leads: dict[int, frozenset[str]] = field(default_factory=dict)
    _learnt_at: float | None = None
    _drawn: OrderedDict[tuple[object, ...], str] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.hub = Hub(self._news, self._still_here, self._last_change)
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals.update(t=t, tn=tn, When=When, LANG={"zh": "zh-Hans", "en": "en"})
        self.templates.filters.update(linked=render.linked, size=render.readable_size, initials=initials, say_by=say_by)
        self.templates.tests.update(picture=render.is_picture, short=render.is_short, dated=render.is_dated)

    def speaker(self, me: Employee) -> Speaker:
        """Speaks as this person reads: their language, their clock."""
        language = me.language if me.language in ("zh", "en") else "zh"
        return Speaker(Reader((language,), ZoneInfo(me.zone)), self.clock())

    def page(self, template: str, say: Speaker, **what: Any) -> str:
        """A template in the reader's language; every value is escaped."""
        return self.templates.get_template(template).render(
            say=say, language=say.reader.languages[0], company=self.handbook.company, demo=self.demo, **what
        )

    def draw(self, posted: Posted, me: Employee) -> str:
        """A message as this person sees it; drawn once for all who read it alike."""
        message = posted.message
        mine = message.author_id == me.id
        key = (message.id, message.change, me.language, me.zone, mine)
        if key not in self._drawn:
            say = self.speaker(me)
            card = render.card_view(unpack_card(message.card), say) if message.card else None
            self._drawn[key] = self.page(
                "message.html", say, message=message, author=posted.author, files=posted.files, card=card, mine=mine
            )
            if len(self._drawn) > DRAWN_MOST:
                self._drawn.popitem(last=False)
        return self._drawn[key]

    def may_read(self, me: Employee, channel: str) -> bool:
        """Whether this channel exists for this person."""
        return rooms.may_read(self.handbook, me, channel, self.leads(me))

    def leads(self, me: Employee) -> frozenset[str]:
        """The departments that somebody is over, as last learnt."""
        return self._leads.get(me.id, frozenset())

    async def learn_heads(self, session: Any) -> None:
        """Learns anew who is over which department, if that was long ago."""
        now = asyncio.get_running_loop().time()
        if self._learnt_at is None or now - self._learnt_at > HEADS_LEARNT_EVERY:
            self._learnt_at = now
            self._leads = await people.leads(Work(session, self.clock(), self.handbook))

    async def find_message(self, me: Employee, message_id: int) -> Posted | None:
        """A message, where it exists for this person."""
        async with self.database.reading() as session:
            posted = await webchat.find(session, message_id)
        return posted if posted is not None and self.may_read(me, posted.message.channel) else None

    async def _news(self, change: int) -> list[Posted]:
        async with self.database.reading() as session:
            return await webchat.changed_since(session, change)

    async def _last_change(self) -> int:
        async with self.database.reading() as session:
            return await webchat.last_change(session)

    async def _still_here(self, listeners: Collection[Listener]) -> dict[Listener, Employee]:
        now = self.clock()
        async with self.database.reading() as session:
            await self.learn_heads(session)
            here = {person.id: person for person in await people.everyone(session)}
            tokens = {listener.token for listener in listeners if listener.token is not None}
            going_on = {token for token in tokens if await sessions.find(session, token, now) is not None}
        return {
            listener: here[listener.employee.id]
            for listener in listeners
            if listener.employee.id in here and (listener.token is None or listener.token in going_on)
        }


def who(me: Employee) -> Identity:
    """A person's account on the web: themselves."""
    return Identity("web", "", str(me.id))


def here(channel: str, thread: int | None = None) -> Address:
    """A place on the web."""
    return Address("web", channel, str(thread) if thread is not None else None)


def say_by(words: Words, say: Speaker) -> str:
    """Words as this reader reads them, where a template goes through many."""
    return say(words)


def initials(name: str) -> str:
    """What stands in a person's round picture: the last two characters of a Chinese name, else two first letters."""
    words = name.split()
    if not words:
        return "?"
    if any("\u4e00" <= char <= "\u9fff" for char in name):
        return words[-1][-2:]
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()
