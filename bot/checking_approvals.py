"""What `check` says of approvals: templates that are closed, and rules that find nobody among those who work here."""

from __future__ import annotations

from collections.abc import Iterator

from config.handbook import Handbook
from config.handbook.approvals import Selector
from storage import people
from storage.people import Employee
from storage.work import Work


async def notes(work: Work, handbook: Handbook) -> list[str]:
    """What is worth knowing before somebody asks and nobody can decide."""
    book = handbook.approvals
    found = []
    if await people.head_of(work, book.steward) is None:
        found.append(
            f"approvals.steward: the department “{book.steward}” has no head, so nobody decides where the rules find "
            "nobody; give it one under [departments], or name another department"
        )
    closed = [key for key, template in book.templates.items() if not template.enabled]
    if closed:
        found.append(f"approvals.templates: closed, so nobody can ask for them: {', '.join(closed)}")
    everyone = list(await people.everyone(work.session))
    found += [
        f"approvals.templates.{key}: “{rule}” names nobody who works here; correct it, or the list of people"
        for key, rule in _named(handbook)
        if not _is_there(rule, everyone)
    ]
    return found


def _named(handbook: Handbook) -> Iterator[tuple[str, Selector]]:
    for key, template in handbook.approvals.open_templates().items():
        rules = [rule for step in template.steps for rule in (*step.by, *step.required)]
        kind, _, name = template.no_approver.partition(":")
        spare = [Selector("person", name)] if kind == "person" else []
        for rule in dict.fromkeys([*rules, *template.copies, *spare]):
            if rule.kind in ("person", "post"):
                yield key, rule


def _is_there(rule: Selector, everyone: list[Employee]) -> bool:
    return any(rule.arg == (one.name if rule.kind == "person" else one.title) for one in everyone)
