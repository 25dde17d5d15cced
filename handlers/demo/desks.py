"""The company at work: people report, take, write and answer through the desk that everybody uses, at a moved clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.answer import Answer, Outcome
from bot.capability import Capability, Kind, form_name
from bot.courier import Courier
from bot.dispatch import Desk
from bot.events import Event, Pressed, Said, Submitted
from bot.metronome import Metronome
from bot.platforms import Pace
from bot.platforms.web import render, rooms
from bot.platforms.web.outgoing import Web
from bot.ui.card import Attached
from bot.ui.form import Form
from config.text import Text
from handlers import tickets as counter
from handlers.demo.stories import Story
from storage import approvals, outbox, people, tickets, webchat
from storage.database import Database
from storage.people import Employee
from storage.places import Address, Identity
from storage.work import Work

ON = frozenset({"web"})


class Company:
    """Its people, and what they can do; each thing is done at `now`, and must succeed."""

    def __init__(self, database: Database, now: datetime, until: datetime, capabilities: Sequence[Capability]) -> None:
        self.database, self.now, self.until = database, now, until
        self.handbook = database.handbook
        self.service = self.handbook.rooms["service"].places()[0].channel
        self._shown: dict[tuple[str, int], Any] = {}
        capabilities = [replace(one, kinds=[self._loaded_once(kind) for kind in one.kinds]) for one in capabilities]
        self.desk = Desk(database, self._clock, capabilities, ON)
        web = Web(database, self.desk, self.handbook, self._clock, demo=True, public_url="")
        web.pace = Pace(channel=0.0, overall=math.inf)  # the past keeps nobody waiting
        self.courier = Courier(database, self.desk, self._clock, {"web": web})
        self.metronome = Metronome(database, self._clock, [replace(one, dailies=[]) for one in capabilities], ON)
        self.daybreak = Metronome(database, self._clock, capabilities, ON)
        self.people: dict[str, Employee] = {}
        self.leads: dict[int, frozenset[str]] = {}
        self._versions: dict[int, int] = {}
        self._done = 0

    def _clock(self) -> datetime:
        return self.now

    def _loaded_once(self, kind: Kind) -> Kind:
        """While messages are brought, nothing changes: a record is read once for all its windows."""

        async def load(session: Any, record_id: int) -> Any:
            if (kind.name, record_id) not in self._shown:
                self._shown[kind.name, record_id] = await kind.load(session, record_id)
            return self._shown[kind.name, record_id]

        return replace(kind, load=load)

    async def gather(self) -> None:
        """Learns who works here."""
        async with self.database.reading() as session:
            self.people = {person.name: person for person in await people.everyone(session)}
            self.leads = await people.leads(Work(session, self.now, self.handbook))

    async def report(self, by: Employee, story: Story) -> int:
        """A complaint is reported, and stands in the team's room. Returns its id."""
        answers = {
            "customer": story.customer, "contact": story.contact, "what": story.what,
            "urgency": story.urgency, "kind": story.kind,
        }  # fmt: skip
        answer = await self._fill(by, counter.NewComplaint, answers)
        number = answer.reply.args["number"] if isinstance(answer.reply, Text) else ""
        ticket = tickets.id_of(str(number))
        assert ticket is not None  # it was just given out
        self._versions[ticket] = 1
        await self.bring()
        return ticket

    async def press(self, by: Employee, button: str, ticket: int) -> None:
        """A button on the ticket's card; the card is drawn again with the next thing that is shown."""
        action = f"tickets.{button}:{ticket}:{self._versions[ticket]}"
        await self._do(Pressed(self._id(by), _who(by), self._desk_of(by), action))
        self._versions[ticket] += 1

    async def fill(self, by: Employee, form: type[Form], ticket: int, **answers: Any) -> None:
        """A form about the ticket, and what comes of it is shown."""
        await self._fill(by, form, answers, f"tickets:{ticket}:{self._versions[ticket]}")
        self._versions[ticket] += form is not counter.AddedNote
        await self.bring()

    async def write(self, by: Employee, ticket: int, text: str) -> None:
        """Words under the ticket's card, in the team's room; by the form where that room is not theirs."""
        if not rooms.may_read(self.handbook, by, self.service, self.leads.get(by.id, ())):
            await self.fill(by, counter.AddedNote, ticket, text=text)
            return
        async with self.database.reading() as session:
            windows = await outbox.windows(session, f"tickets:{ticket}")
        thread = next(window.ref for window in windows if window.channel == self.service)
        assert thread is not None  # it was shown as it was reported
        await self.say(by, self.service, text, int(thread))
        await self._do(Said(self._id(by), _who(by), Address("web", self.service, thread), text))
        if len(windows) > 1:
            await self.bring()  # it is said under the other windows as well

    async def say(self, by: Employee, channel: str, text: str, thread: int | None = None) -> int:
        """Words in a room of the web chat, kept as the chat page keeps them. Returns the message's id."""
        key = f"said:{by.id}:demo-{self._done:05}"
        self._done += 1
        async with self.database.unit(self.now, by=by, via="web") as work:
            said = await webchat.post(work, key=key, channel=channel, thread=thread, author_id=by.id, text=text)
            return said.id

    async def tap(self, by: Employee, action: str) -> Answer:
        """A button that somebody has before them in their own chat."""
        return await self._do(Pressed(self._id(by), _who(by), _chat_of(by), action))

    async def submit(self, by: Employee, form: str, answers: dict[str, Any], about: str | None = None) -> Answer:
        """A form that somebody has before them in their own chat."""
        return await self._do(Submitted(self._id(by), _who(by), _chat_of(by), form, answers, about))

    async def upload(self, by: Employee, name: str, words: str) -> Attached:
        """A file with these words in it, kept as the chat page keeps what a form takes."""
        data = words.encode()
        async with self.database.unit(self.now, by=by, via="web") as work:
            file = await webchat.keep_file(work, by.id, name, render.kind_of(data), data)
            return render.attached(file.id, name, file.mime, file.size)

    async def bring(self) -> None:
        """What is new is brought to people. What stands is drawn again only at the end: nobody sees it before."""
        if self.now < self.until:
            async with self.database.unit(self.now) as work:
                await outbox.let_stand(work, self.until)
        self._shown.clear()
        await self.courier.drain()
        self._shown.clear()

    async def tick(self) -> None:
        """The clock does what is due."""
        await self.metronome.tick()
        await self.bring()

    async def dawn(self) -> None:
        """The clock does what each working day begins with, where it has something to tell."""
        async with self.database.reading() as session:
            waits = await approvals.chasing.ids(session, self.until + timedelta(days=30))
        if waits:
            await self.daybreak.tick()
            await self.bring()

    async def read_all(self) -> None:
        """Everybody has read everything up to here."""
        async with self.database.unit(self.now, via="web") as work:
            last: dict[str, int] = {}
            for person in self.people.values():
                own = [place.channel for place in rooms.places(self.handbook, person, self.leads.get(person.id, ()))]
                for channel in (rooms.direct(person.id), *own):
                    if channel not in last:
                        page = await webchat.page(work.session, channel)
                        last[channel] = page[-1].message.id if page else 0
                    if last[channel]:
                        await webchat.see(work, person.id, channel, last[channel])

    async def _fill(self, by: Employee, form: type[Form], answers: dict[str, Any], about: str | None = None) -> Answer:
        return await self._do(Submitted(self._id(by), _who(by), self._desk_of(by), form_name(form), answers, about))

    def _desk_of(self, by: Employee) -> Address:
        """Where somebody sits: the team in its room, all others in their own chat."""
        mine = rooms.may_read(self.handbook, by, self.service, self.leads.get(by.id, ()))
        return Address("web", self.service) if mine else _chat_of(by)

    async def _do(self, event: Event) -> Answer:
        answer = await self.desk.handle(event)
        if answer.outcome != Outcome.DONE:
            raise RuntimeError(f"the demo's past is not possible: {event} was {answer.outcome}, {answer.reply}")
        return answer

    def _id(self, by: Employee) -> str:
        self._done += 1
        return f"web:{by.id}:demo-{self._done:05}"


def _who(person: Employee) -> Identity:
    return Identity("web", "", str(person.id))


def _chat_of(person: Employee) -> Address:
    return Address("web", rooms.direct(person.id))
