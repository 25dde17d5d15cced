"""Chats that go on under another id: a Telegram group that became a supergroup. The handbook keeps the old one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from storage.tables import insert_into
from storage.work import Work

HOPS = 5
"""Moves of one chat that are followed; a circle must not keep us."""


class Move(SQLModel, table=True):
    """A chat's old id and the one that it goes on under."""

    __tablename__ = "chat_moves"
    platform: str = Field(primary_key=True)
    old: str = Field(primary_key=True)
    new: str


async def note(work: Work, platform: str, old: str, new: str) -> None:
    """Keeps that a chat has moved. The same again is no matter."""
    if old == new:
        return
    row = insert_into(work.session, Move, platform=platform, old=old, new=new)
    await work.session.execute(
        row.on_conflict_do_update(index_elements=["platform", "old"], set_={"new": row.excluded.new})
    )
    work.note("moves.note", f"{platform}:{old}", new=new)


async def all_(session: AsyncSession) -> dict[tuple[str, str], str]:
    """Where each moved chat is now, by its platform and its old id; through all its moves."""
    rows = (await session.execute(select(Move))).scalars().all()
    step = {(row.platform, row.old): row.new for row in rows}
    return {(platform, old): _end(step, platform, old) for platform, old in step}


def _end(step: dict[tuple[str, str], str], platform: str, at: str) -> str:
    for _ in range(HOPS):
        if (platform, at) not in step:
            break
        at = step[platform, at]
    return at


async def old_ids(session: AsyncSession, platform: str, new: str) -> list[str]:
    """The ids under which a chat was known before."""
    found = [new]
    for _ in range(HOPS):
        rows = await session.execute(
            select(col(Move.old)).where(
                col(Move.platform) == platform, col(Move.new).in_(found), col(Move.old).not_in(found)
            )
        )
        more = list(rows.scalars())
        if not more:
            break
        found += more
    return found[1:]
