"""The town at the time of the fair, on both databases."""

from collections.abc import AsyncIterator

import pytest

from handlers import CAPABILITIES
from tests.interview.fair import Booked, Phone, fair
from tests.town import Town


@pytest.fixture
def booked() -> Booked:
    """What the counter was given."""
    return Booked()


@pytest.fixture
async def town(town_url: str, booked: Booked) -> AsyncIterator[Town]:
    """The town, with the fair's counter open as well."""
    town = await Town.open(town_url, capabilities=[*CAPABILITIES, fair(booked)])
    yield town
    await town.close()


@pytest.fixture
def sam(town: Town) -> Phone:
    """Sam of sales, who reads English, and his phone."""
    return Phone(town, town.sam)


@pytest.fixture
def lin(town: Town) -> Phone:
    """Lin of sales, who reads Chinese, and her phone."""
    return Phone(town, town.lin)
