"""Requests under way in the demo company: they are asked for, decided, sent back, and those who forget are reminded."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.answer import Answer
from bot.capability import form_name
from bot.ui.form import Asking
from config.handbook.approvals.chain import Mark
from handlers import deputies
from handlers.approvals import deciding, seconds, signing, talking
from handlers.demo.desks import Company
from handlers.demo.requests import Asked, Away, Deed
from storage import approvals, history
from storage.approvals import Case, Request, Task, lists
from storage.people import Employee

Life = AsyncGenerator[datetime, None]
"""Yields the moment that it waits for, and goes on when the clock has come there."""

MINUTE = timedelta(minutes=1)
SOON = (12 * MINUTE, 100 * MINUTE)
"""After how much working time somebody does what is theirs to do, unless the story says."""
ABSENT = timedelta(hours=16)
"""The working time for which somebody is away."""


class Errands:
    """What becomes of requests; each is a life of its own, at the company's clock."""

    def __init__(self, company: Company, seed: int = 1001) -> None:
        self.company = company
        self.calendar = company.handbook.calendar
        self.zone = ZoneInfo(company.handbook.company.zone)
        self.dice = random.Random(seed)  # its own, so that complaints go as they would without requests
        self._deeds: Mapping[str, Callable[[Case, Deed, Asked], Awaitable[object]]] = {
            "approve": self._approve, "reject": self._reject, "back": self._send_back, "resubmit": self._send_again,
            "transfer": self._transfer, "delegate": self._delegate, "advise": self._advise, "add": self._add,
            "ask": self._ask, "answer": self._answer, "comment": self._comment, "nudge": self._nudge,
            "withdraw": self._withdraw, "withdraw_granted": self._withdraw_granted,
        }  # fmt: skip

    async def life(self, told: Asked, at: datetime) -> Life:
        """From the asking to the end, or to where it stands today."""
        yield at
        back_at = await self._leaves(told.away) if told.away is not None else None
        request_id = await self._files(told)
        for deed in told.deeds:
            async for moment in self._awaited(request_id, self._when(deed)):
                yield moment
            await self._deeds[deed.do](await self._case(request_id), deed, told)
            await self.company.bring()
        async for moment in self._awaited(request_id, back_at):
            yield moment
        if back_at is not None:
            await self.company.tick()

    async def _awaited(self, request_id: int, until: datetime | None) -> Life:
        """The clock chases meanwhile whom it must; at last it is time for what comes next."""
        while (at := await self._chased_at(request_id, until or self.company.until)) is not None:
            yield max(at, self.company.now)
            await self.company.tick()
        if until is not None:
            yield until

    async def _chased_at(self, request_id: int, before: datetime) -> datetime | None:
        """When the clock next has something to say about this request; None where that is not `before`."""
        async with self.company.database.reading() as session:
            if not await approvals.chasing.ids(session, before):
                return None
        tasks = (await self._case(request_id)).tasks
        times = [task.chase_at for task in tasks if task.status == Mark.OPEN and task.chase_at is not None]
        return min((at for at in times if at < before), default=None)

    def _when(self, deed: Deed) -> datetime:
        least, most = SOON if deed.after is None else (deed.after * MINUTE,) * 2
        wait = least + (most - least) * self.dice.random()
        return self.calendar.add(self.company.now, wait).replace(microsecond=0)

    async def _leaves(self, away: Away) -> datetime:
        """Somebody names their deputy, from today on. Returns when they decide for themselves again."""
        today = self._today()
        until = self.calendar.add(self.company.now, ABSENT).astimezone(self.zone).date()
        answers = {
            "deputy": self._person(away.deputy).id, "since": today.isoformat(), "until": until.isoformat(),
            "reason": away.reason,
        }  # fmt: skip
        await self.company.submit(self._person(away.who), form_name(deputies.Away), answers)
        return datetime.combine(until + timedelta(days=1), datetime.min.time(), self.zone).astimezone(UTC)

    async def _files(self, told: Asked) -> int:
        """Asks, and hears where it goes. Returns the request's id."""
        by = self._person(told.by)
        answers = await self._answers(by, told, told.answers)
        await self.company.submit(by, f"approvals.request:{told.template}", answers)
        await self.company.bring()
        async with self.company.database.reading() as session:
            return await lists.newest_of(session, by.id)

    async def _answers(self, by: Employee, told: Asked, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Answers as the web brings them: days and colleagues by what the form wants, papers as files."""
        fields = self.company.handbook.approvals.templates[told.template].fields
        asks = {name: fields[name].ask if name in fields else "people" for name in answers}
        given: dict[str, Any] = {}
        for name, answer in answers.items():
            match asks[name]:
                case "day":
                    given[name] = (self._today() + timedelta(days=answer)).isoformat()
                case "people":
                    given[name] = [self._person(one).id for one in answer]
                case "files":
                    words = "\n".join(
                        str(answers[one]) for one in answers if asks[one] in ("line", "paragraph", "money")
                    )
                    given[name] = [await self.company.upload(by, file, words) for file in answer]
                case _:
                    given[name] = answer if isinstance(answer, list) else str(answer)
        return given

    async def _approve(self, case: Case, deed: Deed, told: Asked) -> None:
        """Agrees; where that wants a second confirmation, by the request's number."""
        seat, by = self._seat(case, deed)
        if deed.text:
            answer = await self._fill(by, form_name(deciding.Consent), seat, comment=deed.text)
        else:
            answer = await self.company.tap(by, f"approvals.approve:{seat.id}:{seat.version}")
        if isinstance(answer.reply, Asking):
            again = {"number": case.request.number}
            await self.company.submit(by, form_name(seconds.Again), again, answer.reply.about)

    async def _reject(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(deciding.Rejection), seat, why=deed.text)

    async def _send_back(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, "approvals.return", seat, to=deciding.REQUESTER, why=deed.text)

    async def _send_again(self, case: Case, deed: Deed, told: Asked) -> None:
        """Files stay as they are unless others are attached."""
        fields = case.frozen.template.fields
        kept = {
            name: answer for name, answer in told.answers.items() if name not in fields or fields[name].ask != "files"
        }
        answers = await self._answers(case.requester, told, {**kept, **deed.change})
        await self._fill(case.requester, "approvals.change", case.request, **answers)

    async def _transfer(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(signing.Transfer), seat, to=self._person(deed.to).id, why=deed.text)

    async def _delegate(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(signing.Delegation), seat, to=self._person(deed.to).id, why=deed.text)

    async def _advise(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(deciding.Advice), seat, agrees="yes", comment=deed.text)

    async def _add(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(signing.AddedSigners), seat, people=[self._person(deed.to).id], why=deed.text)

    async def _ask(self, case: Case, deed: Deed, told: Asked) -> None:
        seat, by = self._seat(case, deed)
        await self._fill(by, form_name(talking.AskedQuestion), seat, of=self._person(deed.to).id, text=deed.text)

    async def _answer(self, case: Case, deed: Deed, told: Asked) -> None:
        query = case.queries[-1]
        await self.company.submit(case.people[query.of_id], f"approvals.answer:{query.id}", {"text": deed.text})

    async def _comment(self, case: Case, deed: Deed, told: Asked) -> None:
        form = f"approvals.comment:{case.request.id}"
        await self.company.submit(self._person(deed.who), form, {"text": deed.text})

    async def _nudge(self, case: Case, deed: Deed, told: Asked) -> None:
        await self.company.tap(case.requester, f"approvals.nudge:{case.request.id}")

    async def _withdraw(self, case: Case, deed: Deed, told: Asked) -> None:
        await self.company.tap(case.requester, f"approvals.withdraw:{case.request.id}")

    async def _withdraw_granted(self, case: Case, deed: Deed, told: Asked) -> None:
        form = f"approvals.why:withdraw:{case.request.id}"
        await self.company.submit(case.requester, form, {"why": deed.text})

    async def _fill(self, by: Employee, form: str, record: Task | Request, **answers: Any) -> Answer:
        return await self.company.submit(by, form, answers, f"{history.about(record)}:{record.version}")

    def _seat(self, case: Case, deed: Deed) -> tuple[Task, Employee]:
        """The seat that decides now, and who sits there: whoever is named, or their deputy; else whose turn it is."""
        whose = self._person(deed.who).id if deed.who else None
        for task in case.tasks:
            if task.status == Mark.OPEN and (whose is None or whose in (task.person_id, task.for_id)):
                return task, case.people[task.person_id]
        raise RuntimeError(
            f"the demo's past is not possible: nobody is there to {deed.do} {case.request.number}, {deed}"
        )

    async def _case(self, request_id: int) -> Case:
        async with self.company.database.reading() as session:
            case = await approvals.case(session, request_id)
        assert case is not None  # it was filed here
        return case

    def _today(self) -> date:
        return self.company.now.astimezone(self.zone).date()

    def _person(self, name: str) -> Employee:
        return self.company.people[name]
