"""Records change by one guarded step each: never twice, never from the wrong state, never unseen."""

import asyncio
from datetime import timedelta

import pytest

from storage.errors import Refusal, StorageBusy
from storage.history import FASTER, about, move, once, steps
from storage.people import Employee
from storage.tickets import CLOSED, CLOSES, OPEN, RESOLVED, RESOLVES, TAKEN, TAKES, Ticket
from storage.work import Work
from tests.town import Person, Town


async def acting(work: Work, person: Person) -> None:
    work.by = await work.session.get(Employee, person.id)


async def test_a_move_changes_the_record_in_hand_and_the_row_and_writes_one_step(town: Town) -> None:
    ticket = await town.ticket(OPEN)

    async with town.database.unit(town.clock(), via="slack") as work:
        await acting(work, town.dana)
        mine = await work.session.get(Ticket, ticket.id)
        assert mine is not None
        await move(work, mine, TAKEN, TAKES, "tickets.take", owner_id=town.dana.id)
        assert (mine.status, mine.version, mine.owner_id) == (TAKEN, 2, town.dana.id)

    row = await town.row(Ticket, ticket.id)
    assert (row.status, row.version, row.owner_id) == (TAKEN, 2, town.dana.id)
    async with town.database.reading() as session:
        last = (await steps(session, about(ticket)))[-1]
    assert (last.what, last.before, last.after, last.by_id, last.via, last.at) == (
        "tickets.take", "open", "taken", town.dana.id, "slack", town.clock(),
    )  # fmt: skip


@pytest.mark.parametrize("status", [OPEN, RESOLVED, CLOSED])
async def test_a_move_from_another_state_is_refused_and_leaves_no_step(town: Town, status: str) -> None:
    ticket = await town.ticket(status)
    before = await town.audited()

    with pytest.raises(Refusal) as refused:
        async with town.unit() as work:
            await move(work, ticket, RESOLVED, RESOLVES, "tickets.resolve")

    assert refused.value.text == FASTER
    assert (await town.row(Ticket, ticket.id)).version == ticket.version
    assert await town.audited() == before


async def test_a_move_to_where_nothing_leads_is_refused(town: Town) -> None:
    ticket = await town.ticket(OPEN)

    with pytest.raises(Refusal):
        async with town.unit() as work:
            await move(work, ticket, "lost", RESOLVES, "tickets.lose")


async def test_a_move_from_an_older_version_is_refused(town: Town) -> None:
    ticket = await town.ticket(RESOLVED)
    old = Ticket(**{**ticket.model_dump(), "version": 2})

    with pytest.raises(Refusal):
        async with town.unit() as work:
            await move(work, old, CLOSED, CLOSES, "tickets.close")


async def test_of_many_moves_at_once_exactly_one_is_made(town: Town) -> None:
    ticket = await town.ticket(OPEN)

    async def takes(person: Person) -> str:
        seen = Ticket(**ticket.model_dump())
        try:
            async with town.unit() as work:
                await acting(work, person)
                await move(work, seen, TAKEN, TAKES, "tickets.take", owner_id=person.id)
        except (Refusal, StorageBusy) as error:
            return type(error).__name__
        return "took it"

    told = await asyncio.gather(*[takes(person) for person in town.everybody[:6]])

    assert sorted(told) == ["Refusal"] * 5 + ["took it"]
    row = await town.row(Ticket, ticket.id)
    assert (row.version, row.owner_id) == (2, town.everybody[told.index("took it")].id)


async def test_a_stamp_is_set_once_whoever_asks(town: Town) -> None:
    ticket = await town.ticket(OPEN)
    later = town.clock() + timedelta(hours=1)

    async def stamps() -> bool:
        seen = Ticket(**ticket.model_dump())
        async with town.unit() as work:
            return await once(work, seen, "chase_at", ticket.chase_at, later, "tickets.chase.warn", chased="warn")

    assert sorted(await asyncio.gather(*[stamps() for _ in range(5)])) == [False] * 4 + [True]

    row = await town.row(Ticket, ticket.id)
    assert (row.chase_at, row.chased, row.version) == (later, "warn", 1)
    assert [what for what, _ in await town.audited()] == ["tickets.receive", "tickets.chase.warn"]


async def test_what_raises_after_a_move_takes_the_move_back(town: Town) -> None:
    ticket = await town.ticket(OPEN)

    async def breaks() -> None:
        async with town.unit() as work:
            await move(work, ticket, TAKEN, TAKES, "tickets.take", owner_id=town.dana.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaks()

    assert (await town.row(Ticket, ticket.id)).status == OPEN
    assert await town.audited() == [("tickets.receive", "tickets:1")]
