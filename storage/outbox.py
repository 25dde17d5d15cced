"""The outbox: what people are to see, where, and how far that has come. A row is claimed, sent, and then marked.

A live row is a window onto a record: it stays, and is drawn again whenever it is due. A frozen row says its card
once. Rows are kept with the work that wrote them, so nothing is promised that did not happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col

from storage.places import Address
from storage.prepared import Prepared, Rows, table_of
from storage.tables import moment
from storage.work import Work

LEASE = timedelta(seconds=60)
"""A claimed row is tried again after this: longer than any send may take."""
AFTER_CARDS = "after"
"""The `face` of a notice that lets cards go first that are to be drawn again, for as long as `AFTER`."""
AFTER = timedelta(seconds=2)
STALE = timedelta(hours=24)
"""A notice that could not be sent for so long is let go: it would come as a flood of old news."""
NOT_THEIRS = "the account is no longer theirs"
"""Why a row was ended that went elsewhere instead: nobody has missed anything."""
KEPT = timedelta(days=30)
"""Frozen rows that are done are kept so long, for "was it sent?"; threads hang on live ones, which stay."""


class Outgoing(SQLModel, table=True):
    """`about` and `face` for a live card, `card` (JSON) for a frozen one. `due_at` is empty when nothing is to do.

    `person_id` is set where it goes to one person, wherever they are reached. `under` is the row in whose thread
    it goes. `ref` is the platform's id of the message, once it stands. `waits_until` is set on a notice that is not
    urgent: it waits for its reader's hours, and is told with the others that wait. `record` is what a frozen card is
    about (`tickets:42`), where it is about one; `for_id` is whom a card was for that came to their deputy.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','sent','dead')", name="state"),
        Index(
            "ix_outbox_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_outbox_about", "about"),
        Index("ix_outbox_ref", "platform", "ref"),
        Index(
            "ix_outbox_done",
            "sent_at",
            sqlite_where=text("about IS NULL"),
            postgresql_where=text("about IS NULL"),
        ),
        Index(
            "ix_outbox_dead",
            "created_at",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(
            "ix_outbox_waits",
            "person_id",
            sqlite_where=text("waits_until IS NOT NULL AND ref IS NULL"),
            postgresql_where=text("waits_until IS NOT NULL AND ref IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    about: str | None = None
    face: str | None = None
    card: str | None = None
    platform: str
    channel: str
    thread: str | None = None
    under: int | None = Field(default=None, foreign_key="outbox.id")
    person_id: int | None = Field(default=None, foreign_key="employees.id")
    avoid: str = ""
    created_at: datetime = moment()
    waits_until: datetime | None = moment(default=None)
    due_at: datetime | None = moment(default=None)
    tries: int = 0
    state: str = "waiting"
    sent_at: datetime | None = moment(default=None)
    sent_channel: str | None = None
    ref: str | None = None
    drawn: str | None = None
    reason: str | None = None
    record: str | None = None
    for_id: int | None = None  # no foreign key: SQLite adds none to a table that stands


class Enclosed(SQLModel, table=True):
    """A message that belongs to another: a file below its card. What is said under it is said under the card."""

    __tablename__ = "outbox_enclosed"
    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    row_id: int = Field(foreign_key="outbox.id", ondelete="CASCADE", index=True)


_OUTBOX = table_of(Outgoing)
_POSTED = Prepared(
    insert(_OUTBOX),
    columns=(
        "about", "face", "card", "platform", "channel", "thread", "under", "person_id", "avoid", "created_at",
        "waits_until", "due_at", "tries", "state", "record", "for_id",
    ),
)  # fmt: skip
_AGAIN = Prepared(
    update(_OUTBOX)
    .where(
        _OUTBOX.c.about == bindparam("its_about"),
        _OUTBOX.c.face == bindparam("its_face"),
        _OUTBOX.c.platform == bindparam("its_platform"),
        _OUTBOX.c.channel == bindparam("its_channel"),
        _OUTBOX.c.state != "dead",
    )
    .values(due_at=bindparam("due_at"), tries=0)
)
_REFRESHED = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.about == bindparam("its_about"), _OUTBOX.c.state != "dead")
    .values(due_at=bindparam("due_at"), tries=case((_OUTBOX.c.state == "sent", 0), else_=_OUTBOX.c.tries))
)
_WINDOWS = Rows(
    Outgoing,
    Prepared(
        select(_OUTBOX).where(_OUTBOX.c.about == bindparam("about"), _OUTBOX.c.state != "dead").order_by(_OUTBOX.c.id)
    ),
)
_STANDS = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("its_id"))
    .values(
        state="sent", sent_at=bindparam("sent_at"), sent_channel=bindparam("sent_channel"), ref=bindparam("ref"),
        drawn=bindparam("drawn"), tries=0, reason=None,
        due_at=case((_OUTBOX.c.due_at == bindparam("leased"), None), else_=_OUTBOX.c.due_at),
    )
)  # fmt: skip
_LEFT_STANDING = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.due_at <= bindparam("now"), _OUTBOX.c.ref.is_not(None))
    .values(due_at=bindparam("due_at"))
)


async def show(work: Work, about: str, face: str, to: Address, person_id: int | None = None) -> None:
    """Opens a window onto a record at an address; where one of that face stands there already, it is drawn again."""
    work.posted = True
    again = await _AGAIN.change(
        work.session, its_about=about, its_face=face, its_platform=to.platform, its_channel=to.channel, due_at=work.now
    )
    if not again:
        await _post(work, work.now, to, about=about, face=face, person_id=person_id)


async def tell(
    work: Work,
    card: str,
    to: Address,
    person_id: int | None = None,
    under: int | None = None,
    waits_until: datetime | None = None,
    *,
    after_cards: bool = False,
    not_before: datetime | None = None,
    record: str | None = None,
    for_id: int | None = None,
) -> None:
    """Says a card once, as it is now. One that `waits_until` a later moment is told then, with others that wait.

    `after_cards`: what is to be drawn again in that channel goes first. `not_before`: the platform wants us to wait.
    `record`: what it is about, so that a deputy gets it who may see that; `for_id`: whose deputy this one is.
    """
    work.posted = True
    waits = waits_until if waits_until is not None and waits_until > work.now else None
    face = AFTER_CARDS if after_cards else None
    due_at = waits or max(work.now, not_before or work.now)
    await _post(
        work, due_at, to, face=face, card=card, person_id=person_id, under=under, waits_until=waits,
        record=record, for_id=for_id,
    )  # fmt: skip


async def _post(
    work: Work,
    due_at: datetime,
    to: Address,
    *,
    about: str | None = None,
    face: str | None = None,
    card: str | None = None,
    person_id: int | None = None,
    under: int | None = None,
    waits_until: datetime | None = None,
    record: str | None = None,
    for_id: int | None = None,
) -> None:
    await _POSTED.change(
        work.session, about=about, face=face, card=card, platform=to.platform, channel=to.channel, thread=to.thread,
        under=under, person_id=person_id, avoid="", created_at=work.now,
        waits_until=waits_until, due_at=due_at, tries=0, state="waiting", record=record, for_id=for_id,
    )  # fmt: skip


async def refresh(work: Work, about: str) -> None:
    """Has every window onto a record drawn again; several changes at once are one drawing."""
    work.posted = True
    await _REFRESHED.change(work.session, its_about=about, due_at=work.now)


async def windows(session: AsyncSession, about: str) -> Sequence[Outgoing]:
    """The windows that stand open onto a record."""
    return await _WINDOWS.all(session, about=about)


async def message_at(session: AsyncSession, here: Address) -> Outgoing | None:
    """The row whose message stands at this place; the thread is the message's id there."""
    return next(iter(await messages_at(session, here)), None)


async def messages_at(session: AsyncSession, here: Address) -> Sequence[Outgoing]:
    """The rows whose message stands at this place: several, where notices that waited were told as one."""
    if here.thread is None:
        return ()
    rows = await session.execute(
        select(Outgoing)
        .where(
            col(Outgoing.platform) == here.platform,
            col(Outgoing.ref) == here.thread,
            or_(col(Outgoing.sent_channel) == here.channel, col(Outgoing.channel) == here.channel),
        )
        .order_by(col(Outgoing.id))
    )
    return rows.scalars().all()


async def window_at(session: AsyncSession, here: Address) -> Outgoing | None:
    """The window under which something was said: by the message that the thread hangs on, one said under it, or one
    that belongs to it."""
    row = await message_at(session, here) or await _enclosing(session, here)
    if row is not None and row.about is None and row.under is not None:
        return await session.get(Outgoing, row.under)
    return row


async def _enclosing(session: AsyncSession, here: Address) -> Outgoing | None:
    """The row whose message has this one below it."""
    if here.thread is None:
        return None
    rows = await session.execute(
        select(Outgoing)
        .join(Enclosed, col(Enclosed.row_id) == col(Outgoing.id))
        .where(
            col(Enclosed.platform) == here.platform,
            col(Enclosed.channel) == here.channel,
            col(Enclosed.ref) == here.thread,
        )
    )
    return rows.scalars().first()


async def is_placing(session: AsyncSession, here: Address) -> bool:
    """Whether a message is on its way to this channel, or was when we stopped: it may stand, and we not know where."""
    rows = await session.execute(
        select(col(Outgoing.id)).where(
            col(Outgoing.due_at).is_not(None), col(Outgoing.platform) == here.platform,
            col(Outgoing.channel) == here.channel, col(Outgoing.ref).is_(None), col(Outgoing.tries) > 0,
            col(Outgoing.reason).is_(None),
        ).limit(1)
    )  # fmt: skip
    return rows.first() is not None


async def claim(
    work: Work, platforms: Iterable[str], held: Sequence[tuple[str, str]], limit: int = 50
) -> list[Outgoing]:
    """Takes the next due row of each channel that is not `held`, by pushing its next try a lease away.

    Per channel: first what is new, in the order in which it was written; then what is to be drawn again, the one that
    has waited longest first, so that one busy card can't hold up the rest. A line about what was done comes soon after
    the cards: first the buttons that may not be pressed any more must go. Of one person's windows onto one record the
    newest comes before those above it: somebody looks at it. A row whose thread does not stand yet waits for it.
    """
    given = {"now": work.now, "platforms": list(platforms), "held": list(held), "looked_at": limit * 4}
    found_due = (await work.session.execute(_DUE, given)).all()
    newest: dict[tuple[str, str], int] = {}
    for row in found_due:
        if row.about is not None and row.person_id is not None:
            newest[row.channel, row.about] = max(row.id, newest.get((row.channel, row.about), 0))
    first: dict[tuple[str, str], int] = {}
    for row in sorted(found_due, key=lambda row: _turn(row, row.id < newest.get((row.channel, row.about), 0))):
        first.setdefault((row.platform, row.channel), row.id)
    ids = list(first.values())[:limit]
    found = (await work.session.execute(_THESE, {"ids": ids})).scalars() if ids else ()
    taken = sorted(found, key=lambda row: ids.index(row.id))
    until = work.now + LEASE
    if taken:
        await work.session.execute(_TRIED, {"ids": ids, "until": until})
    for one in taken:
        work.session.expunge(one)
        one.due_at, one.tries, one.reason = until, one.tries + 1, None
    return taken


_LOOKED_AT = [
    col(column)
    for column in (
        Outgoing.id, Outgoing.platform, Outgoing.channel, Outgoing.ref, Outgoing.created_at, Outgoing.due_at,
        Outgoing.about, Outgoing.person_id, Outgoing.face,
    )
]  # fmt: skip
"""What decides whose turn it is; only the rows that are taken are then read whole."""
_ROOT = aliased(Outgoing)
_DUE = (
    select(*_LOOKED_AT)
    .where(
        col(Outgoing.due_at) <= bindparam("now"),
        col(Outgoing.platform).in_(bindparam("platforms", expanding=True)),
        tuple_(col(Outgoing.platform), col(Outgoing.channel)).not_in(bindparam("held", expanding=True)),
        ~exists().where(col(_ROOT.id) == col(Outgoing.under), col(_ROOT.ref).is_(None), col(_ROOT.state) == "waiting"),
    )
    .order_by(col(Outgoing.due_at), col(Outgoing.id))
    .limit(bindparam("looked_at"))
    .with_for_update(skip_locked=True, of=Outgoing)  # two couriers, should it come to that, share the rows
)
_THESE = select(Outgoing).where(col(Outgoing.id).in_(bindparam("ids", expanding=True)))
_TRIED = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id.in_(bindparam("ids", expanding=True)))
    .values(due_at=bindparam("until"), tries=_OUTBOX.c.tries + 1, reason=None)
)


def _turn(row: Any, is_above: bool) -> tuple[bool, bool, datetime, int]:
    since = row.created_at if row.ref is None else row.due_at
    assert since is not None  # it is due
    is_after = row.ref is None and row.about is None and row.face == AFTER_CARDS
    return row.ref is not None or is_after, is_above, since + AFTER if is_after else since, row.id


async def mark_sent(
    work: Work, row: Outgoing, channel: str, ref: str, drawn: str, enclosed: Sequence[str] = ()
) -> None:
    """Notes where a message stands, and what was `enclosed`. A refresh that came while it was under way stays due."""
    for one in enclosed:
        await work.session.merge(Enclosed(platform=row.platform, channel=channel, ref=one, row_id=row.id))
    await _STANDS.change(
        work.session, its_id=row.id, leased=row.due_at, sent_at=work.now, sent_channel=channel, ref=ref, drawn=drawn
    )


async def put_off(work: Work, row: Outgoing, until: datetime, reason: str) -> None:
    """Notes a try that failed for now; a waiting row keeps its count, so that there is an end to it."""
    await work.session.execute(
        update(Outgoing)
        .where(col(Outgoing.id) == row.id)
        .values(due_at=until, reason=reason[:300])
        .execution_options(synchronize_session=False)
    )


async def let_stand(work: Work, until: datetime) -> None:
    """Leaves what stands as it is drawn, whatever has changed, and has it drawn again only then."""
    await _LEFT_STANDING.change(work.session, now=work.now, due_at=until)


async def end(work: Work, row: Outgoing, reason: str) -> None:
    """Gives a row up, and says why; an edit that failed for good leaves the message as it stands."""
    await work.session.execute(
        update(Outgoing)
        .where(col(Outgoing.id) == row.id)
        .values(state="dead", due_at=None, reason=reason[:300])
        .execution_options(synchronize_session=False)
    )
    work.note("outbox.end", f"outbox:{row.id}", platform=row.platform)


async def send_elsewhere(work: Work, row: Outgoing, to: Address, avoid: str) -> None:
    """Sends the row's message, as if new, to the person's other platform."""
    work.posted = True
    await work.session.execute(
        insert(Outgoing).values(
            about=row.about, face=row.face, card=row.card, platform=to.platform, channel=to.channel,
            person_id=row.person_id, avoid=avoid, created_at=row.created_at, waits_until=row.waits_until,
            due_at=work.now, record=row.record, for_id=row.for_id,
        )
    )  # fmt: skip


async def post_anew(work: Work, row: Outgoing) -> None:
    """Forgets a message that is gone, so that the window is opened again in the same place."""
    work.posted = True
    await work.session.execute(
        update(Outgoing)
        .where(col(Outgoing.id) == row.id)
        .values(ref=None, drawn=None, state="waiting", due_at=work.now, tries=0)
        .execution_options(synchronize_session=False)
    )


async def move_channel(work: Work, platform: str, old: str, new: str) -> None:
    """A chat goes on under another id: what stands there is shown there. `channel` stays what the handbook says."""
    await work.session.execute(
        update(Outgoing)
        .where(
            col(Outgoing.platform) == platform,
            or_(col(Outgoing.sent_channel) == old, and_(col(Outgoing.channel) == old, col(Outgoing.ref).is_not(None))),
        )
        .values(sent_channel=new)
        .execution_options(synchronize_session=False)
    )


async def waiting_with(session: AsyncSession, row: Outgoing, now: datetime) -> Sequence[Outgoing]:
    """The notices that have waited for the same person in the same place, and may be told now: `row` and the others."""
    rows = await session.execute(
        select(Outgoing)
        .where(
            col(Outgoing.waits_until) <= now, col(Outgoing.ref).is_(None), col(Outgoing.state) == "waiting",
            col(Outgoing.person_id) == row.person_id, col(Outgoing.platform) == row.platform,
            col(Outgoing.channel) == row.channel, col(Outgoing.card).is_not(None), col(Outgoing.under).is_(None),
        )
        .order_by(col(Outgoing.id))
    )  # fmt: skip
    return rows.scalars().all()


async def follow(work: Work, person_id: int, platform: str, user: str, to: Address) -> None:
    """What waits for a person at an account that is no longer the one goes to `to`; windows that stand there stay.

    So do the questions of a form: they are asked in one chat.
    """
    work.posted = True
    there = (
        col(Outgoing.person_id) == person_id, col(Outgoing.platform) == platform, col(Outgoing.channel) == user,
    )  # fmt: skip
    await work.session.execute(
        update(Outgoing)
        .where(
            *there,
            col(Outgoing.state) == "waiting",
            col(Outgoing.ref).is_(None),
            col(Outgoing.under).is_(None),
            or_(col(Outgoing.about).is_(None), col(Outgoing.about).not_like("interviews:%")),
        )
        .values(platform=to.platform, channel=to.channel, thread=to.thread, avoid="", tries=0)
        .execution_options(synchronize_session=False)
    )


async def close_windows(work: Work, person_id: int, platform: str, user: str) -> None:
    """The live cards that a person had at an account that is no longer theirs are drawn no more."""
    await work.session.execute(
        update(Outgoing)
        .where(
            col(Outgoing.person_id) == person_id, col(Outgoing.platform) == platform, col(Outgoing.channel) == user,
            col(Outgoing.about).is_not(None), col(Outgoing.state) != "dead",
        )
        .values(state="dead", due_at=None, reason=NOT_THEIRS)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


async def take_over(work: Work) -> None:
    """Called by a process that has just become the courier: what another was sending when it died is due now.

    A row with a reason was put off, perhaps because the platform asked for it: that still holds.
    """
    await work.session.execute(
        update(Outgoing)
        .where(col(Outgoing.due_at) > work.now, col(Outgoing.tries) > 0, col(Outgoing.reason).is_(None))
        .values(due_at=work.now)
        .execution_options(synchronize_session=False)
    )


async def next_due(session: AsyncSession, platforms: Iterable[str] | None = None) -> datetime | None:
    """When the next row is due, past or to come; of these `platforms` alone, where they are named."""
    given = {} if platforms is None else {"platforms": list(platforms)}
    return (await session.execute(_SOONEST if platforms is None else _SOONEST_OF, given)).scalar_one_or_none()


_SOONEST = (  # min() would not use the partial index
    select(_OUTBOX.c.due_at).where(_OUTBOX.c.due_at.is_not(None)).order_by(_OUTBOX.c.due_at).limit(1)
)
_SOONEST_OF = _SOONEST.where(_OUTBOX.c.platform.in_(bindparam("platforms", expanding=True)))


async def figures(session: AsyncSession, now: datetime) -> dict[str, int]:
    """How many rows wait and how many were given up: for the health page.

    Notices that are held back for their reader's hours don't wait for us, and are not counted.
    """
    is_held_back = and_(col(Outgoing.waits_until).is_not(None), col(Outgoing.waits_until) > now)
    waiting = await session.execute(
        select(func.count()).where(
            col(Outgoing.due_at).is_not(None), or_(col(Outgoing.waits_until).is_(None), ~is_held_back)
        )
    )
    dead = await session.execute(select(func.count()).where(col(Outgoing.state) == "dead"))
    return {"waiting": waiting.scalar_one(), "dead": dead.scalar_one()}


async def forget(work: Work) -> None:
    """Drops frozen rows that were done long ago."""
    old = and_(
        col(Outgoing.about).is_(None),
        col(Outgoing.due_at).is_(None),
        col(Outgoing.created_at) < work.now - KEPT,
    )
    await work.session.execute(delete(Outgoing).where(old))
