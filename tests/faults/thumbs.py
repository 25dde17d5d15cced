"""A crowd on their phones: they type, press and reply without pause, and do once more what had no effect."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.faults.phones import SERVICE, Phones
from tests.platforms.telegram.caller import Person
from tests.platforms.telegram.chats import Message
from tests.platforms.telegram.shown import rows

REST = 0.06
"""Seconds between two things that one person does."""
PATIENCE = 2.0
"""So long somebody waits for a press to do something before they press again."""
ANSWERS: dict[str, tuple[str, ...]] = {
    "How to reach them": ("[Skip]", "[Skip]", "+49 30 1234"),
    "What happened?": ("It broke.",),
    "How urgent is it?": ("[✓ Normal]", "[High]", "high", "[Critical]"),
    "What is it about?": ("[Product quality]", "[Delivery]", "billing"),
    "Pictures or papers": ("[Skip]",),
    "look it over": ("[Submit]",),
}
"""What somebody answers to each question of a complaint: by a press, or in words."""
LISTS = ("/tickets open", "/tickets", "tickets reported", "/tickets@opsbook_bot open")


@dataclass
class Thumbs:
    """`reported` are the words of the complaints that were seen to be sent, `noted` those of each note with the card
    that it answers. `typed` and `pressed` count all that was done, `again` what was done once more.
    """

    house: Phones
    dice: random.Random
    reported: list[str] = field(default_factory=list)
    noted: list[tuple[str, Message]] = field(default_factory=list)
    typed: int = 0
    pressed: int = 0
    again: int = 0
    closing: bool = False
    rest: float = REST
    reporters: tuple[str, ...] = ("Sam", "Lena")
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __str__(self) -> str:
        done = f"{self.typed} messages, {self.pressed} presses ({self.again} of them again)"
        return f"{len(self.reported)} complaints, {len(self.noted)} notes, {done}"

    async def works(self) -> None:
        """Until `closing`; returns when all that was begun is seen to be done."""
        dana, omar, hana = [self.house.people[name] for name in ("Dana", "Omar", "Hana")]
        await asyncio.gather(
            *[self._reports(self.house.people[name]) for name in self.reporters],
            self._takes(dana), self._takes(omar), self._notes(hana), self._lists(dana),
        )  # fmt: skip

    # --- A complaint, question by question

    async def _reports(self, person: Person) -> None:
        while not self.closing:
            words = f"Customer {next(self._numbers):05d}"
            await self.complains(person, words)
            await asyncio.sleep(self.rest * 4)

    async def complains(self, person: Person, words: str) -> None:
        """Reports a complaint about a customer of this name; returns when it is seen to be sent."""
        begun = await self._says(person, "/complaint" + self.dice.choice((" It broke.", "")))
        done = ""
        while not self._is_sent(person, words):
            asked = self._question(person, begun)
            if asked is None or asked.line == done:
                await asyncio.sleep(0.02)
                continue
            done = asked.line
            await asyncio.sleep(self.rest)
            await self._answers(person, words, begun, asked)
        self.reported.append(words)

    async def _answers(self, person: Person, words: str, begun: Message, asked: Message) -> None:
        """Answers what stands there; a press is done once more where nothing comes of it."""
        question = next((one for one in ANSWERS if one in asked.text.split("\n")), "Customer")
        question = "look it over" if "look it over" in asked.text else question
        answer, line = words if question == "Customer" else self.dice.choice(ANSWERS[question]), asked.line
        if not answer.startswith("["):
            await self._says(person, answer)
            return
        while (message := self._question(person, begun)) is not None and message.line == line:
            await self.presses(person, answer[1:-1], message)
            if await self._until(lambda: self._has_gone_on(person, words, begun, line)):
                return
            self.again += 1

    def _question(self, person: Person, begun: Message) -> Message | None:
        """What is asked now: the newest message below the person's own that asks something of this form."""
        newest = (one for one in reversed(person.chat.messages) if one.by_bot and _asks(one))
        asked = next(newest, None)
        return asked if asked is not None and asked.id > begun.id else None

    def _has_gone_on(self, person: Person, words: str, begun: Message, line: str) -> bool:
        asked = self._question(person, begun)
        return self._is_sent(person, words) or (asked is not None and asked.line != line)

    def _is_sent(self, person: Person, words: str) -> bool:
        return any(
            one.by_bot and one.text.startswith("✅") and f"Customer: {words}" in one.text
            for one in person.chat.messages[-20:]
        )

    # --- The team

    async def _takes(self, person: Person) -> None:
        while not self.closing:
            await asyncio.sleep(self.rest)
            card = self._card("Take")
            if card is not None:
                await self.presses(person, "Take", card)

    async def _notes(self, person: Person) -> None:
        while not self.closing:
            await asyncio.sleep(self.rest)
            card = self._card("Resolve")
            if card is not None:
                words = f"Note {next(self._numbers):05d}"
                await self.writes_under(person, card, words)
                await self._until(lambda card=card, words=words: words in card.text)  # type: ignore[misc]

    async def _lists(self, person: Person) -> None:
        """In private, and sometimes in the group: the list comes in private all the same."""
        while not self.closing:
            await asyncio.sleep(self.rest)
            before = len(person.chat.messages)
            words = self.dice.choice(LISTS)
            await self._says(person, words)
            await self._until(lambda before=before: any(one.by_bot for one in person.chat.messages[before:]))  # type: ignore[misc]

    def _card(self, label: str) -> Message | None:
        """One of the complaints whose newest card has this button."""
        shown = [card for card in self.house.cards() if label in card.buttons]
        return self.dice.choice(shown) if shown else None

    # --- What thumbs do

    async def writes_under(self, person: Person, card: Message, words: str) -> None:
        """Answers a card in the group."""
        await self._says(person, words, card)
        self.noted.append((words, card))

    async def _says(self, person: Person, words: str, under: Message | None = None) -> Message:
        self.typed += 1
        return await person.says(words, SERVICE if under or "@" in words else None, under)

    async def presses(self, person: Person, label: str, on: Message) -> None:
        """Presses a button, and waits a little for its answer."""
        self.pressed += 1
        await person.presses(label, on, seconds=PATIENCE)

    async def _until(self, holds: Callable[[], bool]) -> bool:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.02)
        return True


def _asks(message: Message) -> bool:
    """Whether it asks a question of a form: its buttons say so."""
    return any(
        button.get("callback_data", "").startswith("ask.cancel:") for row in rows(message.markup) for button in row
    )
