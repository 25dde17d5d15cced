"""The people's commands, as an administrator types them: each says what it did, or what to do instead."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import roster
from bot.dispatch import Desk
from config.handbook import Handbook
from handlers import CAPABILITIES
from storage import people, schema, sessions
from storage.database import Database
from storage.errors import Refusal
from storage.places import Identity

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)
FILE = "姓名,部门,上级,slack,角色\n王丹,客服,Omar,U0DANA,\nOmar,客服,,U0OMAR,主管\n"


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    database = await Database.open(database_url, Handbook.load())
    await schema.upgrade(database)
    yield Desk(database, lambda: MONDAY, CAPABILITIES)
    await database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(FILE, encoding="gb18030")
    return path


async def test_people_are_brought_in_and_listed(desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [await roster.bring_in(desk, file), await roster.bring_in(desk, file), await roster.show(desk)] == [0, 0, 0]

    assert capsys.readouterr().out.splitlines() == [
        "added: 王丹#1",
        "added: Omar#2",
        "2 added, 0 changed, 0 back, 0 unchanged; 0 not in the file, who stay as they are.",
        "0 added, 0 changed, 0 back, 2 unchanged; 0 not in the file, who stay as they are.",
        "id  name  department  title  manager  slack   telegram  language  zone           role",
        "1   王丹  service            Omar     U0DANA            zh        Asia/Shanghai  employee",
        "2   Omar  service                     U0OMAR            zh        Asia/Shanghai  head",
        "2 people.",
    ]


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    path = tmp_path / "mistaken.csv"
    path.write_text(FILE + "Eve,sale,,,\n", encoding="utf-8")
    return path


async def test_a_file_with_a_mistake_is_refused_as_a_whole(
    desk: Desk, mistaken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [await roster.bring_in(desk, mistaken), await roster.show(desk)] == [1, 0]

    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "line 4: department “sale” is no department of the handbook: write sales",
        "Nobody was taken in.",
    ]
    assert printed.out == "Nobody is known yet: write a CSV file, and run `python -m bot people import FILE.csv`.\n"


async def test_who_leaves_loses_account_session_and_link_at_once(
    desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await roster.bring_in(desk, file)
    assert await roster.invite(desk, "https://ops.example.com", "U0OMAR") == 0
    link, words = capsys.readouterr().out.splitlines()[-2:]
    assert words == "This lets Omar#2 in, once, within ten minutes. Give it to nobody else."
    token = re.fullmatch(r"https://ops\.example\.com/signin\?token=(\S{43})", link)
    assert token is not None
    async with desk.database.unit(MONDAY) as work:
        session = await sessions.open(work, token[1])
    assert await roster.invite(desk, "https://ops.example.com", "Omar") == 0
    second = capsys.readouterr().out.splitlines()[0].partition("token=")[2]

    assert await roster.leave(desk, "Omar") == 0

    async with desk.database.unit(MONDAY) as work:
        assert await people.known(work.session, Identity("slack", "T1", "U0OMAR")) is None
        assert await sessions.find(work.session, session, MONDAY) is None
        with pytest.raises(Refusal):
            await sessions.open(work, second)
    assert [await roster.leave(desk, "Omar"), await roster.invite(desk, "", "Omar")] == [1, 1]
    printed = capsys.readouterr()
    assert printed.out == "Omar#2 has left: no account, no session and no link of theirs works any more.\n"
    assert printed.err.splitlines() == [
        "“Omar” is nobody who works here: see `python -m bot people list`",
        "Nobody has left.",
        "“Omar” is nobody who works here: see `python -m bot people list`",
        "No link was made.",
    ]
