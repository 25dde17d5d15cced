"""What the person in front of us sees after they did something: to them alone, where they are, and never lost."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.answer import Reply
from bot.platforms.slack.api import Refused, call
from bot.platforms.slack.blocks import Json, message_of
from bot.platforms.slack.modals import home_of, modal_of
from bot.platforms.slack.reading import Arrived
from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Reader, Speaker
from config.text import Text, Words, t
from storage.errors import StorageBusy
from storage.places import Address, Identity

log = logging.getLogger(__name__)

EVERYBODY = Speaker(Reader())
"""Speaks both languages: for words said before we know to whom."""
LATE = t("This is taking longer than usual. You will hear from me here as soon as it is done.")
PRESS_AGAIN = t("This is taking longer than usual. Please send it once more in a moment: it counts only once.")
NOT_OPENED = t("The form could not be opened. Please try once more.")
UNSHOWN = t("“{title}” could not be shown in time. Please ask for it once more.")
LONGEST = 30.0
"""Seconds that what is kept nowhere (a card with a key) waits for Slack, between two tries."""
TRIES = 3
BUSY_PAUSES = (0.5, 2.0, 8.0, 0.0)
"""Seconds between two tries to keep a reply, where the records can't be had; after the last it is let go."""
PASSING = {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}
"""Slack's own words for what may pass."""
ELSEWHERE = {"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived", "restricted_action"}
"""Slack's reasons for not showing words where somebody is; we then write to them directly."""


Later = Callable[[Identity, Address, Card | Words, float], Awaitable[None]]
"""Keeps a reply for whoever it is for: it comes to that place, in so many seconds at the earliest."""


async def nobody_keeps(who: Identity, to: Address, reply: Card | Words, after: float) -> None:
    """For a platform that has no records behind it: the reply is gone."""


def words_of(reply: Reply, instead: Text) -> Card | Words:
    """A reply that can be shown as a message: a form can't, so the words instead of it."""
    return instead if reply is None or isinstance(reply, Asking) else reply


def whisper(reply: Card | Words, say: Speaker) -> str:
    """A command's answer in the HTTP response itself: seen by nobody else, and no call is made."""
    return json.dumps({"response_type": "ephemeral", **message_of(reply, say)})


class Replies:
    """Shows replies by calling Slack. What Slack doesn't take now is kept, and comes `later` to our conversation with
    the person. Nothing here fails loudly: the work itself has long been kept."""

    def __init__(self, client: AsyncWebClient, later: Later = nobody_keeps) -> None:
        self.client = client
        self.later = later

    async def open(self, arrived: Arrived, asking: Asking, say: Speaker) -> None:
        """Opens the form; Slack allows it within 3 seconds. Says so where it could not be opened."""
        view = modal_of(asking, say, arrived.event.here)
        try:
            await call(self.client, "views.open", {"trigger_id": arrived.trigger, "view": view})
        except Refused as error:
            log.warning("a form could not be opened: %s", error.code)
            await self.show(arrived, NOT_OPENED, say)

    async def show(self, arrived: Arrived, reply: Card | Words, say: Speaker) -> None:
        """Words or a card for one person: seen by them alone in a channel, or written to them directly."""
        is_once = isinstance(reply, Card) and reply.once
        failure = await (self._insisted(arrived, reply, say) if is_once else self._shown(arrived, reply, say))
        if failure is None:
            return
        log.warning("a reply was not shown: %s", failure.code)
        if _may_pass(failure):
            kept = t(UNSHOWN.id, title=reply.title) if isinstance(reply, Card) and is_once else reply
            await self._keep(arrived, kept, failure.retry_after or 0.0)

    async def _insisted(self, arrived: Arrived, reply: Card | Words, say: Speaker) -> Refused | None:
        """What holds a key is kept nowhere: it waits here for Slack, not for long."""
        failure = await self._shown(arrived, reply, say)
        for _ in range(TRIES - 1):
            if failure is None or not _may_pass(failure):
                break
            await asyncio.sleep(min(LONGEST, 1.0 if failure.retry_after is None else failure.retry_after))
            failure = await self._shown(arrived, reply, say)
        return failure

    async def _shown(self, arrived: Arrived, reply: Card | Words, say: Speaker) -> Refused | None:
        """Shows it where they are, else where they read alone. Returns why it could not be shown."""
        message, here = message_of(reply, say) | UNLINKED, arrived.event.here
        try:
            if is_private(here):
                await self._write(here, message)
            else:
                await self._whisper(here, arrived.user, message)
        except Refused as error:
            return error if error.code not in ELSEWHERE else await self._directly(arrived.user, message)
        return None

    async def _keep(self, arrived: Arrived, reply: Card | Words, after: float) -> None:
        """By the account's own id, as all that is for one person; in their thread, where they are alone with us."""
        here = arrived.event.here
        thread = here.thread if is_private(here) else None
        for pause in BUSY_PAUSES:
            try:
                await self.later(arrived.event.who, Address("slack", arrived.user, thread), reply, after)
                return
            except StorageBusy as error:
                log.warning("a reply can't be kept now: %s", error)
                await asyncio.sleep(pause)

    async def publish(self, user: str, reply: Card | Words, say: Speaker) -> None:
        """Puts a card on a person's home tab."""
        try:
            await call(self.client, "views.publish", {"user_id": user, "view": home_of(reply, say)})
        except Refused as error:
            log.warning("a home tab was not published: %s", error.code)

    async def _whisper(self, here: Address, user: str, message: Json) -> None:
        where = {"channel": here.channel, "user": user} | _thread(here)
        await call(self.client, "chat.postEphemeral", where | message)

    async def _write(self, here: Address, message: Json) -> None:
        where = {"channel": here.channel} | _thread(here)
        await call(self.client, "chat.postMessage", where | message | PREVIEWS)

    async def _directly(self, user: str, message: Json) -> Refused | None:
        try:
            await call(self.client, "chat.postMessage", {"channel": user} | message | PREVIEWS)
        except Refused as error:
            return error
        return None


UNLINKED: Json = {"parse": "none", "link_names": False}
PREVIEWS: Json = {"unfurl_links": False, "unfurl_media": False}


def is_private(here: Address) -> bool:
    """Whether nobody else reads there: a direct conversation, or the person's own id."""
    return here.channel[:1] in ("D", "U", "W")


def _may_pass(error: Refused) -> bool:
    """Whether Slack may take it later. Without any answer it may stand there already: it comes twice then."""
    return error.code in PASSING or error.status == 429 or error.status >= 500 or error.status == 0


def _thread(here: Address) -> Json:
    return {"thread_ts": here.thread} if here.thread else {}
