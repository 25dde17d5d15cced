"""One thing done has one effect, however often it is delivered; what breaks is said, tried again, and ended."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.answer import Outcome
from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.events import Commanded, Submitted
from config.text import Text, t
from handlers import CAPABILITIES
from storage import tickets
from storage.errors import StorageBusy
from storage.history import FASTER
from storage.tickets import RESOLVED, TAKEN, Ticket
from tests.town import Town

MS_LEE = {"customer": "Ms Lee", "what": "Broken lock", "kind": "quality", "urgency": "high"}

broken = Capability("broken")


@broken.command("crash", help=t("Breaks"))
async def crash(ctx: Context, text: str) -> Text:
    """Does half of its work, and breaks."""
    await tickets.receive(ctx.work, customer="Nobody", what="never kept")
    raise ZeroDivisionError(text)


@broken.command("busy", help=t("Finds the database busy"))
async def busy(ctx: Context, text: str) -> Text:
    """Does half of its work, and can't go on."""
    await tickets.receive(ctx.work, customer="Nobody", what="never kept")
    raise StorageBusy("locked")


@broken.command("slow", help=t("Takes its time"))
async def slow(ctx: Context, text: str) -> Text:
    """Does half of its work, and falls asleep."""
    await tickets.receive(ctx.work, customer="Nobody", what="never kept")
    await asyncio.sleep(60)
    return t("done")


@broken.command("no", help=t("Refuses"))
async def no(ctx: Context, text: str) -> Text:
    """Does half of its work, and refuses."""
    ticket = await tickets.receive(ctx.work, customer="Nobody", what="never kept")
    await ctx.show(ticket, ctx.room("service"))
    raise Refusal(t("No."))


@pytest.fixture
async def shaky(town_url: str) -> AsyncIterator[Town]:
    """The town with a counter that breaks."""
    town = await Town.open(town_url, capabilities=(*CAPABILITIES, broken))
    yield town
    await town.close()


async def test_an_event_delivered_four_times_has_one_effect_and_one_answer(town: Town) -> None:
    replies, outcomes = [], []
    for _ in range(4):
        replies.append(await town.sam.on_slack.submits("tickets.NewComplaint", event="E1", **MS_LEE))
        outcomes.append(town.sam.outcome)
        town.clock.moves(minutes=1)

    assert outcomes == [Outcome.DONE, Outcome.AGAIN, Outcome.AGAIN, Outcome.AGAIN]
    assert replies == [replies[0]] * 4
    assert len(town.slack.at("service")) == 1
    assert await town.row(Ticket, 2) is None


async def test_an_event_delivered_four_times_at_once_has_one_effect(town: Town) -> None:
    sam = town.sam.on_slack
    event = Submitted("E1", sam.who, sam.here, "tickets.NewComplaint", MS_LEE)

    answers = await asyncio.gather(*[town.desk.handle(event) for _ in range(4)])

    assert sorted(answer.outcome for answer in answers) == [Outcome.AGAIN] * 3 + [Outcome.DONE]
    assert [answer.reply for answer in answers] == [answers[0].reply] * 4
    assert await town.row(Ticket, 2) is None


async def test_an_event_is_known_again_after_a_restart(town_url: str) -> None:
    before = await Town.open(town_url)
    await before.sam.on_slack.submits("tickets.NewComplaint", event="E1", **MS_LEE)
    await before.close()

    after = await Town.open(town_url)
    await after.sam.on_slack.submits("tickets.NewComplaint", event="E1", **MS_LEE)

    assert (after.sam.outcome, await after.row(Ticket, 2)) == (Outcome.AGAIN, None)
    assert len(after.slack.at("service")) == 0
    await after.close()


async def test_the_same_id_on_another_platform_is_another_event(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", event="1", **MS_LEE)
    await town.sam.on_telegram.submits("tickets.NewComplaint", event="1", **MS_LEE)

    assert await town.row(Ticket, 2) is not None


async def test_a_sign_in_link_is_not_shown_again(town: Town) -> None:
    await town.sam.on_slack.commands("signin", event="E1")
    first = town.sam.answer
    await town.sam.on_slack.commands("signin", event="E1")
    again = town.sam.answer

    assert first is not None
    assert again is not None
    assert getattr(first.reply, "links", ()) != ()
    assert getattr(again.reply, "links", ()) == ()


async def test_a_form_sent_twice_answers_once(town: Town) -> None:
    await town.ticket(TAKEN)

    await town.dana.on_slack.submits("tickets.Answer", about="tickets:1:2", answer="Replaced it.")
    assert await town.dana.on_slack.submits("tickets.Answer", about="tickets:1:2", answer="Replaced it.") == FASTER

    assert (await town.row(Ticket, 1)).version == 3
    assert len(town.slack.reads(town.sam)) == 1


async def test_a_refused_form_stays_open_and_is_sent_again_under_the_same_id(town: Town) -> None:
    sam = town.sam.on_slack

    assert await sam.submits("tickets.NewComplaint", event="V1", **{**MS_LEE, "customer": ""}) == t(
        "Please answer this."
    )
    assert town.sam.answer is not None
    assert (town.sam.outcome, town.sam.answer.field) == (Outcome.REFUSED, "customer")
    assert await town.audited() == []
    outcomes = []
    for _ in range(2):
        await sam.submits("tickets.NewComplaint", event="V1", **MS_LEE)
        outcomes.append(town.sam.outcome)

    assert outcomes == [Outcome.DONE, Outcome.AGAIN]
    assert await town.row(Ticket, 2) is None


async def test_a_refusal_is_kept_as_the_answer(town: Town) -> None:
    await town.ticket(RESOLVED)

    first = await town.sam.on_slack.presses(action="tickets.take:1:3", event="P1")
    again = await town.sam.on_slack.presses(action="tickets.take:1:3", event="P1")

    assert first == again
    assert town.sam.outcome == Outcome.AGAIN
    assert [what for what, _ in await town.audited()].count("dispatch.denied") == 1


async def test_a_refusal_undoes_what_the_handler_had_begun(shaky: Town) -> None:
    assert await shaky.sam.on_slack.commands("no") == t("No.")

    assert await shaky.audited() == []
    assert await shaky.row(Ticket, 1) is None
    assert shaky.slack.reads("service") == []


async def test_a_fault_is_said_with_an_incident_number_and_leaves_nothing(
    shaky: Town, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await shaky.sam.on_slack.commands("crash", "canary")

    assert isinstance(reply, Text)
    incident = str(reply.args["incident"])
    assert shaky.sam.outcome == Outcome.FAULT
    assert shaky.sam.reads == (
        "Something went wrong on our side, and nothing was saved. Please try again; if it stays so, "
        f"give your administrator the number {incident}."
    )
    assert [incident in record.getMessage() for record in caplog.records] == [True]
    assert await shaky.row(Ticket, 1) is None
    assert await shaky.audited() == []


async def test_an_event_that_always_breaks_ends_after_three_tries_and_delays_nobody(shaky: Town) -> None:
    outcomes = []
    for _ in range(5):
        await shaky.sam.on_slack.commands("crash", event="poison")
        outcomes.append(shaky.sam.outcome)
        await shaky.dana.on_slack.commands("help")
        outcomes.append(shaky.dana.outcome)

    assert outcomes[1::2] == [Outcome.DONE] * 5
    assert outcomes[0::2] == [Outcome.FAULT, Outcome.FAULT, Outcome.ENDED, Outcome.AGAIN, Outcome.AGAIN]
    assert await shaky.audited() == [("dispatch.ended", "Commanded")]


@pytest.mark.parametrize("command", ["busy", "slow"])
async def test_what_could_not_be_saved_is_said_to_be_unsaved_and_may_come_again(
    shaky: Town, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.LIMIT", 0.2)

    await shaky.sam.on_slack.commands(command, event="E1")

    first = shaky.sam.outcome
    assert "That was not saved: too much is going on at once. Please try again in a moment." in shaky.sam.reads
    assert await shaky.row(Ticket, 1) is None
    await shaky.sam.on_slack.commands("complaint", event="E1")
    assert (first, shaky.sam.outcome) == (Outcome.BUSY, Outcome.DONE)


async def test_a_slow_handler_holds_up_nobody_for_longer_than_the_limit(
    shaky: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.LIMIT", 0.3)
    sam, dana = shaky.sam.on_slack, shaky.dana.on_slack

    slow_one = asyncio.create_task(shaky.desk.handle(Commanded("E1", sam.who, sam.here, "slow")))
    await asyncio.sleep(0.05)
    shaky.delivers = False
    await dana.commands("help", event="E2")
    first = shaky.dana.outcome
    await slow_one
    await dana.commands("help", event="E2")

    assert (first, shaky.dana.outcome) in [(Outcome.BUSY, Outcome.DONE), (Outcome.DONE, Outcome.AGAIN)]


async def test_two_desks_on_one_database_do_an_event_once(town_url: str) -> None:
    one, two = await Town.open(town_url), await Town.open(town_url)
    sam = one.sam.on_slack
    event = Submitted("E1", sam.who, sam.here, "tickets.NewComplaint", MS_LEE)

    answers = await asyncio.gather(*[town.desk.handle(event) for town in (one, two) * 2])

    assert sorted(answer.outcome for answer in answers) == [Outcome.AGAIN] * 3 + [Outcome.DONE]
    assert await two.row(Ticket, 2) is None
    await one.close()
    await two.close()
