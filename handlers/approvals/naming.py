"""How approvals are called in a sentence: a request, the people it waits for, who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from config.handbook import Handbook
from config.text import Label, Text, Words, t
from storage.approvals import Case, Request, Stop, Task
from storage.people import Employee

MOST = 5
"""Names that are read out; a longer list helps nobody."""


def named(request: Request, name: Words) -> Text:
    """A request as people speak of it: its number, and what kind it is."""
    return t("{number} {name}", number=request.number, name=name)


def this(case: Case) -> Text:
    """The same for a request that is in hand."""
    return named(case.request, case.frozen.template.name)


def names(people: Sequence[Employee]) -> Words:
    """Several people's names, as one reads them aloud. At least one."""
    first, *rest = [person.name for person in people]
    if len(rest) >= MOST:
        return t("{name} and {n} others", name=first, n=len(rest))
    said: Words = first
    for name in rest[:-1]:
        said = t("{names}, {name}", names=said, name=name)
    return t("{names} and {name}", names=said, name=rest[-1]) if rest else said


def in_place(name: str, principal: str | None) -> Words:
    """Who acts, and in whose place: a deputy for whoever is away."""
    return t("{name} for {principal}", name=name, principal=principal) if principal else name


def platform(via: str) -> Words:
    """A platform's name, as it stands behind "on"."""
    return _PLATFORMS.get(via, via)


_PLATFORMS: dict[str, Words] = {"slack": "Slack", "telegram": "Telegram", "web": t("the web page")}


def rule(book: Handbook, why: str) -> Words:
    """The rule by which somebody was asked to decide: `head:finance`, `over:manager`, `chosen`."""
    kind, _, of = why.partition(":")
    return _RULES[kind](book, of) if kind in _RULES else why


def _department(book: Handbook, key: str) -> Words:
    return book.departments[key].name if key in book.departments else key


def _head(book: Handbook, key: str) -> Words:
    return t("head of {department}", department=_department(book, key)) if key else t("head of the department")


_ROLES = {"employee": t("an employee"), "head": t("a head"), "admin": t("an administrator")}
_RULES: dict[str, Callable[[Handbook, str], Words]] = {
    "manager": lambda book, of: t("manager"),
    "head": _head,
    "heads": lambda book, of: t("heads above"),
    "department": lambda book, of: t("member of {department}", department=_department(book, of)),
    "post": lambda book, of: of,
    "role": lambda book, of: _ROLES.get(of, of),
    "person": lambda book, of: t("named in the handbook"),
    "field": lambda book, of: t("named in the request"),
    "manager_of": lambda book, of: t("manager of whom the request names"),
    "chosen": lambda book, of: t("chosen by the requester"),
    "steward": lambda book, of: t("keeps the approvals"),
    "no_approver": lambda book, of: t("nobody else was found"),
    "over": lambda book, of: t("in the requester's place: {rule}", rule=rule(book, of)),
    "left": lambda book, of: t("for somebody who has left: {rule}", rule=rule(book, of)),
    "transfer": lambda book, of: t("transferred"),
    "add": lambda book, of: t("added"),
    "delegate": lambda book, of: t("asked for advice"),
}


def stop(book: Handbook, one: Stop) -> Words:
    """Who is to decide at a step, together how, and by which rule; or why nobody is."""
    if not one.people:
        return _SKIPPED.get(one.skipped, t("nobody need decide here"))
    how = _TOGETHER.get(one.method.partition(":")[0]) if len(one.people) > 1 else None
    who = t(how.id, names=names(one.people), figure=one.method.partition(":")[2]) if how else names(one.people)
    rules = list(dict.fromkeys(one.why))
    return t("{who} ({rule})", who=who, rule=rule(book, rules[0])) if len(rules) == 1 else who


_SKIPPED: dict[str, Text] = {
    "requester": t("skipped: that would be you"),
    "agreed": t("not asked again: decides at an earlier step"),
    "approve": t("passed by rule: there is nobody to decide"),
    "reject": t("rejected by rule: there is nobody to decide"),
}
_TOGETHER: dict[str, Text] = {
    "all": t("{names}, all of them"),
    "any": t("{names}, any one of them"),
    "turn": t("{names}, one after the other"),
    "ratio": t("{names}, at least {figure}% of them"),
    "count": t("{names}, at least {figure} of them"),
}


def doer(case: Case, task: Task | None, by: Employee) -> Words:
    """Who did it, from which seat: in whose place, if they stand in for somebody."""
    principal = case.people.get(task.for_id) if task is not None and task.for_id is not None else None
    return in_place(by.name, principal.name if principal is not None and principal.id != by.id else None)


def holders(case: Case) -> list[Employee]:
    """Whom a request waits for now, each once."""
    open_ = [task.person_id for task in case.tasks if task.status == "open" and task.round == case.request.round]
    return [case.people[one] for one in dict.fromkeys(open_)]


def clause_title(book: Handbook, number: str) -> Words:
    """What the handbook calls a clause; a dash where it has it no more."""
    return book.clause(number) if number in book.clauses else "\u2013"


def clause(book: Handbook, number: str) -> Text:
    """A clause by its number and title; by its number alone, where the handbook of today has it no more."""
    return t("§{number} {title}", number=number, title=clause_title(book, number))


def step_name(case: Case, index: int) -> Label:
    """What the handbook calls a step."""
    return case.frozen.template.steps[index].name
