"""Definitions: each request keeps its template as it was, so that a new handbook changes none under way."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals import Frozen, digest_of
from storage.approvals.tables import Definition, Request
from storage.work import Work

_READ: dict[str, Frozen] = {}
_KEPT = 500


async def keep(work: Work, key: str) -> str:
    """Keeps the template as it stands today; returns its digest. The same text is kept once."""
    text = work.handbook.approvals.freeze(key)
    digest = digest_of(text)
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    await work.session.execute(dialect.insert(Definition).values(digest=digest, text=text).on_conflict_do_nothing())
    return digest


async def frozen_of(session: AsyncSession, request: Request) -> Frozen:
    """The definition by which a request is judged."""
    found = _READ.get(request.digest)
    if found is None:
        text = (
            await session.execute(select(col(Definition.text)).where(col(Definition.digest) == request.digest))
        ).scalar_one()
        if len(_READ) >= _KEPT:
            _READ.clear()
        found = _READ[request.digest] = Frozen.read(text)
    return found
