"""The outbox: a row is claimed by one, in the order of its channel, and what came in between is not lost."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from storage import outbox
from storage.outbox import LEASE, Outgoing
from storage.places import Address
from tests.town import MONDAY, Town

ROOM, OTHER = Address("slack", "C1"), Address("slack", "C2")
CARD = '{"title":"hello"}'


async def tells(town: Town, *places: Address, under: int | None = None) -> None:
    async with town.unit() as work:
        for place in places:
            await outbox.tell(work, CARD, place, under=under)


async def claims(town: Town, *held: tuple[str, str], limit: int = 50) -> list[int]:
    async with town.unit() as work:
        return [row.id for row in await outbox.claim(work, ["slack"], held, limit)]


async def marks(town: Town, row_id: int, ref: str = "1.1") -> None:
    row = await town.row(Outgoing, row_id)
    async with town.unit() as work:
        await outbox.mark_sent(work, row, row.channel, ref, "drawn")


async def all_rows(town: Town) -> list[Outgoing]:
    return await town.rows(select(Outgoing).order_by(col(Outgoing.id)))


async def test_one_row_of_each_channel_is_claimed_the_oldest_first(town: Town) -> None:
    await tells(town, ROOM, ROOM, OTHER, Address("telegram", "7"))

    assert await claims(town) == [1, 3]
    assert await claims(town, ("slack", "C1"), ("slack", "C2")) == []
    assert [(row.tries, row.due_at) for row in (await all_rows(town))[:2]] == [
        (1, MONDAY + LEASE), (0, MONDAY),
    ]  # fmt: skip


async def test_a_claimed_row_comes_back_after_its_lease(town: Town) -> None:
    await tells(town, ROOM)
    assert await claims(town) == [1]
    assert await claims(town) == []

    town.clock.moves(seconds=60)

    assert await claims(town) == [1]
    assert (await town.row(Outgoing, 1)).tries == 2


async def test_a_channel_with_a_long_queue_does_not_hide_the_others(town: Town) -> None:
    await tells(town, *[ROOM] * 300)
    await tells(town, OTHER)

    assert await claims(town) == [1]
    assert await claims(town, ("slack", "C1")) == [301]


async def test_what_hangs_under_a_message_waits_until_it_stands(town: Town) -> None:
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", ROOM)
    await tells(town, ROOM, under=1)

    assert await claims(town) == [1]
    assert await claims(town) == []
    await marks(town, 1)
    assert await claims(town) == [2]


async def test_a_refresh_while_a_message_is_under_way_stays_due(town: Town) -> None:
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", ROOM)
    await claims(town)
    claimed = await town.row(Outgoing, 1)

    town.clock.moves(seconds=1)
    async with town.unit() as work:
        await outbox.refresh(work, "tickets:1")
    async with town.unit() as work:
        await outbox.mark_sent(work, claimed, "C1", "1.1", "drawn")

    row = await town.row(Outgoing, 1)
    assert (row.state, row.ref, row.due_at) == ("sent", "1.1", MONDAY + timedelta(seconds=1))
    assert await claims(town) == [1]
    await marks(town, 1)
    assert (await town.row(Outgoing, 1)).due_at is None


async def test_a_window_is_opened_once_in_a_place(town: Town) -> None:
    for _ in range(3):
        async with town.unit() as work:
            await outbox.show(work, "tickets:1", "team", ROOM)
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "owner", ROOM)
        await outbox.show(work, "tickets:2", "team", ROOM)
        await outbox.show(work, "tickets:1", "team", OTHER)

    assert len(await all_rows(town)) == 4


async def test_a_window_is_found_by_the_thread_under_it(town: Town) -> None:
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", ROOM)
    await claims(town)
    await marks(town, 1, "1.1")

    async with town.database.reading() as session:
        found = [
            await outbox.window_at(session, place)
            for place in (
                Address("slack", "C1", "1.1"), Address("slack", "C1"), Address("slack", "C2", "1.1"),
                Address("telegram", "C1", "1.1"), Address("slack", "C1", ""),
            )
        ]  # fmt: skip
    assert [window.id if window else None for window in found] == [1, None, None, None, None]


async def test_a_dead_window_is_drawn_no_more(town: Town) -> None:
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", ROOM)
    row = await town.row(Outgoing, 1)
    async with town.unit() as work:
        await outbox.end(work, row, "is_archived")
        await outbox.refresh(work, "tickets:1")

    assert await claims(town) == []
    assert await town.outbox() == [("dead", "is_archived")]
    assert await town.audited() == [("outbox.end", "outbox:1")]


async def test_what_is_to_be_said_later_waits(town: Town) -> None:
    async with town.unit() as work:
        await outbox.tell(work, CARD, ROOM, waits_until=MONDAY + timedelta(hours=1))

    assert await claims(town) == []
    town.clock.moves(hours=1)
    assert await claims(town) == [1]


async def test_a_new_courier_takes_over_what_was_under_way_and_not_what_was_put_off(town: Town) -> None:
    await tells(town, ROOM, OTHER)
    await claims(town)
    put_off = await town.row(Outgoing, 2)
    async with town.unit() as work:
        await outbox.put_off(work, put_off, MONDAY + timedelta(seconds=30), "ratelimited")

    async with town.unit() as work:
        await outbox.take_over(work)

    assert await claims(town) == [1]


async def test_old_notices_that_are_done_are_forgotten_and_windows_stay(town: Town) -> None:
    await tells(town, ROOM, OTHER)
    async with town.unit() as work:
        await outbox.show(work, "tickets:1", "team", ROOM)
    await claims(town)
    await marks(town, 1)

    town.clock.moves(days=31)
    async with town.unit() as work:
        await outbox.forget(work)

    assert [row.id for row in await all_rows(town)] == [2, 3]


async def test_the_figures_count_what_waits_and_what_was_given_up(town: Town) -> None:
    await tells(town, ROOM, OTHER, ROOM)
    await claims(town)
    await marks(town, 1)
    row = await town.row(Outgoing, 2)
    async with town.unit() as work:
        await outbox.end(work, row, "is_archived")

    async with town.database.reading() as session:
        assert await outbox.figures(session, MONDAY) == {"waiting": 1, "dead": 1}
