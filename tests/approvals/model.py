"""A second opinion on approvals, from what people were promised and not from the program: what may be done, and then?

Nothing here knows storage or the handbook. People are numbers; a refused act raises `Refused` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

from tests.approvals.chairs import UNDECIDED, Chair, Room

NOBODY, MANAGER = 0, -1
"""In a step's list of people: a name that nobody has, and whomever the requester reports to."""
MINUTE = 60
AROUND = ("before", "beside", "after")


class Refused(Exception):
    """That may not be done, by this person, now."""


@dataclass(frozen=True)
class Rule:
    """One step: who decides, how together, who must agree, and from which amount on it is walked."""

    people: tuple[int, ...]
    mode: str = "all"
    required: tuple[int, ...] = ()
    from_amount: int | None = None


@dataclass(frozen=True)
class Law:
    """A template, as far as its chain goes."""

    steps: tuple[Rule, ...]
    same_person: str = "once"
    own: str = "head"
    nobody: str = "steward"
    again: str = "start"
    may_withdraw: bool = True


@dataclass
class World:
    """Who reports to whom, who keeps the approvals and the machine, and who stands in for whom just now."""

    managers: dict[int, int]
    steward: int
    admin: int
    deputies: dict[int, int] = field(default_factory=dict)

    def stand_in(self, person: int, avoid: int) -> int:
        asked = [person]
        while len(asked) <= 5:
            deputy = self.deputies.get(asked[-1])
            if deputy is None or deputy in asked or deputy == avoid:
                break
            asked.append(deputy)
        return asked[-1]

    def leads_back(self, person: int, deputy: int) -> bool:
        at: int | None = deputy
        for _ in range(len(self.deputies) + 1):
            if at == person:
                return True
            at = self.deputies.get(at) if at is not None else None
        return False


@dataclass
class Question:
    """A question that somebody was asked."""

    by: int
    of: int
    is_open: bool = True


@dataclass
class Case:
    """A request. Acts raise `Refused`, and then nothing has happened."""

    law: Law
    world: World
    requester: int
    amount: int
    now: float = 0.0
    status: str = "pending"
    aim: str = "grant"
    step: int = -1
    round: int = 1
    resume: int | None = None
    paused: bool = False
    chairs: list[Chair] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    last: tuple[int, float, Case] | None = None
    looks: tuple[int, int] | None = None
    """The number of the seat from which somebody says that they are looking at it, and who."""

    # What a person does: `by` is who, `chair` the number of the seat that it is about.

    def file(self) -> None:
        """Somebody asks."""
        self._set_off(None)

    def approve(self, by: int, chair: int) -> None:
        self._decide(by, chair, "approved")

    def reject(self, by: int, chair: int) -> None:
        self._decide(by, chair, "rejected")

    def advise(self, by: int, chair: int, agrees: bool) -> None:
        seat = self._own(by, chair, advises=True)
        with_before = self._snapshot()
        seat.mark, seat.by = ("approved" if agrees else "rejected"), by
        self.settle()
        self._done(by, with_before)

    def send_back(self, by: int, chair: int, to: int | None) -> None:
        seat = self._own(by, chair)
        if self.aim == "withdraw" or (to is not None and not (to in self.path() and to < self.step)):
            raise Refused
        before = self._snapshot()
        self._let_go()
        if to is None:
            self.resume = seat.step
            self._stop("returned")
        else:
            self.round += 1
            self._begin_or_refuse(to)
        self._done(by, before)

    def transfer(self, by: int, chair: int, to: int) -> None:
        seat = self._own(by, chair)
        deputy = self._newcomer(by, to)
        before = self._snapshot()
        seat.person, seat.for_, seat.mark = deputy, to if deputy != to else None, "waiting"
        self.settle()
        self._done(by, before)

    def delegate(self, by: int, chair: int, to: int) -> None:
        seat = self._own(by, chair)
        self._newcomer(by, to, stands_in=False)
        before = self._snapshot()
        self._put(Chair(0, step=seat.step, person=to, place="lent", parent=seat.number, adder=by))
        self.settle()
        self._done(by, before)

    def take_back(self, by: int, chair: int) -> None:
        seat = self._chair(chair)
        lent = [one for one in self._around(seat) if one.place == "lent" and one.mark in UNDECIDED]
        if seat.person != by or seat.mark not in UNDECIDED or not lent:
            raise Refused
        before = self._snapshot()
        for one in lent:
            one.mark = "gone"
        self.settle()
        self._done(by, before)

    def add(self, by: int, chair: int, place: str, people: Sequence[int], mode: str) -> None:
        seat = self._own(by, chair)
        if place not in AROUND or mode not in ("all", "any", "turn") or not people:
            raise Refused
        if len(self._here()) + len(set(people)) > 60 or self._depth(seat) >= 5:
            raise Refused
        before = self._snapshot()
        fresh: list[Chair] = []
        for order, person in enumerate(dict.fromkeys(people)):
            sits = self._newcomer(by, person)
            if sits not in [one.person for one in fresh]:
                stood = person if sits != person else None
                fresh.append(Chair(0, step=seat.step, person=sits, for_=stood, place=place, parent=seat.number,
                                   mode=mode, order=order, adder=by))  # fmt: skip
        batch = len(self.chairs) + 1
        for one in fresh:
            self._put(replace(one, batch=batch))
        self.settle()
        self._done(by, before)

    def take_off(self, by: int, chair: int) -> None:
        seat = self._chair(chair)
        if seat.adder != by or seat.place not in AROUND or seat.mark not in UNDECIDED:
            raise Refused
        before = self._snapshot()
        self._take_off(seat)
        self.settle()
        self._done(by, before)

    def claim(self, by: int, chair: int) -> None:
        seat = self._own(by, chair)
        mates = [one for one in self._here() if (one.step, one.place, one.mark) == (seat.step, "step", "open")]
        is_one_of_many = seat in mates and len(mates) > 1 and self.law.steps[seat.step].mode == "any"
        if not is_one_of_many or self.looks == (chair, by):
            raise Refused
        self.looks = chair, by

    def release(self, by: int, chair: int) -> None:
        self._own(by, chair)
        if self.looks != (chair, by):
            raise Refused
        self.looks = None

    def look_again(self) -> None:
        """After whatever has happened: who has no open seat any more from which they looked at it, looks no more."""
        if self.looks is not None:
            seat = self.chairs[self.looks[0] - 1]
            if (seat.mark, seat.person, seat.round) != ("open", self.looks[1], self.round):
                self.looks = None

    def ask(self, by: int, chair: int, of: int) -> None:
        seat = self._chair(chair)
        if seat.person != by or seat.mark != "open" or of == by or sum(one.is_open for one in self.questions) >= 5:
            raise Refused
        self._still_stands_in(seat)
        self.questions.append(Question(by, of))
        self.paused, self.last = True, None

    def answer(self, by: int, question: int) -> None:
        asked = self.questions[question]
        if asked.of != by or not asked.is_open or self.status != "pending":
            raise Refused
        asked.is_open = False
        self.paused = self.paused and any(one.is_open for one in self.questions)
        self.last = None

    def resubmit(self, by: int, amount: int) -> None:
        if by != self.requester or self.status != "returned":
            raise Refused
        was, agreed = self.amount, [step for step in self.path() if step < (self.resume or 0)]
        self.amount, self.round, self.last = amount, self.round + 1, None
        is_no_more = amount <= was and agreed == [step for step in self.path() if step < (self.resume or 0)]
        self._set_off(self.resume if self.law.again == "here" and is_no_more else None)

    def withdraw(self, by: int) -> None:
        if by != self.requester or self.status not in ("pending", "returned"):
            raise Refused
        before = self._snapshot()
        if self.aim == "withdraw":
            self._end("approved")
            self.last = None
        else:
            self._end("withdrawn")
            self._done(by, before)

    def withdraw_granted(self, by: int) -> None:
        if by != self.requester or self.status != "approved" or not self.law.may_withdraw:
            raise Refused
        self.aim, self.status, self.last, self.round = "withdraw", "pending", None, self.round + 1
        path = self.path()
        if path:
            self._begin_or_refuse(path[0])
        else:
            self._grant()

    def terminate(self, by: int) -> None:
        if by not in (self.world.steward, self.world.admin) or self.status not in ("pending", "returned"):
            raise Refused
        self._end("approved" if self.aim == "withdraw" else "terminated")
        self.last = None

    def undo(self, by: int) -> None:
        if self.last is None or self.last[0] != by or self.now - self.last[1] > MINUTE:
            raise Refused
        was, newer = self.last[2], self.chairs[len(self.last[2].chairs) :]
        for one in newer:
            one.mark = "gone"
        self.chairs = was.chairs + newer
        self.status, self.aim, self.step, self.round = was.status, was.aim, was.step, was.round
        self.resume, self.paused, self.questions, self.last = was.resume, was.paused, was.questions, None
        self.call_back()

    # What the absence of people does to it.

    def deputise(self, person: int) -> None:
        """Somebody is away from now on; their deputy gets what waits for them, unless they sit there already."""
        mine = [one for one in self._here() if one.person == person and one.mark in UNDECIDED]
        moved = False
        for one in mine if self.status == "pending" else ():
            deputy = self.world.stand_in(person, self.requester)
            if deputy != person and not self._sits(deputy, one.step):
                one.person, one.for_, one.mark, moved = deputy, one.for_ or person, "waiting", True
        self._moved(moved)

    def call_back(self) -> None:
        """Somebody is back: each seat in another's place goes to whoever should sit there now, never to sit twice."""
        moved = False
        for one in self._here() if self.status == "pending" else ():
            if one.for_ is None or one.mark not in UNDECIDED:
                continue
            sits = self.world.stand_in(one.for_, self.requester)
            if not self._sits(sits, one.step):
                one.person, one.for_ = sits, None if sits == one.for_ else one.for_
                one.mark, moved = "waiting", True
        self._moved(moved)

    def _moved(self, moved: bool) -> None:
        if moved:
            self.settle()
            self.last = None
            self.look_again()

    # What can be asked of it.

    def sits_twice(self) -> int | None:
        """Somebody who has two seats to decide at one step: a rule that must never be broken."""
        seats = [(one.step, one.person) for one in self._here() if one.mark in UNDECIDED]
        return next((person for n, (step, person) in enumerate(seats) if (step, person) in seats[:n]), None)

    def path(self) -> list[int]:
        """The steps that it walks."""
        return [n for n, rule in enumerate(self.law.steps) if not rule.from_amount or self.amount >= rule.from_amount]

    # How it goes on.

    def settle(self) -> None:
        """Goes on for as long as the step that it stands at has been decided."""
        while True:
            room = Room([one for one in self._here() if one.step == self.step], self.law.steps[self.step].mode)
            word = room.word()
            if word == "open":
                deciders = room.deciders()
                for one in room.chairs:
                    if one.mark in UNDECIDED:
                        one.mark = "open" if one.number in deciders else "waiting"
                return None
            for one in room.chairs:
                one.mark = "gone" if one.mark in UNDECIDED else one.mark
            ahead = [n for n in self.path() if n > self.step]
            if word == "yes" and not ahead:
                return self._grant()
            if word == "no" or not self._begin(ahead[0]):
                return self._no()

    def _set_off(self, resume: int | None) -> None:
        self.status, path = "pending", self.path()
        self.resume, self.step = None, -1
        if not path:
            self._grant()
        else:
            self._begin_or_refuse(resume if resume in path and resume is not None else path[0])

    def _begin_or_refuse(self, step: int) -> None:
        if self._begin(step):
            self.settle()
        else:
            self._no()

    def _begin(self, step: int) -> bool:
        self.step = step
        rule, avoid = self.law.steps[step], self.requester
        wanted = [(one, one in self._named(rule.required), False) for one in self._named(rule.people)]
        over = self.world.managers.get(self.requester)
        if self.law.own == "head":
            wanted = [(over if one == avoid else one, must, False) for one, must, _ in wanted if one != avoid or over]  # type: ignore[misc]
        elif self.law.own == "skip":
            wanted = [(one, must, one == avoid) for one, must, _ in wanted]
        if not wanted:
            return self._for_want_of_anybody()
        seats = [
            (one if skips else self.world.stand_in(one, avoid), one, must, skips)
            for one, must, skips in _merged(wanted)
        ]
        own = [sits for sits, one, _, _ in seats if sits == one]
        kept = [
            seat for n, seat in enumerate(seats)
            if seat[0] == seat[1] or (seat[0] not in own and seat[0] not in [one[0] for one in seats[:n]])
        ]  # fmt: skip
        agreed = self._agreed(step)
        for order, (sits, one, _, skips) in enumerate(kept):
            must = any(other[2] for other in seats if other[0] == sits)
            mark = "skipped" if skips or sits in agreed else "waiting"
            self._put(Chair(0, step=step, person=sits, for_=one if sits != one else None, order=order, must=must,
                            mark=mark))  # fmt: skip
        return True

    def _named(self, people: Sequence[int]) -> list[int]:
        over = self.world.managers.get(self.requester, NOBODY)
        return [one for one in dict.fromkeys(over if one == MANAGER else one for one in people) if one != NOBODY]

    def _for_want_of_anybody(self) -> bool:
        if self.law.nobody != "steward":
            return self.law.nobody == "approve"
        for one in (self.world.steward, self.world.managers.get(self.world.steward)):
            if one is not None and one != self.requester:
                sits = self.world.stand_in(one, self.requester)
                self._put(Chair(0, step=self.step, person=sits, for_=one if sits != one else None, must=True))
                return True
        raise Refused

    def _agreed(self, step: int) -> set[int]:
        """Who has approved already, and is not asked again."""
        path = self.path()
        before = path[path.index(step) - 1] if path.index(step) else None
        said = [one for one in self._here() if one.mark == "approved" and one.place != "lent" and one.by is not None]
        match self.law.same_person:
            case "once":
                return {one.by for one in said if one.by}
            case "consecutive":
                return {one.by for one in said if one.step == before and one.by}
        return set()

    def _grant(self) -> None:
        self._end("withdrawn" if self.aim == "withdraw" else "approved", keep_aim=True)

    def _no(self) -> None:
        self._end("approved" if self.aim == "withdraw" else "rejected")

    def _end(self, status: str, keep_aim: bool = False) -> None:
        self._let_go()
        self._stop(status)
        self.aim = self.aim if keep_aim else "grant"

    def _stop(self, status: str) -> None:
        """It stands at no step, and no question matters any more."""
        self.status, self.step, self.paused = status, -1, False
        for one in self.questions:
            one.is_open = False

    def _let_go(self) -> None:
        for one in self._here():
            one.mark = "gone" if one.mark in UNDECIDED else one.mark

    # Seats.

    def _here(self) -> list[Chair]:
        return [one for one in self.chairs if one.round == self.round]

    def _chair(self, number: int) -> Chair:
        seat = self.chairs[number - 1]
        if self.status != "pending" or seat.round != self.round:
            raise Refused
        return seat

    def _own(self, by: int, number: int, advises: bool = False) -> Chair:
        seat = self._chair(number)
        if seat.person != by or seat.mark != "open" or (seat.place == "lent") != advises:
            raise Refused
        self._still_stands_in(seat)
        return seat

    def _still_stands_in(self, seat: Chair) -> None:
        """A deputy decides for as long as they are one; or where nobody else could take the seat."""
        if seat.for_ is not None:
            sits = self.world.stand_in(seat.for_, self.requester)
            if sits != seat.person and not self._sits(sits, seat.step):
                raise Refused

    def _newcomer(self, by: int, person: int, stands_in: bool = True) -> int:
        """Who sits down where this person is called, if they may."""
        if person in (by, NOBODY) or (person == self.requester and self.law.own != "self"):
            raise Refused
        sits = self.world.stand_in(person, self.requester) if stands_in else person
        if self._sits(sits, self.step):
            raise Refused
        return sits

    def _sits(self, person: int, step: int) -> bool:
        return any(one.person == person and one.step == step and one.mark != "gone" for one in self._here())

    def _put(self, chair: Chair) -> None:
        self.chairs.append(replace(chair, number=len(self.chairs) + 1, round=self.round))

    def _around(self, seat: Chair) -> list[Chair]:
        return [one for one in self.chairs if one.parent == seat.number]

    def _take_off(self, seat: Chair) -> None:
        seat.mark = "gone" if seat.mark in UNDECIDED else seat.mark
        for one in self._around(seat):
            self._take_off(one)

    def _depth(self, seat: Chair) -> int:
        return 0 if seat.parent is None else 1 + self._depth(self.chairs[seat.parent - 1])

    def _decide(self, by: int, chair: int, mark: str) -> None:
        seat = self._own(by, chair)
        before = self._snapshot()
        seat.mark, seat.by = mark, by
        self.settle()
        self._done(by, before)

    def _snapshot(self) -> Case:
        return replace(self, chairs=deepcopy(self.chairs), questions=deepcopy(self.questions), last=None)

    def _done(self, by: int, before: Case) -> None:
        """What was done may be undone for a minute; but not the end of a wish to take back what was granted."""
        is_final = before.aim == "withdraw" and self.status != "pending"
        self.last = None if is_final else (by, self.now, before)


def _merged(wanted: Sequence[tuple[int, bool, bool]]) -> list[tuple[int, bool, bool]]:
    """Everybody once, who must agree if they must by any rule."""
    return [
        (one, any(must for other, must, _ in wanted if other == one), skips)
        for n, (one, _, skips) in enumerate(wanted)
        if one not in [other for other, _, _ in wanted[:n]]
    ]


def tries(case: Case, act: Callable[[Case], None]) -> bool:
    """Whether the act is allowed; if so it has happened, if not nothing has."""
    before = replace(case, chairs=deepcopy(case.chairs), questions=deepcopy(case.questions))
    try:
        act(case)
        case.look_again()
    except Refused:
        for name in case.__dataclass_fields__:
            setattr(case, name, getattr(before, name))
        return False
    return True
