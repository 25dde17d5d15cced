"""A button is a claim, never a right: old ones, other people's and invented ones change nothing, and tell nothing."""

from typing import Any

from bot.answer import Outcome
from bot.routing import GONE
from config.text import t
from storage.authority import NOT_THERE
from storage.history import FASTER
from storage.tickets import OPEN, TAKEN, Ticket
from tests.town import Town


async def test_a_button_of_an_older_version_is_refused(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    escalate = town.slack.post("service").card.buttons[2].action
    await town.dana.on_slack.presses("Take")
    await town.dana.on_slack.presses("Assign")
    await town.dana.on_slack.fills(to=town.omar.id)

    assert await town.dana.on_slack.presses(action=escalate) == FASTER

    ticket = await town.row(Ticket, 1)
    assert (ticket.owner_id, ticket.version, ticket.escalated) == (town.omar.id, 3, 0)


async def test_a_form_about_an_older_version_is_refused(town: Town) -> None:
    await town.ticket(TAKEN)
    await town.dana.on_slack.presses(action="tickets.resolve:1:2")
    await town.hana.on_slack.submits("tickets.Handover", about="tickets:1:2", to=town.omar.id)

    town.clock.moves(minutes=30)
    assert await town.dana.on_slack.fills(answer="Replaced it.") == FASTER

    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.owner_id, ticket.answer) == (TAKEN, town.omar.id, "")


FORGED = [
    ("tickets.take:", GONE),
    ("tickets.take", GONE),
    ("tickets.take::1", GONE),
    ("tickets.take:0:1", GONE),
    ("tickets.take:-1:1", GONE),
    ("tickets.take:+1:1", GONE),
    ("tickets.take: 1:1", GONE),
    ("tickets.take:1.0:1", GONE),
    ("tickets.take:1e0:1", GONE),
    ("tickets.take:0x1:1", GONE),
    ("tickets.take:１:1", GONE),
    ("tickets.take:١:1", GONE),
    ("tickets.take:²:1", GONE),
    ("tickets.take:null:1", GONE),
    ("tickets.take:[1]:1", GONE),
    ("tickets.take:true:1", GONE),
    ("tickets.take:2147483648:1", GONE),
    ("tickets.take:9223372036854775808:1", GONE),
    ("tickets.take:" + "9" * 40, GONE),
    ("tickets.take:1 OR 1=1:1", GONE),
    ("tickets.take:1;DROP TABLE tickets:1", GONE),
    ("tickets.take:2147483647:1", NOT_THERE),
    ("tickets.take:2:1", NOT_THERE),
    ("tickets.take:1", FASTER),
    ("tickets.take:1:", FASTER),
    ("tickets.take:1:0", FASTER),
    ("tickets.take:1:2", FASTER),
    ("tickets.take:1:-1", FASTER),
    ("tickets.take:1:１", FASTER),
    ("tickets.take:1:1:1", FASTER),
    ("tickets.take:1:null", FASTER),
    ("tickets.take:" + "0" * 51 + "1", GONE),
    ("tickets.take:1:" + "1" * 64, GONE),
    ("tickets.hand_back:1:1", GONE),
    ("tickets.receive:1:1", GONE),
    ("tickets.card:1:1", GONE),
    ("tickets.__class__:1:1", GONE),
    ("people.leave:1:1", GONE),
    ("Tickets.take:1:1", GONE),
    ("tickets.take\x00:1:1", GONE),
    ("tickets.take:1\x00:1", GONE),
    ("tickets.take:\ud800:1", GONE),
    ("\ud800\udfff", GONE),
    ("", GONE),
    (":", GONE),
    ("::::", GONE),
    ("do", None),
    ("do:", None),
    ("do:\x00", None),
    ("forms.open:1", t("This form is too old, or was begun by somebody else. Please start again.")),
    ("forms.open:" + "9" * 17, t("This form is too old, or was begun by somebody else. Please start again.")),
    ("tickets.look:", NOT_THERE),
    ("tickets.look:x", NOT_THERE),
    ("tickets.look:99999999999", NOT_THERE),
    ("tickets.page:open:99999999999", t("That list does not exist.")),
    ("tickets.page:open:-1", t("That list does not exist.")),
    ("tickets.page:__class__", t("That list does not exist.")),
    ("desk.speak:fr", t("I speak 中文 and English.")),
]


async def test_a_forged_button_changes_nothing_and_says_no_more_than_it_must(town: Town) -> None:
    await town.ticket(OPEN)

    for action, words in FORGED:
        reply = await town.dana.on_slack.presses(action=action)

        assert town.dana.outcome in (Outcome.REFUSED, Outcome.DONE, Outcome.UNKNOWN), action
        if words is not None:
            assert (town.dana.outcome, reply) == (Outcome.REFUSED, words), action

    ticket = await town.row(Ticket, 1)
    assert (ticket.status, ticket.version, ticket.owner_id) == (OPEN, 1, None)
    assert {what for what, _ in await town.audited()} == {"tickets.receive", "dispatch.denied"}


CLAIMS = (
    [None, "", "tickets", "tickets:", "tickets:1", "employees:1:1", "tickets:1:2:3", "tickets:\x00:1", "tickets:\ud800",
     "tickets:99999999999999999999:1", "tickets:１:2", ":1:2", "audit:1:1"]
)  # fmt: skip


async def test_a_form_with_a_forged_claim_changes_nothing(town: Town) -> None:
    await town.ticket(TAKEN)

    for about in CLAIMS:
        await town.dana.on_slack.submits("tickets.Answer", about=about, answer="Replaced it.")
        assert town.dana.outcome == Outcome.REFUSED, about

    assert (await town.row(Ticket, 1)).status == TAKEN


ANSWERS: list[dict[str, Any]] = (
    [
        {"status": "closed"}, {"reporter_id": 1}, {"answer_by": "2099-01-01"}, {"id": 7}, {"version": 9},
        {"urgency": "whenever"}, {"urgency": ["high"]}, {"urgency": {}}, {"urgency": 1}, {"kind": "'; --"},
        {"customer": None}, {"customer": ["Ms Lee"]}, {"customer": {"name": "Ms Lee"}}, {"customer": 7},
        {"customer": " \n\t "},
        {"customer": "x" * 151}, {"what": "x" * 3001}, {"what": "\u0301" * 10_000}, {"files": "F1"}, {"files": [1]},
        {"files": {}},
    ]
)  # fmt: skip


async def test_answers_that_no_question_asked_for_are_refused(town: Town) -> None:
    good = {"customer": "Ms Lee", "what": "Broken lock", "kind": "other", "urgency": "high"}

    for answers in ANSWERS:
        await town.sam.on_slack.submits("tickets.NewComplaint", **{**good, **answers})
        assert town.sam.outcome == Outcome.REFUSED, answers

    assert await town.row(Ticket, 1) is None


async def test_a_forged_person_is_nobody(town: Town) -> None:
    await town.ticket(TAKEN)
    forged: list[Any] = [0, -1, 2**31, 2**70, True, None, "1", "", [], {}, 1.0]

    for to in forged:
        await town.hana.on_slack.submits("tickets.Handover", about="tickets:1:2", to=to)
        assert town.hana.answer is not None
        assert (town.hana.outcome, town.hana.answer.field) == (Outcome.REFUSED, "to"), to


async def test_a_form_that_nothing_asks_is_refused(town: Town) -> None:
    for form in ("", "Ticket", "tickets.Ticket", "tickets.NewComplaint ", "\x00", "\ud800"):
        await town.sam.on_slack.submits(form, customer="Ms Lee")
        assert town.sam.outcome == Outcome.REFUSED, form


async def test_a_draft_opens_for_its_own_writer_alone(town: Town) -> None:
    await town.sam.on_slack.commands("complaint", "Broken lock", can_ask=False)
    assert (
        town.sam.reads == "New complaint | Press the button, and the form opens with what you wrote. | [Open the form]"
    )

    await town.lin.on_slack.presses(action="forms.open:1")
    assert town.lin.outcome == Outcome.REFUSED
    await town.sam.on_slack.presses("Open the form")
    assert town.sam.asked is not None
    assert town.sam.asked.answers == {"what": "Broken lock", "urgency": "normal"}
    town.clock.moves(hours=25)
    await town.sam.on_slack.presses(action="forms.open:1")
    assert town.sam.outcome == Outcome.REFUSED
