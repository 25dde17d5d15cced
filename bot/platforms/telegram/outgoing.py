"""Telegram as a way to people: cards go out and are redrawn; each failure is told for what it means."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from bot.errors import DeliveryFailed
from bot.platforms import Message, Pace, Sent
from bot.platforms.files import ReadFile
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.calls import Json
from bot.platforms.telegram.enclosures import Enclosures
from bot.platforms.telegram.gate import Gate, is_group
from bot.platforms.telegram.intake import Intake, Offering
from bot.platforms.telegram.keyboards import asks_place
from bot.platforms.telegram.markup import CAPTION, Drawn, Limits, draw, draw_words
from bot.platforms.telegram.refusals import Meaning, Refused
from bot.platforms.telegram.store import Store
from bot.ui.card import Card
from bot.words import Speaker
from config.text import Words, t
from storage.errors import StorageBusy
from storage.places import Address

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS = 10.0
"""For one message, all in all."""
FOLLOW_SECONDS = 9.0
"""Until then what belongs to a message (its files) may be sent after it."""
SHORT_WAIT = 3.0
"""After a pause of up to so many seconds, words of the moment are tried once more."""


class Telegram:
    """The Telegram platform. With a webhook's secret Telegram calls us at `public_url`; without, we ask.

    `read_file` gives one of our files: its name, kind and bytes. `in_charge`: whether this process is the one that
    asks for updates.
    """

    name = "telegram"

    def __init__(
        self,
        token: str,
        api_url: str,
        webhook_secret: str | None,
        public_url: str,
        desk: Offering,
        clock: Callable[[], datetime],
        read_file: ReadFile,
        store: Store,
        in_charge: Callable[[], Awaitable[bool]],
    ) -> None:
        self.pace = Pace(channel=1.0, overall=30.0, a_minute=20, groups="-@")
        self.api = Api(token, api_url, Gate(time.monotonic))
        self.enclosures = Enclosures(self.api, read_file)
        self.intake = Intake(
            self.api,
            desk,
            store,
            self.show,
            clock,
            token,
            in_charge=in_charge,
            public_url=public_url,
            webhook_secret=webhook_secret or "",
        )

    def hang(self, router: web.UrlDispatcher) -> None:
        """Hangs Telegram's one route into the web server; none where we ask."""
        self.intake.hang(router)

    async def start(self) -> None:
        """Begins to take updates; where Telegram can't be reached, goes on trying by itself."""
        await self.intake.start()

    async def stop(self) -> None:
        """Takes nothing more in, lets what is under way finish, and closes the connections."""
        await self.intake.stop()
        await self.api.close()

    async def send(self, message: Message) -> Sent:
        """Posts a card, and after it the files that belong to it, as far as there is time.

        Telegram has no way to look a message up: one whose outcome was not known may come to stand twice.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + FOLLOW_SECONDS
        id = await _in_time(self._send(message))
        enclosed = await self._follow(message, str(id), until)
        return Sent(message.to.channel, str(id), tuple(enclosed))

    async def edit(self, message: Message) -> None:
        """Redraws a card where it stands. Its picture and its files stay as they are."""
        if message.ref is None or not message.ref.isdecimal():
            raise DeliveryFailed(f"no message of ours: {message.ref!r}", permanent=True, gone=True)
        await _in_time(self._edit(message, message.ref))

    async def show(self, chat: str, reply: Card | Words, say: Speaker) -> None:
        """Writes words of the moment, or a card that is kept nowhere, and its files. Raises `DeliveryFailed`."""
        try:
            id = await _in_time(self._say(chat, reply, say, None))
        except DeliveryFailed as failure:
            if failure.retry_after is None or failure.retry_after > SHORT_WAIT:
                raise
            id = await _in_time(self._say(chat, reply, say, None))  # the gate waits for the pause's end
        if isinstance(reply, Card) and reply.files:
            files = Message(0, Address("telegram", chat), Card(reply.title, files=reply.files), say)
            await self._follow(files, str(id), asyncio.get_running_loop().time() + FOLLOW_SECONDS)

    # --- Sending

    async def _send(self, message: Message) -> int:
        chat, card, under = message.to.channel, message.card, message.to.thread
        picture = await self.enclosures.picture(card)
        if picture is not None and message.about is None:
            caption = draw(card, message.say, Limits(CAPTION))
            if caption.is_whole and not self._asks(message):
                try:
                    return await self.api.send_photo(
                        chat, picture, caption.html, caption.plain, caption.keyboard, under
                    )
                except Refused as error:
                    if error.meaning not in (Meaning.PICTURE, Meaning.BUTTON):
                        raise
        is_seen = picture is not None and await self.enclosures.show(message, picture)
        if card.image is not None and not is_seen:
            card = replace(card, body=(*card.body, card.image.alt))
        keys = asks_place(message.say) if self._asks(message) and message.about is None else None
        return await self._say(chat, card, message.say, under, keys)

    async def _edit(self, message: Message, ref: str) -> None:
        async def edited(drawn: Drawn) -> None:
            await self.api.edit_text(message.to.channel, ref, drawn.html, drawn.plain, drawn.keyboard)

        await _drawn(message.card, message.say, edited)

    async def _say(
        self, chat: str, reply: Card | Words, say: Speaker, under: str | None, keys: Json | None = None
    ) -> int:
        async def sent(drawn: Drawn) -> int:
            keyboard = drawn.keyboard if keys is None or drawn.keyboard is not None else keys
            return await self.api.send_text(chat, drawn.html, drawn.plain, keyboard, under)

        return await _drawn(reply, say, sent)

    def _asks(self, message: Message) -> bool:
        """Whether the card wants to know where its reader is; in a group Telegram lets nobody ask."""
        return message.card.wants == "place" and not is_group(message.to.channel)

    # --- What follows a message

    async def _follow(self, message: Message, id: str, until: float) -> list[str]:
        """A key for the reader's place, and the files: as far as the time goes, and never a failure. The files' ids."""
        posted: list[str] = []
        try:
            async with asyncio.timeout_at(until):
                if self._asks(message) and (message.about is not None or message.card.buttons or message.card.links):
                    words = draw_words(t("The key below sends me where you are."), message.say)
                    await self.api.send_text(message.to.channel, words.html, words.plain, asks_place(message.say), id)
                await self.enclosures.send(message, id, posted)
        except (Refused, StorageBusy, TimeoutError) as error:
            log.warning("what follows a message was not sent: %s", error)
        return posted


async def _drawn(reply: Card | Words, say: Speaker, said: Callable[[Drawn], Awaitable[T]]) -> T:
    """Draws it and says it; once more with its links as words, where Telegram takes one under no button."""
    if not isinstance(reply, Card):
        return await said(draw_words(reply, say))
    try:
        return await said(draw(reply, say))
    except Refused as error:
        if error.meaning is not Meaning.BUTTON:
            raise
        log.info("the links go out as words: %s", error.code)
    return await said(draw(reply, say, Limits(leads_out=False)))


async def _in_time(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(SECONDS):
            return await work
    except Refused as error:
        raise error.as_failure() from None
    except StorageBusy as busy:
        raise DeliveryFailed(str(busy), retry_after=1.0) from None
    except TimeoutError:
        raise DeliveryFailed("timeout") from None
