"""Approval templates: what each kind of request asks for, who decides it in which order, and when a step is walked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from unicodedata import normalize

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from config.handbook.approvals.conditions import Fact, Threshold
from config.handbook.approvals.fields import FormField, few_enough
from config.handbook.approvals.selectors import ROLES, Selected
from config.handbook.approvals.steps import Step, not_empty
from config.handbook.approvals.sums import Sum, major
from config.handbook.chapter import Chapter, ClauseNumber, Key, Line, Name, refuse
from config.handbook.duration import Delay
from config.handbook.label import Named
from config.text import Money

EVERYONE = "everyone"
COMPARED = ("number", "money", "choice", "choices", "day")
"""The kinds of fields that a condition may ask about."""


def folded(word: str) -> str:
    """A word without what makes no difference: full-width letters, capitals."""
    return normalize("NFKC", word).casefold().strip()


def _asker(written: str) -> str:
    kind, colon, role = written.partition(":")
    if colon and (kind != "role" or role not in ROLES):
        raise refuse("names nobody", f'write "everyone", a department\'s key, or one of: role:{", role:".join(ROLES)}')
    if not colon and not re.fullmatch("[a-z][a-z0-9_-]{0,31}", written):
        raise refuse("names nobody", 'write "everyone", the key of a department such as "sales", or "role:head"')
    return written


def _first_word(written: str) -> str:
    if re.search(r"\s", written) or len(written) > 30:
        raise refuse("is not one word", "write a single word of at most 30 characters: people begin a message with it")
    return written


def _two_days(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) not in (0, 2) or len(set(names)) != len(names):
        raise refuse("does not name two fields", 'write the first and the last day: days = ["from", "to"]')
    return names


def _unless_nothing(length: timedelta | None) -> timedelta | None:
    return length or None  # "0m" is never, so that a company can take back what is shipped


def _fallback(written: str) -> str:
    kind, _, name = written.partition(":")
    if written not in ("steward", "approve", "reject") and (kind != "person" or not name.strip()):
        raise refuse("says nothing about what to do", 'write "steward", "approve", "reject", or "person:<name>"')
    return written


class Template(Chapter):
    """One kind of request. A request under way keeps the template that it was asked with.

    Without a `clause` it goes by its chapter's, which a frozen one names.
    """

    name: Named
    words: tuple[Annotated[Line, AfterValidator(_first_word)], ...] = ()
    clause: ClauseNumber = ""
    hint: Named | None = None
    may_ask: Annotated[tuple[Annotated[str, AfterValidator(_asker)], ...], AfterValidator(not_empty)] = (EVERYONE,)
    room: Name | None = None
    amount: Name | None = None
    days: Annotated[tuple[Name, ...], AfterValidator(_two_days)] = ()
    budget: StrictBool = False
    confirm_from: Sum | None = None
    confirm: Literal["elsewhere", "again"] = "elsewhere"
    withdraw_within: Annotated[Delay | None, AfterValidator(_unless_nothing)] = None
    resubmit: Literal["start", "here"] = "start"
    no_approver: Annotated[str, AfterValidator(_fallback)] = "steward"
    requester_is_approver: Literal["head", "skip", "self"] = "head"
    same_person: Literal["once", "consecutive", "again"] = "once"
    split_days: Annotated[StrictInt, Field(ge=0, le=365)] = 0
    enabled: StrictBool = True
    fields: Annotated[dict[Name, FormField], AfterValidator(few_enough)]
    copies: tuple[Selected, ...] = ()
    copies_at: Literal["end", "start"] = "end"
    copies_hide: tuple[Name, ...] = ()
    steps: Annotated[tuple[Step, ...], AfterValidator(not_empty)]

    @property
    def amount_field(self) -> str | None:
        """The field whose money counts: `amount`, or the only one that asks for money."""
        asked = [name for name, field in self.fields.items() if field.ask == "money"]
        return self.amount or (asked[0] if len(asked) == 1 else None)

    @property
    def filled(self) -> dict[str, int]:
        """The fields that an approver answers, not the requester, each with the index of its step."""
        return {name: index for index, step in enumerate(self.steps) for name in step.fills}

    @property
    def asked(self) -> dict[str, FormField]:
        """The fields that the requester answers."""
        return {name: field for name, field in self.fields.items() if name not in self.filled}

    def hidden_at(self, steps: Iterable[int]) -> frozenset[str]:
        """What somebody may not read who sits at these steps: what is hidden at all of them; at none, nothing is."""
        hidden = [frozenset(self.steps[index].hides) for index in steps]
        return hidden[0].intersection(*hidden) if hidden else frozenset()

    @property
    def hidden_somewhere(self) -> frozenset[str]:
        """What not everybody may read whom it comes before."""
        return frozenset(self.copies_hide).union(*(step.hides for step in self.steps))

    def may_be_asked_by(self, department: str | None, roles: Collection[str]) -> bool:
        """Whether somebody of this department, with these roles, may ask for it."""
        mine = {EVERYONE, department, *(f"role:{role}" for role in roles)}
        return not mine.isdisjoint(self.may_ask)

    def amount_of(self, answers: Mapping[str, Any]) -> Money | None:
        """What the request is worth; None if it asks for no money, or none was named."""
        given = None if self.amount_field is None else answers.get(self.amount_field)
        return given if isinstance(given, Money) else None

    def days_of(self, answers: Mapping[str, Any]) -> int | None:
        """How many calendar days it is about, the first and the last included.

        Below 1 if the last comes before the first; None if the template has no `days`, or one was not given.
        """
        if not self.days:
            return None
        first, last = (answers.get(name) for name in self.days)
        if not isinstance(first, date) or not isinstance(last, date):
            return None
        return (last - first).days + 1

    def facts(self, answers: Mapping[str, Any], department: str) -> dict[str, Fact]:
        """What conditions may ask about: the requester's department, the amount, the days, and the fields."""
        facts = {name: _fact(answers.get(name)) for name, field in self.fields.items() if field.ask in COMPARED}
        amount, days = self.amount_of(answers), self.days_of(answers)
        if self.amount_field is not None:
            facts["amount"] = None if amount is None else major(amount)
        if self.days:
            facts["days"] = None if days is None else Decimal(days)
        return {**facts, "department": department}

    def path(self, facts: Mapping[str, Fact]) -> tuple[int, ...]:
        """The indexes of the steps that a request with these facts walks, in order. There may be none."""
        return tuple(index for index, step in enumerate(self.steps) if step.applies(facts))

    def chosen(self) -> tuple[int, ...]:
        """The indexes of the steps whose people the requester chooses, whether they are walked or not."""
        return tuple(index for index, step in enumerate(self.steps) if step.is_chosen)

    def thresholds(self) -> tuple[Decimal, ...]:
        """The amounts at which its path changes, from the smallest."""
        return tuple(sorted({threshold.value for threshold in self._turns()}))

    def crosses(self, alone: Decimal, together: Decimal) -> Decimal | None:
        """The highest threshold that `together` reaches and `alone` does not."""
        passed = (one.value for one in self._turns() if one.is_reached(together) and not one.is_reached(alone))
        return max(passed, default=None)

    def waits(self) -> Iterator[tuple[Key, timedelta]]:
        """Every length of working time in it, with its key below the template."""
        if self.withdraw_within is not None:
            yield ("withdraw_within",), self.withdraw_within
        for index, step in enumerate(self.steps):
            yield from ((("steps", index, key), wait) for key, wait in step.waits())

    def _turns(self) -> Iterator[Threshold]:
        counted = {"amount", self.amount_field}
        for condition in (condition for step in self.steps for condition in step.conditions()):
            threshold = condition.turns() if condition.fact in counted else None
            if threshold is not None:
                yield threshold


def _fact(answer: Any) -> Fact:
    match answer:
        case None | str():
            return answer
        case Money():
            return major(answer)
        case date():
            return answer.isoformat()
        case int():
            return Decimal(answer)
        case _:
            return frozenset(answer)
