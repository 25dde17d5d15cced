"""Whoever leaves loses everything at once: what they had taken is handed back, and nothing reaches or obeys them."""

from sqlalchemy import select

from bot.answer import Outcome
from bot.dispatch import STRANGER
from storage import people
from storage.outbox import Outgoing
from storage.tickets import OPEN, TAKEN, Ticket
from tests.town import Town


async def test_a_leaver_s_complaints_are_open_again_and_the_team_hears_of_it(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    await town.dana.on_slack.presses("Take")

    await town.dana.leaves()

    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.owner_id, ticket.version) == (OPEN, None, 3)
    card, notice = town.slack.at("service")
    assert card.fact("State") == "Not taken yet"
    assert notice.line == (
        "Complaint C-1001 is open again: Dana has left | Customer: Ms Lee | Answer by: Mon 23 Nov 18:00 | [Show]"
    )
    assert await town.audited() == [
        ("tickets.receive", "tickets:1"), ("tickets.take", "tickets:1"), ("tickets.hand_back", "tickets:1"),
        ("people.leave", "employees:1"),
    ]  # fmt: skip


async def test_a_leaver_is_a_stranger_everywhere_at_once(town: Town) -> None:
    ticket = await town.ticket(TAKEN)
    await town.dana.on_slack.presses(action=f"tickets.resolve:{ticket.id}:2")
    await town.dana.leaves()

    for platform in ("slack", "telegram", "web"):
        seat = town.dana.on(platform)
        assert await seat.presses(action=f"tickets.resolve:{ticket.id}:3") == STRANGER
        assert await seat.fills(answer="Replaced it.") == STRANGER
        assert await seat.commands("tickets", "mine") == STRANGER
        assert await seat.says("tickets", to_us=True) == STRANGER
        assert await seat.says("hello") is None
    assert town.dana.outcome == Outcome.STRANGER
    assert (await town.row(Ticket, 1)).status == OPEN


async def test_a_leaver_s_redelivered_event_shows_no_earlier_answer(town: Town) -> None:
    await town.ticket(TAKEN)
    await town.dana.on_slack.commands("ticket", "C-1001", event="E1")
    assert town.dana.reads.startswith("Complaint C-1001: Ms Lee")

    await town.dana.leaves()

    assert await town.dana.on_slack.commands("ticket", "C-1001", event="E1") == STRANGER


async def test_what_still_waited_for_a_leaver_is_not_sent(town: Town) -> None:
    town.delivers = False
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    await town.hana.on_slack.submits("tickets.Handover", about="tickets:1:1", to=town.omar.id)

    await town.omar.leaves()

    assert town.telegram.reads(town.omar) == []
    waiting = [row for row in await town.rows(select(Outgoing)) if row.person_id == town.omar.id]
    assert [(row.state, row.reason) for row in waiting] == [("dead", "whom it is for has left")]


async def test_no_reminder_reaches_a_leaver(town: Town) -> None:
    await town.ticket(TAKEN)
    await town.hana.leaves()
    await town.dana.leaves()

    await town.passes(days=7)

    assert town.slack.reads(town.dana) == town.slack.reads(town.hana) == []


async def test_an_account_that_nobody_has_may_leave(town: Town) -> None:
    await town.stranger.leaves()
    await town.lena.leaves()

    assert await town.audited() == []


async def test_someone_who_leaves_twice_leaves_once(town: Town) -> None:
    await town.ticket(TAKEN)
    await town.dana.leaves()
    await town.dana.leaves()

    async with town.database.reading() as session:
        assert await people.find(session, town.dana.id) is None
        assert await people.accounts(session, town.dana.id) == []
    assert [what for what, _ in await town.audited()].count("people.leave") == 1
