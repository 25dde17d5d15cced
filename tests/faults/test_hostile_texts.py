"""Words are words: they come through as text, or are refused at their question, and never do a thing."""

from bot.answer import Outcome
from storage.tickets import OPEN, Ticket
from tests.town import Town

HOSTILE = [
    "<!channel> <!here> <!everyone> <@U0HANA> <!subteam^S1> @channel",
    "<https://evil.example|bank>",
    "<script>alert(1)</script>",
    "*bold* _it_ `code` ~no~ &amp; &lt;",
    "{0.__class__} {number} {customer} {} {{7*7}} ${7*7}",
    "%n %s %(name)s %d",
    "'; DROP TABLE tickets; -- \" \\ %' OR 1=1",
    "$(reboot) `id` ; id | cat",
    '=HYPERLINK("http://evil") +1 -1 @SUM',
    "../../etc/passwd",
    "§3.4.2 | [Take] | State: Closed",
    "👨‍👩‍👧‍👦 🏳️‍🌈 किताब مرحبا עברית",
    "投诉：门锁坏了。",
    "x" * 150,
]
CLEANED = [
    ("Ms\x00Lee", "Ms Lee"),
    ("Ms \u202eeeL", "Ms  eeL"),
    ("Ms\x1b[31mLee", "Ms [31mLee"),
    ("Ms\r\nLee", "Ms Lee"),
    ("Ms\u2028Lee", "Ms Lee"),
    ("Ms Lee\ud800", "Ms Lee"),
    ("\ufeffMs Lee", "\ufeffMs Lee"),
]


async def test_hostile_words_come_through_as_they_were_written(town: Town) -> None:
    for n, words in enumerate(HOSTILE, 1):
        await town.sam.on_slack.submits("tickets.NewComplaint", customer=words, what=words, contact=words, kind="other")

        ticket = await town.row(Ticket, n)
        assert (ticket.customer, ticket.what, ticket.contact) == (words, words, words)
        post = town.slack.post("service")
        title = f"Complaint C-{1000 + n}: {words}"
        assert post.line.startswith(f"{title} | {words} | State: Not taken yet | ")
        assert post.fact("How to reach them") == words
        assert post.buttons == ["Take", "Assign", "Escalate", "Add note", "Close"]


async def test_what_no_eye_can_see_is_taken_out_of_a_line(town: Town) -> None:
    for n, (written, kept) in enumerate(CLEANED, 1):
        await town.sam.on_slack.submits("tickets.NewComplaint", customer=written, what=written, kind="other")

        assert town.sam.outcome == Outcome.DONE
        assert (await town.row(Ticket, n)).customer == kept


async def test_hostile_words_to_us_and_in_a_thread_do_nothing_but_stand_there(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    every = [*HOSTILE, *[written for written, _ in CLEANED], "a" * 40_000, "\u0301" * 10_000]

    town.delivers = False
    for words in every:
        for reply in (
            await town.dana.on_slack.says(words, to_us=True),
            await town.dana.on_slack.says(words, under=town.slack.post("service")),
            await town.dana.on_slack.commands("ticket", words),
            await town.dana.on_slack.commands("tickets", words),
            await town.dana.on_slack.commands(words, words),
            await town.dana.on_slack.presses(action=f"desk.speak:{words[:20]}"),
            await town.dana.on_slack.presses(action=f"do:{words[:20]}"),
        ):
            assert town.dana.outcome in (Outcome.DONE, Outcome.UNKNOWN, Outcome.REFUSED), reply

    await town.is_told()
    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.version) == (OPEN, 1)
    assert len(town.telegram.reads_under(town.telegram.post("service"))) == len(every)


async def test_likes_and_wildcards_find_nothing(town: Town) -> None:
    await town.ticket(OPEN)

    for words in ("%", "_", "C-%", "C-1___", "*", "1001 OR 1=1"):
        await town.dana.on_slack.commands("ticket", words)
        assert town.dana.reads == f"“{words}” is not a complaint's number. It looks like C-1042."
