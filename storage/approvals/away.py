"""What deputies have decided for somebody who was away: told to them when they are back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import col

from storage.approvals.tables import Act, Request
from storage.people import Employee
from storage.work import Work

DECISIONS = ("approve", "reject", "return", "transfer")
"""What a deputy may have done with a seat that is told afterwards."""

Decided = tuple[str, Employee, Request]
"""What was done, by whom, about which request."""


async def decided_for(work: Work, person: Employee, since: datetime) -> list[Decided]:
    """What others did for a person, in the order in which they did it; without what they took back."""
    theirs = select(col(Act.request_id)).where(col(Act.for_id) == person.id, col(Act.at) >= since)
    rows = await work.session.execute(
        select(Act, Employee, Request)
        .join(Employee, col(Employee.id) == col(Act.by_id))
        .join(Request, col(Request.id) == col(Act.request_id))
        .where(
            col(Act.by_id) != person.id, col(Act.at) >= since, col(Act.request_id).in_(theirs),
            or_(and_(col(Act.for_id) == person.id, col(Act.what).in_(DECISIONS)), col(Act.what) == "undo"),
        )
        .order_by(col(Act.id))
    )  # fmt: skip
    found: list[Decided] = []
    for act, by, request in rows.all():
        if act.what != "undo":
            found.append((act.what, by, request))
        elif (act.detail, by, request) in found:
            found.reverse()
            found.remove((act.detail, by, request))  # the last of its kind
            found.reverse()
    return found
