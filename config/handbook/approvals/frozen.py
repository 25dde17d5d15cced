"""What a request under way goes by: its template as it was when it was asked for, whatever the handbook says since."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from config.handbook.approvals.templates import Template
from config.handbook.chapter import Chapter, Name


class Frozen(Chapter):
    """A template, its key, and the department whose head keeps the approvals."""

    key: Name
    template: Template
    steward: Name

    @classmethod
    def read(cls, text: str) -> Frozen:
        """Reads what `freeze` wrote. The same text gives the same object: nobody may change it."""
        return _read(text)

    def freeze(self) -> str:
        """All of it as JSON: the same decisions give the same text."""
        return self.model_dump_json(by_alias=True)


@lru_cache(maxsize=256)
def _read(text: str) -> Frozen:
    return Frozen.model_validate_json(text)


def digest_of(text: str) -> str:
    """The SHA-256 of a frozen template (hexadecimal), by which the records find it again."""
    return hashlib.sha256(text.encode()).hexdigest()
