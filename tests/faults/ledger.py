"""The records, looked into past the program while it runs: what is kept, and what is said to stand in Telegram."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from sqlalchemy.engine import make_url

from tests.platforms.telegram.payloads import BOT


class Standing(NamedTuple):
    """A row of the outbox that stands in a chat."""

    row: int
    chat: int
    message: int


@dataclass
class Ledger:
    """The records, read past the program and at once, while it runs."""

    url: str
    _open: Any = None

    def asks(self, question: str, *of: Any) -> list[Any]:
        """The rows that a SELECT finds; `?` where a value goes."""
        parsed = make_url(self.url)
        if self._open is None:
            is_sqlite = parsed.get_backend_name() == "sqlite"
            self._open = (
                sqlite3.connect(f"file:{parsed.database}?mode=ro", uri=True, isolation_level=None)
                if is_sqlite
                else psycopg.connect(self.url, autocommit=True)
            )
        if not isinstance(self._open, sqlite3.Connection):
            question = question.replace("?", "%s")
        return list(self._open.execute(question, of).fetchall())

    def knows(self, update: int) -> bool:
        """Whether an update has been kept: its row in the inbox is written with all that it did."""
        kept = "SELECT 1 FROM inbox WHERE platform = ? AND event = ?"
        return bool(self.asks(kept, "telegram", f"update:{BOT}:{update}"))

    def standing(self) -> list[Standing]:
        """The rows that stand in a chat, as far as we know."""
        found = self.asks("SELECT id, sent_channel, ref FROM outbox WHERE platform = ? AND ref IS NOT NULL", "telegram")
        return [Standing(row, int(chat), int(ref)) for row, chat, ref in found]

    def close(self) -> None:
        """Lets the records go."""
        if self._open is not None:
            self._open.close()
            self._open = None
