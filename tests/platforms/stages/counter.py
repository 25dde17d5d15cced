"""A counter that asks every kind of question, and remembers what it was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card
from bot.ui.form import (
    Asking,
    Attached,
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

WAYS = tuple(Option(key, Label(zh, en)) for key, zh, en in [
    ("phone", "电话", "Phone"), ("chat", "在线聊天", "Chat"), ("shop", "门店", "Shop"),
])  # fmt: skip
THIRTY = tuple(Option(f"k{n}", Label(f"类别 {n}", f"Kind {n}")) for n in range(1, 31))


class AskLine(Form):
    """One line."""

    title = t("New complaint")
    it: Annotated[str, line(Label("客户", "Customer"))]


class AskParagraph(Form):
    """Several lines."""

    title = t("New complaint")
    it: Annotated[str, paragraph(Label("经过", "What happened?"))]


class AskNumber(Form):
    """A whole number."""

    title = t("New complaint")
    it: Annotated[int, number(Label("几扇门", "How many doors"), least=1, most=20)]


class AskMoney(Form):
    """An amount."""

    title = t("New complaint")
    it: Annotated[Money, money(Label("金额", "Amount at stake"))]


class AskFew(Form):
    """One of three."""

    title = t("New complaint")
    it: Annotated[str, choice(Label("怎么来的", "How did it reach us?"), WAYS)]


class AskMany(Form):
    """One of thirty."""

    title = t("New complaint")
    it: Annotated[str, choice(Label("类别", "Kind of complaint"), THIRTY)]


class AskSome(Form):
    """Any of three."""

    title = t("New complaint")
    it: Annotated[tuple[str, ...], choices(Label("希望", "What they want"), WAYS)]


class AskDay(Form):
    """A day."""

    title = t("New complaint")
    it: Annotated[date, day(Label("购买日期", "Bought on"))]


class AskMoment(Form):
    """A day and a time."""

    title = t("New complaint")
    it: Annotated[datetime, moment(Label("上门时间", "When to visit"))]


class AskPerson(Form):
    """A colleague."""

    title = t("New complaint")
    it: Annotated[int, person(Label("谁来处理", "Who takes it"))]


class AskPeople(Form):
    """Several colleagues."""

    title = t("New complaint")
    it: Annotated[tuple[int, ...], people(Label("谁一起去", "Who goes along"), most=3)]


class AskFiles(Form):
    """Files."""

    title = t("New complaint")
    it: Annotated[tuple[Attached, ...], attachments(Label("照片", "Pictures"), most=3)]


class AskPlace(Form):
    """Where they are."""

    title = t("New complaint")
    it: Annotated[Position, place(Label("位置", "Where are you?"))]


class AskLittle(Form):
    """One question, and one of every other kind that may be left out."""

    title = t("New complaint")
    customer: Annotated[str, line(Label("客户", "Customer"))]
    what: Annotated[str, paragraph(Label("经过", "What happened?"))] = ""
    doors: Annotated[int | None, number(Label("几扇门", "How many doors"))] = None
    cost: Annotated[Money | None, money(Label("金额", "Amount at stake"))] = None
    way: Annotated[str, choice(Label("怎么来的", "How did it reach us?"), WAYS)] = ""
    kind: Annotated[str, choice(Label("类别", "Kind of complaint"), THIRTY)] = ""
    wishes: Annotated[tuple[str, ...], choices(Label("希望", "What they want"), WAYS)] = ()
    bought: Annotated[date | None, day(Label("购买日期", "Bought on"))] = None
    visit: Annotated[datetime | None, moment(Label("上门时间", "When to visit"))] = None
    owner: Annotated[int | None, person(Label("谁来处理", "Who takes it"))] = None
    photos: Annotated[tuple[Attached, ...], attachments(Label("照片", "Pictures"))] = ()


class AskThree(Form):
    """Three questions, of which the second is often answered wrongly."""

    title = t("New complaint")
    customer: Annotated[str, line(Label("客户", "Customer"))]
    cost: Annotated[Money, money(Label("金额", "Amount at stake"))]
    way: Annotated[str, choice(Label("怎么来的", "How did it reach us?"), WAYS)]


FORMS: tuple[type[Form], ...] = (
    AskLine, AskParagraph, AskNumber, AskMoney, AskFew, AskMany, AskSome, AskDay, AskMoment, AskPerson, AskPeople,
    AskFiles, AskPlace, AskLittle, AskThree,
)  # fmt: skip
NOBODY = "Nobody"
THANKS = t("Noted.")
UNKNOWN = t("Please choose one of the answers offered.")


def counter(got: list[Form]) -> Capability:
    """Opens each form by `/try <name>`, and puts what is sent into `got`. A customer called Nobody is refused.

    `paper` answers with a file that we made, `key` with a card that is shown once.
    """
    on = Capability("counter")

    @on.command("try", help=t("Report a customer's complaint"))
    async def ask(ctx: Context, text: str) -> Asking:
        return ctx.ask(next(form for form in FORMS if form.__name__ == text))

    @on.command("paper", help=t("Export approvals"), listed=False)
    async def paper(ctx: Context, text: str) -> Card:
        return Card("Your paper", files=(await ctx.keep_file("list.txt", "text/plain", b"one, two"),))

    @on.command("key", help=t("Get a link to sign in on the web"), listed=False)
    async def key(ctx: Context, text: str) -> Card:
        return Card("Your key", body=("47 11",), once=True)

    @on.press()
    async def note(ctx: Context) -> Text:
        ctx.work.note("counter.noted", "counter")
        return THANKS

    for form in FORMS:

        @on.submit(form)
        async def take(ctx: Context, given: Form) -> Text:
            if getattr(given, "customer", "") == NOBODY:
                raise Refusal(UNKNOWN, "customer")
            got.append(_without_places(given))
            return THANKS

    return on


def _without_places(given: Form) -> Form:
    """The same, its files without where they lie: that differs from platform to platform."""
    bare = {
        name: tuple(replace(file, source="", url="") for file in value)
        for name, value in given
        if isinstance(value, tuple) and value and isinstance(value[0], Attached)
    }
    return given.model_copy(update=bare)
