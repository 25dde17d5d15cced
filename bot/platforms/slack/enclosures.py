"""Files of ours that go with a card: sent up to Slack, and shared below it, as far as that can be done."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.files import ReadFile, own_id
from bot.platforms.kinds import file_name
from bot.platforms.slack.api import Refused, call, look
from bot.platforms.slack.blocks import Json
from bot.ui.card import Attached

log = logging.getLogger(__name__)

UPLOAD_SECONDS = 60.0
"""For the bytes of one file; whoever sends may have less time."""
AFTER = 100
"""Messages after a card among which its files are looked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are shared: a conversation, and in it the message at the head of a thread."""

    channel: str
    thread: str | None = None


class Enclosures:
    """Sends our files, each once. Raises `Refused` and `StorageBusy`, and nothing else."""

    def __init__(self, client: AsyncWebClient, read_file: ReadFile) -> None:
        self.client = client
        self.read_file = read_file

    async def share(
        self, files: Iterable[Attached], place: Place, above: Sequence[Json] = (), since: str | None = None
    ) -> bool:
        """Shares those of the files that lie with us, in one message below blocks `above`; says whether all are there.

        Those that stand there already, later than `since`, are left out: a card that is sent again has them once.
        """
        ours = [file for file in files if own_id(file) is not None]
        if ours and since is not None:
            ours = await self._missing(ours, place, since)
        ids = [id for file in ours if (id := await self._sent_up(file)) is not None]
        if ids:
            body: Json = {"files": ids, "channel_id": place.channel}
            body |= {"thread_ts": place.thread} if place.thread else {}
            body |= {"blocks": list(above)} if above else {}
            await call(self.client, "files.completeUploadExternal", body)
        return len(ids) == len(ours)

    async def _sent_up(self, file: Attached) -> Json | None:
        """Brings a file's bytes to Slack, where nobody sees it yet; None where it is no more, or Slack refuses it."""
        found = await self.read_file(own_id(file) or 0)
        if found is None or not found[2]:
            log.warning("there is no file %s to send", file.source)
            return None
        name, data = " ".join(file_name(found[0]).split()), found[2]
        # The method takes no JSON.
        ticket = await look(self.client, "files.getUploadURLExternal", {"filename": name, "length": str(len(data))})
        url, id = ticket.get("upload_url"), ticket.get("file_id")
        if not (isinstance(url, str) and url.startswith(("https://", "http://")) and isinstance(id, str) and id):
            raise Refused("no_upload_url")
        if not await self._posted(url, data):
            return None
        return {"id": id, "title": name}

    async def _posted(self, url: str, data: bytes) -> bool:
        """The address itself is the right to send: our token stays with us."""
        assert self.client.session is not None
        limit = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
        try:
            async with self.client.session.post(url, data=data, timeout=limit, allow_redirects=False) as answer:
                if answer.status == 200:
                    return True
                log.warning("Slack does not take a file: http_%s", answer.status)
                return False
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Refused(type(error).__name__) from None

    async def _missing(self, files: list[Attached], place: Place, since: str) -> list[Attached]:
        """Those that are not in the conversation, or the thread, since that message, by their names."""
        asked = {"channel": place.channel, "oldest": since, "limit": AFTER}
        if place.thread:
            page = await look(self.client, "conversations.replies", asked | {"ts": place.thread})
        else:
            page = await look(self.client, "conversations.history", asked)
        there = Counter(_titles(page.get("messages")))
        missing = []
        for file in files:
            name = " ".join(file_name(file.name).split())
            if there[name]:
                there[name] -= 1
            else:
                missing.append(file)
        return missing


def _titles(messages: object) -> list[str]:
    """The titles of the files in messages, whatever those are."""
    listed = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    files = [file for one in listed if isinstance(one.get("files"), list) for file in one["files"]]
    return [str(file.get("title")) for file in files if isinstance(file, dict)]
