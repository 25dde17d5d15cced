"""Prepared statements say the same thing in both databases, and never leave out what they were not given."""

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import StatementError

from storage.people import Employee
from storage.prepared import Prepared, table_of
from tests.town import Town

BY_NAME = Prepared(
    select(table_of(Employee).c.name).where(table_of(Employee).c.name.in_([bindparam("one"), bindparam("other")]))
)


async def test_it_finds_what_is_asked_for(town: Town) -> None:
    async with town.database.reading() as session:
        found = await BY_NAME.rows(session, one="Dana", other="Nobody")

    assert [tuple(row) for row in found] == [("Dana",)]


async def test_without_a_parameter_it_is_not_carried_out(town: Town) -> None:
    async with town.database.reading() as session:
        with pytest.raises((KeyError, StatementError)):
            await BY_NAME.rows(session, one="Dana")
