"""The web chat's records on both databases: one message per key, changes in their order, counts that are right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import SQLModel

from config.handbook import Handbook
from storage import people, sessions, webchat
from storage.database import Database
from storage.people import Employee
from tests.platforms.web.shop import NOON


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A new database with two people in it."""
    opened = await Database.open(database_url, Handbook.load())
    async with opened.engine.connect() as connection, connection.begin():
        await connection.run_sync(SQLModel.metadata.create_all)
    async with opened.unit(NOON) as work:
        work.session.add(Employee(name="林敏", joined_at=NOON))
        await work.session.flush()
        work.session.add(Employee(name="Omar", joined_at=NOON))
    yield opened
    await opened.close()


async def say(database: Database, key: str, channel: str = "service", thread: int | None = None, who: int = 1) -> int:
    """Somebody says something; the message's id."""
    async with database.unit(NOON) as work:
        message = await webchat.post(work, key=key, channel=channel, thread=thread, author_id=who, text=key)
    return message.id


async def test_changes_come_in_the_order_of_their_commits(database: Database) -> None:
    await asyncio.gather(*(say(database, f"k{n}") for n in range(20)))

    async with database.reading() as session:
        posted = await webchat.changed_since(session, 0)

    assert [post.message.change for post in posted] == sorted(post.message.change for post in posted)
    assert len(posted) == 20


async def test_one_key_is_one_message(database: Database) -> None:
    ids = await asyncio.gather(*(say(database, "same") for _ in range(8)))

    async with database.reading() as session:
        assert (set(ids), len(await webchat.changed_since(session, 0))) == ({ids[0]}, 1)


async def test_reply_makes_the_message_above_change(database: Database) -> None:
    above = await say(database, "above")
    async with database.reading() as session:
        before = await webchat.last_change(session)

    await say(database, "below", thread=above, who=2)

    async with database.reading() as session:
        changed = [(post.message.key, post.message.replies) for post in await webchat.changed_since(session, before)]
        assert changed == [("below", 0), ("above", 1)]
        assert [post.author for post in await webchat.page(session, "service", above)] == ["Omar"]
        assert [post.message.key for post in await webchat.page(session, "service")] == ["above"]


async def test_same_card_again_is_no_change(database: Database) -> None:
    async with database.unit(NOON) as work:
        message = await webchat.post(work, key="outbox:1", channel="service", card="{}")

    async with database.unit(NOON) as work:
        there = [await webchat.redraw(work, message.id, "{}"), await webchat.redraw(work, 99, "{}")]

    async with database.reading() as session:
        found = await webchat.find(session, message.id)
    assert (there, found and found.message.change, found and found.message.edited_at) == ([True, False], 1, None)


async def test_what_is_seen_never_goes_back(database: Database) -> None:
    ids = [await say(database, f"k{n}") for n in range(3)]

    async with database.unit(NOON) as work:
        await webchat.see(work, 2, "service", ids[1])
        await webchat.see(work, 2, "service", ids[0])

    async with database.reading() as session:
        assert await webchat.unread(session, 2, ["service", "lobby"]) == {"service": 1, "lobby": 0}
        assert await webchat.unread(session, 1, ["service"]) == {"service": 0}


async def test_loose_files_are_forgotten_and_taken_ones_kept(database: Database) -> None:
    async with database.unit(NOON) as work:
        loose = await webchat.keep_file(work, 1, "a.png", "image/png", b"1")
        taken = await webchat.keep_file(work, 1, "b.png", "image/png", b"2")
        others = await webchat.keep_file(work, 2, "c.png", "image/png", b"3")
        await webchat.post(work, key="k", channel="service", author_id=1, files=[taken.id, others.id])

    async with database.unit(NOON + timedelta(days=2)) as work:
        await webchat.forget_loose_files(work, NOON + timedelta(days=1))

    async with database.reading() as session:
        kept = [await webchat.file(session, file.id) for file in (loose, taken, others)]
        posted = await webchat.page(session, "service")
    assert [file and file.name for file in kept] == [None, "b.png", None]
    assert [line.name for line in posted[0].files] == ["b.png"]


async def test_link_is_used_once_by_two_at_once(database: Database) -> None:
    async with database.unit(NOON) as work:
        employee = await people.find(work.session, 1)
        assert employee is not None
        token = await sessions.invite(work, employee)

    async def enter() -> str:
        async with database.unit(NOON) as work:
            return await sessions.open(work, token)

    came = await asyncio.gather(enter(), enter(), enter(), return_exceptions=True)

    opened = [answer for answer in came if isinstance(answer, str)]
    assert len(opened) == 1
    async with database.reading() as session:
        assert await sessions.find(session, opened[0], NOON) == 1
        assert await sessions.find(session, opened[0], NOON + timedelta(days=30)) is None


async def test_ended_sessions_are_over(database: Database) -> None:
    async def enter() -> str:
        async with database.unit(NOON) as work:
            employee = await people.find(work.session, 1)
            assert employee is not None
            return await sessions.open(work, await sessions.invite(work, employee))

    phone, laptop = await enter(), await enter()
    async with database.unit(NOON) as work:
        await sessions.end(work, phone)
    async with database.reading() as session:
        assert [await sessions.find(session, token, NOON) for token in (phone, laptop)] == [None, 1]

    async with database.unit(NOON) as work:
        await sessions.end_all(work, 1)
    async with database.reading() as session:
        assert await sessions.find(session, laptop, NOON) is None
