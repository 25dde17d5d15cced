"""All that a handler may touch: the records through its work, and what people are to see. No client, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.codec import pack_card
from bot.platforms.kinds import file_name
from bot.ui.card import Attached, Card
from bot.ui.form import TAIL_BYTES, Asking, Built, Form, filled_in
from config.handbook import Handbook
from storage import history, outbox, people, webchat
from storage.people import Employee
from storage.places import Address, Identity
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Room:
    """A room of the handbook: it may stand on several platforms at once, and all of them are shown the same."""

    name: str
    places: tuple[Address, ...]


To = Room | Employee | Address


@dataclass(frozen=True, slots=True)
class Context:
    """What one handler gets for one event. `on` are the platforms that are running; `who` is the account that acts,
    also where nobody is known behind it; `files` came with the words that were said."""

    work: Work
    here: Address
    on: frozenset[str]
    commands: tuple[Any, ...] = ()
    public_url: str = ""
    todos: tuple[Any, ...] = ()
    who: Identity | None = None
    files: tuple[Attached, ...] = ()

    @property
    def handbook(self) -> Handbook:
        """What the company has decided."""
        return self.work.handbook

    @property
    def actor(self) -> Employee:
        """Who does this. Not there when the clock acts."""
        return self.work.actor

    @property
    def zone(self) -> ZoneInfo:
        """The zone of who acts; the company's when the clock does."""
        return ZoneInfo(self.work.by.zone if self.work.by else self.handbook.company.zone)

    def room(self, name: str) -> Room:
        """A room of the handbook, on those of its platforms that are running."""
        places = self.handbook.rooms[name].places() if name in self.handbook.rooms else ()
        return Room(
            name,
            tuple(Address(place.platform, place.channel) for place in places if place.platform in self.on),
        )

    async def show(self, record: history.Kept, to: To, face: str = "team") -> None:
        """Opens a window onto a record: a live card, which always shows it as it stands."""
        for place, person_id in await self._places(to):
            await outbox.show(self.work, history.about(record), face, place, person_id)

    async def is_private(self) -> bool:
        """Whether this happens where the actor is reached alone: what they are shown stands right below."""
        place = await people.private(self.work.session, self.actor, self.on)
        return (place.platform, place.channel) == (self.here.platform, self.here.channel)

    async def refresh(self, record: history.Kept) -> None:
        """Has every window onto a record redrawn, on every platform."""
        await outbox.refresh(self.work, history.about(record))

    async def tell(self, to: To, card: Card, *, urgent: bool = True, about: history.Kept | None = None) -> None:
        """Says something that stays as it was said: a reminder, an announcement, an outcome.

        What is not urgent waits for its reader's hours, and comes with whatever else has waited. What is `about` a
        record goes to the reader's deputy too, where no chat reaches the reader and the deputy may see the record.
        """
        packed = pack_card(card)
        waits = self._heard_from(to) if isinstance(to, Employee) and not urgent else None
        record = history.about(about) if about is not None else None
        for place, person_id in await self._places(to):
            await outbox.tell(self.work, packed, place, person_id, waits_until=waits, record=record)

    def _heard_from(self, person: Employee) -> datetime:
        notices = self.handbook.notices
        return notices.heard_from(self.work.now, ZoneInfo(person.zone), person.quiet, self.handbook.calendar)

    async def echo(
        self,
        record: history.Kept,
        card: Card,
        *,
        faces: frozenset[str] | None = None,
        but: frozenset[str] = frozenset(),
        after_cards: bool = False,
    ) -> None:
        """Says it in the thread of every window onto a record, save the one that it was just said in.

        With `faces`, only under the windows of these faces; never under those of the faces `but`. `after_cards`:
        cards that are to be drawn again go first.
        """
        packed = pack_card(card)
        for window in await outbox.windows(self.work.session, history.about(record)):
            if (faces is not None and window.face not in faces) or window.face in but:
                continue
            if (window.platform, window.sent_channel or window.channel) == (
                self.here.platform,
                self.here.channel,
            ) and (window.ref is not None and window.ref == self.here.thread):
                continue
            await outbox.tell(
                self.work,
                packed,
                Address(window.platform, window.channel),
                window.person_id,
                window.id,
                after_cards=after_cards,
            )

    async def keep_file(self, name: str, mime: str, data: bytes) -> Attached:
        """Keeps a file that we made for the actor; it stays.

        Nobody can open it by itself: it reaches people on the cards that carry it (`Card(files=...)`), and those alone
        who see one of them. Needs an actor, and at least one byte.
        """
        if not data:
            raise ValueError("a file of ours is never empty")
        file = await webchat.keep_file(self.work, self.actor.id, file_name(name), mime, data)
        await webchat.take_files(self.work, self.actor.id, [file.id])
        return Attached(f"web:{file.id}", file.name, mime, len(data))

    def ask(self, form: type[Form], about: history.Kept | None = None, **filled: Any) -> Asking:
        """Puts a form to the actor, with what is known filled in."""
        from bot.capability import form_name  # which needs this module

        usual = form.usual()
        answers = {name: value for name, value in {**usual, **filled}.items() if value not in (None, "", ())}
        questions, unsaid = form.questions(self.handbook), _unsaid(usual, answers)
        return Asking(form_name(form), form.title, questions, answers, _claim(about), form.send, unsaid)

    def ask_built(
        self, name: str, tail: str, built: Built, /, about: history.Kept | None = None, **filled: Any
    ) -> Asking:
        """Puts a form to the actor that was built from data, with what is known filled in.

        `name` is the whole one, `approvals.request`; `tail` comes back to the builder, and tells which form it is.
        What is `filled` for a question that is not asked is left out; for one that is called `about`, it belongs into
        `built.usual`. Values are those that the handler gets, or the words that somebody would type.
        """
        if len(tail.encode()) > TAIL_BYTES:
            raise ValueError(f"what stands behind a form's name takes at most {TAIL_BYTES} bytes: {tail!r}")
        answers = filled_in(built.questions, built.usual, filled)
        unsaid = _unsaid(built.usual, answers)
        form = f"{name}:{tail}" if tail else name
        return Asking(form, built.title, built.questions, answers, _claim(about), built.send, unsaid)

    async def _places(self, to: To) -> list[tuple[Address, int | None]]:
        match to:
            case Room():
                return [(place, None) for place in to.places]
            case Employee():
                return [(await people.private(self.work.session, to, self.on), to.id)]
            case Address():
                return [(to, None)]


def _claim(about: history.Kept | None) -> str | None:
    return f"{history.about(about)}:{about.version}" if about is not None else None


def _unsaid(usual: Mapping[str, Any], answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The answers that nobody gave."""
    return tuple(name for name, value in usual.items() if name in answers and answers[name] == value)
