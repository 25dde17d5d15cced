"""What stands or waits for a person ends with the account that it was for, and a yes is asked for each button."""

from sqlalchemy import select, update
from sqlmodel import col

from bot.answer import Outcome
from bot.codec import pack_card
from bot.events import Pressed
from bot.ui.card import Button, Card
from storage import accounts, outbox, people
from storage.people import Account, Employee
from storage.places import Address
from storage.tickets import RESOLVED, Ticket
from tests.test_quiet import EVENING, tells
from tests.town import Person, Town


async def passes_to_sam(town: Town) -> None:
    """Omar's Telegram account is Sam's from now on, as an import would have it."""
    async with town.unit() as work:
        await work.session.execute(
            update(Account)
            .where(col(Account.employee_id) == town.omar.id, col(Account.platform) == "telegram")
            .values(employee_id=town.sam.id)
        )


async def unlinks(town: Town, person: Person, platform: str) -> None:
    async with town.unit() as work:
        employee = work.by = await work.session.get(Employee, person.id)
        assert employee is not None
        theirs = await people.accounts(work.session, employee.id)
        await accounts.part(work, employee, next(a.id for a in theirs if a.platform == platform), town.desk.on)


async def test_card_that_stands_with_somebody_else_now_is_drawn_no_more(town: Town) -> None:
    await town.ticket()
    await town.hana.on_slack.presses(action="tickets.assign:1:1")
    await town.hana.on_slack.fills(to=town.omar.id)
    card = town.telegram.post(town.omar)
    await passes_to_sam(town)

    await town.omar.on_slack.presses(action="tickets.resolve:1:2")
    await town.omar.on_slack.fills(answer="Secret.")

    assert card.edits == 0
    assert ("dead", "the account is no longer theirs") in await town.outbox()


async def test_note_that_waits_for_an_unlinked_chat_is_not_said_there(town: Town) -> None:
    await town.ticket()
    await town.hana.on_slack.presses(action="tickets.assign:1:1")
    await town.hana.on_slack.fills(to=town.omar.id)
    card = town.telegram.post(town.omar)
    town.delivers = False
    async with town.unit() as work:
        (window,) = [one for one in await outbox.windows(work.session, "tickets:1") if one.person_id == town.omar.id]
        there = Address(window.platform, window.channel)
        await outbox.tell(work, pack_card(Card("Secret.")), there, window.person_id, under=window.id)
    await unlinks(town, town.omar, "telegram")

    await town.is_told()

    assert town.telegram.reads_under(card) == []


async def test_question_of_a_form_follows_nobody_to_another_platform(town: Town) -> None:
    town.delivers = False
    await town.dana.on_phone.commands("complaint")
    async with town.unit() as work:
        dana = work.by = await work.session.get(Employee, town.dana.id)
        assert dana is not None
        await accounts.settle(work, dana, language="en", zone=dana.zone, prefers="slack", quiet="")
        await accounts.prefer(work, dana, town.desk.on)

    await town.is_told()

    assert town.slack.posts == []
    assert len(town.telegram.reads(town.dana)) == 1


async def test_form_of_an_unlinked_chat_goes_nowhere(town: Town) -> None:
    town.delivers = False
    await town.dana.on_phone.commands("complaint")
    await unlinks(town, town.dana, "telegram")

    await town.is_told()

    assert (town.slack.posts, town.telegram.posts) == ([], [])


async def test_button_of_each_notice_in_a_summary_asks_for_its_yes(town: Town) -> None:
    async with town.unit() as work:
        dana = await work.session.get(Employee, town.dana.id)
        assert dana is not None
        dana.prefers = "telegram"
    for _ in range(2):
        await town.ticket(RESOLVED)
    town.clock.now += EVENING
    closing = [Button("Close", f"tickets.close:{n}:3", confirm="For good?") for n in (1, 2)]
    await tells(town, town.dana, *[Card("Resolved", buttons=(button,)) for button in closing])
    await town.passes(hours=14)
    post, seat = town.telegram.post(town.dana), town.dana.on_phone

    for n, button in enumerate(closing):
        on = Address("telegram", post.place.channel, post.ref)
        await town.dana.does(Pressed(f"press-{n}", seat.who, post.place, button.action, on), private=seat.here)

        assert town.dana.outcome is Outcome.CONFIRM
    assert [one.status for one in await town.rows(select(Ticket))] == [RESOLVED, RESOLVED]


async def test_who_acts_on_slack_can_be_reached_there_again(town: Town) -> None:
    town.slack.fails("user_disabled", permanent=True, lost=True, at=town.dana)
    async with town.unit() as work:
        await outbox.tell(work, pack_card(Card("one")), town.dana.private("slack"), town.dana.id)
    await town.is_told()

    await town.dana.on_slack.commands("home")

    theirs = select(col(Account.lost_at)).where(col(Account.employee_id) == town.dana.id)
    assert await town.rows(theirs) == [None, None]
