"""The list of people: who is new, who changed, who is back; taken in as a whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from config.roster import Problem, RosterError, Row, divided, judged
from storage.people import Account, Employee, Role
from storage.seats import Records, Seat, seated
from storage.work import Work

PLATFORMS = ("slack", "telegram")


class Kind(StrEnum):
    """What became of somebody whom the file names."""

    ADDED = "added"
    CHANGED = "changed"
    BACK = "back"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is now otherwise: its column, and how it was and is written."""

    column: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.column} {self.before or '-'} → {self.after or '-'}"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one person; `namesakes` are others who work here under the same name."""

    kind: Kind
    id: int
    name: str
    differences: tuple[Difference, ...] = ()
    namesakes: tuple[int, ...] = ()

    def __str__(self) -> str:
        what = "; ".join(str(one) for one in self.differences)
        beside = "".join(f" (not {self.name}#{number})" for number in self.namesakes)
        words = f"{self.kind}: {self.name}#{self.id}{beside}"
        return f"{words}: {what}" if what and self.kind is not Kind.ADDED else words


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import did, person by person in the file's order; `untouched` work here and are not in the file."""

    people: tuple[Change, ...]
    untouched: int

    def count(self, kind: Kind) -> int:
        """How many people this became of."""
        return sum(change.kind is kind for change in self.people)

    def lines(self) -> Iterator[str]:
        """To print: whoever is not as before, then the count."""
        yield from (str(change) for change in self.people if change.kind is not Kind.UNCHANGED)
        counts = ", ".join(f"{self.count(kind)} {kind}" for kind in Kind)
        yield f"{counts}; {self.untouched} not in the file, who stay as they are."


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody who works here, as the list shows them."""

    id: int
    name: str
    department: str
    title: str
    manager: str
    slack: str
    telegram: str
    language: str
    zone: str
    role: str


async def take_in(work: Work, rows: Sequence[Row]) -> Changes:
    """Adds and changes people as the rows say. The same rows again change nothing; who is in no row stays as they are.

    A row means the person with its slack id, else its telegram id, else its exact name; a leaver's name brings them
    back. Raises RosterError with everything that is wrong, and then nothing is taken in.
    """
    understood = judged(rows, work.handbook)
    problems = [problem for _, found in understood for problem in found]
    records = await Records.read(work.session, hold=True)
    seats, against = seated([wanted for wanted, _ in understood if wanted is not None], records, work.handbook)
    if problems or against:
        raise RosterError([*problems, *against])
    taking = _Taking(work, records)
    changes = await taking.all(seats)
    inside = {change.id for change in changes}
    return Changes(tuple(changes), sum(person.id not in inside for person in records.everyone()))


async def everyone(session: AsyncSession) -> list[Listed]:
    """All who work here, in the order in which they came, with what an import could say about them."""
    records = await Records.read(session)
    here = records.everyone()
    names = Counter(person.name for person in here)
    shown = {one.id: one.name if names[one.name] == 1 else f"{one.name}#{one.id}" for one in here}

    def users(person: Employee, platform: str) -> str:
        return " ".join(account.user for account in records.accounts.get(person.id, []) if account.platform == platform)

    return [
        Listed(
            one.id, one.name, one.department, one.title, shown.get(one.manager_id or 0, ""), users(one, "slack"),
            users(one, "telegram"), one.language, one.zone, one.role,
        )
        for one in here
    ]  # fmt: skip


async def pick(session: AsyncSession, called: str) -> Employee:
    """The one person who works here and is called so: a name, `name#id`, a slack id or a telegram number.

    Raises RosterError where nobody is, or several are; its remedy names them.
    """
    records = await Records.read(session)
    name, number = divided(called.strip())
    here = records.everyone()
    found = [person for person in here if person.name == name and number in ("", str(person.id))]
    if not found:
        owners = {owner for platform in PLATFORMS for owner in records.owners.get((platform, name), ())}
        found = [person for person in here if person.id in owners]
    if len(found) == 1:
        return found[0]
    if found:
        remedy = f"write {' or '.join(f'{person.name}#{person.id}' for person in found)}"
        raise RosterError([Problem(None, f"“{called}”", "is the name of several people", remedy)])
    raise RosterError([Problem(None, f"“{called}”", "is nobody who works here", "see `python -m bot people list`")])


class _Taking:
    """One import while it is written: people first, then who is over whom, then their accounts."""

    def __init__(self, work: Work, records: Records) -> None:
        self.work = work
        self.people = dict(records.people)
        self.names: dict[str, list[int]] = {}
        for person in records.everyone():
            self.names.setdefault(person.name, []).append(person.id)

    async def all(self, seats: list[Seat]) -> list[Change]:
        session = self.work.session
        was = [_kind(seat) for seat in seats]
        before = [self._described(seat) for seat in seats]
        for seat in seats:
            self._person(seat)
        await session.flush()
        for seat in seats:
            await self._manager_and_accounts(seat)
        await session.flush()
        self.people |= {seat.employee.id: seat.employee for seat in seats if seat.employee is not None}
        return [self._told(seat, kind, old) for seat, kind, old in zip(seats, was, before, strict=True)]

    def _person(self, seat: Seat) -> None:
        wanted, company = seat.wanted, self.work.handbook.company
        assert wanted is not None
        person = seat.employee
        if person is None:
            person = Employee(name=wanted.name, language=company.language, zone=company.zone, joined_at=self.work.now)
            self.work.session.add(person)
        elif person.left_at is not None:
            person.left_at, person.joined_at, person.prefers = None, self.work.now, ""
            person.manager_id = person.deputy_id = None
            person.role = Role.EMPLOYEE
        given = {
            "name": wanted.name, "department": wanted.department, "title": wanted.title, "language": wanted.language,
            "zone": wanted.zone, "role": wanted.role,
        }  # fmt: skip
        for column, value in given.items():
            if value is not None and getattr(person, column) != value:
                setattr(person, column, value)
        seat.employee = person

    async def _manager_and_accounts(self, seat: Seat) -> None:
        wanted, person, session = seat.wanted, seat.employee, self.work.session
        assert wanted is not None
        assert person is not None
        if wanted.manager is not None:
            over = seat.manager.employee.id if seat.manager is not None and seat.manager.employee is not None else None
            if person.manager_id != over:
                person.manager_id = over
        for platform in PLATFORMS:
            given = wanted.account(platform)
            known = [account for account in seat.accounts if account.platform == platform]
            if given is None or given in {account.user for account in known}:
                continue
            for account in known:
                await session.delete(account)
            if given:
                session.add(Account(platform=platform, user=given, employee_id=person.id))

    def _described(self, seat: Seat) -> dict[str, str]:
        """Somebody as the records have them now; a newcomer is nothing yet."""
        person = seat.employee
        if person is None:
            return {}
        return {
            "name": person.name, "department": person.department, "title": person.title,
            "manager": str(person.manager_id or ""),
            **{platform: " ".join(a.user for a in seat.accounts if a.platform == platform) for platform in PLATFORMS},
            "language": person.language, "zone": person.zone, "role": person.role,
        }  # fmt: skip

    def _told(self, seat: Seat, kind: Kind, before: dict[str, str]) -> Change:
        """What became of somebody, for the one who imports; for the audit, by id and names of columns alone."""
        person = seat.employee
        assert person is not None
        now = self._described(seat) | {platform: " ".join(self._users(seat, platform)) for platform in PLATFORMS}
        differences = tuple(
            self._difference(column, before.get(column, ""), value)
            for column, value in now.items()
            if value != before.get(column, "")
        )
        if kind is Kind.UNCHANGED and differences:
            kind = Kind.CHANGED
        if kind is not Kind.UNCHANGED:
            columns = [one.column for one in differences]
            self.work.note(f"people.{_AUDITED[kind]}", f"employees:{person.id}", columns=columns)
        beside = [number for number in self.names.get(person.name, ()) if number != person.id]
        return Change(kind, person.id, person.name, differences, tuple(beside) if kind is Kind.ADDED else ())

    def _difference(self, column: str, before: str, after: str) -> Difference:
        if column == "manager":
            before, after = (f"{self.people[int(one)].name}#{one}" if one else "" for one in (before, after))
        return Difference(column, before, after)

    @staticmethod
    def _users(seat: Seat, platform: str) -> list[str]:
        """The accounts that they have now, in the order in which they were known."""
        kept = [account.user for account in seat.accounts if account.platform == platform]
        given = seat.wanted.account(platform) if seat.wanted is not None else None
        return kept if given is None or given in kept else [given] if given else []


_AUDITED = {Kind.ADDED: "add", Kind.CHANGED: "change", Kind.BACK: "return"}


def _kind(seat: Seat) -> Kind:
    return Kind.ADDED if seat.employee is None else Kind.BACK if seat.back else Kind.UNCHANGED
