"""The web chat's own records: what was said where, up to where each person has read, and the files they added.

Every insert and every edit takes the next number of one counter, whose row is locked until the commit. So numbers
are committed in their order, and "everything after n" never misses a change that was slow to commit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, LargeBinary, bindparam, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from storage.people import Employee
from storage.prepared import Added, Prepared, Rows, table_of
from storage.tables import moment
from storage.work import Work

PAGE = 50
"""Messages that are shown at once; the older ones come when somebody scrolls up."""
UNREAD_MOST = 100
"""Unread messages are counted up to this many."""


class WebChange(SQLModel, table=True):
    """The counter, in its only row."""

    __tablename__ = "web_changes"
    id: int = Field(primary_key=True)
    last: int


class WebMessage(SQLModel, table=True):
    """A person's words, or a card of ours (`author_id` None). `key` says what made it, so that it is made once.

    `thread` is the message that it hangs under, `replies` how many hang under this one.
    """

    __tablename__ = "web_messages"
    __table_args__ = (Index("ix_web_messages_place", "channel", "thread", "id"),)
    id: int = Field(default=None, primary_key=True)
    change: int = Field(unique=True)
    key: str = Field(unique=True)
    channel: str
    thread: int | None = Field(default=None, foreign_key="web_messages.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="employees.id")
    text: str = ""
    card: str | None = None
    about: str | None = None
    replies: int = 0
    said_at: datetime = moment()
    edited_at: datetime | None = moment(default=None)


class WebSeen(SQLModel, table=True):
    """The last message of a channel that a person has had before their eyes."""

    __tablename__ = "web_seen"
    employee_id: int = Field(primary_key=True, foreign_key="employees.id")
    channel: str = Field(primary_key=True)
    message_id: int


class WebFile(SQLModel, table=True):
    """A file as somebody sent it (`owner_id` None: drawn by us). Loose until a message or a form takes it.

    `mime` is what its first bytes say.
    """

    __tablename__ = "web_files"
    id: int = Field(default=None, primary_key=True)
    owner_id: int | None = Field(default=None, foreign_key="employees.id")
    message_id: int | None = Field(default=None, foreign_key="web_messages.id", index=True)
    name: str
    mime: str
    size: int
    data: bytes = Field(sa_type=LargeBinary)
    at: datetime = moment()
    taken_at: datetime | None = moment(default=None)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file without its bytes."""

    id: int
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as it is read: with its author's name (None: ours) and its files."""

    message: WebMessage
    author: str | None
    files: tuple[FileLine, ...] = ()


async def post(
    work: Work,
    *,
    key: str,
    channel: str,
    thread: int | None = None,
    author_id: int | None = None,
    text: str = "",
    card: str | None = None,
    about: str | None = None,
    files: Collection[int] = (),
) -> WebMessage:
    """Keeps a message, once for each `key`: asked again, it gives the message that is there, unchanged.

    Only loose files of the author are taken. In a thread, the message above counts one reply more.
    """
    change = await _next_change(work.session)
    there = await _BY_KEY.all(work.session, key=key)
    if there:
        return there[0]
    given = {
        "change": change, "key": key, "channel": channel, "thread": thread, "author_id": author_id, "text": text,
        "card": card, "about": about, "replies": 0, "said_at": work.now, "edited_at": None,
    }  # fmt: skip
    message = await _POSTED.row(work.session, **given)
    if author_id is not None and files:
        await take_files(work, author_id, files, message.id)
    if thread is not None:
        await _count_reply(work, thread)
    return message


async def _count_reply(work: Work, thread: int) -> None:
    await _REPLIED.change(work.session, its_id=thread, change=await _next_change(work.session))


async def redraw(work: Work, message_id: int, card: str) -> bool:
    """Makes a message show another card. False where there is no such message; the same card changes nothing."""
    change = await _next_change(work.session)
    rows = await _SHOWN.rows(work.session, id=message_id)
    if not rows or rows[0][0] is None:
        return False
    if rows[0][0] != card:
        await _REDRAWN.change(work.session, its_id=message_id, card=card, change=change, edited_at=work.now)
    return True


async def _next_change(session: AsyncSession) -> int:
    """The next number; its row stays locked until the commit."""
    return int((await _COUNT.rows(session))[0][0])


_MESSAGES, _CHANGES = table_of(WebMessage), table_of(WebChange)
_FIRST, _MORE = {"id": 1, "last": 1}, {"last": _CHANGES.c.last + 1}
_HERE = sqlite.insert(_CHANGES).values(_FIRST).on_conflict_do_update(index_elements=["id"], set_=_MORE)
_ELSEWHERE = postgresql.insert(_CHANGES).values(_FIRST).on_conflict_do_update(index_elements=["id"], set_=_MORE)
_COUNT = Prepared(_HERE.returning(_CHANGES.c.last), _ELSEWHERE.returning(_CHANGES.c.last))
_BY_KEY = Rows(WebMessage, Prepared(select(_MESSAGES).where(_MESSAGES.c.key == bindparam("key"))))
_POSTED = Added(WebMessage)
_REPLIED = Prepared(
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("its_id"))
    .values(replies=_MESSAGES.c.replies + 1, change=bindparam("change"))
)
_SHOWN = Prepared(select(_MESSAGES.c.card).where(_MESSAGES.c.id == bindparam("id")))
_REDRAWN = Prepared(
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("its_id"))
    .values(card=bindparam("card"), change=bindparam("change"), edited_at=bindparam("edited_at"))
)


async def last_change(session: AsyncSession) -> int:
    """The number of the last change that is committed; 0 before the first."""
    return await session.scalar(select(col(WebChange.last)).where(col(WebChange.id) == 1)) or 0


async def changed_since(session: AsyncSession, change: int, limit: int = 200) -> list[Posted]:
    """Messages that were said or edited after `change`, in the order of their changes; at most `limit`."""
    return await _posted(
        session,
        select(WebMessage).where(col(WebMessage.change) > change).order_by(col(WebMessage.change)).limit(limit),
    )


async def find(session: AsyncSession, message_id: int) -> Posted | None:
    """One message."""
    found = await _posted(session, select(WebMessage).where(col(WebMessage.id) == message_id))
    return found[0] if found else None


async def page(
    session: AsyncSession, channel: str, thread: int | None = None, before: int | None = None
) -> list[Posted]:
    """The last messages of a channel or thread, those before `before` where it is given; the oldest first."""
    there = select(WebMessage).where(col(WebMessage.channel) == channel, col(WebMessage.thread) == thread)
    if before is not None:
        there = there.where(col(WebMessage.id) < before)
    return (await _posted(session, there.order_by(col(WebMessage.id).desc()).limit(PAGE)))[::-1]


async def _posted(session: AsyncSession, messages: object) -> list[Posted]:
    rows: Sequence[WebMessage] = (await session.execute(messages)).scalars().all()  # type: ignore[call-overload]
    ids = [row.id for row in rows]
    authors = {row.author_id for row in rows if row.author_id is not None}
    names: dict[int, str] = {}
    if authors:
        named = select(col(Employee.id), col(Employee.name)).where(col(Employee.id).in_(authors))
        names = {row[0]: row[1] for row in (await session.execute(named)).all()}
    files: dict[int | None, list[FileLine]] = {}
    if ids:
        for row in (await session.execute(_FILES.where(col(WebFile.message_id).in_(ids)))).all():
            files.setdefault(row[0], []).append(FileLine(row[1], row[2], row[3], row[4]))
    return [Posted(row, names.get(row.author_id or 0), tuple(files.get(row.id, ()))) for row in rows]


_FILES = select(
    col(WebFile.message_id), col(WebFile.id), col(WebFile.name), col(WebFile.mime), col(WebFile.size)
).order_by(col(WebFile.id))


async def see(work: Work, employee_id: int, channel: str, message_id: int) -> None:
    """A person has seen a channel up to this message; it never goes back."""
    await work.session.execute(_SEE, {"employee": employee_id, "channel": channel, "message": message_id})


_SEE = text(
    "INSERT INTO web_seen (employee_id, channel, message_id) VALUES (:employee, :channel, :message)"
    " ON CONFLICT (employee_id, channel) DO UPDATE SET message_id = excluded.message_id"
    " WHERE web_seen.message_id < excluded.message_id"
)


async def unread(session: AsyncSession, employee_id: int, channels: Collection[str]) -> dict[str, int]:
    """How many messages of others a person has not seen in each of these channels, threads left out."""
    marks_of = select(col(WebSeen.channel), col(WebSeen.message_id)).where(
        col(WebSeen.employee_id) == employee_id, col(WebSeen.channel).in_(channels)
    )
    marks = {row[0]: row[1] for row in (await session.execute(marks_of)).all()}
    counts = {}
    for channel in channels:
        news = (
            select(col(WebMessage.id))
            .where(
                col(WebMessage.channel) == channel,
                col(WebMessage.thread).is_(None),
                col(WebMessage.id) > marks.get(channel, 0),
                col(WebMessage.author_id).is_distinct_from(employee_id),
            )
            .limit(UNREAD_MOST)
        )
        counts[channel] = await session.scalar(select(func.count()).select_from(news.subquery())) or 0
    return counts


async def keep_file(work: Work, owner_id: int | None, name: str, mime: str, data: bytes) -> WebFile:
    """Keeps a file: a person's is loose for now, one of ours is not."""
    file = WebFile(
        owner_id=owner_id,
        name=name,
        mime=mime,
        size=len(data),
        data=data,
        at=work.now,
        taken_at=work.now if owner_id is None else None,
    )
    work.session.add(file)
    await work.session.flush()
    return file


async def take_files(work: Work, owner_id: int, files: Collection[int], message_id: int | None = None) -> None:
    """A message, or (None) a form, takes loose files of their owner; others' files are passed over."""
    await work.session.execute(
        update(WebFile)
        .where(col(WebFile.id).in_(files), col(WebFile.owner_id) == owner_id, col(WebFile.taken_at).is_(None))
        .values(message_id=message_id, taken_at=work.now)
    )


async def lines_of(session: AsyncSession, owner_id: int, files: Collection[int]) -> dict[int, FileLine]:
    """Those of these files that belong to this owner."""
    rows = await session.execute(
        select(col(WebFile.id), col(WebFile.name), col(WebFile.mime), col(WebFile.size)).where(
            col(WebFile.id).in_(files), col(WebFile.owner_id) == owner_id
        )
    )
    return {row[0]: FileLine(*row) for row in rows.all()}


async def file(session: AsyncSession, file_id: int) -> WebFile | None:
    """One file with its bytes. Who may have it is for the asker to check."""
    return await session.get(WebFile, file_id)


async def forget_loose_files(work: Work, before: datetime) -> None:
    """Drops files that were added before this moment and that nothing has taken."""
    await work.session.execute(delete(WebFile).where(col(WebFile.taken_at).is_(None), col(WebFile.at) < before))
