"""Budgets: approvals draw on them and give back; nobody approves more than is left; heads see how they stand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.ui.card import Card
from storage import budgets
from storage.approvals import Status
from tests.approvals.conftest import request
from tests.approvals.timed import asks, timed
from tests.town import Town, english

LEFT = "Customer service, November 2026, CN¥1,000.00, CN¥{left}"


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, timed())
    yield town
    await town.close()


async def shows(town: Town) -> str:
    """What Boss, over all departments, is told of the budget."""
    await town.boss.on_slack.commands("budget")
    async with town.database.reading() as session:
        assert await budgets.verify(session) == []
    return town.boss.reads


async def test_an_approval_draws_on_the_budget_and_a_withdrawal_gives_back(town: Town) -> None:
    await asks(town.dana, "expense", "400")
    assert await shows(town) == f"Budgets | {LEFT.format(left='1,000.00')}"

    await town.hana.on_slack.presses("Approve")
    assert await shows(town) == f"Budgets | {LEFT.format(left='600.00')}"

    town.clock.moves(minutes=2)
    await town.dana.on_slack.presses(action="approvals.withdraw_granted:1")
    await town.dana.on_slack.fills(why="Ms Lee came here.")
    assert await shows(town) == f"Budgets | {LEFT.format(left='600.00')}"
    await town.hana.on_slack.presses("Approve", on="A-1001")

    assert (await request(town)).status == Status.WITHDRAWN
    assert await shows(town) == f"Budgets | {LEFT.format(left='1,000.00')}"


async def test_an_approval_that_is_taken_back_gives_back_what_it_drew(town: Town) -> None:
    await asks(town.dana, "expense", "400")
    await town.hana.on_slack.presses("Approve")
    await town.hana.on_slack.presses("Undo")

    assert (await request(town)).status == Status.PENDING
    assert await shows(town) == f"Budgets | {LEFT.format(left='1,000.00')}"


async def test_more_than_is_left_is_not_approved_and_stays_open(town: Town) -> None:
    await asks(town.dana, "expense", "700")
    await asks(town.omar, "expense", "300.01")
    await town.hana.on_slack.presses("Approve", on="A-1001")

    await town.hana.on_slack.presses("Approve", on="A-1002")

    assert english(town.hana.answer.reply) == (  # type: ignore[union-attr, arg-type]  # just answered, in words
        "The budget of Customer service for November 2026 has CN¥300.00 left, and this is CN¥300.01. "
        "It takes a smaller amount, or a larger budget in the handbook."
    )
    assert [(await request(town, n)).status for n in (1, 2)] == [Status.APPROVED, Status.PENDING]


async def test_of_several_approved_at_once_no_more_are_granted_than_the_budget_holds(town: Town) -> None:
    for n in range(6):
        await asks(town.dana if n % 2 else town.omar, "expense", "300", f"Taxi {n}")
    town.delivers = False

    await asyncio.gather(
        *[town.hana.on_slack.presses(action=f"approvals.approve:{n}:2", event=f"at-once-{n}") for n in range(1, 7)]
    )

    granted = [(await request(town, n)).status for n in range(1, 7)].count(Status.APPROVED)
    assert granted == 3
    assert await shows(town) == f"Budgets | {LEFT.format(left='100.00')}"


async def test_heads_and_finance_see_budgets_and_nobody_else(town: Town) -> None:
    for who, sees in ((town.hana, True), (town.boss, True), (town.dana, False), (town.sam, False), (town.ada, False)):
        await who.on_slack.commands("预算")
        assert isinstance(who.answer and who.answer.reply, Card) is sees
        await who.on_slack.presses(action="budgets.drawings:service")
        assert (who.outcome == "done") is sees
    await town.boss.on_slack.presses(action="budgets.drawings:sales")
    assert town.boss.reads == "Budgets are for the heads of their departments, and for finance."


async def test_a_head_sees_what_drew_on_a_budget(town: Town) -> None:
    await asks(town.dana, "expense", "950")
    await town.hana.on_slack.presses("Approve")
    await town.boss.on_slack.presses(action="budgets.drawings:service")

    assert town.boss.reads == (
        "Budget of Customer service, November 2026 | Budget: CN¥1,000.00 | Drawn: CN¥950.00 | Left to spend: CN¥50.00"
        " | Until: Mon 30 Nov | A-1001, CN¥950.00, Mon 23 Nov 09:00"
    )
