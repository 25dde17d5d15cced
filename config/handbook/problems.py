"""What is wrong with a handbook, so that a manager can mend it: key, line, reason and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from config.handbook.chapter import Key, nearest
from config.handbook.label import Label, WrittenLabel

REMEDIES: dict[str, tuple[str, str]] = {
    "missing": ("is missing", "add it"),
    "string_type": ("is not a piece of text", "put it in double quotes"),
    "string_too_short": ("is empty", "write something, or take the line out"),
    "string_too_long": ("is too long", "write at most {max_length} characters"),
    "literal_error": ("is none of the choices", "write one of: {expected}"),
    "bool_type": ("is neither true nor false", "write true or false, without quotes"),
    "int_type": ("is not a whole number", "write a number without quotes"),
    "greater_than_equal": ("is too small", "write at least {ge}"),
    "less_than_equal": ("is too large", "write at most {le}"),
    "tuple_type": ("is not a list", 'write a list in square brackets: ["…", "…"]'),
    "dict_type": ("is not a table", "give it a heading of its own in square brackets"),
    "model_type": ("is not a table", "write its keys in braces, or under a heading in square brackets"),
    "too_short": ("is empty", "give it at least one entry"),
    "date_from_datetime_parsing": ("is not a date", "write it as 2026-10-01, without quotes"),
    "date_from_datetime_inexact": ("has a time of day", "write the date alone: 2026-10-01"),
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `line` is None if the file does not mention the key at all."""

    key: str
    line: int | None
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = "not in this file: " if self.line is None else f"line {self.line}: "
        return f"{where}{self.key} {self.reason}: {self.remedy}"


class HandbookError(Exception):
    """The handbook cannot be used; `problems` holds all that was found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem], source: str) -> None:
        self.problems = tuple(problems)
        self.source = source
        told = (f"  {problem}" for problem in self.problems)
        super().__init__("\n".join([f"{source} cannot be used:", *told]))


def problems_of(error: ValidationError, lines: Mapping[Key, int], model: type[BaseModel]) -> tuple[Problem, ...]:
    """Everything that a schema refused, in the file's order; what the file does not mention comes last."""
    found = [problem for details in error.errors() for problem in _told(details, lines, model)]
    return tuple(sorted(found, key=lambda problem: (problem.line is None, problem.line or 0)))


def _told(details: ErrorDetails, lines: Mapping[Key, int], model: type[BaseModel]) -> Iterator[Problem]:
    key, given = tuple(part for part in details["loc"] if part != "[key]"), details.get("ctx", {})
    if details["type"] == "faults":
        yield from (_problem(fault.key, lines, fault.reason, fault.remedy) for fault in given["faults"])
    elif details["type"] == "refused":
        yield _problem(key, lines, given["reason"], given["remedy"])
    elif details["type"] == "extra_forbidden":
        yield _problem(key, lines, "is not a key that the handbook knows", _which_is_meant(key, model))
    else:
        reason, remedy = REMEDIES.get(details["type"], ("cannot be used", details["msg"]))
        yield _problem(key, lines, reason, remedy.format_map(given))


def _problem(key: Key, lines: Mapping[Key, int], reason: str, remedy: str) -> Problem:
    return Problem(spelled(key), line_of(key, lines), reason, remedy)


def line_of(key: Key, lines: Mapping[Key, int]) -> int | None:
    """The line of a key, or of the nearest thing around it that the file has."""
    for length in range(len(key), 0, -1):
        if key[:length] in lines:
            return lines[key[:length]]
    return None


def spelled(key: Key) -> str:
    """A key as one would write it: `calendar.days_off[2].date`, `clauses."3.4.2"`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_quoted(part)}" for part in key]
    return "".join(parts).removeprefix(".") or "the handbook"


def _quoted(part: str) -> str:
    return part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else '"' + part.replace('"', '\\"') + '"'


def _which_is_meant(key: Key, model: type[BaseModel]) -> str:
    known = _known_beside(key, model)
    near = nearest(str(key[-1]), known)
    hint = f'did you mean "{near}"? ' if near else ""
    return f"{hint}Known here: {', '.join(known)}" if hint else f"take it out; known here: {', '.join(known)}"


def _known_beside(key: Key, model: type[BaseModel]) -> list[str]:
    """The keys that the schema has where this one stands."""
    around: Any = model
    for part in key[:-1]:
        around = _inside(around, part)
    return [field.alias or name for name, field in around.model_fields.items()]


def _inside(around: Any, part: str | int) -> Any:
    """The schema of what stands under `part`: a chapter's field, a table's entries or a list's."""
    if isinstance(around, type) and issubclass(around, RootModel):
        around = around.model_fields["root"].annotation
    elif isinstance(around, type) and issubclass(around, BaseModel):
        fields = {field.alias or name: field for name, field in around.model_fields.items()}
        return _schema(fields[str(part)].annotation)
    entries = [argument for argument in get_args(around) if argument is not Ellipsis]
    return _schema(entries[-1])


def _schema(annotation: Any) -> Any:
    """The type alone, without `None` and what `Annotated` adds to it; a label is looked up as it is written."""
    if NoneType in get_args(annotation):
        annotation = next(argument for argument in get_args(annotation) if argument is not NoneType)
    bare = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    return WrittenLabel if bare is Label else bare
