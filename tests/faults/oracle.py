"""The oracle: whatever was done to the program, this must hold afterwards. It looks at the records, at Slack, and at
the log."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlmodel import col, select

from storage import audit, tickets
from storage.database import Database
from storage.history import Step
from storage.outbox import Outgoing
from storage.tickets import Note, Ticket
from tests.faults.house import House

MOVES: dict[str, set[str]] = defaultdict(set)
for _part in (
    tickets.TAKES, tickets.ASSIGNS, tickets.RESOLVES, tickets.CLOSES, tickets.REOPENS, tickets.STAYS,
    {tickets.TAKEN: {tickets.OPEN}},  # a leaver's are handed back
):  # fmt: skip
    for _state, _nexts in _part.items():
        MOVES[str(_state)] |= {str(_next) for _next in _nexts}

INCIDENT = re.compile(r"incident [0-9A-F]{6}\b")


@dataclass(frozen=True)
class Seen:
    """The records as they stand."""

    tickets: Sequence[Ticket]
    notes: Sequence[Note]
    steps: Sequence[Step]
    rows: Sequence[Outgoing]
    broken: int | None


async def look(house: House) -> Seen:
    """Reads all records, past the program."""
    database = await Database.open(house.database_url, house.handbook)
    try:
        async with database.reading() as session:
            return Seen(
                (await session.execute(select(Ticket).order_by(col(Ticket.id)))).scalars().all(),
                (await session.execute(select(Note).order_by(col(Note.id)))).scalars().all(),
                (await session.execute(select(Step).order_by(col(Step.id)))).scalars().all(),
                (await session.execute(select(Outgoing).order_by(col(Outgoing.id)))).scalars().all(),
                await audit.first_broken(session),
            )
    finally:
        await database.close()


async def check(
    house: House,
    reported: Collection[str],
    noted: Collection[str] = (),
    *,
    extra: int = 0,
    incidents: int = 0,
    dead: int = 0,
) -> Seen:
    """Asserts all of it. `reported` and `noted` are the words of all that was accepted, each of it once.

    `extra` is how many copies too many may stand in Slack, `incidents` how many faults of ours the log must own to,
    `dead` how many rows must have been given up.
    """
    seen = await look(house)
    assert Counter(ticket.customer for ticket in seen.tickets) == Counter(reported)
    assert Counter(note.text for note in seen.notes) == Counter(noted)
    _histories(seen)
    _outbox(house, seen, extra, dead)
    assert seen.broken is None
    assert [line for child in house.children for line in strange(child.lines)] == []
    assert sum(owned(child.lines) for child in house.children) == incidents
    return seen


def _histories(seen: Seen) -> None:
    """Every ticket's steps are a path of the allowed moves, from its receipt to where it stands."""
    for ticket in seen.tickets:
        steps = [step for step in seen.steps if step.about == f"tickets:{ticket.id}" and step.after]
        assert [steps[0].what, steps[0].after] == ["tickets.receive", "open"]
        for before, step in pairwise(steps):
            assert step.before == before.after, (ticket.id, step)
            assert step.after in MOVES[step.before], (ticket.id, step)
        assert (ticket.status, ticket.version) == (steps[-1].after, len(steps))
    notes = Counter(step.about for step in seen.steps if step.what == "tickets.note")
    assert notes == Counter(f"tickets:{note.ticket_id}" for note in seen.notes)


def _outbox(house: House, seen: Seen, extra: int, dead: int) -> None:
    """Every row is sent, waits, or was given up for a reason; what is sent stands in Slack, no oftener than it may."""
    copies = house.copies()
    assert sum(row.state == "dead" for row in seen.rows) == dead
    for row in seen.rows:
        match row.state:
            case "sent":
                assert row.ref is not None
                assert row.id in copies, f"row {row.id} is said to be sent, and is not there"
            case "waiting":
                assert row.due_at is not None
            case _:
                assert (row.state, row.due_at) == ("dead", None)
                assert row.reason
    too_many = {row: count - 1 for row, count in copies.items() if count > 1}
    assert sum(too_many.values()) <= extra, too_many


def strange(lines: Sequence[str]) -> list[str]:
    """Lines of a log that should not be there: a trace without an incident's number, a lost exception, no JSON."""
    found = []
    for line in lines:
        try:
            said = json.loads(line)
        except ValueError:
            found.append(line)
            continue
        lost = "never retrieved" in line or "was never awaited" in line
        if lost or ("trace" in said and not INCIDENT.search(said["said"])):
            found.append(line)
    return found


def owned(lines: Sequence[str]) -> int:
    """How many faults of ours a log owns to."""
    return sum(bool(INCIDENT.search(json.loads(line)["said"])) for line in lines)
