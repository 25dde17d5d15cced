"""When a step is walked: "amount >= 5000", "kind in travel, meals"; judged by what the request says."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypeAlias
from unicodedata import normalize

from pydantic import BeforeValidator, PlainSerializer

from config.handbook.chapter import refuse

Fact: TypeAlias = Decimal | str | frozenset[str] | None
"""What a request says: a number in whole units, a key or a day (ISO), several keys; None where it says nothing."""

ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SAME = ("=", "in")
OTHER = ("!=", "not in")
REMEDY = 'write what is compared, how, and with what: "amount >= 5000", or "kind in travel, meals"'

_WRITTEN = re.compile(r"([a-z][a-z0-9_-]*)\s*(!=|<=|>=|<|>|=|\bnot\s+in\b|\bin\b)\s*(.+)")
_AS_SIGNS = (("\u2265", ">="), ("\u2264", "<="), ("\u2260", "!="), ("==", "="))


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact, how it is compared (`= != < <= > >= in`, `not in`), and with which values, as written."""

    fact: str
    op: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.fact} {self.op} {', '.join(self.values)}"

    @classmethod
    def read(cls, text: str) -> Condition:
        """Reads "amount >= 5000". Refuses (a `ValueError`) what compares nothing, with what to write instead."""
        plain = normalize("NFKC", text).strip()
        for sign, written in _AS_SIGNS:
            plain = plain.replace(sign, written)
        found = _WRITTEN.fullmatch(plain)
        if found is None:
            raise refuse("is not a condition", REMEDY)
        fact, op, rest = found[1], re.sub(r"\s+", " ", found[2]), found[3]
        values = tuple(value.strip() for value in rest.split(","))
        if not all(values):
            raise refuse("has an empty value", REMEDY)
        if len(values) > 1 and op not in ("in", "not in"):
            remedy = f'write "{fact} in …" for several values, and numbers without commas'
            raise refuse(f'compares by "{op}" with several values', remedy)
        return cls(fact, op, values)

    def holds(self, facts: Mapping[str, Fact]) -> bool:
        """Whether it is so. Of several keys, `=` and `in` hold if one is among them, `!=` and `not in` if none is.

        What is not answered holds for `!=` and `not in` alone.
        """
        fact = facts.get(self.fact)
        if fact is None:
            return self.op in OTHER
        if isinstance(fact, frozenset):
            return bool(fact.intersection(self.values)) == (self.op in SAME)
        values = [Decimal(value) for value in self.values] if isinstance(fact, Decimal) else list(self.values)
        if self.op in ORDERED:
            return ORDERED[self.op](fact, values[0])
        return (fact in values) == (self.op in SAME)

    def turns(self) -> Threshold | None:
        """Where a rising number changes whether it holds; None if it does not compare by size."""
        if self.op not in ORDERED:
            return None
        return Threshold(Decimal(self.values[0]), at=self.op in (">=", "<"))


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that is reached `at` it already, or only beyond it."""

    value: Decimal
    at: bool

    def is_reached(self, number: Decimal) -> bool:
        """Whether the number has come so far."""
        return number >= self.value if self.at else number > self.value


def _read(written: Any) -> Any:
    if isinstance(written, Condition):
        return written
    if not isinstance(written, str):
        raise refuse("is not a piece of text", 'put it in double quotes: "amount >= 5000"')
    return Condition.read(written)


Conditional = Annotated[Condition, BeforeValidator(_read), PlainSerializer(str, return_type=str)]
"""A condition as it stands in the file."""
