"""The departments: what each answers for, who heads it, and how people call it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import ItemsView, Iterator
from difflib import SequenceMatcher

from pydantic import ConfigDict, Field, RootModel

from config.handbook.chapter import Chapter, ClauseNumber, Fault, Line, Name
from config.handbook.label import Named

SUFFIX = re.compile(r"(部门|部|department|dept\.?)$")


class Department(Chapter):
    """`head` is a person's name as the company writes it; `parent` is the key of the department above."""

    name: Named
    duties: tuple[Named, ...] = ()
    clause: ClauseNumber = "2"
    aliases: tuple[Line, ...] = ()
    head: Line | None = None
    parent: Name | None = None


class Departments(RootModel[dict[Name, Department]]):
    """Departments by key, in the order of the file."""

    model_config = ConfigDict(frozen=True)

    root: dict[Name, Department] = Field(min_length=1)

    def __getitem__(self, key: str) -> Department:
        return self.root[key]

    def __contains__(self, key: object) -> bool:
        return key in self.root

    def keys(self) -> tuple[str, ...]:
        """The departments' keys, in the order of the file."""
        return tuple(self.root)

    def items(self) -> ItemsView[str, Department]:
        """Keys and departments, in the order of the file."""
        return self.root.items()

    def find(self, text: str) -> str | None:
        """The department that is called so: by key, by either name, or by an alias.

        Capitals, full-width letters, spaces and a closing 部, 部门 or "department" make no difference.
        """
        return dict(self._called()).get(plain(text))

    def near(self, text: str) -> list[str]:
        """At most three departments that may be meant, the likeliest first: to offer, never to pick."""
        asked = plain(text)
        likeness = dict.fromkeys(self.root, 0.0)
        for called, key in self._called():
            likeness[key] = max(likeness[key], _likeness(asked, called))
        likeliest = sorted(likeness, key=likeness.__getitem__, reverse=True)
        return [key for key in likeliest if likeness[key] >= 0.5][:3]

    def above(self, key: str) -> tuple[str, ...]:
        """The departments over this one, the nearest first."""
        found: list[str] = []
        parent = self.root[key].parent
        while parent is not None:
            found.append(parent)
            parent = self.root[parent].parent
        return tuple(found)

    def faults(self) -> Iterator[Fault]:
        """Parents that do not exist, departments over themselves, and names that two departments share."""
        for key, department in self.root.items():
            at = ("departments", key, "parent")
            if department.parent is not None and department.parent not in self.root:
                yield Fault(at, f'names "{department.parent}", which is no department', self._choose())
            elif self._is_over_itself(key):
                yield Fault(at, "puts the department over itself", "take this line out, or name another one")
        taken: dict[str, str] = {}
        for called, key in self._called():
            if taken.setdefault(called, key) != key:
                reason = f'is called "{called}", and so is the department "{taken[called]}"'
                yield Fault(("departments", key), reason, "give one of them another name or alias")

    def _called(self) -> Iterator[tuple[str, str]]:
        for key, department in self.root.items():
            for called in (key, department.name.zh, department.name.en, *department.aliases):
                yield plain(called), key

    def _is_over_itself(self, key: str) -> bool:
        seen: set[str] = set()
        parent = self.root[key].parent
        while parent in self.root and parent not in seen:
            if parent == key:
                return True
            seen.add(parent)
            parent = self.root[parent].parent
        return False

    def _choose(self) -> str:
        return "write one of: " + ", ".join(self.root)


def plain(text: str) -> str:
    """What somebody called a department, without what makes no difference."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())
    return SUFFIX.sub("", folded) or folded


def _likeness(asked: str, called: str) -> float:
    if len(asked) >= 2 and (asked in called or called in asked):
        return 0.9
    return SequenceMatcher(None, asked, called).ratio()
