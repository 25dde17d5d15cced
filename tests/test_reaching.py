"""Who can't be reached on one platform is reached on the other; and what is theirs follows them, once."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from bot.codec import pack_card
from bot.context import Context
from bot.ui.card import Button, Card, Tone
from storage import deputies, outbox, people
from storage.people import Account
from storage.places import Address, Identity
from storage.tickets import TAKEN, Ticket
from tests.town import Person, Post, Town, english


async def tells(town: Town, person: Person, platform: str, *titles: str) -> None:
    async with town.unit() as work:
        for title in titles:
            await outbox.tell(work, pack_card(Card(title)), person.private(platform), person.id)
    await town.is_told()


async def accounts(town: Town, person: Person) -> dict[str, str]:
    rows = await town.rows(select(Account).where(col(Account.employee_id) == person.id))
    return {row.platform: row.lost_why if row.lost_at else "" for row in rows}


async def test_who_blocked_us_is_told_elsewhere_at_once_and_from_then_on(town: Town) -> None:
    town.telegram.fails("bot was blocked by the user", at=town.omar, permanent=True, lost=True)

    await tells(town, town.omar, "telegram", "one")

    assert town.slack.reads(town.omar) == ["one"]
    assert await accounts(town, town.omar) == {"telegram": "bot was blocked by the user", "slack": ""}
    async with town.database.reading() as session:
        omar = await people.find(session, town.omar.id)
        assert omar is not None
        assert (await people.private(session, omar, town.desk.on)).platform == "slack"


async def test_message_that_can_t_be_shown_is_not_the_person_s_fault(town: Town) -> None:
    town.telegram.fails("message is too long", at=town.omar, permanent=True)

    await tells(town, town.omar, "telegram", "one")

    assert await accounts(town, town.omar) == {"telegram": "", "slack": ""}


async def test_who_writes_again_can_be_reached_again(town: Town) -> None:
    town.telegram.fails("bot was blocked by the user", at=town.omar, permanent=True, lost=True)
    await tells(town, town.omar, "telegram", "one")

    await town.omar.on_phone.commands("help")

    assert await accounts(town, town.omar) == {"telegram": "", "slack": ""}


async def test_one_who_only_writes_in_the_group_has_still_not_met_us(town: Town) -> None:
    who = Identity("telegram", "", town.omar.account("telegram"))

    await town.omar.on_telegram.commands("help")
    async with town.database.reading() as session:
        assert await people.met(session, who) is False
    await town.omar.on_phone.commands("help")

    async with town.database.reading() as session:
        assert await people.met(session, who) is True


async def test_message_for_an_account_that_is_no_longer_theirs_goes_where_they_are(town: Town) -> None:
    town.delivers = False
    async with town.unit() as work:
        await outbox.tell(work, pack_card(Card("one")), town.omar.private("telegram"), town.omar.id)
        await work.session.execute(
            update(Account)
            .where(col(Account.employee_id) == town.omar.id, col(Account.platform) == "telegram")
            .values(employee_id=town.sam.id)
        )

    await town.is_told()

    assert (town.telegram.posts, town.slack.reads(town.omar)) == ([], ["one"])
    assert await town.outbox() == [("dead", "the account is no longer theirs"), ("sent", None)]


async def test_what_waits_follows_to_the_new_place_once(town: Town) -> None:
    town.telegram.fails("internal error", at=town.omar, times=1)
    await tells(town, town.omar, "telegram", "one")
    async with town.unit() as work:
        to = town.omar.private("slack")
        await outbox.follow(work, town.omar.id, "telegram", town.omar.account("telegram"), to)

    await town.passes(minutes=5)

    assert (town.telegram.posts, town.slack.reads(town.omar)) == ([], ["one"])


async def test_window_at_an_account_that_is_no_longer_theirs_is_drawn_no_more(town: Town) -> None:
    await town.ticket()
    await town.hana.on_slack.presses(action="tickets.assign:1:1")
    await town.hana.on_slack.fills(to=town.omar.id)
    card = town.telegram.post(town.omar)
    async with town.unit() as work:
        await outbox.close_windows(work, town.omar.id, "telegram", town.omar.account("telegram"))

    await town.hana.on_slack.presses(action="tickets.add_note:1:2")
    await town.hana.on_slack.fills(text="Secret.")

    assert (card.edits, [line for line in town.telegram.reads(town.omar) if "Secret." in line]) == (0, [])


# --- The deputy


async def stands_in(town: Town, deputy: Person, person: Person) -> None:
    async with town.unit() as work:
        work.by = await people.find(work.session, person.id)
        ship = await deputies.name(work, deputy.id, work.now, work.now + timedelta(days=3))
        await deputies.turn(work, ship)


def posts_of(town: Town, person: Person) -> list[Post]:
    """What was written to somebody alone, anywhere."""
    return [post for platform in (town.slack, town.telegram, town.web) for post in platform.at(person)]


async def escalated_to_nobody(town: Town) -> None:
    """Hana, who leads the service, is asked to look at a complaint, and no chat reaches her."""
    for platform in (town.slack, town.telegram):
        platform.fails("account_inactive", at=town.hana, permanent=True, lost=True)
    await town.ticket(TAKEN)
    await town.dana.on_slack.presses(action="tickets.escalate:1:2")


async def test_deputy_is_told_what_no_chat_could_bring(town: Town) -> None:
    await stands_in(town, town.omar, town.hana)

    await escalated_to_nobody(town)

    title = "For Hana, who could not be reached: Dana asks you to look at complaint C-1001"
    told = [post for post in posts_of(town, town.omar) if english(post.card.title) == title]
    assert [(post.card.facts, english(post.card.foot[0])) for post in told] == [((), "You stand in for Hana.")]
    theirs = [english(post.card.title) for post in town.web.at(town.hana)]
    assert theirs == ["Dana asks you to look at complaint C-1001"]
    await town.ada.on_slack.commands("unreached")
    assert "; Omar, who stands in, was told" in town.ada.reads


async def test_deputy_who_may_not_see_the_record_is_not_told(town: Town) -> None:
    await stands_in(town, town.lin, town.hana)

    await escalated_to_nobody(town)

    assert [post for post in posts_of(town, town.lin) if "For Hana" in english(post.card.title)] == []


async def test_without_a_deputy_it_lies_in_the_web_chat_alone(town: Town) -> None:
    await escalated_to_nobody(town)

    assert len(town.web.reads(town.hana)) == 1
    assert await town.rows(select(outbox.Outgoing).where(col(outbox.Outgoing.for_id).is_not(None))) == []


async def test_deputy_is_told_again_while_nobody_reaches_them(town: Town) -> None:
    await stands_in(town, town.omar, town.hana)
    await escalated_to_nobody(town)
    async with town.unit() as work:
        hana = await people.find(work.session, town.hana.id)
        ticket = await work.session.get(Ticket, 1)
        assert hana is not None
        assert ticket is not None
        ctx = Context(work, Address("clock", ""), town.desk.on)
        show, answer = Button("Show", "tickets.look:1"), Button("Answer", "tickets.answer:1", Tone.GOOD)
        take = Button("Take", "tickets.take:1:1")
        await ctx.tell(hana, Card("Complaint C-1001 is late", buttons=(answer, take, show)), about=ticket)
        await ctx.tell(hana, Card("Lunch is ready"))
    await town.is_told()

    told = [post for post in posts_of(town, town.omar) if "For Hana" in english(post.card.title)]
    assert [(english(post.card.title), post.buttons) for post in told[1:]] == [
        ("For Hana, who could not be reached: Complaint C-1001 is late", ["Show"])
    ]
