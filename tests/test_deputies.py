"""Who is away names who decides for them: what waits goes over, is decided in both names, and comes back at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.errors import Refusal
from bot.ui.form import Asking
from storage import deputies
from storage.approvals import Status
from storage.deputies import Deputyship
from storage.people import Employee
from tests.approvals.conftest import request, seat
from tests.approvals.timed import asks, timed, titles
from tests.town import MONDAY, Person, Town, chinese, english

DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, timed())
    yield town
    await town.close()


async def names(
    town: Town, who: Person, deputy: Person, begins: datetime = MONDAY, ends: datetime = MONDAY + DAY
) -> str:
    """One person names another, without a word to anybody; what was said against it, if anything."""
    try:
        async with town.unit() as work:
            work.by = await work.session.get(Employee, who.id)
            await deputies.name(work, deputy.id, begins, ends)
    except Refusal as refusal:
        return english(refusal.text)
    return ""


async def stands_in(town: Town, who: Person, *avoid: Person) -> int:
    async with town.unit() as work:
        person = await work.session.get(Employee, who.id)
        assert person is not None
        return (await deputies.stand_in(work, person, frozenset(one.id for one in avoid))).id


async def test_a_deputy_is_named_by_words(town: Town) -> None:
    await town.hana.on_slack.commands("deputy", "Dana until Friday")

    ship = await town.row(Deputyship, 1)
    assert (ship.person_id, ship.deputy_id, ship.status) == (town.hana.id, town.dana.id, "running")
    assert (ship.begins_at, ship.ends_at) == (MONDAY, MONDAY - timedelta(hours=9) + 5 * DAY)
    assert english(town.hana.answer.reply) == (  # type: ignore[union-attr, arg-type]  # just answered, in words
        "Dana stands in for you from Mon 23 Nov 09:00 until Fri 27 Nov. What waits for you then goes to them, "
        "and what they have not decided comes back to you."
    )
    assert town.slack.reads(town.dana) == [
        "You stand in for Hana until Fri 27 Nov | Nothing waits at present. What comes until then goes to you."
    ]


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        ("Dana from Wednesday until Friday", date(2026, 11, 25), date(2026, 11, 27)),
        ("Dana 从周三到周五", date(2026, 11, 25), date(2026, 11, 27)),
        ("Dana到11月30日", date(2026, 11, 23), date(2026, 11, 30)),
    ],
)
async def test_both_days_are_understood_in_both_languages(town: Town, words: str, since: date, until: date) -> None:
    await town.hana.on_slack.commands("代理", words)

    ship = await town.row(Deputyship, 1)
    days = [moment.astimezone(SHANGHAI).date() for moment in (ship.begins_at, ship.ends_at)]
    assert days == [since, until + DAY]


async def test_what_is_not_clear_is_asked_by_the_form(town: Town) -> None:
    reply = await town.hana.on_slack.commands("deputy", "dan")
    assert isinstance(reply, Asking)
    assert reply.answers == {"deputy": town.dana.on_slack.who, "since": date(2026, 11, 23)}
    reply = await town.hana.on_slack.commands("deputy", "Nobody until Friday")
    assert isinstance(reply, Asking)
    assert reply.answers == {"since": date(2026, 11, 23), "until": date(2026, 11, 27)}

    await town.hana.on_slack.fills(deputy=town.dana.id, since="2026-11-24", until="2026-11-24", reason="A fair")

    assert town.slack.reads(town.dana) == ["You will stand in for Hana | A fair | From: Tue 24 Nov | Until: Tue 24 Nov"]
    await town.passes(days=1)
    assert titles(town, town.dana)[-1] == "You stand in for Hana until Tue 24 Nov"
    await town.passes(days=1)
    assert titles(town, town.dana)[-1] == "You no longer stand in for Hana"


async def test_what_waits_goes_over_is_decided_in_both_names_and_the_rest_comes_back(town: Town) -> None:
    await asks(town.omar, "expense", "100", "Taxi one")
    await asks(town.omar, "expense", "200", "Taxi two")
    await asks(town.omar, "expense", "1", "Taxi three")

    await town.hana.on_slack.commands("deputy", "Dana until tomorrow")
    assert titles(town, town.dana) == ["You stand in for Hana until Tue 24 Nov"]
    assert "3 requests came over to you." in town.slack.at(town.dana)[-1].line
    first = await seat(town, 1)
    assert (first.person_id, first.for_id) == (town.dana.id, town.hana.id)

    await town.dana.on_slack.presses("Approve", on="A-1001")
    await town.dana.on_slack.presses("Reject", on="A-1002")
    await town.dana.on_slack.fills(why="Take the bus.")
    await asks(town.gus, "expense", "2", "Taxi four")
    assert [(await seat(town, n)).person_id for n in (3, 4)] == [town.dana.id, town.dana.id]

    await town.passes(hours=39)  # midnight after Tuesday
    await town.passes(hours=10)  # it can wait until the morning

    told = [post for post in town.slack.at(town.hana) if post.message.about is None][-1]
    assert [english(fact.label) + ": " + str(fact.value) for fact in told.card.facts] == [
        "Approved by Dana: A-1001", "Rejected by Dana: A-1002",
    ]  # fmt: skip
    assert english(told.card.body[0]) == "2 requests wait for you again."
    assert [(await seat(town, n)).person_id for n in (3, 4)] == [town.hana.id, town.hana.id]
    assert [(await request(town, n)).status for n in (1, 2, 3, 4)] == [
        Status.APPROVED, Status.REJECTED, Status.PENDING, Status.PENDING,
    ]  # fmt: skip
    await town.hana.on_slack.presses("Approve", on="A-1003")
    assert (await request(town, 3)).status == Status.APPROVED
    await town.dana.on_slack.presses(action="approvals.approve:4:3")
    assert town.dana.outcome == "refused"


async def test_it_ends_early_by_its_button_and_by_off(town: Town) -> None:
    await asks(town.omar, "expense")
    await town.hana.on_slack.commands("deputy", "Dana until Friday")
    await town.hana.on_slack.commands("deputy")
    assert town.hana.reads.split(" | ")[0] == chinese(town.hana.answer.reply.title)  # type: ignore[union-attr]

    await town.hana.on_slack.presses("End now")
    assert english(town.hana.answer.reply) == "You decide for yourself again. Dana is told."  # type: ignore[union-attr, arg-type]
    assert (await seat(town, 1)).person_id == town.hana.id
    assert titles(town, town.dana)[-1] == "You no longer stand in for Hana"

    await town.hana.on_slack.commands("deputy", "Dana from Thursday until Friday")
    await town.hana.on_slack.commands("deputy", "off")
    assert english(town.hana.answer.reply) == "Dana will not stand in for you, and is told."  # type: ignore[union-attr, arg-type]
    await town.hana.on_slack.commands("deputy", "off")
    assert english(town.hana.answer.reply) == "Nobody stands in for you. To name somebody, type “deputy”."  # type: ignore[union-attr, arg-type]
    await town.passes(days=7)
    assert titles(town, town.dana)[-1] == "You need not stand in for Hana after all"


async def test_nobody_else_ends_it(town: Town) -> None:
    await names(town, town.hana, town.dana)

    for who in (town.dana, town.omar, town.boss, town.ada):
        await who.on_slack.presses(action="deputies.stop:1")
        assert who.outcome == "refused"

    assert (await town.row(Deputyship, 1)).status == "planned"


async def test_a_deputyship_is_refused_in_words(town: Town) -> None:
    assert await names(town, town.hana, town.hana) == ("Nobody can stand in for themselves. Please choose a colleague.")
    assert await names(town, town.hana, town.lena) == (
        "Only somebody who works here can stand in. Please choose another colleague."
    )
    assert await names(town, town.hana, town.dana, MONDAY - 2 * DAY, MONDAY - DAY) == (
        "That ends before it begins. Please check the two days."
    )
    assert await names(town, town.hana, town.dana, MONDAY, MONDAY + timedelta(days=60, seconds=1)) == (
        "A deputy is named for sixty days at most. Please choose an earlier end."
    )
    assert await names(town, town.hana, town.dana, MONDAY, MONDAY + timedelta(days=60)) == ""
    assert await names(town, town.hana, town.omar, MONDAY + DAY, MONDAY + 2 * DAY) == (
        "Dana stands in from Mon 23 Nov 09:00 until Fri 22 Jan 2027 09:00 already. "
        "End that first, or choose another time."
    )


async def test_of_two_deputies_named_at_once_one_is(town: Town) -> None:
    said = await asyncio.gather(names(town, town.hana, town.dana), names(town, town.hana, town.omar))

    assert sorted(bool(words) for words in said) == [False, True]


async def test_a_circle_of_deputies_is_refused_only_while_it_would_be_one(town: Town) -> None:
    assert await names(town, town.hana, town.dana) == ""
    assert await names(town, town.dana, town.omar) == ""
    assert await names(town, town.omar, town.hana) == (
        "Hana has named a deputy too, and in the end that would be Omar. Please choose somebody else."
    )
    assert await names(town, town.omar, town.hana, MONDAY + DAY, MONDAY + 2 * DAY) == ""


async def test_a_deputy_who_is_away_too_is_stood_in_for(town: Town) -> None:
    await names(town, town.hana, town.dana)
    await names(town, town.dana, town.omar)

    assert await stands_in(town, town.hana) == town.omar.id
    assert await stands_in(town, town.hana, town.omar) == town.dana.id
    assert await stands_in(town, town.hana, town.dana) == town.hana.id
    assert await stands_in(town, town.fay) == town.fay.id
    town.clock.moves(days=1)
    assert await stands_in(town, town.hana) == town.hana.id


async def test_of_a_chain_of_deputies_five_are_followed(town: Town) -> None:
    chain = [town.hana, town.dana, town.omar, town.fay, town.gus, town.sam, town.lin]
    for who, deputy in pairwise(chain):
        assert await names(town, who, deputy) == ""

    assert await stands_in(town, town.hana) == town.sam.id


async def test_a_deputy_never_decides_on_their_own_request(town: Town) -> None:
    await town.hana.on_slack.commands("deputy", "Dana until Friday")

    await asks(town.dana, "expense")

    assert (await seat(town, 1)).person_id == town.hana.id


async def test_what_ended_while_we_were_away_has_only_ended(town: Town) -> None:
    await names(town, town.hana, town.dana, MONDAY + DAY, MONDAY + 2 * DAY)

    await town.passes(days=7)

    assert (await town.row(Deputyship, 1)).status == "ended"
    assert [what for what, _ in await town.audited() if what.startswith("deputies")] == [
        "deputies.name", "deputies.end",
    ]  # fmt: skip


async def test_when_a_deputy_leaves_what_waits_goes_back(town: Town) -> None:
    await asks(town.omar, "expense")
    await town.hana.on_slack.commands("deputy", "Dana until Friday")

    await town.dana.leaves()

    assert (await seat(town, 1)).person_id == town.hana.id
    assert titles(town, town.hana)[-1] == "Dana, your deputy, has left. Please name another one."
    assert (await town.row(Deputyship, 1)).status == "ended"


async def test_when_somebody_leaves_their_deputy_is_free(town: Town) -> None:
    await names(town, town.hana, town.dana, MONDAY + DAY, MONDAY + 2 * DAY)

    await town.hana.leaves()

    assert titles(town, town.dana)[-1] == "You no longer stand in for Hana, who has left"
    assert (await town.row(Deputyship, 1)).turn_at is None
