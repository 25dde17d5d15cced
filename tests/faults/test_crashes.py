"""Whenever the program dies, what was accepted is kept and done once, and nobody reads the same message twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

import aiohttp
import pytest

from tests.faults import oracle
from tests.faults.crowd import Crowd
from tests.faults.house import CRASHED, DANA, SAM, SERVICE, House, size
from tests.platforms.slack.script import Fails

POINTS = (
    "after receive", "after insert", "after work", "after note", "before commit", "after commit", "before answer",
    "before send", "after send", "after mark",
)  # fmt: skip
AT_THE_EDGE = ("before commit", "after commit", "before answer", "after send")
"""The steps that PostgreSQL could take another way; in a short run it is spared the others."""
SEED = 20261122


async def opened(house: House) -> Crowd:
    """A crowd with its form in hand, in front of a program that runs."""
    await house.start()
    async with house.caller() as caller:
        return Crowd(house, await house.form(caller), random.Random(SEED))


async def closed(house: House, crowd: Crowd, work: "asyncio.Task[None]") -> None:
    """The last run: all is done that was begun, and what waits is sent."""
    await house.start()
    crowd.closing = True
    async with asyncio.timeout(size(30, 300)):
        await work
    await house.settled()
    code, seconds = await house.child.stop()
    assert (code, seconds < 10) == (0, True)


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_kill_at_any_time_loses_nothing_and_repeats_nothing(both_houses: list[House]) -> None:
    await asyncio.gather(*[killed(house, size(4, 200)) for house in both_houses])


async def killed(house: House, kills: int) -> None:
    crowd = await opened(house)
    work = asyncio.create_task(crowd.works())
    await asyncio.sleep(crowd.dice.uniform(0.05, 1.0))
    house.child.kill()
    for _ in range(kills - 1):
        child = await house.spawn()
        listening = asyncio.create_task(house.listens(child))
        if crowd.dice.random() < 0.2:
            await asyncio.sleep(crowd.dice.uniform(0.05, 1.0))  # while it still starts
        else:
            await listening
            await asyncio.sleep(crowd.dice.uniform(0.05, 1.2))
        child.kill()
        await listening
    await closed(house, crowd, work)

    seen = await oracle.check(house, crowd.reported, crowd.noted)
    assert {ticket.status for ticket in seen.tickets} == {"open", "taken"} - ({"open"} if crowd.all_taken else set())
    print(f"{kills} kills: {crowd}, {len(house.copies())} messages, each of them once")  # noqa: T201


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_crash_at_every_named_step_loses_nothing_and_repeats_nothing(both_houses: list[House]) -> None:
    on_sqlite, on_postgres = both_houses
    rounds = size(1, 20)
    await asyncio.gather(
        crashed(on_sqlite, rounds, POINTS), crashed(on_postgres, rounds, POINTS if rounds > 1 else AT_THE_EDGE)
    )


async def crashed(house: House, rounds: int, points: Sequence[str]) -> None:
    crowd = await opened(house)
    work = asyncio.create_task(crowd.works())
    await house.child.stop()
    ends: Counter[tuple[str, int]] = Counter()
    for _ in range(rounds):
        for point in points:
            child = await house.start(f"{point}:{crowd.dice.randint(1, 6)}")
            ends[point, await child.ended()] += 1
    await closed(house, crowd, work)

    assert ends == dict.fromkeys(((point, CRASHED) for point in points), rounds)
    await oracle.check(house, crowd.reported, crowd.noted)
    print(f"{len(points)} steps, {rounds} times each: {crowd}")  # noqa: T201


async def reports(house: House, times: int) -> list[int]:
    """Sam sends one form so many times; the statuses, 0 where the connection was cut."""
    async with house.caller() as caller:
        form = await house.form(caller)
        statuses = []
        for n in range(times):
            try:
                asked = {"customer": "Ms Lee", "kind": "quality"}
                answer = await (caller.resend() if n else caller.submit(form, SAM, asked))
                statuses.append(answer.status)
            except aiohttp.ClientError:
                statuses.append(0)
                await house.child.ended()
                await house.start()
                caller.post.url = f"{house.url}/slack/events"
        return statuses


@pytest.mark.parametrize(("can_look", "extra"), [(True, 0), (False, 2)])
async def test_crash_between_send_and_mark_repeats_nothing_where_slack_can_be_asked(
    house: House, can_look: bool, extra: int
) -> None:
    if not can_look:
        house.slack.always("conversations.history", Fails("missing_scope"))
    await house.start("after send:1")

    assert await reports(house, 1) == [200]
    assert await house.child.ended() == CRASHED
    await house.start()
    await house.settled()

    await house.child.stop()
    await oracle.check(house, ["Ms Lee"], extra=extra)
    assert max(house.copies().values()) <= 1 + bool(extra)


async def test_crash_between_commit_and_answer_has_one_effect(house: House) -> None:
    await house.start("before answer:2")

    assert await reports(house, 3) == [0, 200, 200]
    await house.settled()

    await house.child.stop()
    await oracle.check(house, ["Ms Lee"])
    assert len(house.slack.reads(SERVICE)) == 1


async def test_kill_right_after_the_answer_loses_nothing(house: House) -> None:
    await house.start()
    assert await reports(house, 1) == [200]
    house.child.kill()
    await house.child.ended()

    await house.start()
    await house.settled()
    async with house.caller() as caller:
        await caller.press(house.slack.channel(SERVICE).messages[0], "Take", DANA)
    house.child.kill()
    await house.child.ended()
    await house.start()
    await house.settled()

    await house.child.stop()
    seen = await oracle.check(house, ["Ms Lee"])
    assert [(ticket.status, ticket.owner_id) for ticket in seen.tickets] == [("taken", 1)]
    assert [line.split(" | ")[2] for line in house.slack.reads(SERVICE)] == ["State Taken by Dana"]
