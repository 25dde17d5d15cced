"""How a platform misbehaves: one small word per fault, used up in the order in which they were
written down.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ok:
    """Answers as it should: a pause between two faults."""


@dataclass(frozen=True)
class Status:
    """Does nothing and answers with this HTTP status and, unless told otherwise, a page of HTML."""

    code: int
    body: bytes = b"<html><body><h1>Something went wrong</h1></body></html>"
    content_type: str = "text/html"


@dataclass(frozen=True)
class Limited:
    """Does nothing and answers 429; `retry_after` is the header as it stands, None leaves it out."""

    retry_after: str | None = "30"


@dataclass(frozen=True)
class Fails:
    """Does nothing and answers 200 with ok:false and this error."""

    error: str


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
class StoreThenCut:
    """Does what was asked and closes the connection instead of answering."""


@dataclass(frozen=True)
class CutBeforeRead:
    """Closes the connection before reading the request (after reading it when scripted for one channel)."""


@dataclass(frozen=True)
class StoreThen500:
    """Does what was asked and answers 500."""


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
    """Does what was asked and sends the first half of the answer."""

    stores: bool = True


Step = (
    Ok
    | Status
    | Limited
    | Fails
    | Hang
    | Slow
    | StoreThenCut
    | CutBeforeRead
    | StoreThen500
    | Garbage
    | Empty
    | Truncated
)


@dataclass
class _Plan:
    method: str
    channel: str | None
    steps: deque[Step]
    forever: bool = False

    def covers(self, method: str, channel: str | None) -> bool:
        return self.method in ("*", method) and self.channel in (None, channel) and bool(self.steps)


@dataclass
class Script:
    """All that is planned: plans in the order written, then what happens always, then a random mix
    of faults.
    """

    _plans: list[_Plan] = field(default_factory=list)
    _mix: list[tuple[Step, float]] = field(default_factory=list)
    _dice: random.Random = field(default_factory=lambda: random.Random(0))
    _mixed: frozenset[str] = frozenset()

    def misbehave(self, method: str, *plan: Step, channel: str | None = None) -> None:
        """Each step of the plan happens once, in order, to calls of the method ("*": any), then all is well
        again.
        """
        self._plans.append(_Plan(method, channel, deque(plan)))

    def always(self, method: str, step: Step, channel: str | None = None) -> None:
        """The step happens to every call that no plan is left for, until `behave`."""
        self._plans.append(_Plan(method, channel, deque([step]), forever=True))

    def mix(self, shares: Mapping[Step, float], *methods: str, seed: int = 0) -> None:
        """Each fault happens to that share of calls (of the methods, or of all), by dice with a
        known seed.
        """
        self._mix, self._dice, self._mixed = list(shares.items()), random.Random(seed), frozenset(methods)

    def behave(self) -> None:
        """Forgets every plan: from now on all calls are answered as they should be."""
        self._plans, self._mix = [], []

    def cuts_unread(self, method: str) -> bool:
        """Whether this call is to be cut before its body is read; uses that step up."""
        plan = next((p for p in self._ordered() if p.covers(method, None) and p.channel is None), None)
        if plan is None or not isinstance(plan.steps[0], CutBeforeRead):
            return False
        if not plan.forever:
            plan.steps.popleft()
        return True

    def next(self, method: str, channel: str | None) -> Step:
        """What happens to this call."""
        for plan in self._ordered():
            if plan.covers(method, channel):
                return plan.steps[0] if plan.forever else plan.steps.popleft()
        if self._mix and (not self._mixed or method in self._mixed):
            throw = self._dice.random()
            for step, share in self._mix:
                throw -= share
                if throw < 0:
                    return step
        return Ok()

    def _ordered(self) -> list[_Plan]:
        """Plans that run out come before those that never do, and those for one channel before
        those for all.
        """
        return sorted(self._plans, key=lambda plan: (plan.forever, plan.channel is None))
