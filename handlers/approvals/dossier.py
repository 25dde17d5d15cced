"""All of a request on paper: what was asked, by which rules, who decided what and where, what the audit confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.codec import unpack_files
from bot.papers import Cell, Grid, Paper, Passage
from bot.ui.card import Fact
from config.handbook import Handbook
from config.handbook.approvals import Condition, Selector, Step
from config.handbook.approvals.chain import Mark, Place
from config.text import Span, Text, When, Words, t
from handlers.approvals import naming, standing, wording
from storage.approvals import Act, Case, Task, filling
from storage.approvals.answers import unpack
from storage.approvals.proof import Proof
from storage.people import Employee


def of(case: Case, handbook: Handbook, proof: Proof, reader: Employee, now: datetime) -> Paper:
    """The whole record as it stands now, made for this reader."""
    request = case.request
    sections: tuple[Grid | Passage, ...] = (
        *_said(case),
        *_files(case),
        _rules(case, handbook),
        _seats(case, handbook),
        *_questions(case),
        *_changes(case),
        _trail(case, proof),
        Passage(t("What the audit says"), (verdict(proof, case.acts), *_chain(proof))),
    )
    return Paper(
        wording.title(case),
        (handbook.company.name, t("Made for {name}, {when}", name=reader.name, when=When(now))),
        _facts(case, handbook),
        sections,
        (t("{number}, edition {edition}, version {version}", number=request.number, edition=str(request.edition),
           version=str(request.version)),),
    )  # fmt: skip


def _facts(case: Case, handbook: Handbook) -> tuple[Fact, ...]:
    request, clause = case.request, case.frozen.template.clause
    department = handbook.departments[request.department].name if request.department in handbook.departments else ""
    return (
        Fact(t("State"), standing.state(case)),
        Fact(t("Requester"), case.requester.name),
        *((Fact(t("Department"), department),) if department else ()),
        Fact(t("Asked for"), When(request.filed_at)),
        *((Fact(t("Decided at"), When(request.decided_at)),) if request.decided_at is not None else ()),
        Fact(t("By which clause"), naming.clause(handbook, clause)),
        *_answers(case, case.answers),
    )


def _answers(case: Case, answers: Mapping[str, Any]) -> tuple[Fact, ...]:
    facts = [
        Fact(field.label, wording.answer(case.frozen, name, answers[name], case.people))
        for name, field in case.frozen.template.fields.items()
        if field.ask not in ("paragraph", "files") and name in answers
    ]
    if case.days is not None:
        facts.append(Fact(t("Days"), str(case.days)))
    return tuple(facts)


def _said(case: Case) -> tuple[Passage, ...]:
    return tuple(
        Passage(field.label, (case.answers[name],))
        for name, field in case.frozen.template.fields.items()
        if field.ask == "paragraph" and name in case.answers
    )


def _files(case: Case) -> tuple[Grid, ...]:
    """The files' names: they themselves stay where they lie."""
    fields = case.frozen.template.fields
    rows = [
        (fields[name].label, file.name, file.size)
        for name in fields
        if fields[name].ask == "files" and name in case.answers
        for file in unpack_files(case.answers[name])
    ]
    rows += [
        (wording.did(act, case.people), file.name, file.size)  # type: ignore[misc]  # a Text for a Label
        for act in case.acts
        for file in unpack_files(act.files)
    ]
    columns = (t("Came with"), t("File"), t("Bytes"))
    return (Grid(t("Files"), columns, tuple(rows)),) if rows else ()


def _rules(case: Case, handbook: Handbook) -> Grid:
    """The definition that it goes by, as it was when it was asked for."""
    rows = [
        (str(n), step.name, wording.joined(_named(handbook, one) for one in step.by), _together(case, n - 1, step),
         _when(case, step), _within(step), t("yes") if n - 1 in case.path else t("no"))
        for n, step in enumerate(case.frozen.template.steps, 1)
    ]  # fmt: skip
    columns = (t("No."), t("Step"), t("Who decides"), t("Together"), t("If"), t("Within"), t("Applies"))
    return Grid(t("The rules it goes by"), columns, tuple(rows))


def _together(case: Case, index: int, step: Step) -> Words:
    """How those at a step decide together; nothing, where there is but one."""
    seats = [task for task in case.tasks if task.step == index and task.place == Place.STEP]
    last = [task for task in seats if task.round == seats[-1].round]
    is_one = len(last) == 1 if last else len(step.by) == 1 and step.by[0].kind in _ONE
    return "" if is_one else wording.together(step)


_ONE = ("manager", "manager_of", "head", "person")
"""Rules that name one person."""


def _named(handbook: Handbook, one: Selector) -> Words:
    return one.arg if one.kind == "person" else naming.rule(handbook, str(one))


def _when(case: Case, step: Step) -> Words:
    every = wording.joined(_condition(case, one) for one in step.when)
    one_of = wording.joined(_condition(case, one) for one in step.when_any)
    if step.when and step.when_any:
        return t("{every}; and one of: {any}", every=every, any=one_of)
    return t("one of: {any}", any=one_of) if step.when_any else every


def _condition(case: Case, one: Condition) -> Words:
    """A condition as people write it: "Amount ≥ 5000"."""
    field = case.frozen.template.fields.get(one.fact)
    fact = field.label if field is not None else _FACTS.get(one.fact, one.fact)
    options = field.options if field is not None else {}
    values = wording.joined(options.get(value, value) for value in one.values)
    return t("{fact} {sign} {values}", fact=fact, sign=_SIGNS.get(one.op, one.op), values=values)


_FACTS: dict[str, Text] = {"amount": t("Amount"), "days": t("Days"), "department": t("Department")}
_SIGNS = {">=": "\u2265", "<=": "\u2264", "!=": "\u2260", "in": "=", "not in": "\u2260"}


def _within(step: Step) -> Words:
    return Span(int(step.due.total_seconds())) if step.due is not None else ""


def _seats(case: Case, handbook: Handbook) -> Grid:
    """Every seat of every round, also those that were given up."""
    columns = (
        t("Round"), t("Step"), t("Who"), t("Why they"), t("Came to them"), t("Decision"), t("Decided at"),
        t("From where"), t("Comment"),
    )  # fmt: skip
    return Grid(
        t("Who was asked, and what they decided"), columns, tuple(_seat(case, handbook, one) for one in case.tasks)
    )


def _seat(case: Case, handbook: Handbook, task: Task) -> tuple[Cell, ...]:
    principal = wording.name(case.people, task.for_id) if task.for_id not in (None, task.person_id) else None
    who = naming.in_place(wording.name(case.people, task.person_id), principal)
    steps = case.frozen.template.steps
    by_rule = task.status in (Mark.APPROVED, Mark.REJECTED) and task.decided_by_id is None
    mark = t("{mark}, by rule", mark=_MARKS[task.status]) if by_rule else _MARKS[task.status]
    if standing.sent_back(case, task) is not None:
        mark = t("sent back")
    return (
        str(task.round), steps[task.step].name if 0 <= task.step < len(steps) else "", who, _why(case, handbook, task),
        _moment(task.opened_at), mark, _moment(task.decided_at), naming.platform(task.via) if task.via else "",
        task.comment,
    )  # fmt: skip


def _why(case: Case, handbook: Handbook, task: Task) -> Words:
    if task.why not in _GIVEN:
        return standing.rule(handbook, task)
    return t(_GIVEN[task.why].id, name=standing.giver(case, task))


_GIVEN: dict[str, Text] = {
    "transfer": t("passed on by {name}"),
    "delegate": t("asked for advice by {name}"),
    "add": t("added by {name}"),
}
_MARKS: dict[str, Text] = {
    Mark.WAITING: t("not yet"),
    Mark.OPEN: t("open"),
    Mark.APPROVED: t("approved it"),
    Mark.REJECTED: t("rejected it"),
    Mark.SKIPPED: t("need not"),
    Mark.GONE: t("given up"),
}


def _questions(case: Case) -> tuple[Grid, ...]:
    rows = tuple(
        (_moment(one.at), wording.name(case.people, one.by_id), wording.name(case.people, one.of_id), one.text,
         one.answer, _moment(one.answered_at))
        for one in case.queries
    )  # fmt: skip
    columns = (t("Asked"), t("Who asks"), t("Whom"), t("Question"), t("Answer"), t("Answered"))
    return (Grid(t("Questions"), columns, rows),) if rows else ()


def _changes(case: Case) -> tuple[Grid, ...]:
    """What each new edition changed, and what approvers answered: before and after."""
    template = case.frozen.template
    sent = [act for act in case.acts if act.what == "resubmit"]
    editions = [unpack(act.text) for act in sent] + [case.answers]
    changes = [
        (act, before, after, set(template.asked))
        for act, before, after in zip(sent, editions, editions[1:], strict=False)
    ]
    filled = [act for act in case.acts if act.what == "fill"]
    changes += [(act, *filling.changes_of(act.text), set(template.filled)) for act in filled]
    rows = [
        (_moment(act.at), field.label, *(_brief(case, name, one.get(name)) for one in (before, after)))
        for act, before, after, asked in sorted(changes, key=lambda change: change[0].id)
        for name, field in template.fields.items()
        if name in asked - case.hidden and before.get(name) != after.get(name)
    ]
    columns = (t("When"), t("Field"), t("Before"), t("After"))
    return (Grid(t("What was changed"), columns, tuple(rows)),) if rows else ()


def _brief(case: Case, field: str, value: Any) -> Words:
    if value is None:
        return "\u2013"
    if case.frozen.template.fields[field].ask == "files":
        return wording.joined(file.name for file in unpack_files(value)) if value != "[]" else "\u2013"
    return wording.answer(case.frozen, field, value, case.people)


def _trail(case: Case, proof: Proof) -> Grid:
    """All that was done, with the line of the audit that sealed it."""
    columns = (
        t("When"), t("Round"), t("What was done"), t("From where"), t("Words"), t("Audit line"), t("Seal"), t("Holds"),
    )  # fmt: skip
    return Grid(t("The trail"), columns, tuple(_act(case, proof, act) for act in case.acts))


def _act(case: Case, proof: Proof, act: Act) -> tuple[Cell, ...]:
    sealed = proof.lines.get(act.id)
    words = "" if act.what in ("resubmit", "fill") else act.text  # what it says there stands under what was changed
    return (
        _moment(act.at), str(act.round), wording.did(act, case.people), naming.platform(act.via) if act.via else "",
        words, str(sealed.seq) if sealed else "\u2013", sealed.seal if sealed else "",
        t("yes") if sealed is not None and sealed.holds else t("no"),
    )  # fmt: skip


def verdict(proof: Proof, acts: Sequence[Act]) -> Text:
    """Whether the audit confirms what the trail says, in a sentence."""
    if proof.holds(acts):
        return t("The audit confirms it: nothing of what was done has been changed or taken out since.")
    if proof.broken is not None:
        return t("The audit's chain is broken at line {line}. Please tell the administrator.", line=str(proof.broken))
    return t("The audit does not confirm all of it: something was changed or taken out. Please tell the administrator.")


def _chain(proof: Proof) -> tuple[Words, ...]:
    lines: list[Words] = []
    if proof.checked:
        lines.append(t("All {n} lines of the audit were checked, each with the one before it.", n=proof.checked))
    else:
        lines.append(t("Each line named here was checked with the one before it; the whole chain, by “check”."))
    if proof.lost:
        lines.append(t("Lines of the audit whose act is gone: {lines}", lines=", ".join(map(str, proof.lost))))
    lines.append(t("Seal of the last line: {seal}", seal=proof.head))
    return tuple(lines)


def _moment(at: datetime | None) -> Words:
    return When(at) if at is not None else ""
