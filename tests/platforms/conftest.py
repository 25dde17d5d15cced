"""The stage of each platform, opened for one test on a database of its own with the town's people."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.platforms.stage import Stage
from tests.platforms.stages.every import STAGES


@pytest.fixture(params=list(STAGES))
async def stage(request: pytest.FixtureRequest, town_sqlite: str) -> AsyncIterator[Stage]:
    """Each platform in turn."""
    async with STAGES[request.param](town_sqlite) as stage:
        yield stage
