"""Bounds: what lies beyond them is refused at the field, in words that name the bound, on every platform."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.answer import Outcome
from config.handbook.approvals import Template
from storage.approvals import Status
from storage.people import Employee
from tests.approvals.conftest import request
from tests.approvals.crowd import card_of
from tests.town import Person, Town, english, handbook


def _named(en: str) -> dict[str, str]:
    return {"zh": en, "en": en}


def _errand(amount_is: str | None = None, **fields: dict[str, Any]) -> Template:
    asked = {name: {"label": _named(name.title()), **field} for name, field in fields.items()}
    steps = [{"name": _named("Manager"), "by": ["manager"]}]
    top = {"name": _named("Errand"), "clause": "1.3.2", "amount": amount_is}
    return Template.model_validate({**top, "fields": asked, "steps": steps})


TEMPLATES = {
    "errand": _errand(
        day={"ask": "day", "earliest": "-30d", "latest": "today"},
        amount={"ask": "money", "optional": True, "most": "99.50"},
        count={"ask": "number", "optional": True, "least": 2, "most": 5},
    ),
    "gift": _errand("amount", amount={"ask": "money", "least": 0}, tip={"ask": "money", "optional": True}),
    "plan": _errand(day={"ask": "day", "earliest": "2026-12-01"}),
}


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with three kinds of request, on a Monday at nine."""
    shipped = handbook()
    only = shipped.approvals.model_copy(update={"templates": TEMPLATES})
    town = await Town.open(town_url, shipped.model_copy(update={"approvals": only}))
    yield town
    await town.close()


async def sends(who: Person, kind: str, **answers: Any) -> tuple[Outcome | None, str | None, str]:
    """What comes of it: the outcome, the field that it is about, and the words."""
    await who.on_slack.submits(f"approvals.request:{kind}", **answers)
    assert who.answer is not None
    return who.outcome, who.answer.field, who.reads


@pytest.mark.parametrize(
    ("answers", "field", "words"),
    [
        ({"day": "2026-11-24"}, "day", "Please give Mon 23 Nov or an earlier day."),
        ({"day": "2026-10-23"}, "day", "Please give Sat 24 Oct or a later day."),
        ({"day": "2026-11-23", "amount": "0"}, "amount", "Please give at least CN\u00a50.01."),
        ({"day": "2026-11-23", "amount": "0.00"}, "amount", "Please give at least CN\u00a50.01."),
        ({"day": "2026-11-23", "amount": "99.51"}, "amount", "Please give at most CN\u00a599.50."),
        ({"day": "2026-11-23", "count": "1"}, "count", "Please give at least 2."),
    ],
)
async def test_what_lies_beyond_a_bound_is_refused_at_its_field(
    town: Town, answers: dict[str, str], field: str, words: str
) -> None:
    assert await sends(town.sam, "errand", **answers) == (Outcome.REFUSED, field, words)


@pytest.mark.parametrize("day", ["2026-11-23", "2026-10-24"])
async def test_what_lies_on_a_bound_is_taken(town: Town, day: str) -> None:
    assert (await sends(town.sam, "errand", day=day, amount="99.50", count="5"))[0] == Outcome.DONE
    assert (await request(town)).status == Status.PENDING


async def test_nothing_is_an_amount_where_the_handbook_says_so_or_where_it_does_not_count(town: Town) -> None:
    assert (await sends(town.sam, "gift", amount="0", tip="0"))[0] == Outcome.DONE
    assert (await request(town)).minor == 0


async def test_a_date_bounds_as_well(town: Town) -> None:
    early = (Outcome.REFUSED, "day", "Please give Tue 1 Dec or a later day.")

    assert await sends(town.sam, "plan", day="2026-11-30") == early
    assert (await sends(town.sam, "plan", day="2026-12-01"))[0] == Outcome.DONE


async def test_today_is_that_of_whoever_asks(town: Town) -> None:
    async with town.unit() as work:
        sam = await work.session.get(Employee, town.sam.id)
        assert sam is not None
        sam.zone = "Pacific/Kiritimati"
    town.clock.moves(hours=10)  # there it is Tuesday

    assert (await sends(town.sam, "errand", day="2026-11-24"))[0] == Outcome.DONE


async def test_a_day_that_was_right_when_it_was_sent_stays_so_when_it_is_sent_again(town: Town) -> None:
    await sends(town.sam, "errand", day="2026-10-24")
    await town.boss.on_slack.presses("More\u2026", on=card_of(town, town.boss))
    await town.boss.on_slack.presses("Send back")
    await town.boss.on_slack.fills(why="What for?")
    await town.passes(hours=72)

    assert (await sends(town.sam, "errand", day="2026-10-24"))[1] == "day"
    await town.sam.on_slack.presses(action="approvals.change:1")
    await town.sam.on_slack.fills(count="3")
    assert town.sam.outcome == Outcome.DONE, town.sam.reads


async def test_on_a_phone_the_bounds_are_said_and_the_calendar_ends_there(town: Town) -> None:
    await town.sam.on_phone.presses(action="approvals.begin:errand")
    asked = town.telegram.post(town.sam)
    assert "From Sat 24 Oct to Mon 23 Nov." in asked.line
    days = [key for row in asked.card.pad for key in row if key.action.startswith("ask.day")]
    assert [english(key.label) for key in days] == [*map(str, range(1, 23)), "\u202223"]

    await town.sam.on_phone.says("2026-11-24")
    assert "Please give Mon 23 Nov or an earlier day." in town.telegram.post(town.sam).line
    await town.sam.on_phone.says("2026-11-20")
    assert town.telegram.post(town.sam).line.startswith("Amount | At most CN\u00a599.50.")
