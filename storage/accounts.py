"""Accounts: what a person may say about themselves, and how an account stops being theirs; the last way in stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from config.text import t
from storage import outbox, people, sessions
from storage.errors import Refusal
from storage.interviews import ASIDE, DROPPED, OPEN, Interview
from storage.people import Account, Employee
from storage.places import Address
from storage.sessions import WebSession
from storage.work import Work


async def settle(work: Work, person: Employee, *, language: str, zone: str, prefers: str, quiet: str) -> bool:
    """Keeps how a person wishes to be spoken to. Returns whether anything is other than before."""
    wanted = {"language": language, "zone": zone, "prefers": prefers, "quiet": quiet}
    changed = {column: value for column, value in wanted.items() if getattr(person, column) != value}
    if not changed:
        return False
    await _change(work, person, changed)
    work.note("accounts.settle", f"employees:{person.id}", columns=sorted(changed))
    return True


async def prefer(work: Work, person: Employee, on: Collection[str]) -> None:
    """What waits for a person anywhere goes to where they are reached now; `on` are the platforms that are running."""
    to = await people.private(work.session, person, frozenset(on))
    places = [Address(account.platform, account.user) for account in await people.accounts(work.session, person.id)]
    for place in (*places, Address("web", f"dm:{person.id}")):
        if place != to:
            await outbox.follow(work, person.id, place.platform, place.channel, to)


async def part(work: Work, person: Employee, account_id: int, on: Collection[str]) -> Account:
    """An account is a person's no more, and what waits for them there goes where they are reached now.

    Raises `Refusal` for an account that is not theirs, and for the last one by which they can get in. Of two that
    are parted with at once, the last one stays.
    """
    theirs = await _held(work, person.id)
    account = next((one for one in theirs if one.id == account_id), None)
    if account is None:
        raise Refusal(t("That account is not linked to you."))
    others = [one for one in theirs if one.id != account_id]
    if not any(is_way_in(one, on) for one in others):
        raise Refusal(
            t("This is your only way in, so it stays. Link another account first: type “link”, and I give you a code.")
        )
    work.session.expunge(account)
    await work.session.execute(delete(Account).where(col(Account.id) == account_id))
    if person.prefers == account.platform and all(one.platform != account.platform for one in others):
        await _change(work, person, {"prefers": ""})
    await _leave_behind(work, person, account, on)
    work.note("accounts.part", f"employees:{person.id}", account=account_id, platform=account.platform)
    return account


def is_way_in(account: Account, on: Collection[str]) -> bool:
    """Whether somebody can get in by this account: its platform is running, and it can be reached."""
    return account.platform in on and account.lost_at is None


async def sign_out(work: Work, person: Employee) -> None:
    """Ends all of a person's sessions on the web."""
    await sessions.end_all(work, person.id)
    work.note("accounts.sign_out", f"employees:{person.id}")


async def browsers(work: Work, person_id: int) -> int:
    """In how many browsers a person is signed in."""
    counted = await work.session.scalar(
        select(func.count())
        .select_from(WebSession)
        .where(
            col(WebSession.employee_id) == person_id,
            col(WebSession.ended_at).is_(None),
            col(WebSession.expires_at) > work.now,
        )
    )
    return counted or 0


async def lost(session: AsyncSession) -> Sequence[tuple[Employee, Account]]:
    """The accounts that can't be reached, of people who work here; the one lost last comes first."""
    rows = await session.execute(
        select(Employee, Account)
        .join(Account, col(Account.employee_id) == col(Employee.id))
        .where(col(Account.lost_at).is_not(None), col(Employee.left_at).is_(None))
        .order_by(col(Account.lost_at).desc(), col(Account.id))
    )
    return [(person, account) for person, account in rows.all()]


async def _held(work: Work, person_id: int) -> Sequence[Account]:
    """A person's accounts, which nobody else may change before this work is done."""
    rows = await work.session.execute(
        select(Account).where(col(Account.employee_id) == person_id).order_by(col(Account.id)).with_for_update()
    )
    return rows.scalars().all()


async def _leave_behind(work: Work, person: Employee, account: Account, on: Collection[str]) -> None:
    """What stands or waits in the account's chat: notices go elsewhere, cards and forms end."""
    to = await people.private(work.session, person, frozenset(on))
    await outbox.follow(work, person.id, account.platform, account.user, to)
    await outbox.close_windows(work, person.id, account.platform, account.user)
    await work.session.execute(
        update(Interview)
        .where(
            col(Interview.employee_id) == person.id,
            col(Interview.platform) == account.platform,
            col(Interview.channel) == account.user,
            col(Interview.state).in_([OPEN, ASIDE]),
        )
        .values(state=DROPPED)
        .execution_options(synchronize_session=False)
    )


async def _change(work: Work, person: Employee, columns: dict[str, str]) -> None:
    await work.session.execute(
        update(Employee)
        .where(col(Employee.id) == person.id)
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    for column, value in columns.items():
        setattr(person, column, value)
