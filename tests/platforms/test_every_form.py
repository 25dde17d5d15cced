"""Forms and buttons: what a person answers or presses comes to the same on every platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.events import Pressed
from bot.routing import GONE
from bot.ui.card import Attached, Button, Card
from bot.ui.form import Form, Position
from bot.words import Speaker
from config.text import Money
from storage.history import FASTER
from storage.tickets import TAKEN, Ticket
from tests.platforms.stage import Stage
from tests.platforms.stages.counter import (
    NOBODY,
    THANKS,
    UNKNOWN,
    AskDay,
    AskFew,
    AskFiles,
    AskLine,
    AskLittle,
    AskMany,
    AskMoment,
    AskMoney,
    AskNumber,
    AskParagraph,
    AskPeople,
    AskPerson,
    AskPlace,
    AskSome,
    AskThree,
)
from tests.platforms.stages.seen import Colleague, Filled, Paper
from tests.platforms.web.shop import PNG
from tests.town import english

LOCK, DOOR = Paper("lock.png", "image/png", PNG), Paper("door.png", "image/png", PNG)
KEPT = Attached("", "lock.png", "image/png", len(PNG))
DAY, NOON = date(2026, 12, 24), datetime(2026, 12, 24, 4, 30, tzinfo=UTC)
THERE = Position(31.2304, 121.4737)
ANSWERED: list[tuple[type[Form], Any, Form]] = [
    (AskLine, "Ms Lee <b>&amp; 李女士", AskLine(it="Ms Lee <b>&amp; 李女士")),
    (AskParagraph, "The lock.\nIt won't *open*.", AskParagraph(it="The lock.\nIt won't *open*.")),
    (AskNumber, 12, AskNumber(it=12)),
    (AskMoney, Money(12050), AskMoney(it=Money(12050))),
    (AskFew, "chat", AskFew(it="chat")),
    (AskMany, "k1", AskMany(it="k1")),
    (AskMany, "k17", AskMany(it="k17")),
    (AskMany, "k30", AskMany(it="k30")),
    (AskSome, ("phone", "shop"), AskSome(it=("phone", "shop"))),
    (AskDay, DAY, AskDay(it=DAY)),
    (AskMoment, NOON, AskMoment(it=NOON)),
    (AskPerson, Colleague("Omar"), AskPerson(it=2)),
    (AskPeople, (Colleague("Omar"), Colleague("Hana")), AskPeople(it=(2, 3))),
    (AskFiles, (LOCK,), AskFiles(it=(KEPT,))),
    (AskFiles, (LOCK, DOOR), AskFiles(it=(KEPT, replace(KEPT, name="door.png")))),
    (AskPlace, THERE, AskPlace(it=THERE)),
]  # fmt: skip


def said(words: Any, say: Speaker = english) -> str:
    """Words as Dana reads them."""
    return say(words)


NAMES = [f"{form.__name__}-{n}" for n, (form, _, _) in enumerate(ANSWERED, 1)]


@pytest.mark.parametrize(("form", "answer", "typed"), ANSWERED, ids=NAMES)
async def test_answer_reaches_the_handler_typed(stage: Stage, form: type[Form], answer: Any, typed: Form) -> None:
    questions = await stage.asks(form)
    filled = await stage.fills({"it": answer})

    assert questions[0] == said(form.questions(stage.database.handbook)[0].label)
    assert (stage.got, filled) == ([typed], Filled(said(THANKS)))


async def test_questions_may_be_left_out_where_they_are_optional(stage: Stage) -> None:
    await stage.asks(AskLittle)

    filled = await stage.fills({"customer": "Ms Lee"})

    assert (stage.got, filled) == ([AskLittle(customer="Ms Lee")], Filled(said(THANKS)))


async def test_optional_questions_are_answered_with_the_others(stage: Stage) -> None:
    await stage.asks(AskLittle)

    await stage.fills(
        {
            "customer": "Ms Lee",
            "doors": 3,
            "kind": "k7",
            "wishes": ("chat",),
            "bought": DAY,
            "visit": NOON,
            "owner": Colleague("Omar"),
        }
    )

    assert stage.got == [
        AskLittle(customer="Ms Lee", doors=3, kind="k7", wishes=("chat",), bought=DAY, visit=NOON, owner=2)
    ]


async def test_wrong_answer_is_told_beside_its_question_and_the_others_stay(stage: Stage) -> None:
    await stage.asks(AskThree)

    refused = await stage.fills({"customer": "Ms Lee", "cost": "a lot", "way": "chat"})
    before = list(stage.got)
    filled = await stage.fills({"cost": Money(12050), "way": "chat"})

    assert (refused, before) == (Filled("Please give an amount, such as 120 or 120.50.", "cost"), [])
    assert (stage.got, filled) == (
        [AskThree(customer="Ms Lee", cost=Money(12050), way="chat")],
        Filled(said(THANKS)),
    )


async def test_refusal_of_the_handler_stands_beside_its_question_and_the_others_stay(stage: Stage) -> None:
    await stage.asks(AskThree)

    refused = await stage.fills({"customer": NOBODY, "cost": Money(100), "way": "shop"})
    before = list(stage.got)
    filled = await stage.fills({"customer": "Ms Lee"})

    assert (refused, before) == (Filled(said(UNKNOWN), "customer"), [])
    assert (stage.got, filled) == (
        [AskThree(customer="Ms Lee", cost=Money(100), way="shop")],
        Filled(said(THANKS)),
    )


# --- Buttons ---------------------------------------------------------------------------------------------


def offering(action: str) -> Card:
    """A card with one button."""
    return Card("Complaint C-1", buttons=(Button("Press me", action),))


async def test_press_reaches_the_desk_as_the_same_action_and_is_answered(stage: Stage) -> None:
    sent = await stage.send(offering("counter.note"))

    told = await stage.presses(sent, "Press me")

    event = stage.desk.heard[-1]
    assert isinstance(event, Pressed)
    assert (event.who, event.here.channel, event.action) == (
        stage.account, stage.room.channel, "counter.note",
    )  # fmt: skip
    assert told == said(THANKS)


async def test_press_that_is_delivered_again_has_one_effect(stage: Stage) -> None:
    sent = await stage.send(offering("counter.note"))

    told = await stage.presses(sent, "Press me", deliveries=3)

    assert [what for what, _ in await stage.town.audited()] == ["counter.noted"]
    assert told == said(THANKS)


async def test_second_press_finds_the_record_as_it_is_now(stage: Stage) -> None:
    await stage.town.ticket()
    sent = await stage.send(offering("tickets.take:1:1"))

    first, second = await stage.presses(sent, "Press me"), await stage.presses(sent, "Press me")

    ticket = await stage.town.row(Ticket, 1)
    assert (ticket.status, ticket.version, ticket.owner_id) == (TAKEN, 2, stage.dana.id)
    assert (first, second) == ("", said(FASTER))


FORGED = [
    "counter.nobody", "counter", "x", "tickets.take", "tickets.take:", "tickets.take:1", "tickets.take:x:1",
    "tickets.take:-1:1", "tickets.take:9999999999999999999999:1", "tickets.take:1 OR 1=1:1", "tickets.take:1:1:1",
    "tickets.take:1:9", "forms.open:1", "ask.pick:1:1:x", "do:nothing", "none", "<!channel>", "投诉" * 10, "x" * 64,
]  # fmt: skip


async def test_forged_press_is_refused_politely(stage: Stage) -> None:
    await stage.town.ticket()
    before = await stage.town.row(Ticket, 1)
    done = len(await stage.town.audited())

    for action in FORGED:
        sent = await stage.send(offering(action))
        told = await stage.presses(sent, "Press me")
        assert action == "none" or told, action

    did = {what for what, _ in (await stage.town.audited())[done:]}
    assert (await stage.town.row(Ticket, 1), did - {"dispatch.denied"}) == (before, set())


async def test_button_without_a_use_says_so(stage: Stage) -> None:
    sent = await stage.send(offering("counter.nobody:1:1"))

    assert await stage.presses(sent, "Press me") == said(GONE)
