"""What the person in front of us sees after they did something: to them alone, where they are."""

from __future__ import annotations

import asyncio
import json
import logging

from slack_sdk.web.async_client import AsyncWebClient

from bot.answer import Reply
from bot.platforms.files import own_id
from bot.platforms.slack.api import Refused, call
from bot.platforms.slack.blocks import Json, message_of
from bot.platforms.slack.enclosures import Enclosures, Place
from bot.platforms.slack.modals import home_of, modal_of
from bot.platforms.slack.reading import Arrived
from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Reader, Speaker
from config.text import Text, Words, t
from storage.errors import StorageBusy
from storage.places import Address

log = logging.getLogger(__name__)

EVERYBODY = Speaker(Reader())
"""Speaks both languages: for words said before we know to whom."""
LATE = t("This is taking longer than usual. You will hear from me here as soon as it is done.")
PRESS_AGAIN = t("This is taking longer than usual. Please send it once more in a moment: it counts only once.")
NOT_OPENED = t("The form could not be opened. Please try once more.")
FILES_SECONDS = 90.0
"""For all files of one reply; nothing waits for them."""
ELSEWHERE = {"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived", "restricted_action"}
"""Slack's reasons for not showing words where somebody is; we then write to them directly."""


def words_of(reply: Reply, instead: Text) -> Card | Words:
    """A reply that can be shown as a message: a form can't, so the words instead of it."""
    return instead if reply is None or isinstance(reply, Asking) else reply


def whisper(reply: Card | Words, say: Speaker) -> str:
    """A command's answer in the HTTP response itself: seen by nobody else, and no call is made."""
    return json.dumps({"response_type": "ephemeral", **message_of(reply, say)})


class Replies:
    """Shows replies by calling Slack. Nothing here fails loudly: the work itself has long been kept."""

    def __init__(self, client: AsyncWebClient, enclosures: Enclosures) -> None:
        self.client = client
        self.enclosures = enclosures

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
        await self._show(arrived, reply, say)
        await self.enclose(arrived, reply, say)

    async def enclose(self, arrived: Arrived, reply: Card | Words, say: Speaker) -> None:
        """Our files on a reply: into our conversation with the person, for nothing else hides a file from others."""
        if not isinstance(reply, Card) or not any(own_id(file) for file in reply.files):
            return
        is_whole = False
        try:
            async with asyncio.timeout(FILES_SECONDS):
                opened = (await call(self.client, "conversations.open", {"users": arrived.user})).get("channel")
                direct, here = str(opened.get("id")) if isinstance(opened, dict) else arrived.user, arrived.event.here
                is_here = here.channel in (direct, arrived.user)
                above = [] if is_here else message_of(reply.title, say)["blocks"]
                is_whole = await self.enclosures.share(
                    reply.files, Place(direct, here.thread if is_here else None), above
                )
        except (Refused, StorageBusy, TimeoutError) as error:
            log.warning("the files of a reply were not sent: %s", str(error) or "timeout")
        if not is_whole:
            words = t("I could not send you all the files of “{title}”. Please ask for them again.", title=reply.title)
            await self._directly(arrived.user, message_of(words, say) | _UNLINKED)

    async def _show(self, arrived: Arrived, reply: Card | Words, say: Speaker) -> None:
        message, here = message_of(reply, say) | _UNLINKED, arrived.event.here
        try:
            if here.channel[:1] in ("D", "U", "W"):
                await self._write(here, message)
            else:
                await self._whisper(here, arrived.user, message)
        except Refused as error:
            if error.code not in ELSEWHERE:
                log.warning("a reply was not shown: %s", error.code)
                return
            await self._directly(arrived.user, message)

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
        await call(self.client, "chat.postMessage", where | message | _PREVIEWS)

    async def _directly(self, user: str, message: Json) -> None:
        try:
            await call(self.client, "chat.postMessage", {"channel": user} | message | _PREVIEWS)
        except Refused as error:
            log.warning("a reply was not shown: %s", error.code)


_UNLINKED: Json = {"parse": "none", "link_names": False}
_PREVIEWS: Json = {"unfurl_links": False, "unfurl_media": False}


def _thread(here: Address) -> Json:
    return {"thread_ts": here.thread} if here.thread else {}
