"""The program starts as it should or not at all, and says what is wrong and what to do about it."""

import asyncio
import os
import re
import socket
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile

import aiohttp
import psycopg
import pytest

from tests.faults.house import ROOT, House
from tests.faults.nursery import forked


async def run(folder: Path, **settings: str) -> tuple[int, str]:
    """A start that should not succeed: its exit code, and what it said."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {"PYTHONPATH": str(ROOT), "OPSBOOK_PORT": "0", "OPSBOOK_DATABASE_URL": f"sqlite:///{folder}/new.db"}
    with TemporaryFile() as errors:
        process = await forked(folder, errors, kept | given | settings)
        try:
            async with asyncio.timeout(15):
                said = await process.stdout.read()
                code = await process.wait()
        finally:
            process.kill()
            await process.wait()
        errors.seek(0)
        return code, (said + errors.read()).decode()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"OPSBOOK_PROT": "8080"}, "OPSBOOK_PROT is not a setting: did you mean OPSBOOK_PORT?"),
        (
            {"OPSBOOK_DATABASE_URL": "mysql://root:hunter2@db/x"},
            "OPSBOOK_DATABASE_URL is no database that we know: write",
        ),
        ({"SLACK_BOT_TOKEN": "xoxb-1-hunter2"}, "SLACK_BOT_TOKEN stands alone: add SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is set but empty: remove the line or give it a value"),
        ({"OPSBOOK_HANDBOOK": "/nowhere.toml"}, "OPSBOOK_HANDBOOK names no file: check the path"),
        (
            {"OPSBOOK_DATABASE_URL": "sqlite:////nowhere/x.db"},
            "OPSBOOK_DATABASE_URL: the folder /nowhere does not exist",
        ),
        (
            {"OPSBOOK_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/x"},
            "OPSBOOK_DATABASE_URL: the database does not answer",
        ),
    ],
    ids=lambda value: next(iter(value)).lower() if isinstance(value, dict) else "",
)
async def test_bad_setting_stops_the_start_with_its_name_and_its_remedy(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    code, said = await run(tmp_path, **settings)

    assert code == 1
    assert words in said
    assert "Traceback" not in said
    assert "hunter2" not in said


async def test_port_that_is_taken_stops_the_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await run(tmp_path, OPSBOOK_PORT=str(port))

    assert (code, said) == (
        1,
        f"OPSBOOK_HOST, OPSBOOK_PORT: can't listen on 127.0.0.1:{port} (Address already in use). "
        "Stop what uses the port, or choose another.\n",
    )


async def test_any_free_port_will_do_and_is_told(house: House) -> None:
    house.from_nothing = True
    child = await house.start()
    async with aiohttp.ClientSession() as session, session.get(f"{child.url}/healthz") as health:
        assert await health.json() == {"status": "alive"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d{4,5}", child.url)


async def test_newer_schema_is_left_alone(house: House, fresh_postgres: str, tmp_path: Path) -> None:
    file = tmp_path / "opsbook.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with psycopg.connect(fresh_postgres, autocommit=True) as server:
        server.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        server.execute("INSERT INTO alembic_version VALUES ('9999')")

    for url in (f"sqlite:///{file}", fresh_postgres):
        assert await run(tmp_path, OPSBOOK_DATABASE_URL=url) == (
            1,
            "OPSBOOK_DATABASE_URL: the database is at revision 9999, which this program does not know: it was made by "
            "a newer one. Start that program, or restore a backup that this one has made.\n",
        )


async def test_damaged_file_is_neither_used_nor_replaced(house: House, tmp_path: Path) -> None:
    whole = (tmp_path / "opsbook.db").read_bytes()
    pages = bytearray(whole)
    for start in range(4096 * 8, len(whole) - 4096, 4096 * 3):
        pages[start : start + 2048] = bytes(range(256)) * 8
    damaged = {
        "no database": b"something else" * 1000,
        "cut off": whole[: len(whole) // 3],
        "overwritten": whole[:200] + b"\xa5" * 20_000 + whole[20_200:],
        "pages overwritten": bytes(pages),
    }
    files = {name: tmp_path / f"{name.replace(' ', '-')}.db" for name in damaged}
    for name, content in damaged.items():
        files[name].write_bytes(content)

    ends = await asyncio.gather(*[run(tmp_path, OPSBOOK_DATABASE_URL=f"sqlite:///{file}") for file in files.values()])

    for name, (code, said) in zip(damaged, ends, strict=True):
        assert code == 1, name
        assert said.startswith("OPSBOOK_DATABASE_URL: "), name
        assert re.search(r"restore (it from a|the last) backup\n$", said), said
        assert files[name].read_bytes() == damaged[name], name
