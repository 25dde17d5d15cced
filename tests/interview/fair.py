"""A form that asks one question of every kind, and the town where people fill it in on their phones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from bot.capability import Capability
from bot.context import Context
from bot.dispatch import Desk
from bot.errors import Refusal
from bot.ui.card import NOTHING, Attached, buttons_of
from bot.ui.form import (
    Asking,
    Form,
    Option,
    Position,
    attachments,
    choice,
    choices,
    day,
    line,
    moment,
    money,
    number,
    paragraph,
    people,
    person,
    place,
)
from config.text import Label, Money, Text, t
from tests.town import Person, Post, Seat, Town, english, postman

HALLS = [Option(f"h{n}", Label(zh=f"{n}号馆", en=f"Hall {n}")) for n in range(1, 31)]
MEALS = [
    Option("noodles", Label(zh="面条", en="Noodles")),
    Option("rice", Label(zh="米饭", en="Rice")),
    Option("soup", Label(zh="汤", en="Soup")),
]


class Stand(Form):
    """A stand at the fair: every kind of question."""

    title = t("Stand at the fair")
    send = t("Book")
    name: Annotated[str, line(t("Name of the stand"), most=60)]
    why: Annotated[str, paragraph(t("What is shown?"))] = ""
    tables: Annotated[int, number(t("Tables"), least=1, most=9)]
    price: Annotated[Money, money(t("Price"))]
    hall: Annotated[str, choice(t("Hall"), HALLS)]
    meals: Annotated[tuple[str, ...], choices(t("Meals"), MEALS)] = ()
    on: Annotated[date, day(t("Day"))]
    opens: Annotated[datetime, moment(t("Opens at"))]
    keeper: Annotated[int, person(t("Who keeps it?"))]
    photos: Annotated[tuple[Attached, ...], attachments(t("Photos"), most=3)] = ()
    spot: Annotated[Position, place(t("Where is it?"))]


class Wish(Form):
    """One question, and that is all."""

    title = t("A wish")
    wish: Annotated[str, line(t("What do you wish for?"))]


class Crew(Form):
    """Several people."""

    title = t("A crew")
    send = t("Book")
    crew: Annotated[tuple[int, ...], people(t("Who comes along?"), least=2, most=3)]


@dataclass
class Booked:
    """What the handlers were given; `refusal` is raised by the next one instead."""

    forms: list[Form] = field(default_factory=list)
    refusal: Refusal | None = None


def fair(booked: Booked) -> Capability:
    """The fair's counter."""
    on = Capability("fair")

    @on.command("stand", help=t("Book a stand"))
    async def ask(ctx: Context, text: str) -> Asking:
        return ctx.ask(Stand, name=text)

    @on.command("wish", help=t("Wish for something"))
    async def ask_wish(ctx: Context, text: str) -> Asking:
        return ctx.ask(Wish, wish=text)

    @on.command("crew", help=t("Book a crew"))
    async def ask_crew(ctx: Context, text: str) -> Asking:
        return ctx.ask(Crew)

    @on.submit(Crew)
    async def hire(ctx: Context, form: Crew) -> Text:
        return taken(form)

    @on.submit(Stand)
    async def book(ctx: Context, form: Stand) -> Text:
        return taken(form)

    @on.submit(Wish)
    async def note(ctx: Context, form: Wish) -> Text:
        return taken(form)

    def taken(form: Form) -> Text:
        refusal, booked.refusal = booked.refusal, None
        if refusal is not None:
            raise refusal
        booked.forms.append(form)
        return t("Taken: that makes {n}.", n=len(booked.forms))

    return on


@dataclass(eq=False)
class Phone:
    """One person's phone: what they type and press there, and what stands in their chat with us."""

    town: Town
    person: Person

    @property
    def seat(self) -> Seat:
        return self.person.on_phone

    async def says(self, text: str = "", *files: str, position: Position | None = None) -> None:
        """Writes words, or sends photos by name."""
        attached = tuple(Attached(f"web:{n}", name, "image/jpeg", 10) for n, name in enumerate(files, 900))
        await self.seat.says(text, files=attached, position=position)

    async def presses(self, *labels: str) -> None:
        """Presses one button after the other, each on the newest message."""
        for label in labels:
            await self.seat.presses(action=self.action(label))

    def action(self, label: str) -> str:
        """The action of a button on the newest message of the interview."""
        found = [one.action for one in buttons_of(self.post.card) if english(one.label) == label]
        assert len(found) == 1, f"{len(found)} buttons {label!r} in: {self.post.line}"
        return found[0]

    async def answers(self, *words: str) -> None:
        """Types one answer after the other."""
        for each in words:
            await self.says(each)

    @property
    def post(self) -> Post:
        """The newest message with a button, else the newest."""
        posts = self.town.telegram.at(self.person)
        return next((post for post in reversed(posts) if buttons_of(post.card)), posts[-1])

    @property
    def line(self) -> str:
        """What the newest message says."""
        return self.post.line

    @property
    def lines(self) -> list[str]:
        """What stands in the chat."""
        return self.town.telegram.reads(self.person)

    @property
    def body(self) -> list[str]:
        """The question of the newest message, and the paragraphs below it."""
        say, card = self.post.message.say, self.post.card
        return [say(card.title), *map(say, card.body)]

    @property
    def facts(self) -> dict[str, str]:
        """The facts of the newest message, as they are read."""
        say = self.post.message.say
        return {say(fact.label): say(fact.value) for fact in self.post.card.facts}

    @property
    def keys(self) -> list[str]:
        """The pad's rows of the newest message; a dead key in brackets."""
        return [
            " ".join(f"({english(key.label)})" if key.action == NOTHING else english(key.label) for key in row)
            for row in self.post.card.pad
        ]

    @property
    def buttons(self) -> list[str]:
        """The labels below the pad."""
        return [english(button.label) for button in self.post.card.buttons]


def restarted(town: Town) -> None:
    """The program ends and begins again: only the database and the platforms are as they were."""
    town.desk = Desk(town.database, town.clock, town.capabilities, town.desk.on, town.desk.public_url)
    town.courier = postman(town.database, town.desk, town.clock, town.platforms)
