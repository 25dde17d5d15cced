"""The database keeps a unit whole or not at all, says so only when it is kept, and says plainly when it can't."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from bot.answer import Outcome
from storage.audit import Audit
from storage.database import Database
from storage.errors import StorageBusy
from storage.people import Employee
from storage.tickets import Ticket
from storage.work import Work
from tests.town import MONDAY, Town, handbook


def file_of(town: Town) -> str:
    return town.database.url.removeprefix("sqlite:///")


async def notes(town: Town) -> list[str]:
    return [about for _, about in await town.audited()]


async def writes(town: Town, what: str, then: BaseException | None = None, wait: float = 0.0) -> None:
    """A unit that writes one line."""
    async with town.unit() as work:
        assert isinstance(work, Work)
        await work.session.execute(text("UPDATE employees SET title = :title WHERE id = 1"), {"title": what})
        work.note("test.line", what)
        if wait:
            await asyncio.sleep(wait)
        if then is not None:
            raise then


@pytest.fixture
async def sqlite_town(town_sqlite: str) -> AsyncIterator[Town]:
    town = await Town.open(town_sqlite)
    yield town
    await town.close()


@pytest.fixture
async def postgres_town(town_postgres: str) -> AsyncIterator[Town]:
    town = await Town.open(town_postgres)
    yield town
    await town.close()


async def test_a_unit_is_kept_when_it_ends_and_not_when_it_raises(town: Town) -> None:
    await writes(town, "kept")
    with pytest.raises(ZeroDivisionError):
        await writes(town, "not kept", ZeroDivisionError())

    assert await notes(town) == ["kept"]
    titles = await town.rows(text("SELECT title FROM employees WHERE id = 1"))
    assert titles == ["kept"]


@pytest.mark.parametrize("has_asked", [False, True])
@pytest.mark.parametrize("is_well", [False, True])
async def test_an_attempt_is_kept_or_undone_alone(town: Town, *, has_asked: bool, is_well: bool) -> None:
    async with town.unit() as work:
        await work.session.execute(text("UPDATE employees SET zone = 'UTC' WHERE id = 1")) if has_asked else None
        begun = Employee(name="Nobody", language="en", zone="UTC", joined_at=work.now)
        work.session.add(begun)  # the session begins, and has asked the database for nothing
        work.session.expunge(begun)
        attempt = await work.attempt()
        await work.session.execute(text("UPDATE employees SET title = 'new' WHERE id = 1"))
        await (attempt.keep() if is_well else attempt.undo())
        await work.session.execute(text("UPDATE employees SET language = 'zh' WHERE id = 1"))

    row = await town.row(Employee, 1)
    assert (row.title == "new", row.zone == "UTC", row.language) == (is_well, has_asked, "zh")


async def test_units_at_once_are_all_kept_but_those_that_raise(town: Town) -> None:
    async def one(n: int) -> None:
        await writes(town, str(n), ZeroDivisionError() if n % 3 == 0 else None)

    told = await asyncio.gather(*[one(n) for n in range(12)], return_exceptions=True)

    assert [isinstance(answer, ZeroDivisionError) for answer in told] == [n % 3 == 0 for n in range(12)]
    assert sorted(await notes(town), key=int) == [str(n) for n in range(12) if n % 3]


async def test_a_cancelled_unit_leaves_nothing(town: Town) -> None:
    slow = asyncio.create_task(writes(town, "cancelled", wait=30))
    await asyncio.sleep(0.1)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow

    await writes(town, "after it")

    assert await notes(town) == ["after it"]


async def test_a_cancelled_unit_that_only_waited_holds_up_nobody(town: Town) -> None:
    for spins in range(12):
        written = asyncio.Event()

        async def first(written: asyncio.Event = written, name: str = f"first {spins}") -> None:
            async with town.unit() as work:
                work.note("test.line", name)
                await asyncio.sleep(0.005)
                written.set()

        one, two = asyncio.create_task(first()), asyncio.create_task(writes(town, "second", wait=30))
        await written.wait()
        for _ in range(spins):
            await asyncio.sleep(0)
        two.cancel()
        await asyncio.wait_for(one, 1.5)
        with pytest.raises(asyncio.CancelledError):
            await two

    assert await notes(town) == [f"first {spins}" for spins in range(12)]


async def test_readers_see_what_is_committed_and_never_wait_for_a_writer(town: Town) -> None:
    writer = asyncio.create_task(writes(town, "not yet", wait=0.5))
    await asyncio.sleep(0.1)

    started = time.monotonic()
    assert await notes(town) == []
    assert time.monotonic() - started < 0.3
    await writer
    assert await notes(town) == ["not yet"]


async def test_a_reader_can_change_nothing(sqlite_town: Town) -> None:
    async with sqlite_town.database.reading() as session:
        with pytest.raises(Exception, match="readonly"):
            await session.execute(text("UPDATE employees SET name = 'x'"))


async def test_a_role_is_played_by_one_process_and_handed_on(town_url: str) -> None:
    one, two = await Database.open(town_url, handbook()), await Database.open(town_url, handbook())

    assert (await one.play("courier"), await two.play("courier"), await two.play("metronome")) == (True, False, True)
    assert await one.play("courier")
    await one.yield_role("courier")
    assert (await two.play("courier"), await one.play("courier")) == (True, False)
    await two.close()
    assert (await one.play("courier"), await one.play("metronome")) == (True, True)

    await one.close()


async def test_a_locked_database_is_said_to_be_busy_in_time_and_works_again(sqlite_town: Town) -> None:
    other = sqlite3.connect(file_of(sqlite_town), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    started = time.monotonic()
    with pytest.raises(StorageBusy):
        await writes(sqlite_town, "refused")
    assert 1.5 < time.monotonic() - started < 2.5
    started = time.monotonic()
    await sqlite_town.sam.on_slack.commands("help")
    assert (sqlite_town.sam.outcome, time.monotonic() - started < 2.7) == (Outcome.BUSY, True)
    other.execute("ROLLBACK")
    other.close()

    await sqlite_town.sam.on_slack.commands("help")
    assert sqlite_town.sam.outcome == Outcome.DONE
    assert await notes(sqlite_town) == []


async def test_a_short_lock_is_waited_for(sqlite_town: Town) -> None:
    other = sqlite3.connect(file_of(sqlite_town), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.3, other.execute, "ROLLBACK")

    await writes(sqlite_town, "kept")

    other.close()
    assert await notes(sqlite_town) == ["kept"]


async def test_many_units_at_once_share_commits(sqlite_town: Town) -> None:
    commits: list[str] = []
    sqlite_town.database.on_crash_point = commits.append

    await asyncio.gather(*[writes(sqlite_town, str(n)) for n in range(100)])

    assert 1 <= commits.count("after commit") <= 4
    assert len(await notes(sqlite_town)) == 100


async def test_a_commit_that_fails_fails_every_unit_of_its_batch(sqlite_town: Town) -> None:
    def fails(step: str) -> None:
        if step == "before commit":
            raise OSError("disk full")

    sqlite_town.database.on_crash_point = fails
    told = await asyncio.gather(*[writes(sqlite_town, str(n)) for n in range(5)], return_exceptions=True)
    sqlite_town.database.on_crash_point = lambda step: None

    assert [type(answer) for answer in told] == [StorageBusy] * 5
    await writes(sqlite_town, "after it")
    assert await notes(sqlite_town) == ["after it"]


async def test_a_transaction_that_sqlite_took_back_by_itself_is_not_said_to_be_kept(sqlite_town: Town) -> None:
    """After some errors (a full disk, a failed write) SQLite rolls back all that the transaction had done."""

    async def breaks() -> None:
        async with sqlite_town.unit() as work:
            driver: Any = (await (await work.session.connection()).get_raw_connection()).driver_connection
            driver.execute("ROLLBACK")
            raise ZeroDivisionError

    told = await asyncio.gather(
        writes(sqlite_town, "before", wait=0.05), breaks(), writes(sqlite_town, "behind"), return_exceptions=True
    )
    await writes(sqlite_town, "after it")

    kept = await notes(sqlite_town)
    claimed = [name for name, answer in zip(("before", "breaks", "behind"), told, strict=True) if answer is None]
    assert kept == [*claimed, "after it"]
    assert "before" not in kept


async def test_a_full_disk_is_said_and_got_over(sqlite_town: Town) -> None:
    async with sqlite_town.database.session() as session:
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    (pages,) = driver.execute("PRAGMA page_count").fetchone()
    driver.execute(f"PRAGMA max_page_count={pages + 2}")

    told = []
    for n in range(30):
        await sqlite_town.sam.on_slack.submits(
            "tickets.NewComplaint", customer=f"Customer {n}", what="x" * 2900, kind="other"
        )
        told.append(sqlite_town.sam.outcome)
    driver.execute("PRAGMA max_page_count=1000000")
    await sqlite_town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="x", kind="other")

    assert set(told) == {Outcome.DONE, Outcome.BUSY}
    assert sqlite_town.sam.outcome == Outcome.DONE
    rows = await sqlite_town.rows(select(Ticket).order_by(col(Ticket.id)))
    kept = [f"Customer {n}" for n, outcome in enumerate(told) if outcome == Outcome.DONE]
    assert [row.customer for row in rows] == [*kept, "Ms Lee"]
    await sqlite_town.audited()


async def test_units_run_side_by_side_on_postgres(postgres_town: Town) -> None:
    met = asyncio.Barrier(3)

    async def one(n: int) -> None:
        async with postgres_town.unit() as work:
            await work.session.execute(text("UPDATE employees SET title = 'x' WHERE id = :id"), {"id": n})
            await asyncio.wait_for(met.wait(), 1.5)
            work.note("test.line", str(n))

    await asyncio.gather(*[one(n) for n in (1, 2, 3)])

    assert sorted(await notes(postgres_town)) == ["1", "2", "3"]


async def test_a_connection_that_postgres_ends_is_busy_and_then_replaced(postgres_town: Town) -> None:
    async def loses_its_connection() -> None:
        async with postgres_town.unit() as work:
            work.note("test.line", "lost")
            me = await work.session.scalar(text("SELECT pg_backend_pid()"))
            async with postgres_town.database.session() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": me})
            await work.session.execute(text("SELECT 1"))

    with pytest.raises(StorageBusy):
        await loses_its_connection()

    await writes(postgres_town, "after it")
    assert await notes(postgres_town) == ["after it"]


async def test_a_moment_without_a_zone_is_refused(town: Town) -> None:
    with pytest.raises(Exception, match="a moment needs a zone"):
        async with town.database.session() as session:
            session.add(Audit(seq=1, at=MONDAY.replace(tzinfo=None), what="", about="", detail="", seal=""))


async def test_a_role_whose_connection_was_lost_is_played_no_longer(town_postgres: str) -> None:
    one, two = await Database.open(town_postgres, handbook()), await Database.open(town_postgres, handbook())
    assert await one.play("courier")

    async with two.session() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON database = pg_database.oid"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )
        )
    async with asyncio.timeout(5):
        while not await two.play("courier"):  # noqa: ASYNC110  # a backend that is told to end does so in its own time
            await asyncio.sleep(0.01)

    assert not await one.play("courier")
    await one.close()
    await two.close()
