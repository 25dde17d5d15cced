"""The town with approvals: two kinds of request, and what its people ask for."""

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from config.handbook import Handbook
from storage.approvals import Request, Task
from tests.town import Person, Town


@cache
def book() -> Handbook:
    """The town's handbook, with its approvals."""
    return Handbook.load(Path(__file__).with_name("town.toml"))


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town on a Monday at nine: nobody has asked for anything yet."""
    town = await Town.open(town_url, book())
    yield town
    await town.close()


async def asks(who: Person, amount: str = "300", what: str = "Taxi to Ms Lee", **more: Any) -> None:
    """Somebody asks for what they have spent, on Slack: A-1001 is the first."""
    await who.on_slack.commands("request", "expense")
    await who.on_slack.fills(what=what, amount=amount, **more)
    assert who.outcome == "done", who.reads


async def seat(town: Town, number: int) -> Task:
    """A seat as it is kept: the first is 1."""
    task: Task = await town.row(Task, number)
    return task


async def request(town: Town, number: int = 1) -> Request:
    """A request as it is kept: the first is 1."""
    found: Request = await town.row(Request, number)
    return found
