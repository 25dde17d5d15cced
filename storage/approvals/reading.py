"""Who may read which fields of a request: a step hides some from those who sit there, a template some from copies."""

from __future__ import annotations

from collections.abc import Iterator

from config.handbook.approvals.chain import Mark
from storage.approvals.case import Case
from storage.approvals.tables import Copy, Request, Status, Task

SHARED = "share:"
"""Stands before the id of whoever showed it to somebody, where no rule did."""
NO_SEAT = frozenset({"terminate", "comment", "share"})
"""What one may do without having had a seat: whoever ends it does not read it, and who is in copy may comment."""


def readable(case: Case, person_id: int, *, keeps: bool = False) -> frozenset[str]:
    """The fields that somebody may read: the sum of what each thing that they are to the request lets them read.

    Whoever asks for it and whoever keeps the approvals (`keeps`) read all; who has or had a seat, what one of their
    steps does not hide; who is in copy, what copies may read; who was shown it or asked about it, no more than
    whoever did that.
    """
    return _readable(case, person_id, keeps, frozenset())


def hidden(case: Case, person_id: int, *, keeps: bool = False) -> frozenset[str]:
    """The fields that somebody may not read."""
    if not case.frozen.template.hidden_somewhere:
        return frozenset()
    return frozenset(case.frozen.template.fields) - readable(case, person_id, keeps=keeps)


def for_reader(case: Case, person_id: int, *, keeps: bool = False) -> Case:
    """The case as somebody may read it."""
    return case.without(hidden(case, person_id, keeps=keeps))


def _readable(case: Case, person_id: int, keeps: bool, asked: frozenset[int]) -> frozenset[str]:
    template = case.frozen.template
    every = frozenset(template.fields)
    if keeps or person_id == case.request.requester_id or not template.hidden_somewhere:
        return every
    steps = {*seats_of(case, person_id), *_asked_at(case, person_id)}
    found = every - template.hidden_at(steps) if steps else frozenset()
    for copy in case.copies:
        if copy.person_id == person_id:
            found |= (every - set(template.copies_hide)) & _given(case, copy, asked | {person_id})
    return found


def _given(case: Case, copy: Copy, asked: frozenset[int]) -> frozenset[str]:
    """What whoever showed it may read; all, where a rule made the copy or its keeper did."""
    kind, _, by = copy.why.partition(":")
    every = frozenset(case.frozen.template.fields)
    if f"{kind}:" != SHARED or not by.isdecimal():
        return every
    if int(by) in asked:  # they showed it to each other
        return frozenset()
    is_seated = int(by) == case.request.requester_id or any(True for _ in seats_of(case, int(by)))
    return _readable(case, int(by), not is_seated, asked)


def seats_of(case: Case, person_id: int) -> Iterator[int]:
    """The steps at which somebody has or had a seat, or does or did stand in for whoever has."""
    for task in case.tasks:
        if person_id in (task.for_id, task.from_id) or (task.person_id == person_id and came_to(case.request, task)):
            yield task.step
    for act in case.acts:
        if person_id in (act.by_id, act.for_id) and act.task_id is not None and act.what not in NO_SEAT:
            yield act.step


def came_to(request: Request, task: Task) -> bool:
    """Whether a seat was or is somebody's to decide from: one that was never needed is none."""
    is_now = task.round == request.round and request.status == Status.PENDING
    return task.opened_at is not None or (is_now and task.status in (Mark.OPEN, Mark.WAITING))


def _asked_at(case: Case, person_id: int) -> Iterator[int]:
    """The steps of those who asked somebody about it."""
    asked = {query.task_id for query in case.queries if query.of_id == person_id}
    yield from (task.step for task in case.tasks if task.id in asked)
