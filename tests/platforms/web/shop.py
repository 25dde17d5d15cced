"""A small company for the web chat's tests: four people, the shipped rooms, and a desk that knows a few words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestServer
from sqlalchemy import StaticPool, create_engine
from sqlmodel import SQLModel

from bot.answer import Answer, Outcome, Reply
from bot.capability import CommandHelp
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.platforms import Message
from bot.platforms.web import Web
from bot.ui.card import Button, Card, Fact, Image, Link, Row, Table, Tone
from bot.ui.form import Asking, Option, Question
from bot.words import Reader, Speaker
from config.handbook import Handbook
from config.text import Label, Money, OnDay, When, t
from storage import people, sessions
from storage.database import Database
from storage.people import Employee
from storage.places import Address
from tests.town import knowing

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def label(zh: str, en: str) -> Label:
    """Words of the handbook."""
    return Label(zh=zh, en=en)


COMPLAINT = Card(
    title=label("投诉 C-1：门锁打不开", "Complaint C-1: the lock won't open"),
    facts=(
        Fact(label("客户", "Customer"), "李女士"),
        Fact(label("受理", "Received"), When(NOON)),
        Fact(label("答复期限", "Answer by"), When(NOON + timedelta(hours=4))),
        Fact(label("负责人", "Owner"), label("还没有人", "Nobody yet")),
    ),
    body=("指纹锁连续三次识别失败，门打不开，孩子在屋里。",),
    buttons=(
        Button(label("我来处理", "I take it"), "tickets.take:1:1", Tone.GOOD),
        Button(
            label("不受理", "Turn down"),
            "tickets.refuse:1:1",
            Tone.BAD,
            label("确定不受理？客户会收到通知。", "Turn it down? The customer will be told."),
        ),
    ),
    tone=Tone.WARN,
    foot=(label("依据 §3.4.2 投诉处理", "By §3.4.2, Complaints"),),
)
TAKEN = Card(
    title=label("投诉 C-1：门锁打不开", "Complaint C-1: the lock won't open"),
    facts=(Fact(label("客户", "Customer"), "李女士"), Fact(label("负责人", "Owner"), "林敏")),
    buttons=(Button(label("已解决", "Solved"), "tickets.resolve:1:2", Tone.GOOD),),
    tone=Tone.GOOD,
)
DAY = Card(
    title=label("今天有三件事等您处理", "Three things wait for you"),
    table=Table(
        (label("事项", "What"), label("客户", "Customer"), label("期限", "By")),
        (
            Row(
                (label("投诉 C-1：门锁打不开", "Complaint C-1: the lock won't open"), "李女士", When(NOON, "time")),
                Button(label("我来处理", "I take it"), "tickets.take:1:1"),
            ),
            Row(
                (
                    label("投诉 C-2：发票抬头写错", "Complaint C-2: wrong name on the invoice"),
                    "北辰物业",
                    OnDay(date(2026, 3, 4)),
                ),
                Button(label("打开", "Open"), "tickets.open:2"),
            ),
            Row(
                (
                    label("投诉 C-5：安装师傅迟到", "Complaint C-5: the fitter came late"),
                    "王先生",
                    OnDay(date(2026, 3, 5)),
                ),
                Button(label("打开", "Open"), "tickets.open:5"),
            ),
        ),
    ),
    buttons=(Button(label("登记投诉", "Report a complaint"), "do:complaint"),),
)
WAYS = (
    Option("phone", label("电话", "Phone")),
    Option("chat", label("在线聊天", "Chat")),
    Option("shop", label("门店", "Shop")),
)
KINDS = tuple(Option(f"k{n}", label(f"类别 {n}", f"Kind {n}")) for n in range(7))
ASKING = Asking(
    "tickets.NewComplaint",
    label("登记投诉", "New complaint"),
    (
        Question("customer", "line", label("客户", "Customer"), most=150),
        Question(
            "what",
            "paragraph",
            label("发生了什么？", "What happened?"),
            label("用客户自己的话", "In the customer's own words"),
            most=3000,
        ),
        Question("way", "choice", label("怎么来的？", "How did it reach us?"), options=WAYS),
        Question("kind", "choice", label("类别", "Kind"), options=KINDS),
        Question("wishes", "choices", label("客户希望", "What the customer wants"), optional=True, options=WAYS),
        Question("owner", "person", label("谁来处理", "Who takes it"), optional=True),
        Question("cost", "money", label("涉及金额", "Amount at stake"), optional=True),
        Question("doors", "number", label("几扇门", "How many doors"), optional=True),
        Question("bought", "day", label("购买日期", "Bought on"), optional=True),
        Question("visit", "moment", label("上门时间", "When to visit"), optional=True),
        Question("photos", "files", label("照片", "Pictures"), optional=True, most=5),
    ),
    {"way": "phone", "cost": Money(12050), "bought": date(2026, 2, 14), "visit": NOON},
)
COMMANDS = (
    CommandHelp("home", ("我的一天",), t("What waits for you")),
    CommandHelp("complaint", ("投诉",), t("Report a customer's complaint"), t("[what happened]")),
    CommandHelp("complaints", ("投诉列表",), t("See the open complaints")),
    CommandHelp("find", ("查找",), t("Find by number or customer"), t("[number or customer]")),
    CommandHelp("help", ("帮助",), t("Everything you can do")),
    CommandHelp("accounts", ("账号",), t("Who has an account"), roles=frozenset({"admin"})),
)


@dataclass
class ScriptedDesk:
    """Answers a few things, remembers every event, and answers an event that comes again as it did before."""

    web: Web | None = None
    events: list[Event] = field(default_factory=list)
    effects: int = 0
    outcome: Outcome | None = None
    reply: Reply = None
    commands: tuple[CommandHelp, ...] = COMMANDS
    on: frozenset[str] = frozenset({"web", "slack", "telegram"})
    answered: dict[str, Answer] = field(default_factory=dict)

    async def handle(self, event: Event, can_ask: bool = True) -> Answer:
        """As the real desk: never raises."""
        self.events.append(event)
        say = Speaker(Reader(("en",)))
        if self.outcome is not None:
            return Answer(self.outcome, t("Nothing was saved. Please try again."), say)
        if event.id in self.answered:
            return self.answered[event.id]
        answer = await self._answer(event, say)
        if answer.outcome != Outcome.REFUSED:
            self.effects += 1
            self.answered[event.id] = Answer(Outcome.AGAIN, answer.reply, say, answer.field)
        return answer

    async def _answer(self, event: Event, say: Speaker) -> Answer:
        match event:
            case Submitted(answers=answers) if not answers.get("customer"):
                return Answer(Outcome.REFUSED, t("Please answer this."), say, "customer")
            case Submitted():
                return Answer(Outcome.DONE, label("投诉 C-1 已经交给团队。", "Complaint C-1 is with the team."), say)
            case Pressed(action=action):
                return Answer(*await self._pressed(action), say)
            case Commanded(name=name):
                return Answer(Outcome.DONE, self.reply or self._commanded(name), say)
            case Said(to_us=True):
                return Answer(Outcome.DONE, label("我没有听懂。", "I did not understand."), say)
        return Answer(Outcome.DONE, None, say)

    def _commanded(self, name: str) -> Reply:
        replies: dict[str, Reply] = {"home": DAY, "complaint": ASKING, "complaints": COMPLAINT}
        return replies.get(name, label("好的。", "Very well."))

    async def _pressed(self, action: str) -> tuple[Outcome, Reply]:
        if action == "tickets.take:1:1" and self.web is not None:
            await self.web.edit(Message(1, Address("web", "service"), TAKEN, Speaker(Reader()), ref="1"))
            return Outcome.DONE, None
        if action == "do:complaint":
            return Outcome.DONE, ASKING
        return Outcome.REFUSED, label("有人比您快了一步。", "Someone was faster. The card shows how it stands now.")


@dataclass(repr=False)
class Shop:
    """The running chat, and its people by name."""

    web: Web
    desk: ScriptedDesk
    database: Database
    server: TestServer
    people: dict[str, Employee]
    now: list[datetime]
    open_pages: list[ClientResponse] = field(default_factory=list)

    def url(self, path: str) -> str:
        """An address of the chat."""
        return str(self.server.make_url(path))

    async def post_card(self, id_: int, card: Card, channel: str = "service", about: str | None = "tickets:1") -> str:
        """What the courier does with a card."""
        message = Message(id_, Address("web", channel), card, Speaker(Reader()), about=about)
        return (await self.web.send(message)).ref

    async def sign_in(self, name: str) -> str:
        """A new session of a person: the cookie's token."""
        async with self.database.unit(self.now[0]) as work:
            return await sessions.open(work, await sessions.invite(work, self.people[name]))

    async def leaves(self, name: str) -> None:
        """Somebody leaves the company."""
        async with self.database.unit(self.now[0]) as work:
            await people.leave(work, self.people[name])


PEOPLE = (
    ("dana", "林敏", "service", "客服专员", "zh", "employee"),
    ("omar", "Omar Haddad", "service", "Service agent", "en", "employee"),
    ("wang", "王建国", "service", "客服主管", "zh", "head"),
    ("sam", "Sam Porter", "sales", "Sales", "en", "employee"),
)


@asynccontextmanager
async def open_shop(
    folder: Any, demo: bool = True, port: int = 0, public_url: str = "http://127.0.0.1"
) -> AsyncIterator[Shop]:
    """Opens the company for the length of the block."""
    url = f"sqlite:///{folder}/shop.db"
    _lay_tables(Path(folder, "shop.db"))
    handbook = Handbook.load()
    database = await knowing(await Database.open(url, handbook))
    now = [NOON]
    desk = ScriptedDesk()
    chat = Web(database, desk, handbook, lambda: now[0], demo, public_url)
    desk.web = chat
    app = web.Application()
    chat.hang(app)
    async with database.unit(NOON) as work:
        staff = {
            key: Employee(name=name, department=department, title=title, language=language, role=role, joined_at=NOON)
            for key, name, department, title, language, role in PEOPLE
        }
        work.session.add_all(staff.values())
    server = TestServer(app, port=port)
    await chat.start()
    await server.start_server()
    shop = Shop(chat, desk, database, server, staff, now)
    try:
        yield shop
    finally:
        for page in shop.open_pages:
            page.close()
        await chat.stop()
        await server.close()
        await database.close()


def _lay_tables(file: Path) -> None:
    file.write_bytes(_tables())


@cache
def _tables() -> bytes:
    """A file with every table, and nobody in it."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        made: bytes = connection.connection.driver_connection.serialize()  # type: ignore[union-attr]
    engine.dispose()
    return made


RICH = Card(
    title=label("本周客服周报", "The week in service"),
    body=(label("比上周少了三件投诉。", "Three complaints fewer than last week."),),
    image=Image(1, label("每天的投诉数", "Complaints by day")),
    links=(
        Link(label("打开完整报告", "Open the full report"), "https://example.com/r/1"),
        Link("bad", "javascript:alert(1)"),
    ),
    tone=Tone.GOOD,
)
