"""What every table shares: names for constraints, moments in UTC, and an INSERT that may meet a row."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import DateTime, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
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


def id_of_number(words: str, letter: str, first: int) -> int | None:
    """The id that a record's number means, as people type it: its letter, or none, a dash, full-width too."""
    plain = "".join(normalize("NFKC", words).split()).upper()
    digits = plain.removeprefix("#").removeprefix(letter).lstrip("-\u2010\u2011\u2012\u2013\u2014\u2212")
    number = id_in(digits)
    return number - first if number is not None and number > first else None


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


def insert_into(session: AsyncSession, table: type[SQLModel], **values: Any) -> Any:
    """An INSERT that may be told what to do on a conflict; the two databases' have no public type in common."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table).values(**values)


def moment(**options: Any) -> Any:
    """A column for a moment; `default=None` where it may be empty."""
    return Field(sa_type=Moment, **options)
