"""Size: a list and a tick of the clock cost the same with a million tickets as with a thousand."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import text

from bot.answer import Outcome
from bot.dispatch import Desk
from bot.events import Commanded
from bot.metronome import Metronome
from config.handbook import Handbook
from handlers import CAPABILITIES
from storage.database import Database
from storage.places import Address, Identity
from tests.bench import requests
from tests.bench.company import company_handbook, found
from tests.bench.names import CHANNEL, PEOPLE, TEAM
from tests.bench.table import Figure

FEW, MANY = 1_000, 1_000_000
MANY_REQUESTS = 100_000
DUE = 10
LOOKS = 150
TICKS = 15
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""Wednesday noon in Shanghai."""
TEAM_MEMBER, REPORTER = "U0001", "U0002"
"""The one is of the team and sees all that is open, the other what they have reported."""
LEADER, ASKER = "U0001", "U0003"
"""The one decides on half of all requests, the other has asked for one in forty-eight."""

FILL = text("""
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
    INSERT INTO tickets (id, version, status, customer, contact, what, kind, urgency, department, reporter_id,
        owner_id, received_at, promised_at, answer_by, answer, chase_at, chased, escalated, files)
    SELECT n, 1, CASE n % 2 WHEN 0 THEN 'open' ELSE 'taken' END, 'Customer ' || n, '', 'The lock is broken.',
        'quality', 'normal', 'service', 1 + n % :people, CASE n % 2 WHEN 0 THEN NULL ELSE 1 + n % :people END,
        :received, :received, datetime(:late, '+' || n || ' seconds') || '.000000', '',
        datetime(:late, '+' || n || ' seconds') || '.000000', '', 0, '[]'
    FROM numbers
""")
"""All of them wait for an answer and for a reminder; nobody's reminder is due before `late`."""
DUE_NOW = text("UPDATE tickets SET chase_at = :due, chased = '', version = 1 WHERE id <= :count")
"""The first ten are due again, as if nobody had been told of them yet."""


async def measure(folder: Path) -> list[Figure]:
    """The lists and the tick, on a small and on a large company."""
    few, many = [await _company(folder, count) for count in (FEW, MANY)]
    try:
        figures = [
            await _ratio(
                f"/tickets {which}, 1,000,000 tickets", _looks(few, user, which), _looks(many, user, which), LOOKS
            )
            for which, user in (("mine", TEAM_MEMBER), ("open", TEAM_MEMBER), ("open, as reported", REPORTER))
        ]
        return [*figures, await _ratio("a tick, 1,000,000 reminders, 10 due", _ticks(few), _ticks(many), TICKS)]
    finally:
        await few.database.close()
        await many.database.close()


async def approvals(folder: Path) -> list[Figure]:
    """The lists of requests, and what looks among them, on a small and on a large company."""
    few, many = [await _asking(folder, count) for count in (FEW, MANY_REQUESTS)]
    try:
        return [
            await _ratio(
                f"/approvals {which}, {MANY_REQUESTS:,} requests",
                _looks(few, user, which, "approvals"), _looks(many, user, which, "approvals"), LOOKS,
            )
            for which, user in (
                ("waiting", LEADER), ("mine", ASKER), ("done", LEADER), ("copied", LEADER), ("A-1778", LEADER),
            )
        ]  # fmt: skip
    finally:
        await few.database.close()
        await many.database.close()


async def _asking(folder: Path, count: int) -> Desk:
    handbook = Handbook.load(company_handbook(folder))
    database = await found(f"sqlite:///{folder / f'{count}.db'}", handbook)
    await requests.many(database, NOON, count, over=True)
    return Desk(database, lambda: NOON, CAPABILITIES, frozenset({"web", "slack"}))


async def _company(folder: Path, count: int) -> Desk:
    handbook = Handbook.load(company_handbook(folder))
    database = await found(f"sqlite:///{folder / f'{count}.db'}", handbook)
    stamp = "%Y-%m-%d %H:%M:%S.%f"
    late = (NOON + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S")
    async with database.unit(NOON) as work:
        given = {"count": count, "people": PEOPLE, "received": NOON.strftime(stamp), "late": late}
        await work.session.execute(FILL, given)
    return Desk(database, lambda: NOON, CAPABILITIES, frozenset({"web", "slack"}))


async def _ratio(
    name: str, few: Callable[[], Awaitable[float]], many: Callable[[], Awaitable[float]], times: int
) -> Figure:
    """The median with many against the median with few, taken alternately."""
    for warm in (few, many, few, many):
        await warm()
    small, large = [], []
    for _ in range(times):
        small.append(await few())
        large.append(await many())
    raw = f"{median(large) * 1000:.2f} ms against {median(small) * 1000:.2f} ms"
    return Figure(name, 1.5, median(large) / median(small), " ×", raw=raw)


_NUMBERS = iter(range(1, 1_000_000))


def _looks(desk: Desk, user: str, which: str, command: str = "tickets") -> Callable[[], Awaitable[float]]:
    return lambda: _look(desk, Identity("slack", TEAM, user), command, which.partition(",")[0])


def _ticks(desk: Desk) -> Callable[[], Awaitable[float]]:
    return lambda: _tick(desk)


async def _look(desk: Desk, who: Identity, command: str, which: str) -> float:
    event = Commanded(f"look:{next(_NUMBERS)}", who, Address("slack", CHANNEL), command, which)
    began = time.perf_counter()
    answer = await desk.handle(event)
    took = time.perf_counter() - began
    assert answer.outcome is Outcome.DONE, answer
    return took


async def _tick(desk: Desk) -> float:
    await _fall_due(desk.database)
    metronome = Metronome(desk.database, lambda: NOON, CAPABILITIES, desk.on)
    began = time.perf_counter()
    done = await metronome.tick()
    took = time.perf_counter() - began
    assert done == DUE, done
    return took


async def _fall_due(database: Database) -> None:
    async with database.unit(NOON) as work:
        due = (NOON - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        await work.session.execute(DUE_NOW, {"due": due, "count": DUE})
