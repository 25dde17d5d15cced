"""What one line of the list of people says, and whether it may say so.

An empty cell says nothing: a newcomer gets the company's language and zone and is an employee, somebody known
keeps what they have. A lone `-` takes department, title, manager or account away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias
from zoneinfo import available_timezones

from config.handbook import Handbook
from config.handbook.chapter import nearest
from config.handbook.departments import Departments

COLUMNS = ("name", "department", "title", "manager", "slack", "telegram", "language", "zone", "role")
AWAY = "-"
MOST = 100
"""Characters of a name or a title."""

LANGUAGES = {
    **dict.fromkeys(("zh", "cn", "chinese", "mandarin", "中文", "汉语", "普通话", "简体中文", "简体", "华语"), "zh"),
    **dict.fromkeys(("en", "english", "英文", "英语"), "en"),
}
ROLES = {
    **dict.fromkeys(("employee", "staff", "member", "员工", "职员", "成员"), "employee"),
    **dict.fromkeys(("head", "manager", "supervisor", "lead", "主管", "负责人", "经理"), "head"),
    **dict.fromkeys(("admin", "administrator", "管理员"), "admin"),
}
_PERSON = re.compile(r"(.+?)\s*[#＃]\s*([0-9]{1,17}|new)", re.IGNORECASE)
_SLACK = re.compile(r"[UW][A-Z0-9]{1,30}")
_TELEGRAM = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` is None where it is about the whole file."""

    line: int | None
    column: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.column} {self.reason}: {self.remedy}"


class RosterError(Exception):
    """Nothing was taken in; `problems` holds all that was found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file as it was written: its number, its cells by column, and what stands beyond the columns."""

    line: int
    cells: dict[str, str]
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line says about a person, understood. None: it says nothing; "": that there is to be none.

    `number` is the id behind a name (`王芳#12`); `anew` marks `王芳#new`, a namesake who is not known yet.
    `sound` is False where an id could not be read, so that nobody can tell whom the line is about.
    """

    line: int
    name: str
    number: int | None = None
    anew: bool = False
    sound: bool = True
    department: str | None = None
    title: str | None = None
    manager: str | None = None
    slack: str | None = None
    telegram: str | None = None
    language: str | None = None
    zone: str | None = None
    role: str | None = None

    def account(self, platform: str) -> str | None:
        """The account that the line gives on a platform; "" where it takes it away."""
        return self.slack if platform == "slack" else self.telegram

    @property
    def ids(self) -> list[tuple[str, str]]:
        """The accounts that say who is meant: (platform, user)."""
        return [(platform, user) for platform in ("slack", "telegram") if (user := self.account(platform))]


@dataclass(slots=True)
class _Reading:
    """One line while it is read: each bad cell leaves a problem behind."""

    row: Row
    departments: Departments
    found: dict[str, str | None]
    problems: list[Problem] = field(default_factory=list)

    def cell(self, column: str, understand: Callable[[str], str]) -> str | None:
        text = clean(self.row.cells.get(column, ""))
        if not text:
            return None
        try:
            return understand(text)
        except _Unclear as unclear:
            self.problems.append(Problem(self.row.line, column, unclear.reason, unclear.remedy))
            return None

    def department(self, text: str) -> str:
        if text == AWAY:
            return ""
        if text not in self.found:
            self.found[text] = self.departments.find(text)
        found = self.found[text]
        if found is None:
            known = self.departments.near(text) or self.departments.keys()
            raise _Unclear(f"“{_short(text)}” is no department of the handbook", f"write {' or '.join(known)}")
        return found


class _Unclear(Exception):
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


Judged: TypeAlias = "tuple[Wanted | None, list[Problem]]"


def judge(row: Row, handbook: Handbook) -> Judged:
    """What a line says, and everything that is wrong with it. None where it does not even name anybody."""
    return _judge(_Reading(row, handbook.departments, {}))


def judged(rows: Iterable[Row], handbook: Handbook) -> list[Judged]:
    """The same for many lines; a department that thousands share is looked up once."""
    found: dict[str, str | None] = {}
    return [_judge(_Reading(row, handbook.departments, found)) for row in rows]


def _judge(reading: _Reading) -> Judged:
    row = reading.row
    cell = reading.cell
    name = cell("name", _name)
    if name is None and not reading.problems:
        reading.problems.append(Problem(row.line, "name", "is missing", "write the person's name"))
    if row.beyond:
        remedy = "put text with a separator in it between double quotes"
        reading.problems.append(Problem(row.line, "the line", "has more cells than the first line has columns", remedy))
    slack, telegram = cell("slack", _slack), cell("telegram", _telegram)
    unread = any(problem.column in ("slack", "telegram") for problem in reading.problems)
    called, number = divided(name or "")
    wanted = Wanted(
        row.line,
        called,
        int(number) if number.isdecimal() else None,
        anew=number == "new",
        sound=not unread,
        department=cell("department", reading.department),
        title=cell("title", _title),
        manager=cell("manager", _manager),
        slack=slack,
        telegram=telegram,
        language=cell("language", _language),
        zone=cell("zone", _zone),
        role=cell("role", _role),
    )
    return (wanted if name else None), reading.problems


def clean(text: str) -> str:
    """A cell on one line, without control characters or marks that make text read in another direction."""
    kept = "".join(_UNSEEN.get(unicodedata.category(char), char) for char in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


_UNSEEN = {"Cc": " ", "Cs": " ", "Zl": " ", "Zp": " ", "Cf": ""}
"""Private and unassigned characters stay: rare Chinese names are written with them."""


def divided(name: str) -> tuple[str, str]:
    """A name and the id written behind it: `王芳#12` is (王芳, 12). Without one, the second is empty."""
    found = _PERSON.fullmatch(name)
    return (found[1], found[2].casefold()) if found else (name, "")


def folded(text: str) -> str:
    """Text without what makes no difference in a code or a heading: capitals, full width, spaces, `_` and `-`."""
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text).casefold())


def _name(text: str) -> str:
    if len(text) > MOST:
        raise _Unclear(f"has {len(text)} characters", f"write at most {MOST}")
    if text == AWAY:
        raise _Unclear("is only a dash", "write the person's name; someone who left goes with `people leave NAME`")
    return text


def _title(text: str) -> str:
    return "" if text == AWAY else _name(text)


def _manager(text: str) -> str:
    return "" if text == AWAY else _name(text)


def _slack(text: str) -> str:
    if text == AWAY:
        return ""
    user = unicodedata.normalize("NFKC", text).upper()
    if not _SLACK.fullmatch(user):
        remedy = "open the person's profile in Slack, press ⋮ and “Copy member ID”: U0123ABCD"
        raise _Unclear(f"“{_short(text)}” is no user id of Slack", remedy)
    return user


def _telegram(text: str) -> str:
    if text == AWAY:
        return ""
    user = unicodedata.normalize("NFKC", text)
    if not _TELEGRAM.fullmatch(user):
        remedy = "write the number alone, such as 123456789, in a cell formatted as text; a @name is not enough"
        raise _Unclear(f"“{_short(text)}” is no user number of Telegram", remedy)
    return user


def _language(text: str) -> str:
    known = LANGUAGES.get(folded(text)) or LANGUAGES.get(re.split("[-_]", text.casefold())[0])
    if known is None:
        raise _Unclear(f"“{_short(text)}” is no language that we speak", "write zh or en")
    return known


def _zone(text: str) -> str:
    known = _zones().get(text.casefold())
    if known is None:
        remedy = f"write {_near_zone(text) or 'an IANA name, such as Asia/Shanghai'}"
        raise _Unclear(f"“{_short(text)}” is no time zone", remedy)
    return known


@cache
def _near_zone(text: str) -> str:
    return _zones().get(nearest(text, list(_zones())) or "", "")


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() - {"localtime", "Factory"}}


def _role(text: str) -> str:
    known = ROLES.get(folded(text))
    if known is None:
        raise _Unclear(f"“{_short(text)}” is no role", "write employee, head or admin")
    return known


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"
