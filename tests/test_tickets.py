"""Complaints, from the first word to the last: who does what, and what everybody else sees of it."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.answer import Outcome
from bot.ui.form import Attached
from config.text import When, t
from handlers.tickets import NewComplaint
from storage.authority import NOT_THERE
from storage.history import FASTER
from storage.tickets import CLOSED, OPEN, RESOLVED, TAKEN, Ticket
from tests.town import Person, Town, chinese

SHANGHAI = ZoneInfo("Asia/Shanghai")
MS_LEE = {"customer": "Ms Lee", "what": "Broken lock", "kind": "quality", "urgency": "high"}


def at(hour: int, minute: int = 0, day: int = 23) -> When:
    """A moment of that week in November, by the company's clock."""
    return When(datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI))


async def test_a_complaint_goes_from_report_to_close(town: Town) -> None:
    await town.sam.on_slack.commands("complaint", "Broken lock")
    promised = await town.sam.on_slack.fills(customer="Ms Lee", kind="quality", urgency="high")
    assert town.sam.reads == "Complaint C-1001 is with the team. The promise: an answer by Mon 23 Nov 14:00."
    assert isinstance(promised, type(FASTER))
    assert town.slack.reads("service") == town.telegram.reads("service") == [
        "Complaint C-1001: Ms Lee | Broken lock | State: Not taken yet"
        " | Answer by: Mon 23 Nov 14:00 | Urgency: High | About: Product quality | Reported by: Sam"
        " | [Take] [Assign] [Escalate] [Add note] [Close]"
        " | Sam reported it, Mon 23 Nov 09:00 | §3.4.2 Complaints"
    ]  # fmt: skip

    town.clock.moves(minutes=20)
    assert await town.dana.on_slack.presses("Take") is None
    assert town.slack.reads("service") == town.telegram.reads("service") == [
        "Complaint C-1001: Ms Lee | Broken lock | State: Taken by Dana"
        " | Answer by: Mon 23 Nov 14:00 | Urgency: High | About: Product quality | Reported by: Sam"
        " | [Resolve] [Assign] [Escalate] [Add note]"
        " | Sam reported it, Mon 23 Nov 09:00 | Dana took it, Mon 23 Nov 09:20 | §3.4.2 Complaints"
    ]  # fmt: skip

    town.clock.moves(hours=1)
    await town.dana.on_slack.presses("Resolve")
    assert await town.dana.on_slack.fills(answer="Replaced the lock.") == t(
        "Resolved. {name}, who reported it, is told.", name="Sam"
    )
    assert town.slack.post("service").fact("State") == "Resolved"
    assert town.slack.post("service").buttons == ["Close", "Reopen", "Add note"]
    assert town.slack.reads(town.sam) == [
        "Complaint C-1001 is resolved | Replaced the lock. | Customer: Ms Lee | Resolved by: Dana | [Show]"
    ]

    assert await town.omar.on_telegram.presses("Close") is None
    assert town.telegram.post("service").fact("State") == "Closed"
    assert town.telegram.post("service").buttons == ["Reopen", "Add note"]
    assert [what for what, _ in await town.audited()] == [
        "tickets.receive", "tickets.take", "tickets.resolve", "tickets.close",
    ]  # fmt: skip


async def test_a_complaint_is_reopened_with_a_new_promise(town: Town) -> None:
    await town.ticket(CLOSED)
    await town.passes(hours=3)

    await town.sam.on_slack.commands("ticket", "C-1001")
    await town.sam.on_slack.presses("Reopen")
    answer = await town.sam.on_slack.fills(why="It broke again.")

    assert answer == t("Complaint {number} is open again; the new promise is {when}.", number="C-1001", when=at(17))
    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.owner_id, ticket.answer_by) == (TAKEN, town.dana.id, at(17).at)
    assert town.slack.reads(town.dana) == [
        "Complaint C-1001 is open again | It broke again. | Customer: Ms Lee | Answer by: Mon 23 Nov 17:00 | [Show]"
    ]


async def test_a_reopened_complaint_whose_owner_has_left_waits_for_somebody(town: Town) -> None:
    await town.ticket(RESOLVED)
    await town.dana.leaves()

    await town.omar.on_slack.commands("ticket", "1001")
    await town.omar.on_slack.presses("Reopen")
    await town.omar.on_slack.fills(why="She called again.")

    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.owner_id) == (OPEN, None)


async def test_only_one_person_takes_a_complaint(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    old = town.telegram.post("service").card.buttons[0].action

    assert await town.dana.on_slack.presses("Take") is None
    assert await town.omar.on_telegram.presses(action=old) == FASTER

    assert town.omar.outcome == Outcome.REFUSED
    assert town.telegram.post("service").fact("State") == "Taken by Dana"


@pytest.mark.parametrize("n", [2, 4, 8])
async def test_of_many_who_press_at_once_exactly_one_takes_it(town: Town, n: int) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    take = town.slack.post("service").card.buttons[0].action
    team = [town.dana, town.omar, town.hana, town.fay, town.gus, town.boss]
    seats = [person.on(platform) for platform in ("slack", "telegram") for person in team][:n]  # two of them twice

    replies = await asyncio.gather(*[seat.presses(action=take) for seat in seats])

    assert (replies.count(None), replies.count(FASTER)) == (1, n - 1)
    winner = seats[replies.index(None)].person
    assert town.slack.post("service").fact("State") == f"Taken by {winner.name}"
    assert await town.audited() == [("tickets.receive", "tickets:1"), ("tickets.take", "tickets:1")]


async def test_a_note_in_the_thread_is_seen_under_the_other_windows(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    on_slack, on_telegram = town.slack.post("service"), town.telegram.post("service")
    photo = Attached("slack:F1", "lock.jpg", "image/jpeg", 9)

    assert await town.dana.on_slack.says("She is at home until six.", under=on_slack, files=(photo,)) is None

    assert town.telegram.reads_under(on_telegram) == ["Dana wrote | She is at home until six. | File: lock.jpg"]
    assert town.slack.reads_under(on_slack) == []
    assert "She is at home until six." in town.slack.post("service").line
    assert town.slack.post("service").buttons == ["Take", "Assign", "Escalate", "Add note", "Close"]


async def test_a_note_by_the_button_is_said_under_every_window(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)

    await town.omar.on_telegram.presses("Add note")
    assert await town.omar.on_telegram.fills(text="我已经给她打过电话") == t(
        "The note is with complaint {number}.", number="C-1001"
    )

    assert town.slack.reads_under(town.slack.post("service")) == ["Omar wrote | 我已经给她打过电话"]
    assert town.telegram.reads_under(town.telegram.post("service")) == ["Omar wrote | 我已经给她打过电话"]


async def test_words_in_a_room_that_are_not_for_us_stay_unanswered(town: Town) -> None:
    assert await town.dana.on_slack.says("complaint about lunch", at="C0SERVICE") is None
    assert town.dana.outcome == Outcome.DONE
    assert await town.stranger.on_slack.says("hello", at="C0SERVICE") is None


async def test_an_assigned_complaint_shows_itself_to_its_new_owner(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)

    await town.hana.on_slack.presses("Assign")
    assert await town.hana.on_slack.fills(to=town.omar.id) == t(
        "{name} has complaint {number} now, and has been told.", name="Omar", number="C-1001"
    )

    assert town.telegram.post(town.omar).fact("State") == chinese(t("Taken by {name}", name="Omar"))
    await town.omar.on_telegram.presses("Resolve", on=town.telegram.post(town.omar))
    await town.omar.on_telegram.fills(answer="Replaced.")
    assert town.telegram.post(town.omar).fact("State") == chinese(t("Resolved"))
    assert town.telegram.post(town.omar).edits == 1


@pytest.mark.parametrize("who", ["sam", "ada", "lena"])
async def test_a_complaint_is_assigned_to_nobody_outside_the_team(town: Town, who: str) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    outsider: Person = getattr(town, who)

    await town.hana.on_slack.presses("Assign")
    await town.hana.on_slack.fills(to=outsider.id)

    assert town.hana.answer is not None
    assert (town.hana.outcome, town.hana.answer.field) == (Outcome.REFUSED, "to")
    assert (await town.row(Ticket, 1)).owner_id is None


async def test_a_complaint_is_escalated_to_the_head_then_to_the_head_above_then_no_further(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    told = t("{name} has been told about complaint {number}.", name="Hana", number="C-1001")

    assert await town.dana.on_slack.presses("Escalate") == told
    assert await town.dana.on_slack.presses("Escalate") == t(told.id, name="Boss", number="C-1001")
    assert await town.dana.on_slack.presses("Escalate") == t(
        "{number} is with the highest head already.", number="C-1001"
    )

    title = t("{name} asks you to look at complaint {number}", name="Dana", number="C-1001")
    assert [post.message.say(post.card.title) for post in town.slack.at(town.hana)] == [chinese(title)]
    assert town.slack.reads(town.boss) == [
        "Dana asks you to look at complaint C-1001 | Customer: Ms Lee | Answer by: Mon 23 Nov 14:00 | [Show]"
    ]


async def test_a_head_ends_a_complaint_that_nobody_has_taken_and_a_member_does_not(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)

    assert await town.dana.on_slack.presses("Close") == t(
        "As complaint {number} stands now, that is for whoever has it, or for a head.", number="C-1001"
    )
    assert await town.hana.on_slack.presses("Close") is None

    assert (await town.row(Ticket, 1)).status == CLOSED


async def test_nothing_is_resolved_before_somebody_has_taken_it(town: Town) -> None:
    ticket = await town.ticket(OPEN)
    first = t("Nobody has taken {number} yet. Take it first, then resolve it.", number="C-1001")

    assert await town.dana.on_slack.presses(action=f"tickets.resolve:{ticket.id}:1") == first
    assert await town.hana.on_slack.submits(
        "tickets.Answer", about=f"tickets:{ticket.id}:1", answer="Done."
    ) == first  # fmt: skip


@pytest.mark.parametrize("words", ["C-1001", "c1001", "1001", " c - 1001", "Ｃ－１００１", "#1001"])
async def test_a_complaint_is_found_by_its_number_however_it_is_typed(town: Town, words: str) -> None:
    await town.ticket(OPEN)

    await town.dana.on_slack.says(f"ticket {words}", to_us=True)

    assert town.dana.reads.startswith("Complaint C-1001: Ms Lee | Broken lock")


@pytest.mark.parametrize("words", ["C-1002", "1000", "999999999999"])
async def test_a_number_that_nothing_has_is_said_to_have_nothing(town: Town, words: str) -> None:
    await town.ticket(OPEN)

    reply = await town.dana.on_slack.commands("ticket", words)

    looks_wrong = t("“{text}” is not a complaint's number. It looks like C-1042.", text=words)
    assert reply == (NOT_THERE if words == "C-1002" else looks_wrong)
