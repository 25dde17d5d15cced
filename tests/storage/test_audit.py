"""The audit's chain: nobody changes the past unseen, and no line is missing."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import col

from storage import audit
from storage.audit import Audit
from storage.errors import StorageBusy
from tests.town import Town

LINES = 30


async def written(town: Town) -> None:
    for n in range(LINES):
        async with town.unit() as work:
            work.note("test.line", f"things:{n}", figure=n, name="王芳")
        town.clock.moves(seconds=1)


async def broken(town: Town) -> int | None:
    async with town.database.reading() as session:
        return await audit.first_broken(session)


async def test_an_untouched_chain_holds(town: Town) -> None:
    assert await broken(town) is None

    await written(town)

    assert await broken(town) is None
    async with town.database.reading() as session:
        assert (await audit.head(session))[0] == LINES


async def test_lines_of_units_side_by_side_have_no_gap(town: Town) -> None:
    async def one(n: int) -> None:
        async with town.unit() as work:
            work.note("test.line", f"things:{n}")
            work.note("test.line", f"things:{n}")

    async def never() -> None:
        async with town.unit() as work:
            work.note("test.line", "never")
            raise StorageBusy

    await asyncio.gather(*[one(n) for n in range(8)], *[never() for _ in range(4)], return_exceptions=True)

    assert len(await town.audited()) == 16
    assert ("test.line", "never") not in await town.audited()


@pytest.mark.parametrize(
    ("column", "value"),
    [("what", "test.other"), ("about", "things:99"), ("detail", "{}"), ("actor_id", 1), ("via", "slack"),
     ("seal", "0" * 64), ("at", None)],
)  # fmt: skip
async def test_an_edited_line_is_found(town: Town, column: str, value: Any) -> None:
    await written(town)
    if column == "at":
        value = town.clock()

    async with town.database.session() as session:
        await session.execute(update(Audit).where(col(Audit.seq) == 7).values({column: value}))

    assert await broken(town) == 7


async def test_random_edits_deletions_and_swaps_are_all_found(town: Town) -> None:
    await written(town)
    dice = random.Random(20261123)

    for _ in range(40):
        n = dice.randint(1, LINES - 1)
        other = dice.choice([seq for seq in range(1, LINES) if seq != n])
        how = dice.choice(["edit", "delete", "swap", "copy"])
        async with town.database.session() as session:
            mine, theirs = await session.get(Audit, n), await session.get(Audit, other)
            assert mine is not None
            assert theirs is not None
            as_it_was = [mine.model_dump(), theirs.model_dump()]
            if how == "edit":
                mine.detail = mine.detail.replace(f'"figure":{n - 1}', f'"figure":{n + 999}')
            elif how == "delete":
                await session.delete(mine)
            elif how == "swap":
                for name in ("at", "what", "about", "detail", "seal"):
                    here, there = getattr(mine, name), getattr(theirs, name)
                    setattr(mine, name, there)
                    setattr(theirs, name, here)
            else:
                for name in ("at", "what", "about", "detail", "seal"):
                    setattr(mine, name, getattr(theirs, name))

        assert await broken(town) == (min(n, other) if how == "swap" else n), (how, n, other)

        async with town.database.session() as session:
            await session.execute(delete(Audit).where(col(Audit.seq).in_([n, other])))
            await session.flush()
            session.add_all([Audit(**row) for row in as_it_was])
        assert await broken(town) is None


async def test_a_tail_that_was_cut_is_found_by_the_head_that_was_kept_outside(town: Town) -> None:
    await written(town)
    async with town.database.reading() as session:
        kept = await audit.head(session)

    async with town.database.session() as session:
        await session.execute(delete(Audit).where(col(Audit.seq) > LINES - 3))

    async with town.database.reading() as session:
        assert await audit.first_broken(session) is None
        assert await audit.head(session) != kept


async def test_the_audit_holds_no_words_of_people(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="canary", what="canary", kind="other")
    await town.dana.on_slack.presses("Take")
    await town.dana.on_slack.says("canary", under=town.slack.post("service"))
    await town.lin.on_slack.commands("ticket", "C-1001 canary")
    await town.dana.on_slack.submits("tickets.Answer", about="tickets:1:2", answer="canary")

    async with town.database.reading() as session:
        found = await session.scalar(select(func.count()).where(col(Audit.detail).contains("canary")))
    assert found == 0
