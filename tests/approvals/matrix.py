"""Who may do what: real people in each relation to a request in each state, who try everything at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from bot.answer import Answer, Outcome
from bot.events import Commanded, Event, Pressed, Submitted
from config.handbook import Handbook
from config.text import Money
from storage import approvals, audit, deputies
from storage.approvals import Act, Query, Relation, Request, Task
from storage.people import Account, Employee, Role
from storage.work import Work
from tests.approvals.races import template
from tests.town import MONDAY, Person, Town, handbook

R = Relation
SECRET = "Zephyr"
"""Stands in every request: whoever may not see it must never read this."""
CAST = ("Anna", "Ben", "Cleo", "Eve", "Gil", "Ivy", "Joy", "Wen", "Xia", "Tess", "Uma", "Leo", "Max", "Ned")
"""People whom this play needs beside the town's: see `RELATIONS`."""
OUTSIDE = ("lin", "hana", "max", "ned")
"""The requester's neighbour, another department's head, a colleague, and one whom nothing connects with it."""
GONE = ("leo", "lena", "stranger")
"""One who had a seat of it and has left, one who had left before, and one whom nobody knows."""
NUMBERS = count(1)

RELATIONS: Mapping[str, Mapping[str, frozenset[Relation]]] = {
    "sam": {"": frozenset({R.REQUESTER, R.SEATED})},
    "anna": {"pending": frozenset({R.APPROVER, R.SEATED}), "": frozenset({R.SEATED})},
    "xia": {"pending": frozenset({R.APPROVER, R.SEATED}), "": frozenset({R.SEATED})},
    "ben": {"pending": frozenset({R.LENDER, R.WAITING, R.SEATED}), "": frozenset({R.SEATED})},
    "eve": {"pending": frozenset({R.ADVISER, R.SEATED}), "": frozenset({R.SEATED})},
    "cleo": {"pending": frozenset({R.ADDER, R.SEATED}), "": frozenset({R.SEATED})},
    "wen": {"pending": frozenset({R.WAITING, R.SEATED}), "approved": frozenset({R.SEATED}), "": frozenset()},
    "gil": {"": frozenset({R.SEATED})},
    "tess": {"": frozenset({R.SEATED})},
    "uma": {"": frozenset({R.SEATED})},
    "ivy": {"pending": frozenset({R.ASKED}), "": frozenset()},
    "joy": {"": frozenset({R.COPIED})},
    "boss": {"": frozenset({R.STEWARD})},
    "ada": {"": frozenset({R.ADMIN})},
    **{name: {"": frozenset()} for name in (*OUTSIDE, *GONE)},
}
"""What each is to the request of `Stage.request`, by its state ("": in any other). Sam asks. Anna and Xia are to
decide, Ben waits for Eve's advice, Cleo has signed and added Xia and, behind her, Wen; Gil has signed. Tess gave her
seat away to Anna, Uma stood in for Gil and does no more. Ivy was asked a question, Joy is in copy, Boss keeps the
approvals, Ada the machine."""
HAS = {"anna": "Anna", "xia": "Xia", "ben": "Ben", "eve": "Eve", "wen": "Wen"}


@cache
def book() -> Handbook:
    """The town's handbook with one kind of request, at whose only step four decide."""
    shipped = handbook()
    step = {"by": [f"person:{name}" for name in ("Tess", "Ben", "Cleo", "Gil")], "due": "4h", "remind_every": "2h"}
    one = template(step, copies=["person:Joy"], copies_at="start", room=None)
    any_one = template({"by": ["person:Anna", "person:Xia"], "mode": "any"}, room=None)
    templates = {"matrix": one, "any": any_one}
    return shipped.model_copy(update={"approvals": shipped.approvals.model_copy(update={"templates": templates})})


@dataclass(frozen=True)
class Try:
    """One way to attempt an act: the events that a person sends for it, the button's first, then the form's."""

    who: str
    act: str
    events: tuple[tuple[Any, ...], ...]
    is_theirs: bool = True
    """It is about their own seat, where it is about one."""


@dataclass
class Stage:
    """The town, its cast, and the requests that it plays with."""

    town: Town
    people: dict[str, Person] = field(default_factory=dict)
    leo_is_here: bool = True
    session: AsyncSession | None = None

    @classmethod
    async def built(cls, town: Town) -> Stage:
        """Lets the cast in."""
        stage = cls(town, {one.name.lower(): one for one in town.everybody} | {"stranger": town.stranger})
        async with town.unit() as work:
            for name in CAST:
                employee = Employee(name=name, department="product", role=Role.EMPLOYEE, joined_at=MONDAY)
                work.session.add(employee)
                await work.session.flush()
                person = stage.people[name.lower()] = Person(town, name, employee.id)
                for platform in ("slack", "telegram"):
                    account = Account(platform=platform, user=person.account(platform), employee_id=employee.id)
                    work.session.add(account)
        return stage

    async def leo_leaves(self) -> None:
        """From now on he may do nothing any more, and sits at no new table."""
        await self.town.desk.left(self.people["leo"].on_slack.who)
        self.leo_is_here = False

    # The request, told in the storage's own verbs, without a word to anybody.

    async def request(self, state: str) -> Request:
        """A request in this state, to which each of the cast is what `RELATIONS` says."""
        async with self.town.database.session() as self.session:
            request_id = await self._pending()
            if state != "pending":
                await getattr(self, f"_{state}")(request_id)
        request: Request = await self.town.row(Request, request_id)
        assert request.status == state
        return request

    async def _pending(self) -> int:
        town = self.town
        answers = {"what": f"{SECRET} taxi", "amount": Money(4321, "CNY")}
        ship = await self._as("gil", self._away)
        went = await self._as("sam", lambda work: approvals.file(work, "matrix", answers, {}))
        request_id: int = went.request.id
        await self._as("gil", lambda work: self._back(work, ship.id))
        if self.leo_is_here:
            await self._seat(request_id, "Tess", "transfer", self.people["leo"].id, "You know better.")
            await self._seat(request_id, "Leo", "transfer", self.people["anna"].id, "No, you do.")
        else:
            await self._seat(request_id, "Tess", "transfer", self.people["anna"].id, "You know better.")
        await self._seat(request_id, "Ben", "delegate", self.people["eve"].id, "What do you think?")
        added = [self.people["xia"].id, self.people["wen"].id]
        await self._seat(request_id, "Cleo", "add", "after", added, "turn", "Please look as well.")
        await self._seat(request_id, "Cleo", "approve")
        await self._seat(request_id, "Gil", "approve", f"{SECRET}: fine.")
        await self._seat(request_id, "Anna", "ask", self.people["ivy"].id, "Is it so?")
        town.clock.moves(seconds=90)  # nobody may undo any more
        return request_id

    async def _away(self, work: Work) -> Any:
        ship = await deputies.name(work, self.people["uma"].id, work.now, work.now + timedelta(days=1))
        await deputies.turn(work, ship)
        return ship

    @staticmethod
    async def _back(work: Work, ship_id: int) -> None:
        await deputies.end(work, await deputies.see(work, ship_id))
        await approvals.hand_back(work, work.actor)

    async def _returned(self, request_id: int) -> None:
        await self._seat(request_id, "Xia", "send_back", None, "Which taxi?")
        self.town.clock.moves(seconds=90)

    async def _approved(self, request_id: int) -> None:
        await self._seat(request_id, "Eve", "advise", True, "Yes.")
        for name in ("Ben", "Anna", "Xia", "Wen"):
            await self._seat(request_id, name, "approve")
        self.town.clock.moves(seconds=90)

    async def _rejected(self, request_id: int) -> None:
        await self._seat(request_id, "Xia", "reject", "Too much.")
        self.town.clock.moves(seconds=90)

    async def _withdrawn(self, request_id: int) -> None:
        await self._as("sam", lambda work: self._ends(work, request_id, "withdraw"))
        self.town.clock.moves(seconds=90)

    async def _terminated(self, request_id: int) -> None:
        await self._as("boss", lambda work: self._ends(work, request_id, "terminate"))

    async def claiming(self, act: str, who: str) -> Try:
        """To say that one is looking at it, where any one of two is enough; or to leave it to the other again."""
        answers = {"what": f"{SECRET} taxi", "amount": Money(4321, "CNY")}
        async with self.town.database.session() as self.session:
            went = await self._as("sam", lambda work: approvals.file(work, "any", answers, {}))
            if act == "release":
                await self._seat(went.request.id, who.title(), "claim")
        return Try(who, act, self._about_seat(act, await self.seat_of(went.request.id, who)))

    async def answered(self, request_id: int) -> None:
        """Ivy answers: the clock goes on, and people may be reminded."""
        async with self.town.unit() as work:
            work.by = await work.session.get(Employee, self.people["ivy"].id)
            rows = await work.session.execute(select(Query).where(col(Query.request_id) == request_id))
            await approvals.answer(work, rows.scalar_one(), "It is.")

    @staticmethod
    async def _ends(work: Work, request_id: int, how: str) -> None:
        await getattr(approvals, how)(work, await approvals.see(work, request_id), "It is over.")

    async def _as(self, who: str, does: Any) -> Any:
        """What somebody does, in the one transaction of the request's making."""
        assert self.session is not None
        work = Work(self.session, self.town.clock(), self.town.database.handbook, via="slack")
        work.by = await work.session.get(Employee, self.people[who].id)
        found = await does(work)
        await audit.seal(work)
        await self.session.flush()
        self.session.expunge_all()
        return found

    async def _seat(self, request_id: int, name: str, verb: str, *given: Any) -> None:
        async def does(work: Work) -> None:
            task = await _newest(work.session, request_id, self.people[name.lower()].id)
            await getattr(approvals, verb)(work, await approvals.see_task(work, task.id), *given)

        await self._as(name.lower(), does)

    async def seat_of(self, request_id: int, name: str) -> Task:
        """The newest seat of somebody at a request."""
        async with self.town.database.reading() as session:
            return await _newest(session, request_id, self.people[name.lower()].id)

    # What can be tried.

    async def tries(self, request: Request, who: str) -> list[Try]:
        """Everything that somebody can try: on the request, on their own seat, and on others'."""
        found = [Try(who, act, events) for act, events in (await self._about_request(request)).items()]
        seats = {name: await self.seat_of(request.id, seat) for name, seat in HAS.items()}
        shared = {"take_off": "xia", "advise": "eve", "take_back": "ben"}
        for act in SEAT_ACTS:
            targets = {shared.get(act, "anna"), *({who} & set(HAS))}
            for target in sorted(targets):
                owner = "cleo" if act == "take_off" else target
                events = self._about_seat(act, seats[target])
                if act == "take_off" and target != "xia":
                    owner = "cleo" if target == "wen" else ""
                meant = "advise" if target == "eve" and act in ("approve", "reject") else act
                found.append(Try(who, meant, events, is_theirs=owner == who))
        return found

    async def _about_request(self, request: Request) -> dict[str, tuple[tuple[Any, ...], ...]]:
        id_, claim = request.id, f"approvals:{request.id}:{request.version}"
        (query,) = await self.town.rows(select(Query).where(col(Query.request_id) == id_))
        sheet = {"file_type": "xlsx", "language": "en"}
        return {
            "see": (("command", "approval", request.number), ("press", f"look:{id_}")),
            "look_over": (("press", f"look:{id_}"),),
            "comment": (("press", f"comment:{id_}"), ("form", f"approvals.comment:{id_}", None, {"text": "Hm."})),
            "export": (("press", f"export:{id_}"), ("form", f"approvals.export:{id_}", None, sheet)),
            "share": (
                ("press", f"share:{id_}"),
                ("form", f"approvals.share:{id_}", None, {"people": [self.people["ned"].id]}),
            ),
            "answer": (
                ("press", f"answer:{query.id}"),
                ("form", f"approvals.answer:{query.id}", None, {"text": "So."}),
            ),
            "resubmit": (
                ("press", f"change:{id_}"),
                ("form", "approvals.change", claim, {"what": "Tram", "amount": "5"}),
            ),
            "withdraw": (("press", f"withdraw:{id_}"),),
            "withdraw_granted": (
                ("press", f"withdraw_granted:{id_}"),
                ("form", f"approvals.why:withdraw:{id_}", None, {"why": "Not needed."}),
            ),
            "nudge": (("press", f"nudge:{id_}"),),
            "again": (
                ("press", f"again:{id_}"),
                ("form", f"approvals.again:{id_}", None, {"what": "Tram", "amount": "5"}),
            ),
            "terminate": (
                ("press", f"terminate:{id_}"),
                ("form", f"approvals.why:terminate:{id_}", None, {"why": "Stuck."}),
            ),
        }

    def _about_seat(self, act: str, task: Task) -> tuple[tuple[Any, ...], ...]:
        button = ("press", f"{act}:{task.id}:{task.version}")
        form = self._form(act)
        return (
            (button,)
            if form is None
            else (button, ("form", form[0], f"approval_tasks:{task.id}:{task.version}", form[1]))
        )

    def _form(self, act: str) -> tuple[str, dict[str, Any]] | None:
        ned = self.people["ned"].id
        forms: dict[str, tuple[str, dict[str, Any]]] = {
            "reject": ("deciding.Rejection", {"why": "No."}),
            "send_back": ("approvals.return", {"to": "requester", "why": "Which?"}),
            "transfer": ("signing.Transfer", {"to": ned}),
            "delegate": ("signing.Delegation", {"to": ned}),
            "add": ("signing.AddedSigners", {"people": [ned], "place": "beside", "method": "all"}),
            "advise": ("deciding.Advice", {"agrees": "yes"}),
            "ask": ("talking.AskedQuestion", {"of": self.people["sam"].id, "text": "Why?"}),
        }
        return forms.get(act)

    async def sends(self, who: str, on: str, sent: tuple[Any, ...]) -> Answer:
        """Somebody sends an event; on Telegram forms are asked question by question."""
        person = self.people[who]
        id_, user, here = f"try-{next(NUMBERS)}", person.on(on).who, person.private(on)
        event: Event
        match sent:
            case ("command", str(name), str(text)):
                event = Commanded(id_, user, here, name, text)
            case ("press", str(action)):
                event = Pressed(id_, user, here, f"approvals.{action}")
            case (_, str(form), about, answers):
                event = Submitted(id_, user, here, form, answers, about)
            case _:
                raise AssertionError(sent)
        return await self.town.desk.handle(event, True, here if on == "telegram" else None)

    async def trail(self, request_id: int) -> tuple[Any, ...]:
        """All that could change if somebody did something, but for comments."""
        request = await self.town.row(Request, request_id)
        acts = await self.town.rows(
            select(col(Act.id)).where(col(Act.request_id) == request_id, col(Act.what) != "comment")
        )
        tasks = await self.town.rows(select(Task).where(col(Task.request_id) == request_id).order_by(col(Task.id)))
        return request.status, request.version, acts, [(one.id, one.version, one.status) for one in tasks]


async def _newest(session: AsyncSession, request_id: int, person_id: int) -> Task:
    rows = select(Task).where(col(Task.request_id) == request_id, col(Task.person_id) == person_id)
    return (await session.execute(rows.order_by(col(Task.id).desc()))).scalars().all()[0]


SEAT_ACTS = (
    "approve", "reject", "send_back", "transfer", "delegate", "add", "claim", "release", "advise", "ask", "take_back",
    "take_off",
)  # fmt: skip
REQUEST_ACTS = (
    "see", "look_over", "comment", "export", "share", "answer", "resubmit", "withdraw", "withdraw_granted", "nudge",
    "terminate", "again",
)  # fmt: skip
HARMLESS = ("see", "look_over", "comment", "export")
"""Acts that leave the request as it is, so that many may do them one after another."""
PRESSES_BESIDE = {"approve_with", "more", "undo"}
"""Buttons about a seat or a request without a right of their own: the first two lead to `approve` and its forms."""


def relations(who: str, state: str) -> frozenset[Relation]:
    """What somebody is to the request in this state."""
    by_state = RELATIONS[who]
    return by_state.get(state, by_state[""])


def one_of_each(state: str) -> list[str]:
    """One person for each thing that somebody can be to the request in this state; another one in each state."""
    if state == "pending":
        return list(RELATIONS)
    alike: dict[frozenset[Relation], list[str]] = {}
    for who in RELATIONS.keys() - set(GONE):
        alike.setdefault(relations(who, state), []).append(who)
    return [sorted(names)[len(state) % len(names)] for names in alike.values()]


def may(rights: Mapping[str, Mapping[Any, Any]], act: str, who: str, state: str) -> bool:
    """What the one table says, read in the plainest way."""
    return any(state in states for relation, states in rights[act].items() if relation in relations(who, state))


def expected(rights: Mapping[str, Mapping[Any, Any]], one: Try, state: str) -> Outcome:
    """What must come of it."""
    if one.who in GONE:
        return Outcome.STRANGER
    act = one.act
    allowed = may(rights, act, one.who, state) and one.is_theirs
    if act in ("see", "look_over"):  # they look at it by the same button, and are shown more or less of it
        allowed = may(rights, "see", one.who, state) or may(rights, "look_over", one.who, state)
    return Outcome.DONE if allowed else Outcome.REFUSED
