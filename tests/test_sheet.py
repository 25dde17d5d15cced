"""The list of people as a file: every way in which offices save it is read, and what is no list is refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import sheet
from bot.roster import table
from config.roster import COLUMNS, RosterError, Row, clean

SAVE_AS = "in Excel choose “Save as”, and there “CSV UTF-8”"
OPEN = "close the quotes, and write a quote inside of quotes twice"

EXPECTED = [
    Row(2, {"name": "王芳", "department": "销售部", "role": "主管"}),
    Row(4, {"name": "Omar", "department": "service"}),
]


def read(tmp_path: Path, content: bytes) -> list[Row]:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    return sheet.read(path)


def refused(tmp_path: Path, content: bytes) -> list[str]:
    with pytest.raises(RosterError) as error:
        read(tmp_path, content)
    return [str(problem) for problem in error.value.problems]


HEADINGS = ["name,department,role", "Name, DEPARTMENT ,Role", "姓名,部门,角色", '"姓名","部门","角色"']


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，", "；"])
def test_a_file_is_read_as_offices_save_it(tmp_path: Path, encoding: str, separator: str) -> None:
    for end, heading in product(["\n", "\r\n", "\r"], HEADINGS):
        lines = [heading, "王芳,销售部,主管", " , ,", "Omar,service", ""]

        assert read(tmp_path, end.join(lines).replace(",", separator).encode(encoding)) == EXPECTED


def test_a_line_keeps_its_number_after_a_hint_and_a_cell_of_two_lines(tmp_path: Path) -> None:
    content = b'sep=;\r\nname;title\r\nDana;"one\r\ntwo; three"\r\nOmar;=1+1\r\n'

    assert read(tmp_path, content) == [
        Row(3, {"name": "Dana", "title": "one two; three"}),
        Row(5, {"name": "Omar", "title": "=1+1"}),
    ]


def test_empty_columns_at_the_end_are_no_columns(tmp_path: Path) -> None:
    assert read(tmp_path, b"name,zone,,\nDana,,,\nOmar,UTC,,more\n") == [
        Row(2, {"name": "Dana", "zone": ""}),
        Row(3, {"name": "Omar", "zone": "UTC"}, "more"),
    ]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", ["the file is empty: the first line names the columns: " + ",".join(COLUMNS)]),
        (b"name\n\n", ["the file has columns, but nobody below them: write one line for each person"]),
        (b"PK\x03\x04...", [f"the file is a workbook: {SAVE_AS}"]),
        (b"name\n\xff\xff", [f"the file is not text that we can read: {SAVE_AS}"]),
        (b"name\n\0", [f"the file is not text that we can read: {SAVE_AS}"]),
        (b'name,title\nDana,"x\n', [f"line 2: the line has a double quote that does not fit: {OPEN}"]),
        (b"title\nx\n", ["line 1: the column name is missing: name it in the first line, or 姓名"]),
        (
            b"name,Name,departmant,salary\nDana,,,\n",
            [
                "line 1: the column “name” is there twice: keep one of them",
                "line 1: the column “Name” is there twice: keep one of them",
                f"line 1: the column “departmant” is not one that we know: did you mean department? The columns are "
                f"{', '.join(COLUMNS)}",
                f"line 1: the column “salary” is not one that we know: The columns are {', '.join(COLUMNS)}",
            ],
        ),
        (b"name\n" + b"x\n" * 20_001, ["the file has 20,001 people: take in at most 20,000 at once"]),
        (b"name\n" + b"x" * 5_000_000, ["the file is larger than 5 MB: take in the people in several files"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, problems: list[str]) -> None:
    assert refused(tmp_path, content) == problems


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="can't be read"):
        sheet.read(tmp_path / "nothing.csv")
    with pytest.raises(RosterError, match="is not a file"):
        sheet.read(tmp_path)


def test_a_written_file_is_its_owner_s_alone_harmless_in_a_spreadsheet_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"

    assert sheet.write(path, [{"name": "=HYPERLINK(1)", "slack": "U0001"}]) == 1

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().splitlines()[1] == b"'=HYPERLINK(1),,,,U0001,,,,"
    with pytest.raises(RosterError, match="is there already"):
        sheet.write(path, [])


CELLS = st.text(max_size=30).map(clean)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_is_written_is_read_as_it_was(people: list[dict[str, str]], separator: str) -> None:
    for at, person in enumerate(people):
        person["name"] = person["name"] or f"Person {at}"

    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        sheet.write(path, people, separator)

        assert [row.cells for row in sheet.read(path)] == people


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_bytes(b"name,title\n" + content)
        try:
            rows = sheet.read(path)
        except RosterError:
            return
    assert all(set(row.cells) <= {"name", "title"} for row in rows)


def test_the_list_stands_in_columns_though_its_letters_are_wide() -> None:
    assert table([("id", "name", "role"), ("1", "王芳", "head"), ("2", "Omar " * 8, "")]) == [
        "id  name                      role",
        "1   王芳                      head",
        "2   Omar Omar Omar Omar Oma…",
    ]
