"""Who is meant, as a manager writes it: "manager", "head:finance", "heads:2"; the records find the people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from config.handbook.chapter import nearest, refuse

ROLES = ("employee", "head", "admin")
MOST_LEVELS = 5
KINDS = {
    "manager": "manager",
    "head": "head, or head:<department>",
    "heads": "heads:<1 to 5 levels>",
    "department": "department:<department>",
    "post": "post:<title>",
    "role": "role:<employee, head or admin>",
    "person": "person:<name>",
    "field": "field:<a field that asks for people>",
    "manager_of": "manager_of:<a field that asks for a person>",
    "chosen": "chosen, or chosen:<department>",
    "steward": "steward",
}
"""Each kind, and how it is written."""
ALONE = frozenset({"manager", "steward"})
EITHER = frozenset({"head", "chosen"})

_NAME = re.compile("[a-z][a-z0-9_-]{0,31}")


def _is_name(arg: str) -> bool:
    return bool(_NAME.fullmatch(arg))


def _is_told(arg: str) -> bool:
    return len(arg) <= 100 and arg.isprintable()


_ARGUMENT: dict[str, Callable[[str], bool]] = {
    "heads": lambda arg: arg.isdecimal() and arg.isascii() and 1 <= int(arg[:4]) <= MOST_LEVELS,
    "role": lambda arg: arg in ROLES,
    "post": _is_told,
    "person": _is_told,
}


@dataclass(frozen=True, slots=True)
class Selector:
    """A way to name people: its kind, and of what ("" where it needs nothing)."""

    kind: str
    arg: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.arg}" if self.arg else self.kind

    @classmethod
    def read(cls, text: str) -> Selector:
        """Reads "head:finance". Refuses (a `ValueError`) what names nobody, with what to write instead."""
        kind, colon, arg = (part.strip() for part in text.replace("\uff1a", ":").partition(":"))
        if kind not in KINDS:
            near = nearest(kind, list(KINDS))
            hint = f'did you mean "{near}"? Known here' if near else "write one of"
            raise refuse("names nobody", f"{hint}: {'; '.join(KINDS.values())}")
        if kind in ALONE and colon:
            raise refuse(f'needs nothing after "{kind}"', f'write "{kind}"')
        if not arg and (colon or kind not in ALONE | EITHER):
            raise refuse("does not say of what", f"write {KINDS[kind]}")
        if arg and not _ARGUMENT.get(kind, _is_name)(arg):
            raise refuse("cannot be read after the colon", f"write {KINDS[kind]}")
        return cls(kind, arg)

    @property
    def department(self) -> str | None:
        """The key of the department that it names, if it names one."""
        return self.arg or None if self.kind in ("head", "department", "chosen") else None

    @property
    def field(self) -> str | None:
        """The template's field that it looks into, if it does."""
        return self.arg if self.kind in ("field", "manager_of") else None


def _read(written: Any) -> Any:
    if isinstance(written, Selector):
        return written
    if not isinstance(written, str):
        raise refuse("is not a piece of text", 'put it in double quotes: "manager"')
    return Selector.read(written)


Selected = Annotated[Selector, BeforeValidator(_read), PlainSerializer(str, return_type=str)]
"""A selector as it stands in the file."""
