"""People: who works here, for whom, how they are reached; and who is nobody to us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from storage.places import Address, Identity
from storage.prepared import Prepared, Rows, maker, table_of
from storage.tables import id_in, moment
from storage.work import Work

WROTE_FIRST = frozenset({"telegram"})
"""Where we may write only to those who wrote to us in private; elsewhere whoever does anything can be reached."""
USED_NOTED_EVERY = timedelta(hours=1)
LEVELS = 10
"""Heads above heads that are looked at: a circle of managers must not keep us."""


class Role(StrEnum):
    """What a person is to the company's rules. An administrator keeps the machine, and judges nobody."""

    EMPLOYEE = "employee"
    HEAD = "head"
    ADMIN = "admin"


class Employee(SQLModel, table=True):
    """One person, whatever their accounts. A leaver stays as a name in the records, and may do nothing.

    `quiet` says when they want no notices that can wait: empty as the handbook has it, `off` for never, or their own
    hours, `22:00-08:00`.
    """

    __tablename__ = "employees"
    __table_args__ = (CheckConstraint("role IN ('employee','head','admin')", name="role"),)
    id: int = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    department: str = Field(default="", index=True)
    title: str = ""
    manager_id: int | None = Field(default=None, foreign_key="employees.id")
    deputy_id: int | None = Field(default=None, foreign_key="employees.id")
    language: str = "zh"
    zone: str = "Asia/Shanghai"
    role: str = Role.EMPLOYEE
    prefers: str = ""
    quiet: str = ""
    joined_at: datetime = moment()
    left_at: datetime | None = moment(default=None)


class Account(SQLModel, table=True):
    """An account of a person on a platform. An empty workspace is filled in when the account is first seen.

    `met_at`: since when it may be written to (Telegram lets bots write only to those who wrote first). `lost_at` and
    `lost_why` (the platform's word): since when it can't be reached; empty again once they are heard from.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("platform", "workspace", "user"),
        Index("ix_accounts_employee", "employee_id", "platform"),
    )
    id: int = Field(default=None, primary_key=True)
    platform: str
    workspace: str = ""
    user: str
    employee_id: int = Field(foreign_key="employees.id")
    last_used_at: datetime | None = moment(default=None)
    met_at: datetime | None = moment(default=None)
    lost_at: datetime | None = moment(default=None)
    lost_why: str = ""


_PEOPLE, _ACCOUNTS = table_of(Employee), table_of(Account)
_NAMES = tuple(_PEOPLE.columns.keys())
_BY_ACCOUNT = Prepared(
    select(
        _PEOPLE,
        _ACCOUNTS.c.id,
        _ACCOUNTS.c.workspace,
        _ACCOUNTS.c.last_used_at,
        _ACCOUNTS.c.met_at,
        _ACCOUNTS.c.lost_at,
    )
    .join(_ACCOUNTS, _ACCOUNTS.c.employee_id == _PEOPLE.c.id)
    .where(
        _PEOPLE.c.left_at.is_(None),
        _ACCOUNTS.c.platform == bindparam("platform"),
        _ACCOUNTS.c.user == bindparam("user"),
        or_(_ACCOUNTS.c.workspace == bindparam("workspace"), _ACCOUNTS.c.workspace == ""),
    )
)
_BY_ID = Prepared(select(_PEOPLE).where(_PEOPLE.c.id == bindparam("id"), _PEOPLE.c.left_at.is_(None)))
_OF_DEPARTMENT = (
    select(_PEOPLE)
    .where(_PEOPLE.c.department == bindparam("department"), _PEOPLE.c.left_at.is_(None))
    .order_by(_PEOPLE.c.id)
)
_MEMBERS, _HEAD = Prepared(_OF_DEPARTMENT), Prepared(_OF_DEPARTMENT.where(_PEOPLE.c.role == Role.HEAD).limit(1))
_SEEN = Prepared(
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.id == bindparam("its_id"))
    .values(workspace=bindparam("workspace"), last_used_at=bindparam("used"))
)
_MET = Prepared(
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.id == bindparam("its_id"))
    .values(met_at=func.coalesce(_ACCOUNTS.c.met_at, bindparam("met")), lost_at=None, lost_why="")
)
_SPOKEN = Prepared(update(_PEOPLE).where(_PEOPLE.c.id == bindparam("its_id")).values(language=bindparam("language")))
_ACCOUNTS_OF = Rows(
    Account,
    Prepared(
        select(_ACCOUNTS)
        .where(_ACCOUNTS.c.employee_id == bindparam("employee"))
        .order_by(_ACCOUNTS.c.last_used_at.desc().nulls_last(), _ACCOUNTS.c.id)
    ),
)
_EVER = Rows(Employee, Prepared(select(_PEOPLE).where(_PEOPLE.c.id == bindparam("id"))))
_made = maker(Employee)


def _person(row: Sequence[Any]) -> Employee:
    return _made(dict(zip(_NAMES, row, strict=False)))  # what an account's row has behind it is not the person's


async def known(
    session: AsyncSession, who: Identity, now: datetime | None = None, *, alone: bool = False
) -> Employee | None:
    """The person behind an account; None for strangers and leavers.

    An account that was imported without its workspace belongs to the first workspace that it is seen in. With `now`
    it is noted as used, to the hour: a person is reached where they were last. `alone`: they wrote to us in private,
    so that they can be written to there.
    """
    if who.platform == "web":
        employee_id = id_in(who.user)
        return await find(session, employee_id) if employee_id is not None else None
    rows = await _BY_ACCOUNT.rows(session, platform=who.platform, user=who.user, workspace=who.workspace)
    own = next((row for row in rows if row[-4] == who.workspace), rows[0] if rows else None)
    if own is None:
        return None
    *_, account_id, workspace, used, met, lost = own
    seen = now is not None and (used is None or now - used > USED_NOTED_EVERY)
    if workspace != who.workspace or seen:
        await _SEEN.change(session, its_id=account_id, workspace=who.workspace, used=now if seen else used)
    is_reached = alone or who.platform not in WROTE_FIRST
    if now is not None and ((alone and met is None) or (is_reached and lost is not None)):
        await _MET.change(session, its_id=account_id, met=now)
    return _person(own)


async def met(session: AsyncSession, who: Identity) -> bool:
    """Whether this account has written to us in private, and so may be written to, as far as we know."""
    rows = await _BY_ACCOUNT.rows(session, platform=who.platform, user=who.user, workspace=who.workspace)
    return any(row[-2] is not None and row[-1] is None for row in rows)


async def lose(work: Work, platform: str, user: str, why: str) -> None:
    """An account can't be reached any more, for the platform's reason; until its person is heard from again."""
    done = await work.session.execute(
        update(Account)
        .where(col(Account.platform) == platform, col(Account.user) == user, col(Account.lost_at).is_(None))
        .values(lost_at=work.now, lost_why=why[:200])
        .returning(col(Account.employee_id))
        .execution_options(synchronize_session=False)
    )
    for employee_id in done.scalars():
        work.note("people.lose", f"employees:{employee_id}", platform=platform)


async def owns(session: AsyncSession, employee_id: int, platform: str, user: str) -> bool:
    """Whether an account is this person's."""
    rows = await session.execute(
        select(col(Account.id)).where(
            col(Account.platform) == platform, col(Account.user) == user, col(Account.employee_id) == employee_id
        )
    )
    return rows.first() is not None


async def find(session: AsyncSession, employee_id: int) -> Employee | None:
    """The person with this id, unless they have left."""
    rows = await _BY_ID.rows(session, id=employee_id)
    return _person(rows[0]) if rows else None


async def ever(session: AsyncSession, employee_id: int) -> Employee | None:
    """The person with this id, also where they have left."""
    return next(iter(await _EVER.all(session, id=employee_id)), None)


async def everyone(session: AsyncSession) -> Sequence[Employee]:
    """All who work here, in the order in which they came."""
    return (
        await session.execute(select(Employee).where(col(Employee.left_at).is_(None)).order_by(col(Employee.id)))
    ).scalars().all()  # fmt: skip


async def named(session: AsyncSession, name: str) -> Sequence[Employee]:
    """All who work here under exactly this name, whoever came first before who took the same name later."""
    here = (col(Employee.name) == name, col(Employee.left_at).is_(None))
    return (await session.execute(select(Employee).where(*here).order_by(col(Employee.id)))).scalars().all()


async def accounts(session: AsyncSession, employee_id: int) -> Sequence[Account]:
    """A person's accounts, the one used last first."""
    await session.flush()  # one that was added just now is theirs as well
    return await _ACCOUNTS_OF.all(session, employee=employee_id)


async def head_of(work: Work, department: str) -> Employee | None:
    """Who leads a department: whom the handbook names; else the one with that role; else whom the others report to."""
    departments = work.handbook.departments
    if department in departments and (name := departments[department].head):
        for person in await named(work.session, name):
            return person
    by_role = await _HEAD.rows(work.session, department=department)
    if by_role:
        return _person(by_role[0])
    members = [_person(row) for row in await _MEMBERS.rows(work.session, department=department)]
    inside = {person.id for person in members}
    led = {person.manager_id for person in members}
    tops = [person for person in members if person.manager_id not in inside]
    return next((person for person in tops if person.id in led), tops[0] if len(tops) == 1 else None)


async def head_above(work: Work, head: Employee) -> Employee | None:
    """The head's own head: their manager; else the head of the department above theirs; else nobody."""
    if head.manager_id is not None:
        return await find(work.session, head.manager_id)
    departments = work.handbook.departments
    for above in departments.above(head.department) if head.department in departments else ():
        person = await head_of(work, above)
        if person is not None and person.id != head.id:
            return person
    return None


async def is_over(work: Work, person: Employee, department: str) -> bool:
    """Whether a person leads this department, themselves or through the heads who report to them."""
    head = await head_of(work, department)
    for _ in range(LEVELS):
        if head is None or head.id == person.id:
            return head is not None
        head = await head_above(work, head)
    return False


async def leads(work: Work) -> dict[int, frozenset[str]]:
    """Who is over which departments: the head of each, and the heads above, by their ids."""
    over: dict[int, frozenset[str]] = {}
    for name, _ in work.handbook.departments.items():
        head = await head_of(work, name)
        for _ in range(LEVELS):
            if head is None or name in over.get(head.id, frozenset()):
                break
            over[head.id] = over.get(head.id, frozenset()) | {name}
            head = await head_above(work, head)
    return over


async def private(
    session: AsyncSession, person: Employee, on: frozenset[str], avoid: frozenset[str] = frozenset()
) -> Address:
    """Where to reach a person alone: the platform that they prefer, else the one used last; the web at the end.

    `on` are the platforms that are running, `avoid` those that have failed for this message. An account that can't be
    reached is passed over.
    """
    usable = [a for a in await accounts(session, person.id) if a.platform in on - avoid and a.lost_at is None]
    usable.sort(key=lambda account: account.platform != person.prefers)
    if usable and (person.prefers != "web" or "web" in avoid):
        return Address(usable[0].platform, usable[0].user)
    return Address("web", f"dm:{person.id}")


async def is_lost(session: AsyncSession, person_id: int) -> bool:
    """Whether somebody has accounts on chat platforms, of which none can be reached."""
    known = await accounts(session, person_id)
    return bool(known) and all(account.lost_at is not None for account in known)


async def leave(work: Work, person: Employee) -> None:
    """Somebody leaves: from this commit on they can do and see nothing, on any platform."""
    from storage import sessions  # sessions know people; a leaver's must end here, with everything else

    await work.session.execute(
        update(Employee).where(col(Employee.id) == person.id, col(Employee.left_at).is_(None)).values(left_at=work.now)
    )
    await work.session.execute(delete(Account).where(col(Account.employee_id) == person.id))
    await sessions.end_all(work, person.id)
    work.note("people.leave", f"employees:{person.id}")


async def join(work: Work, who: Identity, name: str, language: str, zone: str) -> Employee:
    """A full member of the workspace becomes a colleague, where the handbook lets them; in no department yet."""
    person = Employee(name=name[:100], language=language, zone=zone, joined_at=work.now)
    work.session.add(person)
    await work.session.flush()
    work.session.add(Account(platform=who.platform, workspace=who.workspace, user=who.user, employee_id=person.id))
    work.note("people.join", f"employees:{person.id}")
    return person


async def speak(work: Work, person: Employee, language: str) -> None:
    """Changes the language that a person reads."""
    await _SPOKEN.change(work.session, its_id=person.id, language=language)
    person.language = language
    work.note("people.speak", f"employees:{person.id}", language=language)
