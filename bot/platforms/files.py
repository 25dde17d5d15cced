"""Files that lie with us: who sends a card reads them here, and puts them below it where the platform can."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.ui.card import Attached
from storage import webchat
from storage.database import Database
from storage.errors import StorageBusy
from storage.tables import id_in

OWN = "web:"

ReadFile = Callable[[int], Awaitable[tuple[str, str, bytes] | None]]
"""Gives one of our files by its id: its name, kind and bytes; None where there is no such file."""


def own_id(file: Attached) -> int | None:
    """Its id, where it lies with us; None where a platform keeps it."""
    return id_in(file.source.removeprefix(OWN)) if file.source.startswith(OWN) else None


def files_of(database: Database) -> ReadFile:
    """Reads them out of the records. Raises `StorageBusy`."""

    async def read(file_id: int) -> tuple[str, str, bytes] | None:
        try:
            async with database.reading() as session:
                file = await webchat.file(session, file_id)
        except database.unavailable as error:
            raise StorageBusy(type(error).__name__) from error
        return (file.name, file.mime, file.data) if file is not None else None

    return read


async def no_file(file_id: int) -> tuple[str, str, bytes] | None:
    """For a platform that has no records behind it: there is none."""
    return None
