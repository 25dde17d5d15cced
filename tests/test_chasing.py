"""A complaint that waits: the team is warned, then the head, then the one above; each once, in working time."""

from config.text import t
from handlers.tickets import NewComplaint
from storage.tickets import OPEN, TAKEN, Ticket
from tests.test_tickets import MS_LEE
from tests.town import Town, chinese


def titles(town: Town, at: object) -> list[str]:
    """The titles of what stands in a channel on Slack, in English, the live card left out."""
    posts = town.slack.at(at)  # type: ignore[arg-type]  # a person or a room
    return [post.line.split(" | ")[0] for post in posts if post.message.about is None]


async def test_an_untaken_complaint_climbs_to_the_team_the_head_and_the_head_above(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)  # at 9:00, to be answered by 14:00

    await town.passes(hours=4, minutes=11)
    assert titles(town, "service") == []
    await town.passes(minutes=1)  # 13:12, a fifth of four working hours is left
    assert titles(town, "service") == ["Nobody has taken complaint C-1001 yet"]
    await town.passes(minutes=48)
    late = t("The promise for complaint {number} is missed, and nobody has taken it", number="C-1001")
    assert titles(town, town.hana) == [chinese(late)]
    assert titles(town, town.boss) == []
    await town.passes(hours=2)
    assert titles(town, town.boss) == ["Complaint C-1001 still has no answer, and nobody has taken it"]

    await town.passes(days=3)
    assert [len(titles(town, where)) for where in ("service", town.hana, town.boss)] == [1, 1, 1]
    assert [what for what, _ in await town.audited()] == [
        "tickets.receive", "tickets.chase.warn", "tickets.chase.head", "tickets.chase.upper",
    ]  # fmt: skip


async def test_the_owner_is_warned_alone_and_in_their_language(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    await town.omar.on_telegram.presses("Take")

    await town.passes(hours=4, minutes=12)

    warning = t("{name}, complaint {number} needs its answer soon", name="Omar", number="C-1001")
    assert town.telegram.post(town.omar).line.split(" | ")[0] == chinese(warning)
    assert titles(town, "service") == []


async def test_a_promise_is_kept_in_working_time(town: Town) -> None:
    await town.passes(hours=8, minutes=30)  # Monday, 17:30
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)
    assert town.sam.reads.endswith("an answer by Tue 24 Nov 13:30.")

    await town.passes(hours=15)
    assert titles(town, "service") == []
    await town.passes(hours=3, minutes=12)  # Tuesday, 11:42
    assert titles(town, "service") == ["Nobody has taken complaint C-1001 yet"]


async def test_after_a_long_stop_only_the_highest_rung_is_told(town: Town) -> None:
    await town.sam.on_slack.submits(NewComplaint, **MS_LEE)

    await town.passes(days=7)

    assert [len(titles(town, where)) for where in ("service", town.hana, town.boss)] == [0, 0, 1]
    assert (await town.row(Ticket, 1)).chase_at is None


async def test_many_that_fell_due_in_a_stop_are_each_told_once(town: Town) -> None:
    for n in range(40):
        await town.ticket(OPEN, customer=f"Customer {n}")

    await town.passes(days=7)
    await town.passes(days=7)

    assert len(set(titles(town, town.boss))) == len(titles(town, town.boss)) == 40


async def test_a_complaint_resolved_just_before_its_reminder_is_not_chased(town: Town) -> None:
    ticket = await town.ticket(TAKEN)
    town.clock.moves(hours=4, minutes=11)

    await town.dana.on_slack.submits("tickets.Answer", about=f"tickets:{ticket.id}:2", answer="Replaced.")
    await town.passes(minutes=1)
    await town.passes(days=1)

    assert titles(town, town.dana) == titles(town, town.hana) == []


async def test_the_clock_and_a_person_at_once_leave_one_story(town: Town) -> None:
    ticket = await town.ticket(TAKEN)
    town.clock.moves(hours=4, minutes=12)
    async with town.database.reading() as session:
        from storage.tickets import unanswered

        assert await unanswered.ids(session, town.clock()) == [ticket.id]

    await town.dana.on_slack.submits("tickets.Answer", about=f"tickets:{ticket.id}:2", answer="Replaced.")
    async with town.unit() as work:
        assert await unanswered.take(work, ticket.id) is None


async def test_reopening_starts_the_ladder_anew(town: Town) -> None:
    ticket = await town.ticket(TAKEN)
    await town.passes(days=7)
    await town.dana.on_slack.submits("tickets.Answer", about=f"tickets:{ticket.id}:2", answer="Replaced.")
    await town.dana.on_slack.submits("tickets.Reopening", about=f"tickets:{ticket.id}:3", why="Broke again.")
    assert town.dana.reads == "Complaint C-1001 is open again; the new promise is Mon 30 Nov 14:00."

    await town.passes(hours=4, minutes=12)

    assert titles(town, town.dana) == ["Dana, complaint C-1001 needs its answer soon"]


async def test_a_complaint_without_a_head_above_is_told_to_whoever_has_it(town: Town) -> None:
    await town.boss.leaves()
    await town.ticket(TAKEN)

    await town.passes(days=7)

    assert titles(town, town.dana) == ["Complaint C-1001 still has no answer; Dana has it"]
