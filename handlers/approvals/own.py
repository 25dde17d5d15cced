"""What a card says to its reader alone: why it is with them, what became of their part, what to look at first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.ui.card import Fact
from config.handbook.approvals import Template
from config.handbook.approvals.chain import Mark
from config.handbook.approvals.sums import major, minor
from config.text import Money, Text, Words, t
from handlers.approvals import naming, standing, wording
from handlers.approvals.view import View
from storage.approvals import Aim, Case, Request, Status, Task
from storage.approvals.rights import STATES


def own(view: View) -> tuple[Fact, ...]:
    """What concerns this reader alone: why it is with them, or what became of it; what the budget has left."""
    seat = view.seat
    if view.face == "copy" and view.reader is not None:
        return _shown_by(view, view.reader)
    if seat is None or view.face not in ("task", "whole"):
        return ()
    if view.holds:
        return (Fact(t("Why it is with you"), _why(view, seat)), *_budget(view))
    if view.lends:
        return (Fact(t("Your part"), t("You have asked for advice; then it is with you again.")),)
    return (Fact(t("Your part"), part),) if (part := _part(view, seat)) is not None else ()


def _shown_by(view: View, reader: int) -> tuple[Fact, ...]:
    """Who showed it to this reader, and what they were to know."""
    case = view.case
    act = next((act for act in case.acts if act.what == "share" and reader in json.loads(act.to_ids)), None)
    if act is None:
        return ()
    name = wording.who_did(act, case.people)
    said = t("{name} shows it to you: {text}", name=name, text=act.text) if act.text else None
    return (Fact(t("Why you see it"), said or t("{name} shows it to you", name=name)),)


def _why(view: View, seat: Task) -> Words:
    case, template = view.case, view.case.frozen.template
    giver = standing.giver(case, seat)
    given = {
        "transfer": t("{name} passed it on to you", name=giver),
        "delegate": t("{name} asks for your advice, and decides then", name=giver),
        "add": t("{name} asks for your word as well", name=giver),
    }
    clause = template.steps[seat.step].clause or template.clause
    title = naming.clause_title(view.handbook, clause)
    why = given.get(seat.why) or t(
        "{rule}, by §{number} {title}", rule=standing.rule(view.handbook, seat), number=clause, title=title
    )
    if seat.for_id is None or seat.for_id == seat.person_id:
        return why
    return t("you stand in for {name}: {why}", name=wording.name(case.people, seat.for_id), why=why)


def _part(view: View, seat: Task) -> Words | None:
    """What became of a seat that is not the reader's to decide any more."""
    case, request = view.case, view.case.request
    if view.reader != seat.person_id:
        given = standing.given_by(case, seat)
        return wording.done_where(given, case.people) if given is not None else None
    act = next((act for act in reversed(case.acts) if act.task_id == seat.id and act.what in _OWN_ACTS), None)
    if seat.status in (Mark.APPROVED, Mark.REJECTED) and act is not None:
        return wording.done_where(act, case.people, reader=view.reader)
    if seat.round != request.round and request.status in (Status.PENDING, Status.RETURNED):
        return t("It has been sent round again since; this one counts no more.")
    if (back := standing.sent_back(case, seat)) is not None:
        return wording.done_where(back, case.people, reader=view.reader)
    if seat.status == Mark.WAITING:
        return t("Others decide first.")
    return t("Nothing is to be decided by you any more.") if seat.status in (Mark.GONE, Mark.OPEN) else None


_OWN_ACTS = ("approve", "reject", "advise", "timeout")


def _budget(view: View) -> tuple[Fact, ...]:
    request, worth, book = view.case.request, view.case.worth, view.handbook
    if not view.case.frozen.template.budget or worth is None or request.aim == Aim.WITHDRAW:
        return ()
    today = _last(view.case).astimezone(ZoneInfo(book.company.zone)).date()
    allowance = book.approvals.budgets.of(request.department, request.template, today, request.currency)
    if allowance is None:
        return ()
    left = max(0, allowance.minor - view.shown.drawn.get(allowance.period, 0))
    said = t(
        "{left} of {whole} left for {period}", left=Money(left, request.currency),
        whole=Money(allowance.minor, request.currency), period=allowance.called,
    )  # fmt: skip
    short = t("{left}: not enough for this", left=said)
    departments = book.departments
    named = departments[request.department].name if request.department in departments else request.department
    return (Fact(t("Budget of {department}", department=named), short if left < worth.minor else said),)


def _last(case: Case) -> datetime:
    return case.acts[-1].at if case.acts else case.request.filed_at


def related(view: View) -> tuple[Fact, ...]:
    """A warning, where several together pass a limit that each stays under."""
    request = view.case.request
    if request.status not in (Status.PENDING, Status.RETURNED):
        return ()
    if view.reader == request.requester_id or view.face == "copy":
        return ()
    said = together(view.case.worth, view.shown.related, view.case.frozen.template)
    return (Fact(t("Please note"), said),) if said is not None else ()


def together(worth: Money | None, related: Sequence[Request], template: Template) -> Text | None:
    """What a request and those related to it come to, and the limit that they pass; None where none of them counts."""
    others = [one for one in related if one.status in _COUNTS]
    if not others or worth is None:
        return None
    whole = Money(worth.minor + sum(one.minor or 0 for one in others), worth.currency)
    limit = template.crosses(major(worth), major(whole))
    numbers = wording.joined(one.number for one in others)
    if limit is None:
        return t("Together with {numbers}: {sum}", numbers=numbers, sum=whole)
    return t(
        "Together with {numbers}: {sum}, which passes the limit of {limit}", numbers=numbers, sum=whole,
        limit=Money(minor(limit, worth.currency), worth.currency),
    )  # fmt: skip


_COUNTS = (Status.PENDING, Status.RETURNED, Status.APPROVED)
"""What was withdrawn or refused is no part of anything."""


def repeated(view: View) -> tuple[Fact, ...]:
    """What it is asked for again after, and how that ended; to whoever asked, also as what they asked for it again."""
    acts, before, later = view.case.acts, t("Asked again after"), t("Asked again as")
    after = next((act.detail.partition(" ") for act in acts if act.what == "again_after"), None)
    again = [act.detail for act in acts if act.what == "again" and view.reader == view.case.request.requester_id]
    return (
        *((Fact(before, t("{number} ({state})", number=after[0], state=STATES[after[2]])),) if after else ()),
        *((Fact(later, again[-1]),) if again else ()),
    )


def changed(view: View) -> tuple[Fact, ...]:
    changed = standing.changed(view.case) if view.holds else None
    return (Fact(t("What was changed"), changed),) if changed is not None else ()
