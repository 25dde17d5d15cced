"""One step of an approval: who decides, how they decide together, when it is walked, and by when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Literal, TypeVar
from unicodedata import normalize

from pydantic import AfterValidator

from config.handbook.approvals.conditions import Condition, Conditional, Fact
from config.handbook.approvals.selectors import Selected
from config.handbook.chapter import Chapter, ClauseNumber, Fault, Key, Name, refuse
from config.handbook.duration import Delay, Promise, write
from config.handbook.label import Named

Entry = TypeVar("Entry")


def not_empty(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Refuses a list without any entry; what is wrong within an entry is told there, and there alone."""
    if not entries:
        raise refuse("is empty", "give it at least one entry")
    return entries


def _mode(written: str) -> str:
    mode = normalize("NFKC", written).casefold().replace(" ", "")
    if not re.fullmatch("all|any|turn|([1-9][0-9]?|100)%|[1-9][0-9]?", mode):
        remedy = 'write "all", "any" or "turn", a share such as "60%", or a number in quotes such as "2"'
        raise refuse("is no way to decide together", remedy)
    return mode


class Step(Chapter):
    """`by`: who decides; `mode`: how, together. All of `when` must hold, and one of `when_any`. Times are worked.

    `hides` are fields that those who sit here may not read; `fills` those that they answer when they approve.
    """

    name: Named
    by: Annotated[tuple[Selected, ...], AfterValidator(not_empty)]
    mode: Annotated[str, AfterValidator(_mode)] = "all"
    required: tuple[Selected, ...] = ()
    when: tuple[Conditional, ...] = ()
    when_any: tuple[Conditional, ...] = ()
    due: Promise | None = None
    remind_every: Promise | None = None
    escalate_after: Delay | None = None
    on_timeout: Literal["approve", "reject", "none"] = "none"
    timeout_after: Promise | None = None
    clause: ClauseNumber | None = None
    hides: tuple[Name, ...] = ()
    fills: tuple[Name, ...] = ()

    @property
    def method(self) -> str:
        """How its people decide: `all`, `any`, `turn`, `ratio:60` or `count:2`."""
        if self.mode.endswith("%"):
            return f"ratio:{self.mode[:-1]}"
        return f"count:{self.mode}" if self.mode.isdecimal() else self.mode

    @property
    def is_chosen(self) -> bool:
        """Whether the requester chooses who decides."""
        return any(selector.kind == "chosen" for selector in self.by)

    def conditions(self) -> tuple[Condition, ...]:
        """All of its conditions."""
        return self.when + self.when_any

    def applies(self, facts: Mapping[str, Fact]) -> bool:
        """Whether a request that says this walks the step."""
        if not all(condition.holds(facts) for condition in self.when):
            return False
        return not self.when_any or any(condition.holds(facts) for condition in self.when_any)

    def waits(self) -> Iterator[tuple[str, timedelta]]:
        """Its lengths of working time, by their keys."""
        for key in ("due", "remind_every", "escalate_after", "timeout_after"):
            wait = getattr(self, key)
            if wait is not None:
                yield key, wait

    def faults(self, at: Key) -> Iterator[Fault]:
        """Times that do not go together, and people who are asked for twice over."""
        yield from self._times(at)
        if sum(selector.kind == "chosen" for selector in self.by) > 1:
            remedy = "keep one of them: the form asks once for each step"
            yield Fault((*at, "by"), 'says "chosen" more than once', remedy)
        if self.required and ":" not in self.method:
            remedy = 'take it out, or write mode = a share such as "60%" or a number such as "2"'
            yield Fault((*at, "required"), f'has no meaning where mode is "{self.mode}"', remedy)

    def _times(self, at: Key) -> Iterator[Fault]:
        if self.escalate_after is not None and self.due is None:
            yield Fault((*at, "escalate_after"), "counts from due, which is missing", 'add due = "8h"')
        if self.on_timeout == "none":
            if self.timeout_after is not None:
                remedy = 'add on_timeout = "approve" or "reject", or take it out'
                yield Fault((*at, "timeout_after"), "leads to nothing", remedy)
        elif self.due is None:
            yield Fault((*at, "on_timeout"), "decides a step that is never due", 'add due = "8h"')
        elif self.timeout_after is None:
            yield Fault((*at, "on_timeout"), "does not say after what time", 'add timeout_after = "16h"')
        elif self.timeout_after < self.due:
            yield Fault((*at, "timeout_after"), "comes before due", f"write at least {write(self.due)}")
