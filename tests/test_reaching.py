"""Who can't be reached on one platform is reached on the other; and what is theirs follows them, once."""

from sqlalchemy import update
from sqlmodel import col, select

from bot.codec import pack_card
from bot.ui.card import Card
from storage import outbox, people
from storage.people import Account
from storage.places import Identity
from tests.town import Person, Town


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
