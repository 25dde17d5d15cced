"""What the person in front of us sees after the commit: a press is answered once, and no answer stands in a group.

Nothing here fails loudly: the work itself has long been kept.
"""

from __future__ import annotations

import html
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol

from bot.answer import Answer, Outcome
from bot.errors import DeliveryFailed
from bot.events import Commanded, Event, Pressed
from bot.platforms.telegram.links import chat_link, deep_link
from bot.platforms.telegram.reading import Ours, Spot
from bot.platforms.telegram.refusals import Refused
from bot.platforms.telegram.toasts import (
    DONE,
    GO_ON,
    IN_PRIVATE,
    LATE,
    Toast,
    form_of,
    shown_instead,
    speaker,
    toast,
    worded,
)
from bot.ui.card import Card
from bot.ui.form import Asking
from bot.words import Reader, Speaker
from config.text import Text, Words, t

log = logging.getLogger(__name__)

NOTE_EVERY = 60.0
"""Seconds between two notes to one person in one group."""
WORDS_EVERY = 5.0
"""Seconds between two of the same words to a stranger, or about what we can't read: nobody makes us chatter."""
REMEMBERED = 2000
OPEN = t("Open the chat")
EVERYBODY = Speaker(Reader())
"""Speaks both languages: for words said before we know to whom."""


class Calls(Protocol):
    """The calls of the Bot API that are made here. They raise `Refused`."""

    async def answer(self, callback: str, text: str = "", alert: bool = False, url: str | None = None) -> bool:
        """Answers a press; says whether it could still be answered."""

    async def send_text(
        self, chat: str, html: str, plain: str, keyboard: dict[str, Any] | None = None, reply_to: str | None = None
    ) -> int:
        """Posts words."""


class Show(Protocol):
    """Writes words or a card to somebody in private, at once; nobody keeps it."""

    async def __call__(self, chat: str, reply: Card | Words, say: Speaker) -> object:
        """May raise `DeliveryFailed` or `Refused`: then it was not shown."""


class Lately:
    """What was said lately: so that it is not said again at once."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._said: OrderedDict[Hashable, float] = OrderedDict()

    def is_first(self, what: Hashable, seconds: float) -> bool:
        """Whether this was not said within these seconds; it counts as said now."""
        now = self._now()
        if now - self._said.get(what, -seconds) < seconds:
            return False
        self._said[what] = now
        self._said.move_to_end(what)
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)
        return True


class Replies:
    """Shows answers: as toasts, in private, and as notes in a group that only say where the answer is."""

    def __init__(self, api: Calls, show: Show, ours: Ours, now: Callable[[], float] = time.monotonic) -> None:
        self.api = api
        self.show = show
        self.ours = ours
        self.lately = Lately(now)
        self._answered: OrderedDict[str, None] = OrderedDict()

    async def press(self, callback: str, shown: Toast | None = None) -> bool:
        """Answers a press, once however often it is asked for. False where who pressed did not see this."""
        if not callback or callback in self._answered:
            return False
        self._answered[callback] = None
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        shown = shown or Toast()
        try:
            return await self.api.answer(callback, shown.text, shown.alert, shown.url)
        except Refused as error:
            log.warning("a press was not answered: %s", error.code)
            return False

    async def late(self, spot: Spot) -> None:
        """Tells who pressed that it goes on by itself."""
        await self.press(spot.callback, worded(LATE, speaker(spot, EVERYBODY)))

    async def answer(self, spot: Spot, event: Event, answer: Answer, *, is_known: bool, may_write: bool) -> None:
        """Shows the desk's answer. `may_write`: whether they have a chat with us; `is_known`: no stranger."""
        if isinstance(event, Pressed) and spot.callback:
            is_seen = await self.press(spot.callback, toast(answer, spot, event, self.ours, may_write=may_write))
            if may_write and shown_instead(answer, is_seen=is_seen):
                await self.write(spot, answer.reply, answer.say)
        elif answer.outcome is Outcome.AGAIN or (answer.reply is None and not answer.posted):
            return
        elif spot.is_private:
            await self._in_private(spot, answer)
        elif is_known:
            await self._in_group(spot, event, answer, may_write)

    async def tell(self, spot: Spot, words: Words, say: Speaker) -> None:
        """Words about what we could not take; not again at once."""
        if self.lately.is_first((spot.user, "told", str(words)), WORDS_EVERY):
            await self.write(spot, words, say)

    async def write(self, spot: Spot, reply: Card | Asking | Words | None, say: Speaker) -> None:
        """Writes to them in private, at once."""
        if reply is None or isinstance(reply, Asking):
            return
        try:
            await self.show(spot.user, reply, speaker(spot, say))
        except (Refused, DeliveryFailed) as error:
            log.warning("a reply was not shown: %s", error)

    async def _in_private(self, spot: Spot, answer: Answer) -> None:
        stranger = answer.outcome is Outcome.STRANGER
        if answer.posted or (stranger and not self.lately.is_first((spot.user, "stranger"), WORDS_EVERY)):
            return
        await self.write(spot, answer.reply, answer.say)

    async def _in_group(self, spot: Spot, event: Event, answer: Answer, may_write: bool) -> None:
        """The answer itself goes to the private chat; here only that it did, or how to get there."""
        if may_write and not answer.posted:
            await self.write(spot, answer.reply, answer.say)
        if not self.ours.username or not self.lately.is_first((spot.user, spot.chat), NOTE_EVERY):
            return
        if may_write:
            await self._note(spot, IN_PRIVATE, chat_link(self.ours.username), answer.say)
            return
        form = form_of(answer.reply)
        words = DONE if form is None and answer.outcome in _WELL and _is_words(answer) else GO_ON
        again = form or (f"do:{event.name}" if isinstance(event, Commanded) and words is GO_ON else "do:home")
        link = deep_link(self.ours.username, again, spot.user, self.ours.key)
        await self._note(spot, words, link or chat_link(self.ours.username), answer.say)

    async def _note(self, spot: Spot, words: Text, url: str, say: Speaker) -> None:
        text = say(words, "\n")
        keyboard = {"inline_keyboard": [[{"text": say(OPEN), "url": url}]]}
        try:
            await self.api.send_text(spot.chat, html.escape(text, quote=False), text, keyboard, spot.message)
        except (Refused, DeliveryFailed) as error:
            log.warning("a note was not shown: %s", error)


_WELL = (Outcome.DONE, Outcome.UNKNOWN)


def _is_words(answer: Answer) -> bool:
    return not isinstance(answer.reply, Card | Asking)
