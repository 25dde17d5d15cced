"""What is wrong with who reads and who answers which fields of a template: hidden ones, and those of its approvers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from config.handbook.approvals.conditions import Condition
from config.handbook.approvals.selectors import Selector
from config.handbook.approvals.steps import Step
from config.handbook.approvals.templates import Template
from config.handbook.chapter import Fault, Key, nearest


def faults(template: Template, at: Key) -> Iterator[Fault]:
    """Names that are no fields, fields that two steps answer, and rules that ask for an answer before it is given."""
    yield from _known(template, (*at, "copies_hide"), template.copies_hide)
    for index, step in enumerate(template.steps):
        here = (*at, "steps", index)
        yield from _known(template, (*here, "hides"), step.hides)
        yield from _known(template, (*here, "fills"), step.fills)
        yield from _filled(template, here, index)
        yield from _too_early(template, here, index)
    yield from _of_all(template, at)


def _known(template: Template, at: Key, names: Collection[str]) -> Iterator[Fault]:
    for n, name in enumerate(names):
        if name not in template.fields:
            near = nearest(name, list(template.fields))
            hint = f'did you mean "{near}"? Known here' if near else "write one of"
            remedy = f"{hint}: {', '.join(template.fields)}"
            yield Fault((*at, n), f'names "{name}", which is no field of this template', remedy)


def _filled(template: Template, at: Key, index: int) -> Iterator[Fault]:
    """What a step answers, it reads; and no other step answers it as well."""
    step = template.steps[index]
    for n, name in enumerate(step.fills):
        earlier = [one for one in template.steps[:index] if name in one.fills]
        if earlier or name in step.fills[:n]:
            yield Fault((*at, "fills", n), f'names "{name}", which is answered already', "keep it at one step, once")
        if name in step.hides:
            remedy = "take it out of hides: nobody can answer what they may not read"
            yield Fault((*at, "fills", n), f'names "{name}", which this step hides', remedy)


def _of_all(template: Template, at: Key) -> Iterator[Fault]:
    if not template.asked and template.fields:
        remedy = "leave at least one field to whoever asks: take it out of fills"
        yield Fault((*at, "fields"), "asks nothing of the requester", remedy)
    if template.filled and template.no_approver == "approve":
        remedy = 'write "steward", "reject", or "person:<name>"'
        yield Fault((*at, "no_approver"), "would pass a step without its answers (fills)", remedy)
    if template.copies_at == "start":
        for n, selector in enumerate(template.copies):
            if selector.field in template.filled:
                remedy = 'write copies_at = "end"'
                yield Fault((*at, "copies", n), f'asks for "{selector.field}", which is answered later', remedy)


def _too_early(template: Template, at: Key, index: int) -> Iterator[Fault]:
    """Rules of a step that look at what is answered only there, or later."""
    later = {name for name, step in template.filled.items() if step >= index}
    if not later:
        return
    for where, names in _looks_at(template, template.steps[index]):
        for name in sorted(later.intersection(names)):
            remedy = f'use a field that the requester answers, or let an earlier step answer "{name}"'
            reason = f'asks for "{name}", which is answered at step {template.filled[name] + 1}'
            yield Fault((*at, *where), reason, remedy)


def _looks_at(template: Template, step: Step) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """Each rule of a step, with the fields that it looks at."""
    conditions: list[tuple[str, tuple[Condition, ...]]] = [("when", step.when), ("when_any", step.when_any)]
    for key, rules in conditions:
        yield from (((key, n), _facts(template, rule.fact)) for n, rule in enumerate(rules))
    selected: list[tuple[str, tuple[Selector, ...]]] = [("by", step.by), ("required", step.required)]
    for key, selectors in selected:
        yield from (((key, n), (one.field,)) for n, one in enumerate(selectors) if one.field is not None)


def _facts(template: Template, fact: str) -> tuple[str, ...]:
    if fact == "amount" and template.amount_field is not None:
        return (template.amount_field,)
    return template.days if fact == "days" and template.days else (fact,)
