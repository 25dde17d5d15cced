"""What an approval template asks for: its fields, each with its kind, its words and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt

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
LEAST = {"number": (-(10**12), 10**12), "people": (1, 20)}
MOST = LEAST | {"line": (1, 3000), "paragraph": (1, 3000), "files": (1, 10)}


def _few_enough(options: dict[str, Label]) -> dict[str, Label]:
    if len(options) > MOST_OPTIONS:
        raise refuse(f"has {len(options)} options", f"offer at most {MOST_OPTIONS}: a menu on Slack holds no more")
    return options


class FormField(Chapter):
    """`ask` is the kind of question; `least` and `most` are figures, characters, people or files."""

    label: Named
    ask: Kind
    hint: Named | None = None
    optional: StrictBool = False
    least: StrictInt | None = None
    most: StrictInt | None = None
    options: Annotated[dict[Name, Named], AfterValidator(_few_enough)] = Field(default_factory=dict)

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

    def _limits(self, at: Key) -> Iterator[Fault]:
        for name, limit, kinds in (("least", self.least, LEAST), ("most", self.most, MOST)):
            if limit is not None and self.ask not in kinds:
                remedy = f"take it out; it goes with {', '.join(kinds)}"
                yield Fault((*at, name), f'has no meaning where ask is "{self.ask}"', remedy)
            elif limit is not None and not kinds[self.ask][0] <= limit <= kinds[self.ask][1]:
                low, high = kinds[self.ask]
                yield Fault((*at, name), "is out of range", f"write a number from {low} to {high}")
        if self.least is not None and self.most is not None and self.least > self.most:
            yield Fault((*at, "least"), "is more than most", "write the smaller number here")


def few_enough(fields: dict[str, FormField]) -> dict[str, FormField]:
    """Refuses more fields than people fill in, or a form on Slack shows well."""
    if not 1 <= len(fields) <= MOST_FIELDS:
        raise refuse(f"has {len(fields) or 'no'} fields", f"ask for 1 to {MOST_FIELDS} things")
    return fields
