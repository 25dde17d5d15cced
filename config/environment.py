"""Settings come from the environment and from a `.env` file; where both speak, the environment wins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

OURS = ("OPSBOOK_", "SLACK_", "TELEGRAM_")
"""Only these names are ever repeated: a line that holds nothing but a secret reads as a name, too."""


@dataclass(frozen=True)
class Problem:
    """One setting to mend. No text of it ever holds the value of a setting."""

    key: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.key} {self.reason}: {self.remedy}"


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds all that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        told = (f"  {problem}" for problem in self.problems)
        super().__init__("\n".join(["The settings cannot be used:", *told]))


def gathered(environ: Mapping[str, str], dotenv: Path | None, problems: list[Problem]) -> dict[str, str]:
    """All that was set, the environment laid over the file; what is wrong with the file goes to `problems`.

    A file that is not there sets nothing. `$` and `${...}` are taken as written.
    """
    return {**_from_file(dotenv, problems), **environ} if dotenv is not None else dict(environ)


def _from_file(dotenv: Path, problems: list[Problem]) -> dict[str, str]:
    try:
        text = dotenv.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        problems.append(Problem(str(dotenv), reason, "check the file, or remove it"))
        return {}
    except UnicodeDecodeError:
        problems.append(Problem(str(dotenv), "is not in UTF-8", "save it as UTF-8 text"))
        return {}
    found: dict[str, str] = {}
    for binding in parse_stream(StringIO(text)):
        here = f"{dotenv.name} line {binding.original.line + _blank_before(binding.original.string)}"
        if binding.error:
            problems.append(Problem(here, "cannot be read", "write NAME=value, and close every quote"))
        elif binding.key is not None:
            if binding.key in found and binding.key.startswith(OURS):
                reason = f"is set a second time in {here}"
                problems.append(Problem(binding.key, reason, "keep one of the lines"))
            found[binding.key] = binding.value or ""
    return found


def _blank_before(written: str) -> int:
    """The reader counts the empty lines before a setting to it."""
    return written[: len(written) - len(written.lstrip())].count("\n")


def has_control(value: str) -> bool:
    """Whether there is a line break or another control character in it."""
    return any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in value)
