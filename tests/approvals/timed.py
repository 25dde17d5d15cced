"""A town whose handbook gives its approvals due times, rules, a budget and second confirmations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from config.handbook import Handbook
from tests.town import Person, Post, Town, english


@cache
def timed() -> Handbook:
    """The handbook with what time does to approvals."""
    return Handbook.load(Path(__file__).with_name("clock.toml"))


async def asks(who: Person, kind: str, amount: str = "300", what: str = "Taxi") -> None:
    """Somebody asks for something, on Slack: A-1001 is the first."""
    await who.on_slack.commands("request", kind)
    assert who.asked is not None
    given = {"what": what, "amount": amount}
    await who.on_slack.fills(**{one.name: given[one.name] for one in who.asked.questions})
    assert who.outcome == "done", who.reads


def titles(town: Town, at: Person, platform: str = "slack") -> list[str]:
    """The titles of the notices that stand in somebody's own chat, in English; live cards are left out."""
    posts: list[Post] = town.platforms[platform].at(at)
    return [english(post.card.title) for post in posts if post.message.about is None]
