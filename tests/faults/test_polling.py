"""Where we ask Telegram: whenever we die or stop, what people wrote and pressed is kept and done once."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults import proof
from tests.faults.house import CRASHED, size, until
from tests.faults.phones import Phones
from tests.faults.test_crashes import POINTS
from tests.faults.thumbs import Thumbs
from tests.platforms.telegram.methods import SPENDING
from tests.platforms.telegram.script import Limited, Slow

SEED = 20261122
SLOWLY = Slow(0.05, 1)
"""How long the real Telegram takes to answer, about."""
IN_FLIGHT = 4
"""Chats in which something is said at the same time: Sam's, Lena's, Dana's and the group."""


def crowd_at(phones: Phones) -> tuple[Thumbs, "asyncio.Task[None]"]:
    """A crowd that has begun to work."""
    crowd = Thumbs(phones, random.Random(SEED))
    return crowd, asyncio.create_task(crowd.works())


async def closed(phones: Phones, crowd: Thumbs, work: "asyncio.Task[None]") -> tuple[int, float]:
    """All is done that was begun, Telegram has nothing left for us, and nothing waits; then we are stopped."""
    crowd.closing = True
    async with asyncio.timeout(size(30, 300)):
        await work
    assert await phones.telegram.delivered(size(20, 300))
    await phones.settled()
    return await phones.child.stop()


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_kill_at_any_time_loses_nothing_and_does_nothing_twice(both_phones: list[Phones]) -> None:
    await asyncio.gather(*[killed(phones, size(2, 200)) for phones in both_phones])


async def killed(phones: Phones, kills: int) -> None:
    phones.telegram.always("sendMessage", SLOWLY)
    await phones.start()
    await until(lambda: all(person.reads() for person in phones.people.values()))
    crowd, work = crowd_at(phones)
    await asyncio.sleep(crowd.dice.uniform(0.5, 1.5))
    phones.child.kill()
    for _ in range(kills - 1):
        child = await phones.spawn()
        listening = asyncio.create_task(phones.listens(child))
        if crowd.dice.random() < 0.2:
            await asyncio.sleep(crowd.dice.uniform(0.05, 1.0))  # while it still starts
        else:
            await phones.speaks(child)
            await asyncio.sleep(crowd.dice.uniform(0.05, 1.5))
        child.kill()
        await listening
    await phones.start()
    code, seconds = await closed(phones, crowd, work)

    assert (code, seconds < 10.0) == (0, True)
    proved = await proof.check(phones, crowd, extra=max(kills, 2 * IN_FLIGHT))  # in the long run one a kill at most
    print(f"{kills} kills: {crowd}; {proved}")  # noqa: T201


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_crash_at_every_named_step_loses_nothing_and_does_nothing_twice(both_phones: list[Phones]) -> None:
    on_sqlite, on_postgres = both_phones
    rounds = size(1, 20)
    every = rounds > 1  # in a short run each step is visited on one of the two
    await asyncio.gather(
        crashed(on_sqlite, rounds, POINTS if every else POINTS[::2]),
        crashed(on_postgres, rounds, POINTS if every else POINTS[1::2]),
    )


async def crashed(phones: Phones, rounds: int, points: Sequence[str]) -> None:
    crowd, work = crowd_at(phones)
    ends: Counter[tuple[str, int]] = Counter()
    for _ in range(rounds):
        for point in points:
            child = await phones.start(f"{point}:{crowd.dice.randint(1, 4)}")
            ends[point, await child.ended()] += 1
    await phones.start()
    assert (await closed(phones, crowd, work))[0] == 0

    assert ends == dict.fromkeys(((point, CRASHED) for point in points), rounds)
    proved = await proof.check(phones, crowd, extra=rounds * len(points) * IN_FLIGHT)
    print(f"{len(points)} steps, {rounds} times each: {crowd}; {proved}")  # noqa: T201


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_stop_under_load_loses_nothing_and_says_nothing_twice(both_phones: list[Phones]) -> None:
    await asyncio.gather(*[stopped(phones, size(1, 200)) for phones in both_phones[: size(1, 2)]])


async def stopped(phones: Phones, times: int) -> None:
    phones.telegram.always("sendMessage", Slow(0.3, 1))  # longer than all else: it is under way at every stop
    await phones.start()
    crowd, work = crowd_at(phones)
    ends = []
    for _ in range(times):
        await asyncio.sleep(crowd.dice.uniform(0.05, 1.0))
        ends.append(await phones.child.stop())
        await phones.start()
    ends.append(await closed(phones, crowd, work))

    assert [code for code, _ in ends] == [0] * (times + 1)
    longest = max(seconds for _, seconds in ends)
    assert longest < 10.0
    proved = await proof.check(phones, crowd)
    assert proved.unheard == 0
    print(f"{times} stops, the longest {longest:.1f} s: {crowd}; {proved}")  # noqa: T201


async def test_updates_that_come_again_after_a_restart_have_one_effect(phones: Phones) -> None:
    sam, dana, hana = [phones.people[name] for name in ("Sam", "Dana", "Hana")]
    crowd = Thumbs(phones, random.Random(SEED))
    await phones.start()
    await crowd.complains(sam, "Ms Lee")
    phones.telegram.next_update_id += 1000  # after a quiet week Telegram counts from anywhere
    await until(phones.cards)
    await crowd.presses(dana, "Take", phones.cards()[0])
    await crowd.writes_under(hana, phones.cards()[0], "She called again.")
    await crowd.complains(sam, "Mr Wu")
    assert await phones.telegram.delivered()
    await phones.settled()
    before = {name: phones.telegram.reads(person) for name, person in phones.people.items()}
    phones.child.kill()

    phones.telegram.ignores_offset = True
    await phones.start()
    polls = len(phones.telegram.calls_of("getUpdates"))
    await until(lambda: len(phones.telegram.calls_of("getUpdates")) > polls + 3)
    await phones.settled()
    assert (await phones.child.stop())[0] == 0

    phones.telegram.ignores_offset = False
    assert {name: phones.telegram.reads(person) for name, person in phones.people.items()} == before
    assert len(phones.telegram.reads(phones.group)) == 2
    await proof.check(phones, crowd)


# --- The pace


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_pace_is_kept_and_a_pause_stops_only_its_chat(fresh_sqlite: str, tmp_path: Path) -> None:
    async with Phones(fresh_sqlite, tmp_path, strict=True) as phones:
        await phones.start()
        crowd = Thumbs(phones, random.Random(SEED), rest=0.3)
        work = asyncio.create_task(crowd.works())
        await asyncio.sleep(size(3, 900))
        steady, too_soon = sends(phones), len(phones.telegram.limited)
        assert too_soon <= steady / 1000

        quiet = phones.people["Dana"].id
        phones.telegram.fails("sendMessage", Limited(30), chat=quiet)
        await until(lambda: 429 in [call.status for call in phones.telegram.calls_of("sendMessage", quiet)[-1:]], 20.0)
        before, asked = sends(phones), sends(phones, quiet)
        await asyncio.sleep(size(3, 28))
        assert sends(phones, quiet) == asked
        assert sends(phones) > before + 2
        assert [one for one in phones.telegram.limited if one.why == "window"] == []
        forgotten = [await after_a_kill(phones) for _ in range(size(0, 5))]
        work.cancel()
        assert (await phones.child.stop())[0] == 0
    print(f"{steady} sends, {too_soon} of them too soon; after kills {forgotten}: {crowd}")  # noqa: T201


def sends(phones: Phones, chat: int | None = None) -> int:
    """How often something was sent or changed, refused or not."""
    return sum(call.method in SPENDING and chat in (None, call.chat) for call in phones.telegram.calls)


async def after_a_kill(phones: Phones) -> int:
    """How many sends of the next two minutes are too soon: with the process its memory of the pace is gone."""
    phones.child.kill()
    before = len(phones.telegram.limited)
    await phones.start()
    await asyncio.sleep(120)
    return len(phones.telegram.limited) - before
