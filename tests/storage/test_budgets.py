"""A budget is never overdrawn, whoever draws at once; what is given back comes back once; and the sums always agree."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy import text

from bot.errors import Refusal
from config.handbook.approvals import Allowance
from storage import budgets
from tests.town import Town, english

SALES = Allowance("service", "2026-11", 100_000, "CNY", date(2026, 11, 1), date(2026, 11, 30))
DECEMBER = Allowance("service", "2026-12", 100_000, "CNY", date(2026, 12, 1), date(2026, 12, 31))


async def draws(town: Town, minor: int, about: str = "approvals:1", of: Allowance = SALES) -> str:
    """Draws in a unit of its own; what was said against it, if anything."""
    try:
        async with town.unit() as work:
            await budgets.draw(work, of, about, minor)
    except Refusal as refusal:
        return english(refusal.text)
    return ""


async def releases(town: Town, about: str = "approvals:1") -> int:
    async with town.unit() as work:
        return await budgets.release(work, about)


async def left(town: Town, of: Allowance = SALES) -> int:
    async with town.database.reading() as session:
        assert await budgets.verify(session) == []
        return await budgets.left(session, of)


async def test_a_budget_is_drawn_to_the_last_fen_and_not_further(town: Town) -> None:
    assert await left(town) == 100_000
    assert await draws(town, 60_000) == ""
    assert await draws(town, 40_001, "approvals:2") == (
        "The budget of Customer service for November 2026 has CN¥400.00 left, and this is CN¥400.01. "
        "It takes a smaller amount, or a larger budget in the handbook."
    )
    assert await draws(town, 40_000, "approvals:2") == ""
    assert await draws(town, 1, "approvals:3") != ""

    assert await left(town) == 0
    assert await left(town, DECEMBER) == 100_000
    assert await town.audited() == [("budgets.draw", "approvals:1"), ("budgets.draw", "approvals:2")]


async def test_more_than_any_column_holds_is_refused_in_words(town: Town) -> None:
    assert (await draws(town, 10**20)).endswith(
        "and this is CN¥1,000,000,000,000,000,000.00. It takes a smaller amount, or a larger budget in the handbook."
    )


async def test_nothing_is_drawn_for_nothing_and_less_than_nothing_is_a_fault(town: Town) -> None:
    assert await draws(town, 0) == ""
    with pytest.raises(ValueError, match="not negative"):
        await draws(town, -1)

    assert await town.audited() == []


async def test_those_who_draw_at_once_never_pass_the_limit(town: Town) -> None:
    said = await asyncio.gather(*[draws(town, 30_000, f"approvals:{n}") for n in range(1, 9)])

    assert sum(not words for words in said) == 3
    assert await left(town) == 10_000


async def test_what_is_released_comes_back_once_however_often_it_is_asked(town: Town) -> None:
    await draws(town, 30_000)
    await draws(town, 20_000, of=DECEMBER)
    await draws(town, 50_000, "approvals:2")

    given_back = await asyncio.gather(*[releases(town) for _ in range(4)])

    assert sorted(given_back) == [0, 0, 0, 50_000]
    assert (await left(town), await left(town, DECEMBER)) == (50_000, 100_000)
    assert await releases(town, "approvals:9") == 0


async def test_what_was_released_may_be_drawn_and_released_again(town: Town) -> None:
    for _ in range(2):
        assert await draws(town, 90_000) == ""
        assert await releases(town) == 90_000

    async with town.database.reading() as session:
        assert [one.minor for one in await budgets.drawings(session, SALES)] == [-90_000, 90_000, -90_000, 90_000]
    assert await left(town) == 100_000


async def test_a_budget_that_was_lowered_has_nothing_left(town: Town) -> None:
    await draws(town, 60_000)
    lowered = Allowance("service", "2026-11", 50_000, "CNY", SALES.first, SALES.last)

    assert await left(town, lowered) == 0
    assert await draws(town, 1, "approvals:2", lowered) != ""


async def test_a_budget_of_a_department_that_is_gone_is_called_by_its_key(town: Town) -> None:
    gone = Allowance("travel", "2026", 100, "CNY", date(2026, 1, 1), date(2026, 12, 31))

    assert (await draws(town, 101, of=gone)).startswith("The budget of travel for 2026 has CN¥1.00 left")


async def test_sums_that_do_not_agree_are_told(town: Town) -> None:
    await draws(town, 5)
    async with town.unit() as work:
        await work.session.execute(text("UPDATE budgets SET drawn = 6"))
        await work.session.execute(text("INSERT INTO budgets VALUES ('hr', '2026', 'CNY', 1)"))

    async with town.database.reading() as session:
        assert await budgets.verify(session) == [
            "hr 2026 CNY: 1 is said to be drawn, the drawings come to 0",
            "service 2026-11 CNY: 6 is said to be drawn, the drawings come to 5",
        ]
