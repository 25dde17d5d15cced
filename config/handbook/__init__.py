"""The handbook: all that the company has decided. It loads, checks and judges; it asks nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from config.handbook.approvals import Approvals, faults, fitted
from config.handbook.calendar import Calendar
from config.handbook.chapter import Chapter, Fault, Key, is_zone
from config.handbook.clauses import Clauses
from config.handbook.company import Company
from config.handbook.complaints import Complaints
from config.handbook.departments import Departments
from config.handbook.duration import write
from config.handbook.label import Label
from config.handbook.notices import Notices
from config.handbook.problems import HandbookError, Problem, problems_of
from config.handbook.reading import SHIPPED, laid_over, read
from config.handbook.rooms import Rooms

__all__ = ["Handbook", "HandbookError", "Label", "Problem"]

WEEKS_A_PROMISE_MAY_LAST = 26


class Handbook(Chapter):
    """One chapter per subject, each with its judgements. Load it; do not change it."""

    company: Company
    departments: Departments
    calendar: Calendar
    complaints: Complaints
    notices: Notices
    approvals: Approvals
    rooms: Rooms
    clauses: Clauses

    @classmethod
    def load(cls, path: Path | None = None) -> Handbook:
        """The company's file laid over the shipped handbook, or the shipped one alone.

        What a company does not decide stays as shipped. Raises HandbookError with every problem found.
        """
        shipped = read(SHIPPED)
        own = shipped if path is None else read(path)
        try:
            return cls.model_validate(fitted(laid_over(shipped.values, own.values), own.values))
        except ValidationError as error:
            raise HandbookError(problems_of(error, own.lines, cls), str(path or SHIPPED)) from None

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what is decided (hexadecimal): comments and layout of the file do not change it."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    def clause(self, number: str) -> Label:
        """The title of a clause: "3.4.2" is 投诉处理 · Complaints. KeyError if there is no such clause."""
        return self.clauses[number]

    @model_validator(mode="before")
    @classmethod
    def _calendar_keeps_the_company_s_time(cls, written: Any) -> Any:
        """The calendar's zone is the company's, unless the calendar names its own."""
        if not isinstance(written, dict):
            return written
        company, calendar = written.get("company"), written.get("calendar")
        if not isinstance(calendar, dict):
            return written
        zone = company.get("zone") if isinstance(company, dict) else None
        return {**written, "calendar": {"zone": zone if is_zone(zone) else "UTC", **calendar}}

    @model_validator(mode="after")
    def _chapters_agree(self) -> Handbook:
        found = tuple(self._faults())
        if found:
            raise PydanticCustomError("faults", "the chapters do not agree", {"faults": found})
        return self

    def _faults(self) -> Iterator[Fault]:
        yield from self.departments.faults()
        yield from self.calendar.faults()
        yield from self.rooms.faults(self.departments)
        yield from self._complaints_without_a_department()
        yield from faults(self.approvals, self.departments, self.rooms, self.company.currency)
        yield from self._promises_too_long_to_keep()
        yield from self._clauses_without_a_title()

    def _complaints_without_a_department(self) -> Iterator[Fault]:
        key = self.complaints.department
        if key not in self.departments:
            reason = f'names "{key}", which is no department'
            remedy = f"under [complaints], write department = one of: {', '.join(self.departments.keys())}"
            yield Fault(("complaints", "department"), reason, remedy)

    def _promises_too_long_to_keep(self) -> Iterator[Fault]:
        longest = self.calendar.week.worked() * WEEKS_A_PROMISE_MAY_LAST
        waits: dict[Key, Any] = {
            ("complaints", "urgencies", key, "answer_within"): urgency.answer_within
            for key, urgency in self.complaints.urgencies.items()
        }
        waits[("complaints", "upper_after")] = self.complaints.upper_after
        waits |= dict(self.approvals.waits())
        for at, wait in waits.items():
            if wait > longest:
                remedy = f"write at most {write(longest)}, or give the week more hours"
                yield Fault(at, "is longer than half a year of working time", remedy)

    def _clauses_without_a_title(self) -> Iterator[Fault]:
        cited: dict[Key, str] = {("company", "clause"): self.company.clause}
        cited |= {("departments", key, "clause"): entry.clause for key, entry in self.departments.items()}
        cited[("complaints", "clause")] = self.complaints.clause
        cited[("notices", "clause")] = self.notices.clause
        cited |= dict(self.approvals.cited())
        for at, number in cited.items():
            if number not in self.clauses:
                remedy = f'give it a title under [clauses]: "{number}" = {{ zh = "…", en = "…" }}'
                yield Fault(at, f"cites §{number}, which has no title", remedy)
