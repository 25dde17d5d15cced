"""Takes what people did to the handler that answers it, in one transaction, and brings back what they are to see."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.answer import Answer, Outcome, Reply
from bot.capability import Capability, Command, CommandHelp, Face, Kind, Press, Submit, form_name
from bot.codec import pack_asking, pack_reply, unpack_asking, unpack_reply
from bot.context import Context
from bot.errors import Refusal
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.ui.card import ACTION_BYTES, Button, Card, Tone
from bot.ui.form import Asking, Form, clean
from bot.understanding import Understood, understand
from bot.words import Reader, Speaker
from config.text import t
from storage import drafts, inbox, outbox, people
from storage.database import Database
from storage.errors import StorageBusy
from storage.history import FASTER
from storage.people import Employee
from storage.places import Address, Identity
from storage.tables import id_in
from storage.work import Work

log = logging.getLogger("opsbook.dispatch")

LIMIT = 2.4
"""Seconds that one event may take: Slack shows an error after three."""
TRIES = 3
"""Deliveries of one event that may break before it is put aside."""
OPEN_FORM = "forms.open"
DO = "do"
"""`do:complaint` on a button is the command, pressed instead of typed."""

STRANGER = t(
    "We don't know each other yet. Opsbook works for the people of this company; "
    "please ask your administrator to add your account."
)
BUSY = t("That was not saved: too much is going on at once. Please try again in a moment.")
GONE = t("This button is no longer in use. Type “help” to see what you can do.")


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
    _commands: dict[str, Command] = field(default_factory=dict)
    _presses: dict[str, Press] = field(default_factory=dict)
    _submits: dict[str, Submit] = field(default_factory=dict)
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _saids: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)
    commands: tuple[CommandHelp, ...] = ()

    def __post_init__(self) -> None:
        """Refuses two capabilities that claim the same word, button or form."""
        for capability in self.capabilities:
            for command in capability.commands:
                _claim(self._commands, command.help.name, command)
                for word in (command.help.name, *command.help.aliases):
                    _claim(self._words, word.casefold(), command.help.name)
            for press in capability.presses:
                _claim(self._presses, press.action, press)
            for submit in capability.submits:
                _claim(self._submits, form_name(submit.form), submit)
            for kind in capability.kinds:
                _claim(self._kinds, kind.name, kind)
            for record, answer in capability.saids:
                _claim(self._saids, str(record.__tablename__), answer)
        self.commands = tuple(command.help for command in self._commands.values())

    def kind(self, name: str) -> Kind | None:
        """The kind of record with this name, if there is one."""
        return self._kinds.get(name)

    async def handle(self, event: Event, can_ask: bool = True) -> Answer:
        """Does what the event asks, once, and says what the actor sees; returns after the commit. Never raises.

        `can_ask`: whether the platform can open a form right now; else a form comes as a card with a button.
        """
        self.database.on_crash_point("after receive")
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._unit(event, can_ask)
        except (StorageBusy, TimeoutError) as error:
            log.warning("not handled: %s", type(error).__name__)
            answer = Answer(Outcome.BUSY, BUSY, Speaker(self._reader(None)))
        except Exception as error:
            answer = await self._broke(event, error)
        self.counted(type(event).__name__, answer.outcome)
        self.database.on_crash_point("before answer")
        return answer

    async def _unit(self, event: Event, can_ask: bool) -> Answer:
        posted = False
        try:
            async with self.database.unit(self.clock(), via=event.who.platform) as work:
                answer = await self._once(work, event, can_ask)
                posted = work.posted
        except _StillOpen as refused:
            return refused.answer
        if posted:
            self.posted()
        return answer

    async def _once(self, work: Work, event: Event, can_ask: bool) -> Answer:
        platform = event.who.platform
        if not await inbox.is_new(work, platform, event.id):
            return await self._again(work, event)
        self.database.on_crash_point("after insert")
        employee = await people.known(work.session, event.who, work.now)
        if employee is None:
            overheard = isinstance(event, Said) and not event.to_us
            reply: Reply = None if overheard else STRANGER
            if not overheard:
                work.note("dispatch.stranger", platform)
            await inbox.answer(work, platform, event.id, pack_reply(reply))
            return Answer(Outcome.STRANGER, reply, Speaker(self._reader(None)))
        work.by = employee
        say = Speaker(self._reader(employee), work.now)
        outcome, reply, at = await self._guarded(work, event)
        if at is not None:  # the form stays open for a correction: nothing has happened yet, so nothing is kept
            raise _StillOpen(Answer(outcome, reply, say, at))
        if isinstance(reply, Asking) and not can_ask:
            reply = await _offer(work, reply)
        if not isinstance(reply, Asking):
            await inbox.answer(work, platform, event.id, pack_reply(_without_links(reply)))
        self.database.on_crash_point("after note")
        return Answer(outcome, reply, Speaker(self._reader(employee), work.now))

    async def _guarded(self, work: Work, event: Event) -> tuple[Outcome, Reply, str | None]:
        """The handler's work in a savepoint of its own: a refusal undoes it, and is itself kept as the answer."""
        attempt = await work.attempt()
        entries = len(work.entries)
        try:
            reply = await self._route(work, event)
        except Refusal as refusal:
            await attempt.undo()
            del work.entries[entries:]
            work.posted = False
            if refusal.denied:
                work.note("dispatch.denied", _about(event), did=_did(event))
            return Outcome.REFUSED, refusal.text, refusal.field if isinstance(event, Submitted) else None
        await attempt.keep()
        self.database.on_crash_point("after work")
        return Outcome.DONE, reply, None

    async def _again(self, work: Work, event: Event) -> Answer:
        employee = await people.known(work.session, event.who)
        said = await inbox.earlier(work, event.who.platform, event.id)
        reply = unpack_reply(said) if said else None
        return Answer(Outcome.AGAIN, reply if employee else STRANGER, Speaker(self._reader(employee), work.now))

    async def _route(self, work: Work, event: Event) -> Reply:
        ctx = Context(work, event.here, self.on, self.commands, self.public_url, self._todos)
        match event:
            case Commanded():
                return await self._command(ctx, event.name, event.text)
            case Pressed():
                return await self._press(ctx, event.action)
            case Submitted():
                return await self._submit(ctx, event)
            case Said():
                return await self._said(ctx, event)

    @property
    def _todos(self) -> tuple[Any, ...]:
        return tuple(todo for capability in self.capabilities for todo in capability.todos)

    async def _command(self, ctx: Context, name: str, text: str) -> Reply:
        command = self._commands.get(self._words.get(name.casefold(), ""))
        if command is None:
            return await self._not_understood(ctx, name)
        if command.help.roles and ctx.actor.role not in command.help.roles:
            raise Refusal(t("Only an administrator can do that."), denied=True)
        answer: Reply = await command.answer(ctx, clean(text, lines=True).strip())
        return answer

    async def _said(self, ctx: Context, event: Said) -> Reply:
        window = await outbox.window_at(ctx.work.session, event.here)
        if window is None and _hangs(event) and await outbox.is_placing(ctx.work.session, event.here):
            raise StorageBusy("what this was said under is still being sent")  # it comes again, and is kept then
        about = window.about if window is not None else None
        if about is not None and not event.to_us:
            name, _, row_id = about.partition(":")
            kind, answer = self._kinds.get(name), self._saids.get(name)
            if kind is not None and answer is not None:
                record = await kind.see(ctx.work, int(row_id))
                said: Reply = await answer(ctx, record, clean(event.text, lines=True).strip(), event.files)
                return said
        if not event.to_us:
            return None
        understood = understand(clean(event.text, lines=True), self._words)
        match understood:
            case Understood(name=name, rest=rest):
                return await self._command(ctx, name, rest)
            case _:
                return await self._not_understood(ctx, event.text)

    async def _not_understood(self, ctx: Context, text: str) -> Reply:
        helper = self._commands.get("help")
        answer: Reply = await helper.answer(ctx, f"?{clean(text)}") if helper else None
        return answer

    async def _press(self, ctx: Context, action: str) -> Reply:
        name, _, tail = action.partition(":")
        if name == OPEN_FORM:
            return await _reopen(ctx, tail)
        if name == DO:
            return await self._command(ctx, tail, "")
        press = self._presses.get(name)
        if press is None or len(action.encode("utf-8", "replace")) > ACTION_BYTES:
            raise Refusal(GONE, denied=True)
        if press.record is not None:
            reply: Reply = await press.answer(ctx, await self._claimed(ctx, press.record, tail))
        elif press.text:
            reply = await press.answer(ctx, tail)
        else:
            reply = await press.answer(ctx)
        return reply

    async def _submit(self, ctx: Context, event: Submitted) -> Reply:
        submit = self._submits.get(event.form)
        if submit is None:
            raise Refusal(t("This form is no longer in use. Type “help” to see what you can do."))
        answers = {name: await self._resolved(ctx, value) for name, value in event.answers.items()}
        form: Form = submit.form.read(answers, ctx.handbook, ctx.zone)
        if submit.record is None:
            reply: Reply = await submit.answer(ctx, form)
            return reply
        table, _, tail = (event.about or "").partition(":")
        if table != submit.record.__tablename__:
            raise Refusal(GONE, denied=True)
        answered: Reply = await submit.answer(ctx, form, await self._claimed(ctx, submit.record, tail))
        return answered

    async def _resolved(self, ctx: Context, value: Any) -> Any:
        """An account that was chosen becomes the employee behind it."""
        if isinstance(value, Identity):
            person = await people.known(ctx.work.session, value)
            return person.id if person else "?"
        return value

    async def _claimed(self, ctx: Context, record: type[Any], tail: str) -> Any:
        """The record that a button claims to be about: seen with the actor's right, and still as they saw it."""
        claimed, _, version = tail.partition(":")
        row_id = id_in(claimed)
        kind = self._kinds[str(record.__tablename__)]
        if row_id is None:
            raise Refusal(GONE, denied=True)
        found = await kind.see(ctx.work, row_id)
        if version != str(found.version):
            raise Refusal(FASTER)
        return found

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

    async def face(self, session: Any, about: str, face: str) -> Card | None:
        """A live card, made from the record as it stands; None where the record or its kind is gone."""
        name, _, row_id = about.partition(":")
        kind = self._kinds.get(name)
        loaded = await kind.load(session, int(row_id)) if kind else None
        return kind.card(loaded, Face(face, self.database.handbook)) if kind and loaded is not None else None


def _hangs(event: Said) -> bool:
    """Whether this hangs under a message that could be a window of ours."""
    return event.here.thread is not None and not event.to_us


class _StillOpen(Exception):
    """A form that was refused at a question: everything is undone, and the form stays open."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _without_links(reply: Reply) -> Reply:
    """What is kept of an answer: a link may be a key (to sign in), and is shown once."""
    return replace(reply, links=()) if isinstance(reply, Card) and reply.links else reply


def _claim(claims: dict[str, Any], name: str, claimant: Any) -> None:
    if name in claims:
        raise ValueError(f"two handlers answer to {name!r}")
    claims[name] = claimant


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


async def _reopen(ctx: Context, tail: str) -> Asking:
    draft_id = id_in(tail)
    draft = await drafts.find(ctx.work, draft_id) if draft_id is not None else None
    if draft is None:
        raise Refusal(t("This form is too old, or was begun by somebody else. Please start again."))
    return unpack_asking(draft.asking)


def offered(capabilities: Sequence[Capability]) -> tuple[CommandHelp, ...]:
    """All commands, for those who need no desk: the manifest, the menus."""
    return tuple(command.help for capability in capabilities for command in capability.commands)
