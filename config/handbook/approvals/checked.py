"""What is wrong with one template: names that nobody has, fields of the wrong kind, conditions that compare nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_precision

from config.handbook.approvals import reading
from config.handbook.approvals.conditions import ORDERED, Condition
from config.handbook.approvals.fields import FormField
from config.handbook.approvals.selectors import Selector
from config.handbook.approvals.sums import fits
from config.handbook.approvals.templates import COMPARED, EVERYONE, Template
from config.handbook.chapter import Fault, Key, nearest
from config.handbook.departments import Departments
from config.handbook.rooms import Rooms

MOST_IN_NAME = 24
"""As many characters as the title of a form on Slack holds."""
CHOSEN = "chosen_"
"""Fields of such names are added to a form where the requester chooses who decides."""


def departments_of(template: Template) -> set[str]:
    """The keys of all departments that a template names."""
    named = {selector.department for _, selector in _selectors(template)}
    named |= {asker for asker in template.may_ask if asker != EVERYONE and ":" not in asker}
    named |= {value for _, one in _conditions(template) if one.fact == "department" for value in one.values}
    return {key for key in named if key is not None}


def _selectors(template: Template) -> Iterator[tuple[Key, Selector]]:
    for index, step in enumerate(template.steps):
        for name, selectors in (("by", step.by), ("required", step.required)):
            yield from ((("steps", index, name, n), selector) for n, selector in enumerate(selectors))
    yield from ((("copies", n), selector) for n, selector in enumerate(template.copies))


def _conditions(template: Template) -> Iterator[tuple[Key, Condition]]:
    for index, step in enumerate(template.steps):
        for name, conditions in (("when", step.when), ("when_any", step.when_any)):
            yield from ((("steps", index, name, n), condition) for n, condition in enumerate(conditions))


def meant(word: str, known: Collection[str], before: str = "") -> str:
    """The remedy for a name that is not known: the nearest one, and all of them; `before` says where to write it."""
    near = nearest(word, list(known))
    hint = f'did you mean "{near}"? Known here' if near else f"{before}write one of"
    return f"{hint}: {', '.join(known)}"


@dataclass(frozen=True)
class Checked:
    """A template, where it stands in the file, and in which currency it counts."""

    at: Key
    template: Template
    currency: str

    def within(self) -> Iterator[Fault]:
        """What is wrong whatever the rest of the handbook says."""
        yield from self._name()
        yield from self._fields()
        yield from self._days()
        yield from self._amount()
        for index, step in enumerate(self.template.steps):
            yield from step.faults((*self.at, "steps", index))
        for at, selector in _selectors(self.template):
            yield from self._selector((*self.at, *at), selector)
        for at, condition in _conditions(self.template):
            yield from self._condition((*self.at, *at), condition)
        yield from reading.faults(self.template, self.at)

    def around(self, departments: Departments, rooms: Rooms) -> Iterator[Fault]:
        """What it names and the handbook does not have."""
        under = f"under [{'.'.join(map(str, self.at))}], "
        known = departments.keys()
        for n, asker in enumerate(self.template.may_ask):
            if asker != EVERYONE and ":" not in asker and asker not in departments:
                reason = f'names "{asker}", which is no department'
                yield Fault((*self.at, "may_ask", n), reason, meant(asker, (EVERYONE, *known), under))
        for at, selector in _selectors(self.template):
            if selector.department is not None and selector.department not in departments:
                reason = f'names "{selector.department}", which is no department'
                yield Fault((*self.at, *at), reason, meant(selector.department, known, under))
        for at, condition in _conditions(self.template):
            for value in condition.values if condition.fact == "department" else ():
                if value not in departments:
                    reason = f'names "{value}", which is no department'
                    yield Fault((*self.at, *at), reason, meant(value, known, under))
        room = self.template.room
        if room is not None and room not in rooms:
            reason = f'names "{room}", which is no room'
            yield Fault((*self.at, "room"), reason, meant(room, rooms.keys(), under))

    def _name(self) -> Iterator[Fault]:
        name = self.template.name
        for language, written in (("zh", name.zh), ("en", name.en)):
            if len(written) > MOST_IN_NAME:
                reason = f"has {len(written)} characters, and the title of a form on Slack holds {MOST_IN_NAME}"
                yield Fault((*self.at, "name", language), reason, "shorten it")

    def _fields(self) -> Iterator[Fault]:
        for name, field in self.template.fields.items():
            at = (*self.at, "fields", name)
            yield from field.faults(at)
            yield from self._sums(at, field)
            if name.startswith(CHOSEN):
                remedy = f"call it something else: {CHOSEN}… is where the requester chooses who decides"
                yield Fault(at, "has a name that is taken", remedy)
            elif name == "department" or (name == "days" and self.template.days):
                remedy = "call it something else: conditions would not know which of the two is meant"
                yield Fault(at, f'is called "{name}", which says something else already', remedy)
            elif name == "amount" and field.ask != "money":
                yield Fault((*at, "ask"), "is not money, although it is called amount", 'write "money", or rename it')
            elif name == "amount" and self.template.amount in set(self.template.fields) - {"amount"}:
                remedy = 'write amount = "amount", or call the field something else'
                yield Fault(at, f'is not the amount that counts: that is "{self.template.amount}"', remedy)

    def _sums(self, at: Key, field: FormField) -> Iterator[Fault]:
        for name, limit in (("least", field.least), ("most", field.most)):
            if field.ask == "money" and limit is not None and not fits(Decimal(limit), self.currency):
                yield too_fine((*at, name), self.currency)

    def _days(self) -> Iterator[Fault]:
        for n, name in enumerate(self.template.days):
            yield from self._points_at((*self.at, "days", n), name, ("day",))

    def _amount(self) -> Iterator[Fault]:
        template = self.template
        if template.amount is not None:
            yield from self._points_at((*self.at, "amount"), template.amount, ("money",))
        elif template.amount_field is None:
            for at, why in self._wants_an_amount():
                asked = [name for name, field in template.fields.items() if field.ask == "money"]
                remedy = f"add amount = one of: {', '.join(asked)}" if asked else 'add a field with ask = "money"'
                yield Fault((*self.at, *at), f"{why}, and the template does not say which that is", remedy)
        if template.confirm_from is not None and not fits(template.confirm_from, self.currency):
            yield too_fine((*self.at, "confirm_from"), self.currency)

    def _wants_an_amount(self) -> Iterator[tuple[Key, str]]:
        if self.template.budget:
            yield ("budget",), "needs an amount"
        if self.template.confirm_from is not None:
            yield ("confirm_from",), "needs an amount"
        for at, condition in _conditions(self.template):
            if condition.fact == "amount":
                yield at, "asks for the amount"

    def _points_at(self, at: Key, name: str, kinds: tuple[str, ...]) -> Iterator[Fault]:
        """A field that is named somewhere exists, and is of one of these kinds."""
        field = self.template.fields.get(name)
        fit = [known for known, one in self.template.fields.items() if one.ask in kinds]
        wanted = " or ".join(f'"{kind}"' for kind in kinds)
        remedy = meant(name, fit) if fit else f"add a field with ask = {wanted}"
        if field is None:
            yield Fault(at, f'names "{name}", which is no field of this template', remedy)
        elif field.ask not in kinds:
            yield Fault(at, f'names "{name}", which asks for "{field.ask}", and not for {wanted}', remedy)

    def _selector(self, at: Key, selector: Selector) -> Iterator[Fault]:
        if selector.field is not None:
            kinds = ("person", "people") if selector.kind == "field" else ("person",)
            yield from self._points_at(at, selector.field, kinds)
        if selector.kind == "chosen" and "by" not in at:
            yield Fault(at, "cannot be chosen here", 'write "chosen" only in by = [ ]')

    def _kinds(self) -> dict[str, str]:
        """What conditions may ask about, and of which kind it is."""
        kinds = {name: field.ask for name, field in self.template.fields.items() if field.ask in COMPARED}
        amount: dict[str, str] = {} if self.template.amount_field is None else {"amount": "money"}
        days: dict[str, str] = {"days": "number"} if self.template.days else {}
        return {**amount, **days, "department": "department", **kinds}

    def _condition(self, at: Key, condition: Condition) -> Iterator[Fault]:
        kinds = self._kinds()
        kind = kinds.get(condition.fact)
        if kind is None:
            if condition.fact != "amount":  # that has been told
                reason = f'asks about "{condition.fact}", which this template does not know'
                yield Fault(at, reason, meant(condition.fact, kinds))
        elif condition.op in ORDERED and kind in ("choice", "choices", "department"):
            reason = f'compares "{condition.fact}" by size, which it has not'
            yield Fault(at, reason, "write =, !=, in or not in")
        else:
            for value in condition.values:
                yield from self._value(at, condition.fact, kind, value)

    def _value(self, at: Key, fact: str, kind: str, value: str) -> Iterator[Fault]:
        if kind in ("choice", "choices"):
            options = self.template.fields[fact].options
            if value not in options:
                yield Fault(at, f'names "{value}", which is no option of "{fact}"', meant(value, options))
        elif kind == "day":
            if not _is_day(value):
                yield Fault(at, f'compares the day "{fact}" with "{value}"', "write a date: 2026-10-01")
        elif kind in ("number", "money"):
            yield from self._figure(at, fact, kind, value)

    def _figure(self, at: Key, fact: str, kind: str, value: str) -> Iterator[Fault]:
        if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", value.removeprefix("-" if kind == "number" else "")):
            remedy = "write the number alone, such as 5000 or 1234.50"
            yield Fault(at, f'compares the number "{fact}" with "{value}"', remedy)
        elif kind == "money" and not fits(Decimal(value), self.currency):
            yield too_fine(at, self.currency)


def too_fine(at: Key, currency: str) -> Fault:
    """A sum with a smaller part than its currency has."""
    places = get_currency_precision(currency)
    return Fault(at, f"has smaller parts than {currency} has", f"write at most {places} decimals")


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
