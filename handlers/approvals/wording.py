"""What a request says and what was done to it, in words: titles, answers, and who did what, for whom, from where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from config.handbook.approvals import Frozen, Step
from config.text import Money, OnDay, Text, When, Words, t
from handlers.approvals import naming
from storage.approvals.answers import unpack
from storage.approvals.case import Case
from storage.approvals.lists import Line
from storage.approvals.tables import Act, Aim, Request, Status
from storage.people import Employee

People = Mapping[int, Employee]

GIST = 30
"""Letters of what was written that stand in a list."""

STATES: dict[str, Text] = {
    Status.PENDING: t("Under way"),
    Status.RETURNED: t("Sent back"),
    Status.APPROVED: t("Approved"),
    Status.REJECTED: t("Rejected"),
    Status.WITHDRAWN: t("Withdrawn"),
    Status.TERMINATED: t("Terminated"),
}


def title(case: Case) -> Text:
    """How a request is headed: `A-1007 · Expense · ¥1,200.00`; without the amount for whom it is not."""
    number, what, money = case.request.number, case.frozen.template.name, case.worth
    if money is None:
        return t("{number} · {what}", number=number, what=what)
    return t("{number} · {what} · {amount}", number=number, what=what, amount=money)


def gist(line: Line) -> Words:
    """What a request is for, in a list: what kind it is, and the first words of what was written."""
    answers, template = unpack(line.request.answers), line.frozen.template
    name, said_in = template.name, {key for key, field in template.asked.items() if field.ask in ("paragraph", "line")}
    asked = (key for key in template.fields if key in said_in - line.hidden)
    said = " ".join(next((str(answers[key]) for key in asked if answers.get(key)), "").split())
    if not said:
        return name
    return t("{label}: {text}", label=name, text=said if len(said) <= GIST else f"{said[: GIST - 1].rstrip()}\u2026")


def state(request: Request) -> Text:
    """Where a request stands, in a word or two."""
    if request.aim == Aim.WITHDRAW and request.status == Status.PENDING:
        return t("Approved; to be withdrawn")
    return STATES[request.status]


def joined(words: Iterable[Words]) -> Words:
    """Several things in one line, one after the other."""
    first, *rest = [*words] or [""]
    for one in rest:
        first = t("{first}, {second}", first=first, second=one)
    return first


def name(people: People, id: int | None) -> str:
    """Somebody's name; that of nobody is a question mark."""
    person = people.get(id) if id is not None else None
    return person.name if person is not None else "?"


def answer(frozen: Frozen, field: str, value: Any, people: People) -> Words:
    """An answer as people read it: options by their labels, people by their names."""
    asked = frozen.template.fields[field]
    match value:
        case Money():
            return value
        case datetime():
            return When(value)
        case date():
            return OnDay(value)
        case int() if asked.ask == "person":
            return name(people, value)
        case int():
            return f"{value:,}"
        case tuple() | list() if asked.ask == "people":
            return joined(name(people, one) for one in value)
        case tuple() | list():
            return joined(asked.options.get(one, str(one)) for one in value)
        case _:
            return asked.options.get(value, str(value))


def together(step: Step) -> Text:
    """How many of those at a step must agree, and in which order."""
    kind, _, figure = step.method.partition(":")
    return t(_TOGETHER[kind].id, figure=figure)


_TOGETHER: dict[str, Text] = {
    "all": t("all of them"),
    "any": t("any one of them"),
    "turn": t("one after the other"),
    "ratio": t("at least {figure}% of them"),
    "count": t("at least {figure} of them"),
}


def who_did(act: Act, people: People) -> Words:
    """Who did it: "Li", "Li for Zhao", or the rules where nobody did."""
    if act.by_id is None:
        return t("The handbook's rule")
    principal = name(people, act.for_id) if act.for_id not in (None, act.by_id) else None
    return naming.in_place(name(people, act.by_id), principal)


def did(act: Act, people: People) -> Text:
    """What was done: "Zhao approved", "Li for Zhao passed it on to Wang"."""
    sentence = _BY_DETAIL.get((act.what, act.detail)) or _DID.get(act.what)
    if sentence is None:
        return t("{name}: {what}", name=who_did(act, people), what=act.what)
    to = joined(name(people, one) for one in json.loads(act.to_ids))
    if act.what in ("again", "again_after"):
        return t(sentence.id, name=who_did(act, people), number=act.detail.partition(" ")[0])
    return t(sentence.id, name=who_did(act, people), to=to, other=name(people, act.for_id))


def done_where(act: Act, people: People, *, reader: int | None = None) -> Text:
    """The same with where and when: "Zhao approved, on Slack, 10:03"; "You approved", to whoever did it."""
    words = _OWN.get(act.what) if act.by_id is not None and act.by_id == reader else None
    said, when = words or did(act, people), When(act.at)
    if act.by_id is None or act.via in ("", "clock", "demo"):
        return t("{did}, {when}", did=said, when=when)
    return t("{did}, on {platform}, {when}", did=said, platform=naming.platform(act.via), when=when)


_OWN: dict[str, Text] = {
    "approve": t("You approved"),
    "reject": t("You rejected it"),
    "advise": t("You gave your advice"),
    "transfer": t("You passed it on"),
    "return": t("You sent it back"),
}


_DID: dict[str, Text] = {
    "file": t("{name} asked for it"),
    "resubmit": t("{name} changed it and sent it again"),
    "approve": t("{name} approved"),
    "reject": t("{name} rejected it"),
    "advise": t("{name} gave advice"),
    "return": t("{name} sent it back"),
    "undo": t("{name} took that back"),
    "transfer": t("{name} passed it on to {to}"),
    "delegate": t("{name} asked {to} for advice"),
    "take_back": t("{name} took it back from {to}"),
    "add": t("{name} added {to}"),
    "take_off": t("{name} took {to} off again"),
    "ask": t("{name} asked {to} a question"),
    "answer": t("{name} answered {to}"),
    "comment": t("{name} commented"),
    "withdraw": t("{name} withdrew it"),
    "withdraw_granted": t("{name} asked to withdraw it"),
    "nudge": t("{name} nudged {to}"),
    "terminate": t("{name} terminated it"),
    "seat": t("It came before {to}"),
    "remind": t("{to} was reminded"),
    "late": t("{to} was told that it is late"),
    "escalate": t("{to} was told that it is late, as head"),
    "timeout": t("Its time was over"),
    "deputise": t("It went to {to}, who stands in for {other}"),
    "hand_back": t("It went back to {to}"),
    "replace": t("It went to {to}, because {other} has left"),
    "drop": t("{to} has left, and need not decide"),
    "unseat": t("By the rules it is not {other}'s any more; it went to {to}"),
    "orphan": t("{to}, who asked for it, has left"),
    "skip": t("{to} need not decide"),
    "merge": t("{to} has a seat already, and decides once"),
    "settle": t("Nobody had to decide"),
    "copy": t("A copy went to {to}"),
    "fill": t("{name} answered what this step asks"),
    "share": t("{name} showed it to {to}"),
    "again": t("{name} asked for it again, as {number}"),
    "again_after": t("It is asked for again, after {number}"),
    "claim": t("{name} began to look at it"),
    "release": t("{name} left it to the others"),
}
_BY_DETAIL: dict[tuple[str, str], Text] = {
    ("resubmit", "unchanged"): t("{name} sent it again, unchanged"),
    ("advise", "agrees"): t("{name} advised to approve"),
    ("advise", "disagrees"): t("{name} advised to reject"),
    ("timeout", "approve"): t("Approved by rule, for its time was over"),
    ("timeout", "reject"): t("Rejected by rule, for its time was over"),
    ("skip", "agreed"): t("{to} has approved it already"),
    ("skip", "requester"): t("{to} asks for it, and need not decide"),
    ("settle", "no_approver:approve"): t("Nobody was found to decide, so the rules let it pass"),
    ("settle", "no_approver:reject"): t("Nobody was found to decide, so the rules rejected it"),
    ("claim", "over"): t("{name} took over looking at it from {to}"),
    ("drop", "question"): t("{to} has left, and can't answer any more"),
    ("unseat", "alone"): t("By the rules it is not {other}'s any more; others decide"),
    ("settle", "no_step"): t("No step applies, so it passed"),
}
