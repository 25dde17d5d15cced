"""Who becomes a colleague by themselves: full members of the workspace, where the handbook lets them; nobody else."""

from __future__ import annotations

import pytest

from bot.answer import Outcome
from bot.events import Identity
from config.text import t
from tests.platforms.slack.fake import FakeSlack
from tests.platforms.slack.office import Office
from tests.platforms.slack.scene import Clock


async def test_a_full_member_is_let_in_after_their_first_try(slack: FakeSlack, clock: Clock) -> None:
    slack.add_user("UNEW", "nina", real_name="Nina Berg", locale="en-GB", tz="Europe/Berlin")

    async with Office(slack, clock, joining=True) as office:
        office.desk.outcome, office.desk.reply = Outcome.STRANGER, t("We don't know each other yet.")
        await office.people.command("UNEW", "/complaint", "", "C1")
        await office.settled()

    assert office.desk.let_in == [(Identity("slack", "T0001", "UNEW"), "Nina Berg", "en", "Europe/Berlin")]


@pytest.mark.parametrize("who", ["bot", "guest", "leaver"])
async def test_bots_guests_and_leavers_are_not_let_in(slack: FakeSlack, clock: Clock, who: str) -> None:
    slack.add_user("UODD", is_bot=who == "bot", is_restricted=who == "guest", deleted=who == "leaver")

    async with Office(slack, clock, joining=True) as office:
        office.desk.outcome, office.desk.reply = Outcome.STRANGER, t("We don't know each other yet.")
        await office.people.command("UODD", "/complaint", "", "C1")
        await office.settled()

    assert [event.who.user for event in office.desk.events] == ["UODD"]
    assert office.desk.let_in == []


async def test_nobody_is_let_in_unless_the_handbook_says_so(slack: FakeSlack, clock: Clock) -> None:
    slack.add_user("UNEW", "nina")

    async with Office(slack, clock) as office:
        office.desk.outcome, office.desk.reply = Outcome.STRANGER, t("We don't know each other yet.")
        await office.people.command("UNEW", "/complaint", "", "C1")
        await office.settled()

    assert [event.who.user for event in office.desk.events] == ["UNEW"]
    assert office.desk.let_in == []
