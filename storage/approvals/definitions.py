"""Definitions: each request keeps its template as it was, so that a new handbook changes none under way."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals import Frozen, digest_of
from storage.approvals.tables import Definition, Request
from storage.tables import insert_into
from storage.work import Work

_READ: dict[str, Frozen] = {}
_KEPT = 500


async def keep(work: Work, key: str) -> str:
    """Keeps the template as it stands today; returns its digest. The same text is kept once."""
    text = work.handbook.approvals.freeze(key)
    digest = digest_of(text)
    await work.session.execute(insert_into(work.session, Definition, digest=digest, text=text).on_conflict_do_nothing())
    return digest


async def frozen_of(session: AsyncSession, request: Request) -> Frozen:
    """The definition by which a request is judged."""
    return (await frozen_by(session, (request.digest,)))[request.digest]


async def frozen_by(session: AsyncSession, digests: Collection[str]) -> dict[str, Frozen]:
    """Definitions by their digests; each is read once, for its text never changes."""
    found = {digest: _READ[digest] for digest in digests if digest in _READ}
    wanted = set(digests) - set(found)
    if wanted:
        rows = await session.execute(select(Definition).where(col(Definition.digest).in_(wanted)))
        read = {one.digest: Frozen.read(one.text) for one in rows.scalars()}
        if len(_READ) + len(read) > _KEPT:
            _READ.clear()
        _READ.update(read)
        found |= read
    return found
