"""Walks of chance through whole approvals: each act is done to the records and to the model, and both must agree."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook import Handbook
from config.handbook.approvals import Template
from config.text import Money
from storage import approvals, audit, deputies
from storage.approvals import Query, Request, Task
from storage.database import Database
from storage.errors import Refusal
from storage.people import Employee
from storage.work import Work
from tests.approvals.model import MANAGER, NOBODY, Case, Law, Refused, Rule, World, tries
from tests.town import MONDAY, handbook

NAMES = {1: "Dana", 2: "Omar", 3: "Hana", 4: "Boss", 5: "Sam", 6: "Lin", 7: "Ada"}
MANAGERS = {1: 3, 2: 3, 3: 4, 5: 4, 6: 4}
"""The town's people, and whom they report to. Boss keeps the approvals, Ada the machine."""
PEOPLE = tuple(NAMES)
MODES = ("all", "all", "any", "turn", "60%", "2")
MOST = 40


@dataclass(frozen=True)
class Deed:
    """One act: who does what, to which seat or question (its number), with what."""

    what: str
    by: int = 0
    at: int = 0
    given: tuple[Any, ...] = ()
    is_late: bool = False
    """It is done by a button that was shown before the last change."""


@dataclass
class Difference(Exception):
    """The records and the model disagree."""

    story: str


def a_law(dice: random.Random) -> Law:
    """A template of chance."""
    return Law(
        tuple(_a_rule(dice, n) for n in range(dice.randint(1, 4))),
        same_person=dice.choice(("once", "consecutive", "again")),
        own=dice.choice(("head", "skip", "self")),
        nobody=dice.choice(("steward", "approve", "reject")),
        again=dice.choice(("start", "here")),
        may_withdraw=dice.random() < 0.8,
    )


def _a_rule(dice: random.Random, n: int) -> Rule:
    people = tuple(dice.sample(PEOPLE, dice.choice((1, 1, 2, 2, 3, 4))))
    if dice.random() < 0.2:
        people = (MANAGER, *people[1:])
    if dice.random() < 0.05:
        people = (NOBODY,)
    mode = dice.choice(MODES)
    required = (people[0],) if mode[0].isdecimal() and dice.random() < 0.5 else ()
    return Rule(people, mode, required, dice.choice((None, None, None, 1000)) if n else None)


def as_template(law: Law) -> Template:
    """The same as the handbook writes it."""
    steps = [
        {
            "name": {"zh": f"第{n}步", "en": f"Step {n}"}, "by": [_written(one) for one in rule.people],
            "mode": rule.mode, "required": [_written(one) for one in rule.required],
            "when": [f"amount >= {rule.from_amount}"] if rule.from_amount else [],
        }
        for n, rule in enumerate(law.steps)
    ]  # fmt: skip
    return Template.model_validate(
        {
            "name": {"zh": "漫步", "en": "Walk"}, "clause": "1.3.2", "steps": steps, "same_person": law.same_person,
            "requester_is_approver": law.own, "no_approver": law.nobody, "resubmit": law.again,
            "withdraw_within": "40h" if law.may_withdraw else None,
            "fields": {"amount": {"label": {"zh": "金额", "en": "Amount"}, "ask": "money"}},
        }
    )  # fmt: skip


def _written(person: int) -> str:
    return {MANAGER: "manager", NOBODY: "person:Nobody"}.get(person) or f"person:{NAMES[person]}"


def book_with(law: Law) -> Handbook:
    """A handbook with this template alone."""
    book = handbook()
    return book.model_copy(
        update={"approvals": book.approvals.model_copy(update={"templates": {"walk": as_template(law)}})}
    )


@dataclass
class Walk:
    """One request from its beginning to its end, on both sides at once. `story` is what was done, in words."""

    session: AsyncSession
    law: Law
    requester: int
    amount: int
    world: World = field(default_factory=lambda: World(dict(MANAGERS), steward=4, admin=7))
    story: list[str] = field(default_factory=list)
    case: Case = field(init=False)
    request_id: int = 0
    seconds: int = 0
    book: Handbook = field(init=False)

    def __post_init__(self) -> None:
        self.case = Case(self.law, self.world, self.requester, self.amount)
        self.book = book_with(self.law)

    async def begins(self) -> bool:
        """Somebody asks. False where nobody can be found who may decide: then there is nothing to walk."""
        may = tries(self.case, Case.file)
        self.story.append(f"{self.law}\n{NAMES[self.requester]} asks for {self.amount}")

        async def file(work: Work) -> None:
            went = await approvals.file(work, "walk", self._answers(self.amount), {})
            self.request_id = went.request.id

        await self._both(may, self.requester, file)
        return may

    async def does(self, deed: Deed) -> bool:
        """One act on both sides; whether it was allowed. Raises `Difference` where the sides do not agree."""
        if deed.at > len(self.case.chairs) or (deed.what == "answer" and deed.at >= len(self.case.questions)):
            return False
        self.story.append(str(deed))
        if deed.what == "wait":
            self.seconds += deed.given[0]
            self.case.now = self.seconds
            return True
        may = self._model_may(deed)
        await self._both(may, deed.by, lambda work: self._really(work, deed))
        return may

    async def ends(self) -> None:
        """Nobody stands in for anybody any more, and what is under way is ended."""
        for person in list(self.world.deputies):
            await self.does(Deed("return", person))
        if self.case.status in ("pending", "returned"):
            await self.does(Deed("terminate", self.world.steward))

    def _model_may(self, deed: Deed) -> bool:
        match deed.what:
            case "away":
                return self._goes_away(deed.by, deed.given[0])
            case "return":
                if self.world.deputies.pop(deed.by, None) is None:
                    return False
                self.case.call_back()
                return True
        if deed.is_late:
            return False
        about = (deed.at,) if deed.at or deed.what == "answer" else ()
        return tries(self.case, lambda case: getattr(case, deed.what)(deed.by, *about, *deed.given))

    def _goes_away(self, person: int, deputy: int) -> bool:
        if person in self.world.deputies or self.world.leads_back(person, deputy):
            return False
        self.world.deputies[person] = deputy
        try:
            self.case.deputise(person)
        except Refused:
            del self.world.deputies[person]
            raise Difference("a deputy can't come in: " + "\n".join(self.story)) from None
        return True

    async def _really(self, work: Work, deed: Deed) -> None:
        if deed.what in ("away", "return"):
            await self._absent(work, deed)
            return
        if deed.what == "answer":
            query = await approvals.see_query(work, (await self._queries())[deed.at].id)
            await approvals.answer(work, query, "Because.")
            return
        if deed.at == 0:
            await self._to_the_request(work, deed)
            return
        task = await approvals.see_task(work, (await self._tasks())[deed.at - 1].id)
        if deed.is_late:
            task.version -= 1
            work.session.expunge(task)
        verb: Any = getattr(approvals, deed.what)
        match deed.what:
            case "approve" | "take_back" | "take_off" | "claim" | "release":
                await verb(work, task)
            case "advise" | "add":
                await verb(work, task, *deed.given, "So it is.")
            case "ask" | "transfer" | "delegate" | "send_back":
                await verb(work, task, deed.given[0], "Why?")
            case _:
                await verb(work, task, "No.")

    async def _to_the_request(self, work: Work, deed: Deed) -> None:
        if deed.what == "terminate":
            request = await approvals.look_over(work, self.request_id)
        else:
            request = await approvals.see(work, self.request_id)
        if deed.is_late:
            request.version -= 1
            work.session.expunge(request)
        match deed.what:
            case "resubmit":
                await approvals.resubmit(work, request, self._answers(deed.given[0]), {})
            case "undo":
                await approvals.undo(work, request)
            case "withdraw":
                await approvals.withdraw(work, request)
            case _:
                await getattr(approvals, deed.what)(work, request, "So it is.")

    async def _absent(self, work: Work, deed: Deed) -> None:
        if deed.what == "away":
            ship = await deputies.name(work, deed.given[0], work.now, work.now + timedelta(days=30))
            await deputies.turn(work, ship)
            deputy = await work.session.get(Employee, deed.given[0])
            assert deputy is not None
            await approvals.deputise(work, work.actor, deputy)
            return
        ship = (await deputies.of(work.session, deed.by) or (None,))[0]  # type: ignore[assignment]
        if ship is None:
            raise Refusal(deputies.NOT_THERE)
        await deputies.end(work, ship)
        await approvals.hand_back(work, work.actor)

    async def _both(self, may: bool, by: int, really: Any) -> None:
        """The real side, in a unit of work as the desk makes one; then both are compared."""
        actor = await self.session.get(Employee, by)
        now = MONDAY + timedelta(seconds=self.seconds)
        work = Work(self.session, now, self.book, actor, "slack")
        attempt = await work.attempt()
        try:
            await really(work)
            was_done = True
            await audit.seal(work)
            await attempt.keep()
        except Refusal as refusal:
            self.story.append(f"  refused: {refusal.text.id}")
            was_done = False
            await attempt.undo()
        self.session.expunge_all()
        if was_done != may:
            self._differs(f"the model says {'yes' if may else 'no'}, the records {'yes' if was_done else 'no'}")
        if self.request_id and (said := await self._stands()) != (expected := self._should_stand()):
            self._differs(f"records: {said}\nmodel:   {expected}")
        if twice := self.case.sits_twice():
            self._differs(f"{NAMES[twice]} sits twice at one step")
        if self.case.paused and not any(one.is_open for one in self.case.questions):
            self._differs("the clock stands still, and no question is open")

    async def _stands(self) -> Any:
        request = await self.session.get(Request, self.request_id)
        assert request is not None
        seats = [
            (one.round, one.step, one.person_id, one.for_id, str(one.place), str(one.status), bool(one.claimed_at))
            for one in await self._tasks()
        ]
        is_asked = [one.status == "open" for one in await self._queries()]
        whole = (str(request.status), str(request.aim), request.step, request.round, request.paused_at is not None)
        return *whole, seats, is_asked

    def _should_stand(self) -> Any:
        case = self.case
        looks = case.looks[0] if case.looks is not None else None
        seats = [
            (one.round, one.step, one.person, one.for_, one.place, one.mark, one.number == looks) for one in case.chairs
        ]
        whole = (case.status, case.aim, case.step, case.round, case.paused)
        return *whole, seats, [one.is_open for one in case.questions]

    def _differs(self, how: str) -> None:
        raise Difference("\n".join((*self.story, how)))

    async def _tasks(self) -> Sequence[Task]:
        rows = await self.session.execute(
            select(Task).where(col(Task.request_id) == self.request_id).order_by(col(Task.id))
        )
        return list(rows.scalars())

    async def _queries(self) -> Sequence[Query]:
        rows = await self.session.execute(
            select(Query).where(col(Query.request_id) == self.request_id).order_by(col(Query.id))
        )
        return list(rows.scalars())

    def _answers(self, amount: int) -> dict[str, Any]:
        return {"amount": Money(amount * 100, "CNY")}


SEAT_DEEDS = ("approve",) * 9 + ("reject", "send_back", "transfer", "delegate", "add", "add", "advise", "ask",
                                 "take_back", "take_off", "claim", "claim", "release")  # fmt: skip
CASE_DEEDS = ("withdraw", "withdraw_granted", "terminate", "undo", "undo", "undo", "resubmit", "answer", "answer",
              "away", "return", "wait")  # fmt: skip


def next_deed(dice: random.Random, walk: Walk) -> Deed:
    """What happens next: mostly something that may be done now, sometimes anything at all."""
    case = walk.case
    open_ = [one for one in case.chairs if one.mark == "open" and one.round == case.round]
    if dice.random() < 0.08 or not case.chairs:
        return _anything(dice, walk)
    if case.status == "pending" and dice.random() < 0.75 and open_:
        seat = dice.choice(open_)
        what = "advise" if seat.place == "lent" and dice.random() < 0.8 else dice.choice(SEAT_DEEDS)
        by = seat.person
        if what == "release" and case.looks is not None:
            seat = case.chairs[case.looks[0] - 1]
            by = seat.person
        waiting = [one for one in case.chairs if one.mark == "waiting" and one.round == case.round]
        if what in ("take_back", "take_off") and waiting + open_:
            seat = dice.choice(waiting + open_)
            by = seat.person if what == "take_back" else seat.adder or dice.choice(PEOPLE)
        return Deed(what, by, seat.number, _given(dice, what, walk), dice.random() < 0.03)
    return _to_the_case(dice, walk)


def _to_the_case(dice: random.Random, walk: Walk) -> Deed:
    case, what = walk.case, dice.choice(CASE_DEEDS)
    if case.status == "returned" and dice.random() < 0.6:
        what = "resubmit"
    elif what in ("withdraw", "terminate") and dice.random() < 0.6:
        what = "undo"
    by = {"terminate": walk.world.steward, "away": dice.choice(PEOPLE)}.get(what, case.requester)
    if what == "undo" and case.last is not None:
        by = case.last[0]
    if what == "return":
        by = dice.choice([*walk.world.deputies, dice.choice(PEOPLE)])
    if what == "answer":
        if not case.questions:
            return Deed("away", dice.choice(PEOPLE), 0, (dice.choice(PEOPLE),))
        at = dice.randrange(len(case.questions))
        return Deed("answer", case.questions[at].of, at)
    return Deed(what, by, 0, _given(dice, what, walk), what in ("withdraw", "terminate") and dice.random() < 0.1)


def _anything(dice: random.Random, walk: Walk) -> Deed:
    """By anybody, to any seat that there ever was."""
    what, by = dice.choice(SEAT_DEEDS + CASE_DEEDS), dice.choice(PEOPLE)
    at = dice.randint(1, len(walk.case.chairs)) if walk.case.chairs and what in SEAT_DEEDS else 0
    if what in SEAT_DEEDS and not at:
        what = "undo"
    if what == "answer":
        if not walk.case.questions:
            what = "undo"
        else:
            at = dice.randrange(len(walk.case.questions))
    return Deed(what, by, at, _given(dice, what, walk))


def _given(dice: random.Random, what: str, walk: Walk) -> tuple[Any, ...]:
    match what:
        case "advise":
            return (dice.random() < 0.6,)
        case "send_back":
            return (dice.choice((None, dice.randrange(len(walk.law.steps)))),)
        case "transfer" | "delegate" | "ask" | "away":
            return (dice.choice(PEOPLE),)
        case "add":
            people = dice.sample(PEOPLE, dice.choice((1, 1, 2, 2, 3)))
            return (dice.choice(("before", "beside", "after")), tuple(people), dice.choice(("all", "any", "turn")))
        case "resubmit":
            return (dice.choice((500, 2000)),)
        case "wait":
            return (dice.choice((5, 50, 90)),)
    return ()


async def walks(database: Database, seed: int) -> int:
    """One walk, from its seed; how many acts it had. Raises `Difference` with the shortest story that was found."""
    dice = random.Random(seed)
    start = (a_law(dice), dice.choice(PEOPLE), dice.choice((500, 2000)))
    deeds: list[Deed] = []
    try:
        async with database.session() as session:
            walk = Walk(session, *start)
            if not await walk.begins():
                return 0
            length = dice.randint(4, MOST)
            while len(deeds) < length:
                deeds.append(next_deed(dice, walk))
                await walk.does(deeds[-1])
            await walk.ends()
        return len(deeds)
    except Difference as difference:
        shortest = await _shortest(database, start, deeds)
        raise Difference(f"seed {seed}\n{shortest or difference.story}") from None


async def _shortest(database: Database, start: tuple[Law, int, int], deeds: list[Deed]) -> str | None:
    """Leaves out what is not needed for the difference."""
    story = await _differs(database, start, deeds)
    n = 0
    while story is not None and n < len(deeds):
        fewer = deeds[:n] + deeds[n + 1 :]
        found = await _differs(database, start, fewer)
        if found is None:
            n += 1
        else:
            story, deeds = found, fewer
    return story


async def _differs(database: Database, start: tuple[Law, int, int], deeds: list[Deed]) -> str | None:
    try:
        async with database.session() as session:
            walk = Walk(session, *start)
            if await walk.begins():
                for deed in deeds:
                    await walk.does(deed)
                await walk.ends()
    except Difference as difference:
        return difference.story
    return None
