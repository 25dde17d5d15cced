"""A town to tell stories in: named people, three platforms that only pretend, a clock that we set, the real machine."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, select
from sqlalchemy.util import LRUCache
from sqlmodel import col

from bot.answer import Answer, Outcome, Reply
from bot.capability import Capability, form_name
from bot.courier import Courier
from bot.dispatch import Desk
from bot.errors import DeliveryFailed
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.metronome import Metronome
from bot.platforms import Message, Pace, Platform, Sent
from bot.ui.card import Card, buttons_of
from bot.ui.form import Asking, Attached, Form, Position
from bot.words import LANGUAGES, Reader, Speaker
from config.handbook import Handbook
from config.handbook.rooms import Rooms
from config.text import Words
from handlers import CAPABILITIES
from storage import audit, schema, tickets
from storage.audit import Audit
from storage.database import Database
from storage.outbox import Outgoing
from storage.people import Account, Employee, Role
from storage.places import Address, Identity
from storage.tickets import CLOSED, OPEN, RESOLVED, Ticket
from storage.work import Work

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai: the working week begins."""
WORKSPACES = {"slack": "T0TOWN", "telegram": "", "web": ""}
ROOMS = {"C0SERVICE": "service", "-1001": "service", "C0MANAGERS": "managers", "ops": "ops"}

english = Speaker(Reader(("en",)), MONDAY)
chinese = Speaker(Reader(("zh",)), MONDAY)
both = Speaker(Reader(LANGUAGES), MONDAY)


@cache
def handbook(service_speaks: str = "en") -> Handbook:
    """The town's handbook; its service room may speak another language, or `both`."""
    book = Handbook.load(Path(__file__).with_name("town.toml"))
    room = book.rooms["service"].model_copy(update={"language": service_speaks})
    return book.model_copy(update={"rooms": Rooms({**dict(book.rooms.items()), "service": room})})


def line(shown: Reply | Card, say: Speaker) -> str:
    """What somebody reads, on one line: title | text | fact: value | row | [button] | foot."""
    if shown is None:
        return ""
    if isinstance(shown, Asking):
        return " | ".join([f"({say(shown.title)})", *[f"{say(one.label)}?" for one in shown.questions]])
    if not isinstance(shown, Card):
        return say(shown)
    rows = shown.table.rows if shown.table else ()
    parts = [
        say(shown.title),
        *map(say, shown.body),
        *[f"{say(fact.label)}: {say(fact.value)}" for fact in shown.facts],
        *[", ".join(map(say, row.cells)) for row in rows],
        *[f"File: {file.name}" for file in shown.files],
        *[" ".join(f"[{say(key.label)}]" for key in keys) for keys in shown.pad],
        " ".join(f"[{say(button.label)}]" for button in shown.buttons),
        *map(say, shown.foot),
    ]
    return " | ".join(part for part in parts if part)


class FakeClock:
    """Stands still until it is moved, or until it `runs` as real time does."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now
        self._since: float | None = None

    def __call__(self) -> datetime:
        gone = time.monotonic() - self._since if self._since is not None else 0.0
        return self.now + timedelta(seconds=gone)

    def runs(self) -> None:
        """Goes on by itself from now on."""
        self._since = time.monotonic()

    def moves(self, **by: float) -> None:
        """Goes on by this: `hours=3`."""
        self.now += timedelta(**by)


@dataclass
class Post:
    """A message as it stands in a channel."""

    ref: str
    place: Address
    message: Message
    edits: int = 0

    @property
    def line(self) -> str:
        return line(self.message.card, self.message.say)

    @property
    def card(self) -> Card:
        return self.message.card

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in English."""
        return [english(button.label) for button in self.card.buttons]

    def fact(self, label: str) -> str:
        """A fact by its English label, as its reader reads it."""
        values = [self.message.say(one.value) for one in self.card.facts if english(one.label) == label]
        assert len(values) == 1, f"{label} stands {len(values)} times in: {self.line}"
        return values[0]


@dataclass
class FakePlatform:
    """Takes messages and keeps them; fails when told to. The journal has every call, also those that failed."""

    name: str
    pace: Pace = field(default_factory=lambda: Pace(channel=0.0, overall=1e9, at_once=1000))
    posts: list[Post] = field(default_factory=list)
    journal: list[tuple[str, str, str]] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    before: Callable[[Message], Awaitable[None]] | None = None
    _trouble: list[tuple[str | None, str, DeliveryFailed, float]] = field(default_factory=list)
    _refs: Any = field(default_factory=lambda: count(1))

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    async def send(self, message: Message) -> Sent:
        await self._tried("send", message)
        ref = f"{self.name}-{next(self._refs)}"
        self.posts.append(Post(ref, message.to, message))
        files = message.card.files if self.name == "telegram" else ()  # there they are messages of their own
        return Sent(message.to.channel, ref, tuple(f"{ref}.{n}" for n, _ in enumerate(files, 1)))

    async def edit(self, message: Message) -> None:
        await self._tried("edit", message)
        for post in self.posts:
            if post.ref == message.ref:
                post.message = message
                post.edits += 1
                return
        raise DeliveryFailed("message_not_found", gone=True)

    async def _tried(self, verb: str, message: Message) -> None:
        if self.before is not None:
            await self.before(message)
        room = ROOMS.get(message.to.channel, message.to.channel)
        self.journal.append((verb, room, english(message.card.title)))
        for n, (channel, what, failure, times) in enumerate(self._trouble):
            if channel in (None, message.to.channel) and what in ("", verb):
                self._trouble[n] = (channel, what, failure, times - 1)
                if times <= 1:
                    del self._trouble[n]
                raise failure
        self.taken.append(message)

    def fails(
        self, message: str, *, times: float = 1, at: Person | str | None = None, only: str = "", **kind: Any
    ) -> None:
        """The next `times` calls raise `DeliveryFailed(message, **kind)`; at a place, or `only` to `send` or `edit`."""
        channel = self.channel(at) if at is not None else None
        self._trouble.append((channel, only, DeliveryFailed(message, **kind), times))

    def is_well(self) -> None:
        """No more trouble."""
        self._trouble.clear()

    def channel(self, at: Person | str) -> str:
        """The channel of a room, or the one in which a person is reached alone."""
        if isinstance(at, Person):
            return at.private(self.name).channel
        here = {"slack": "C0SERVICE", "telegram": "-1001"}.get(self.name, "service")
        return {"service": here, "managers": "C0MANAGERS"}.get(at, at)

    def at(self, at: Person | str) -> list[Post]:
        """The messages of a channel, threads left out."""
        return [post for post in self.posts if post.place == Address(self.name, self.channel(at))]

    def post(self, at: Person | str) -> Post:
        """The last message of a channel."""
        return self.at(at)[-1]

    def reads(self, at: Person | str) -> list[str]:
        """What stands in a channel, threads left out: a line for each message."""
        return [post.line for post in self.at(at)]

    def reads_under(self, root: Post) -> list[str]:
        """What stands in a message's thread."""
        return [post.line for post in self.posts if post.place == Address(self.name, root.place.channel, root.ref)]

    def loses(self, post: Post) -> None:
        """Somebody deletes a message."""
        self.posts.remove(post)


@dataclass(eq=False)
class Seat:
    """One person at one platform. What they do returns what they see; the whole answer is in `person.answer`.

    `has_forms`: whether the platform opens forms; where it does not, they are asked in turn, and replies are posted.
    """

    person: Person
    platform: str
    has_forms: bool = True

    async def commands(self, name: str, text: str = "", *, event: str = "", can_ask: bool = True) -> Reply:
        """Gives a command by its name: `/tickets open`."""
        return await self._does(Commanded(self._id(event), self.who, self.here, name, text), can_ask)

    async def submits(
        self, form: type[Form] | str, *, about: str | None = None, event: str = "", **answers: Any
    ) -> Reply:
        """Sends a form, about a record as they last saw it (`tickets:1:2`) or about none."""
        name = form if isinstance(form, str) else form_name(form)
        return await self._does(Submitted(self._id(event), self.who, self.here, name, answers, about))

    async def fills(self, *, event: str = "", **answers: Any) -> Reply:
        """Sends the form that they were asked last, with these answers over what was filled in."""
        asked = self.person.asked
        assert asked is not None, f"{self.person.name} has no form open"
        return await self.submits(asked.form, about=asked.about, event=event, **{**asked.answers, **answers})

    async def presses(
        self, label: str = "", *, on: Post | str | None = None, action: str | None = None, event: str = ""
    ) -> Reply:
        """Presses a button by its English label, on the newest card with it that they see; or a forged `action`."""
        if action is not None:
            return await self._does(Pressed(self._id(event), self.who, self.here, action))
        place, pressed, message = self._button(label, on)
        shown = Address(place.platform, place.channel, message) if message and not self.has_forms else None
        return await self._does(Pressed(self._id(event), self.who, place, pressed, shown))

    async def says(
        self, text: str = "", *, to_us: bool = False, under: Post | None = None, at: str = "", event: str = "",
        files: tuple[Attached, ...] = (), position: Position | None = None,
    ) -> Reply:  # fmt: skip
        """Writes words: to us, under a message, or in a room."""
        here = Address(self.platform, at) if at else self.here
        if under is not None:
            here = Address(self.platform, under.place.channel, under.ref)
        is_ours = to_us or (not self.has_forms and here.channel == self.here.channel)
        return await self._does(Said(self._id(event), self.who, here, text, is_ours, files, position))

    @property
    def who(self) -> Identity:
        return Identity(self.platform, WORKSPACES[self.platform], self.person.account(self.platform))

    @property
    def here(self) -> Address:
        return self.person.private(self.platform)

    def _id(self, event: str) -> str:
        return event or f"event-{next(self.person.town.events)}"

    async def _does(self, event: Event, can_ask: bool = True) -> Reply:
        private = None if self.has_forms else self.here
        return (await self.person.does(event, can_ask, private)).reply

    def _button(self, label: str, on: Post | str | None) -> tuple[Address, str, str | None]:
        cards: list[tuple[Address, Card, str | None]] = []
        if isinstance(on, Post):
            cards = [(on.place, on.card, on.ref)]
        else:
            if self.has_forms and self.person.answer is not None and isinstance(self.person.answer.reply, Card):
                cards.append((self.here, self.person.answer.reply, None))
            platform = self.person.town.platforms[self.platform]
            seen = [post for post in platform.posts if post.place.channel in {self.here.channel, *ROOMS}]
            cards += [(post.place, post.card, post.ref) for post in reversed(seen) if not on or on in post.line]
        for place, card, ref in cards:
            for button in buttons_of(card):
                if english(button.label) == label:
                    return place, button.action, ref
        raise AssertionError(f"{self.person.name} sees no button {label!r} on {self.platform}: {cards}")


@dataclass(eq=False)
class Person:
    """Somebody of the town, or a stranger to it. `on_slack`, `on_telegram`, `on_web` say where they do a thing."""

    town: Town
    name: str
    id: int
    answer: Answer | None = None
    asked: Asking | None = None

    @property
    def on_slack(self) -> Seat:
        return Seat(self, "slack")

    @property
    def on_telegram(self) -> Seat:
        return Seat(self, "telegram")

    @property
    def on_phone(self) -> Seat:
        """Telegram as it is: without forms, so that they are asked in turn, and replies are messages."""
        return Seat(self, "telegram", has_forms=False)

    @property
    def on_web(self) -> Seat:
        return Seat(self, "web")

    def on(self, platform: str) -> Seat:
        return Seat(self, platform)

    def account(self, platform: str) -> str:
        """Their immutable user id on a platform."""
        return {"slack": f"U0{self.name.upper()}", "telegram": str(7000 + self.id), "web": str(self.id)}[platform]

    def private(self, platform: str) -> Address:
        """Where they are reached alone."""
        channel = f"dm:{self.id}" if platform == "web" else self.account(platform)
        return Address(platform, channel)

    async def does(self, event: Event, can_ask: bool = True, private: Address | None = None) -> Answer:
        """Does something, and waits until everybody has been told."""
        answer = self.answer = await self.town.desk.handle(event, can_ask, private)
        if isinstance(answer.reply, Asking):
            self.asked = answer.reply
        if self.town.delivers:
            await self.town.is_told()
        return answer

    @property
    def outcome(self) -> Outcome | None:
        """How the last thing that they did went."""
        return self.answer.outcome if self.answer else None

    @property
    def reads(self) -> str:
        """The last answer, as they read it: in their own language."""
        assert self.answer is not None
        return line(self.answer.reply, self.answer.say)

    async def leaves(self) -> None:
        """Their Slack account is closed, so they have left."""
        await self.town.desk.left(self.on_slack.who)
        await self.town.is_told()


PEOPLE: tuple[tuple[str, str, Role, str, str, tuple[str, ...]], ...] = (
    ("Dana", "service", Role.EMPLOYEE, "en", "Hana", ("slack", "telegram")),
    ("Omar", "service", Role.EMPLOYEE, "zh", "Hana", ("telegram", "slack")),
    ("Hana", "service", Role.HEAD, "zh", "Boss", ("slack", "telegram")),
    ("Boss", "operations", Role.HEAD, "en", "", ("slack", "telegram")),
    ("Sam", "sales", Role.EMPLOYEE, "en", "Boss", ("slack", "telegram")),
    ("Lin", "sales", Role.EMPLOYEE, "zh", "Boss", ("slack", "telegram")),
    ("Ada", "hr", Role.ADMIN, "en", "", ("slack", "telegram")),
    ("Lena", "service", Role.EMPLOYEE, "en", "Hana", ("slack", "telegram")),
    ("Fay", "service", Role.EMPLOYEE, "en", "Hana", ("slack", "telegram")),
    ("Gus", "service", Role.EMPLOYEE, "zh", "Hana", ("slack", "telegram")),
)
"""Name, department, role, language, manager, platforms in the order of preference. Lena has left."""


@dataclass(eq=False, repr=False)  # asyncio writes out, twice, what a fixture gives
class Town:
    """The machine with its people: every event goes through the real desk, every message through the real courier."""

    database: Database
    clock: FakeClock
    desk: Desk
    metronome: Metronome
    platforms: dict[str, FakePlatform]
    courier: Courier
    capabilities: Sequence[Capability]
    delivers: bool = True
    events: Any = field(default_factory=lambda: count(1))
    _drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        everybody = [Person(self, name, n) for n, (name, *_) in enumerate(PEOPLE, 1)]
        self.dana, self.omar, self.hana, self.boss, self.sam, self.lin, self.ada, self.lena, self.fay, self.gus = (
            everybody
        )
        self.everybody = everybody
        self.stranger = Person(self, "Nobody", 999)

    @property
    def slack(self) -> FakePlatform:
        return self.platforms["slack"]

    @property
    def telegram(self) -> FakePlatform:
        return self.platforms["telegram"]

    @property
    def web(self) -> FakePlatform:
        return self.platforms["web"]

    @staticmethod
    async def settle(url: str) -> None:
        """Makes the tables and lets the people in. Once for each database, or for one that others are copied from."""
        database = await Database.open(url, handbook())
        await schema.upgrade(database)
        ids = {name: n for n, (name, *_) in enumerate(PEOPLE, 1)}
        async with database.session() as session:
            for name, department, role, language, _, _ in PEOPLE:
                left = MONDAY - timedelta(days=9) if name == "Lena" else None
                session.add(
                    Employee(
                        name=name, department=department, role=role, language=language, joined_at=MONDAY, left_at=left
                    )
                )
                await session.flush()
            for name, _, _, _, manager, platforms in PEOPLE:
                employee = await session.get(Employee, ids[name])
                assert employee is not None
                employee.manager_id = ids.get(manager)
                person = Person(None, name, ids[name])  # type: ignore[arg-type]  # only its account is asked for
                for platform in platforms:
                    session.add(Account(platform=platform, user=person.account(platform), employee_id=ids[name]))
                    await session.flush()
        await database.close()

    @classmethod
    async def open(
        cls, url: str, book: Handbook | None = None, capabilities: Sequence[Capability] = CAPABILITIES
    ) -> Town:
        """The town on a database that has been settled."""
        database = await knowing(await Database.open(url, book or handbook()))
        clock = FakeClock()
        platforms = {name: FakePlatform(name) for name in WORKSPACES}
        on = frozenset(platforms)
        desk = Desk(database, clock, capabilities, on, "https://ops.example.com")
        metronome = Metronome(database, clock, capabilities, on)
        return cls(database, clock, desk, metronome, platforms, postman(database, desk, clock, platforms), capabilities)

    async def close(self) -> None:
        await self.courier.stop()
        await self.database.close()

    def new_courier(self) -> None:
        """The courier's process died, and another one takes over."""
        self.courier = postman(self.database, self.desk, self.clock, self.platforms)

    async def is_told(self) -> int:
        """Everything that waits is sent. Returns how many."""
        async with self._drawing:
            return await self.courier.drain()

    @contextlib.asynccontextmanager
    async def courier_at_work(self) -> AsyncIterator[None]:
        """The courier goes its rounds in real time, as it does in the program; the clock runs."""
        self.delivers = False
        self.clock.runs()
        self.desk.posted = self.courier.wake
        rounds = asyncio.create_task(self.courier.run())
        try:
            yield
        finally:
            await self.courier.stop()
            await rounds

    async def passes(self, **time: float) -> None:
        """Time goes by: the clock moves on, what is due is done, and everybody hears of it."""
        self.clock.moves(**time)
        while await self.metronome.tick():
            pass
        await self.is_told()

    def unit(self, by: Employee | None = None) -> Any:
        """A unit of work at the town's time, for what no handler does."""
        return self.database.unit(self.clock(), by)

    async def row(self, table: type[Any], key: Any) -> Any:
        """A row as it is kept."""
        async with self.database.reading() as session:
            return await session.get(table, key)

    async def rows(self, statement: Any) -> list[Any]:
        """What a query finds, committed."""
        async with self.database.reading() as session:
            return list((await session.execute(statement)).scalars())

    async def audited(self, after: int = 0) -> list[tuple[str, str]]:
        """What the audit says was done, about what, behind this line; from the start, its chain is checked as well."""
        async with self.database.reading() as session:
            assert after or await audit.first_broken(session) is None
        lines = select(Audit).where(col(Audit.seq) > after).order_by(col(Audit.seq))
        return [(one.what, one.about) for one in await self.rows(lines)]

    async def outbox(self) -> list[tuple[str, str | None]]:
        """How each row of the outbox stands, and why."""
        return [(row.state, row.reason) for row in await self.rows(select(Outgoing).order_by(col(Outgoing.id)))]

    async def ticket(
        self, status: str = OPEN, *, reporter: Person | None = None, owner: Person | None = None, **given: str
    ) -> Ticket:
        """A complaint in this state, kept without a word to anybody: reported by Sam, taken by Dana."""
        about = {"customer": "Ms Lee", "what": "Broken lock", "kind": "quality", "urgency": "high", **given}
        async with self.unit() as work:
            await self._acts(work, reporter or self.sam)
            ticket = await tickets.receive(work, **about)
            if status != OPEN:
                await self._acts(work, owner or self.dana)
                await tickets.take(work, ticket)
            if status in (RESOLVED, CLOSED):
                await tickets.resolve(work, ticket, "Replaced it.")
            if status == CLOSED:
                await tickets.close(work, ticket)
        return ticket

    @staticmethod
    async def _acts(work: Work, person: Person) -> None:
        work.by = await work.session.get(Employee, person.id)


STATEMENTS: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}
"""For each kind of database its dialect, and the SQL of what it was asked."""


async def knowing(database: Database) -> Database:
    """The same database, knowing the SQL of what was asked in other tests: to write it anew takes a tenth of a test."""
    for engine in (database.engine, database.readers):
        name = engine.dialect.name
        if name not in STATEMENTS:
            async with engine.connect():  # whereby the dialect learns whom it speaks with
                STATEMENTS[name] = engine.dialect, LRUCache(2000)
        engine.sync_engine.dialect, engine.sync_engine._compiled_cache = STATEMENTS[name]
    return database


def postman(database: Database, desk: Desk, clock: FakeClock, platforms: dict[str, FakePlatform]) -> Courier:
    """The courier, whose pauses between tries are 2, 4, 8 … seconds without a throw of dice."""
    carried: dict[str, Platform] = dict(platforms)
    return Courier(database, desk, clock, carried, pause=lambda tries: min(900.0, 2.0**tries))


def in_words(words: Words, *readers: Speaker) -> list[str]:
    """The same words for several readers."""
    return [say(words) for say in readers]
