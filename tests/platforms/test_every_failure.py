"""What goes wrong on the way is told for what it means, on every platform, and never in another way."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable

import pytest

from bot.errors import DeliveryFailed
from bot.platforms import Sent
from bot.ui.card import Card
from tests.platforms.stage import LIMITED, PASSES, PERSON_IS_LOST, ROOM_IS_LOST, SILENCE, Stage
from tests.platforms.stages.every import on_each

CARD = Card("Complaint C-1", body=("The lock won't open.",))


async def failure(delivery: Awaitable[object]) -> DeliveryFailed:
    """How a delivery failed: the courier knows no other way."""
    with pytest.raises(DeliveryFailed) as failed:
        await delivery
    return failed.value


@on_each(ROOM_IS_LOST)
async def test_room_that_will_never_take_it_is_given_up(stage: Stage, fault: str) -> None:
    error = await failure(stage.send(CARD, to=await stage.breaks(fault)))

    assert (error.permanent, error.gone, error.retry_after) == (True, False, None)


@on_each(PERSON_IS_LOST)
async def test_person_who_can_not_be_reached_is_lost(stage: Stage, fault: str) -> None:
    error = await failure(stage.send(CARD, to=await stage.breaks(fault)))

    assert (error.permanent, error.gone, error.retry_after, error.lost) == (True, False, None, True)


@on_each(PASSES)
async def test_trouble_that_may_pass_is_tried_again(stage: Stage, fault: str) -> None:
    error = await failure(stage.send(CARD, to=await stage.breaks(fault)))

    assert (error.permanent, error.gone, error.lost) == (False, False, False)


@on_each(PASSES)
async def test_edit_that_may_pass_is_tried_again(stage: Stage, fault: str) -> None:
    sent = await stage.send(CARD)
    await stage.breaks(fault)

    error = await failure(stage.edit(sent, Card("Taken")))

    assert (error.permanent, error.gone, error.lost) == (False, False, False)


@on_each(LIMITED)
async def test_wait_that_is_asked_for_is_read_with_care(stage: Stage, fault: str) -> None:
    error = await failure(stage.send(CARD, to=await stage.breaks(fault)))

    assert (error.permanent, error.gone) == (False, False)
    if fault == "wait 30":
        assert error.retry_after == 30.0
    elif fault == "wait forever":
        assert error.retry_after == 3600.0
    else:
        assert error.retry_after is None or 1.0 <= error.retry_after <= 60.0


@on_each([SILENCE])
async def test_silence_ends_in_time(stage: Stage, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, _, constant = stage.time_limit.rpartition(".")
    limit = getattr(importlib.import_module(module), constant)
    monkeypatch.setattr(stage.time_limit, 0.3)
    to = await stage.breaks(fault)

    async with asyncio.timeout(2):
        error = await failure(stage.send(CARD, to))

    assert limit <= 10
    assert (error.permanent, error.gone, error.lost) == (False, False, False)


async def test_message_that_is_no_more_is_gone(stage: Stage) -> None:
    sent = await stage.send(CARD)
    await stage.loses(sent)

    assert (await failure(stage.edit(sent, Card("Taken")))).gone
    assert (await failure(stage.edit(Sent(sent.channel, "x"), Card("Taken")))).gone


async def test_after_trouble_all_is_well_again(stage: Stage) -> None:
    if "cut" in stage.faults:
        await failure(stage.send(CARD, await stage.breaks("error")))

    await stage.send(Card("Taken"))

    assert (await stage.reads())[-1].text == "Taken"
