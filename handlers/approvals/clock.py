"""The clock of approvals: approvers are reminded, their heads hear of late ones, and what a rule decided is told."""

from __future__ import annotations

from datetime import datetime

from bot.context import Context
from bot.ui.card import Card, Fact, Tone
from config.text import Text, When, Words, t
from handlers.approvals import naming, telling
from handlers.approvals.on import on
from storage import approvals
from storage.approvals import Case, Chased, Task
from storage.people import Employee


@on.due(approvals.chasing)
async def chase(ctx: Context, task: Task) -> None:
    """Reminds whoever is asked, tells their head when it is late, and does what the step's rule says at the end."""
    chased = await approvals.chase(ctx.work, task)
    if chased is None:
        return
    if chased.went is not None:
        await _decided(ctx, chased)
        return
    case = await telling.of(ctx, chased.request)
    await ctx.refresh(chased.request)
    for person in chased.told:
        if chased.kind == "escalate":
            await ctx.tell(person, _escalated(case, chased), about=case.request)
        else:
            card, is_urgent = _reminder(case, chased, person), chased.kind == "late"
            await ctx.tell(person, card, urgent=is_urgent, about=case.request)


def _reminder(case: Case, chased: Chased, person: Employee) -> Card:
    what, due_at = naming.this(case), chased.task.due_at
    is_late = chased.kind == "late"
    title = t("{what} is late: it waits for you", what=what) if is_late else t("{what} waits for you", what=what)
    asked = t("{name} asks for it.", name=case.requester.name)
    due = () if due_at is None else (_due(due_at, is_late),)
    seat = next((one for one in case.tasks if one.id == chased.task.id and one.person_id == person.id), None)
    tone = Tone.WARN if is_late else Tone.PLAIN
    return telling.notice(case, person, title, asked, *due, tone=tone, first=telling.deciding(case, seat))


def _due(at: datetime, is_late: bool) -> Text:
    return t("It was due {when}.", when=When(at)) if is_late else t("It is due {when}.", when=When(at))


def _escalated(case: Case, chased: Chased) -> Card:
    """What a head hears who may not read the request: where it waits, for whom and since when; nothing of it."""
    task, name = chased.task, chased.person.name if chased.person is not None else "?"
    facts = (
        Fact(t("Step"), naming.step_name(case, task.step)),
        *((Fact(t("Waits since"), When(task.opened_at)),) if task.opened_at is not None else ()),
        *((Fact(t("Was due"), When(task.due_at)),) if task.due_at is not None else ()),
    )
    usual = t("Please see to it that {name} decides, or passes it on.", name=name)
    return Card(
        t("{what} is late: it waits for {name}", what=naming.this(case), name=name),
        body=(_WHY.get(chased.why, usual),),
        facts=facts,
        tone=Tone.BAD,
    )


_WHY: dict[str, Text] = {
    "budget": t("By its rule it would be approved now, but the budget does not allow it: somebody has to decide."),
    "second": t(
        "By its rule it would be approved now, but so much wants a person's confirmation: somebody has to decide."
    ),
    "fills": t("By its rule it would be approved now, but its step asks for answers: somebody has to give them."),
    "advice": t("It waits for advice, which no rule can give: please ask for it, or have the request taken back."),
}


async def _decided(ctx: Context, chased: Chased) -> None:
    """A rule has decided: everybody hears so, and that nobody did it."""
    assert chased.went is not None  # that is how we came here
    case = await telling.spread(ctx, chased.went, _by_rule(chased))
    if chased.person is None:
        return
    what = naming.this(case)
    title: Words = t("{what} was decided without you", what=what)
    why = _by_rule(chased)
    card = telling.notice(case, chased.person, title, why, tone=Tone.WARN)
    await ctx.tell(chased.person, card, urgent=False, about=case.request)


def _by_rule(chased: Chased) -> Text:
    name = chased.person.name if chased.person is not None else "?"
    if chased.kind == "approve":
        return t("Approved by rule: {name} had not decided in time", name=name)
    return t("Rejected by rule: {name} had not decided in time", name=name)
