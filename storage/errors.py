"""A refusal: 'we cannot do that, and here is why', in words for the person; and what storage itself cannot do."""

from __future__ import annotations

from config.text import Text


class Refusal(Exception):
    """Ends the work with words for the person; nothing of the work is kept.

    `field` names the question that it is about; `denied` marks a refusal for want of right, which is audited.
    """

    def __init__(self, text: Text, field: str | None = None, *, denied: bool = False) -> None:
        super().__init__(text.id)
        self.text = text
        self.field = field
        self.denied = denied


class StorageBusy(Exception):
    """The database could not be had in time; nothing was saved, and asking again is safe."""


class SchemaTooNew(Exception):
    """The database was made by a newer program; this one must not touch it."""


class DatabaseUnusable(Exception):
    """The database cannot be opened or is damaged; the message says which file and what to do."""
