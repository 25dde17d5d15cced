"""What every table shares: names for constraints, moments in UTC, and columns that hold JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


LARGEST_ID = 2**31 - 1
"""What an id's column holds; PostgreSQL calls a larger number an error, not a row that is not there."""


def id_in(words: str) -> int | None:
    """The id that a button, a link or a person names: plain digits that some row could have; None if it is none."""
    if not (words.isascii() and words.isdecimal() and len(words) <= 10):
        return None
    return int(words) if 0 < int(words) <= LARGEST_ID else None


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite's naive text comes back aware as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuses a naive datetime, for nobody knows which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(**options: Any) -> Any:
    """A column for a moment; `default=None` where it may be empty."""
    return Field(sa_type=Moment, **options)
