"""Presses: a complaint is taken, a request is approved; how many a second, how soon, against bolt that only acks."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import text

from storage.database import Database
from tests.bench import requests
from tests.bench.client import Heard, crowd
from tests.bench.commands import EVENTS, IN_FLIGHT, ROUNDS, SECONDS, Send, in_turn, rate, wait
from tests.bench.company import Child, child, opsbook, slack
from tests.bench.names import PEOPLE
from tests.bench.size import FILL
from tests.bench.table import Figure

AT_MOST = 1000
"""Presses in one round: each button can be pressed once."""
MANY = AT_MOST * (2 * ROUNDS + 1)
TAKE, APPROVE = "tickets.take", "approvals.approve"
DONE = {
    TAKE: "SELECT count(*) FROM tickets WHERE status = 'taken'",
    APPROVE: "SELECT count(*) FROM approvals WHERE status = 'approved'",
}
OPEN = text("UPDATE tickets SET status = 'open', owner_id = NULL")


async def measure(folder: Path) -> list[Figure]:
    """The whole path of a press, save what is brought to others afterwards."""
    async with (
        slack() as api,
        child("-m", "tests.bench.bare") as bare,
        opsbook(folder / "presses", api, fill=_filled) as ours,
    ):
        sends = {"bare": _sends(bare, APPROVE), TAKE: _sends(ours, TAKE), APPROVE: _sends(ours, APPROVE)}
        await in_turn({name: send(IN_FLIGHT) for name, send in sends.items()}, 1)
        many = await in_turn({name: send(IN_FLIGHT) for name, send in sends.items()})
        one = await in_turn({name: send(1) for name, send in sends.items()})
    _check(folder / "presses" / "opsbook.db", {press: many[press] + one[press] for press in (TAKE, APPROVE)})
    named = {TAKE: "press: a complaint is taken", APPROVE: "press: a request is approved"}
    return [
        *[rate(words, 0.15, many[name], many["bare"], is_aim=True) for name, words in named.items()],
        *[wait(words, one[name], one["bare"], is_aim=True) for name, words in named.items()],
        rate("press: approve, against take", 0.5, many[APPROVE], many[TAKE], is_aim=True),
    ]


async def _filled(database: Database) -> None:
    now = datetime.now(UTC)
    await requests.many(database, now, MANY)
    later = f"{now.replace(year=now.year + 1):%Y-%m-%d %H:%M:%S}"
    async with database.unit(now) as work:
        given = {"count": MANY, "people": PEOPLE, "received": f"{now:%Y-%m-%d %H:%M:%S.%f}", "late": later}
        await work.session.execute(FILL, given)
        await work.session.execute(OPEN)


def _sends(to: Child, press: str) -> Callable[[int], Send]:
    """Sends a round of presses, each about a record of its own."""
    first = count(1, AT_MOST)

    def send(in_flight: int) -> Send:
        return lambda: crowd(to.url + EVENTS, in_flight, SECONDS, count=AT_MOST, press=press, first=next(first))

    return send


def _check(file: Path, heard: dict[str, list[Heard]]) -> None:
    """A press is answered 200 whatever came of it: what was done is counted."""
    with sqlite3.connect(file) as database:
        for press, presses in heard.items():
            done, sent = database.execute(DONE[press]).fetchone()[0], sum(one.sent for one in presses)
            if done < sent:
                raise RuntimeError(f"{done} of {sent} presses were done: {press}")
