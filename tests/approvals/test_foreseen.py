"""What is foreseen: whoever agrees before is not asked again, and then the card names no such step as one to come."""

from collections.abc import AsyncIterator

import pytest

from tests.approvals.crowd import card_of
from tests.approvals.races import by, template
from tests.town import Town, handbook


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town with requests that come before the same person twice, on a Monday at nine."""
    shipped, steps = handbook(), (by("Hana"), by("Lin"), by("Hana"), by("Gus"))
    templates = {"once": template(*steps), "here": template(*steps, resubmit="here")}
    only = shipped.approvals.model_copy(update={"templates": templates})
    town = await Town.open(town_url, shipped.model_copy(update={"approvals": only}))
    yield town
    await town.close()


async def test_what_is_said_when_it_is_sent_and_what_the_card_says_agree(town: Town) -> None:
    await town.sam.on_slack.submits("approvals.request:once", what="Taxi", amount="3")

    assert "Step 3: not asked again: decides at an earlier step" in town.sam.reads
    assert card_of(town, town.sam).fact("Then") == "Step 2 \u2192 Step 4"
    await town.hana.on_slack.presses("Approve", on=card_of(town, town.hana))
    await town.lin.on_slack.presses("Approve", on=card_of(town, town.lin))
    card = card_of(town, town.sam)
    assert (card.fact("Step 3"), card.fact("Step 4")) == ("\u2013 Hana (has agreed already)", "\u2026 Gus")


async def test_who_agreed_to_another_edition_is_asked_and_named(town: Town) -> None:
    await town.sam.on_slack.submits("approvals.request:here", what="Taxi", amount="3")
    await town.hana.on_slack.presses("Approve", on=card_of(town, town.hana))
    await town.lin.on_slack.presses("More\u2026", on=card_of(town, town.lin))
    await town.lin.on_slack.presses("Send back")
    await town.lin.on_slack.fills(why="Which?")
    await town.sam.on_slack.presses("Change and send again", on=card_of(town, town.sam))
    await town.sam.on_slack.fills(what="Taxi", amount="3")

    assert card_of(town, town.sam).fact("Then") == "Step 3 \u2192 Step 4"
