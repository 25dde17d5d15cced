"""What each platform must be able to do, told as its people see it; Slack, Telegram and the web stand behind it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from types import TracebackType
from typing import Any, ClassVar, Self

from bot.answer import Answer, Enclosing
from bot.courier import Courier
from bot.dispatch import Desk
from bot.events import Event
from bot.metronome import Metronome
from bot.platforms import Message, Platform, Sent
from bot.ui.card import Card, Row, Tone
from bot.ui.form import Form
from bot.words import LANGUAGES, Reader, Speaker
from config.handbook import Handbook
from config.handbook.rooms import Rooms
from config.text import t
from handlers import CAPABILITIES
from storage.database import Database
from storage.places import Address, Identity
from tests.platforms.stages.counter import counter
from tests.platforms.stages.seen import Filled, Shown
from tests.town import MONDAY, FakeClock, Person, Town, knowing
from tests.town import handbook as town_handbook

PLACES = {"slack": "C0SERVICE", "telegram": "-1001", "web": "service"}
"""The service room on each platform."""

WORKSPACES = {"slack": "T0001", "telegram": "", "web": ""}

PERSON_IS_LOST = ("person is gone", "person shut us out", "person never began")
ROOM_IS_LOST = ("room is gone", "room shut us out")
PASSES = ("error", "cut", "garbage", "empty", "page of html")
LIMITED = ("wait 30", "wait abc", "wait forever", "wait below nothing", "wait")
SILENCE = "silence"

SHORTENED = t("Shortened to fit. The web chat has all of it.")


@dataclass(slots=True)
class ListeningDesk(Desk):
    """The real desk, which also remembers what it was told."""

    heard: list[Event] = field(default_factory=list)

    async def handle(
        self,
        event: Event,
        can_ask: bool = True,
        private: Address | None = None,
        enclosing: Enclosing | None = None,
    ) -> Answer:
        """As the desk does."""
        self.heard.append(event)
        return await Desk.handle(self, event, can_ask, private, enclosing)


class Stage(ABC):
    """One platform with its real adapter, before the real desk and the real courier. Dana acts; Omar looks on.

    `faults` are the troubles that can befall it: nothing is between us and the web but the database. `time_limit` is
    the name of the adapter's seconds for one call.
    """

    name: ClassVar[str]
    faults: ClassVar[frozenset[str]]
    time_limit: ClassVar[str] = ""
    platform: Platform

    def __init__(self, url: str) -> None:
        self.url = url
        self.got: list[Form] = []
        self.rows = count(1000)
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        book, clock = company(), FakeClock()
        capabilities = (*CAPABILITIES, counter(self.got))
        on = frozenset({self.name})
        database = await knowing(await Database.open(self.url, book))
        self.stack.push_async_callback(database.close)
        self.desk = ListeningDesk(database, clock, capabilities, on, "https://ops.example.com")
        self.clock = clock
        self.database = database
        await self.opened()
        self.courier = Courier(database, self.desk, clock, {self.name: self.platform}, pause=lambda tries: 2.0)
        metronome = Metronome(database, clock, capabilities, on)
        self.town = Town(database, clock, self.desk, metronome, {}, self.courier, capabilities)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stack.aclose()

    @abstractmethod
    async def opened(self) -> None:
        """Starts the platform with its fake, and sets `platform`; what is to be ended goes on the stack."""

    # --- Places and people

    @property
    def dana(self) -> Person:
        """Who does everything here; she reads English."""
        return self.town.dana

    @property
    def room(self) -> Address:
        """Where the team reads."""
        return Address(self.name, PLACES[self.name])

    @property
    def person(self) -> Address:
        """Where Dana reads alone."""
        return self.dana.private(self.name)

    def speaker(self, languages: Sequence[str]) -> Speaker:
        """Who reads in a room of these languages."""
        return Speaker(Reader(tuple(languages)), MONDAY)

    @property
    def account(self) -> Identity:
        """Dana's account there."""
        return Identity(self.name, WORKSPACES[self.name], self.dana.account(self.name))

    # --- How it shows cards

    names_columns: ClassVar[bool] = True
    takes_halves: ClassVar[bool] = True

    def mark(self, tone: Tone, say: Speaker) -> str:
        """What stands before the title of a card of this tone."""
        return {Tone.GOOD: "✅", Tone.BAD: "❌", Tone.WARN: "⚠️"}.get(tone, "")

    def row_button(self, n: int, row: Row, say: Speaker) -> str:
        """The label of the button of a table's nth row."""
        return say(row.button.label) if row.button else ""

    def says_shortened(self, text: str) -> bool:
        """Whether the words say that some of the card is not there."""
        return any(Speaker(Reader((language,)))(SHORTENED) in text for language in LANGUAGES)

    # --- What we do

    def message(
        self,
        card: Card,
        to: Address | None = None,
        languages: Sequence[str] = ("en",),
        ref: str | None = None,
        row: int | None = None,
    ) -> Message:
        """What the courier would hand over."""
        id = next(self.rows) if row is None else row
        return Message(id, to or self.room, card, self.speaker(languages), ref=ref, about="tickets:1")

    async def send(self, card: Card, to: Address | None = None, languages: Sequence[str] = ("en",)) -> Sent:
        """Sends a card, to the room unless told where."""
        return await self.platform.send(self.message(card, to, languages))

    async def edit(self, sent: Sent, card: Card, to: Address | None = None, languages: Sequence[str] = ("en",)) -> None:
        """Makes a message show another card."""
        await self.platform.edit(self.message(card, to or Address(self.name, sent.channel), languages, sent.ref))

    # --- What people see and do

    @abstractmethod
    async def reads(self, at: Address | None = None, languages: Sequence[str] = ("en",)) -> list[Shown]:
        """What stands in a place (the room), or under a message, oldest first."""

    @abstractmethod
    async def loses(self, sent: Sent) -> None:
        """The message goes, without a word to us."""

    @abstractmethod
    async def presses(self, sent: Sent, label: str, deliveries: int = 1) -> str:
        """Dana presses a button; the press may reach us more than once. Returns what she alone is told."""

    @abstractmethod
    async def asks(self, form: type[Form]) -> tuple[str, ...]:
        """Dana opens a form by `/try`. Returns the questions that she sees now."""

    @abstractmethod
    async def fills(self, answers: Mapping[str, Any]) -> Filled:
        """She answers these questions by name (others stay as they are, or empty), and sends the form."""

    @abstractmethod
    async def breaks(self, fault: str) -> Address:
        """Something goes wrong with the next call. Returns the place that it is about."""

    async def shown(self, card: Card, languages: Sequence[str] = ("en",), to: Address | None = None) -> Shown:
        """A card as it is read after it was sent."""
        await self.send(card, to, languages)
        return (await self.reads(to, languages))[-1]


@cache
def company() -> Handbook:
    """The town's handbook, its service room on all three platforms."""
    book = town_handbook()
    addresses = tuple(f"{name}:{channel}" for name, channel in PLACES.items())
    room = book.rooms["service"].model_copy(update={"addresses": addresses})
    return book.model_copy(update={"rooms": Rooms({**dict(book.rooms.items()), "service": room})})


EVERY_LANGUAGE = (("zh",), ("en",), LANGUAGES)


def spaced(text: str) -> str:
    """Words with single spaces between them; whether two languages stand on one line or on two is no matter."""
    return " ".join(text.replace(" / ", " ").split())


def left_over(shown: str, words: Sequence[str], besides: Sequence[str] = ()) -> tuple[list[str], str]:
    """Which of the words do not stand there in this order, and what else stands there but marks between them.

    `besides` may stand there as well, as often as it likes.
    """
    missing, between, at = [], [], 0
    shown = spaced(shown)
    for word in map(spaced, words):
        found = shown.find(word, at)
        if found < 0:
            missing.append(word)
            continue
        between.append(shown[at:found])
        at = found + len(word)
    between.append(shown[at:])
    rest = " ".join(between)
    for word in filter(None, map(spaced, besides)):
        rest = rest.replace(word, " ")
    return missing, _MARKS.sub("", rest)


_MARKS = re.compile(r"[\s:：|·•/,，、.–—-]+")
