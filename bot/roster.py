"""The command line's people: list them, take in a file of them, see somebody out, let somebody in on the web."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING

from bot import sheet
from config.roster import RosterError
from storage import roster, sessions

if TYPE_CHECKING:
    from bot.dispatch import Desk

WIDEST = 24
"""Columns of the terminal that one cell of the list may take."""
MOST_TOLD = 50
"""Problems that are printed; nobody reads more before mending the first."""


async def show(desk: Desk) -> int:
    """Prints all who work here."""
    async with desk.database.reading() as session:
        listed = await roster.everyone(session)
    if not listed:
        _say("Nobody is known yet: write a CSV file, and run `python -m bot people import FILE.csv`.")
        return 0
    headings = tuple(field.name for field in fields(roster.Listed))
    for line in table([headings, *[tuple(str(cell) for cell in astuple(one)) for one in listed]]):
        _say(line)
    _say(f"{len(listed)} people.")
    return 0


async def bring_in(desk: Desk, path: Path) -> int:
    """Takes in a file of people, as a whole or not at all, and prints what it changed, or all that is wrong."""
    try:
        rows = sheet.read(path)
        async with desk.database.unit(desk.clock()) as work:
            changes = await roster.take_in(work, rows)
    except RosterError as error:
        return _refused(error, "Nobody was taken in.")
    for line in changes.lines():
        _say(line)
    return 0


async def leave(desk: Desk, called: str) -> int:
    """Somebody has left: what was theirs is handed back, and they lose everything at once, on every platform."""
    try:
        async with desk.database.unit(desk.clock()) as work:
            person = await roster.pick(work.session, called)
            await desk.farewell(person, work)
    except RosterError as error:
        return _refused(error, "Nobody has left.")
    desk.posted()
    _say(f"{person.name}#{person.id} has left: no account, no session and no link of theirs works any more.")
    return 0


async def invite(desk: Desk, public_url: str, called: str) -> int:
    """Prints a link that lets one person in on the web, once, within ten minutes."""
    try:
        async with desk.database.unit(desk.clock()) as work:
            person = await roster.pick(work.session, called)
            token = await sessions.invite(work, person)
    except RosterError as error:
        return _refused(error, "No link was made.")
    _say(f"{public_url}/signin?token={token}")
    _say(f"This lets {person.name}#{person.id} in, once, within ten minutes. Give it to nobody else.")
    return 0


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows set in columns; a Chinese character is as wide as two letters."""
    cells = [[_cut(cell) for cell in row] for row in rows]
    widths = [max(_width(row[at]) for row in cells) for at in range(len(cells[0]))]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in cells]


def _padded(cell: str, wide: int) -> str:
    return cell + " " * (wide - _width(cell))


def _cut(cell: str) -> str:
    if _width(cell) <= WIDEST:
        return cell
    while _width(cell) >= WIDEST:
        cell = cell[:-1]
    return f"{cell}…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in text)


def _refused(error: RosterError, words: str) -> int:
    for problem in error.problems[:MOST_TOLD]:
        sys.stderr.write(f"{problem}\n")
    if len(error.problems) > MOST_TOLD:
        sys.stderr.write(f"… and {len(error.problems) - MOST_TOLD} more.\n")
    sys.stderr.write(f"{words}\n")
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
