"""Whatever Slack answers, each message arrives once or is given up for a reason, and no channel waits for another."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from sqlmodel import update

from storage import outbox
from storage.database import Database
from storage.outbox import Outgoing
from storage.places import Address
from tests.faults import oracle
from tests.faults.house import ELSEWHERE, OMAR, OPS, SAM, House, moment, until
from tests.platforms.slack import script

LEE = {"customer": "Ms Lee", "kind": "quality"}
PASSING: dict[str, script.Step] = {
    "C0WELL": script.Ok(),
    "C0A500": script.Status(500),
    "C0A502": script.Status(502),
    "C0EMPTY": script.Empty(),
    "C0CUT": script.Truncated(stores=False),
    "C0GARBAGE": script.Garbage(),
    "C0ODD": script.Fails("some_new_error"),
    "C0UNREAD": script.CutBeforeRead(),
    "C0NONE": script.Limited(None),
    "C0ABC": script.Limited("abc"),
    "C0MINUS": script.Limited("-5"),
    "C0ZERO": script.Limited("0"),
    "C0THREE": script.Limited("4"),
}
"""What happens to the first post in each channel; the next one is answered as it should be."""
DONE_UNSEEN: dict[str, script.Step] = {
    "C0STORED": script.StoreThenCut(),
    "C0STORE5": script.StoreThen500(),
    "C0HALF": script.Truncated(),
}
"""Slack did what we asked, and we never heard of it."""
FOREVER = {
    "C0GONE": "channel_not_found",
    "C0ARCH": "is_archived",
    "C0OUT": "not_in_channel",
}
"""What will never pass."""
SILENT, LIMITED = "C0SILENT", "C0LIMITED"


@pytest.fixture
async def bad_day(fresh_sqlite: str, tmp_path: Path) -> AsyncIterator[House]:
    """A team with a channel for everything that Slack can do to a message."""
    channels = (*PASSING, *DONE_UNSEEN, *FOREVER, SILENT, LIMITED)
    async with House(fresh_sqlite, tmp_path, service=channels) as house:
        for channel, step in (PASSING | DONE_UNSEEN).items():
            house.slack.misbehave("chat.postMessage", step, channel=channel)
        for channel, error in FOREVER.items():
            house.slack.always("chat.postMessage", script.Fails(error), channel=channel)
        house.slack.misbehave("chat.postMessage", script.Hang(60), channel=SILENT)
        house.slack.misbehave("chat.postMessage", script.Limited("99999"), channel=LIMITED)
        yield house


async def rows_by_channel(house: House) -> dict[str, Outgoing]:
    """The live windows, by their channel."""
    return {row.channel: row for row in (await oracle.look(house)).rows if row.about}


def posts(house: House, channel: str) -> list[float]:
    """When the program tried to post in a channel."""
    return [call.at_monotonic for call in house.slack.calls_of("chat.postMessage", channel)]


async def test_bad_day_ends_well_for_every_channel(bad_day: House) -> None:
    house = bad_day
    await house.start()
    async with house.caller() as caller, aiohttp.ClientSession() as session:
        begun = time.monotonic()
        await caller.submit(await house.form(caller), SAM, LEE)

        await until(lambda: len(house.slack.reads("C0WELL")) == 1, within=2.0)
        async with session.get(f"{house.url}/healthz", timeout=aiohttp.ClientTimeout(1)) as health:
            assert (health.status, await health.json()) == (200, {"status": "alive"})
        fine = [*PASSING, *DONE_UNSEEN]
        await until(lambda: all(house.slack.reads(channel) for channel in fine), within=12.0)
        await until(lambda: len(house.slack.reads(OPS)) == len(FOREVER), within=12.0)
        await until(lambda: len(posts(house, SILENT)) == 2, within=25.0)
        waited = posts(house, SILENT)[1] - begun

    assert 9.0 < waited < 16.0  # ten seconds for the answer that never came, then a pause
    await asyncio.sleep(1.5)
    rows = await rows_by_channel(house)
    assert {channel: rows[channel].state for channel in rows} == (
        dict.fromkeys([*fine, SILENT], "sent") | dict.fromkeys(FOREVER, "dead") | {LIMITED: "waiting"}
    )
    assert {channel: rows[channel].reason for channel in FOREVER} == FOREVER
    assert {channel: len(posts(house, channel)) for channel in FOREVER} == dict.fromkeys(FOREVER, 1)
    assert {channel: len(house.slack.reads(channel)) for channel in [*fine, SILENT]} == dict.fromkeys(
        [*fine, SILENT], 1
    )
    told = house.slack.reads(OPS)
    assert [line.split(" | ")[0] for line in told] == ["❌ A message could not be delivered"] * 3
    assert all(any(f"Reason {error}" in line for line in told) for error in FOREVER.values())
    first, second = posts(house, "C0THREE")
    assert second - first >= 4.0
    due = rows[LIMITED].due_at
    assert due is not None
    assert 3500 < (due - moment()).total_seconds() <= 3600  # never longer than an hour, whatever Slack says

    assert (await house.child.stop())[0] == 0
    await house.start()  # the pause that Slack asked for outlives us
    await asyncio.sleep(1.0)
    assert len(posts(house, LIMITED)) == 1
    assert (await house.child.stop())[0] == 0
    await oracle.check(house, ["Ms Lee"], dead=len(FOREVER))


async def test_limited_channel_is_left_alone_while_others_go_on(house: House) -> None:
    quiet, other = house.service
    house.slack.misbehave("chat.postMessage", script.Limited("3"), channel=quiet)
    await house.start()
    async with house.caller() as caller:
        form = await house.form(caller)
        for n in range(3):
            await caller.submit(house.anew(form), SAM, LEE | {"customer": f"Customer {n}"})
        await until(lambda: len(house.slack.reads(other)) == 3)
        assert len(posts(house, quiet)) == 1
        await until(lambda: len(house.slack.reads(quiet)) == 3)

    first, second = posts(house, quiet)[:2]
    assert second - first >= 3.0
    order = [line.split(" | ")[0] for line in house.slack.reads(quiet)]
    assert order == [f"Complaint C-100{n + 1}: Customer {n}" for n in range(3)]
    await house.settled()
    await house.child.stop()
    await oracle.check(house, [f"Customer {n}" for n in range(3)])


async def test_message_that_cannot_be_drawn_is_given_up_and_the_others_pass(house: House) -> None:
    channel = house.service[0]
    database = await Database.open(house.database_url, house.handbook)
    async with database.unit(moment()) as work:
        await outbox.show(work, "tickets:poison", "team", Address("slack", channel))
        await work.session.execute(update(Outgoing).values(tries=2))
    await database.close()
    await house.start()
    async with house.caller() as caller:
        begun = time.monotonic()
        await caller.submit(await house.form(caller), SAM, LEE)
        await until(lambda: len(house.slack.reads(channel)) == 1, within=4.0)
        assert time.monotonic() - begun < 3.0
        await until(lambda: house.slack.reads(OPS), within=12.0)

    await asyncio.sleep(1.2)
    await house.child.stop()
    seen = await oracle.check(house, ["Ms Lee"], dead=1, incidents=1)
    assert [row.reason for row in seen.rows if row.state == "dead"] == ["our fault: ValueError"]


async def test_event_that_breaks_us_is_put_aside_in_the_end_and_delays_nobody(house: House) -> None:
    channel = house.service[0]
    space = house.slack.workspace
    body = {"text": "?", "metadata": {"event_type": "opsbook_message", "event_payload": {"id": 1}}}
    root = space.write(space.channel(channel), space.bot_user, body)
    database = await Database.open(house.database_url, house.handbook)
    async with database.unit(moment()) as work:
        await outbox.show(work, "tickets:poison", "team", Address("slack", channel))
        await work.session.execute(
            update(Outgoing).values(state="sent", due_at=None, ref=root.ts, sent_channel=channel)
        )
    await database.close()
    await house.start()
    async with house.caller() as caller, house.caller() as other:
        answers = [(await caller.says(OMAR, channel, "What is this?", thread_ts=root.ts)).status]
        for _ in range(3):
            again = asyncio.create_task(caller.resend())
            begun = time.monotonic()
            assert (await other.command(SAM, "/tickets", "reported", ELSEWHERE)).status == 200
            assert time.monotonic() - begun < 1.0
            answers.append((await again).status)

    assert answers == [500, 500, 200, 200]
    await house.child.stop()
    await oracle.check(house, [], incidents=3)


async def test_message_deleted_under_us_is_posted_anew(house: House) -> None:
    channel = house.service[0]
    await house.start()
    async with house.caller() as caller:
        await caller.submit(await house.form(caller), SAM, LEE)
        await until(lambda: all(house.slack.reads(one) for one in house.service))
        await house.settled()
        house.slack.channel(channel).messages.clear()
        card = house.slack.channel(house.service[1]).messages[0]
        await caller.press(card, "Take", OMAR)
        await until(lambda: house.slack.reads(channel))

    assert [line.split(" | ")[2] for line in house.slack.reads(channel)] == ["State Taken by Omar"]
    await house.settled()
    await house.child.stop()
    await oracle.check(house, ["Ms Lee"])
