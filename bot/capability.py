"""How a handlers module says what it answers to. Decorators register, and never change what a function does."""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import time
from inspect import signature
from sys import modules
from typing import Any, ClassVar, Protocol, TypeVar

from bot.answer import Reply
from bot.context import Context
from bot.errors import Stale
from bot.ui.card import Button, Card, Row, Tone
from bot.ui.form import Built, Form
from config.handbook import Handbook
from config.text import Text, Words
from storage.due import Due
from storage.people import Employee
from storage.work import Work

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True)
class Face:
    """Who a live card is for (`team`, `owner`, `reporter`), and what the company has decided."""

    name: str
    handbook: Handbook


class Record(Protocol):
    """What buttons and forms may be about."""

    __tablename__: ClassVar[Any]
    id: int
    version: int


@dataclass(frozen=True, slots=True)
class CommandHelp:
    """A command as it is offered: its name, the other words for it, what it does, and what may stand behind it."""

    name: str
    aliases: tuple[str, ...]
    help: Text
    usage: Text | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Press:
    """A button's other end. `record` is the kind of record that it is about, None where it is about none."""

    action: str
    answer: Callable[..., Awaitable[Reply]]
    record: type[Any] | None
    text: bool = False

    def button(
        self,
        label: Words,
        record: Record | str | None = None,
        *,
        tone: Tone = Tone.PLAIN,
        confirm: Words | None = None,
    ) -> Button:
        """The button that leads here, about a record as it stands now, or about a few words (`mine:20`)."""
        match record:
            case None:
                tail = ""
            case str():
                tail = f":{record}"
            case _:
                tail = f":{record.id}:{record.version}"
        return Button(label, self.action + tail, tone, confirm)


@dataclass(frozen=True, slots=True)
class Command:
    """`strangers`: also those may give it whom we don't know; then nobody acts in its work. `listed`: it is offered.

    `reads` tells whether words without the command's name can only mean it: a ticket's number, a code; `reads_book`,
    whether they do by the words of the handbook. Such words are the command's text as a whole.
    """

    help: CommandHelp
    answer: Callable[..., Awaitable[Reply]]
    strangers: bool = False
    listed: bool = True
    reads: Callable[[str], object] | None = None
    reads_book: Callable[[Handbook, str], object] | None = None

    def means(self, handbook: Handbook, said: str) -> bool:
        """Whether words without a command's name mean this one."""
        by_shape = self.reads is not None and bool(self.reads(said))
        return by_shape or (self.reads_book is not None and bool(self.reads_book(handbook, said)))


@dataclass(frozen=True, slots=True)
class Submit:
    form: type[Form]
    answer: Callable[..., Awaitable[Reply]]
    record: type[Any] | None


Builder = Callable[[Context, str, Any], Awaitable[Built]]
"""Builds a form: `(ctx, tail, record) -> Built`."""


@dataclass(slots=True)
class BuiltForm:
    """A form that is built from data each time it is asked and each time it is sent; `submit` is its other end.

    `name` is the whole one, for `ctx.ask_built`; `record` the kind of record that it is about, None where about none.
    """

    name: str
    questions: Builder
    record: type[Any] | None
    answer: Callable[..., Awaitable[Reply]] | None = None

    def submit(self, answer: F) -> F:
        """Answers the form when it is sent. Handler: `(ctx, tail, answers, record) -> Reply`, answers as values."""
        self.answer = answer
        return answer


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: how the actor's is found (with the right to see it), and how its card is made."""

    name: str
    record: type[Any]
    see: Callable[[Work, int], Awaitable[Any]]
    load: Callable[[Any, int], Awaitable[Any]]
    card: Callable[[Any, Face], Card]
    stale: Callable[[Work, Any], Awaitable[Stale]] | None = None
    """What to answer somebody whose button or form is about the record as it stood before; else the common words."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Something that is done once a day at a time of the company's clock, only on workdays if `workdays`.

    `at` may ask the handbook for the time; None is never.
    """

    name: str
    at: time | Callable[[Handbook], time | None]
    workdays: bool
    answer: Callable[[Context], Awaitable[None]]

    def due(self, handbook: Handbook) -> time | None:
        """When it is done by this handbook; None for never."""
        return self.at(handbook) if callable(self.at) else self.at


Todo = Callable[[Work], Awaitable[Sequence[Row]]]


@dataclass(slots=True)
class Capability:
    """One capability's counters, found by the name of the feature. Filled when its module is imported."""

    name: str
    commands: list[Command] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    submits: list[Submit] = field(default_factory=list)
    builts: list[BuiltForm] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    saids: list[tuple[type[Any], Callable[..., Awaitable[Reply]]]] = field(default_factory=list)
    dues: list[tuple[Due, Callable[[Context, Any], Awaitable[None]]]] = field(default_factory=list)
    dailies: list[Daily] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)
    leavings: list[Callable[[Context, Employee], Awaitable[None]]] = field(default_factory=list)

    def command(
        self,
        name: str,
        *aliases: str,
        help: Text,
        usage: Text | None = None,
        roles: Sequence[str] = (),
        strangers: bool = False,
        listed: bool = True,
        reads: Callable[[str], object] | None = None,
        reads_book: Callable[[Handbook, str], object] | None = None,
    ) -> Callable[[F], F]:
        """Answers `/name`, and name or an alias as the first word of a message. Handler: `(ctx, text) -> Reply`."""

        def register(answer: F) -> F:
            offered = CommandHelp(name, aliases, help, usage, frozenset(roles))
            self.commands.append(Command(offered, answer, strangers, listed, reads, reads_book))
            return answer

        return register

    def press(self) -> Callable[[Callable[..., Awaitable[Reply]]], Press]:
        """Answers the buttons that the returned `Press` makes. Handler: `(ctx[, record | text]) -> Reply`.

        One that answers with a card only shows: it may be pressed again for the reader, where they can read it.
        """

        def register(answer: Callable[..., Awaitable[Reply]]) -> Press:
            about = _second(answer)
            pressed = Press(f"{self.name}.{answer.__name__}", answer, about if about is not str else None, about is str)
            self.presses.append(pressed)
            return pressed

        return register

    def submit(self, form: type[Form]) -> Callable[[F], F]:
        """Answers a form that was sent. Handler: `(ctx, form[, record]) -> Reply`."""

        def register(answer: F) -> F:
            parameters = list(signature(answer).parameters)
            about = _hints(answer).get(parameters[2]) if len(parameters) > 2 else None
            self.submits.append(Submit(form, answer, about))
            return answer

        return register

    def built(self, name: str, *, record: type[Any] | None = None) -> Callable[[Builder], BuiltForm]:
        """Builds the form of this name, `tickets.<name>:<tail>`: `(ctx, tail, record) -> Built`.

        The returned form's `submit` takes its answers. Where it is about a record, both get it as it stands, seen with
        the actor's right; a claim on a record that has changed meanwhile is refused.
        """

        def register(questions: Builder) -> BuiltForm:
            form = BuiltForm(f"{self.name}.{name}", questions, record)
            self.builts.append(form)
            return form

        return register

    def card(
        self,
        record: type[Any],
        see: Callable[[Work, int], Awaitable[Any]],
        load: Callable[[Any, int], Awaitable[Any]],
        stale: Callable[[Work, Any], Awaitable[Stale]] | None = None,
    ) -> Callable[[Callable[[Any, Face], Card]], Callable[[Any, Face], Card]]:
        """Makes live cards of a kind of record: `(what load gave, face) -> Card`, pure."""

        def register(card: Callable[[Any, Face], Card]) -> Callable[[Any, Face], Card]:
            self.kinds.append(Kind(str(record.__tablename__), record, see, load, card, stale))
            return card

        return register

    def said(self, record: type[Any]) -> Callable[[F], F]:
        """Takes what people write under a live card. Handler: `(ctx, record, text, files) -> Reply`."""

        def register(answer: F) -> F:
            self.saids.append((record, answer))
            return answer

        return register

    def due(self, due: Due) -> Callable[[F], F]:
        """Is called with each row that is due, in a unit of its own. Handler: `(ctx, row) -> None`."""

        def register(answer: F) -> F:
            self.dues.append((due, answer))
            return answer

        return register

    def daily(self, at: time | Callable[[Handbook], time | None], *, workdays: bool = False) -> Callable[[F], F]:
        """Is called once a day, at a time of the company's clock; `at` may read it in the handbook.

        Handler: `(ctx) -> None`.
        """

        def register(answer: F) -> F:
            self.dailies.append(Daily(f"{self.name}.{answer.__name__}", at, workdays, answer))
            return answer

        return register

    def todo(self, rows: Todo) -> Todo:
        """Lists what waits for the actor, for "my day": `(work) -> rows`, the most pressing first."""
        self.todos.append(rows)
        return rows

    def leaving(self, answer: F) -> F:
        """Is called when somebody leaves, before they lose everything: `(ctx, employee) -> None`."""
        self.leavings.append(answer)
        return answer


def form_name(form: type[Form]) -> str:
    """How a form is called between here and the platforms: `tickets.NewComplaint`."""
    return f"{form.__module__.rsplit('.', 1)[-1]}.{form.__name__}"


def _hints(answer: Callable[..., Any]) -> dict[str, Any]:
    return typing.get_type_hints(answer, vars(modules[answer.__module__]))


def _second(answer: Callable[..., Any]) -> Any:
    parameters = list(signature(answer).parameters)
    return _hints(answer).get(parameters[1]) if len(parameters) > 1 else None
