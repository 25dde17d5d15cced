"""What an approval template asks for: its fields, each with its kind, its words and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool

from config.handbook.approvals.bounds import DayBound, Limit, day_of, is_counted
from config.handbook.chapter import Chapter, Fault, Key, Name, refuse
from config.handbook.label import Label, Named

Kind = Literal[
    "line", "paragraph", "number", "money", "choice", "choices", "day", "moment", "person", "people", "files"
]

MOST_FIELDS = 20
MOST_OPTIONS = 100
"""As many as a menu on Slack holds."""
MOST_IN_OPTION = 75
"""As many characters as one of them holds there."""
LEAST = {"number": (-(10**12), 10**12), "money": (0, 10**12), "people": (1, 20)}
_ANY_DAY = date(2026, 3, 1)
MOST = LEAST | {"line": (1, 3000), "paragraph": (1, 3000), "files": (1, 10)}


def _few_enough(options: dict[str, Label]) -> dict[str, Label]:
    if len(options) > MOST_OPTIONS:
        raise refuse(f"has {len(options)} options", f"offer at most {MOST_OPTIONS}: a menu on Slack holds no more")
    return options


class FormField(Chapter):
    """`ask` is the kind of question; `least` and `most` are figures, sums, characters, people or files.

    `earliest` and `latest` bound a day.
    """

    label: Named
    ask: Kind
    hint: Named | None = None
    optional: StrictBool = False
    least: Limit | None = None
    most: Limit | None = None
    earliest: DayBound | None = None
    latest: DayBound | None = None
    options: Annotated[dict[Name, Named], AfterValidator(_few_enough)] = Field(default_factory=dict)

    @property
    def holds(self) -> int | None:
        """How many characters, people or files it takes at most; None where it does not say."""
        return None if self.most is None or self.ask in ("number", "money") else int(self.most)

    def first_day(self, today: date) -> date | None:
        """The first day that it takes today."""
        return None if self.earliest is None else day_of(self.earliest, today)

    def last_day(self, today: date) -> date | None:
        """The last day that it takes today."""
        return None if self.latest is None else day_of(self.latest, today)

    def faults(self, at: Key) -> Iterator[Fault]:
        """Options and limits that do not go with the kind."""
        if self.ask in ("choice", "choices") and not self.options:
            remedy = 'add options = { travel = { zh = "差旅", en = "Travel" }, … }'
            yield Fault(at, "asks to choose, and offers nothing", remedy)
        if self.options and self.ask not in ("choice", "choices"):
            remedy = 'write ask = "choice" or "choices", or take the options out'
            yield Fault((*at, "options"), f'has no meaning where ask is "{self.ask}"', remedy)
        for key, option in self.options.items():
            for language, written in (("zh", option.zh), ("en", option.en)):
                if len(written) > MOST_IN_OPTION:
                    reason = f"has {len(written)} characters, and a menu on Slack shows {MOST_IN_OPTION}"
                    yield Fault((*at, "options", key, language), reason, "shorten it")
        yield from self._limits(at)
        yield from self._days(at)

    def _limits(self, at: Key) -> Iterator[Fault]:
        for name, limit, kinds in (("least", self.least, LEAST), ("most", self.most, MOST)):
            if limit is not None and self.ask not in kinds:
                remedy = f"take it out; it goes with {', '.join(kinds)}"
                yield Fault((*at, name), f'has no meaning where ask is "{self.ask}"', remedy)
            elif limit is not None and not kinds[self.ask][0] <= limit <= kinds[self.ask][1]:
                low, high = kinds[self.ask]
                yield Fault((*at, name), "is out of range", f"write a number from {low} to {high}")
            elif isinstance(limit, Decimal) and self.ask != "money":
                yield Fault((*at, name), "is no whole number", "write it without quotes or decimals, such as 3")
        if self.least is not None and self.most is not None and self.least > self.most:
            yield Fault((*at, "least"), "is more than most", "write the smaller number here")

    def _days(self, at: Key) -> Iterator[Fault]:
        if self.ask != "day":
            for name, bound in (("earliest", self.earliest), ("latest", self.latest)):
                if bound is not None:
                    reason = f'has no meaning where ask is "{self.ask}"'
                    yield Fault((*at, name), reason, "take it out; it goes with day")
        elif self.earliest is not None and self.latest is not None and self._crossed(self.earliest, self.latest):
            yield Fault((*at, "earliest"), "is after latest", "write the earlier day here")

    def _crossed(self, earliest: str, latest: str) -> bool:
        """Whether no day can ever lie between two bounds; of a date and a day counted from today nobody can tell."""
        if is_counted(earliest) != is_counted(latest):
            return False
        return day_of(earliest, _ANY_DAY) > day_of(latest, _ANY_DAY)


def few_enough(fields: dict[str, FormField]) -> dict[str, FormField]:
    """Refuses more fields than people fill in, or a form on Slack shows well."""
    if not 1 <= len(fields) <= MOST_FIELDS:
        raise refuse(f"has {len(fields) or 'no'} fields", f"ask for 1 to {MOST_FIELDS} things")
    return fields
