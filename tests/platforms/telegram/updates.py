"""How what people do reaches the bot: kept until it is asked for, or posted to its webhook until that says 2xx."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.platforms.telegram.chats import Clock, Refused
from tests.platforms.telegram.hook import Hook
from tests.platforms.telegram.wire import Args

Json = dict[str, Any]

KEPT = 10_000
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})  # only when asked for by name
TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Updates:
    """The queue. `pending` waits for the bot, `past` has been confirmed; `changed` runs after every change.

    `confirmed` is given each update at the moment when the bot says that it has it.
    """

    def __init__(self, next_id: int, clock: Clock, changed: Callable[[], None]) -> None:
        self.next_id, self.clock = next_id, clock
        self.pending: list[Json] = []
        self.past: deque[Json] = deque(maxlen=KEPT)
        self.allowed: list[str] = []
        self.ignores_offset = False
        self.confirmed: Callable[[Json], None] = lambda update: None
        self.hook = Hook(self)
        self._changed = changed
        self._news = asyncio.Event()
        self._poll = 0

    def add(self, kind: str, content: Json, update_id: int | None = None) -> Json:
        """A new update with the next number."""
        update = {"update_id": self.next_id if update_id is None else update_id, kind: content}
        self.push(update)
        return update

    def push(self, update: Json) -> None:
        """Any update as it stands, waiting now; numbers go on from the highest. Left out if not asked for."""
        kind = next((name for name in update if name != "update_id"), "")
        if isinstance(update.get("update_id"), int):
            self.next_id = max(self.next_id, update["update_id"] + 1)
        if kind in self.allowed or (not self.allowed and kind not in UNASKED):
            self.pending.append(update)
            del self.pending[:-KEPT]
        self.stir()

    def confirm(self, update: Json) -> None:
        """This one is done: it never comes again by itself."""
        if update in self.pending:
            self.pending.remove(update)
            self.past.append(update)
            self.confirmed(update)
            self._changed()

    def stir(self) -> None:
        """Wakes whoever waits for updates."""
        self._news.set()
        self._news = asyncio.Event()
        self.hook.stir()
        self._changed()

    # --- getUpdates

    async def poll(self, args: Args, stopping: asyncio.Event) -> list[Json]:
        """Answers getUpdates. Raises Refused (409) when another poll has come since, or a webhook is set."""
        if self.hook.url:
            raise Refused(HOOKED, 409)
        self._poll += 1
        mine = self._poll
        self._news.set()
        self._news = asyncio.Event()
        if args.has("allowed_updates"):
            self.allowed = list(args.object("allowed_updates", "allowed_updates") or [])
        self._forget(args.whole("offset"))
        limit = args.whole("limit", 100)
        limit = limit if 1 <= limit <= 100 else 100
        until = time.monotonic() + min(50, max(0, args.whole("timeout")))
        if self.ignores_offset and not self.pending:
            await asyncio.sleep(0.02)  # otherwise the bot would spin
        while True:
            if self._poll != mine:
                raise Refused(TERMINATED, 409)
            found = ([*self.past, *self.pending] if self.ignores_offset else self.pending)[:limit]
            left = until - time.monotonic()
            if found or left <= 0 or stopping.is_set():
                return found
            await self._next_news(left)

    def _forget(self, offset: int) -> None:
        """Telegram's way: an offset confirms all before it, a negative one leaves that many of the last."""
        if offset > 0:
            done = [one for one in self.pending if one["update_id"] < offset]
        else:
            done = self.pending[:offset] if offset < 0 else []
        for update in done:
            self.confirm(update)

    async def _next_news(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return

    # --- setWebhook, deleteWebhook, getWebhookInfo

    def set_webhook(self, args: Args) -> bool:
        """https, or http on this machine; an empty address takes the webhook away. Raises Refused."""
        url, secret = args.text("url"), args.text("secret_token")
        if url and not _ADDRESS.match(url):
            raise Refused("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if len(secret) > 256 or not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            raise Refused("Bad Request: bad webhook: secret token contains unallowed characters")
        if args.flag("drop_pending_updates"):
            self.pending.clear()
        if args.has("allowed_updates"):
            self.allowed = list(args.object("allowed_updates", "allowed_updates") or [])
        self.hook.url, self.hook.secret = url, secret
        self.hook.max_connections = min(100, max(1, args.whole("max_connections", 40)))
        self.hook.last_error = None
        self.stir()
        return True

    def delete_webhook(self, args: Args) -> bool:
        """Back to getUpdates; what waits goes on waiting unless it is dropped."""
        if args.flag("drop_pending_updates"):
            self.pending.clear()
        self.hook.url = self.hook.secret = ""
        self.stir()
        return True

    def webhook_info(self) -> Json:
        """A WebhookInfo."""
        found: Json = {
            "url": self.hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if self.hook.url:
            found |= {"max_connections": self.hook.max_connections, "ip_address": "127.0.0.1"}
        if self.hook.last_error:
            found |= {"last_error_date": self.hook.last_error_date, "last_error_message": self.hook.last_error}
        return found | ({"allowed_updates": self.allowed} if self.allowed else {})


_ADDRESS = re.compile(r"https://[^/\s]+|http://(?:127\.0\.0\.1|localhost)[:/]")
