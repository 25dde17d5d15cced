"""The list of people as a file: CSV as Excel and its relatives save it, in either alphabet's encoding."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.handbook.chapter import nearest
from config.roster import COLUMNS, Problem, RosterError, Row, clean, folded

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
SEPARATORS = (",", ";", "\t", "，", "；")

HEADINGS = {
    **{column: column for column in COLUMNS},
    **dict.fromkeys(("姓名", "名字", "名称", "fullname"), "name"),
    **dict.fromkeys(("部门", "所属部门", "dept"), "department"),
    **dict.fromkeys(("职务", "职位", "岗位", "jobtitle", "position"), "title"),
    **dict.fromkeys(("上级", "直属上级", "汇报对象", "reportsto"), "manager"),
    **dict.fromkeys(("slackid", "slack用户id"), "slack"),
    **dict.fromkeys(("telegramid", "telegram用户id"), "telegram"),
    **dict.fromkeys(("语言", "lang"), "language"),
    **dict.fromkeys(("时区", "timezone"), "zone"),
    "角色": "role",
}
_FORMULA = ("=", "+", "-", "@", "'")


def read(path: Path) -> list[Row]:
    """The lines of a file, as they are written; what they say is judged later, with the handbook and the records.

    Raises RosterError where it is no such list: too large, no text, or with columns that nobody knows.
    """
    text = _text(path)
    start = _after_hint(text)
    separator = _separator(text[start:])
    lines = _lines(text, start, separator)
    first = next(lines, None)
    if first is None:
        raise _unusable("is empty", f"the first line names the columns: {','.join(COLUMNS)}")
    columns = _columns(*first)
    rows = [_row(number, cells, columns) for number, cells in lines]
    if not rows:
        raise _unusable("has columns, but nobody below them", "write one line for each person")
    if len(rows) > MOST_ROWS:
        raise _unusable(f"has {len(rows):,} people", f"take in at most {MOST_ROWS:,} at once")
    return rows


def write(path: Path, people: Iterable[Mapping[str, str]], separator: str = ",") -> int:
    """Writes such a file, readable by its owner alone, and returns how many people are in it.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which `read` takes off again.
    Raises RosterError where the file is there already, for somebody may have worked on it.
    """
    rows = [[_harmless(clean(person.get(column, ""))) for column in COLUMNS] for person in people]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _unusable(f"{path} is there already", "name another one, or move it away") from None
    except OSError as error:
        raise _unusable(f"{path} can't be written ({error.strerror})", "check the path") from None
    with open(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_meant(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise _unusable(f"{path} is not a file", "name a CSV file")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unusable(f"{path} can't be read ({error.strerror})", "check the path") from None
    if len(content) > MOST_BYTES:
        raise _unusable("is larger than 5 MB", "take in the people in several files")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _unusable("is a workbook", "in Excel choose “Save as”, and there “CSV UTF-8”")
    return _decoded(content)


def _decoded(content: bytes) -> str:
    """UTF-8, with a mark or without; UTF-16 by its mark; else GB18030, which a Chinese Excel writes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unusable("is not text that we can read", "in Excel choose “Save as”, and there “CSV UTF-8”")


def _after_hint(text: str) -> int:
    """Excel's own hint `sep=;` in the first line is not a heading: the separator is seen without it."""
    end = text.find("\n") + 1
    return end if text[:4].casefold() == "sep=" and 0 < end <= 8 else 0


def _separator(text: str) -> str:
    """The one by which the first line falls into the most columns that we know."""
    head = next((line for line in text.splitlines() if line.strip()), "")

    def known(separator: str) -> int:
        return sum(_heading(cell) in HEADINGS for cell in head.split(separator))

    return max(SEPARATORS, key=known)


def _heading(cell: str) -> str:
    return folded(clean(cell).strip("\"'"))


def _lines(text: str, start: int, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank, with the number at which each begins."""
    skipped = text[:start].count("\n")
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=separator, strict=True)
    while True:
        number = skipped + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            remedy = "close the quotes, and write a quote inside of quotes twice"
            raise RosterError([Problem(number, "the line", "has a double quote that does not fit", remedy)]) from None
        if cells is None:
            return
        if any(clean(cell) for cell in cells):
            yield number, cells


def _columns(line: int, cells: list[str]) -> list[str]:
    """The column of each heading; a blank one stays blank, and nothing may stand below it."""
    columns = [HEADINGS.get(_heading(cell), "") for cell in cells]
    problems: list[Problem] = []
    for cell, column in zip(cells, columns, strict=True):
        called = f"“{clean(cell)[:30]}”"
        if not column and clean(cell):
            near = HEADINGS.get(nearest(_heading(cell), list(HEADINGS)) or "")
            meant = f"did you mean {near}? " if near else ""
            remedy = f"{meant}The columns are {', '.join(COLUMNS)}"
            problems.append(Problem(line, f"the column {called}", "is not one that we know", remedy))
        elif column and columns.count(column) > 1:
            problems.append(Problem(line, f"the column {called}", "is there twice", "keep one of them"))
    if not problems and "name" not in columns:
        problems.append(Problem(line, "the column name", "is missing", "name it in the first line, or 姓名"))
    if problems:
        raise RosterError(problems)
    return columns


def _row(line: int, cells: list[str], columns: list[str]) -> Row:
    meant = [_as_meant(clean(cell)) for cell in cells]
    named = {column: cell for column, cell in zip(columns, meant, strict=False) if column}
    beyond = [cell for at, cell in enumerate(meant) if at >= len(columns) or not columns[at]]
    return Row(line, named, "".join(beyond)[:30])


def _unusable(reason: str, remedy: str) -> RosterError:
    return RosterError([Problem(None, "the file", reason, remedy)])
