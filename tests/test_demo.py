"""The demo company has lived through three months by the rules that hold for everybody, in both languages."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import func, select
from sqlmodel import col

from bot.codec import unpack_card
from config.handbook import Handbook
from handlers import CAPABILITIES, demo
from handlers.demo import requests, stories
from handlers.demo.season import before
from storage import approvals, audit, history, outbox, people, schema, tickets, webchat
from storage.budgets import Drawing
from storage.database import Database
from storage.history import Step
from storage.outbox import Outgoing
from storage.tickets import CLOSED, OPEN, RESOLVED, TAKEN, Ticket
from storage.webchat import WebMessage

SHOWN = select(WebMessage).where(col(WebMessage.about).is_not(None)).order_by(col(WebMessage.id))
SAID = select(WebMessage).where(col(WebMessage.author_id).is_not(None)).order_by(col(WebMessage.id))
FRIDAY_AFTERNOON = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
MOVES = {
    "tickets.receive": {"": {OPEN}},
    "tickets.take": tickets.TAKES,
    "tickets.assign": tickets.ASSIGNS,
    "tickets.resolve": tickets.RESOLVES,
    "tickets.close": tickets.CLOSES,
    "tickets.reopen": tickets.REOPENS,
    "tickets.escalate": tickets.STAYS,
}


pytestmark = pytest.mark.timeout(180)  # a company's past takes its time where the machine is busy


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url, Handbook.load())
    await schema.upgrade(database)
    yield database
    await database.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def lived_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo's past in it, made once for those who only look; once on SQLite, once on PostgreSQL."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'lived.db'}"
    if request.param == "postgres":
        server: str = request.getfixturevalue("postgres_url")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE lived")
        url = server.replace("/postgres?", "/lived?")

    async def live() -> bool:
        database = await Database.open(url, Handbook.load())
        await schema.upgrade(database)
        made = await demo.build(database, FRIDAY_AFTERNOON, CAPABILITIES)
        await database.close()
        return made

    assert asyncio.run(live()) is True
    return url


@pytest.fixture
async def lived(lived_url: str) -> AsyncIterator[Database]:
    """The demo company, open to be looked at."""
    database = await Database.open(lived_url, Handbook.load())
    yield database
    await database.close()


async def counted(database: Database) -> dict[str, int]:
    """How many rows each of the tables that the past fills has."""
    async with database.reading() as session:
        return {
            str(table.__tablename__): await session.scalar(select(func.count()).select_from(table)) or 0
            for table in (people.Employee, Ticket, approvals.Request, Step, audit.Audit, Outgoing, WebMessage)
        }


async def test_demo_past_keeps_to_every_rule(lived: Database) -> None:
    async with lived.reading() as session:
        everyone = await people.everyone(session)
        all_tickets = (await session.execute(select(Ticket).order_by(col(Ticket.id)))).scalars().all()
        steps = {one.id: await history.steps(session, history.about(one), 100) for one in all_tickets}
        broken = await audit.first_broken(session)
    moves = [step for life in steps.values() for step in life if step.after]
    forbidden = [step for step in moves if step.after not in MOVES[step.what].get(step.before, set())]  # type: ignore[attr-defined]  # a plain dictionary of them

    assert broken is None
    assert forbidden == []
    assert [life[-1].at < life[0].at for life in steps.values() if life] == [False] * len(all_tickets)
    assert {step.at <= FRIDAY_AFTERNOON for life in steps.values() for step in life} == {True}
    assert {step.via for step in moves} == {"web"}
    assert len(everyone) == 31
    assert {person.department for person in everyone} == set(lived.handbook.departments.keys())
    assert Counter(person.language for person in everyone) == {"zh": 17, "en": 14}
    assert Counter(person.role for person in everyone) == {"employee": 23, "head": 7, "admin": 1}
    assert min(step.at for step in moves) < FRIDAY_AFTERNOON - timedelta(days=85)
    assert {step.what for life in steps.values() for step in life} == {
        *MOVES,
        "tickets.note",
        "tickets.chase.warn",
        "tickets.chase.head",
        "tickets.chase.upper",
    }


async def test_demo_leaves_something_to_do_today(lived: Database) -> None:
    async with lived.reading() as session:
        all_tickets = (await session.execute(select(Ticket).order_by(col(Ticket.id)))).scalars().all()
        cards = (await session.execute(SHOWN)).scalars().all()
        words = (await session.execute(SAID)).scalars().all()
        waiting = await outbox.figures(session, FRIDAY_AFTERNOON)
        everyone = await people.everyone(session)
        news = await webchat.unread(session, everyone[0].id, ["lobby", "service", "managers", "ops"])
    by_id = {one.id: one for one in all_tickets}
    shown = [card for card in cards if card.channel == "service"]

    assert Counter(one.status for one in all_tickets) == {CLOSED: 32, OPEN: 1, TAKEN: 2, RESOLVED: 1}
    assert [(one.status, one.customer) for one in all_tickets if one.status in (OPEN, TAKEN)] == [
        (TAKEN, "御景苑 李女士"),
        (TAKEN, "Marta Kowalska"),
        (OPEN, "锦江里社区养老中心"),
    ]
    assert [
        one.customer for one in all_tickets if one.answer_by < FRIDAY_AFTERNOON and one.status in (OPEN, TAKEN)
    ] == ["御景苑 李女士"]
    assert [card.about for card in shown] == [f"tickets:{one.id}" for one in all_tickets]
    assert [card.said_at for card in shown] == [one.received_at for one in all_tickets]
    assert all(by_id[int((card.about or "").partition(":")[2])].customer in card.card for card in shown if card.card)
    assert {unpack_card(card.card).buttons == () for card in shown if card.card} == {False}
    assert {word.channel for word in words} == {"lobby", "service", "managers", "ops"}
    assert {any("\u4e00" <= char <= "\u9fff" for char in word.text) for word in words} == {True, False}
    assert waiting == {"waiting": 0, "dead": 0}
    assert 0 < news["service"] < 10


async def test_demo_requests_went_every_way_there_is(lived: Database) -> None:
    async with lived.reading() as session:
        rows = await session.execute(select(approvals.Request).order_by(col(approvals.Request.id)))
        cases = [await approvals.case(session, one.id) for one in rows.scalars().all()]
        drawn = (await session.execute(select(col(Drawing.department), col(Drawing.minor)))).all()
        confirmed = (await session.execute(select(col(approvals.Second.status)))).scalars().all()
        templates = set(lived.handbook.approvals.templates)
    known = [case for case in cases if case is not None]
    acts = [(case, act) for case in known for act in case.acts]

    assert Counter(case.request.status for case in known) == {
        "approved": 12, "rejected": 2, "withdrawn": 1, "pending": 2,
    }  # fmt: skip
    assert {case.request.template for case in known} == templates
    assert {case.requester.language for case in known} == {"zh", "en"}
    assert {act.what for _, act in acts} == {
        "file", "seat", "skip", "copy", "approve", "reject", "return", "resubmit", "withdraw", "transfer", "delegate",
        "advise", "add", "ask", "answer", "remind", "late", "nudge",
    }  # fmt: skip
    assert [act.text for _, act in acts if act.what == "reject" and not act.text] == []
    assert {
        (case.people[act.by_id or 0].name, case.people[act.for_id].name)
        for case, act in acts
        if act.for_id is not None and act.what in ("approve", "reject")
    } == {("高远", "周文博")}
    assert {act.via for _, act in acts} == {"web", "clock"}
    assert {act.at <= FRIDAY_AFTERNOON for _, act in acts} == {True}
    assert set(confirmed) == {"given"}
    assert {department for department, _ in drawn} == {"sales", "marketing"}


async def test_demo_requests_wait_today_for_two_heads(lived: Database) -> None:
    async with lived.reading() as session:
        rows = await session.execute(
            select(approvals.Request)
            .where(col(approvals.Request.status) == "pending")
            .order_by(col(approvals.Request.id))
        )
        cases = [await approvals.case(session, one.id) for one in rows.scalars().all()]
    waiting = [
        (case.requester.name, case.people[task.person_id].name, task.due_at < FRIDAY_AFTERNOON)
        for case in cases
        for task in (case.tasks if case else ())
        if case is not None and task.status == "open" and task.due_at is not None
    ]

    assert waiting == [("苏婉清", "Thomas Becker", True), ("James Whitfield", "赵国栋", False)]


async def test_demo_is_whole_or_not_there(database: Database) -> None:
    building = asyncio.create_task(demo.build(database, FRIDAY_AFTERNOON, CAPABILITIES))
    for _ in range(60):
        await asyncio.sleep(0)
    assert not building.done()
    building.cancel()
    with suppress(asyncio.CancelledError):
        await building
    nothing = await counted(database)

    assert await demo.build(database, FRIDAY_AFTERNOON, CAPABILITIES) is True
    once = await counted(database)
    assert await demo.build(database, FRIDAY_AFTERNOON + timedelta(days=1), CAPABILITIES) is False

    assert nothing == dict.fromkeys(nothing, 0)
    assert await counted(database) == once


async def test_demo_is_made_once_by_two_processes_at_once(fresh_postgres: str) -> None:
    first, second = [await Database.open(fresh_postgres, Handbook.load()) for _ in range(2)]
    await schema.upgrade(first)

    made = await asyncio.gather(*[demo.build(one, FRIDAY_AFTERNOON, CAPABILITIES) for one in (first, second)])

    assert sorted(made) == [False, True]
    assert (await counted(second))["employees"] == 31
    await first.close()
    await second.close()


def test_demo_stories_are_told_in_both_languages() -> None:
    told, talks = stories.read()

    assert Counter(story.language for story in told) == {"zh": 18, "en": 18}
    assert [
        story.customer
        for story in told
        if not story.answer and story.course not in ("refused", "fresh", "taken", "overdue")
    ] == []
    assert [bool(story.why) == bool(story.second) == (story.course == "reopened") for story in told] == [True] * len(
        told
    )
    assert len(talks) == 13


def test_demo_requests_are_told_in_both_languages() -> None:
    told = requests.read()

    assert len(told) == 17
    words = ["".join(str(answer) for answer in one.answers.values()) for one in told]
    assert Counter(any("\u4e00" <= char <= "\u9fff" for char in one) for one in words) == {True: 9, False: 8}


def test_before_goes_back_over_nights_lunch_and_holidays() -> None:
    calendar = Handbook.load().calendar
    monday_morning = datetime(2026, 10, 12, 2, 30, tzinfo=UTC)  # 10:30 in Shanghai

    for hours in (0.5, 1.5, 4, 8, 40, 100):
        worked = timedelta(hours=hours)
        assert calendar.between(before(calendar, monday_morning, worked), monday_morning) == worked
