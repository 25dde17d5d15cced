"""Chains: who may decide now, and what the decisions of one step come to. Pure: the same seats, the same answer.

A step is a group of seats that decide by a method: `all` of them (countersign), `any` one, in `turn`, a `ratio:60` or
a `count:2` of them. Whoever holds a seat may put others before, beside or after it (add-sign), each such batch a group
of its own, or lend it (delegate) for advice. A seat that has others around it is approved once all of them agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Place(StrEnum):
    """Where a seat stands: in its step, around another seat, or in the place of one for advice."""

    STEP = "step"
    BEFORE = "before"
    AFTER = "after"
    BESIDE = "beside"
    LENT = "lent"


class Mark(StrEnum):
    """How a seat stands. `skipped`: its person has agreed already, or need not. `gone`: it does not count any more."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    GONE = "gone"


class Verdict(StrEnum):
    """What a group of seats has come to."""

    UNDECIDED = "undecided"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's seat. `parent` and `batch` say which seat it was put around, and with which others."""

    id: int
    status: str
    place: str = Place.STEP
    parent: int | None = None
    batch: int = 0
    method: str = "all"
    ordinal: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a step has come to, and the ids of the seats that may decide now (none, once it is decided)."""

    verdict: Verdict
    may_decide: frozenset[int]


def judge(seats: Sequence[Seat], method: str) -> Judgement:
    """Judges a step by its method. A step without any seat that counts is approved: nobody is asked."""
    verdict, may_decide = _Table(seats).group([seat for seat in seats if seat.place == Place.STEP], method)
    return Judgement(verdict, may_decide if verdict is Verdict.UNDECIDED else frozenset())


def needed(method: str, seats: int) -> int:
    """How many of so many seats must agree."""
    kind, _, figure = method.partition(":")
    match kind:
        case "any":
            return min(1, seats)
        case "ratio":
            return -(-seats * int(figure) // 100)  # rounded up: 60% of four are three
        case "count":
            return min(int(figure), seats)
        case _:
            return seats


Found = tuple[Verdict, frozenset[int]]
_NOBODY: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Table:
    seats: Sequence[Seat]
    around: dict[tuple[int, str], dict[int, list[Seat]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for seat in self.seats:
            if seat.parent is not None:
                self.around.setdefault((seat.parent, seat.place), {}).setdefault(seat.batch, []).append(seat)

    def group(self, members: Iterable[Seat], method: str) -> Found:
        """A group's verdict, and who of it may decide now."""
        live = sorted((seat for seat in members if seat.status != Mark.GONE), key=lambda seat: (seat.ordinal, seat.id))
        judged = [(seat, *self.seat(seat)) for seat in live]
        if method == "turn":
            for _, verdict, may_decide in judged:
                if verdict is not Verdict.APPROVED:
                    return verdict, may_decide
            return Verdict.APPROVED, _NOBODY
        may_decide = frozenset(one for _, verdict, may in judged if verdict is Verdict.UNDECIDED for one in may)
        return _counted(judged, method), may_decide

    def seat(self, seat: Seat) -> Found:
        """A seat's verdict, with those around it."""
        if seat.status == Mark.REJECTED:
            return Verdict.REJECTED, _NOBODY
        agreed = seat.status in (Mark.APPROVED, Mark.SKIPPED)
        before, may_before = self._batches(seat, Place.BEFORE)
        if before is not Verdict.APPROVED:
            return before, may_before
        beside, may_beside = self._batches(seat, Place.BESIDE)
        if beside is Verdict.REJECTED:
            return beside, _NOBODY
        if not agreed:
            return Verdict.UNDECIDED, may_beside | self._own(seat)
        after, may_after = self._batches(seat, Place.AFTER)
        if after is Verdict.REJECTED:
            return after, _NOBODY
        whole = Verdict.APPROVED if beside is after is Verdict.APPROVED else Verdict.UNDECIDED
        return whole, may_beside | may_after

    def _own(self, seat: Seat) -> frozenset[int]:
        """Who decides on the seat itself: the one whom it is lent to, until they have said what they think."""
        lent = [one for batch in self.around.get((seat.id, Place.LENT), {}).values() for one in batch]
        advising = frozenset(one.id for one in lent if one.status in (Mark.OPEN, Mark.WAITING))
        return advising or frozenset({seat.id})

    def _batches(self, seat: Seat, place: Place) -> Found:
        verdict, may_decide = Verdict.APPROVED, _NOBODY
        for batch in self.around.get((seat.id, place), {}).values():
            found, may = self.group(batch, batch[0].method)
            if found is Verdict.REJECTED:
                return found, _NOBODY
            if found is Verdict.UNDECIDED:
                verdict, may_decide = found, may_decide | may
        return verdict, may_decide


def _counted(judged: Sequence[tuple[Seat, Verdict, frozenset[int]]], method: str) -> Verdict:
    approved = sum(verdict is Verdict.APPROVED for _, verdict, _ in judged)
    rejected = sum(verdict is Verdict.REJECTED for _, verdict, _ in judged)
    need = needed(method, len(judged))
    if method == "any":
        if approved or not judged:
            return Verdict.APPROVED
        return Verdict.REJECTED if rejected else Verdict.UNDECIDED
    must = [verdict for seat, verdict, _ in judged if seat.required]
    if Verdict.REJECTED in must or len(judged) - rejected < need:
        return Verdict.REJECTED
    if approved >= need and all(verdict is Verdict.APPROVED for verdict in must):
        return Verdict.APPROVED
    return Verdict.UNDECIDED
