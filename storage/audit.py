"""The audit: one line for each thing done, sealed with the line before it, so that no one can change the past."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Index, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from storage.prepared import Prepared, table_of
from storage.tables import moment
from storage.work import Work

START = "0" * 64
_SEAL_LOCK = 0x0B5B5EA1


class Audit(SQLModel, table=True):
    """A sealed line. `seq` has no gaps; `seal` is the SHA-256 of the line and the seal before it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_about", "about", "seq"),)
    seq: int = Field(primary_key=True)
    at: datetime = moment()
    actor_id: int | None = None
    via: str = ""
    what: str
    about: str
    detail: str
    seal: str


def _sealed(
    before: str, seq: int, at: datetime, actor_id: int | None, via: str, what: str, about: str, detail: str
) -> str:
    line = json.dumps(
        [before, seq, at.astimezone(UTC).isoformat(timespec="microseconds"), actor_id, via, what, about, detail],
        ensure_ascii=True,
    )
    return hashlib.sha256(line.encode()).hexdigest()


async def seal(work: Work) -> None:
    """Writes the work's lines behind the last one. The last step of a unit, for it holds the chain until commit."""
    if not work.entries:
        return
    session = work.session
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SEAL_LOCK})
    seq, before = await head(session)
    rows: list[dict[str, Any]] = []
    for entry in work.entries:
        seq += 1
        actor_id = work.by.id if work.by else None
        detail = json.dumps(entry.detail, sort_keys=True, separators=(",", ":"), default=str)
        before = _sealed(before, seq, work.now, actor_id, work.via, entry.what, entry.about, detail)
        rows.append(
            {
                "seq": seq,
                "at": work.now,
                "actor_id": actor_id,
                "via": work.via,
                "what": entry.what,
                "about": entry.about,
                "detail": detail,
                "seal": before,
            }
        )
    for row in rows:
        await _INSERT.change(session, **row)
    work.entries.clear()


_AUDIT = table_of(Audit)
_INSERT = Prepared(insert(_AUDIT), columns=("seq", "at", "actor_id", "via", "what", "about", "detail", "seal"))
_HEAD = Prepared(select(_AUDIT.c.seq, _AUDIT.c.seal).order_by(_AUDIT.c.seq.desc()).limit(1))


async def head(session: AsyncSession) -> tuple[int, str]:
    """The number and seal of the last line. Kept outside, it proves later that no line was cut off the end."""
    rows = await _HEAD.rows(session)
    return (rows[0][0], rows[0][1]) if rows else (0, START)


async def began_via(session: AsyncSession) -> str | None:
    """Where the first thing was done of all that was ever done here (`demo`, `slack`); None where nothing was."""
    return (await session.execute(select(col(Audit.via)).where(col(Audit.seq) == 1))).scalar_one_or_none()


def holds(line: Audit, before: str) -> bool:
    """Whether a line says what it said when it was sealed, behind a line with this seal."""
    sealed = _sealed(before, line.seq, line.at, line.actor_id, line.via, line.what, line.about, line.detail)
    return sealed == line.seal


async def first_broken(session: AsyncSession) -> int | None:
    """The number of the first line that is changed, missing or moved; None where the whole chain holds."""
    before, expected = START, 0
    lines = await session.stream(select(Audit).order_by(col(Audit.seq)).execution_options(yield_per=1000))
    try:
        async for line in lines.scalars():
            expected += 1
            if line.seq != expected or not holds(line, before):
                return expected
            before = line.seal
    finally:
        await lines.close()
    return None
