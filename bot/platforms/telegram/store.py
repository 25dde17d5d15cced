"""What the incoming side asks of the records: who somebody is, whether we may write to them, and to keep a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.platforms.files import files_of
from bot.platforms.kinds import kind_of
from bot.ui.form import Attached
from bot.words import Reader
from storage import inbox, moves, people, webchat
from storage.database import Database
from storage.errors import StorageBusy
from storage.places import Identity


@dataclass(frozen=True, slots=True)
class Known:
    """A colleague: how they read, and whether they have written to us in private (only then may we write there)."""

    reader: Reader
    is_met: bool


class Store(Protocol):
    """The records, as the incoming side needs them. Raises `StorageBusy` where they can't be had now."""

    async def known(self, who: Identity) -> Known | None:
        """The colleague behind an account; None for strangers and leavers."""

    async def keep_file(self, who: Identity, name: str, data: bytes) -> Attached | None:
        """Keeps a file, loose until something takes it; None for strangers, whose files are not kept."""

    async def moved(self, old: str, new: str) -> None:
        """A chat goes on under another id."""

    async def lost(self, event: str, user: str, why: str) -> None:
        """Somebody can't be written to any more; once for each event, so that old news undoes nothing."""

    async def back(self, event: str, user: str) -> None:
        """Somebody can be written to again; once for each event."""

    async def adopt(self, bot: int) -> None:
        """What an earlier version has kept without its bot's number was this bot's."""


class Records:
    """The store on the real database: each call is a unit of its own."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock

    async def known(self, who: Identity) -> Known | None:
        """As in `Store`."""
        try:
            async with self.database.reading() as session:
                person = await people.known(session, who)
                if person is None:
                    return None
                is_met = await people.met(session, who)
        except self.database.unavailable as error:
            raise StorageBusy(type(error).__name__) from error
        return Known(Reader((person.language,), ZoneInfo(person.zone)), is_met)

    async def keep_file(self, who: Identity, name: str, data: bytes) -> Attached | None:
        """As in `Store`. What kind of file it is, its first bytes say."""
        async with self.database.unit(self.clock(), via=who.platform) as work:
            person = await people.known(work.session, who)
            if person is None:
                return None
            work.by = person
            file = await webchat.keep_file(work, person.id, name, kind_of(data), data)
            return Attached(f"web:{file.id}", name, file.mime, file.size)

    async def moved(self, old: str, new: str) -> None:
        """As in `Store`."""
        async with self.database.unit(self.clock(), via="telegram") as work:
            await moves.note(work, "telegram", old, new)

    async def lost(self, event: str, user: str, why: str) -> None:
        """As in `Store`."""
        async with self.database.unit(self.clock(), via="telegram") as work:
            if await inbox.is_new(work, "telegram", event):
                await people.lose(work, "telegram", user, why)

    async def back(self, event: str, user: str) -> None:
        """As in `Store`."""
        async with self.database.unit(self.clock(), via="telegram") as work:
            if await inbox.is_new(work, "telegram", event):
                await people.known(work.session, Identity("telegram", "", user), work.now, alone=True)

    async def adopt(self, bot: int) -> None:
        """As in `Store`."""
        async with self.database.unit(self.clock(), via="telegram") as work:
            await inbox.adopt(work, "telegram", "update:", str(bot))

    async def read_file(self, file_id: int) -> tuple[str, str, bytes] | None:
        """One of our files, to be sent with a card: its name, kind and bytes. Raises `StorageBusy`."""
        return await files_of(self.database)(file_id)
