"""How a request goes on: from step to step, each with its seats, until it is granted, refused, or taken back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col

from config.handbook.approvals import Allowance, Frozen, Step
from config.handbook.approvals.chain import Mark, Place, Seat, Verdict, judge
from config.text import Money, t
from storage import budgets, history
from storage.approvals import clock, seating
from storage.approvals.answers import unpack
from storage.approvals.reading import SHARED
from storage.approvals.tables import Aim, Copy, Query, Request, Status, Task
from storage.approvals.trail import record
from storage.errors import Refusal
from storage.history import FASTER
from storage.prepared import Prepared, changing, table_of
from storage.tables import insert_into
from storage.work import Work

MOVES: dict[str, set[str]] = {
    Status.PENDING: set(Status),
    Status.RETURNED: {Status.PENDING, Status.APPROVED, Status.REJECTED, Status.WITHDRAWN, Status.TERMINATED},
    Status.APPROVED: {Status.PENDING, Status.APPROVED, Status.WITHDRAWN},
    Status.REJECTED: {Status.PENDING},
    Status.WITHDRAWN: {Status.PENDING, Status.RETURNED},
}
"""Out of an end only an undoing leads, and out of an approval the wish to take it back. What is sent again may be
settled at once, where nobody is to be asked any more."""
UNDECIDED = (Mark.OPEN, Mark.WAITING)


@dataclass(slots=True)
class Went:
    """What came of an act: the seats that may decide now and could not before, and who is told of it as a copy."""

    request: Request
    opened: list[Task] = field(default_factory=list)
    ended: bool = False
    copied: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Going:
    """One act upon one request, which nobody else changes meanwhile. `keep` writes it all, or refuses."""

    work: Work
    request: Request
    frozen: Frozen
    tasks: list[Task]
    """The seats of the present round, at all its steps."""
    before: str = ""
    to: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    dropped: list[int] = field(default_factory=list)
    """Questions that were open, and need no answer any more."""
    went: Went = field(init=False)

    def __post_init__(self) -> None:
        self.went = Went(self.request)
        self.to = self.to or self.request.status

    @property
    def step(self) -> int:
        """The step that it stands at, as it will be kept."""
        return int(self.changes.get("step", self.request.step))

    @property
    def round(self) -> int:
        """The round, as it will be kept."""
        return int(self.changes.get("round", self.request.round))

    @property
    def edition(self) -> int:
        """The edition, as it will be kept."""
        return int(self.changes.get("edition", self.request.edition))

    @property
    def rule(self) -> Step:
        """The step's rule."""
        return self.frozen.template.steps[self.step]

    @property
    def worth(self) -> Money | None:
        """What it is about in money, as it will be kept."""
        minor = self.changes.get("minor", self.request.minor)
        return None if minor is None else Money(minor, self.changes.get("currency", self.request.currency))

    def path(self) -> tuple[int, ...]:
        """The steps that this request goes through."""
        answers = unpack(self.changes.get("answers", self.request.answers))
        return self.frozen.template.path(self.frozen.template.facts(answers, self.request.department))

    async def put(self, task: Task, **values: Any) -> None:
        """Changes a seat, guarded by its version, which rises: an older button can't be pressed any more.

        Whoever was looking at it from there, is no more.
        """
        await self.time(task, version=task.version + 1, claimed_at=None, **values)

    async def time(self, task: Task, **values: Any) -> None:
        """Changes what only the clock and the eye look at: nobody's button goes stale by it."""
        await self.work.session.flush()
        changed = _changed(tuple(values))
        if await changed.change(self.work.session, its_id=task.id, its_version=task.version, **values) != 1:
            raise Refusal(FASTER)
        for name, value in values.items():
            set_committed_value(task, name, value)

    async def begin(self, index: int) -> bool:
        """Seats people at a step; False where the rules settle it as refused, for nobody is there."""
        self.changes["step"] = index
        asked = await self._asked()
        table = await seating.seat(self.work, self.frozen, asked, index, self._agreed())
        for one in table.dropped:
            await self.note("merge", to=[one.person.id], detail=one.why,
                            for_id=one.for_person.id if one.for_person else None)  # fmt: skip
        if table.settled:
            await self.note("settle", detail=f"no_approver:{table.settled}")
            return table.settled == "approve"
        rows = [
            self._row(ordinal, one.person.id, one.why, required=one.required, skipped=bool(one.skips),
                      for_id=one.for_person.id if one.for_person else None)
            for ordinal, one in enumerate(table.placed)
        ]  # fmt: skip
        await self.seat(rows)
        await self.note("seat", to=[one.person.id for one in table.placed],
                        detail=",".join(one.why for one in table.placed)[:1000])  # fmt: skip
        for task, one in zip(rows, table.placed, strict=True):
            if one.skips:
                await self.note("skip", task=task, to=[one.person.id], detail=one.skips)
        return True

    def _row(
        self, ordinal: int, person_id: int, why: str, *, required: bool, skipped: bool, for_id: int | None
    ) -> Task:
        return Task(
            request_id=self.request.id, round=self.round, edition=self.edition, step=self.step, ordinal=ordinal,
            required=required, person_id=person_id, for_id=for_id, why=why,
            status=Mark.SKIPPED if skipped else Mark.WAITING,
        )  # fmt: skip

    async def seat(self, rows: Sequence[Task]) -> None:
        """Adds seats to the round."""
        self.work.session.add_all(rows)
        await self.work.session.flush()
        self.tasks += rows

    async def _asked(self) -> seating.Asked:
        asked = await seating.asked_of(self.work, self.request)
        answers = unpack(self.changes.get("answers", self.request.answers))
        chosen = {
            int(step): list(ids) for step, ids in json.loads(self.changes.get("chosen", self.request.chosen)).items()
        }
        return seating.Asked(asked.requester, asked.department, answers, chosen)

    def _agreed(self) -> list[tuple[int, int]]:
        """Who has approved in this round: (step, employee id). A round never spans two editions."""
        return [
            (task.step, task.decided_by_id)
            for task in self.tasks
            if task.round == self.round and task.status == Mark.APPROVED and task.decided_by_id is not None
            and task.place != Place.LENT
        ]  # fmt: skip

    async def settle(self) -> None:
        """Judges the step as it stands now: opens the seats whose turn it is, or goes on, or ends."""
        while True:
            here = [task for task in self.tasks if task.step == self.step and task.round == self.round]
            judgement = judge([_seat(task) for task in here], self.rule.method)
            if judgement.verdict is Verdict.UNDECIDED:
                for task in here:
                    await self._turned(task, task.id in judgement.may_decide)
                return
            await self.let_go(here)
            if judgement.verdict is Verdict.REJECTED:
                await self.refuse()
                return
            if not await self.go_on():
                return

    async def go_on(self) -> bool:
        """To the next step, if there is one; else it is granted. True where a step has begun that is to be judged."""
        path = self.path()
        ahead = [index for index in path if index > self.step]
        if not ahead:
            await self.grant()
            return False
        if not await self.begin(ahead[0]):
            await self.refuse()
            return False
        return True

    async def _turned(self, task: Task, may_decide: bool) -> None:
        if may_decide and task.status == Mark.WAITING:
            calendar, now = self.work.handbook.calendar, self.work.now
            timed = clock.opened(calendar, now, self.rule)
            if self.changes.get("paused_at", self.request.paused_at) is not None:
                timed = clock.held(calendar, now, timed)
            await self.put(task, status=str(Mark.OPEN), opened_at=task.opened_at or now, **timed)
            self.went.opened.append(task)
        elif not may_decide and task.status == Mark.OPEN:
            await self.put(task, status=str(Mark.WAITING), chase_at=None)

    async def let_go(self, tasks: Sequence[Task]) -> None:
        """Ends the seats that are not needed any more."""
        for task in tasks:
            if task.status in UNDECIDED:
                await self.put(task, status=str(Mark.GONE), chase_at=None)
                self.went.opened = [one for one in self.went.opened if one.id != task.id]

    async def grant(self) -> None:
        """All steps have agreed: what was asked for is granted, and its budget drawn on; or it is taken back."""
        if self.request.aim == Aim.WITHDRAW:
            await budgets.release(self.work, history.about(self.request))
            self.end(Status.WITHDRAWN)
            return
        worth = self.worth
        allowance = None if worth is None else allowance_of(self.work, self.frozen, self.request, worth.currency)
        if allowance is not None and worth is not None and worth.minor:
            await self._draw(allowance, worth.minor)
        self.end(Status.APPROVED)
        if self.frozen.template.copies_at == "end":
            await self.copy()

    async def _draw(self, allowance: Allowance, minor: int) -> None:
        try:
            await budgets.draw(self.work, allowance, history.about(self.request), minor)
        except Refusal:
            if self.frozen.template.amount_field not in self.rule.hides:
                raise
            raise Refusal(
                t("The budget is not enough for it. It takes a smaller amount, or a larger budget in the handbook.")
            ) from None

    async def refuse(self) -> None:
        """A step has said no. Where it was about taking back what was granted, it stays granted."""
        await self.let_go(self.tasks)
        if self.request.aim == Aim.WITHDRAW:
            self.changes["aim"] = str(Aim.GRANT)
            self.end(Status.APPROVED)
        else:
            self.end(Status.REJECTED)

    def end(self, status: Status) -> None:
        """Ends it as this: it stands at no step any more, and has been decided as of now."""
        stays = status == Status.APPROVED and self.request.aim == Aim.WITHDRAW  # as it was, and since then
        self.to = str(status)
        self.changes |= {"step": -1, "paused_at": None, **({} if stays else {"decided_at": self.work.now})}
        self.went.ended = True

    async def copy(self) -> None:
        """Those whom the template names may read it from now on, each once."""
        asked = await self._asked()
        for rule in self.frozen.template.copies:
            for person in await seating.select_people(self.work, self.frozen, asked, -1, rule):
                if person.id == self.request.requester_id:
                    continue
                row = insert_into(
                    self.work.session,
                    Copy,
                    request_id=self.request.id,
                    person_id=person.id,
                    why=str(rule),
                    told_at=self.work.now,
                )
                named = row.on_conflict_do_update(  # whom a colleague has shown it to before, is told now by rule
                    index_elements=["request_id", "person_id"], set_={"why": str(rule), "told_at": self.work.now},
                    where=col(Copy.why).startswith(SHARED),
                )  # fmt: skip
                fresh = await self.work.session.execute(named.returning(col(Copy.person_id)))
                if fresh.first() is not None:
                    self.went.copied.append(person.id)
        if self.went.copied:
            await self.note("copy", to=self.went.copied)

    async def note(self, what: str, **particulars: Any) -> None:
        """Writes a line into the trail, as of the round and step that it happens in."""
        await record(self.work, self.request, what, at=(self.edition, self.round, self.step), **particulars)

    async def keep(self, what: str, *, undoable: bool = False) -> Went:
        """Writes the request as it stands now: one guarded step. `undoable` keeps how it stood before."""
        if self.to != Status.PENDING:
            self.dropped = await self._drop_queries()
        is_final = self.went.ended and self.request.aim == Aim.WITHDRAW
        undo = self._undo(what) if undoable and not is_final else ""
        await history.move(
            self.work, self.request, self.to, MOVES, f"approvals.{what}", **{**self.changes, "undo": undo}
        )
        return self.went

    def _undo(self, what: str) -> str:
        by = {"by": self.work.actor.id, "what": what, "at": self.work.now.isoformat()}
        now = {"version": self.request.version + 1, "queries": self.dropped}
        return json.dumps({**by, **now, **json.loads(self.before)})

    async def _drop_queries(self) -> list[int]:
        """Questions that nobody need answer any more; returns which."""
        await self.work.session.flush()
        return [row[0] for row in await _DROPPED.rows(self.work.session, request=self.request.id)]


_QUERIES = table_of(Query)
_DROPPED = Prepared(
    update(_QUERIES)
    .where(_QUERIES.c.request_id == bindparam("request"), _QUERIES.c.status == "open")
    .values(status="dropped", version=_QUERIES.c.version + 1)
    .returning(_QUERIES.c.id)
)


@cache
def _changed(names: tuple[str, ...]) -> Prepared:
    return changing(Task, ("id", "version"), names)


def _seat(task: Task) -> Seat:
    return Seat(task.id, task.status, task.place, task.parent_id, task.batch, task.method, task.ordinal, task.required)


def allowance_of(work: Work, frozen: Frozen, request: Request, currency: str = "") -> Allowance | None:
    """The budget that a request draws on if it is granted today; None where its template draws on none."""
    currency = currency or request.currency
    if not frozen.template.budget or not currency:
        return None
    today = work.now.astimezone(ZoneInfo(work.handbook.company.zone)).date()
    return work.handbook.approvals.budgets.of(request.department, frozen.key, today, currency)
