"""Houses on both databases, each new for its test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.house import House
from tests.faults.phones import Phones

pytest.register_assert_rewrite("tests.faults.oracle")  # so that it shows what it found


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


@pytest.fixture
async def phones(fresh_sqlite: str, tmp_path: Path) -> AsyncIterator[Phones]:
    """A house on a Telegram in a hurry whose records are in an SQLite file."""
    async with Phones(fresh_sqlite, tmp_path, hurried=True) as phones:
        yield phones


@pytest.fixture
async def both_phones(fresh_sqlite: str, fresh_postgres: str, tmp_path: Path) -> AsyncIterator[list[Phones]]:
    """Two houses on a Telegram in a hurry, one on each database, for long runs side by side."""
    folders = [tmp_path / name for name in ("on-sqlite", "on-postgres")]
    for folder in folders:
        folder.mkdir()
    async with (
        Phones(fresh_sqlite, folders[0], hurried=True) as one,
        Phones(fresh_postgres, folders[1], hurried=True) as other,
    ):
        yield [one, other]
