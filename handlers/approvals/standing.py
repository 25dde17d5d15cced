"""How a request stands, in words: whom it waits for and since when, and step by step who has decided what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.ui.card import Fact
from config.handbook import Handbook
from config.handbook.approvals.chain import Mark, Place
from config.text import Text, When, Words, t
from handlers.approvals import naming, wording
from storage import approvals
from storage.approvals import Act, Aim, Case, Query, Status, Task
from storage.approvals.answers import unpack


def state(case: Case, seat: Task | None = None, *, why: bool = True) -> Words:
    """Whom it waits for, or how it ended; to whoever holds this seat, that it waits for them.

    And `why` it ended, which is not for those who may not read the request.
    """
    request = case.request
    match request.status:
        case Status.PENDING if request.aim == Aim.WITHDRAW:
            return t("Approved; whether it may be withdrawn: {waits}", waits=_waits(case, seat))
        case Status.PENDING:
            return _waits(case, seat)
        case Status.RETURNED:
            return _because(case, why, "return")
        case Status.REJECTED:
            return _because(case, why, "reject", "timeout", "settle")
        case Status.TERMINATED:
            return _because(case, why, "terminate", "orphan")
    if request.decided_at is None:
        return wording.STATES[request.status]
    return t("{state}, {when}", state=wording.STATES[request.status], when=When(request.decided_at))


def _because(case: Case, why: bool, *whats: str) -> Words:
    """The act that brought it there, and its reason if that is for its reader."""
    act = next((act for act in reversed(case.acts) if act.what in whats), None)
    if act is None:
        return wording.STATES[case.request.status]
    did = wording.did(act, case.people)
    return t("{did}: {text}", did=did, text=act.text) if act.text and why else did


def _waits(case: Case, seat: Task | None) -> Words:
    asked = [query for query in case.queries if query.status == "open"]
    if asked and case.request.paused_at is not None:
        names = naming.names([case.people[one] for one in dict.fromkeys(query.of_id for query in asked)])
        return t("Waits for an answer from {names}; the time stands still", names=names)
    waits, looks = _waits_for(case, seat), _looks(case, seat)
    return waits if looks is None else t("{state}; {who_looks}", state=waits, who_looks=looks)


def _looks(case: Case, seat: Task | None) -> Words | None:
    """Who is looking at it, and since when, where any one is enough; None where nobody says so."""
    task = approvals.looking(case.request, case.tasks)
    if task is None or task.claimed_at is None:
        return None
    since = When(task.claimed_at)
    if seat is not None and seat.id == task.id:
        return t("you are looking at it, since {since}", since=since)
    return t("{who} is looking at it, since {since}", who=_who(case, task), since=since)


def _waits_for(case: Case, seat: Task | None) -> Words:
    if seat is not None and seat.due_at is not None:
        return t("Waits for you, due {due}", due=When(seat.due_at))
    if seat is not None and seat.opened_at is not None:
        return t("Waits for you since {since}", since=When(seat.opened_at))
    open_ = open_seats(case)
    if not open_:
        return wording.STATES[Status.PENDING]
    since = min((task.opened_at for task in open_ if task.opened_at is not None), default=case.request.filed_at)
    due = min((task.due_at for task in open_ if task.due_at is not None), default=None)
    names = naming.names(naming.holders(case))
    if due is None:
        return t("Waits for {names} since {since}", names=names, since=When(since))
    return t("Waits for {names} since {since}, due {due}", names=names, since=When(since), due=When(due))


def open_seats(case: Case) -> list[Task]:
    """The seats that may decide or advise now."""
    if case.request.status != Status.PENDING:
        return []
    return [task for task in case.tasks if task.round == case.request.round and task.status == Mark.OPEN]


def steps(case: Case) -> tuple[Fact, ...]:
    """Each step that it came to, with who decides there and what they decided; then, in one line, those to come."""
    names = {index: case.frozen.template.steps[index].name for index in case.path}
    seats = {index: seats_of(case, index) for index in case.path}
    came_to = tuple(Fact(names[index], _step(case, index, seats[index])) for index in case.path if seats[index])
    spared = json.loads(case.request.spared) if case.request.aim == Aim.GRANT else []
    to_come = [names[index] for index in case.path if not seats[index] and index not in spared]
    if not to_come or case.request.status not in (Status.PENDING, Status.RETURNED):
        return came_to
    return (*came_to, Fact(t("Then"), _row_of(to_come, t("{first} \u2192 {second}"))))


def _row_of(words: Sequence[Words], between: Text) -> Words:
    said, *rest = words
    for one in rest:
        said = t(between.id, first=said, second=one)
    return said


def seats_of(case: Case, index: int) -> Sequence[Task]:
    """The seats of a step that count: those of this round; of a step that was passed before, those that passed it."""
    here = [task for task in case.tasks if task.step == index]
    now = [task for task in here if task.round == case.request.round]
    if now or case.request.aim == Aim.WITHDRAW or not _is_passed(case, index):
        return [task for task in now if task.status != Mark.GONE or sent_back(case, task) is not None]
    agreed = {task.round for task in here if task.status in (Mark.APPROVED, Mark.SKIPPED)}
    last = max(agreed, default=None)
    return [task for task in here if task.round == last and task.status in (Mark.APPROVED, Mark.SKIPPED)]


def sent_back(case: Case, task: Task) -> Act | None:
    """The act by which whoever had this seat sent it back; None where they did not."""
    return next((act for act in case.acts if act.task_id == task.id and act.what == "return"), None)


def _is_passed(case: Case, index: int) -> bool:
    request = case.request
    at = request.step if request.step >= 0 else (request.resume if request.resume is not None else index + 1)
    return index < at


def _step(case: Case, index: int, seats: Sequence[Task]) -> Words:
    said = wording.joined(_seat(case, task) for task in sorted(seats, key=lambda task: (task.ordinal, task.id)))
    asked = [task for task in seats if task.place == Place.STEP]
    if len(asked) < 2 or not any(task.status in (Mark.OPEN, Mark.WAITING) for task in asked):
        return said
    return t("{seats} ({how})", seats=said, how=wording.together(case.frozen.template.steps[index]))


def _seat(case: Case, task: Task) -> Words:
    who = _who(case, task)
    match task.status:
        case Mark.SKIPPED:
            return t("– {who} ({why})", who=who, why=_skipped(case, task))
        case Mark.OPEN:
            return t("… {who}", who=who)
        case Mark.WAITING:
            return t("○ {who}", who=who)
    if (back := sent_back(case, task)) is not None:
        return t("↩ {who}, {when}", who=who, when=When(back.at))
    assert task.decided_at is not None  # a constraint of the table
    by = who if task.decided_by_id is not None else t("{who}, by rule", who=who)
    when = When(task.decided_at)
    return t("✓ {who}, {when}", who=by, when=when) if task.status == Mark.APPROVED else _no(by, when)


def _no(who: Words, when: When) -> Text:
    return t("✗ {who}, {when}", who=who, when=when)


def _who(case: Case, task: Task) -> Words:
    principal = wording.name(case.people, task.for_id) if task.for_id not in (None, task.person_id) else None
    who = naming.in_place(wording.name(case.people, task.person_id), principal)
    if task.place == Place.STEP:
        return who
    giver = wording.name(case.people, task.from_id)
    if task.place == Place.LENT:
        return t("{who} (advice for {other})", who=who, other=giver)
    return t("{who} (added by {other})", who=who, other=giver)


def _skipped(case: Case, task: Task) -> Words:
    act = next((act for act in case.acts if act.what == "skip" and act.task_id == task.id), None)
    if act is not None and act.detail == "requester":
        return t("asks for it")
    return t("has agreed already")


def changed(case: Case) -> Words | None:
    """What the last edition changed, for those who decide on it; None where it is the first, or changed nothing."""
    sent = [act for act in case.acts if act.what == "resubmit"]
    before = unpack(sent[-1].text) if sent and sent[-1].text else case.answers
    asked = [name for name in case.frozen.template.asked if name not in case.hidden]
    names = [name for name in asked if before.get(name) != case.answers.get(name)]
    return (
        _row_of([_change(case, name, before.get(name)) for name in names], t("{first} \u00b7 {second}"))
        if names
        else None
    )


def _change(case: Case, name: str, before: Any) -> Words:
    """A short answer as it was and as it is; of a long one, or of files, that it is another."""
    field = case.frozen.template.fields[name]
    if field.ask in ("paragraph", "files"):
        return field.label
    was, now = (
        "\u2013" if value is None else wording.answer(case.frozen, name, value, case.people)
        for value in (before, case.answers.get(name))
    )
    return t("{field}: {before} \u2192 {after}", field=field.label, before=was, after=now)


def rule(handbook: Handbook, task: Task) -> Words:
    """The rule by which a seat is there, also where a leaver had it before."""
    return naming.rule(handbook, task.why.removeprefix("left:"))


def giver(case: Case, task: Task) -> str:
    """Who gave somebody this seat: passed it on to them, asked for their advice, or put them there as well."""
    return wording.name(case.people, task.from_id)


def given_by(case: Case, task: Task) -> Act | None:
    """How the one who has a seat now came by it, where it was another's before."""
    moves = ("transfer", "deputise", "hand_back", "replace")
    return next((act for act in reversed(case.acts) if act.task_id == task.id and act.what in moves), None)


def open_queries(case: Case) -> list[Query]:
    """Questions that wait for an answer."""
    return [query for query in case.queries if query.status == "open"]
