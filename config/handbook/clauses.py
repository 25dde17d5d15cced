"""The outline of the handbook: the title of each clause, so that a card can say by which one it acts."""

from __future__ import annotations

from pydantic import ConfigDict, RootModel

from config.handbook.chapter import ClauseNumber
from config.handbook.label import Label, Named


class Clauses(RootModel[dict[ClauseNumber, Named]]):
    """Titles by number: `clauses["3.4.2"]`."""

    model_config = ConfigDict(frozen=True)

    def __getitem__(self, number: str) -> Label:
        return self.root[number]

    def __contains__(self, number: object) -> bool:
        return number in self.root

    def numbers(self) -> tuple[str, ...]:
        """All clauses, in the order of the outline."""
        return tuple(sorted(self.root, key=lambda number: [int(part) for part in number.split(".")]))
