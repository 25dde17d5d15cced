"""The approvals chapter: which requests people may make here, who keeps them, and when people are reminded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from config.handbook.approvals.budgets import Budgets
from config.handbook.approvals.frozen import Frozen
from config.handbook.approvals.templates import Template, folded
from config.handbook.chapter import Chapter, ClauseNumber, Key, Name, refuse
from config.handbook.duration import Promise

OFF = "off"


def _time_of_day(written: Any) -> Any:
    if written is None or written == OFF:
        return None
    if isinstance(written, time):
        return written.replace(second=0, microsecond=0)
    if not isinstance(written, str) or not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", written):
        raise refuse("is not a time of day", 'write it as "09:00", or "off"')
    return time.fromisoformat(written)


def _as_written(digest: time | None) -> str:
    return OFF if digest is None else f"{digest:%H:%M}"


Digest = Annotated[
    time | None, BeforeValidator(_time_of_day), PlainSerializer(_as_written, return_type=str, when_used="always")
]
"""When people are told what waits for them; None: never."""


class Approvals(Chapter):
    """`steward`: the department whose head decides where nobody else is found. `digest`: on workdays, by our clock."""

    clause: ClauseNumber = "1.3.2"
    steward: Name
    nudge_every: Promise = timedelta(hours=2)
    digest: Digest = time(9)
    templates: dict[Name, Template] = Field(default_factory=dict)
    budgets: Budgets = Budgets({})

    def open_templates(self) -> dict[str, Template]:
        """The templates by which people may ask now, in the order of the file."""
        return {key: template for key, template in self.templates.items() if template.enabled}

    def by_word(self, first_word: str) -> str | None:
        """The key of the open template that this word starts; capitals and full-width letters make no difference."""
        return self._words.get(folded(first_word))

    def freeze(self, key: str) -> str:
        """All that a request under way needs, as JSON. KeyError if there is no such template."""
        asked = self.templates[key]
        template = asked if asked.clause else asked.model_copy(update={"clause": self.clause})
        return Frozen(key=key, template=template, steward=self.steward).freeze()

    def cited(self) -> Iterator[tuple[Key, str]]:
        """Each clause that the chapter acts on, with the key that says so."""
        yield ("approvals", "clause"), self.clause
        for key, template in self.templates.items():
            if template.clause:
                yield ("approvals", "templates", key, "clause"), template.clause
            for index, step in enumerate(template.steps):
                if step.clause is not None:
                    yield ("approvals", "templates", key, "steps", index, "clause"), step.clause

    def waits(self) -> Iterator[tuple[Key, timedelta]]:
        """Every length of working time that may pass, with its key; those of closed templates never do."""
        yield ("approvals", "nudge_every"), self.nudge_every
        for key, template in self.open_templates().items():
            for below, wait in template.waits():
                yield ("approvals", "templates", key, *below), wait

    @cached_property
    def _words(self) -> dict[str, str]:
        return {folded(word): key for key, template in self.open_templates().items() for word in template.words}
