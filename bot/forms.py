"""Who stands in a form: a chosen account becomes the employee behind it, who must still work here; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import Refusal
from bot.ui.form import UNKNOWN, Asking, Question
from storage import people
from storage.places import Identity

NOBODY = "?"
"""An account that nobody here has: no question takes it."""


async def resolved(session: Any, value: Any) -> Any:
    """An account that was chosen becomes the employee behind it, one by one where there are several."""
    match value:
        case Identity():
            person = await people.known(session, value)
            return person.id if person else NOBODY
        case list() | tuple() if any(isinstance(one, Identity) for one in value):
            return [await resolved(session, one) for one in value]
    return value


async def refuse_leavers(session: Any, questions: Sequence[Question], answers: Mapping[str, Any]) -> None:
    """Raises `Refusal` at the first question whose answer names somebody who does not work here, or not any more."""
    for question in questions:
        if question.ask not in ("person", "people") or question.name not in answers:
            continue
        for chosen in _ids(answers[question.name]):
            if await people.find(session, chosen) is None:
                raise Refusal(UNKNOWN, question.name)


async def with_accounts(session: Any, asking: Asking, who: Identity) -> Asking:
    """The form with the people in it as their accounts where it is shown; those who have none there stay ids."""
    asked = [one for one in asking.questions if one.ask in ("person", "people") and one.name in asking.answers]
    if not asked:
        return asking
    shown = dict(asking.answers)
    for question in asked:
        given = shown[question.name]
        found = tuple([await _account(session, one, who) for one in _ids(given)])
        if found:
            shown[question.name] = found if question.ask == "people" else found[0]
    return replace(asking, answers=shown)


async def _account(session: Any, employee_id: int, who: Identity) -> Identity | int:
    for account in await people.accounts(session, employee_id):
        if account.platform == who.platform and account.workspace in ("", who.workspace):
            return Identity(account.platform, who.workspace, account.user)
    return employee_id


def _ids(value: Any) -> list[int]:
    given = value if isinstance(value, list | tuple) else [value]
    return [one for one in given if isinstance(one, int) and not isinstance(one, bool)]
