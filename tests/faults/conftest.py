"""Houses on both databases, each new for its test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.house import House


@pytest.fixture
async def house(fresh_sqlite: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose records are in an SQLite file."""
    async with House(fresh_sqlite, tmp_path) as house:
        yield house


@pytest.fixture
async def busy_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose Slack is in a hurry: once on SQLite, once on PostgreSQL."""
    async with House(database_url, tmp_path, hurried=True) as house:
        yield house


@pytest.fixture
async def both_houses(fresh_sqlite: str, fresh_postgres: str, tmp_path: Path) -> AsyncIterator[list[House]]:
    """Two such houses, one on each database, for long runs side by side."""
    folders = [tmp_path / name for name in ("on-sqlite", "on-postgres")]
    for folder in folders:
        folder.mkdir()
    async with (
        House(fresh_sqlite, folders[0], hurried=True) as one,
        House(fresh_postgres, folders[1], hurried=True) as other,
    ):
        yield [one, other]
