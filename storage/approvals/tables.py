"""What is kept of an approval: the request, who sits at its steps, all that was done, and who is told at the end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from config.handbook.approvals.chain import Mark, Place
from config.text import Money
from storage.tables import moment

FIRST = 1000
"""Numbers start behind this."""


class Status(StrEnum):
    """Where a request stands. `returned`: with its requester, to be changed and sent again."""

    PENDING = "pending"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


class Aim(StrEnum):
    """What is decided on: to grant what is asked for, or to take back what was granted."""

    GRANT = "grant"
    WITHDRAW = "withdraw"


def _in(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({','.join(repr(str(value)) for value in values)})"


class Definition(SQLModel, table=True):
    """A template as it stood when somebody asked by it (JSON), found by the SHA-256 of its text. Never changed."""

    __tablename__ = "approval_definitions"
    digest: str = Field(primary_key=True)
    text: str


class Request(SQLModel, table=True):
    """What somebody asks for. `version` counts what was done to it, `edition` what it asks for, `round` sets of seats.

    `step` is the step of its definition that it stands at (-1 at none), `chosen` the approvers that the requester chose
    (JSON: step → ids), `related` other requests that together pass a limit (JSON), `spared` the steps at which nobody
    will have to be asked, as foreseen when it was sent (JSON), `undo` how it stood before what was done last (JSON),
    `resume` the step to go on from when it is sent again. `minor` is its amount in the currency's smallest unit.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint(_in("status", Status), name="status"),
        CheckConstraint(_in("aim", Aim), name="aim"),
        CheckConstraint("minor IS NULL OR minor >= 0", name="amount"),
        Index("ix_approvals_requester", "requester_id", "id"),
        Index("ix_approvals_template", "template", "id"),
        Index(
            "ix_approvals_pending",
            "id",
            sqlite_where=text("status IN ('pending','returned')"),
            postgresql_where=text("status IN ('pending','returned')"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    edition: int = 1
    round: int = 1
    status: str = Status.PENDING
    aim: str = Aim.GRANT
    template: str
    digest: str = Field(foreign_key="approval_definitions.digest")
    requester_id: int = Field(foreign_key="employees.id")
    department: str
    answers: str = "{}"
    minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = ""
    days: int | None = None
    step: int = -1
    resume: int | None = None
    chosen: str = "{}"
    related: str = "[]"
    spared: str = "[]"
    filed_at: datetime = moment()
    decided_at: datetime | None = moment(default=None)
    paused_at: datetime | None = moment(default=None)
    nudged_at: datetime | None = moment(default=None)
    undo: str = ""

    @property
    def number(self) -> str:
        """How people call it: `A-1042`."""
        return f"A-{FIRST + self.id}"

    @property
    def worth(self) -> Money | None:
        """What it is about in money."""
        return None if self.minor is None else Money(self.minor, self.currency)


class Task(SQLModel, table=True):
    """One person's seat at a step of a request.

    `person_id` decides; `for_id` is whose seat it is, where a deputy sits on it; `from_id` is who gave it: by transfer,
    delegation or add-sign. `why` is the rule that put them there (`head:finance`, `add`). `chase_at` is when somebody
    must next be told, `chased` what was told last; `left` is the working time (seconds) that was left when the
    clock was stopped. `claimed_at` is since when its holder is looking at it, where any one of several is enough.
    """

    __tablename__ = "approval_tasks"
    __table_args__ = (
        CheckConstraint(_in("status", Mark), name="status"),
        CheckConstraint(_in("place", Place), name="place"),
        CheckConstraint("(place = 'step') = (parent_id IS NULL)", name="parent"),
        CheckConstraint("status NOT IN ('approved','rejected') OR decided_at IS NOT NULL", name="decided"),
        CheckConstraint("claimed_at IS NULL OR status = 'open'", name="claimed"),
        Index("ix_approval_tasks_request", "request_id", "round", "step"),
        Index("ix_approval_tasks_person", "person_id", "request_id"),
        Index(
            "ix_approval_tasks_open",
            "person_id",
            "opened_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index(
            "ix_approval_tasks_chase",
            "chase_at",
            sqlite_where=text("chase_at IS NOT NULL"),
            postgresql_where=text("chase_at IS NOT NULL"),
        ),
        Index(
            "ix_approval_tasks_claimed",
            "request_id",
            sqlite_where=text("claimed_at IS NOT NULL"),
            postgresql_where=text("claimed_at IS NOT NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    request_id: int = Field(foreign_key="approvals.id")
    round: int
    edition: int
    step: int
    place: str = Place.STEP
    parent_id: int | None = Field(default=None, foreign_key="approval_tasks.id")
    batch: int = 0
    method: str = "all"
    ordinal: int = 0
    required: bool = False
    person_id: int = Field(foreign_key="employees.id")
    for_id: int | None = Field(default=None, foreign_key="employees.id")
    from_id: int | None = Field(default=None, foreign_key="employees.id")
    status: str = Mark.WAITING
    why: str = ""
    opened_at: datetime | None = moment(default=None)
    due_at: datetime | None = moment(default=None)
    chase_at: datetime | None = moment(default=None)
    chased: str = ""
    left: int | None = None
    claimed_at: datetime | None = moment(default=None)
    decided_at: datetime | None = moment(default=None)
    decided_by_id: int | None = Field(default=None, foreign_key="employees.id")
    via: str = ""
    comment: str = ""


class Act(SQLModel, table=True):
    """One thing that was done to a request: the trail. `to_ids` are the people whom it concerns (JSON).

    Each has a line in the audit that seals its content; `by_id` is empty where the clock did it, by rule.
    """

    __tablename__ = "approval_acts"
    __table_args__ = (Index("ix_approval_acts_request", "request_id", "id"),)
    id: int = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="approvals.id")
    at: datetime = moment()
    by_id: int | None = Field(default=None, foreign_key="employees.id")
    for_id: int | None = Field(default=None, foreign_key="employees.id")
    via: str = ""
    what: str
    task_id: int | None = Field(default=None, foreign_key="approval_tasks.id")
    step: int = -1
    edition: int
    round: int
    to_ids: str = "[]"
    text: str = ""
    files: str = "[]"
    detail: str = ""


class Query(SQLModel, table=True):
    """A question about a request, and its answer. While one is open, the request's clock stands still."""

    __tablename__ = "approval_queries"
    __table_args__ = (Index("ix_approval_queries_request", "request_id"),)
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    status: str = "open"
    request_id: int = Field(foreign_key="approvals.id")
    task_id: int = Field(foreign_key="approval_tasks.id")
    by_id: int = Field(foreign_key="employees.id")
    of_id: int = Field(foreign_key="employees.id")
    at: datetime = moment()
    text: str
    answer: str = ""
    answered_at: datetime | None = moment(default=None)


class Copy(SQLModel, table=True):
    """Somebody who is told of a request and may read it: once, however often the rules name them."""

    __tablename__ = "approval_copies"
    __table_args__ = (Index("ix_approval_copies_person", "person_id", "request_id"),)
    request_id: int = Field(primary_key=True, foreign_key="approvals.id")
    person_id: int = Field(primary_key=True, foreign_key="employees.id")
    why: str = ""
    told_at: datetime | None = moment(default=None)


class Second(SQLModel, table=True):
    """A decision that wants a second confirmation, given elsewhere: on another platform of the same person.

    `status`: asked, given, gone. `text` is the comment that was written with it, `fills` what was answered (JSON).
    """

    __tablename__ = "approval_seconds"
    __table_args__ = (UniqueConstraint("task_id", "task_version"),)
    id: int = Field(default=None, primary_key=True)
    version: int = 1
    status: str = "asked"
    task_id: int = Field(foreign_key="approval_tasks.id")
    task_version: int
    person_id: int = Field(foreign_key="employees.id")
    first_via: str
    place: str = ""
    text: str = ""
    fills: str = ""
    at: datetime = moment()
    expires_at: datetime = moment()
