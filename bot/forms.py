"""What stands in a form: an account becomes the employee behind it, and back; files that are filled in stay in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.codec import pack_asking, unpack_asking
from bot.errors import Refusal
from bot.ui.form import UNKNOWN, Asking, Attached, Question
from bot.ui.reading import is_empty
from config.text import t
from storage import drafts, people, webchat
from storage.places import Identity
from storage.tables import id_in
from storage.work import Work

TOO_OLD = t("This form is too old, or was begun by somebody else. Please start again.")
KEPT = "#"
"""What stands before a draft's number, behind the name of a form that has files filled in."""
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


async def with_files(work: Work, asking: Asking) -> Asking:
    """A form with files filled in that nobody else would bring back: it is kept, and its name leads there.

    Platforms with forms show such files and take only new ones; `files_back` puts them in again.
    """
    if not _brought(asking):
        return asking
    draft = await drafts.keep(work, pack_asking(asking))
    return replace(asking, form=f"{asking.form}{KEPT}{draft.id}")


async def files_back(work: Work, form: str, answers: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The form's own name, and its answers with the files that were filled in, where no others were attached.

    Raises `Refusal` where what was kept is too old.
    """
    name, _, kept = form.partition(KEPT)
    if not kept:
        return form, dict(answers)
    draft_id = id_in(kept)
    draft = await drafts.find(work, draft_id) if draft_id is not None else None
    if draft is None:
        raise Refusal(TOO_OLD)
    brought = _brought(unpack_asking(draft.asking))
    back = {one: files for one, files in brought.items() if is_empty(answers.get(one))}
    for files in back.values():
        await take_files(work, files)
    return name, {**answers, **back}


def _brought(asking: Asking) -> dict[str, tuple[Attached, ...]]:
    """The files that are filled in, and don't stand there by themselves."""
    asked = [one.name for one in asking.questions if one.ask == "files" and one.name not in asking.usual]
    return {name: tuple(asking.answers[name]) for name in asked if not is_empty(asking.answers.get(name))}


async def take_files(work: Work, files: Iterable[Any]) -> None:
    """Files of ours that a record or a form has now stay; loose ones would be dropped after a day."""
    ids = [id_in(file.source.removeprefix("web:")) for file in files if isinstance(file, Attached)]
    if any(ids):
        await webchat.take_files(work, work.actor.id, [id for id in ids if id is not None])
