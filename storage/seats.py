"""Whom each line of a list of people is about, and whether everybody can sit as it says: one place, one manager.

Nothing here changes a record: it reads them once, compares, and names what can't be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.handbook import Handbook
from config.roster import Problem, Wanted, divided
from storage.people import Account, Employee, Role

OFFERED = 10
"""Unknown managers for whom near names are looked up; among thousands of people that takes its time."""
_ROSTER_LOCK = 0x0B5B5EA3


@dataclass(slots=True, eq=False)
class Seat:
    """A person as they will be: `employee` is None for a newcomer, `wanted` for whom the file does not name."""

    employee: Employee | None
    wanted: Wanted | None
    accounts: list[Account] = field(default_factory=list)
    manager: Seat | None = None

    @property
    def back(self) -> bool:
        """Whether somebody who had left returns."""
        return self.employee is not None and self.employee.left_at is not None

    @property
    def name(self) -> str:
        """Their name from now on."""
        return self.wanted.name if self.wanted is not None else self.employee.name if self.employee else ""

    @property
    def department(self) -> str:
        """Their department from now on."""
        if self.wanted is not None and self.wanted.department is not None:
            return self.wanted.department
        return self.employee.department if self.employee else ""

    @property
    def role(self) -> str:
        """Their role from now on. Who returns begins as an employee, whatever they were."""
        if self.wanted is not None and self.wanted.role is not None:
            return self.wanted.role
        return self.employee.role if self.employee is not None and not self.back else Role.EMPLOYEE

    @property
    def line(self) -> int:
        """Where the file names them; 0 where it does not."""
        return self.wanted.line if self.wanted is not None else 0

    def users(self, platform: str) -> set[str]:
        """Their accounts on a platform from now on."""
        given = self.wanted.account(platform) if self.wanted is not None else None
        if given is not None:
            return {given} - {""}
        return {account.user for account in self.accounts if account.platform == platform}


@dataclass(slots=True)
class Records:
    """Everybody who is or was here, and their accounts."""

    people: dict[int, Employee]
    accounts: dict[int, list[Account]]
    owners: dict[tuple[str, str], set[int]]
    named: dict[str, list[Employee]]

    @classmethod
    async def read(cls, session: AsyncSession, *, hold: bool = False) -> Records:
        """All of it, in two questions. `hold` keeps others from changing people until this work ends."""
        asked = select(Employee).order_by(col(Employee.id))
        if hold and session.get_bind().dialect.name == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ROSTER_LOCK})
            asked = asked.with_for_update(key_share=True)  # lets others go on referring to people meanwhile
        people = (await session.execute(asked)).scalars().all()
        accounts = (await session.execute(select(Account).order_by(col(Account.id)))).scalars().all()
        found = cls({person.id: person for person in people}, defaultdict(list), defaultdict(set), defaultdict(list))
        for account in accounts:
            found.accounts[account.employee_id].append(account)
            found.owners[account.platform, account.user].add(account.employee_id)
        for person in people:
            found.named[person.name].append(person)
        return found

    def everyone(self) -> list[Employee]:
        """All who work here now."""
        return [person for person in self.people.values() if person.left_at is None]

    def seat(self, person: Employee | None, wanted: Wanted | None) -> Seat:
        """A person's seat, with the accounts that they have."""
        return Seat(person, wanted, self.accounts.get(person.id, []) if person is not None else [])


def seated(wanted: Sequence[Wanted], records: Records, handbook: Handbook) -> tuple[list[Seat], list[Problem]]:
    """A seat for each line, in the lines' order, and everything that stands against it."""
    problems = list(_twice(wanted))
    meant: dict[int, Employee | None] = {}
    by_person: dict[int, int] = {}
    lines_named = Counter(one.name for one in wanted)
    for sure in (True, False):  # first whom an id tells, so that a bare name can't take their place
        for at, one in enumerate(wanted):
            if _is_sure(one, records) is not sure:
                continue
            found = _by_id(one, records) if sure else _by_name(one, records, set(by_person), lines_named)
            if isinstance(found, Problem):
                problems.append(found)
            elif found is not None and (other := by_person.setdefault(found.id, at)) != at:
                reason = f"is the same person as in line {wanted[other].line}"
                remedy = "keep one of the lines; for a namesake write a slack or telegram id"
                problems.append(Problem(one.line, "name", reason, remedy))
            meant[at] = found if isinstance(found, Employee) else None
    seats = [records.seat(meant[at], one) for at, one in enumerate(wanted)]
    rest = [records.seat(person, None) for person in records.everyone() if person.id not in by_person]
    problems += _managed(seats, rest)
    problems += _in_circles(seats)
    problems += _two_heads(seats, rest, handbook)
    return seats, problems


def _twice(wanted: Iterable[Wanted]) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for one in wanted:
        for platform, user in one.ids:
            if (line := first.setdefault((platform, user), one.line)) != one.line:
                yield Problem(one.line, platform, f"is the same as in line {line}", "give each person their own")


def _is_sure(one: Wanted, records: Records) -> bool:
    return one.number is not None or any(records.owners.get(account) for account in one.ids)


def _by_id(one: Wanted, records: Records) -> Employee | Problem:
    owners: set[int] = set()
    for platform, user in one.ids:
        owners |= (belongs := records.owners.get((platform, user), set()))
        if len(owners) > 1:
            whose = _called([records.people[owner] for owner in sorted(belongs)])
            return Problem(one.line, platform, f"belongs to somebody else: {whose}", "write each person's own id")
    if one.number is None:
        return records.people[owners.pop()]
    person = records.people.get(one.number)
    if person is None or person.name != one.name:
        near = _called(records.named.get(one.name, []))
        remedy = f"write {near}" if near else "write the name alone"
        return Problem(one.line, "name", f"#{one.number} is not a person of this name", remedy)
    if owners - {person.id}:
        whose = _called([records.people[owner] for owner in sorted(owners)])
        return Problem(one.line, one.ids[0][0], f"belongs to somebody else: {whose}", "write each person's own id")
    return person


def _by_name(one: Wanted, records: Records, taken: set[int], lines_named: Counter[str]) -> Employee | Problem | None:
    """The one person of that name whom the line can mean; None for a newcomer."""
    if not one.sound:
        return None
    if not one.ids and lines_named[one.name] > 1:
        return Problem(one.line, "name", "is there twice", "write a slack or telegram id, to tell them apart")
    if one.anew:
        if one.ids:
            return None
        return Problem(one.line, "name", "is to be a namesake", "write their slack or telegram id as well")
    named = [person for person in records.named.get(one.name, []) if person.id not in taken]
    here = [person for person in named if person.left_at is None]
    free = [person for person in here if not _has_another(one, person, records)]
    choice = free if here else named
    if len(choice) > 1:
        remedy = f"write {_called(choice)}, or a slack or telegram id that we know"
        return Problem(one.line, "name", "is the name of several people", remedy)
    return choice[0] if choice else None


def _has_another(one: Wanted, person: Employee, records: Records) -> bool:
    """Whether a namesake has an account of their own where the line gives one: then the line means somebody else."""
    given = {platform for platform, _ in one.ids}
    return any(account.platform in given for account in records.accounts.get(person.id, []))


def _called(people: Iterable[Employee]) -> str:
    return " or ".join(f"{person.name}#{person.id}" for person in people)


def _managed(seats: list[Seat], rest: list[Seat]) -> Iterator[Problem]:
    """Gives each seat its manager: by name, by name and number, or by an account."""
    handles: dict[str, list[Seat]] = defaultdict(list)
    by_id: dict[int, Seat] = {}
    unknown = 0
    for seat in (*seats, *rest):
        if seat.employee is not None:
            by_id[seat.employee.id] = seat
            handles[f"{seat.name}#{seat.employee.id}"].append(seat)
        for handle in {seat.name, *seat.users("slack"), *seat.users("telegram")}:
            handles[handle].append(seat)
    for seat in (*seats, *rest):
        written = seat.wanted.manager if seat.wanted is not None else None
        if written is None:
            kept = seat.employee.manager_id if seat.employee is not None and not seat.back else None
            seat.manager = by_id.get(kept) if kept is not None else None
        elif written:
            name, number = divided(written)
            found = handles.get(f"{name}#{number}" if number else written, [])
            if len(found) != 1:
                unknown += not found
                yield _no_manager(seat, written, found, handles if unknown <= OFFERED else ())
            else:
                seat.manager = found[0]


def _no_manager(seat: Seat, written: str, found: list[Seat], handles: Iterable[str]) -> Problem:
    if found:
        known = [f"{other.name}#{other.employee.id}" for other in found if other.employee is not None]
        remedy = f"write {' or '.join([*known, 'their slack id'])}"
        return Problem(seat.line, "manager", f"“{written}” is the name of several people", remedy)
    near = get_close_matches(written, list(handles), n=3, cutoff=0.5)
    remedy = f"write {' or '.join(near)}" if near else "write somebody who works here, or give them a line of their own"
    return Problem(seat.line, "manager", f"“{written}” is nobody whom we know", remedy)


def _in_circles(seats: list[Seat]) -> Iterator[Problem]:
    """Those who would be over themselves, each circle once, at its first line in the file."""
    done: set[Seat] = set()
    for seat in seats:
        path: dict[Seat, int] = {}
        at: Seat | None = seat
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = at.manager
        if at is not None and at in path:
            circle = list(path)[path[at] :]
            lines = [one.line for one in circle if one.line]
            if lines:
                names = [one.name for one in circle[:6]] + (["…"] if len(circle) > 6 else [circle[0].name])
                reason = f"goes round in a circle ({' → '.join(names)})"
                yield Problem(min(lines), "manager", reason, "write “-” for who is at the top")
        done.update(path)


def _two_heads(seats: list[Seat], rest: list[Seat], handbook: Handbook) -> Iterator[Problem]:
    """A department has one head, unless the handbook says which of them it is."""
    names = {seat.name for seat in (*rest, *seats)}
    heads: dict[str, list[Seat]] = defaultdict(list)
    for seat in (*rest, *seats):
        if seat.role == Role.HEAD and seat.department:
            heads[seat.department].append(seat)
    for department, them in heads.items():
        chosen = handbook.departments[department].head if department in handbook.departments else None
        if len(them) < 2 or chosen in names:
            continue
        for seat in them:
            if seat.line and seat is not them[0]:
                reason = f"makes a second head of {department}, beside {_beside(seat, them)}"
                remedy = f"leave one, or name one in the handbook: departments.{department}.head"
                yield Problem(seat.line, "role", reason, remedy)


def _beside(seat: Seat, them: list[Seat]) -> str:
    return next(other.name for other in them if other is not seat)
