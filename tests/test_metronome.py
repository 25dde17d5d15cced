"""The clock's own work: each due row once, in a unit of its own; a row that breaks delays no other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import time

import pytest

from bot.capability import Capability
from bot.context import Context
from bot.ui.card import Card
from config.text import t
from handlers import CAPABILITIES
from storage import drafts, tickets
from storage.drafts import Draft
from storage.errors import StorageBusy
from storage.inbox import Arrival
from storage.people import Employee
from storage.tickets import TAKEN, Ticket
from storage.work import Work
from tests.town import Town, english

clockwork = Capability("clockwork")
trouble: dict[str, Exception | None] = {"": None}


@clockwork.due(tickets.unanswered)
async def remind(ctx: Context, ticket: Ticket) -> None:
    """Says a word about each ticket, and breaks at one that is cursed."""
    await tickets.chase(ctx.work, ticket)
    await ctx.tell(ctx.room("service"), Card(t("Think of {number}", number=ticket.number)))
    if ticket.customer == "cursed":
        raise ZeroDivisionError


@clockwork.daily(time(9, 30), workdays=True)
async def greet(ctx: Context) -> None:
    """Wishes a good day on workdays."""
    if trouble[""] is not None:
        raise trouble[""]
    await ctx.tell(ctx.room("service"), Card(t("Good morning")))


@clockwork.daily(time(22, 0))
async def good_night(ctx: Context) -> None:
    """Wishes a good night every day."""
    await ctx.tell(ctx.room("service"), Card(t("Good night")))


@pytest.fixture
async def clock_town(town_url: str) -> AsyncIterator[Town]:
    """The town with a clockwork of its own."""
    trouble[""] = None
    town = await Town.open(town_url, capabilities=(clockwork,))
    yield town
    await town.close()


async def test_each_due_row_is_dealt_with_once(clock_town: Town) -> None:
    for _ in range(3):
        await clock_town.ticket(TAKEN, urgency="critical")

    await clock_town.passes(minutes=48)
    await clock_town.passes(seconds=1)

    assert clock_town.slack.reads("service") == [
        "Think of C-1001", "Think of C-1002", "Think of C-1003", "Good morning",
    ]  # fmt: skip


async def test_a_row_that_breaks_is_pushed_away_told_and_delays_no_other(
    clock_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for customer in ("Ms Lee", "cursed", "Mr Wu"):
        await clock_town.ticket(TAKEN, customer=customer, urgency="critical")

    await clock_town.passes(minutes=48)

    assert clock_town.slack.reads("service") == ["Think of C-1001", "Think of C-1003", "Good morning"]
    incident = caplog.records[0].__dict__["incident"]
    assert clock_town.web.reads("ops") == [
        f"A reminder could not be made | Reminder: tickets.unanswered | Incident: {incident}"
    ]
    cursed = await clock_town.row(Ticket, 2)
    assert (cursed.chased, (cursed.chase_at - clock_town.clock()).total_seconds()) == ("", 600.0)
    await clock_town.passes(minutes=10)
    assert len(clock_town.web.reads("ops")) == 2


async def test_two_clocks_on_one_database_remind_once(town_url: str) -> None:
    one, two = await Town.open(town_url), await Town.open(town_url)
    for _ in range(5):
        await one.ticket(TAKEN, urgency="critical")
    for town in (one, two):
        town.clock.moves(minutes=48)

    await asyncio.gather(one.metronome.tick(), two.metronome.tick())
    await one.is_told()

    assert len(one.slack.reads(one.dana)) == 5
    await one.close()
    await two.close()


async def test_what_is_done_daily_is_done_once_a_day_at_its_time(clock_town: Town) -> None:
    said = []
    for _ in range(24 * 2 * 2):
        await clock_town.passes(minutes=30)
        said.append((clock_town.clock().isoformat()[8:16], len(clock_town.slack.reads("service"))))

    assert clock_town.slack.reads("service") == ["Good morning", "Good night"] * 2
    firsts = [moment for n, (moment, count) in enumerate(said) if count > (said[n - 1][1] if n else 0)]
    assert firsts == ["23T01:30", "23T14:00", "24T01:30", "24T14:00"]


async def test_a_day_s_work_rests_on_days_off(clock_town: Town) -> None:
    await clock_town.passes(days=5, hours=13)  # Saturday, 22:00

    assert clock_town.slack.reads("service") == ["Good night"]


async def test_a_day_s_work_is_done_once_by_two_clocks_and_after_a_restart(clock_town: Town, town_url: str) -> None:
    await clock_town.passes(minutes=30)
    other = await Town.open(town_url, capabilities=(clockwork,))
    other.clock.moves(minutes=31)
    await other.metronome.tick()
    await clock_town.passes(minutes=1)
    await other.close()

    assert clock_town.slack.reads("service") == ["Good morning"]


async def test_administrators_hear_once_a_day_of_a_day_s_work_that_breaks(clock_town: Town, town_url: str) -> None:
    trouble[""] = ZeroDivisionError("Ms Lee, 0170 123")
    await clock_town.passes(hours=2)
    other = await Town.open(town_url, capabilities=(clockwork,))
    other.clock.moves(hours=2)
    await other.metronome.tick()
    await other.close()
    await clock_town.passes(minutes=1)

    first = [english(post.card.title) for post in clock_town.web.at("ops")]
    assert first == ["Something that is done every day could not be done today"]
    assert clock_town.web.post("ops").fact("What") == "clockwork.greet"
    assert "Lee" not in clock_town.web.post("ops").line
    await clock_town.passes(hours=24)
    assert len(clock_town.web.reads("ops")) == 2


async def test_cleaning_that_breaks_is_told_and_stops_nothing(
    clock_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(work: Work) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("storage.inbox.forget", breaks)
    await clock_town.passes(minutes=31)

    assert clock_town.web.post("ops").fact("What") == "clean"
    assert clock_town.slack.reads("service") == ["Good morning"]


async def test_a_day_s_work_that_found_the_database_busy_is_tried_again(clock_town: Town) -> None:
    trouble[""] = StorageBusy("locked")
    clock_town.clock.moves(minutes=30)
    with pytest.raises(StorageBusy):
        await clock_town.metronome.tick()

    trouble[""] = None
    await clock_town.passes(seconds=1)

    assert clock_town.slack.reads("service") == ["Good morning"]


async def test_a_day_s_work_that_breaks_breaks_nothing_else(clock_town: Town) -> None:
    trouble[""] = ZeroDivisionError()
    await clock_town.ticket(TAKEN, urgency="critical")

    await clock_town.passes(minutes=48)

    assert clock_town.slack.reads("service") == ["Think of C-1001"]


async def test_what_no_longer_matters_is_dropped_at_night(town: Town) -> None:
    await town.sam.on_slack.commands("help", event="E1")
    async with town.unit() as work:
        work.by = await work.session.get(Employee, town.sam.id)
        await drafts.keep(work, "{}")
    await town.passes(days=2)
    assert (await town.row(Arrival, ("slack", "E1")) is None, await town.row(Draft, 1)) == (False, None)

    await town.passes(days=2)

    assert await town.row(Arrival, ("slack", "E1")) is None


async def test_only_one_process_keeps_the_clock(town_url: str) -> None:
    one, two = await Town.open(town_url, capabilities=CAPABILITIES), await Town.open(town_url)

    assert (await one.database.play("metronome"), await two.database.play("metronome")) == (True, False)
    await one.metronome.stop()
    assert await two.database.play("metronome")

    await one.close()
    await two.close()


async def test_the_clock_ticks_by_itself_and_stops(town: Town) -> None:
    await town.ticket(TAKEN, urgency="critical")
    town.clock.moves(minutes=48)

    town.metronome.start()
    await asyncio.sleep(1.3)
    await town.metronome.stop()
    ticks = town.metronome.ticks

    await asyncio.sleep(1.2)
    assert (ticks >= 1, town.metronome.ticks) == (True, ticks)
    assert (await town.row(Ticket, 1)).chased == "warn"
