"""Who may do what to a complaint: each action, person and state, as the one table says; and nothing leaks."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.answer import Outcome
from bot.dispatch import STRANGER
from handlers import tickets as counter
from storage.audit import Audit
from storage.authority import NOT_THERE
from storage.tickets import CLOSED, OPEN, RESOLVED, RIGHTS, TAKEN, Relation, Status, Ticket
from tests.town import Person, Town

REPORTER, OWNER, TEAM, HEAD = Relation
RELATIONS: dict[str, set[Relation]] = {
    "sam": {REPORTER},
    "dana": {OWNER, TEAM},
    "omar": {TEAM},
    "hana": {TEAM, HEAD},
    "boss": {HEAD},
    "lin": set(),
    "ada": set(),
    "lena": set(),
    "stranger": set(),
}
"""What each is to a complaint that Sam reported and Dana took; before, Dana is one of the team."""
UNKNOWN = {"lena", "stranger"}
AFTER = {"take": TAKEN, "assign": TAKEN, "resolve": RESOLVED, "close": CLOSED, "reopen": TAKEN}
CELLS = list(product(RIGHTS, RELATIONS))


def allowed(action: str, who: str, status: Status) -> bool:
    """What the table says, read here in the plainest way."""
    relations = RELATIONS[who] - ({OWNER} if status == OPEN else set())
    return any(status in states for relation, states in RIGHTS[action].items() if relation in relations)


async def tries(person: Person, action: str, ticket: Ticket, to: int = 9) -> Outcome:
    """Does it with the version that stands, all the way: the button, and the form behind it."""
    claim, seat = f"tickets:{ticket.id}:{ticket.version}", person.on_slack
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "assign": ("tickets.Handover", {"to": to}),
        "resolve": ("tickets.Answer", {"answer": "Replaced it."}),
        "reopen": ("tickets.Reopening", {"why": "It broke again."}),
        "note": ("tickets.AddedNote", {"text": "She called."}),
    }
    if action == "see":
        await seat.commands("ticket", ticket.number)
    elif action in forms:
        button = "add_note" if action == "note" else action
        await seat.presses(action=f"tickets.{button}:{ticket.id}:{ticket.version}")
        pressed = person.outcome
        form, answers = forms[action]
        await seat.submits(form, about=claim, **answers)
        assert pressed == person.outcome, "the button and its form do not agree"
    else:
        await seat.presses(action=f"tickets.{action}:{ticket.id}:{ticket.version}")
    assert person.outcome is not None
    return person.outcome


@pytest.mark.parametrize("status", list(Status))
async def test_everybody_may_do_what_the_table_says_and_nothing_else(town: Town, status: Status) -> None:
    town.delivers = False
    wrong = []
    for action, who in CELLS:
        ticket = await town.ticket(status)
        before = await town.rows(select(func.max(Audit.seq)))
        person: Person = getattr(town, who)

        outcome = await tries(person, action, ticket)

        now = await town.row(Ticket, ticket.id)
        may = allowed(action, who, status)
        expected = Outcome.DONE if may else Outcome.STRANGER if who in UNKNOWN else Outcome.REFUSED
        if outcome != expected:
            wrong.append((action, who, outcome, expected))
        if may:
            assert now.status == AFTER.get(action, status), (action, who)
        else:
            assert (now.status, now.version) == (ticket.status, ticket.version), (action, who)
        news = [what for what, _ in await town.audited(before[0])]
        if who in UNKNOWN:
            assert set(news) == {"dispatch.stranger"}, (action, who)
        elif not may and not set(RIGHTS[action]) & RELATIONS[who]:
            assert set(news) == {"dispatch.denied"}, (action, who)
    assert wrong == []
    assert await town.audited() != []


@pytest.mark.parametrize("who", ["lin", "ada"])
async def test_denied_and_not_existing_are_the_same_words(town: Town, who: str) -> None:
    person: Person = getattr(town, who)
    there, not_there = await town.ticket(TAKEN), await town.ticket(TAKEN)
    async with town.unit() as work:
        await work.session.delete(await work.session.get(Ticket, not_there.id))
    claims = [(ticket.id, ticket.number) for ticket in (there, not_there)]
    ways = []

    for id_, number in claims:
        replies = [
            await person.on_slack.commands("ticket", number),
            await person.on_slack.presses(action=f"tickets.look:{id_}"),
            *[
                await person.on_slack.presses(action=f"tickets.{name}:{id_}:2")
                for name in ("take", "assign", "resolve", "close", "reopen", "escalate", "add_note")
            ],
            *[
                await person.on_slack.submits(form, about=f"tickets:{id_}:2", **answers)
                for form, answers in (
                    ("tickets.Handover", {"to": town.lin.id}),
                    ("tickets.Answer", {"answer": "x"}),
                    ("tickets.Reopening", {"why": "x"}),
                    ("tickets.AddedNote", {"text": "x"}),
                )
            ],
        ]
        ways.append(replies)

    assert ways == [[NOT_THERE] * 13] * 2
    denied = [about for what, about in await town.audited() if what == "dispatch.denied"]
    assert len(denied) == 26


async def test_nobody_who_may_not_see_a_complaint_finds_it(town: Town) -> None:
    await town.ticket(OPEN, customer="Canary Corp", what="canary")
    await town.ticket(TAKEN, customer="Canary Corp", what="canary")
    seen = []

    for person in (town.lin, town.ada, town.lena, town.stranger):
        for command, text in [
            ("home", ""), ("tickets", ""), ("tickets", "open"), ("tickets", "overdue"), ("tickets", "reported"),
            ("ticket", "C-1001"), ("ticket", "C-1002"), ("help", ""),
        ]:  # fmt: skip
            await person.on_slack.commands(command, text)
            seen.append(person.reads)
        for action in ("tickets.page:open:1", "tickets.page:mine:2", "tickets.look:1", "tickets.add_note:2:2"):
            await person.on_slack.presses(action=action)
            seen.append(person.reads)

    assert [words for words in seen if "anary" in words or "C-100" in words] == []


async def test_a_thread_takes_words_only_from_those_who_may_see_the_complaint(town: Town) -> None:
    await town.sam.on_slack.submits("tickets.NewComplaint", customer="Ms Lee", what="Broken lock", kind="other")
    card = town.slack.post("service")

    assert await town.lin.on_slack.says("What is this about?", under=card) == NOT_THERE
    assert await town.stranger.on_slack.says("What is this about?", under=card) is None
    assert await town.lena.on_slack.says("What is this about?", under=card) is None
    assert await town.stranger.on_slack.says("What is this?", under=card, to_us=True) == STRANGER

    assert town.telegram.reads_under(town.telegram.post("service")) == []


def test_every_button_and_form_about_a_complaint_has_a_row_in_the_table() -> None:
    buttons = {press.action.partition(".")[2] for press in counter.on.presses if press.record is Ticket}
    forms = {submit.form.__name__ for submit in counter.on.submits if submit.record is Ticket}

    assert buttons == {"take", "assign", "resolve", "close", "reopen", "escalate", "add_note"}
    assert forms == {"Handover", "Answer", "Reopening", "AddedNote"}
    assert buttons - {"add_note"} <= set(RIGHTS)
    assert {"note", "see"} <= set(RIGHTS)


async def test_a_company_without_a_head_gives_nobody_a_head_s_rights(town: Town) -> None:
    await town.hana.leaves()
    ticket = await town.ticket(OPEN)

    await town.dana.on_slack.presses(action=f"tickets.close:{ticket.id}:1")

    assert town.dana.outcome == Outcome.REFUSED
    assert (await town.row(Ticket, ticket.id)).status == OPEN
