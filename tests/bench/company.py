"""The company that is measured: fifty people, a database of its own, and the program as a process of its own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.handbook import Handbook
from storage import schema
from storage.database import Database
from storage.people import Account, Employee
from tests.bench.names import BOT_TOKEN, CHANNEL, PEOPLE, SIGNING_SECRET, TEAM

ROOT = Path(__file__).parents[2]
HANDBOOK = f'[rooms.service]\naddresses = ["slack:{CHANNEL}"]\n'


@dataclass(frozen=True)
class Child:
    """A process that serves: where it listens, and its number."""

    url: str
    pid: int


async def found(url: str, handbook: Handbook) -> Database:
    """A new database with the company's people in it: half of them answer complaints."""
    database = await Database.open(url, handbook)
    await schema.upgrade(database)
    now = datetime.now(UTC)
    async with database.unit(now) as work:
        for number in range(1, PEOPLE + 1):
            department = "service" if number % 2 else "sales"
            work.session.add(
                Employee(id=number, name=f"Person {number}", department=department, language="en", joined_at=now)
            )
        await work.session.flush()
        for number in range(1, PEOPLE + 1):
            work.session.add(Account(platform="slack", workspace=TEAM, user=f"U{number:04d}", employee_id=number))
    return database


def company_handbook(folder: Path) -> Path:
    """The company's file: the service team's room stands on Slack."""
    folder.mkdir(exist_ok=True)
    path = folder / "handbook.toml"
    path.write_text(HANDBOOK, encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def child(*command: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[Child]:
    """A Python process that prints its address in its first line; ended, and waited for, at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OPSBOOK_", "SLACK_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=inherited | dict(environment or {}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        address = next((word for word in line.split() if word.startswith("http")), None)
        if address is None:
            raise RuntimeError(f"{' '.join(command)} did not start: {line!r}")
        yield Child(address.rstrip("/"), process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 12)
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def slack() -> AsyncIterator[str]:
    """A Slack of our own, in its own process; gives the API's address."""
    async with child("-m", "tests.platforms.slack.fake", "--seconds=900", f"--users={PEOPLE}") as served:
        yield f"{served.url}/"


@contextlib.asynccontextmanager
async def opsbook(
    folder: Path, api_url: str, *command: str, fill: Callable[[Database], Awaitable[None]] | None = None
) -> AsyncIterator[Child]:
    """The program as it is run, on a new SQLite file that was filled; or another command that starts it."""
    handbook = company_handbook(folder)
    url = f"sqlite:///{folder / 'opsbook.db'}"
    database = await found(url, Handbook.load(handbook))
    if fill is not None:
        await fill(database)
    await database.close()
    environment = {
        "OPSBOOK_DATABASE_URL": url,
        "OPSBOOK_HANDBOOK": str(handbook),
        "OPSBOOK_PORT": "0",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": api_url,
    }
    async with child(*(command or ("-m", "bot", "run")), environment=environment) as served:
        yield served
