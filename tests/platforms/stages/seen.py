"""What people see and hold: a message as it is read, a form that was sent, a file, a colleague."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a person reads it, marks resolved: its words line by line, what may be pressed or opened.

    `links` are labels with their addresses, files among them. `live` is what else in it would ring somebody, run, or
    lead to another place than it says.
    """

    lines: tuple[str, ...]
    buttons: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    live: tuple[str, ...] = ()
    pictures: int = 0

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join(" ".join(self.lines).split())


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a form that was filled in: the words that came back, and the question that they stand beside."""

    words: str
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A file on somebody's machine."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Colleague:
    """An answer to "who?": by name, as people know each other."""

    name: str
