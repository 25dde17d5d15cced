"""Demoted between the card and the press: who was asked for what they were decides no more; whoever is now does."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col

from storage.approvals import Status
from storage.people import Employee
from tests.approvals.conftest import asks, request
from tests.town import Person, Town


async def becomes(town: Town, who: Person, **values: object) -> None:
    async with town.unit() as work:
        await work.session.execute(update(Employee).where(col(Employee.id) == who.id).values(**values))


async def test_who_is_no_longer_the_manager_passes_it_on_by_their_press(town: Town) -> None:
    await asks(town.sam)
    await becomes(town, town.sam, manager_id=town.hana.id)

    await town.boss.on_slack.presses("Approve")

    assert town.boss.reads == "By the rules A-1001 is not yours to decide any more. It goes to whoever is now."
    assert (await request(town)).status == Status.PENDING
    assert ("approvals.unseat", "approvals:1") in await town.audited()
    await town.hana.on_slack.presses("Approve", on=town.slack.post(town.hana))
    assert (await request(town)).status == Status.APPROVED


async def test_a_no_of_theirs_counts_as_little(town: Town) -> None:
    await asks(town.sam)
    await town.boss.on_slack.presses("Reject")
    await becomes(town, town.sam, manager_id=town.hana.id)

    await town.boss.on_slack.fills(why="Too much.")

    assert town.boss.reads == "By the rules A-1001 is not yours to decide any more. It goes to whoever is now."
    assert (await request(town)).status == Status.PENDING
