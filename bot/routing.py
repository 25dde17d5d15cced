"""Finds who answers: which handler a command, a press, a form or words are for, and the record that they are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot import interview
from bot.answer import Enclosing, Reply
from bot.capability import BuiltForm, Capability, Command, CommandHelp, Face, Kind, Press, Submit, form_name
from bot.codec import unpack_asking
from bot.context import Context
from bot.errors import NotUnderstood, Refusal
from bot.events import Commanded, Event, Pressed, Said, Submitted
from bot.forms import TOO_OLD, files_back, refuse_leavers, resolved, take_files
from bot.ui.card import ACTION_BYTES, NOTHING, Card
from bot.ui.form import TAIL_BYTES, Asking, Form, Question, clean
from bot.understanding import Understood, understand
from config.handbook import Handbook
from config.text import t
from storage import drafts, outbox
from storage.errors import StorageBusy
from storage.history import FASTER
from storage.places import Address, Identity
from storage.tables import id_in
from storage.work import undone_if_refused

OPEN_FORM = "forms.open"
DO = "do"
"""`do:complaint` on a button is the command, pressed instead of typed."""
_SLASHES = ("/", "\uff0f")
GONE = t("This button is no longer in use. Type “help” to see what you can do.")


@dataclass(frozen=True, slots=True)
class Showing:
    """How the platform shows an answer: whether it can open a form now; the actor's own chat, where it has no forms;
    where files of ours go that a reply carries, where it shows replies by itself and can't put files into them."""

    can_ask: bool = True
    private: Address | None = None
    enclosing: Enclosing | None = None

    def is_at(self, event: Event) -> bool:
        """Whether the event came from the actor's own chat."""
        return self.private is not None and self.private.channel == event.here.channel


@dataclass(slots=True)
class Routes:
    """Made once from all capabilities; refuses two that claim the same word, button or form."""

    capabilities: Sequence[Capability]
    handbook: Callable[[], Handbook]
    _commands: dict[str, Command] = field(default_factory=dict)
    _presses: dict[str, Press] = field(default_factory=dict)
    _submits: dict[str, Submit] = field(default_factory=dict)
    _builts: dict[str, BuiltForm] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    _saids: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises `ValueError` for a claim that is made twice, and for a form that nobody takes."""
        for capability in self.capabilities:
            for command in capability.commands:
                _claim(self._commands, command.help.name, command)
                for word in (command.help.name, *command.help.aliases):
                    _claim(self._words, word.casefold(), command.help.name)
            for press in capability.presses:
                _claim(self._presses, press.action, press)
            for submit in capability.submits:
                _claim(self._submits, form_name(submit.form), submit)
            for built in capability.builts:
                _claim(self._builts, built.name, built)
                if built.answer is None or built.name in self._submits:
                    raise ValueError(f"one handler must take what {built.name!r} asks")
            for kind in capability.kinds:
                _claim(self.kinds, kind.name, kind)
            for record, answer in capability.saids:
                _claim(self._saids, str(record.__tablename__), answer)
        _claim(self.kinds, interview.KIND.name, interview.KIND)

    @property
    def commands(self) -> tuple[CommandHelp, ...]:
        """The commands that are offered, in the order of the capabilities."""
        return tuple(command.help for command in self._commands.values() if command.listed)

    def for_strangers(self, event: Event) -> bool:
        """Whether this is a command that also those may give whom we don't know."""
        name = event.name if isinstance(event, Commanded) else ""
        if isinstance(event, Said) and event.to_us:
            understood = self._meant(event.text, strange=True)
            name = understood.name if understood else ""
        command = self._commands.get(self._words.get(name.casefold(), ""))
        return command is not None and command.strangers

    def _meant(self, text: str, *, strange: bool = False) -> Understood | None:
        """The command that words mean: by its name, else by their shape or the handbook's words for it.

        Strangers mean theirs alone.
        """
        said = clean(text, lines=True)
        understood = understand(said, self._words)
        if understood is not None:
            return understood
        readers = (one for one in self._commands.values() if one.strangers is strange)
        meant = next((one for one in readers if one.means(self.handbook(), said)), None)
        return Understood(meant.help.name, said.strip()) if meant is not None else None

    async def take(self, ctx: Context, event: Event, showing: Showing) -> Reply:
        """Has the right handler answer. Raises its `Refusal`, `NotUnderstood` where there is none for these words, and
        `StorageBusy` for what must come again."""
        match event:
            case Commanded():
                if showing.private is not None and event.name.casefold() in interview.COMMANDS:
                    heard = await interview.commanded(ctx, showing.private, event.name.casefold())
                    return await self._turned(ctx, heard) if heard else t("No form is open. There is nothing to do.")
                return await self._command(ctx, event.name, event.text)
            case Pressed():
                return await self._press(ctx, event.action)
            case Submitted():
                return await self._submit(ctx, event)
            case Said():
                return await self._said(ctx, event, showing)

    async def _command(self, ctx: Context, name: str, text: str) -> Reply:
        command = self._commands.get(self._words.get(name.casefold(), ""))
        if command is None:
            raise await self._not_understood(ctx, name)
        if command.help.roles and ctx.actor.role not in command.help.roles:
            raise Refusal(t("Only an administrator can do that."), denied=True)
        answer: Reply = await command.answer(ctx, clean(text, lines=True).strip())
        return answer

    async def _said(self, ctx: Context, event: Said, showing: Showing) -> Reply:
        """Words under a card are kept with its record; in private they answer the question that is open, if one is."""
        window = await outbox.window_at(ctx.work.session, event.here)
        if window is None and _hangs(event) and await outbox.is_placing(ctx.work.session, event.here):
            raise StorageBusy("what this was said under is still being sent")  # it comes again, and is kept then
        alone = showing.is_at(event)
        name, _, row_id = (window.about or "").partition(":") if window is not None else ("", "", "")
        kind, answer = self.kinds.get(name), self._saids.get(name)
        is_own = alone or (window is not None and window.person_id is not None)  # all that is said there is to us
        if kind is not None and answer is not None and (is_own or not event.to_us):
            record = await kind.see(ctx.work, int(row_id))
            said: Reply = await answer(ctx, record, clean(event.text, lines=True).strip(), event.files)
            await take_files(ctx.work, event.files)
            return said
        is_command = event.text[:1] in _SLASHES and self._meant(event.text) is not None
        if alone and showing.private is not None and not is_command:
            heard = await interview.said(ctx, showing.private, event)
            if heard is not None:
                return await self._turned(ctx, heard)
        if not event.to_us:
            return None
        return await self._understood(ctx, event, strange=ctx.work.by is None)

    async def _understood(self, ctx: Context, event: Said, *, strange: bool) -> Reply:
        match self._meant(event.text, strange=strange):
            case Understood(name=name, rest=rest):
                return await self._command(ctx, name, rest)
            case _ if not event.text.strip() and (event.files or event.position):
                return t("Nothing asks for that right now. Type “help” to see what you can do.")
            case _:
                raise await self._not_understood(ctx, event.text)

    async def _not_understood(self, ctx: Context, text: str) -> NotUnderstood:
        helper = self._commands.get("help")
        return NotUnderstood(await helper.answer(ctx, f"?{clean(text)}") if helper else None)

    async def _press(self, ctx: Context, action: str) -> Reply:
        name, _, tail = action.partition(":")
        if name == NOTHING:
            return None
        if name.startswith(interview.PREFIX):
            return await self._turned(ctx, await interview.pressed(ctx, action))
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

    async def _turned(self, ctx: Context, heard: interview.Heard) -> Reply:
        """What came of a turn in an interview; where it is complete, its form is sent, or the question asked anew."""
        sending = heard.sending
        if sending is None:
            return heard.reply
        form = Submitted("", ctx.who or Identity("", "", ""), ctx.here, sending.form, sending.answers, sending.about)
        try:
            async with undone_if_refused(ctx.work):
                reply = await self._submit(ctx, form)
        except Refusal as refusal:
            await self._told(ctx, sending, refusal)
            return None
        await interview.sent(ctx, sending)
        for answer in sending.answers.values():
            await take_files(ctx.work, answer if isinstance(answer, list | tuple) else ())
        return reply if reply is None or isinstance(reply, Card | Asking) else Card(reply)  # to stay, as a message

    async def _told(self, ctx: Context, sending: interview.Sending, refusal: Refusal) -> None:
        """A refused form stands there again, with the reason; if the record has changed, about the record as it is."""
        name, _, tail = sending.form.partition(":")
        submit, built = self._submits.get(sending.form), self._builts.get(name)
        kept, about, record = submit or built, sending.about, None
        questions: tuple[Question, ...] | None = None
        with suppress(Refusal):  # what they may no longer see stays as it was claimed, and is refused again
            if kept is not None and kept.record is not None and about is not None:
                kind = self.kinds[str(kept.record.__tablename__)]
                record = await kind.see(ctx.work, id_in(about.split(":")[1]) or 0)
                has_changed = refusal.text == FASTER or kind.stale is not None
                about = f"{about.rpartition(':')[0]}:{record.version}" if has_changed else about
            if built is not None:
                questions = (await built.questions(ctx, tail, record)).questions
        if submit is not None:
            questions = submit.form.questions(ctx.handbook)
        await interview.refused(ctx, sending, refusal, questions, about)

    async def _submit(self, ctx: Context, event: Submitted) -> Reply:
        form, given = await files_back(ctx.work, event.form, event.answers)
        name, _, tail = form.partition(":")
        submit, built = self._submits.get(form), self._builts.get(name)
        answers = {name: await resolved(ctx.work.session, value) for name, value in given.items()}
        if submit is not None:
            filled: Form = submit.form.read(answers, ctx.handbook, ctx.zone)
            record = await self._of_form(ctx, submit.record, event.about)
            reply: Reply = await (submit.answer(ctx, filled) if record is None else submit.answer(ctx, filled, record))
            return reply
        if built is None or built.answer is None or len(tail.encode("utf-8", "replace")) > TAIL_BYTES:
            raise Refusal(t("This form is no longer in use. Type “help” to see what you can do."))
        record = await self._of_form(ctx, built.record, event.about)
        asked = await built.questions(ctx, tail, record)
        values = asked.read(answers, ctx.zone)
        await refuse_leavers(ctx.work.session, asked.questions, values)
        return await built.answer(ctx, tail, values, record)

    async def _of_form(self, ctx: Context, record: type[Any] | None, about: str | None) -> Any:
        """The record that a form claims to be about, as a button does; None where it is about none."""
        if record is None:
            return None
        table, _, tail = (about or "").partition(":")
        if table != record.__tablename__:
            raise Refusal(GONE, denied=True)
        return await self._claimed(ctx, record, tail)

    async def _claimed(self, ctx: Context, record: type[Any], tail: str) -> Any:
        """The record that a button claims to be about: seen with the actor's right, and still as they saw it."""
        claimed, _, version = tail.partition(":")
        row_id = id_in(claimed)
        kind = self.kinds[str(record.__tablename__)]
        if row_id is None:
            raise Refusal(GONE, denied=True)
        found = await kind.see(ctx.work, row_id)
        if version != str(found.version):
            raise await kind.stale(ctx.work, found) if kind.stale is not None else Refusal(FASTER)
        return found

    async def face(self, session: Any, about: str, face: str, handbook: Handbook) -> Card | None:
        """A live card, made from the record as it stands; None where the record or its kind is gone."""
        name, _, row_id = about.partition(":")
        kind = self.kinds.get(name)
        loaded = await kind.load(session, int(row_id)) if kind else None
        return kind.card(loaded, Face(face, handbook)) if kind and loaded is not None else None


def _hangs(event: Said) -> bool:
    """Whether this hangs under a message that could be a window of ours."""
    return event.here.thread is not None and not event.to_us


def _claim(claims: dict[str, Any], name: str, claimant: Any) -> None:
    if name in claims:
        raise ValueError(f"two handlers answer to {name!r}")
    claims[name] = claimant


async def _reopen(ctx: Context, tail: str) -> Asking:
    draft_id = id_in(tail)
    draft = await drafts.find(ctx.work, draft_id) if draft_id is not None else None
    if draft is None:
        raise Refusal(TOO_OLD)
    return unpack_asking(draft.asking)
