"""Forms that are built from data: a company's own questions, asked and answered like any other form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.answer import Reply
from bot.capability import Capability
from bot.codec import pack_asking, unpack_asking
from bot.context import Context
from bot.dispatch import STRANGER
from bot.errors import Refusal
from bot.events import Identity
from bot.routing import GONE, Routes
from bot.ui.form import (
    CHANGED,
    UNKNOWN,
    Ask,
    Asking,
    Attached,
    Built,
    Option,
    Position,
    Question,
    attachments,
    choice,
    day,
    line,
    money,
    people,
    person,
)
from config.handbook import Handbook
from config.text import Label, Money, Text, t
from handlers import CAPABILITIES
from storage import tickets
from storage.history import FASTER
from storage.tickets import Ticket
from tests.town import Person, Town, english, handbook
from tests.town import line as read

DAY, NOON = date(2026, 12, 24), datetime(2026, 12, 24, 4, 30, tzinfo=UTC)
WAYS = (Option("taxi", Label("打车", "Taxi")), Option("train", Label("火车", "Train")))
NO_TEMPLATE = t("There is no such form any more.")
NOT_YOURS = t("There is no such record, or it is not yours to see.")
RECEIPT = Attached("web:900", "taxi.pdf", "application/pdf", 12)
USUAL = {"way": "taxi"}


def spent(book: Handbook) -> tuple[Question, ...]:
    """What an expense is asked for."""
    return (
        line(Label("事由", "What for")).named("what", book),
        money(Label("金额", "Amount")).named("cost", book),
        choice(Label("方式", "Way"), WAYS).named("way", book),
        day(Label("日期", "Day")).named("on", book, optional=True),
        people(Label("同行", "With whom"), most=3).named("crew", book, optional=True),
        person(Label("付款", "Who pays")).named("payer", book, optional=True),
        attachments(Label("凭证", "Receipts")).named("papers", book, optional=True),
    )


@dataclass
class Taken:
    """What the counter was given: the tail, the answers, the ticket's number where it is about one."""

    given: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)
    filled: dict[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] | None = None
    refusal: Refusal | None = None


def counter(taken: Taken) -> Capability:
    """Takes expenses by template, and corrections of a complaint."""
    on = Capability("trips")

    @on.built("request")
    async def questions(ctx: Context, tail: str, record: None) -> Built:
        if tail != "expense":
            raise Refusal(NO_TEMPLATE)
        return Built(Label("报销", "Expense"), taken.questions or spent(ctx.handbook), t("Submit"), USUAL)

    @questions.submit
    async def receive(ctx: Context, tail: str, answers: dict[str, Any], record: None) -> Text:
        refusal, taken.refusal = taken.refusal, None
        if refusal is not None:
            raise refusal
        taken.given.append((tail, answers, None))
        return t("Noted.")

    @on.built("change", record=Ticket)
    async def corrections(ctx: Context, tail: str, ticket: Ticket) -> Built:
        return Built(
            Label("更正", "Correct it"),
            (Question("customer", "line", Label("客户", "Customer"), most=150),),
            usual={"customer": ticket.customer},
        )

    @corrections.submit
    async def correct(ctx: Context, tail: str, answers: dict[str, Any], ticket: Ticket) -> Text:
        taken.given.append((tail, answers, ticket.number))
        return t("Noted.")

    @on.command("trip", "出差", help=t("Help"), reads_book=_is_expense)
    async def ask(ctx: Context, text: str) -> Asking:
        what: dict[str, Any] = {"what": text} if text else {}
        return ctx.ask_built(
            questions.name, "expense", await questions.questions(ctx, "expense", None), **what, **taken.filled
        )

    @on.command("correct", help=t("Help"))
    async def ask_again(ctx: Context, text: str) -> Reply:
        ticket = await tickets.see(ctx.work, int(text))
        return ctx.ask_built(corrections.name, "", await corrections.questions(ctx, "", ticket), about=ticket)

    return on


def _is_expense(book: Handbook, said: str) -> bool:
    return said.startswith("差旅") and "service" in book.departments


@pytest.fixture
def taken() -> Taken:
    """What the counter was given."""
    return Taken()


@pytest.fixture
async def town(town_url: str, taken: Taken) -> AsyncIterator[Town]:
    """The town, with the counter open as well."""
    town = await Town.open(town_url, capabilities=[*CAPABILITIES, counter(taken)])
    yield town
    await town.close()


def slack(*names: str) -> list[Identity]:
    """Accounts in the town's workspace."""
    return [Identity("slack", "T0TOWN", f"U0{name.upper()}") for name in names]


async def test_form_from_data_is_asked_and_its_answers_come_typed(town: Town, taken: Taken) -> None:
    asked = await town.sam.on_slack.commands("trip", "Taxi to the fair")
    assert isinstance(asked, Asking)
    assert (asked.form, asked.about, asked.answers, asked.usual) == (
        "trips.request:expense", None, {"what": "Taxi to the fair", "way": "taxi"}, ("way",),
    )  # fmt: skip

    noted = await town.sam.on_slack.fills(
        cost="120.5", way="train", on="2026-12-24", crew=slack("omar", "dana", "omar"), payer=slack("hana")[0],
        papers=[RECEIPT],
    )  # fmt: skip

    assert (noted, taken.given) == (t("Noted."), [("expense", {
        "what": "Taxi to the fair", "cost": Money(12050), "way": "train", "on": DAY, "crew": (2, 1), "payer": 3,
        "papers": (RECEIPT,),
    }, None)])  # fmt: skip


async def test_what_is_left_empty_is_not_there_or_as_usual(town: Town, taken: Taken) -> None:
    await town.sam.on_web.submits("trips.request:expense", what="Taxi", cost="3", crew=[], on="")

    assert taken.given == [("expense", {"what": "Taxi", "cost": Money(300), "way": "taxi"}, None)]


@pytest.mark.parametrize(
    "said", ["\uffe52\uff0c350\u5143", "2350\u5143\u6574", "CN\u00a5 2,350.00", "2350 rmb", "cny2350"]
)
async def test_an_amount_may_bear_the_sign_of_its_own_currency(town: Town, taken: Taken, said: str) -> None:
    await town.sam.on_web.submits("trips.request:expense", what="Taxi", cost=said)

    assert taken.given == [("expense", {"what": "Taxi", "cost": Money(235_000), "way": "taxi"}, None)]


WRONG: list[tuple[dict[str, Any], Text, str | None]] = [
    ({"what": ""}, t("Please answer this."), "what"),
    ({"cost": "much", "way": "ship"}, t("Please give an amount, such as 120 or 120.50."), "cost"),
    ({"cost": "$120"}, t("Please give an amount, such as 120 or 120.50."), "cost"),
    ({"way": "ship"}, t("Please choose one of the answers offered."), "way"),
    ({"crew": slack("omar", "nobody")}, UNKNOWN, "crew"),
    ({"crew": slack("lena")}, UNKNOWN, "crew"),
    ({"crew": [2, 8]}, UNKNOWN, "crew"),
    ({"crew": [2, 999]}, UNKNOWN, "crew"),
    ({"crew": ["2"]}, UNKNOWN, "crew"),
    ({"crew": [True]}, UNKNOWN, "crew"),
    ({"payer": 8}, UNKNOWN, "payer"),
    ({"salary": "1"}, CHANGED, None),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "words", "beside"), WRONG)
async def test_answer_that_will_not_do_is_refused_at_its_question(
    town: Town, taken: Taken, wrong: dict[str, Any], words: Text, beside: str | None
) -> None:
    refused = await town.sam.on_slack.submits("trips.request:expense", **{"what": "Taxi", "cost": "3", **wrong})

    assert town.sam.answer is not None
    assert (refused, town.sam.answer.field, taken.given) == (words, beside, [])


async def test_more_people_than_there_may_be_are_refused(town: Town) -> None:
    refused = await town.sam.on_web.submits("trips.request:expense", what="Taxi", cost="3", crew=[1, 2, 3, 4])

    assert read(refused, english) == "Please choose at most 3 people."


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("trips.request:holiday", NO_TEMPLATE),
        ("trips.request", NO_TEMPLATE),
        ("trips.gone:expense", t("This form is no longer in use. Type “help” to see what you can do.")),
        ("trips.request:" + "x" * 81, t("This form is no longer in use. Type “help” to see what you can do.")),
    ],
)
async def test_form_that_is_no_more_says_so(town: Town, taken: Taken, form: str, words: Text) -> None:
    assert await town.sam.on_slack.submits(form, what="Taxi", cost="3") == words
    assert taken.given == []


# --- On the phone ----------------------------------------------------------------------------------------


def newest(person: Person) -> str:
    """The newest message in somebody's private chat."""
    return person.town.telegram.reads(person)[-1]


async def test_form_from_data_is_asked_in_turn_on_the_phone(town: Town, taken: Taken) -> None:
    sam = town.sam.on_phone
    await sam.commands("trip", "Taxi to the fair")
    assert newest(town.sam) == "Amount | [Back] [Cancel] | Expense: 2 of 7"

    for words in ("120", "Train", "skip", "Omar, Dana", "done", "skip", "skip"):
        await sam.says(words)
    assert newest(town.sam) == (
        "Expense: please look it over | Nothing is sent until you press “Submit”. | What for: Taxi to the fair | "
        "Amount: CN¥120.00 | Way: Train | With whom: Omar, Dana | [Submit] [Change …] [Cancel]"
    )
    await sam.presses("Submit")

    assert taken.given == [
        ("expense", {"what": "Taxi to the fair", "cost": Money(12000), "way": "train", "crew": (2, 1)}, None)
    ]


async def test_what_is_filled_in_stands_on_the_phone_as_well(town: Town, taken: Taken) -> None:
    taken.filled = {
        "what": "Taxi", "cost": Money(300), "way": "train", "on": DAY, "crew": (2, 1), "payer": 3, "papers": (RECEIPT,),
        "gone": "no longer asked",
    }  # fmt: skip
    await town.sam.on_phone.commands("trip")
    await town.sam.on_phone.presses("Submit")

    assert taken.given == [("expense", {name: taken.filled[name] for name in taken.filled if name != "gone"}, None)]


async def test_refused_form_is_asked_again_on_the_phone_with_the_questions_of_now(town: Town, taken: Taken) -> None:
    taken.filled = {"what": "Taxi", "cost": Money(300), "way": "train", "on": DAY, "crew": (2,), "payer": 3}
    taken.filled["papers"] = (RECEIPT,)
    await town.sam.on_phone.commands("trip")
    taken.questions = (*spent(handbook())[:3], Question("why", "line", "Why?"))
    await town.sam.on_phone.presses("Submit")
    assert newest(town.sam).startswith(f"Expense: please look it over | ⚠️ {english(CHANGED)} | What for: Taxi | ")

    await town.sam.on_phone.presses("Change …")
    await town.sam.on_phone.presses("Why?")
    await town.sam.on_phone.says("It rained")
    await town.sam.on_phone.presses("Submit")

    assert taken.given == [("expense", {"what": "Taxi", "cost": Money(300), "way": "train", "why": "It rained"}, None)]


# --- What is filled in -----------------------------------------------------------------------------------


async def test_people_stand_in_a_form_as_accounts_where_it_is_shown(town: Town, taken: Taken) -> None:
    taken.filled = {"crew": (2, 5), "payer": 3}

    on_slack, on_web = await town.sam.on_slack.commands("trip"), await town.sam.on_web.commands("trip")

    assert isinstance(on_slack, Asking)
    assert isinstance(on_web, Asking)
    assert on_slack.answers == {"way": "taxi", "crew": tuple(slack("omar", "sam")), "payer": slack("hana")[0]}
    assert on_web.answers == {"way": "taxi", "crew": (2, 5), "payer": 3}


async def test_form_that_can_not_open_now_waits_with_what_is_filled_in(town: Town, taken: Taken) -> None:
    taken.filled = {"cost": Money(300), "on": DAY, "crew": (2, 5), "papers": (RECEIPT,)}
    offered = await town.sam.on_web.commands("trip", can_ask=False)
    assert read(offered, english).endswith("the form opens with what you wrote. | [Open the form]")

    opened = await town.sam.on_web.presses("Open the form")

    assert isinstance(opened, Asking)
    # the form brings only new files, so that the second draft keeps those that are filled in
    assert (opened.form, opened.answers, opened.usual) == (
        "trips.request:expense#2", {"way": "taxi", **taken.filled}, ("way",),
    )  # fmt: skip


def test_values_that_are_filled_in_are_the_same_after_they_were_kept() -> None:
    asks: tuple[Ask, ...] = (
        "line",
        "number",
        "money",
        "choices",
        "day",
        "moment",
        "person",
        "people",
        "files",
        "place",
    )
    values = ("Taxi", 3, Money(300), ("a", "b"), DAY, NOON, 3, (2, 1), (RECEIPT,), Position(31.2, 121.4))
    questions = tuple(Question(ask, ask, "Why?") for ask in asks)
    asking = Asking("trips.request:expense", "Expense", questions, dict(zip(asks, values, strict=True)))

    assert unpack_asking(pack_asking(asking)) == asking


def test_words_that_are_filled_in_stay_words() -> None:
    words = {"money": "about a hundred", "day": "next Friday", "moment": "2026-03-15T14:30", "people": "Omar"}
    asks: tuple[Ask, ...] = ("money", "day", "moment", "people")
    questions = tuple(Question(ask, ask, "Why?") for ask in asks)
    asking = Asking("trips.request:expense", "Expense", questions, dict(words))

    assert unpack_asking(pack_asking(asking)) == asking


# --- About a record --------------------------------------------------------------------------------------


async def test_form_about_a_record_gets_it_as_it_stands(town: Town, taken: Taken) -> None:
    await town.ticket()
    asked = await town.sam.on_slack.commands("correct", "1")
    assert isinstance(asked, Asking)
    assert (asked.form, asked.about, asked.answers) == ("trips.change", "tickets:1:1", {"customer": "Ms Lee"})

    await town.sam.on_slack.fills(customer="Mr Wu")

    assert taken.given == [("", {"customer": "Mr Wu"}, "C-1001")]


async def test_form_about_a_record_that_has_changed_is_refused(town: Town, taken: Taken) -> None:
    await town.ticket()
    await town.sam.on_slack.commands("correct", "1")
    await town.dana.on_slack.presses(action="tickets.take:1:1")

    assert await town.sam.on_slack.fills() == FASTER
    assert taken.given == []


async def test_changed_record_on_the_phone_may_be_sent_once_it_was_read(town: Town, taken: Taken) -> None:
    await town.ticket()
    await town.sam.on_phone.commands("correct", "1")
    await town.sam.on_phone.says("Mr Wu")
    await town.dana.on_slack.presses(action="tickets.take:1:1")

    await town.sam.on_phone.presses("Submit")
    assert taken.given == []
    await town.sam.on_phone.presses("Submit")

    assert taken.given == [("", {"customer": "Mr Wu"}, "C-1001")]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        *((about, GONE) for about in (None, "", "tickets", "employees:1:1", "tickets:x:1")),
        *((about, NOT_YOURS) for about in ("tickets:1", "tickets:1:1", "tickets:9:1")),
    ],
)
async def test_forged_claim_is_refused(town: Town, taken: Taken, about: str | None, words: Text) -> None:
    await town.ticket()

    refused = await town.lin.on_slack.submits("trips.change", about=about, customer="Mr Wu")

    assert (refused, taken.given) == (words, [])


# --- What is registered ----------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("a", "a"), ("",), ("-refused",), ("a b",), [f"q{n}" for n in range(81)]])
def test_questions_without_a_name_of_their_own_are_refused_when_built(names: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="a name of its own"):
        Built("Expense", tuple(Question(name, "line", "Why?") for name in names))


def test_form_that_nobody_takes_is_refused_at_the_start() -> None:
    on = Capability("trips")

    @on.built("request")
    async def questions(ctx: Context, tail: str, record: None) -> Built:
        return Built("Expense", ())

    with pytest.raises(ValueError, match=r"trips\.request"):
        Routes([on], handbook)


# --- Words of the handbook -------------------------------------------------------------------------------


async def test_words_of_the_handbook_mean_the_command_with_all_of_them(town: Town) -> None:
    asked = await town.sam.on_slack.says("差旅 打车 300", to_us=True)

    assert isinstance(asked, Asking)
    assert asked.answers == {"what": "差旅 打车 300", "way": "taxi"}


async def test_command_by_its_name_comes_first(town: Town) -> None:
    asked = await town.sam.on_slack.says("出差 差旅", to_us=True)

    assert isinstance(asked, Asking)
    assert asked.answers == {"what": "差旅", "way": "taxi"}


async def test_strangers_words_mean_nothing_by_the_handbook(town: Town) -> None:
    await town.stranger.on_slack.says("差旅 打车 300", to_us=True)

    assert town.stranger.answer is not None
    assert town.stranger.answer.reply == STRANGER
