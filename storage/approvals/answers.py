"""Answers as they are kept: JSON, with amounts, days and moments marked as what they are, and the sums among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from config.handbook.approvals import Template
from config.text import Money, t
from storage.errors import Refusal

MOST = 10**15
"""The largest amount, in the currency's smallest unit: far beyond it a sum would not fit its column."""


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


def columns_of(template: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a request that say what it asks for: its answers, and the amount and the days among them."""
    amount = template.amount_of(answers)
    return {
        "answers": pack(answers), "minor": amount.minor if amount else None,
        "currency": amount.currency if amount else "", "days": template.days_of(answers),
    }  # fmt: skip


def refuse_too_much(answers: Mapping[str, Any]) -> None:
    """Raises `Refusal` at an amount that is larger than can be kept."""
    for name, value in answers.items():
        if isinstance(value, Money) and value.minor > MOST:
            raise Refusal(t("That is more than can be kept. Please check the amount."), name)
