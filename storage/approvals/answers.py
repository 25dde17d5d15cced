"""Answers as they are kept: JSON, with amounts, days and moments marked as what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from config.text import Money


def pack(answers: Mapping[str, Any]) -> str:
    """Typed answers as JSON."""
    return json.dumps({name: _packed(value) for name, value in answers.items()}, ensure_ascii=False, sort_keys=True)


def unpack(packed: str) -> dict[str, Any]:
    """The same answers again."""
    return {name: _unpacked(value) for name, value in json.loads(packed).items()}


def _packed(value: Any) -> Any:
    match value:
        case Money():
            return {"money": [value.minor, value.currency]}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case tuple() | list():
            return list(value)
        case str() | int() | None:
            return value
    raise TypeError(f"an answer can't be a {type(value).__name__}")


def _unpacked(value: Any) -> Any:
    match value:
        case {"money": [minor, currency]}:
            return Money(minor, currency)
        case {"moment": at}:
            return datetime.fromisoformat(at)
        case {"day": day}:
            return date.fromisoformat(day)
        case list():
            return tuple(value)
    return value
