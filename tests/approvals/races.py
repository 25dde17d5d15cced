"""Races for approvals: what several people do to one request in the same moment, and what must be true afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from bot.answer import Answer, Outcome
from bot.events import Pressed, Submitted
from config.handbook import Handbook
from config.handbook.approvals import Budgets, Template
from config.text import Money
from storage import approvals, budgets, deputies
from storage.approvals import Act, Request, Second, Status, Task, Went
from storage.budgets import Budget, Drawing
from storage.history import Step
from storage.people import Employee
from storage.work import Work
from tests.town import Person, Town, english, handbook, line

PLATFORMS = ("slack", "telegram", "web")
NUMBERS = count(1)
DECIDED = ("approve", "reject", "return")
ENDS = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN, Status.TERMINATED)


def template(*steps: dict[str, Any], **rules: Any) -> Template:
    """A template that asks for words and an amount."""
    label = {"zh": "问题", "en": "Question"}
    fields = {"what": {"label": label, "ask": "line"}, "amount": {"label": label, "ask": "money"}}
    named = [{"name": {"zh": f"第{n}步", "en": f"Step {n}"}, **step} for n, step in enumerate(steps, 1)]
    rest: dict[str, Any] = {"withdraw_within": "24h", "room": "managers", **rules}
    return Template.model_validate(
        {"name": {"zh": "申请", "en": "Request"}, "clause": "1.3.2", "fields": fields, "steps": named, **rest}
    )


def by(*names: str, mode: str = "all") -> dict[str, Any]:
    """A step at which these people decide."""
    return {"by": [f"person:{name}" for name in names], "mode": mode}


TEAM = ("Dana", "Omar", "Hana", "Boss", "Lin", "Fay", "Gus")


@cache
def book() -> Handbook:
    """The town's handbook, with kinds of requests to race for."""
    templates = {
        "one": template(by("Hana")),
        "any": template(by("Dana", "Omar", "Hana", mode="any")),
        "all": template(by(*TEAM)),
        "two": template(by("Hana"), by("Lin")),
        "spend": template(by("Hana"), budget=True),
        "much": template(by("Hana"), confirm_from=500),
    }
    shipped = handbook()
    limit = {"sales": {"period": "month", "amount": 100, "templates": ["spend"]}}
    chapter = shipped.approvals.model_copy(
        update={"templates": templates, "budgets": Budgets.model_validate(limit), "digest": None}
    )
    return shipped.model_copy(update={"approvals": chapter})


async def acts(town: Town, person: Person, does: Callable[[Work], Awaitable[Any]], via: str = "slack") -> Any:
    """Somebody does something to the records, without a word to anybody."""
    async with town.database.unit(town.clock(), via=via) as work:
        work.by = await work.session.get(Employee, person.id)
        return await does(work)


async def filed(town: Town, key: str, amount: int = 60, who: Person | None = None, what: str = "Taxi") -> Went:
    """Sam asks for something."""
    answers = {"what": what, "amount": Money(amount * 100, "CNY")}
    went: Went = await acts(town, who or town.sam, lambda work: approvals.file(work, key, answers, {}))
    return went


async def press(person: Person, on: str, action: str) -> Answer:
    """A press of a button, which may be forged or old."""
    seat = person.on(on)
    return await person.town.desk.handle(Pressed(f"race-{next(NUMBERS)}", seat.who, seat.here, action))


async def submit(person: Person, on: str, form: str, about: str | None = None, **answers: Any) -> Answer:
    """A form that is sent, which may be forged or old."""
    seat = person.on(on)
    event = Submitted(f"race-{next(NUMBERS)}", seat.who, seat.here, form, answers, about)
    return await person.town.desk.handle(event)


@dataclass
class Race:
    """What people do at once to these requests; `may_end` are the states in which the first may be afterwards.

    `winners` is how many may succeed: the least and the most. `name` says which one it was, where it fails.
    """

    name: str
    requests: Sequence[int]
    deeds: Sequence[Awaitable[Answer]]
    may_end: Sequence[str]
    winners: tuple[int, int]

    async def run(self, town: Town) -> None:
        """Runs it, and asserts what must be true of every race."""
        answers = await asyncio.gather(*self.deeds)

        done = [one for one in answers if one.outcome == Outcome.DONE]
        said = [(str(one.outcome), line(one.reply, english)) for one in answers]
        assert {one.outcome for one in answers} <= {Outcome.DONE, Outcome.REFUSED}, (self.name, said)
        assert self.winners[0] <= len(done) <= self.winners[1], (self.name, said)
        assert all(words for _, words in said), (self.name, "somebody was told nothing", said)
        first = await town.row(Request, self.requests[0])
        assert first.status in self.may_end, (self.name, first.status, said)
        for request_id in self.requests:
            await _holds(town, request_id, self.name)


async def _holds(town: Town, request_id: int, name: str) -> None:
    """One outcome; each seat decided once; the trail and the history tell the same story as the record."""
    request: Request = await town.row(Request, request_id)
    trail = await town.rows(select(Act).where(col(Act.request_id) == request_id).order_by(col(Act.id)))
    tasks = await town.rows(select(Task).where(col(Task.request_id) == request_id).order_by(col(Task.id)))
    steps = await town.rows(select(Step).where(col(Step.about) == f"approvals:{request_id}").order_by(col(Step.id)))
    moves = [(one.before, one.after) for one in steps if one.after]
    told = [one.what for one in trail]

    chained = [after for _, after in moves[:-1]] == [before for before, _ in moves[1:]]
    assert chained, (name, "the history has a gap", moves)
    assert moves[-1][1] == request.status, (name, moves, request.status)
    ended = sum(before not in ENDS and after in ENDS for before, after in moves)
    assert ended - told.count("undo") <= 1, (name, "it ended twice", moves)
    assert request.version == 1 + len(moves), (name, request.version, moves)

    looked_at = [one.id for one in tasks if one.claimed_at is not None]
    assert len(looked_at) <= 1, (name, "two say that they are looking at it", told)
    assert looked_at or told[-1] != "claim", (name, "nobody looks at it", told)

    for task in tasks:
        decided = [one.what for one in trail if one.task_id == task.id and one.what in DECIDED]
        assert len(decided) - told.count("undo") <= 1, (name, "a seat was decided twice", task.id, told)
        if task.status in ("approved", "rejected"):
            assert decided, (name, "a seat was decided without a trace", task.id, told)
    if request.status == Status.PENDING:
        assert [one for one in tasks if one.status == "open"], (name, "it waits for nobody", told)
    else:
        left = [one.id for one in tasks if one.status in ("open", "waiting")]
        assert left == [], (name, "seats are left", left, told)


async def budget_holds(town: Town) -> None:
    """What is drawn is what the drawings say, one for each granted request, and never more than is allowed."""
    granted = await town.rows(
        select(Request).where(col(Request.template) == "spend", col(Request.status) == Status.APPROVED)
    )
    drawn = await town.rows(select(func.coalesce(func.sum(Drawing.minor), 0)))
    kept = await town.rows(select(func.coalesce(func.sum(Budget.drawn), 0)))
    assert drawn == kept == [sum(one.minor for one in granted)]
    assert drawn[0] <= 100 * 100


def _seat(went: Went, n: int = 0) -> Task:
    return went.opened[n]


def _about(task: Task) -> str:
    return f"approval_tasks:{task.id}:{task.version}"


def _approve(task: Task) -> str:
    return f"approvals.approve:{task.id}:{task.version}"


@dataclass
class Course:
    """All kinds of races in one town; each call sets one up."""

    town: Town
    dice: random.Random

    def all(self) -> list[Callable[[], Awaitable[Race]]]:
        """Each kind of race."""
        return [
            self.double_click, self.yes_against_no, self.all_at_once, self.against_withdrawal,
            self.against_termination, self.against_transfer, self.after_resubmission, self.ended_deputy,
            self.before_its_turn, self.undo_against_the_next, self.one_budget, self.second_confirmation,
            self.claims, self.claim_against_approval,
        ]  # fmt: skip

    def _on(self) -> str:
        return self.dice.choice(PLATFORMS)

    def _race(
        self, went: Went, deeds: list[Awaitable[Answer]], may_end: Sequence[str], winners: tuple[int, int],
        *others: Went,
    ) -> Race:  # fmt: skip
        self.dice.shuffle(deeds)
        requests = [went.request.id, *(one.request.id for one in others)]
        return Race("", requests, deeds, may_end, winners)

    async def double_click(self) -> Race:
        went = await filed(self.town, "one")
        deeds = [press(self.town.hana, self._on(), _approve(_seat(went))) for _ in range(self.dice.randint(2, 8))]
        return self._race(went, [*deeds], [Status.APPROVED], (1, 1))

    async def yes_against_no(self) -> Race:
        went, town = await filed(self.town, "any"), self.town
        people = {one.id: one for one in town.everybody}
        deeds: list[Awaitable[Answer]] = []
        for n, task in enumerate(went.opened):
            who = people[task.person_id]
            if n % 2:
                deeds.append(submit(who, self._on(), "deciding.Rejection", _about(task), why="No."))
            else:
                deeds.append(press(who, self._on(), _approve(task)))
        return self._race(went, deeds, [Status.APPROVED, Status.REJECTED], (1, 1))

    async def claims(self) -> Race:
        """All say that they are looking at it: each takes it over from the one before, and one has it at the end."""
        went, town = await filed(self.town, "any"), self.town
        people = {one.id: one for one in town.everybody}
        deeds = [
            press(people[task.person_id], self._on(), f"approvals.claim:{task.id}:{task.version}")
            for task in went.opened
        ]
        return self._race(went, [*deeds], [Status.PENDING], (len(went.opened), len(went.opened)))

    async def claim_against_approval(self) -> Race:
        """Whoever says that they are looking at it keeps nobody from deciding."""
        went, town = await filed(self.town, "any"), self.town
        people = {one.id: one for one in town.everybody}
        first, second, third = went.opened
        deeds = [
            press(people[first.person_id], self._on(), f"approvals.claim:{first.id}:{first.version}"),
            press(people[second.person_id], self._on(), f"approvals.claim:{second.id}:{second.version}"),
            press(people[third.person_id], self._on(), _approve(third)),
        ]
        return self._race(went, [*deeds], [Status.APPROVED], (1, 3))

    async def all_at_once(self) -> Race:
        went = await filed(self.town, "all")
        people = {one.id: one for one in self.town.everybody}
        deeds = [press(people[task.person_id], self._on(), _approve(task)) for task in went.opened]
        return self._race(went, [*deeds], [Status.APPROVED], (len(TEAM), len(TEAM)))

    async def against_withdrawal(self) -> Race:
        went, town = await filed(self.town, "one"), self.town
        deeds = [
            press(town.hana, self._on(), _approve(_seat(went))),
            press(town.sam, self._on(), f"approvals.withdraw:{went.request.id}"),
        ]
        return self._race(went, [*deeds], [Status.APPROVED, Status.WITHDRAWN], (1, 1))

    async def against_termination(self) -> Race:
        went, town = await filed(self.town, "one"), self.town
        form = f"approvals.why:terminate:{went.request.id}"
        deeds = [
            press(town.hana, self._on(), _approve(_seat(went))),
            submit(town.boss, self._on(), form, why="Stuck."),
            submit(town.ada, self._on(), form, why="Stuck."),
        ]
        return self._race(went, [*deeds], [Status.APPROVED, Status.TERMINATED], (1, 1))

    async def against_transfer(self) -> Race:
        went, town = await filed(self.town, "one"), self.town
        about = _about(_seat(went))
        deeds = [
            press(town.hana, self._on(), _approve(_seat(went))),
            submit(town.hana, self._on(), "signing.Transfer", about, to=town.boss.id),
            submit(town.hana, self._on(), "signing.Delegation", about, to=town.lin.id),
        ]
        return self._race(went, [*deeds], [Status.APPROVED, Status.PENDING], (1, 1))

    async def after_resubmission(self) -> Race:
        """The old button still stands where it stood; the request is another one now."""
        went, town = await filed(self.town, "one"), self.town
        old = _seat(went)
        await acts(town, town.hana, lambda work: self._sends_back(work, old.id))
        returned = await town.row(Request, went.request.id)
        claim = f"approvals:{returned.id}:{returned.version}"
        deeds = [
            press(town.hana, self._on(), _approve(old)),
            press(town.hana, self._on(), f"approvals.approve_here:{returned.id}:{returned.edition}"),
            submit(town.sam, self._on(), "approvals.change", claim, what="Tram", amount="5"),
            submit(town.sam, self._on(), "approvals.change", claim, what="Bus", amount="6"),
        ]
        return self._race(went, [*deeds], [Status.PENDING], (1, 1))

    @staticmethod
    async def _sends_back(work: Work, task_id: int) -> Went:
        return await approvals.send_back(work, await approvals.see_task(work, task_id), None, "Which taxi?")

    async def ended_deputy(self) -> Race:
        """Hana is back: whoever stood in for her presses what they still see."""
        town = self.town
        ship = await acts(town, town.hana, self._goes_away)
        went = await filed(town, "one")
        seat = _seat(went)
        assert (seat.person_id, seat.for_id) == (town.gus.id, town.hana.id)
        await acts(town, town.hana, lambda work: self._comes_back(work, ship.id))
        hers: Task = await town.row(Task, seat.id)
        deeds = [
            press(town.gus, self._on(), _approve(seat)),
            press(town.gus, self._on(), _approve(hers)),
            press(town.hana, self._on(), _approve(hers)),
        ]
        return self._race(went, [*deeds], [Status.APPROVED], (1, 1))

    async def _goes_away(self, work: Work) -> Any:
        ship = await deputies.name(work, self.town.gus.id, work.now, work.now + timedelta(days=1))
        await deputies.turn(work, ship)
        return ship

    @staticmethod
    async def _comes_back(work: Work, ship_id: int) -> None:
        await deputies.end(work, await deputies.see(work, ship_id))
        await approvals.hand_back(work, work.actor)

    async def before_its_turn(self) -> Race:
        """The second step's button does not exist yet, so it is forged: the next seat's number, the room's button."""
        went, town = await filed(self.town, "two"), self.town
        task, request = _seat(went), went.request
        deeds = [
            press(town.lin, self._on(), f"approvals.approve:{task.id + 1}:1"),
            press(town.lin, self._on(), _approve(task)),
            press(town.lin, self._on(), f"approvals.approve_here:{request.id}:{request.edition}"),
            submit(town.lin, self._on(), "deciding.Consent", _about(task), comment="Me first."),
            press(town.hana, self._on(), _approve(task)),
        ]
        return self._race(went, [*deeds], [Status.PENDING, Status.APPROVED], (1, 2))

    async def undo_against_the_next(self) -> Race:
        went, town = await filed(self.town, "two"), self.town
        went = await acts(town, town.hana, lambda work: self._approves(work, _seat(went).id))
        claim = f"approvals.undo:{went.request.id}:{went.request.version}"
        deeds = [press(town.hana, self._on(), claim), press(town.lin, self._on(), _approve(_seat(went)))]
        return self._race(went, [*deeds], [Status.PENDING, Status.APPROVED], (1, 1))

    @staticmethod
    async def _approves(work: Work, task_id: int) -> Went:
        return await approvals.approve(work, await approvals.see_task(work, task_id))

    async def one_budget(self) -> Race:
        """A hundred is allowed in the month, and each asks for sixty: one of them, until it is taken back."""
        town = self.town
        async with town.unit() as work:
            for used in await self._granted(work):
                await budgets.release(work, f"approvals:{used.id}")
                used.template = "spent"
        wants = [await filed(town, "spend", 60) for _ in range(self.dice.randint(2, 3))]
        deeds = [press(town.hana, self._on(), _approve(_seat(one))) for one in wants]
        return self._race(wants[0], [*deeds], [Status.PENDING, Status.APPROVED], (1, 1), *wants[1:])

    @staticmethod
    async def _granted(work: Work) -> list[Request]:
        rows = await work.session.execute(
            select(Request).where(col(Request.template) == "spend", col(Request.status) == Status.APPROVED)
        )
        return list(rows.scalars())

    async def second_confirmation(self) -> Race:
        """It counts once, from another place than the first; meanwhile it is approved, refused and withdrawn anew."""
        went, town = await filed(self.town, "much", 600), self.town
        seat = _seat(went)
        asked = await press(town.hana, "slack", _approve(seat))
        assert asked.outcome == Outcome.DONE, line(asked.reply, english)
        (second,) = await town.rows(select(Second).where(col(Second.task_id) == seat.id))
        claim = f"approvals.confirm_second:{second.id}:{second.version}"
        deeds = [
            press(town.hana, "slack", claim),
            *[press(town.hana, self.dice.choice(("telegram", "web")), claim) for _ in range(3)],
            press(town.gus, "telegram", claim),
        ]
        return self._race(went, [*deeds], [Status.APPROVED], (1, 1))
