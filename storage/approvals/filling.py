"""Filling in: what a step asks of its approver, such as a cost centre, is answered when they approve, with the seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.handbook.approvals import Template
from config.handbook.approvals.chain import Place
from config.handbook.approvals.fields import FormField
from config.text import t
from storage.approvals.answers import columns_of, pack, refuse_too_much, unpack
from storage.approvals.going import Going
from storage.approvals.tables import Aim, Request, Task
from storage.approvals.trail import asked_for
from storage.errors import Refusal


class NeedsAnswers(Refusal):
    """The seat can't be approved without what its step asks for; nothing has happened yet."""

    def __init__(self, request: Request) -> None:
        super().__init__(t("{number} needs your answers: please approve it by itself.", number=request.number))


def asked_at(template: Template, request: Request, task: Task) -> dict[str, FormField]:
    """What whoever approves from this seat is asked; nothing of those who were added, advise, or take it back."""
    if task.place != Place.STEP or request.aim == Aim.WITHDRAW or not 0 <= task.step < len(template.steps):
        return {}
    return {name: template.fields[name] for name in template.steps[task.step].fills}


def take_in(going: Going, task: Task, fills: Mapping[str, Any] | None) -> None:
    """Merges the approver's answers into what is asked for: the path from here on is judged with them.

    Raises `NeedsAnswers` where none were brought, and `Refusal` at the one that will not do.
    """
    template = going.frozen.template
    asked = asked_at(template, going.request, task)
    if not asked:
        return
    if fills is None:
        raise NeedsAnswers(going.request)
    given = {name: fills[name] for name in asked if fills.get(name) is not None}
    for name, field in asked.items():
        if name not in given and not field.optional:
            raise Refusal(t("Please answer this."), name)
    refuse_too_much(given)
    before = unpack(going.request.answers)
    after = {name: value for name, value in before.items() if name not in asked} | given
    if (days := template.days_of(after)) is not None and days < 1:
        raise Refusal(t("The last day can't be before the first."), next(n for n in template.days if n in asked))
    going.changes |= columns_of(template, after)


async def note(going: Going, task: Task) -> None:
    """Writes what this approver answered into the trail: the answers before and after."""
    asked = asked_at(going.frozen.template, going.request, task)
    if not asked:
        return
    was, now = unpack(going.request.answers), unpack(going.changes["answers"])
    said = {
        "before": json.loads(pack({name: was[name] for name in asked if name in was})),
        "after": json.loads(pack({name: now[name] for name in asked if name in now})),
    }
    await going.note(
        "fill", task=task, detail=",".join(asked), text=json.dumps(said, ensure_ascii=False, sort_keys=True),
        asked=asked_for(going.request, going.changes),
    )  # fmt: skip


def changes_of(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `note` wrote: the answers before and after, typed again."""
    said = json.loads(text)
    return unpack(json.dumps(said["before"])), unpack(json.dumps(said["after"]))
