"""A company on three platforms at once: the real program between a Slack, a Telegram and browsers of our own.

On SQLite nobody can call us, so that we ask: Socket Mode and polling. On PostgreSQL both platforms call us. The clock
stands on a Monday at nine in Shanghai and runs as real time does, until a story moves it on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import aiohttp
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from bot.context import Context
from bot.program import Program
from bot.ui.card import Button, Card, Fact
from config.handbook import Handbook
from config.settings import Settings
from config.text import t
from handlers import CAPABILITIES
from storage.outbox import Outgoing
from storage.people import Account, Employee, Role, find
from storage.places import Address
from tests.faults.house import size
from tests.journeys.seats import OnSlack, OnWeb
from tests.journeys.seeing import Seen, Window, state_of
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.platforms.slack.workspace import Message as SlackMessage
from tests.platforms.telegram.caller import Person as OnTelegram
from tests.platforms.telegram.chats import Chat
from tests.platforms.telegram.chats import Message as TelegramMessage
from tests.platforms.telegram.fake import TOKEN, FakeTelegram
from tests.town import MONDAY, FakeClock

SIGNING_SECRET = "a-signing-secret-of-the-journeys"
WEBHOOK_SECRET = "a-webhook-secret-of-the-journeys"
CHANNEL, GROUP, ROOM = "C0SERVICE", -1001234567890, "service"
"""The service team's room on Slack, on Telegram and on the web."""
PROMISE = 2.0
"""Seconds after which everybody must see what somebody did."""
STARVED = 0.05
"""A look that takes longer than this had to wait for the machine, which other tests share; that is not our delay."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody as the roster has them; `telegram`: an account that is theirs, and whether they pressed Start there."""

    name: str
    department: str
    language: str
    manager: str = "Boss"
    role: Role = Role.EMPLOYEE
    telegram: Literal["", "known", "met"] = ""


STAFF = (
    Staff("Boss", "operations", "en", "", Role.HEAD),
    Staff("Hana", "service", "zh", "Boss", Role.HEAD),
    Staff("Dana", "service", "en", "Hana"),
    Staff("Omar", "service", "zh", "Hana", telegram="met"),
    Staff("Gus", "service", "zh", "Hana", telegram="known"),
    Staff("Sam", "sales", "en", telegram="met"),
    Staff("Lin", "sales", "zh", telegram="met"),
    Staff("Ada", "hr", "en", "", Role.ADMIN),
)
"""All of them are on Slack too. Everybody has a phone with Telegram; where it is theirs here, it comes first."""


@dataclass(eq=False, slots=True)
class Colleague:
    """One person, wherever they are."""

    name: str
    id: int
    on_slack: OnSlack
    on_web: OnWeb
    on_telegram: OnTelegram


@dataclass(eq=False, repr=False)
class Company:
    """The program at work, and its people by name: `company.dana.on_slack`."""

    program: Program
    slack: FakeSlack
    telegram: FakeTelegram
    clock: FakeClock
    group: Chat
    seen: list[Seen] = field(default_factory=list)
    boss: Colleague = field(init=False)
    hana: Colleague = field(init=False)
    dana: Colleague = field(init=False)
    omar: Colleague = field(init=False)
    gus: Colleague = field(init=False)
    sam: Colleague = field(init=False)
    lin: Colleague = field(init=False)
    ada: Colleague = field(init=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str) -> AsyncIterator[Self]:
        """Opens for the length of the block; everybody is hired, and nothing has happened yet."""
        is_called = not database_url.startswith("sqlite")
        clock = FakeClock(MONDAY)
        clock.runs()
        async with AsyncExitStack() as stack:
            slack = await stack.enter_async_context(FakeSlack(clock=clock, limits=True))
            telegram = await stack.enter_async_context(FakeTelegram(clock=clock))
            phones = {
                one.name: telegram.person(
                    7000 + n, one.name, one.name.lower(), one.language, started=one.telegram == "met"
                )
                for n, one in enumerate(STAFF, 1)
            }
            for one in STAFF:
                slack.add_user(f"U0{one.name.upper()}", one.name.lower(), one.name, tz="Asia/Shanghai")
            slack.add_channel(CHANNEL, "service")
            group = telegram.supergroup(GROUP, "Customer service", phones.values())
            handbook = Handbook.load(Path(__file__).with_name("company.toml"))
            settings = _settings(database_url, slack, telegram, is_called=is_called)
            program = await Program.prepare(settings, handbook, CAPABILITIES, clock=clock)
            stack.push_async_callback(program.stop)
            company = cls(program, slack, telegram, clock, group)
            await company._hires(phones, stack, is_called=is_called)
            await program.start()
            await company._begins(is_called=is_called)
            yield company

    async def _hires(self, phones: dict[str, OnTelegram], stack: AsyncExitStack, *, is_called: bool) -> None:
        url = self.program.settings.public_url
        caller = SlackCaller(url, SIGNING_SECRET, clock=self.clock, slack=self.slack, socket=not is_called)
        await stack.enter_async_context(caller)
        browser = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        async with self.program.database.unit(self.clock()) as work:
            ids: dict[str, int] = {}
            for one in STAFF:
                person = Employee(
                    name=one.name, department=one.department, role=one.role, language=one.language,
                    joined_at=MONDAY, manager_id=ids.get(one.manager),
                )  # fmt: skip
                work.session.add(person)
                await work.session.flush()
                ids[one.name] = person.id
                user = f"U0{one.name.upper()}"
                phone = phones[one.name]
                if one.telegram:
                    met_at = MONDAY if one.telegram == "met" else None
                    work.session.add(
                        Account(platform="telegram", user=str(phone.id), employee_id=person.id, met_at=met_at)
                    )
                    await work.session.flush()
                work.session.add(Account(platform="slack", user=user, employee_id=person.id))
                await work.session.flush()
                on_slack = OnSlack(user, self.slack, caller)
                on_web = OnWeb(person.id, url, browser, on_slack, stack)
                setattr(self, one.name.lower(), Colleague(one.name, person.id, on_slack, on_web, phone))

    async def _begins(self, *, is_called: bool) -> None:
        """Both platforms have found us."""
        if is_called:
            assert await self.telegram.until(lambda: self.telegram.updates.hook.url)
        else:
            async with asyncio.timeout(5):
                await self.slack.socket.connected()
            assert await self.telegram.until(lambda: self.telegram.calls_of("deleteWebhook"))

    # --- What everybody sees

    def windows(self, chinese: str, english: str) -> dict[str, Window]:
        """The newest card of the service team on every platform, each reader with the state that they are to read."""
        both = f"{chinese} / {english}"
        return {
            "Slack": Window(lambda: state_of(self.slack.reads(CHANNEL)), both),
            "Telegram": Window(lambda: state_of(self.telegram.reads(self.group)), both),
            "the web, in Chinese": Window(lambda: state_of(self.hana.on_web.reads()), chinese),
            "the web, in English": Window(lambda: state_of(self.boss.on_web.reads()), english),
        }

    @property
    def card_on_slack(self) -> SlackMessage:
        """The service team's first card in their channel."""
        return next(one for one in self.slack.channel(CHANNEL).messages if one.by_app)

    @property
    def card_on_telegram(self) -> TelegramMessage:
        """The same in their group."""
        return next(one for one in self.group.messages if one.by_bot)

    def shown(self) -> dict[str, str]:
        """The same card as each of its readers reads it."""
        return {
            "Slack": self.card_on_slack.line,
            "Telegram": self.card_on_telegram.line,
            "the web, in Chinese": self.hana.on_web.reads()[0],
            "the web, in English": self.boss.on_web.reads()[0],
        }

    @asynccontextmanager
    async def within_two_seconds(self, step: str, windows: Mapping[str, Window]) -> AsyncIterator[None]:
        """What is done in the block is seen in every window within `PROMISE`; how long it took is kept."""
        began, starved, unserved = time.monotonic(), 0.0, _unserved()
        yield
        left = dict(windows)
        while left and time.monotonic() - began < 3 * PROMISE + starved:
            looked = time.monotonic()
            for name in [name for name, window in left.items() if window.look() == window.wanted]:
                self.seen.append(Seen(step, name, time.monotonic() - began - starved - left[name].pace))
                del left[name]
            await asyncio.sleep(0.01)
            before, unserved = unserved, _unserved()
            starved += max(0.0, time.monotonic() - looked - STARVED, unserved - before)
        found = {name: window.look() for name, window in windows.items()}
        assert found == {name: window.wanted for name, window in windows.items()}, step
        assert [str(one) for one in self.seen if one.seconds > PROMISE] == []

    # --- What no person does

    async def rests(self) -> None:
        """All that was said so far is everywhere, and a second has gone by: people look before they act."""
        async with asyncio.timeout(10):
            while await self._is_sending():  # noqa: ASYNC110  # seen from outside, nothing tells of it
                await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)

    async def _is_sending(self) -> bool:
        async with self.program.database.reading() as session:
            waiting = await session.execute(select(col(Outgoing.id)).where(col(Outgoing.due_at).is_not(None)).limit(1))
            return waiting.first() is not None

    async def prefers(self, person: Colleague, platform: str) -> None:
        """Notices for this person come there, as they have chosen with /me."""
        async with self.program.database.unit(self.clock()) as work:
            await work.session.execute(update(Employee).where(col(Employee.id) == person.id).values(prefers=platform))

    async def tells(self, person: Colleague, *cards: Card, urgent: bool = False) -> None:
        """Notices for one person, as a handler gives them."""
        for card in cards:
            async with self.program.database.unit(self.clock()) as work:
                employee = await find(work.session, person.id)
                assert employee is not None
                await Context(work, Address("clock", ""), self.program.desk.on).tell(employee, card, urgent=urgent)
        self.program.courier.wake()


def _unserved() -> float:
    """Seconds since it began in which this process could have gone on, had the machine not been busy with others."""
    try:
        return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:  # only Linux tells
        return 0.0


def notice(n: int) -> Card:
    """A notice about a complaint that is over."""
    return Card(
        t("Complaint {number} is resolved", number=f"C-{n}"),
        facts=(Fact(t("Customer"), "Ms Lee"),),
        buttons=(Button(t("Show"), f"tickets.look:{n}"),),
    )


def _settings(database_url: str, slack: FakeSlack, telegram: FakeTelegram, *, is_called: bool) -> Settings:
    """What an administrator writes into the environment."""
    given = {
        "OPSBOOK_DATABASE_URL": database_url,
        "OPSBOOK_PORT": "0",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.api_url,
    }
    if is_called:
        given |= {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET}
    else:
        given |= {"SLACK_APP_TOKEN": APP_TOKEN}
    return Settings.load(given)


Story = Callable[[Company], Awaitable[None]]


def in_one_company(story: Story) -> Callable[..., Awaitable[None]]:
    """The story as a test in a company on SQLite; in a long run, beside it in one on PostgreSQL."""
    if size(0, 1):
        return pytest.mark.endurance(in_both_companies(story))

    async def told(fresh_sqlite: str) -> None:
        await _told(story, fresh_sqlite)

    told.__name__, told.__doc__, told.__module__ = story.__name__, story.__doc__, story.__module__
    return pytest.mark.endurance(told)


def in_both_companies(story: Story) -> Callable[[str, str], Awaitable[None]]:
    """The story as a test: told side by side in a company on SQLite, and in one on PostgreSQL."""

    async def told(fresh_sqlite: str, fresh_postgres: str) -> None:
        ends = await asyncio.gather(_told(story, fresh_sqlite), _told(story, fresh_postgres), return_exceptions=True)
        for name, end in zip(("SQLite", "PostgreSQL"), ends, strict=True):
            if isinstance(end, BaseException):
                end.add_note(f"in the company on {name}")
                raise end

    told.__name__, told.__doc__, told.__module__ = story.__name__, story.__doc__, story.__module__
    return told


async def _told(story: Story, database_url: str) -> None:
    async with Company.open(database_url) as company:
        await story(company)
    if company.seen:
        print(f"the slowest of {len(company.seen)}: {max(company.seen, key=lambda one: one.seconds)}")  # noqa: T201
