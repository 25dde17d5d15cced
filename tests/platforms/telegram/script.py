"""How Telegram misbehaves: one small word per fault, used up in the order in which they were written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]


class HasId(Protocol):
    """A chat or a person, by whom a private chat is meant."""

    @property
    def id(self) -> int:
        """Its number."""


def number_of(chat: HasId | int | None) -> int | None:
    """A chat's number, given either way."""
    return chat if chat is None or isinstance(chat, int) else chat.id


@dataclass(frozen=True)
class Ok:
    """Answers as it should: a pause between two faults."""


@dataclass(frozen=True)
class Error:
    """Does nothing and answers ok:false with this code and description."""

    code: int
    description: str
    parameters: Json | None = None


@dataclass(frozen=True)
class Limited:
    """Does nothing and answers 429; `retry_after` as it stands in parameters, None leaves them out."""

    retry_after: int | float | str | None = 30


@dataclass(frozen=True)
class Status:
    """Does nothing and answers with this HTTP status and, unless told otherwise, a page of HTML."""

    code: int
    body: bytes = b"<html><head><title>Something went wrong</title></head><body>nginx</body></html>"
    content_type: str = "text/html"


@dataclass(frozen=True)
class Garbage:
    """Answers 200 and JSON's content type with something that isn't JSON."""

    body: bytes = b"\x00\xff{not json"
    stores: bool = False


@dataclass(frozen=True)
class Empty:
    """Answers 200 with no body."""

    stores: bool = False


@dataclass(frozen=True)
class Truncated:
    """Sends the first half of the answer; does what was asked unless `stores` is off."""

    stores: bool = True


@dataclass(frozen=True)
class Hang:
    """Does nothing, holds the connection open that long without a word, then closes it."""

    seconds: float = 120.0


@dataclass(frozen=True)
class Slow:
    """Does what was asked and lets the answer trickle out over that long."""

    seconds: float = 1.0
    pieces: int = 5


@dataclass(frozen=True)
class CutBeforeRead:
    """Closes the connection before reading the request (after reading it when scripted for one chat)."""


@dataclass(frozen=True)
class StoreThenCut:
    """Does what was asked and closes the connection instead of answering."""


@dataclass(frozen=True)
class StoreThen500:
    """Does what was asked and answers 500."""


Step = (
    Ok
    | Error
    | Limited
    | Status
    | Garbage
    | Empty
    | Truncated
    | Hang
    | Slow
    | CutBeforeRead
    | StoreThenCut
    | StoreThen500
)


@dataclass
class _Plan:
    method: str
    chat: int | None
    how: Step
    left: int | None  # None: for ever

    def covers(self, method: str, chat: int | None) -> bool:
        wanted = self.method.lower()
        return wanted in ("*", method.lower()) and self.chat in (None, chat) and self.left != 0

    def used(self) -> Step:
        if self.left is not None:
            self.left -= 1
        return self.how


@dataclass
class Script:
    """All that is planned: what runs out comes before what is always so, one chat's before everybody's."""

    _plans: list[_Plan] = field(default_factory=list)

    def fails(self, method: str, how: Step, *, chat: HasId | int | None = None, times: int = 1) -> None:
        """The next `times` calls of the method ("*": any), in that chat if given, go so."""
        self._plans.append(_Plan(method, number_of(chat), how, times))

    def always(self, method: str, how: Step, *, chat: HasId | int | None = None) -> None:
        """Every call that no other plan is left for goes so, until `behaves`."""
        self._plans.append(_Plan(method, number_of(chat), how, None))

    def behaves(self) -> None:
        """Forgets every plan: from now on all calls are answered as they should be."""
        self._plans.clear()

    def cuts_unread(self, method: str) -> bool:
        """Whether this call is to be cut before its body is read; uses that step up."""
        plan = next((one for one in self._ordered() if one.covers(method, None)), None)
        if plan is None or plan.chat is not None or not isinstance(plan.how, CutBeforeRead):
            return False
        plan.used()
        return True

    def next(self, method: str, chat: int | None) -> Step:
        """What happens to this call."""
        plan = next((one for one in self._ordered() if one.covers(method, chat)), None)
        return plan.used() if plan is not None else Ok()

    def _ordered(self) -> list[_Plan]:
        self._plans = [one for one in self._plans if one.left != 0]
        return sorted(self._plans, key=lambda plan: (plan.left is None, plan.chat is None))
