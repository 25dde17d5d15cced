"""Takes what people did to the handler that answers it, in one transaction, and brings back what they are to see."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import interview
from bot.answer import Answer, Enclosing, Outcome, Reply
from bot.capability import Capability, CommandHelp
from bot.codec import pack_asking, pack_card, pack_reply, unpack_card, unpack_reply
from bot.context import Context
from bot.errors import NotUnderstood, Refusal, Stale
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.forms import with_accounts, with_files
from bot.platforms.files import own_id
from bot.routing import DO, OPEN_FORM, Routes, Showing
from bot.ui.card import Button, Card, Tone, buttons_of
from bot.ui.form import Asking, clean
from bot.words import Reader, Speaker
from config.text import Text, Words, t
from storage import confirmations, drafts, inbox, outbox, people
from storage.database import Database
from storage.errors import StorageBusy
from storage.people import Employee
from storage.places import Address, Identity
from storage.work import Work, undone_if_refused

log = logging.getLogger("opsbook.dispatch")

LIMIT = 2.4
"""Seconds that one event may take: Slack shows an error after three."""
TRIES = 3
"""Deliveries of one event that may break before it is put aside."""
TOAST = 200
"""Characters that a platform without forms shows by itself in answer to a press: Telegram takes no more."""

STRANGER = t(
    "We don't know each other yet. If you use Opsbook elsewhere already, type “link” there, and send me “link” "
    "and the code; else please ask your administrator to add your account."
)
SURE = t("{question} Press “{label}” once more within a minute to do it.")
BUSY = t("That was not saved: too much is going on at once. Please try again in a moment.")


@dataclass(slots=True)
class Desk:
    """The one place where events come in. Built once from all capabilities; safe to call side by side."""

    database: Database
    clock: Callable[[], datetime]
    capabilities: Sequence[Capability]
    on: frozenset[str] = frozenset({"web"})
    public_url: str = ""
    posted: Callable[[], None] = lambda: None
    counted: Callable[[str, str], None] = lambda kind, outcome: None
    routes: Routes = field(init=False)

    def __post_init__(self) -> None:
        self.routes = Routes(self.capabilities, lambda: self.database.handbook)

    @property
    def commands(self) -> tuple[CommandHelp, ...]:
        """All commands, as they are offered."""
        return self.routes.commands

    async def handle(
        self,
        event: Event,
        can_ask: bool = True,
        private: Address | None = None,
        enclosing: Enclosing | None = None,
    ) -> Answer:
        """Does what the event asks, once, and says what the actor sees; returns after the commit. Never raises.

        `can_ask`: whether the platform can open a form right now; else a form comes as a card with a button.
        `private`: the actor's own chat, on a platform that has no forms and shows nothing to one person alone: there a
        form is asked question by question, and a reply is posted by the courier, kept with the work (`Answer.posted`).
        `enclosing`: where the courier brings files of ours that a reply carries, kept with the work too.
        """
        self.database.on_crash_point("after receive")
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._unit(event, Showing(can_ask, private, enclosing))
        except (StorageBusy, TimeoutError) as error:
            log.warning("not handled: %s", type(error).__name__)
            answer = Answer(Outcome.BUSY, BUSY, Speaker(self._reader(None)))
        except Exception as error:
            answer = await self._broke(event, error)
        self.counted(type(event).__name__, answer.outcome)
        self.database.on_crash_point("before answer")
        return answer

    async def _unit(self, event: Event, showing: Showing) -> Answer:
        posted = False
        try:
            async with self.database.unit(self.clock(), via=event.who.platform) as work:
                answer = await self._once(work, event, showing)
                posted = work.posted
        except _StillOpen as refused:
            return refused.answer
        if posted:
            self.posted()
        return answer

    async def _once(self, work: Work, event: Event, showing: Showing) -> Answer:
        platform = event.who.platform
        if not await inbox.is_new(work, platform, event.id):
            return await self._again(work, event)
        self.database.on_crash_point("after insert")
        employee = await people.known(work.session, event.who, work.now, alone=showing.is_at(event))
        if employee is None:
            return await self._strange(work, event)
        work.by = employee
        outcome, reply, at = await self._guarded(work, event, showing)
        say = Speaker(self._reader(employee), work.now)
        if at is not None:  # the form stays open for a correction: nothing has happened yet, so nothing is kept
            raise _StillOpen(Answer(outcome, reply, say, at))
        reply, is_posted = await self._shown(work, event, reply, showing, say)
        if not isinstance(reply, Asking):
            await inbox.answer(work, platform, event.id, pack_reply(_without_keys(reply)))
        self.database.on_crash_point("after note")
        return Answer(outcome, reply, say, posted=is_posted)

    async def _shown(
        self, work: Work, event: Event, reply: Reply, showing: Showing, say: Speaker
    ) -> tuple[Reply, bool]:
        """The reply as the platform can show it, and whether it waits in the outbox already."""
        private = showing.private
        if isinstance(reply, Asking):
            if private is not None:
                await interview.begin(self._context(work, event), reply, private)
                return None, True
            if not showing.can_ask:
                return await _offer(work, reply), False
            return await with_accounts(work.session, await with_files(work, reply), event.who), False
        if private is None:
            return reply, await self._enclosed(work, reply, showing.enclosing)
        if reply is None:
            return None, False
        is_toast = isinstance(event, Pressed) and not isinstance(reply, Card) and len(say(reply)) <= TOAST
        if is_toast or (isinstance(reply, Card) and reply.once):
            return reply, False
        card = reply if isinstance(reply, Card) else Card(reply)
        await outbox.tell(work, pack_card(card), private, work.actor.id)
        return reply, True

    async def _enclosed(self, work: Work, reply: Reply, enclosing: Enclosing | None) -> bool:
        """Posts the files of ours that a reply carries; says whether the reply itself goes with them."""
        if enclosing is None or not isinstance(reply, Card):
            return False
        ours = tuple(file for file in reply.files if own_id(file) is not None)
        if not ours:
            return False
        card = reply if enclosing.is_here else Card(reply.title, files=ours)
        await outbox.tell(work, pack_card(card), enclosing.to, work.actor.id)
        return enclosing.is_here

    async def reply_later(self, who: Identity, to: Address, reply: Card | Words, after: float) -> None:
        """Keeps a reply that its platform could not show: the courier brings it to `to`, in so many seconds at the
        earliest. Raises `StorageBusy`."""
        now = self.clock()
        async with self.database.unit(now, via=who.platform) as work:
            person = await people.known(work.session, who)
            card = pack_card(reply if isinstance(reply, Card) else Card(reply))
            due_at = now + timedelta(seconds=after)
            await outbox.tell(work, card, to, person.id if person is not None else None, not_before=due_at)
        self.posted()

    async def _strange(self, work: Work, event: Event) -> Answer:
        """Somebody whom we don't know: told so, unless they were only overheard. A few commands are theirs too."""
        say = Speaker(self._reader(None), work.now)
        outcome: Outcome = Outcome.STRANGER
        reply: Reply = None if _is_overheard(event) else STRANGER
        if self.routes.for_strangers(event):
            outcome, reply, _ = await self._guarded(work, event, Showing())
            say = Speaker(self._reader(await people.known(work.session, event.who)), work.now)  # known by now, perhaps
        elif reply is not None:
            work.note("dispatch.stranger", event.who.platform)
        await inbox.answer(work, event.who.platform, event.id, pack_reply(_without_keys(reply)))
        return Answer(outcome, reply, say)

    async def _guarded(self, work: Work, event: Event, showing: Showing) -> tuple[Outcome, Reply, str | None]:
        """The handler's work in a savepoint of its own: a refusal undoes it, and is itself kept as the answer."""
        ctx = self._context(work, event)
        if isinstance(event, Pressed) and (question := await self._is_to_confirm(ctx, event)) is not None:
            return Outcome.CONFIRM, question, None
        outcome: Outcome = Outcome.DONE
        try:
            async with undone_if_refused(work):
                try:
                    reply = await self.routes.take(ctx, event, showing)
                except NotUnderstood as puzzled:
                    outcome, reply = Outcome.UNKNOWN, puzzled.reply
        except Refusal as refusal:
            if refusal.denied:
                work.note("dispatch.denied", _about(event), did=_did(event))
            by_card = isinstance(event, Pressed) and showing.private is None
            reply = refusal.shows if by_card and isinstance(refusal, Stale) else refusal.text
            return Outcome.REFUSED, reply, refusal.field if isinstance(event, Submitted) else None
        self.database.on_crash_point("after work")
        return outcome, reply, None

    async def _is_to_confirm(self, ctx: Context, event: Pressed) -> Text | None:
        """What to ask first, where the button on that message wants a yes and the platform can't ask for it itself."""
        rows = await outbox.messages_at(ctx.work.session, event.on) if event.on is not None else ()
        button: Button | None = None
        for row in rows:
            shown = unpack_card(row.card) if row.card else None
            card = shown or await self.face(ctx.work.session, row.about or "", row.face or "")
            found = (one for one in buttons_of(card) if one.action == event.action) if card else iter(())
            button = button or next(found, None)
        if button is None or button.confirm is None or await confirmations.given(ctx.work, event.action):
            return None
        return t(SURE.id, question=button.confirm, label=button.label)

    async def _again(self, work: Work, event: Event) -> Answer:
        employee = await people.known(work.session, event.who)
        said = await inbox.earlier(work, event.who.platform, event.id)
        reply = unpack_reply(said) if said else None
        return Answer(Outcome.AGAIN, reply if employee else STRANGER, Speaker(self._reader(employee), work.now))

    def _context(self, work: Work, event: Event) -> Context:
        files = event.files if isinstance(event, Said) else ()
        return Context(work, event.here, self.on, self.commands, self.public_url, self._todos, event.who, files)

    @property
    def _todos(self) -> tuple[Any, ...]:
        return tuple(todo for capability in self.capabilities for todo in capability.todos)

    def _reader(self, employee: Employee | None) -> Reader:
        if employee is None:
            return Reader(zone=ZoneInfo(self.database.handbook.company.zone))
        return Reader((employee.language,), ZoneInfo(employee.zone))

    async def _broke(self, event: Event, error: Exception) -> Answer:
        """A fault of ours: a trace and an incident number for us, the number in words for the person."""
        incident = secrets.token_hex(3).upper()
        log.error(
            "incident %s while handling %s",
            incident,
            type(event).__name__,
            exc_info=error,
            extra={"incident": incident},
        )
        outcome, say = Outcome.FAULT, Speaker(self._reader(None))
        try:
            async with self.database.unit(self.clock(), via=event.who.platform) as work:
                if await inbox.failed(work, event.who.platform, event.id) >= TRIES:
                    await inbox.is_new(work, event.who.platform, event.id)
                    work.note("dispatch.ended", type(event).__name__, incident=incident)
                    outcome = Outcome.ENDED
                person = await people.known(work.session, event.who)
            say = Speaker(self._reader(person), self.clock())
        except Exception:
            log.exception("incident %s could not be noted", incident)
        words = t(
            "Something went wrong on our side, and nothing was saved. Please try again; if it stays so, "
            "give your administrator the number {incident}.",
            incident=incident,
        )
        return Answer(outcome, words, say)

    async def farewell(self, person: Employee, work: Work) -> None:
        """Somebody leaves: each capability hands back what was theirs, then they lose everything, in one unit."""
        ctx = Context(work, Address("clock", ""), self.on)
        for capability in self.capabilities:
            for answer in capability.leavings:
                await answer(ctx, person)
        await people.leave(work, person)

    async def face(self, session: Any, about: str, face: str) -> Card | None:
        """A live card, made from the record as it stands; None where the record or its kind is gone."""
        return await self.routes.face(session, about, face, self.database.handbook)

    async def may_see(self, work: Work, person: Employee, about: str) -> bool:
        """Whether somebody has the right to see a record (`tickets:42`) of a kind that is shown on cards."""
        name, _, row_id = about.partition(":")
        kind = self.routes.kinds.get(name)
        try:
            return kind is not None and bool(await kind.see(replace(work, by=person, entries=[]), int(row_id)))
        except Refusal:
            return False

    async def admit(self, who: Identity, name: str, language: str | None, zone: str | None) -> None:
        """A full member of the workspace joins, once, where the handbook lets them; they are told what they can do."""
        company = self.database.handbook.company
        if not company.members_join:
            return
        async with self.database.unit(self.clock(), via=who.platform) as work:
            if await people.known(work.session, who) is not None:
                return
            person = await people.join(work, who, clean(name), language or company.language, zone or company.zone)
            ctx = Context(work, Address("clock", ""), self.on)
            await ctx.tell(
                person,
                Card(
                    t("Welcome, {name}", name=person.name),
                    body=(t("You are known here now. What you asked for before was not done: please ask once more."),),
                    buttons=(Button(t("Help"), f"{DO}:help"),),
                ),
            )
        self.posted()

    async def left(self, who: Identity) -> None:
        """A platform says that an account is gone: whoever had it has left. Strangers are no matter."""
        async with self.database.unit(self.clock(), via=who.platform) as work:
            person = await people.known(work.session, who)
            if person is not None:
                await self.farewell(person, work)
        self.posted()


def _is_overheard(event: Event) -> bool:
    return isinstance(event, Said) and not event.to_us


class _StillOpen(Exception):
    """A form that was refused at a question: everything is undone, and the form stays open."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _without_keys(reply: Reply) -> Reply:
    """What is kept of an answer: a link may be a key (to sign in), as a code is, and is shown once."""
    if isinstance(reply, Card) and reply.once:
        return Card(reply.title)
    return replace(reply, links=()) if isinstance(reply, Card) and reply.links else reply


def _about(event: Event) -> str:
    """What somebody reached for, without their words: `tickets:42`."""
    claim = event.action.partition(":")[2] if isinstance(event, Pressed) else getattr(event, "about", None) or ""
    return clean(claim[:40])


def _did(event: Event) -> str:
    match event:
        case Pressed():
            return clean(event.action.partition(":")[0][:64])
        case Submitted():
            return clean(event.form[:64])
        case Commanded():
            return clean(event.name[:64])
        case Said():
            return "said"


async def _offer(work: Work, asking: Asking) -> Card:
    """A form where none can be opened right now: kept as a draft, with a button that opens it."""
    draft = await drafts.keep(work, pack_asking(asking))
    return Card(
        asking.title,
        body=(t("Press the button, and the form opens with what you wrote."),),
        buttons=(Button(t("Open the form"), f"{OPEN_FORM}:{draft.id}", Tone.GOOD),),
    )


def offered(capabilities: Sequence[Capability]) -> tuple[CommandHelp, ...]:
    """All commands, for those who need no desk: the manifest, the menus."""
    return tuple(command.help for capability in capabilities for command in capability.commands if command.listed)
