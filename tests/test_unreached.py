"""The unreached: an administrator sees who, where, when and why, and what to do; never what the message said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.answer import Outcome
from bot.ui.card import Card
from config.text import Text
from handlers.unreached import TROUBLES, trouble
from storage import outbox, people
from tests.town import Town, chinese, english


async def tells(town: Town, *texts: str, to: str = "dana", platform: str = "telegram") -> None:
    """Something is to be told to somebody, and goes out."""
    person = getattr(town, to)
    async with town.unit() as work:
        for text in texts:
            await outbox.tell(work, f'{{"title": "{text}"}}', person.private(platform), person.id)
    await town.is_told()


async def test_an_empty_list_says_so_warmly(town: Town) -> None:
    await town.ada.on_slack.commands("unreached")

    assert town.ada.reads == (
        "Everybody could be reached in the last thirty days | Nothing to do here. That is how it should be."
    )


async def test_who_blocked_the_bot_is_named_with_what_to_do(town: Town) -> None:
    town.telegram.fails("Forbidden: bot was blocked by the user", permanent=True, lost=True)
    await tells(town, "Your salary")

    await town.ada.on_slack.commands("未送达")

    assert town.ada.reads == (
        "Who could not be reached"
        " | “has blocked the bot”: Ask them to unblock Opsbook, and to press Start."
        " | Dana, Telegram, not reached since Mon 23 Nov, has blocked the bot"
        " | Dana, Telegram; it came by Slack instead, Mon 23 Nov 09:00, has blocked the bot"
        " | The last thirty days. What the messages said is not shown."
    )
    assert "salary" not in repr(town.ada.answer)


async def test_who_could_not_be_reached_is_named_for_each_platform(town: Town) -> None:
    town.telegram.fails("Forbidden: bot can't initiate conversation with a user", permanent=True)
    town.slack.fails("strange_trouble", permanent=True)
    await tells(town, "Hello")

    reply = await town.ada.on_slack.commands("unreached")

    assert isinstance(reply, Card)
    assert reply.table is not None
    assert [[english(cell) for cell in row.cells] for row in reply.table.rows] == [
        ["Dana", "Slack; it came by Web instead", "Mon 23 Nov 09:00", "strange_trouble"],
        ["Dana", "Telegram; it came by Web instead", "Mon 23 Nov 09:00", "has never begun the chat"],
    ]
    assert [english(words) for words in reply.body] == [
        "“has never begun the chat”: Ask them to open the chat with Opsbook and press Start."
    ]


async def test_the_newest_come_first_twenty_at_a_time(town: Town) -> None:
    town.delivers = False
    for n in range(45):
        async with town.unit() as work:
            await outbox.tell(work, '{"title": "x"}', town.dana.private("telegram"), town.dana.id)
            for row in await outbox.claim(work, ["telegram"], []):
                await outbox.end(work, row, f"reason {n}")
        town.clock.moves(minutes=1)
    pages = [await town.ada.on_slack.commands("unreached")]
    for _ in range(2):
        pages.append(await town.ada.on_slack.presses("Older"))

    shown = [
        [row.cells[3] for row in page.table.rows] for page in pages if isinstance(page, Card) and page.table is not None
    ]
    assert shown == [
        [f"reason {n}" for n in range(44, 24, -1)],
        [f"reason {n}" for n in range(24, 4, -1)],
        [f"reason {n}" for n in range(4, -1, -1)],
    ]
    assert [len(page.buttons) for page in pages if isinstance(page, Card)] == [1, 1, 0]


async def test_after_thirty_days_it_is_forgotten_and_leavers_at_once(town: Town) -> None:
    for who in ("dana", "omar"):
        town.telegram.fails("Forbidden: user is deactivated", permanent=True, at=getattr(town, who))
        await tells(town, "Hello", to=who)
    await town.omar.leaves()
    await town.ada.on_slack.commands("unreached")
    assert ("Dana, Telegram" in town.ada.reads, "Omar" in town.ada.reads) == (True, False)

    town.clock.now += timedelta(days=30)
    await town.ada.on_slack.commands("unreached")

    assert town.ada.reads.startswith("Everybody could be reached in the last thirty days")


async def test_what_nobody_missed_is_not_there(town: Town) -> None:
    town.delivers = False
    for reason in (outbox.NOT_THEIRS, "what it shows is gone", "whom it is for has left"):
        async with town.unit() as work:
            await outbox.tell(work, '{"title": "x"}', town.dana.private("telegram"), town.dana.id)
            for row in await outbox.claim(work, ["telegram"], []):
                await outbox.end(work, row, reason)

    await town.ada.on_slack.commands("unreached")

    assert town.ada.reads.startswith("Everybody could be reached")


async def test_an_account_that_is_heard_from_is_lost_no_more(town: Town) -> None:
    async with town.unit() as work:
        await people.lose(work, "telegram", town.dana.account("telegram"), "bot was blocked by the user")
    await town.ada.on_slack.commands("unreached")
    assert "Dana, Telegram, not reached since Mon 23 Nov, has blocked the bot" in town.ada.reads

    await town.dana.on_phone.says("help")
    await town.ada.on_slack.commands("unreached")

    assert town.ada.reads.startswith("Everybody could be reached")


@pytest.mark.parametrize("who", ["dana", "hana", "boss"])
async def test_only_an_administrator_may_see_it(town: Town, who: str) -> None:
    person = getattr(town, who)
    for seat in (person.on_slack, person.on_telegram):
        await seat.commands("unreached")
        assert person.outcome == Outcome.REFUSED
        await seat.presses(action="unreached.older:0")
        assert person.outcome == Outcome.REFUSED


async def test_a_page_that_somebody_makes_up_is_the_first(town: Town) -> None:
    for claim in ("x", "-1", "", "99999999999", "٣"):
        await town.ada.on_slack.presses(action=f"unreached.older:{claim}")
        assert town.ada.outcome == Outcome.DONE


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("Forbidden: bot was blocked by the user", "has blocked the bot"),
        ("Forbidden: bot can't initiate conversation with a user", "has never begun the chat"),
        ("Bad Request: chat not found", "has never begun the chat, or the number is wrong"),
        ("Forbidden: user is deactivated", "the account was deleted"),
        ("account_inactive", "the account was closed"),
        ("messages_tab_disabled", "the app takes no messages"),
        ("no answer in time", "the platform did not answer"),
        ("our fault: ValueError", "we could not make the message"),
        ("too old to be of use", "the platform could not be reached for a day"),
        ("some_new_code", "some_new_code"),
    ],
)
def test_reasons_are_told_in_plain_words(reason: str, why: str) -> None:
    assert english(trouble(reason).why) == why


def test_every_known_trouble_has_a_remedy() -> None:
    assert [part for part, one in TROUBLES.items() if one.remedy is None] == []
    assert all(isinstance(one.why, Text) and chinese(one.why) for one in TROUBLES.values())
