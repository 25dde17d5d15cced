"""Authority: who may do what to a record, asked once and in one place, from a table of action × relation × state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from config.text import Text, t
from storage.errors import Refusal
from storage.work import Work

Rights = Mapping[str, Mapping[Any, Collection[Any]]]
"""action → relation of the person to the record → the states in which it is theirs to do."""

NOT_THERE = t("There is no such record, or it is not yours to see.")
"""The same words for what does not exist and for what one may not see."""


def allows(rights: Rights, action: str, relations: Collection[Any], status: str) -> bool:
    """Whether one of the relations gives the right in this state. An action without a row is nobody's."""
    return any(status in rights.get(action, {}).get(relation, ()) for relation in relations)


def require(
    work: Work, rights: Rights, action: str, relations: Collection[Any], status: str, about: str, why: Text
) -> None:
    """Raises `Refusal` in the words of `why` where the right is missing; the attempt goes into the audit."""
    if allows(rights, action, relations, status):
        return
    ever = any(relation in rights.get(action, {}) for relation in relations)
    raise Refusal(why, denied=not ever)
