"""What the demo's people asked for in three months, and what others did about each of these requests."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).parent / "requests.toml"

Do = Literal[
    "approve", "reject", "back", "resubmit", "transfer", "delegate", "advise", "add",
    "ask", "answer", "comment", "nudge", "withdraw", "withdraw_granted",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done about a request: by `who`, from the seat that is theirs; else by whoever's turn it is."""

    do: Do
    who: str
    to: str
    text: str
    change: dict[str, Any]
    after: int | None
    """Minutes of working time since what was done before; None: it does not matter."""


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away while a request comes, and their deputy."""

    who: str
    deputy: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; `minutes_ago` (of working time) where it is one of those that still wait."""

    by: str
    template: str
    answers: dict[str, Any]
    away: Away | None
    deeds: tuple[Deed, ...]
    minutes_ago: int | None


def read() -> list[Asked]:
    """The requests, in the order in which they came."""
    return [_asked(one) for one in tomllib.loads(FILE.read_text(encoding="utf-8"))["request"]]


def _asked(told: dict[str, Any]) -> Asked:
    return Asked(
        by=told["by"],
        template=told["template"],
        answers=told["answers"],
        away=Away(**told["away"]) if "away" in told else None,
        deeds=tuple(_deed(one) for one in told.get("acts", ())),
        minutes_ago=told.get("minutes_ago"),
    )


def _deed(told: dict[str, Any]) -> Deed:
    return Deed(
        do=told["do"],
        who=told.get("who", ""),
        to=told.get("to", ""),
        text=told.get("text", ""),
        change=told.get("change", {}),
        after=told.get("after"),
    )
