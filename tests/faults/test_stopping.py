"""Asked to stop, the program ends within ten seconds, in order, and whatever was accepted is there afterwards."""

import asyncio
import random
import signal
import time

import pytest

from tests.faults import oracle
from tests.faults.crowd import Crowd
from tests.faults.house import SAM, START_SECONDS, House, size, until
from tests.platforms.slack.script import Hang


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_stop_under_load_loses_nothing_and_repeats_nothing(both_houses: list[House]) -> None:
    await asyncio.gather(*[stopped(house, size(2, 200)) for house in both_houses])


async def stopped(house: House, times: int) -> None:
    await house.start()
    async with house.caller() as caller:
        crowd = Crowd(house, await house.form(caller), random.Random(32))
    work = asyncio.create_task(crowd.works())
    ends = []
    for _ in range(times):
        await asyncio.sleep(crowd.dice.uniform(0.05, 1.0))
        ends.append(await house.child.stop())
        await house.start()
    crowd.closing = True
    await work
    await house.settled()
    ends.append(await house.child.stop())

    assert [code for code, _ in ends] == [0] * (times + 1)
    assert max(seconds for _, seconds in ends) < 10.0
    await oracle.check(house, crowd.reported, crowd.noted)
    print(f"{times} stops, the longest {max(seconds for _, seconds in ends):.1f} s: {crowd}")  # noqa: T201


async def test_second_signal_ends_it_at_once_and_nothing_is_lost(house: House) -> None:
    house.slack.always("chat.postMessage", Hang(60))
    await house.start()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, {"customer": "Ms Lee", "kind": "quality"})
    await until(lambda: len(house.slack.calls_of("chat.postMessage")) == 2)

    house.child.process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.3)
    assert house.child.process.returncode is None  # it waits for what is under way
    begun = time.monotonic()
    house.child.process.send_signal(signal.SIGTERM)
    assert await house.child.ended() == 1
    assert time.monotonic() - begun < 1.0

    house.slack.behave()
    await house.start()
    await house.settled()
    assert (await house.child.stop())[0] == 0
    await oracle.check(house, ["Ms Lee"])


async def test_stop_does_not_wait_longer_than_ten_seconds_for_a_silent_slack(house: House) -> None:
    house.slack.always("chat.postMessage", Hang(60))
    await house.start()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, {"customer": "Ms Lee", "kind": "quality"})
    await until(lambda: len(house.slack.calls_of("chat.postMessage")) == 2)

    code, seconds = await house.child.stop()

    assert (code, seconds < 10.0) == (0, True)
    house.slack.behave()
    await house.start()
    await house.settled()
    assert (await house.child.stop())[0] == 0
    await oracle.check(house, ["Ms Lee"])


async def test_stop_during_the_start_is_a_stop(house: House) -> None:
    house.from_nothing = True
    house.slack.always("auth.test", Hang(60))
    ends = []
    child = await house.spawn()
    await until(lambda: house.slack.calls_of("auth.test"), within=START_SECONDS)
    ends.append(await child.stop())
    for delay in (0.1, 0.5, 0.8):
        child = await house.spawn()
        await asyncio.sleep(delay)
        ends.append(await child.stop())

    assert ends[0][0] == 0
    assert {code for code, _ in ends} <= {0, -signal.SIGTERM}  # before it listens to signals, it has begun nothing
    assert max(seconds for _, seconds in ends) < 5.0
    house.slack.behave()
    await house.start()
    assert (await house.child.stop())[0] == 0
    await oracle.check(house, [])
