"""Whether one of our messages stands in Slack already: looked up before it goes out again, so that nobody reads it
twice.
"""

from __future__ import annotations

from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.api import Refused, look
from bot.platforms.slack.blocks import Json
from bot.platforms.slack.gate import Clock
from bot.platforms.slack.reading import Ours

EVENT_TYPE = "opsbook_message"
LOOK_BACK = timedelta(days=1)
AHEAD = timedelta(minutes=10)
"""Slack's clock may be ahead of ours by so much."""
PAGE = 200
"""Messages asked for at a time; Slack may give fewer, though there are more."""
PAGES = 10
"""What stands further back than so many pages is not found."""


def metadata_of(row: int) -> Json:
    """What a message carries so that it is found again: the row's id, which people don't see."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": row}}


class Lookup:
    """Looks through a channel or a thread, page by page. Raises `Refused`, and nothing else."""

    def __init__(self, client: AsyncWebClient, clock: Clock, ours: Ours) -> None:
        self.client = client
        self.clock = clock
        self.ours = ours

    async def find(self, row: int, channel: str, thread: str | None) -> str | None:
        """The `ts` of the row's message, in its thread or else in the channel itself; None if it does not stand."""
        if thread is not None:
            try:
                return await self._found(row, "conversations.replies", {"channel": channel, "ts": thread})
            except Refused as error:
                if error.code != "thread_not_found":
                    raise  # where there is no thread, it went into the channel
        return await self._found(row, "conversations.history", {"channel": channel})

    async def _found(self, row: int, method: str, where: Json) -> str | None:
        asked = where | self._last_day()
        for _ in range(PAGES):
            page = await look(self.client, method, asked)
            listed = page.get("messages")
            for one in listed if isinstance(listed, list) else []:
                if isinstance(one, dict) and self._is_row(one, row) and isinstance(ts := one.get("ts"), str):
                    return ts
            match page.get("response_metadata"):
                case {"next_cursor": str(cursor)} if cursor:
                    asked["cursor"] = cursor
                case _:
                    return None
        return None

    def _last_day(self) -> Json:
        """Both ends of it: with `oldest` alone, Slack's first page is the one next to that end, a day ago."""
        now = self.clock()
        return {
            "limit": PAGE,
            "oldest": f"{(now - LOOK_BACK).timestamp():.6f}",
            "latest": f"{(now + AHEAD).timestamp():.6f}",
            "include_all_metadata": "true",
        }

    def _is_row(self, stored: Json, row: int) -> bool:
        """Ours, and this row's: another app could write the same metadata."""
        match stored.get("metadata"):
            case {"event_type": kind, "event_payload": {"id": int(found)}} if kind == EVENT_TYPE and found == row:
                return not self.ours.user or stored.get("user") in (self.ours.user, None)
        return False
