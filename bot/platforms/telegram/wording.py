"""What somebody wrote, with Telegram's marks read: the command at its beginning, and whether we were called by name.

Marks ("entities") count in UTF-16 units, and may claim anything; nothing here raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

MARKS = 200
"""Telegram gives at most 100 for a message."""
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?")


@dataclass(frozen=True, slots=True)
class Wording:
    """The text without our name in it; the command that it begins with, the bot that this names, and the rest."""

    text: str
    called: bool = False
    command: str = ""
    bot: str = ""
    rest: str = ""


def wording(text: Any, marks: Any, our_id: int, our_name: str) -> Wording:
    """Reads a text, or a caption, with its marks."""
    if not isinstance(text, str):
        return Wording("")
    known = [mark for mark in marks[:MARKS] if isinstance(mark, dict)] if isinstance(marks, list) else []
    spans = [span for mark in known if (span := _calls_us(text, mark, our_id, our_name))]
    kept = _without(text, spans) if spans else text.strip()
    if any(mark.get("type") == "bot_command" and mark.get("offset") == 0 for mark in known):
        found = _COMMAND.match(kept)
        if found is not None:
            bot = (found[2] or "").casefold()
            return Wording(kept, bool(spans), found[1].lower(), bot, kept[found.end() :].strip())
    return Wording(kept, bool(spans))


def _calls_us(text: str, mark: dict[str, Any], our_id: int, our_name: str) -> tuple[int, int] | None:
    """From where to where (in UTF-16 units) a mark names us; None where it names somebody else, or nobody."""
    start, length = mark.get("offset"), mark.get("length")
    if type(start) is not int or type(length) is not int or start < 0 or not 0 < length <= 256:
        return None
    match mark.get("type"):
        case "mention":
            units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * (start + length)]
            named = units.decode("utf-16-le", "replace")
            ours = bool(our_name) and named.casefold() == f"@{our_name}".casefold()
        case "text_mention":
            user = mark.get("user")
            ours = bool(our_id) and isinstance(user, dict) and user.get("id") == our_id
        case _:
            ours = False
    return (start, start + length) if ours else None


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without these parts, and without the gap and the comma that they leave behind."""
    units, pieces, at = text.encode("utf-16-le", "surrogatepass"), [], 0
    for start, end in sorted(spans):
        pieces.append(units[2 * at : 2 * max(at, start)])
        at = max(at, end)
    pieces.append(units[2 * at :])
    words = [piece.decode("utf-16-le", "ignore").strip(" \t\xa0") for piece in pieces]  # halves left by a mark go
    return " ".join(word for word in words if word).strip().lstrip(",:;，：、").strip()
