"""The town for what approvals look like, and how its people come to have something to look at."""

from functools import cache
from pathlib import Path
from typing import Any

from bot.ui.card import Card
from config.handbook import Handbook
from tests.town import Person, Post, Town


@cache
def book() -> Handbook:
    """The town's handbook, with requests of every make."""
    return Handbook.load(Path(__file__).with_name("faces.toml"))


async def spends(who: Person, amount: str = "300", what: str = "Taxi to Ms Lee", **more: Any) -> None:
    """Somebody asks for what they have spent, on Slack."""
    await who.on_slack.commands("request", "expense")
    await who.on_slack.fills(what=what, amount=amount, **more)
    assert who.outcome == "done", who.reads


async def travels(who: Person, where: str = "Beijing") -> None:
    """Somebody asks for three days away."""
    await who.on_slack.commands("request", "trip")
    await who.on_slack.fills(where=where, **{"from": "2026-12-02", "to": "2026-12-04"})
    assert who.outcome == "done", who.reads


async def looks(who: Person, number: str = "A-1001") -> str:
    """What somebody reads who looks one up."""
    await who.on_slack.commands("approval", number)
    return who.reads


def cells(person: Person, column: int = 0) -> list[str]:
    """A column of the list that somebody was shown, as they read it."""
    assert person.answer is not None
    shown = person.answer.reply
    assert isinstance(shown, Card), shown
    return [person.answer.say(row.cells[column]) for row in (shown.table.rows if shown.table else ())]


def card_of(town: Town, who: Person, number: str = "A-1001") -> Post:
    """The live card that somebody has of a request."""
    platform = town.slack if town.slack.at(who) else town.telegram
    return next(post for post in platform.at(who) if number in post.line)
