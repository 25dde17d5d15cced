"""What customers complained of in three months, what colleagues wrote about it, and what they chatted about."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).parent / "stories.toml"

Course = Literal[
    "plain", "assigned", "warned", "late", "very late", "untaken", "reopened", "escalated", "refused",
    "fresh", "taken", "overdue", "answered",
]  # fmt: skip
"""How a complaint goes; the last four are today's, and still stand so."""
Who = Literal["owner", "mate", "head", "reporter"]
WRITERS: dict[str, Who] = {"mate": "mate", "head": "head", "reporter": "reporter"}


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote about a complaint while it was being answered."""

    who: Who
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """One complaint. `answer` is what the customer was told, `why` and `second` are for one that came back."""

    customer: str
    contact: str
    what: str
    kind: str
    urgency: str
    course: Course
    remarks: tuple[Remark, ...]
    answer: str
    why: str
    second: str

    @property
    def language(self) -> str:
        """The language that the customer speaks."""
        return "zh" if any("\u4e00" <= char <= "\u9fff" for char in self.what) else "en"


@dataclass(frozen=True, slots=True)
class Talk:
    """Words in a room, and what others wrote under them; `minutes_ago` (of working time) where they are today's."""

    room: str
    lines: tuple[tuple[str, str], ...]
    minutes_ago: int | None


def read() -> tuple[list[Story], list[Talk]]:
    """The complaints and the talk, each in the order in which they came."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [_story(one) for one in told["complaint"]], [_talk(one) for one in told["talk"]]


def _story(told: dict[str, Any]) -> Story:
    return Story(
        customer=told["customer"],
        contact=told.get("contact", ""),
        what=told["what"],
        kind=told["kind"],
        urgency=told.get("urgency", "normal"),
        course=told.get("course", "plain"),
        remarks=tuple(_remark(line) for line in told.get("remarks", ())),
        answer=told.get("answer", ""),
        why=told.get("why", ""),
        second=told.get("second", ""),
    )


def _remark(line: str) -> Remark:
    before, _, text = line.partition("> ")
    return Remark(WRITERS[before], text) if before in WRITERS else Remark("owner", line)


def _talk(told: dict[str, Any]) -> Talk:
    return Talk(told["room"], tuple((who, text) for who, text in told["lines"]), told.get("minutes_ago"))
