"""A chat gets one message a second, a group 20 a minute, all chats together 30 a second; a pause is one chat's own."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import DeliveryFailed
from bot.platforms.telegram import gate as gates
from bot.platforms.telegram.gate import Gate


class Watch:
    """A monotonic clock that sleeping moves on; what sleeps at the same time wakes in the right order."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        until = self.at + seconds
        await asyncio.sleep(0)
        self.at = max(self.at, until)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def gate(watch: Watch) -> Gate:
    return Gate(watch, watch.sleep)


async def times(gate: Gate, watch: Watch, chat: str, count: int, most: float = 9.0) -> list[float]:
    found = []
    for _ in range(count):
        await gate.take(chat, most)
        found.append(watch.at - 1000.0)
    return found


async def test_a_chat_gets_one_message_a_second(gate: Gate, watch: Watch) -> None:
    assert await times(gate, watch, "501", 4) == [0.0, 1.0, 2.0, 3.0]


async def test_a_group_gets_twenty_in_any_minute(gate: Gate, watch: Watch) -> None:
    first = await times(gate, watch, "-9", 20)

    with pytest.raises(DeliveryFailed) as failed:
        await gate.take("-9", 9.0)

    assert first == [float(n) for n in range(20)]
    assert (failed.value.retry_after, failed.value.permanent) == (41.0, False)
    watch.at += 41.0
    assert await times(gate, watch, "-9", 2) == [60.0, 61.0]


async def test_a_person_gets_more_than_twenty_a_minute(gate: Gate, watch: Watch) -> None:
    assert await times(gate, watch, "501", 25) == [float(n) for n in range(25)]


async def test_thirty_a_second_go_out_over_all(gate: Gate, watch: Watch) -> None:
    found = [(await times(gate, watch, str(chat), 1))[0] for chat in range(1, 62)]

    assert found == [0.0] * 30 + [1.0] * 30 + [2.0]


async def test_a_pause_is_one_chats_own(gate: Gate, watch: Watch) -> None:
    gate.hold("501", 30.0)
    gate.hold("501", 2.0)

    with pytest.raises(DeliveryFailed) as failed:
        await gate.take("501", 9.0)

    assert failed.value.retry_after == 30.0
    assert await times(gate, watch, "502", 1) == [0.0]
    watch.at += 25.0
    assert await times(gate, watch, "501", 1) == [30.0]


async def test_a_pause_that_comes_while_one_waits_is_waited_for_too(gate: Gate, watch: Watch) -> None:
    await gate.take("501", 9.0)
    second = asyncio.ensure_future(gate.take("501", 9.0))
    await asyncio.sleep(0)

    gate.hold("501", 5.0)
    await second

    assert watch.at == 1005.0


async def test_two_at_once_to_one_chat_are_still_a_second_apart(gate: Gate, watch: Watch) -> None:
    found: list[float] = []

    async def one() -> None:
        await gate.take("501", 9.0)
        found.append(watch.at)

    await asyncio.gather(one(), one(), one())

    assert found == [1000.0, 1001.0, 1002.0]


async def test_one_that_is_given_up_holds_nobody_up(gate: Gate, watch: Watch) -> None:
    await gate.take("501", 9.0)
    given_up = asyncio.ensure_future(gate.take("501", 9.0))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)

    assert await times(gate, watch, "501", 1) == [1.0]


async def test_chats_of_long_ago_are_forgotten(gate: Gate, watch: Watch) -> None:
    gate.hold("held", 3600.0)
    for chat in range(3 * gates.REMEMBERED):
        watch.at += 0.1
        await gate.take(str(chat), 9.0)

    assert len(gate._chats) <= gates.REMEMBERED
    assert "held" in gate._chats


@given(st.lists(st.tuples(st.sampled_from(["501", "502", "-9"]), st.floats(0, 3)), max_size=60))
@settings(max_examples=50, deadline=None)
def test_no_order_of_sends_goes_too_fast(sends: list[tuple[str, float]]) -> None:
    watch = Watch()
    gate = Gate(watch, watch.sleep)
    sent: list[tuple[str, float]] = []

    async def all_of_them() -> None:
        for chat, pause in sends:
            watch.at += pause
            try:
                await gate.take(chat, 2.0)
            except DeliveryFailed:
                continue
            sent.append((chat, watch.at))

    asyncio.run(all_of_them())

    for chat in ("501", "502", "-9"):
        own = [at for to, at in sent if to == chat]
        assert all(later - earlier >= 0.999 for earlier, later in pairwise(own))
        assert chat != "-9" or all(own[i + 20] - own[i] >= 59.999 for i in range(len(own) - 20))
