"""Reads a handbook from its file, and lays a company's own over the one that Opsbook brings along."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.handbook.chapter import Key
from config.handbook.lines import lines_of
from config.handbook.problems import HandbookError, Problem

SHIPPED = Path(__file__).parent.parent / "handbook.toml"
MOST_BYTES = 1_000_000
WHOLE: frozenset[Key] = frozenset(
    {
        ("departments",),
        ("complaints", "kinds"),
        ("calendar", "week"),
        ("approvals", "budgets"),
        ("approvals", "templates", "*", "fields"),
    }
)
"""What a company gives as a whole or not at all: its own departments do not join the shipped ones. `*` is any key."""


@dataclass(frozen=True)
class Written:
    """A file's values, and the line of each key."""

    values: dict[str, Any]
    lines: dict[Key, int]


def read(path: Path) -> Written:
    """Reads a file of at most 1 MB. Raises HandbookError, naming the line where it is no longer TOML."""
    text = _text(path)
    try:
        return Written(tomllib.loads(text), lines_of(text))
    except RecursionError:
        problem = Problem("the file", None, "has brackets nested too deep", "take them apart")
        raise HandbookError([problem], str(path)) from None
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits raises another
        raise HandbookError([_stumble(text, str(error))], str(path)) from None


def laid_over(shipped: dict[str, Any], own: dict[str, Any], at: Key = ()) -> dict[str, Any]:
    """What holds in the end: tables merge, everything else, a label, and what is in `WHOLE`, is replaced."""
    merged = dict(shipped)
    for name, value in own.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict) and _merges(below, (*at, name)):
            merged[name] = laid_over(below, value, (*at, name))
        else:
            merged[name] = value
    return merged


def _merges(below: dict[str, Any], key: Key) -> bool:
    return not any(_is_named_by(whole, key) for whole in WHOLE) and below.keys() != {"zh", "en"}


def _is_named_by(whole: Key, key: Key) -> bool:
    return len(whole) == len(key) and all(part in ("*", named) for part, named in zip(whole, key, strict=True))


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise _unreadable(path, "is not a file", "name a file, such as handbook.toml")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise _unreadable(path, reason, "check the path, and that Opsbook may read it") from None
    if len(content) > MOST_BYTES:
        raise _unreadable(path, "is larger than 1 MB", "a handbook is a page or two: is this the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, "is not in UTF-8", "save it as UTF-8 text", line) from None


def _unreadable(path: Path, reason: str, remedy: str, line: int | None = None) -> HandbookError:
    return HandbookError([Problem("the file", line, reason, remedy)], str(path))


def _stumble(text: str, message: str) -> Problem:
    lines = text.splitlines() or [""]
    found = re.search(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$", message)
    if found is None:
        return Problem("the file", None, "is not valid TOML", "look for a number that is far too long")
    line = int(found[1] or len(lines))
    written = lines[min(line, len(lines)) - 1]
    key = re.match(r"\s*([^=\s\[#][^=#]*?)\s*=", written)
    reason = f"is not valid TOML ({message[: found.start()]})"
    remedy = 'check this line and the one above: text stands in "double quotes", lists in [ ], each key once'
    return Problem(key[1] if key else "the file", line, reason, remedy)
