"""Three months of the demo company: complaints come in on working days, are answered, forgotten, chased and closed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from zoneinfo import ZoneInfo

from config.handbook.calendar import SEARCHED_DAYS, Calendar, NoWorkingTime
from handlers import tickets as counter
from handlers.demo.desks import Company
from handlers.demo.errands import Errands, Life
from handlers.demo.requests import Asked
from handlers.demo.stories import Story, Talk, Who
from storage.people import Employee, Role

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUIET = 15 * HOUR
"""Working time before now in which no complaint of the past comes in, so that each has its end."""
SETTLED = 26 * HOUR
"""Working time before now in which no request of the past comes in, for the same reason."""
TODAY = {"fresh": 14 * MINUTE, "taken": 95 * MINUTE, "answered": 190 * MINUTE}
"""How much working time before now each of today's complaints came in."""
OVERDUE = 130 * MINUTE
"""How far the one that is overdue is past its promise: so far that the head's head has been told."""
UNREAD = 100 * MINUTE
"""Everybody has read what is older than this."""

ANSWERED = {
    "warned": (0.86, 0.97),
    "untaken": (0.9, 0.98),
    "late": (1.05, 1.2),
    "very late": (1.0, 1.1),
    "answered": (0.3, 0.35),
}
"""After which part of the promised time the customer has the answer; else between a third and a half."""


@dataclass(slots=True)
class Case:
    """A complaint under way; `since` is when its promise was given."""

    story: Story
    ticket: int
    reporter: Employee
    owner: Employee
    since: datetime

    def promise(self, company: Company) -> timedelta:
        """The working time within which the handbook has it answered."""
        return company.handbook.complaints.promise(self.story.urgency)


class Season:
    """Many lives side by side at one clock, each going on when its moment has come, up to the company's `until`."""

    def __init__(self, company: Company, seed: int = 2026) -> None:
        self.company, self.until = company, company.until
        self.calendar = company.handbook.calendar
        self.dice = random.Random(seed)  # the same company on every machine
        self.zone = ZoneInfo(self.calendar.zone)
        self._waiting: list[tuple[datetime, int, Life]] = []
        self._order = count()
        self._unanswered: set[int] = set()
        team = self.company.handbook.complaints.department
        staff = list(company.people.values())
        self.team = [person for person in staff if person.department == team and person.role == Role.EMPLOYEE]
        self.head = next(person for person in staff if person.department == team and person.role == Role.HEAD)
        self.others = [
            person for person in staff if person.department in ("sales", "marketing") and person.role != Role.HEAD
        ]

    async def play(self, stories: Sequence[Story], talks: Sequence[Talk], requests: Sequence[Asked]) -> None:
        """Lets it all happen in the order of time. What waits for a later moment than `until` is left as it stands."""
        past = [story for story in stories if story.course not in (*TODAY, "overdue")]
        for at, story in zip(self._spread(len(past), before(self.calendar, self.until, QUIET)), past, strict=True):
            await self._go_on(self._complaint(story, at))
        for story in stories:
            if story not in past:
                await self._go_on(self._complaint(story, before(self.calendar, self.until, self._age(story))))
        old = [talk for talk in talks if talk.minutes_ago is None]
        for at, talk in zip(self._spread(len(old), before(self.calendar, self.until, 8 * HOUR)), old, strict=True):
            await self._go_on(self._talk(talk, at))
        for talk in talks:
            if talk.minutes_ago is not None:
                await self._go_on(self._talk(talk, before(self.calendar, self.until, talk.minutes_ago * MINUTE)))
        await self._ask(requests)
        await self._go_on(self._mornings())
        await self._go_on(self._reading())
        while self._waiting:
            self.company.now, _, life = heappop(self._waiting)
            await self._go_on(life)
        self.company.now = self.until
        await self.company.tick()

    async def _ask(self, requests: Sequence[Asked]) -> None:
        errands = Errands(self.company)
        old = [told for told in requests if told.minutes_ago is None]
        for at, told in zip(
            self._spread(len(old), before(self.calendar, self.until, SETTLED), errands.dice), old, strict=True
        ):
            await self._go_on(errands.life(told, at))
        for told in requests:
            if told.minutes_ago is not None:
                at = before(self.calendar, self.until, told.minutes_ago * MINUTE)
                await self._go_on(errands.life(told, at))

    async def _go_on(self, life: Life) -> None:
        async for moment in life:
            if moment <= self.until:
                heappush(self._waiting, (moment, next(self._order), life))
            else:
                await life.aclose()
            return

    def _age(self, story: Story) -> timedelta:
        """How much working time ago one of today's complaints came in."""
        promise = self.company.handbook.complaints.promise(story.urgency)
        return TODAY[story.course] if story.course in TODAY else promise + OVERDUE

    def _spread(self, n: int, until: datetime, dice: random.Random | None = None) -> list[datetime]:
        """Moments in working time, evenly strewn from the beginning on."""
        worked = self.calendar.between(self.company.now, until)
        throw = (dice or self.dice).uniform
        return [
            self.calendar.add(self.company.now, worked * (place + throw(0.05, 0.95)) / n).replace(microsecond=0)
            for place in range(n)
        ]

    def _after(self, least: timedelta, most: timedelta | None = None) -> datetime:
        """Some working time from now."""
        wait = least + ((most or least) - least) * self.dice.random()
        return self.calendar.add(self.company.now, wait).replace(microsecond=0)

    async def _complaint(self, story: Story, at: datetime) -> Life:
        """From the report to the end."""
        yield at
        reporter, owner = self._cast(story)
        case = Case(story, await self.company.report(reporter, story), reporter, owner, self.company.now)
        await self._wind(case)
        if story.course == "fresh":
            return
        steps = (self._turned_down,) if story.course == "refused" else (self._worked_on, self._answered, self._ended)
        for step in steps:
            async for moment in step(case):
                yield moment

    async def _turned_down(self, case: Case) -> Life:
        """The head ends what needs nobody: it was reported twice, or is no complaint."""
        yield self._after(case.promise(self.company) * 0.2)
        for remark in case.story.remarks:
            await self.company.write(self.head, case.ticket, remark.text)
        await self.company.press(self.head, "close", case.ticket)
        self._unanswered.discard(case.ticket)

    async def _worked_on(self, case: Case) -> Life:
        """Somebody takes it, or is given it; they write what they find out, and may need the head."""
        promise, course = case.promise(self.company), case.story.course
        yield self._after(promise * 0.85) if course == "untaken" else self._after(promise * 0.02, promise * 0.1)
        await self._taken(case)
        for remark in case.story.remarks:
            yield self._after(promise * 0.03, promise * 0.08)
            await self.company.write(self._writer(remark.who, case), case.ticket, remark.text)
        if course == "escalated":
            yield self._after(promise * 0.05)
            await self.company.press(case.reporter, "escalate", case.ticket)
            await self.company.bring()

    async def _taken(self, case: Case) -> None:
        if case.story.course != "assigned":
            await self.company.press(case.owner, "take", case.ticket)
            return
        giver = self.dice.choice((self.head, self._writer("mate", case)))
        if giver is not self.head:
            await self.company.press(giver, "take", case.ticket)
        await self.company.fill(giver, counter.Handover, case.ticket, to=case.owner.id)

    async def _answered(self, case: Case) -> Life:
        """The customer is told, in time or too late; where that was not the end of it, once more."""
        if case.story.course in ("taken", "overdue"):
            return
        promise = case.promise(self.company)
        least, most = ANSWERED.get(case.story.course, (0.3, 0.6))
        late = 2.6 * HOUR if case.story.course == "very late" else timedelta()
        worked = promise * self.dice.uniform(least, most) + late
        yield max(self._after(MINUTE), self.calendar.add(case.since, worked))
        await self._resolve(case, case.story.answer)
        if case.story.why:
            yield self._after(3 * HOUR, 7 * HOUR)
            await self.company.fill(case.reporter, counter.Reopening, case.ticket, why=case.story.why)
            await self._wind(case)
            yield self._after(promise * 0.3, promise * 0.6)
            await self._resolve(case, case.story.second)

    async def _resolve(self, case: Case, answer: str) -> None:
        await self.company.fill(case.owner, counter.Answer, case.ticket, answer=answer)
        self._unanswered.discard(case.ticket)

    async def _ended(self, case: Case) -> Life:
        """Somebody closes it, some time after."""
        if case.story.course in TODAY or case.story.course == "overdue":
            return
        yield self._after(2 * HOUR, 14 * HOUR)
        await self.company.press(self.dice.choice((case.owner, case.owner, case.reporter)), "close", case.ticket)

    async def _wind(self, case: Case) -> None:
        """From now on the clock looks at this complaint when the handbook says so."""
        case.since = self.company.now
        self._unanswered.add(case.ticket)
        await self._go_on(self._chased(case))

    async def _chased(self, case: Case) -> Life:
        chapter, since = self.company.handbook.complaints, case.since
        answer_by = chapter.answer_by(self.calendar, since, case.story.urgency)
        for rung in chapter.ladder(self.calendar, since, answer_by):
            yield rung.at
            if case.ticket not in self._unanswered or case.since != since:
                return
            await self.company.tick()

    async def _talk(self, talk: Talk, at: datetime) -> Life:
        """Words in a room, and under them the others'."""
        yield at
        channel = self.company.handbook.rooms[talk.room].places()[0].channel
        thread: int | None = None
        for name, text in talk.lines:
            said = await self.company.say(self.company.people[name], channel, text, thread)
            thread = thread or said
            yield self._after(2 * MINUTE, 15 * MINUTE)

    async def _mornings(self) -> Life:
        """Each working day, before anything else, the clock tells people what waits for them."""
        at = self.company.handbook.approvals.digest
        day = self.company.now.astimezone(self.zone).date()
        while at is not None:
            day += DAY
            if self.calendar.is_workday(day):
                yield datetime.combine(day, at, self.zone).astimezone(UTC)
                await self.company.dawn()

    async def _reading(self) -> Life:
        yield before(self.calendar, self.until, UNREAD)
        await self.company.read_all()

    def _cast(self, story: Story) -> tuple[Employee, Employee]:
        """Who reports it, and who will answer it: both speak the customer's language."""
        from_outside = self.dice.random() < 0.6
        reporter = self._one_of(self.others if from_outside else self.team, story.language)
        return reporter, self._one_of(self.team, story.language, reporter)

    def _one_of(self, people: Sequence[Employee], language: str, but: Employee | None = None) -> Employee:
        return self.dice.choice([one for one in people if one.language == language and one is not but])

    def _writer(self, who: Who, case: Case) -> Employee:
        match who:
            case "owner":
                return case.owner
            case "head":
                return self.head
            case "reporter":
                return case.reporter
            case "mate":
                return next(one for one in self.team if one not in (case.owner, case.reporter))


def before(calendar: Calendar, now: datetime, worked: timedelta) -> datetime:
    """The moment after which so much working time has passed until `now`."""
    day = now.astimezone(ZoneInfo(calendar.zone)).date()
    for n in range(SEARCHED_DAYS):
        for stretch in reversed(calendar.blocks(day - DAY * n)):
            ends = min(stretch.end, now)
            if stretch.start < ends:
                if worked <= ends - stretch.start:
                    return ends - worked
                worked -= ends - stretch.start
    raise NoWorkingTime(f"the time before {day} does not have so much working time")
