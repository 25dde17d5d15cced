"""Sharing: who asks for a request, has to do with it, or keeps it, shows it to colleagues, who then read it in copy."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from config.text import t
from storage import people
from storage.approvals import rights
from storage.approvals.reading import SHARED
from storage.approvals.tables import Copy, Request
from storage.approvals.trail import record
from storage.errors import Refusal
from storage.people import Employee
from storage.tables import insert_into
from storage.work import Work

MOST = 20
"""People to whom one act may show it."""


async def share(work: Work, request: Request, ids: Sequence[int], words: str = "") -> list[Employee]:
    """Lets colleagues read it: each once, and no more of it than the actor may read. Returns who could not before.

    Its version stays, so that nobody's button goes stale by it. Raises `Refusal` where all of them have it already.
    """
    await rights.may(work, request, "share")
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST:
        raise Refusal(t("Please choose from 1 to {most} people.", most=MOST), "people")
    told: list[Employee] = []
    for one in wanted:
        person = await people.find(work.session, one)
        if person is None:
            raise Refusal(t("That person is not known here. Please choose a colleague."), "people")
        if person.id in (work.actor.id, request.requester_id):
            continue
        row = insert_into(
            work.session,
            Copy,
            request_id=request.id,
            person_id=person.id,
            why=f"{SHARED}{work.actor.id}",
            told_at=work.now,
        )
        fresh = await work.session.execute(row.on_conflict_do_nothing().returning(col(Copy.person_id)))
        if fresh.first() is not None:
            told.append(person)
    if not told:
        raise Refusal(t("They have it already. Please choose somebody else."), "people")
    await record(work, request, "share", to=[person.id for person in told], text=words)
    return told
