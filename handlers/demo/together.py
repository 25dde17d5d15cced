"""All that the demo company has lived through is kept together in one transaction, or none of it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from storage.database import Database


@dataclass(slots=True)
class Together(Database):
    """The same database inside one transaction of it: units follow one another, and each sees those before.

    Nothing is committed here: whoever opened the transaction does that, unless a unit has `spoilt` it. Units and
    reads take turns, and one must not be opened inside another.
    """

    whole: Any = None
    spoilt: BaseException | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def inside(cls, database: Database, session: Any) -> Together:
        """`database`, seen from inside `session`, a transaction of it."""
        return cls(database.url, database.handbook, database.engine, database.readers, whole=session)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        """A unit that is kept with all the others at the end; one that raises spoils them all."""
        async with self._one:
            try:
                yield self.whole
                await self.whole.flush()
            except BaseException as error:
                self.spoilt = error  # also where somebody catches it: half of a unit must not be kept
                raise
            finally:
                self.whole.expunge_all()  # the next unit reads anew, as in a session of its own

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        """A look at all that was done so far."""
        async with self._one:
            try:
                yield self.whole
            finally:
                self.whole.expunge_all()
