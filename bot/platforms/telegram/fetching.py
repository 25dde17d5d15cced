"""Files that people send: fetched from Telegram before their message is taken, and kept; or they are told why not."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from bot.platforms.telegram.calls import MOST_BYTES
from bot.platforms.telegram.media import Sent
from bot.platforms.telegram.refusals import Refused
from bot.platforms.telegram.store import Store
from bot.ui.form import Attached
from config.text import Text, t
from storage.places import Identity

log = logging.getLogger(__name__)

SECONDS = 8.0
AT_ONCE = 2


class Files(Protocol):
    """Where files are fetched from."""

    async def file(self, file_id: str) -> tuple[bytes, str]:
        """The bytes of a file, and its path. Raises `Refused`."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files that are there now, and what to say about one that is not."""

    files: tuple[Attached, ...]
    sorry: Text | None = None


class Fetching:
    """Fetches files, few at once: they are large, and everybody else's words go first."""

    def __init__(self, api: Files, store: Store, *, seconds: float = SECONDS) -> None:
        self.api = api
        self.store = store
        self.seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, who: Identity, files: tuple[Sent, ...]) -> Fetched:
        """Brings a message's files into our records. Raises `StorageBusy` where they can't be kept now."""
        kept: list[Attached] = []
        sorry: Text | None = None
        for file in files:
            attached, why = await self._one(who, file)
            kept += [attached] if attached is not None else []
            sorry = sorry or why
        return Fetched(tuple(kept), sorry)

    async def _one(self, who: Identity, file: Sent) -> tuple[Attached | None, Text | None]:
        if file.size > MOST_BYTES:
            return None, _too_big(file)
        async with self._turns:
            try:
                async with asyncio.timeout(self.seconds):
                    data, _ = await self.api.file(file.id)
            except TimeoutError:
                log.warning("a file did not come in time")
                return None, _not_had(file)
            except Refused as error:
                log.warning("a file was not to be had: %s", error.code)
                return None, _too_big(file) if error.status == 413 or "too big" in error.code else _not_had(file)
            if len(data) > MOST_BYTES:
                return None, _too_big(file)
            if not data:
                return None, t("The file {name} is empty.", name=file.name)
            return await self.store.keep_file(who, file.name, data), None


def _too_big(file: Sent) -> Text:
    return t("The file {name} is too large: Telegram lets me have at most 20 MB.", name=file.name)


def _not_had(file: Sent) -> Text:
    return t("The file {name} did not reach me. Please send it once more.", name=file.name)
