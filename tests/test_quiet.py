"""What is not urgent waits for its reader's hours and comes as one; what is urgent, and what answers them, does not."""

from datetime import timedelta

from sqlmodel import select

from bot.context import Context
from bot.ui.card import Button, Card, Fact, Tone
from config.text import t
from storage import people
from storage.outbox import Outgoing
from storage.places import Address
from tests.town import Person, Town

EVENING = timedelta(hours=11)
"""From nine in the morning to eight in the evening: the working day is over."""


def notice(n: int, tone: Tone = Tone.PLAIN) -> Card:
    return Card(
        t("Complaint {number} is resolved", number=f"C-{n}"),
        facts=(Fact(t("Customer"), "Ms Lee"),),
        buttons=(Button(t("Show"), f"tickets.look:{n}"),),
        tone=tone,
    )


async def tells(town: Town, person: Person, *cards: Card, urgent: bool = False) -> None:
    for card in cards:
        async with town.unit() as work:
            employee = await people.find(work.session, person.id)
            assert employee is not None
            ctx = Context(work, Address("clock", ""), town.desk.on)
            await ctx.tell(employee, card, urgent=urgent)
    await town.is_told()


async def test_in_working_time_nothing_waits(town: Town) -> None:
    await tells(town, town.sam, notice(1))

    assert town.slack.reads(town.sam) == ["Complaint C-1 is resolved | Customer: Ms Lee | [Show]"]


async def test_what_can_wait_comes_in_the_morning_as_one(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.sam, notice(1), notice(2, Tone.WARN), notice(3))
    assert town.slack.reads(town.sam) == []

    await town.passes(hours=12, minutes=59)
    assert town.slack.reads(town.sam) == []
    await town.passes(minutes=2)

    assert town.slack.reads(town.sam) == [
        "While you were away: 3 notices"
        " | Complaint C-1 is resolved, Customer: Ms Lee"
        " | Complaint C-2 is resolved, Customer: Ms Lee"
        " | Complaint C-3 is resolved, Customer: Ms Lee"
    ]
    assert town.slack.post(town.sam).card.tone is Tone.WARN
    assert await town.outbox() == [("sent", None)] * 3


async def test_what_is_urgent_does_not_wait(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.sam, notice(1), urgent=True)

    assert len(town.slack.reads(town.sam)) == 1


async def test_one_notice_that_waited_is_told_as_it_is(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.sam, notice(1))

    await town.passes(hours=14)

    assert town.slack.reads(town.sam) == ["Complaint C-1 is resolved | Customer: Ms Lee | [Show]"]


async def test_notice_with_many_lines_loses_none_among_others(town: Town) -> None:
    town.clock.now += EVENING
    lines = [f"line {n}" for n in range(30)]
    await tells(town, town.sam, Card("one", body=tuple(lines)), notice(1))

    await town.passes(hours=14)

    assert town.slack.reads(town.sam)[0].split(" | ")[1] == "one, " + " · ".join(lines)


async def test_what_waited_over_a_long_holiday_is_not_too_old(town: Town) -> None:
    town.clock.now += timedelta(days=4) + EVENING  # Friday evening
    await tells(town, town.sam, notice(1), notice(2))

    await town.passes(days=2, hours=14)

    assert [line.split(" | ")[0] for line in town.slack.reads(town.sam)] == ["While you were away: 2 notices"]


async def test_own_hours_win_over_the_company_s(town: Town) -> None:
    async with town.unit() as work:
        employee = await work.session.get(people.Employee, town.sam.id)
        assert employee is not None
        employee.quiet = "off"
    town.clock.now += EVENING

    await tells(town, town.sam, notice(1))

    assert len(town.slack.reads(town.sam)) == 1


async def test_summary_that_fails_is_told_later_and_whole(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.sam, notice(1), notice(2))
    town.slack.fails("internal_error", at=town.sam, times=2)

    await town.passes(hours=14)
    for _ in range(3):
        await town.passes(seconds=30)

    assert [line.split(" | ")[0] for line in town.slack.reads(town.sam)] == ["While you were away: 2 notices"]
    assert await town.outbox() == [("sent", None)] * 2


async def test_what_waits_is_said_in_the_reader_s_words(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.omar, notice(1), notice(2))

    await town.passes(hours=14)

    assert town.telegram.reads(town.omar)[0].split(" | ")[0] == "你不在时有 2 条通知"


async def test_leaver_hears_nothing_in_the_morning(town: Town) -> None:
    town.clock.now += EVENING
    await tells(town, town.sam, notice(1))
    await town.sam.leaves()

    await town.passes(hours=14)

    assert town.slack.reads(town.sam) == []
    assert (await town.rows(select(Outgoing)))[0].reason == "whom it is for has left"
