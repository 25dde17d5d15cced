"""Budgets: how much a department may spend in a month, a quarter or a year, and which requests draw from it."""

from __future__ import annotations

from calendar import month_name
from collections.abc import ItemsView
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, RootModel

from config.handbook.approvals.steps import not_empty
from config.handbook.approvals.sums import Sum, minor
from config.handbook.chapter import Chapter, Name
from config.text import Label

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a department may spend from the first to the last day of a period, in the currency's smallest unit."""

    department: str
    period: str
    minor: int
    currency: str
    first: date
    last: date

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is known: its department, period and currency."""
        return self.department, self.period, self.currency

    @property
    def called(self) -> Label:
        """The period as people call it: "November 2026", "Q4 2026", "2026"."""
        year, quarter, month = self.first.year, self.first.month // 3 + 1, self.first.month
        if "Q" in self.period:
            return Label(f"{year}年第{quarter}季度", f"Q{quarter} {year}")
        if "-" in self.period:
            return Label(f"{year}年{month}月", f"{month_name[month]} {year}")
        return Label(f"{year}年", f"{year}")


class Budget(Chapter):
    """`amount` may be spent in each period by all the `templates` together."""

    period: Literal["month", "quarter", "year"]
    amount: Sum
    templates: Annotated[tuple[Name, ...], AfterValidator(not_empty)]


class Budgets(RootModel[dict[Name, Budget]]):
    """Budgets by the key of their department."""

    model_config = ConfigDict(frozen=True)

    root: dict[Name, Budget] = {}

    def items(self) -> ItemsView[str, Budget]:
        """Departments' keys and budgets, in the order of the file."""
        return self.root.items()

    def of(self, department: str, template: str, day: date, currency: str) -> Allowance | None:
        """What a department may spend on this kind of request in the period of the day; None if nothing limits it."""
        budget = self.root.get(department)
        if budget is None or template not in budget.templates:
            return None
        months = MONTHS[budget.period]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
        last = after - timedelta(days=1)
        return Allowance(department, _called(first, months), minor(budget.amount, currency), currency, first, last)


def _called(first: date, months: int) -> str:
    if months == 1:
        return f"{first:%Y-%m}"
    return f"{first:%Y}Q{first.month // 3 + 1}" if months == 3 else f"{first:%Y}"
