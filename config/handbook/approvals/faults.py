"""What only shows when the approvals are read together with the rest of the handbook."""

from __future__ import annotations

from collections.abc import Iterator

from config.handbook.approvals.book import Approvals
from config.handbook.approvals.checked import Checked, meant, too_fine
from config.handbook.approvals.sums import fits
from config.handbook.approvals.templates import folded
from config.handbook.chapter import Fault
from config.handbook.departments import Departments
from config.handbook.rooms import Rooms


def faults(approvals: Approvals, departments: Departments, rooms: Rooms, currency: str) -> Iterator[Fault]:
    """Everything in the chapter that cannot work. Of a closed template, only what is wrong within itself."""
    if approvals.steward not in departments:
        remedy = f"under [approvals], write steward = one of: {', '.join(departments.keys())}"
        yield Fault(("approvals", "steward"), f'names "{approvals.steward}", which is no department', remedy)
    for key, template in approvals.templates.items():
        checked = Checked(("approvals", "templates", key), template, currency)
        yield from checked.within()
        if template.enabled:
            yield from checked.around(departments, rooms)
    yield from _words(approvals)
    yield from _budgets(approvals, departments, currency)


def _words(approvals: Approvals) -> Iterator[Fault]:
    """Words that would start two kinds of request."""
    templates = approvals.open_templates()
    taken: dict[str, str] = {key: key for key in templates}
    for key, template in templates.items():
        for n, word in enumerate(template.words):
            other = taken.setdefault(folded(word), key)
            if other != key:
                remedy = f"give the word to one of them, or close one: [approvals.templates.{other}] enabled = false"
                reason = f'is "{word}", which starts the template "{other}"'
                yield Fault(("approvals", "templates", key, "words", n), reason, remedy)


def _budgets(approvals: Approvals, departments: Departments, currency: str) -> Iterator[Fault]:
    """Budgets of departments, and for requests, that do not exist."""
    for department, budget in approvals.budgets.items():
        at = ("approvals", "budgets", department)
        if department not in departments:
            yield Fault(at, "is the budget of no department", meant(department, departments.keys()))
        if not fits(budget.amount, currency):
            yield too_fine((*at, "amount"), currency)
        for n, key in enumerate(budget.templates):
            if key not in approvals.templates:
                drawing = [name for name, template in approvals.templates.items() if template.budget]
                yield Fault((*at, "templates", n), f'names "{key}", which is no template', meant(key, drawing))
            elif not approvals.templates[key].budget:
                remedy = f"under [approvals.templates.{key}], write budget = true, or take it out here"
                yield Fault((*at, "templates", n), f'names "{key}", which draws from no budget', remedy)
