"""Proof: what a request's trail says is what the audit sealed when it was done, line by line."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook.approvals import digest_of
from storage import audit
from storage.approvals.tables import Act, Definition, Request
from storage.approvals.trail import asked_for, digest
from storage.audit import START, Audit
from storage.history import about

MOST = 20_000
"""Up to so many lines the whole chain is checked at once; beyond, each line of the trail with the one before it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where an act stands in the audit; `holds`: neither the line nor the act was changed since."""

    seq: int
    seal: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """The lines by act; the lines whose act is gone; and, where the whole chain was checked, its first broken line.

    `asked`: what is asked for, and the rules it goes by, are those that were sealed when it was sent last.
    """

    lines: Mapping[int, Sealed]
    lost: tuple[int, ...]
    checked: int
    broken: int | None
    head: str
    asked: bool

    def holds(self, acts: Sequence[Act]) -> bool:
        """Whether each act has its line, and all of them hold."""
        known = all(act.id in self.lines and self.lines[act.id].holds for act in acts)
        return known and self.asked and not self.lost and self.broken is None


async def prove(session: AsyncSession, request: Request, acts: Sequence[Act]) -> Proof:
    """Compares the trail with the audit. `checked`: so many lines of the whole chain were; 0 where it is too long."""
    rows = await session.execute(select(Audit).where(col(Audit.about) == about(request)).order_by(col(Audit.seq)))
    found = [(line, said) for line in rows.scalars() if "act" in (said := json.loads(line.detail))]
    before = await _seals(session, [line.seq - 1 for line, _ in found])
    by_id = {act.id: act for act in acts}
    lines = {
        said["act"]: Sealed(line.seq, line.seal, _holds(line, before.get(line.seq - 1, START), by_id, said))
        for line, said in found
    }
    head, seal = await audit.head(session)
    whole = head <= MOST
    broken = await audit.first_broken(session) if whole else None
    lost = tuple(line.seq for line, said in found if said["act"] not in by_id)
    sealed = [said["asked"] for _, said in found if "asked" in said][-1:]
    asked = sealed == [asked_for(request)] and await _rules_hold(session, request)
    return Proof(lines, lost, head if whole else 0, broken, seal, asked)


async def _rules_hold(session: AsyncSession, request: Request) -> bool:
    rules = await session.scalar(select(col(Definition.text)).where(col(Definition.digest) == request.digest))
    return rules is not None and digest_of(rules) == request.digest


def _holds(line: Audit, before: str, acts: Mapping[int, Act], said: Mapping[str, object]) -> bool:
    act = acts.get(int(str(said["act"])))
    return audit.holds(line, before) and act is not None and digest(act) == said.get("digest")


async def _seals(session: AsyncSession, seqs: Collection[int]) -> dict[int, str]:
    rows = await session.execute(select(col(Audit.seq), col(Audit.seal)).where(col(Audit.seq).in_(seqs)))
    return {row[0]: row[1] for row in rows}
