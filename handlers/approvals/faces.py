"""What a request looks like: to those who decide, to whoever asked, in a room, in copy, and to those who look it up."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from bot.capability import Face
from bot.codec import unpack_files
from bot.errors import Stale
from bot.ui.card import Attached, Button, Card, Fact, Tone
from config.handbook import Handbook
from config.handbook.approvals.chain import Place
from config.text import Text, When, Words, t
from handlers.approvals import naming, own, standing, wording
from handlers.approvals import view as view_of
from handlers.approvals.on import on
from handlers.approvals.view import Shown, View
from storage import approvals, budgets
from storage.approvals import Act, Case, Query, Relation, Request, Status, Task, lists, reading
from storage.people import Employee
from storage.work import Work

COMMENTS = 3
"""So many of the last comments stand on a card."""
ANSWERED = 2
"""So many of the last answers to questions: whoever decides next would ask the same."""
ACTS = 3
SILENT = frozenset(
    {"comment", "seat", "merge", "skip", "drop", "copy", "remind", "late", "nudge", "settle", "ask", "answer", "fill",
     "claim", "release", "again", "again_after"}
)  # fmt: skip
"""What the foot leaves out: it says who decided, and by which way it came there."""
SAID = frozenset({"comment", "approve", "advise"})
"""What carries words that belong to the talk about a request."""


async def load(session: Any, request_id: int) -> Shown | None:
    """All that a card shows; None if there is no such request."""
    return await _whole(session, await approvals.case(session, request_id))


async def load_task(session: Any, task_id: int) -> Shown | None:
    """The same by one of its seats."""
    return await _whole(session, await approvals.case_of_task(session, task_id))


async def load_query(session: Any, query_id: int) -> Shown | None:
    """The same by one of its questions."""
    return await _whole(session, await approvals.case_of_query(session, query_id))


async def _whole(session: Any, case: Case | None) -> Shown | None:
    if case is None:
        return None
    related = await lists.by_ids(session, json.loads(case.request.related))
    draws = case.frozen.template.budget and case.request.minor is not None
    drawn = await budgets.drawn_by_period(session, case.request.department, case.request.currency) if draws else {}
    return Shown(case, tuple(related), drawn)


async def stale(work: Work, task: Task) -> Stale:
    """Why a button of this seat does nothing any more, and the way to the request as it stands."""
    from handlers.approvals import telling  # which shows

    words = await approvals.stale(work, task)
    request = await approvals.request_of(work, task)
    return Stale(words, Card(words, buttons=(telling.show(request),), tone=Tone.WARN))


@on.card(Query, see=approvals.see_query, load=load_query)
@on.card(Task, see=approvals.see_task, load=load_task, stale=stale)
@on.card(Request, see=approvals.see, load=load)
def card(shown: Shown, face: Face) -> Card:
    """A request's face: `task:<seat>[:<person>]` for who sits there, `mine` for who asks, `room`, `copy`, `admin`."""
    name, _, rest = face.name.partition(":")
    template = shown.case.frozen.template
    if name == "room":
        return _little(View(shown.without(template.hidden_somewhere), face.handbook, name))
    if name == "admin":
        return ended_unread(shown.case)
    if name == "mine":
        return _full(View(shown, face.handbook, name, shown.case.request.requester_id))
    if name == "copy" and rest:
        return _full(View(_read_by(shown, int(rest)), face.handbook, name, int(rest)))
    if name != "task":
        return _full(View(shown.without(frozenset(template.copies_hide)), face.handbook, name))
    seat_id, _, person = rest.partition(":")
    seat = next((task for task in shown.case.tasks if str(task.id) == seat_id), None)
    reader = int(person) if person else (seat.person_id if seat is not None else None)
    return _full(View(_read_by(shown, reader), face.handbook, name, reader, seat))


def _read_by(shown: Shown, reader: int | None, *, keeps: bool = False) -> Shown:
    """What this reader may read of it; where nobody knows who they are, what everybody may."""
    case = shown.case
    if reader is None:
        return shown.without(case.frozen.template.hidden_somewhere)
    return shown.without(reading.hidden(case, reader, keeps=keeps))


def whole(shown: Shown, handbook: Handbook, reader: Employee, relations: Collection[Relation], now: datetime) -> Card:
    """All of a request, for somebody who looks it up: with what they may do about it."""
    mine = [task for task in standing.open_seats(shown.case) if task.person_id == reader.id]
    lent = [one.parent_id for one in standing.open_seats(shown.case) if one.place == Place.LENT]
    waiting = [task for task in shown.case.tasks if task.person_id == reader.id and task.id in lent]
    seat = next((task for task in mine if task.place != Place.LENT), next(iter(mine or waiting), None))
    mine_to_read = _read_by(shown, reader.id, keeps=Relation.STEWARD in relations)
    view = View(mine_to_read, handbook, "whole", reader.id, seat, now)
    return _full(view, _more_for(view, relations))


def _more_for(view: View, relations: Collection[Relation]) -> tuple[Button, ...]:
    from handlers.approvals import ending

    keeps = Relation.STEWARD in relations and view.case.request.status in (Status.PENDING, Status.RETURNED)
    end = view_of.about(ending.terminate, t("Terminate"), view.case.request, tone=Tone.BAD)
    forward, export = view_of.forward_button(view.case, relations), view_of.export_button(view.case, relations)
    return (*forward, *export, *view_of.again_button(view), *((end,) if keeps else ()))


def ended_unread(case: Case) -> Card:
    """What an administrator sees of a request that is stuck: where it waits, and nothing of what it says."""
    from handlers.approvals import ending

    request = case.request
    is_under_way = request.status in (Status.PENDING, Status.RETURNED)
    end = view_of.about(ending.terminate, t("Terminate"), request, tone=Tone.BAD)
    return Card(
        t("{number} · {what}", number=request.number, what=case.frozen.template.name),
        body=(t("You may end it, as you keep the machine; what it says is not yours to read."),),
        facts=(Fact(t("State"), standing.state(case, why=False) if is_under_way else wording.state(request)),),
        buttons=(end,) if is_under_way else (),
    )


def _little(view: View) -> Card:
    """In a room: who asks for what, how it stands, and the buttons for those whom it waits for."""
    from handlers.approvals import deciding

    request = view.case.request
    claim = f"{request.id}:{request.round}"
    buttons = (
        deciding.approve_here.button(t("Approve"), claim, tone=Tone.GOOD),
        deciding.reject_here.button(t("Reject"), claim, tone=Tone.BAD),
    )
    return Card(
        wording.title(view.case),
        facts=(_requester(view), Fact(t("State"), standing.state(view.case, why=False)), *standing.steps(view.case)),
        buttons=buttons if standing.open_seats(view.case) else (),
        tone=_tone(view),
        foot=(_clause(view),),
    )


def _full(view: View, more: tuple[Button, ...] = ()) -> Card:
    case = view.case
    return Card(
        wording.title(case),
        body=(*_paragraphs(case), *_questions(view), *_comments(view)),
        facts=(
            *(() if view.face == "mine" else (_requester(view),)),
            *own.own(view),
            *own.related(view),
            *own.repeated(view),
            *own.changed(view),
            *_answers(case),
            Fact(t("State"), standing.state(case, view.seat if view.holds else None)),
            *standing.steps(case),
        ),
        files=_files(view),
        buttons=(*view_of.buttons(view), *more),
        tone=_tone(view),
        foot=(*_foot(view), _clause(view)),
    )


def _paragraphs(case: Case) -> tuple[Words, ...]:
    asked = {name: field for name, field in case.frozen.template.fields.items() if field.ask == "paragraph"}
    given = [(field.label, case.answers[name]) for name, field in asked.items() if name in case.answers]
    if len(asked) == 1:
        return tuple(text for _, text in given)
    return tuple(t("{label}: {text}", label=label, text=text) for label, text in given)


def _answers(case: Case) -> tuple[Fact, ...]:
    facts = [
        Fact(field.label, wording.answer(case.frozen, name, case.answers[name], case.people))
        for name, field in case.frozen.template.fields.items()
        if field.ask not in ("paragraph", "files") and name in case.answers
    ]
    if case.days is not None:
        facts.append(Fact(t("Days"), str(case.days)))
    return tuple(facts)


def _requester(view: View) -> Fact:
    case, departments = view.case, view.handbook.departments
    key = case.request.department
    if key not in departments:
        return Fact(t("Requester"), case.requester.name)
    who = t("{name} ({department})", name=case.requester.name, department=departments[key].name)
    return Fact(t("Requester"), who)


def _questions(view: View) -> tuple[Words, ...]:
    case = view.case
    answered = [query for query in case.queries if query.status != "open"][-ANSWERED:]
    shown = [query for query in case.queries if view.face == "whole" or query.status == "open" or query in answered]
    lines: list[Words] = []
    for query in shown:
        asker, asked = wording.name(case.people, query.by_id), wording.name(case.people, query.of_id)
        lines.append(t("{name} asks {other}: {text}", name=asker, other=asked, text=query.text))
        if query.answer:
            lines.append(t("{name} answers: {text}", name=asked, text=query.answer))
    return tuple(lines)


def _comments(view: View) -> tuple[Words, ...]:
    return tuple(
        t("{name}, {when}: {text}", name=wording.who_did(act, view.case.people), when=When(act.at),
          text=act.text or t("(a file)"))
        for act in _talk(view)
    )  # fmt: skip


def _talk(view: View) -> list[Act]:
    talk = [act for act in view.case.acts if act.what in SAID and (act.text or act.files != "[]")]
    return talk if view.face == "whole" else talk[-COMMENTS:]


def _files(view: View) -> tuple[Attached, ...]:
    fields = view.case.frozen.template.fields
    given = [
        view.case.answers[name] for name, field in fields.items() if field.ask == "files" and name in view.case.answers
    ]
    return tuple(file for packed in (*given, *[act.files for act in _talk(view)]) for file in unpack_files(packed))


def _foot(view: View) -> tuple[Words, ...]:
    acts = [act for act in view.case.acts if act.what not in SILENT]
    shown = acts if view.face == "whole" else acts[-ACTS:]
    return tuple(wording.done_where(act, view.case.people) for act in shown)


def _clause(view: View) -> Text:
    clause = view.case.frozen.template.clause
    return naming.clause(view.handbook, clause)


def _tone(view: View) -> Tone:
    match view.case.request.status:
        case Status.PENDING:
            is_late = any(task.chased in ("late", "escalate", "timeout") for task in standing.open_seats(view.case))
            return Tone.WARN if is_late or own.related(view) else Tone.PLAIN
        case Status.RETURNED:
            return Tone.WARN
        case Status.APPROVED:
            return Tone.GOOD
        case Status.REJECTED:
            return Tone.BAD
    return Tone.MUTED
