"""Whole approvals, by chance: whatever people do, records and model agree on what was allowed and what came of it."""

import pytest

from storage import audit
from storage.database import Database
from tests.approvals.walk import walks
from tests.faults.house import size
from tests.town import handbook

pytestmark = [pytest.mark.endurance, pytest.mark.timeout(size(60, 3600))]

ON_SQLITE = size(10, 4_500)
ON_POSTGRES = size(2, 500)


async def _walked(url: str, seeds: range) -> int:
    """All walks with these seeds, one after another, in one set of records; how many acts there were."""
    database = await Database.open(url, handbook())
    try:
        acts = sum([await walks(database, seed) for seed in seeds])
        async with database.reading() as session:
            assert await audit.first_broken(session) is None
        return acts
    finally:
        await database.close()


@pytest.mark.parametrize("shard", [0, 1])
async def test_whatever_people_do_the_records_agree_with_the_model(town_sqlite: str, shard: int) -> None:
    acts = await _walked(town_sqlite, range(shard * ON_SQLITE, (shard + 1) * ON_SQLITE))

    assert acts > ON_SQLITE * 5


@pytest.mark.parametrize("shard", [0, 1])
async def test_they_agree_on_postgresql_as_well(town_postgres: str, shard: int) -> None:
    first = 1_000_000 + shard * ON_POSTGRES

    assert await _walked(town_postgres, range(first, first + ON_POSTGRES)) > ON_POSTGRES * 3
