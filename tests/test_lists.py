"""Lists of complaints: mine, open, overdue and reported; a page at a time, and kind words where there is nothing."""

import pytest

from bot.ui.card import Card
from config.text import t
from storage.tickets import OPEN, RESOLVED, TAKEN
from tests.town import Person, Town


def numbers(person: Person) -> list[str]:
    """The numbers in the list that somebody was shown."""
    assert person.answer is not None
    shown = person.answer.reply
    assert isinstance(shown, Card)
    return [str(row.cells[0]) for row in (shown.table.rows if shown.table else ())]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "My complaints | You have no complaint to answer. | [Open] [Overdue] [Reported by me]"),
        ("open", "Open complaints | No complaint is waiting for an answer. | [Mine] [Overdue] [Reported by me]"),
        (
            "超时",
            "Overdue complaints | Nothing is overdue. Every promise is being kept. | [Mine] [Open] [Reported by me]",
        ),
        (
            "reported",
            "Complaints that I reported | You have not reported a complaint yet. Type “complaint” to report one."
            " | [Mine] [Open] [Overdue]",
        ),
    ],
)
async def test_an_empty_list_says_so(town: Town, words: str, said: str) -> None:
    await town.dana.on_slack.commands("tickets", words)

    assert town.dana.reads == said


async def test_a_list_of_an_unknown_name_says_which_there_are(town: Town) -> None:
    assert await town.dana.on_slack.commands("tickets", "closed") == t("Lists are: mine, open, overdue, reported.")
    assert await town.dana.on_slack.presses(action="tickets.page:closed") == t("That list does not exist.")


async def test_lists_show_the_most_pressing_first(town: Town) -> None:
    await town.ticket(OPEN, urgency="normal")
    await town.ticket(TAKEN, urgency="high")
    await town.ticket(TAKEN, urgency="critical")
    await town.ticket(RESOLVED, urgency="critical")

    await town.dana.on_slack.commands("tickets", "open")
    assert numbers(town.dana) == ["C-1003", "C-1002", "C-1001"]
    await town.dana.on_slack.presses("Mine")
    assert numbers(town.dana) == ["C-1003", "C-1002"]
    town.clock.moves(hours=2)
    await town.dana.on_slack.presses("Overdue")
    assert numbers(town.dana) == ["C-1003"]
    await town.sam.on_slack.commands("tickets", "我报的")
    assert numbers(town.sam) == ["C-1004", "C-1003", "C-1002", "C-1001"]


@pytest.mark.parametrize("name", ["open", "reported"])
async def test_a_long_list_is_turned_page_by_page(town: Town, name: str) -> None:
    for _ in range(23):
        await town.ticket(OPEN)
    expected = [f"C-{1000 + n}" for n in range(1, 24)]

    await town.sam.on_slack.commands("tickets", name)
    pages = [numbers(town.sam)]
    while "[Next page]" in town.sam.reads:
        await town.sam.on_slack.presses("Next page")
        pages.append(numbers(town.sam))

    assert [len(page) for page in pages] == [10, 10, 3]
    assert [number for page in pages for number in page] == (expected if name == "open" else expected[::-1])


async def test_a_row_opens_the_complaint_with_all_its_notes(town: Town) -> None:
    ticket = await town.ticket(TAKEN)
    for n in range(1, 6):
        await town.omar.on_slack.submits("tickets.AddedNote", about=f"tickets:{ticket.id}:2", text=f"Call {n}")

    await town.dana.on_slack.commands("tickets")
    await town.dana.on_slack.presses("Show")

    assert town.dana.reads == (
        "Complaint C-1001: Ms Lee | Broken lock"
        " | Omar, Mon 23 Nov 09:00: Call 1 | Omar, Mon 23 Nov 09:00: Call 2 | Omar, Mon 23 Nov 09:00: Call 3"
        " | Omar, Mon 23 Nov 09:00: Call 4 | Omar, Mon 23 Nov 09:00: Call 5"
        " | State: Taken by Dana | Answer by: Mon 23 Nov 14:00 | Urgency: High | About: Product quality"
        " | Reported by: Sam | [Resolve] [Assign] [Escalate] [Add note]"
        " | Sam reported it, Mon 23 Nov 09:00 | Dana took it, Mon 23 Nov 09:00 | §3.4.2 Complaints"
    )


async def test_my_day_lists_what_waits_for_me_and_for_my_team(town: Town) -> None:
    await town.ticket(TAKEN, urgency="normal")
    await town.ticket(OPEN, urgency="critical")

    await town.dana.on_slack.commands("home")
    assert numbers(town.dana) == ["C-1002", "C-1001"]
    await town.sam.on_slack.commands("home")
    assert numbers(town.sam) == []
    assert "Nothing waits for you. Enjoy it while it lasts." in town.sam.reads


async def test_a_heads_day_begins_with_what_is_overdue(town: Town) -> None:
    await town.ticket(OPEN, urgency="normal")
    await town.ticket(TAKEN, urgency="critical")
    town.clock.moves(hours=2)

    await town.hana.on_slack.commands("home")

    assert numbers(town.hana) == ["C-1002", "C-1001"]
