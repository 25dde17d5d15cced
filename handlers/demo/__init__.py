"""The demo company: thirty-one people of Morningstar Smart Home, and their three months with Opsbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot import sheet
from bot.capability import Capability
from handlers.demo import requests, stories
from handlers.demo.desks import Company
from handlers.demo.season import Season
from handlers.demo.together import Together
from storage import audit, people, roster
from storage.database import Database

PEOPLE = Path(__file__).parent / "people.csv"
BEHIND = timedelta(days=91)
"""How much of a past the company has."""


async def build(database: Database, now: datetime, capabilities: Sequence[Capability]) -> bool:
    """Makes the company and its past up to `now`, where the database is empty. Says whether it did.

    All of it is one transaction: whoever looks meanwhile sees an empty database, and a kill midway leaves one. A
    database that holds people, or where anything was ever done, stays as it is. Wants the shipped handbook.
    """
    try:
        async with database.session() as session:
            return await _lived_through(Together.inside(database, session), now, capabilities)
    except _SomebodyElse:
        return False


async def _lived_through(database: Together, now: datetime, capabilities: Sequence[Capability]) -> bool:
    async with database.reading() as session:
        if await people.everyone(session) or (await audit.head(session))[0]:
            return False
    begins = database.handbook.calendar.add(now - BEHIND, timedelta(minutes=1))
    async with database.unit(begins, via="demo") as work:
        arrived = await roster.take_in(work, sheet.read(PEOPLE))
    if arrived.count(roster.Kind.ADDED) != len(arrived.people):  # the list's lock has let another process go first
        raise _SomebodyElse
    company = Company(database, begins, now, capabilities)
    await company.gather()
    await Season(company).play(*stories.read(), requests.read())
    if database.spoilt is not None:
        raise RuntimeError("the demo's past could not be made; nothing of it is kept") from database.spoilt
    return True


class _SomebodyElse(Exception):
    """Another process has made the company meanwhile; ours is undone."""
