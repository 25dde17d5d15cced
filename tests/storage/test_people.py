"""Where people are reached: on the platform that they prefer, else where they were last, and on the web at the end."""

from __future__ import annotations

from datetime import timedelta

from storage import people
from storage.places import Address, Identity
from tests.town import Town

ALL = frozenset({"slack", "telegram", "web"})


async def test_people_are_reached_where_they_were_last(town: Town) -> None:
    sam = town.sam
    await sam.on_slack.commands("help")
    town.clock.moves(hours=2)
    await sam.on_telegram.commands("help")

    async with town.unit() as work:
        person = await people.known(work.session, sam.on_slack.who)
        assert person is not None
        assert (await people.private(work.session, person, ALL)).platform == "telegram"
        assert (await people.private(work.session, person, ALL - {"telegram"})).platform == "slack"
        assert await people.private(work.session, person, frozenset({"web"})) == Address("web", f"dm:{person.id}")
        person.prefers = "slack"
        assert (await people.private(work.session, person, ALL)).platform == "slack"


async def test_use_is_noted_to_the_hour(town: Town) -> None:
    who = town.sam.on_slack.who
    noted = []
    for minutes in (0, 30, 61):
        async with town.unit() as work:
            person = await people.known(work.session, who, work.now + timedelta(minutes=minutes))
            assert person is not None
            accounts = await people.accounts(work.session, person.id)
            used = {account.platform: account.last_used_at for account in accounts}["slack"]
            noted.append(used - work.now if used is not None else None)

    assert noted == [timedelta(0), timedelta(0), timedelta(minutes=61)]


async def test_an_account_of_another_workspace_is_a_strangers(town: Town) -> None:
    who = town.sam.on_slack.who
    await town.sam.on_slack.commands("help")

    async with town.unit() as work:
        assert await people.known(work.session, Identity(who.platform, "T0OTHER", who.user)) is None
