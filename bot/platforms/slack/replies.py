"""What the person in front of us sees after they did something: to them alone, where they are."""

from __future__ import annotations

import json
import logging

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
from storage.places import Address

log = logging.getLogger(__name__)

EVERYBODY = Speaker(Reader())
"""Speaks both languages: for words said before we know to whom."""
LATE = t("This is taking longer than usual. You will hear from me here as soon as it is done.")
PRESS_AGAIN = t("This is taking longer than usual. Please send it once more in a moment: it counts only once.")
NOT_OPENED = t("The form could not be opened. Please try once more.")
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

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client

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
