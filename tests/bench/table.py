"""The table: each promise, what was promised, what was seen, and whether it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One promise. `bound` is the most that may be seen, or the least where `at_least`."""

    name: str
    bound: float
    seen: float
    unit: str = ""
    at_least: bool = False
    is_aim: bool = False
    """Not promised, but wanted: falling short is shown, and does not fail the run."""
    raw: str = ""
    """What the figure was made of, for whoever wants to look behind it."""

    @property
    def is_kept(self) -> bool:
        """Whether the promise is kept."""
        return self.seen >= self.bound if self.at_least else self.seen <= self.bound


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned lines."""
    rows = [("figure", "bound", "seen", "", "from")]
    for one in figures:
        sign = "≥" if one.at_least else "≤"
        bound, seen = f"{sign} {_number(one.bound)}{one.unit}", f"{_number(one.seen)}{one.unit}"
        verdict = "ok" if one.is_kept else "short of the aim" if one.is_aim else "MISSED"
        rows.append((one.name, bound, seen, verdict, one.raw))
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:<{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def _number(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{digits}f}"
