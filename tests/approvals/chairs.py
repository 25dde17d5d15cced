"""A second opinion on one step of an approval: what its seats come to, and who may decide now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

UNDECIDED = ("open", "waiting")


@dataclass
class Chair:
    """A seat. `adder` is who put it around another one; a deputy sits there for `for_`."""

    number: int
    round: int = 1
    step: int = 0
    person: int = 0
    for_: int | None = None
    place: str = "step"
    parent: int | None = None
    batch: int = 0
    mode: str = "all"
    order: int = 0
    must: bool = False
    mark: str = "waiting"
    adder: int | None = None
    by: int | None = None


@dataclass
class Room:
    """The seats of one step, and what their decisions come to: told from the single seat upwards."""

    chairs: Sequence[Chair]
    mode: str

    def word(self) -> str:
        """yes, no, or open: what the step says."""
        return self._together([one for one in self.chairs if one.place == "step"], self.mode)

    def deciders(self) -> set[int]:
        """The numbers of the seats that may decide now."""
        return {one.number for one in self.chairs if one.mark in UNDECIDED and self._may(one)}

    def _together(self, members: Sequence[Chair], mode: str) -> str:
        live = _in_order(members)
        words = [self.says(one) for one in live]
        yes, no, all_of_them = words.count("yes"), words.count("no"), len(words)
        if mode == "turn":
            return next((word for word in words if word != "yes"), "yes")
        if mode == "any":
            return "yes" if yes or not words else "no" if no else "open"
        if mode == "all":
            return "no" if no else "yes" if yes == all_of_them else "open"
        need = ceil(all_of_them * int(mode[:-1]) / 100) if mode.endswith("%") else min(int(mode), all_of_them)
        musts = [word for one, word in zip(live, words, strict=True) if one.must]
        if "no" in musts or need + no > all_of_them:
            return "no"
        return "yes" if yes >= need and set(musts) <= {"yes"} else "open"

    def says(self, chair: Chair) -> str:
        """What one seat says, with all around it."""
        agreed = chair.mark in ("approved", "skipped")
        words = self._batches(chair, "before") + self._batches(chair, "beside")
        words += self._batches(chair, "after") if agreed else []
        if chair.mark == "rejected" or "no" in words:
            return "no"
        return "yes" if agreed and set(words) <= {"yes"} else "open"

    def _batches(self, chair: Chair, place: str) -> list[str]:
        around = [one for one in self.chairs if one.parent == chair.number and one.place == place]
        batches = {one.batch: [mate for mate in around if mate.batch == one.batch] for one in around}
        return [self._together(batch, batch[0].mode) for batch in batches.values()]

    def _may(self, chair: Chair) -> bool:
        lent = [one for one in self.chairs if one.parent == chair.number and one.place == "lent"]
        if any(one.mark in UNDECIDED for one in lent) or not self._heard(chair):
            return False
        return self._is_reached(chair)

    def _heard(self, chair: Chair) -> bool:
        return set(self._batches(chair, "before")) <= {"yes"}

    def _is_reached(self, chair: Chair) -> bool:
        """Whether the talk has come to this seat, and still goes on, in its group and in all around that."""
        if chair.mark == "gone" or self.says(chair) != "open":
            return False
        mates = [
            one for one in self.chairs if (one.parent, one.place, one.batch) == (chair.parent, chair.place, chair.batch)
        ]
        mode = self.mode if chair.parent is None else chair.mode
        if chair.place != "lent":
            earlier = _in_order(mates)[: _in_order(mates).index(chair)]
            if self._together(mates, mode) != "open":
                return False
            if mode == "turn" and any(self.says(one) != "yes" for one in earlier):
                return False
        if chair.parent is None:
            return True
        parent = next(one for one in self.chairs if one.number == chair.parent)
        if chair.place != "before" and not self._heard(parent):
            return False
        if (chair.place == "after") != (parent.mark in ("approved", "skipped")) and chair.place != "beside":
            return False
        return self._is_reached(parent)


def _in_order(members: Sequence[Chair]) -> list[Chair]:
    return sorted((one for one in members if one.mark != "gone"), key=lambda one: (one.order, one.number))
