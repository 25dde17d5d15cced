"""In the same moment: of several who act at once exactly as many succeed as may, and the others hear why."""

import random
from collections.abc import AsyncIterator

import pytest

from tests.approvals.races import Course, book, budget_holds
from tests.faults.house import size
from tests.town import Town

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(size(60, 3600))]

ROUNDS = size(2, 834)
"""Times each kind of race is run: ten thousand races in full, on each database."""


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    town = await Town.open(town_url, book())
    town.delivers = False
    yield town
    await town.close()


async def test_of_those_who_act_at_once_exactly_as_many_succeed_as_may(town: Town) -> None:
    course = Course(town, random.Random(20261123))
    for number in range(ROUNDS):
        for kind in course.all():
            race = await kind()
            race.name = f"{kind.__name__}, round {number}"
            await race.run(town)
        await budget_holds(town)

    assert await town.audited() != []
