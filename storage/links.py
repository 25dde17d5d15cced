"""Links: a one-time code joins another account to the same person, or lets them in on the web.

Only the code's hash is kept. A code has 40 bits, so an unsalted hash of it could be searched through from a stolen
backup; but by then the code has been used, or is older than ten minutes. Against guessing it is the counter that
helps: with a thousand codes alive at once, one guess in a thousand million is right.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from unicodedata import normalize

from sqlalchemy import case, delete, select, update
from sqlmodel import Field, SQLModel, col

from storage import people, sessions
from storage.people import Account, Employee
from storage.places import Identity
from storage.tables import id_in, insert_into, moment
from storage.work import Work

CODE_LASTS = timedelta(minutes=10)
GUESSES = 5
"""Wrong codes that one account may give within `GUESSES_FORGOTTEN`; after that even the right one is refused."""
DOOR_GUESSES = 30
"""The same for one source of visitors at the web's door: a whole office may come from one address."""
GUESSES_FORGOTTEN = timedelta(minutes=30)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits; 0 and O, 1 and I are left out, for they look alike."""
LENGTH = 8


class LinkCode(SQLModel, table=True):
    """A code that its owner was shown, by its hash; `platform` is where."""

    __tablename__ = "link_codes"
    code_hash: str = Field(primary_key=True)
    employee_id: int = Field(foreign_key="employees.id", index=True)
    platform: str
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)


class LinkGuess(SQLModel, table=True):
    """How many wrong codes an account, or a visitor of the sign-in page, has given since when."""

    __tablename__ = "link_guesses"
    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    user: str = Field(primary_key=True)
    wrong: int = 0
    since: datetime = moment()


class Given(StrEnum):
    """What became of a code that an account gave."""

    JOINED = "joined"
    OWN = "own"  # the account is that person's already; the code is as good as before
    WRONG = "wrong"  # unknown, used, too old, a leaver's, somebody else's, or one guess too many: nobody learns which


@dataclass(frozen=True, slots=True)
class Linked:
    """How it went, and whose account it is; `account` is the new one's id."""

    given: Given
    person: Employee | None = None
    account: int | None = None


WRONG = Linked(Given.WRONG)


async def offer(work: Work, person: Employee) -> str:
    """A new code for a person, `ABCD-EFGH`: good once, for ten minutes. Ends their earlier ones."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    await _end_codes(work, person.id)
    work.session.add(
        LinkCode(code_hash=_hash(code), employee_id=person.id, platform=work.via, expires_at=work.now + CODE_LASTS)
    )
    work.note("links.offer", f"employees:{person.id}")
    return f"{code[:4]}-{code[4:]}"


async def give(work: Work, who: Identity, written: str, *, alone: bool = False) -> Linked:
    """An account gives a code: where it is nobody's, and the code is right, it is its person's from now on.

    Never raises for a wrong code, so that the guess stays counted. Of two accounts that give one code at once, one
    is joined. `alone`: they gave it in private, so they may be written to there.
    """
    code = read(written)
    if code is None or not await _may_guess(work, who, GUESSES):
        return _refused(work, who.platform)
    owner = await _owner(work, who)
    if owner is not None:
        if await _person_of(work, code) != owner:
            return _refused(work, who.platform)
        await _uncount(work, who)
        return Linked(Given.OWN, await people.find(work.session, owner))
    person = await _use(work, code)
    if person is None:
        return _refused(work, who.platform)
    account = Account(
        platform=who.platform, workspace=who.workspace, user=who.user, employee_id=person.id, last_used_at=work.now,
        met_at=work.now if alone else None,
    )  # fmt: skip
    work.session.add(account)
    await work.session.flush()
    await _uncount(work, who)
    work.note("links.join", f"employees:{person.id}", account=account.id, platform=who.platform)
    return Linked(Given.JOINED, person, account.id)


async def withdraw(work: Work, written: str) -> None:
    """A code that others may have read holds no more."""
    code = read(written)
    if code is not None:
        await work.session.execute(
            delete(LinkCode).where(col(LinkCode.code_hash) == _hash(code), col(LinkCode.used_at).is_(None))
        )


async def enter(work: Work, source: str, written: str) -> tuple[Employee, str] | None:
    """A visitor of the web's door gives a code: its person, and the token of a new session; None for any wrong one.

    `source` is the address that the visit came from.
    """
    visitor = Identity("web", "", _net(source))
    code = read(written)
    person = await _use(work, code) if code is not None and await _may_guess(work, visitor, DOOR_GUESSES) else None
    if person is None:
        _refused(work, "web")
        return None
    await _uncount(work, visitor)
    token = await sessions.open(work, await sessions.invite(work, person))
    work.note("links.enter", f"employees:{person.id}")
    return person, token


async def forget_old(work: Work) -> None:
    """Drops codes that are over, and guesses that are forgiven: an address is kept no longer than it is needed."""
    await work.session.execute(delete(LinkCode).where(col(LinkCode.expires_at) <= work.now))
    await work.session.execute(delete(LinkGuess).where(col(LinkGuess.since) <= work.now - GUESSES_FORGOTTEN))


def read(written: str) -> str | None:
    """The code in what somebody wrote: small or full-width letters, spaces and dashes are no matter; None if none."""
    code = re.sub(r"[^0-9A-Z]", "", normalize("NFKC", written[:100]).upper()).removeprefix("LINK")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


async def _use(work: Work, code: str) -> Employee | None:
    """Uses a code up; its person, None where it is none that holds, or whoever had it has left."""
    used = await work.session.execute(
        update(LinkCode)
        .where(
            col(LinkCode.code_hash) == _hash(code),
            col(LinkCode.used_at).is_(None),
            col(LinkCode.expires_at) > work.now,
        )
        .values(used_at=work.now)
        .returning(col(LinkCode.employee_id))
    )
    employee_id = used.scalar_one_or_none()
    if employee_id is None:
        return None
    them = select(col(Employee.id)).where(col(Employee.id) == employee_id)
    await work.session.execute(them.with_for_update(key_share=True))  # who is leaving now has left, or waits for us
    return await people.find(work.session, employee_id)


async def _person_of(work: Work, code: str) -> int | None:
    return await work.session.scalar(
        select(col(LinkCode.employee_id)).where(
            col(LinkCode.code_hash) == _hash(code),
            col(LinkCode.used_at).is_(None),
            col(LinkCode.expires_at) > work.now,
        )
    )


async def _owner(work: Work, who: Identity) -> int | None:
    """Whose account this is, also where they have left."""
    if who.platform == "web":
        return id_in(who.user) or 0
    return await work.session.scalar(
        select(col(Account.employee_id))
        .where(
            col(Account.platform) == who.platform,
            col(Account.user) == who.user,
            col(Account.workspace).in_(["", who.workspace]),
        )
        .order_by(col(Account.workspace).desc())
        .limit(1)
    )


async def _may_guess(work: Work, who: Identity, most: int) -> bool:
    """Counts a code before it is looked at; False once there were too many. Guesses of one account go in turn."""
    first = insert_into(
        work.session, LinkGuess, platform=who.platform, workspace=who.workspace, user=who.user, wrong=1, since=work.now
    )
    is_over = col(LinkGuess.since) <= work.now - GUESSES_FORGOTTEN
    counted = await work.session.execute(
        first.on_conflict_do_update(
            index_elements=["platform", "workspace", "user"],
            set_={
                "wrong": case((is_over, 1), else_=col(LinkGuess.wrong) + 1),
                "since": case((is_over, work.now), else_=col(LinkGuess.since)),
            },
        ).returning(col(LinkGuess.wrong))
    )
    return int(counted.scalar_one()) <= most


async def _uncount(work: Work, who: Identity) -> None:
    """A right code is no guess; the wrong ones before it stay counted."""
    await work.session.execute(
        update(LinkGuess)
        .where(
            col(LinkGuess.platform) == who.platform,
            col(LinkGuess.workspace) == who.workspace,
            col(LinkGuess.user) == who.user,
        )
        .values(wrong=col(LinkGuess.wrong) - 1)
        .execution_options(synchronize_session=False)
    )


async def _end_codes(work: Work, employee_id: int) -> None:
    await work.session.execute(
        delete(LinkCode).where(col(LinkCode.employee_id) == employee_id, col(LinkCode.used_at).is_(None))
    )


def _refused(work: Work, platform: str) -> Linked:
    work.note("links.refuse", platform)
    return WRONG


def _net(source: str) -> str:
    """Who counts as one visitor: an IPv4 address, or an IPv6 site, whose people have addresses without end."""
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return source[:100]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 48), strict=False))
    return str(address)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
