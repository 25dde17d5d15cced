"""A house with one small company in it: the real program as a child process, its database, and a Slack beside it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import aiohttp

from config.handbook import Handbook
from config.roster import Row
from storage import roster, schema
from storage.database import Database
from tests.faults.nursery import Process, dies_with_parent, forked
from tests.platforms.slack.caller import SlackCaller
from tests.platforms.slack.fake import BOT_TOKEN, FakeSlack
from tests.platforms.slack.workspace import View

ROOT = Path(__file__).parents[2]
SECRET = "signing-secret-of-the-fault-tests"
SERVICE, BESIDE, ELSEWHERE, OPS = "C0SERVICE", "C0BESIDE", "C0ELSE", "C0OPS"
"""The team's two channels, one that is no room of ours, and the administrators' own."""
DANA, OMAR, HANA, BOSS, SAM, PAUL = "U0DANA001", "U0OMAR002", "U0HANA003", "U0BOSS004", "U0SAM0005", "U0PAUL006"
"""Dana, Omar and Paul answer complaints, Hana leads them, Boss leads the house, and Sam sells."""
PEOPLE = (
    ("Dana", "service", DANA, "employee"),
    ("Omar", "service", OMAR, "employee"),
    ("Hana", "service", HANA, "head"),
    ("Boss", "operations", BOSS, "head"),
    ("Sam", "sales", SAM, "employee"),
    ("Paul", "service", PAUL, "employee"),
)
START_SECONDS = 20.0
CRASHED = 99
"""How the program ends at a crash point."""


@dataclass
class Child:
    """One run of the program. `url` is where it listens, empty where it ended before that."""

    process: Process
    log: Path
    url: str = ""

    @property
    def lines(self) -> list[str]:
        """What it has written to its log."""
        return self.log.read_text(encoding="utf-8").splitlines()

    def kill(self) -> None:
        """kill -9: no word of farewell."""
        if self.process.returncode is None:
            self.process.kill()

    async def ended(self, within: float = 15.0) -> int:
        """Its exit code, once it has ended."""
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def stop(self, within: float = 15.0) -> tuple[int, float]:
        """SIGTERM; its exit code, and how many seconds it took."""
        begun = time.monotonic()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.ended(within), time.monotonic() - begun


@dataclass(repr=False)
class House:
    """Entered by `async with`; at the end no process of it is left. `child` is the one started last.

    `from_nothing`: the program is started as people start it, also in a short run, where it is else forked from one
    that has its imports behind it.
    """

    database_url: str
    folder: Path
    hurried: bool = False
    from_nothing: bool = False
    service: tuple[str, ...] = (SERVICE, BESIDE)
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slack = FakeSlack()
        self.handbook_file = self.folder / "handbook.toml"
        addresses = json.dumps([f"slack:{channel}" for channel in self.service])
        self.handbook_file.write_text(
            f'[rooms.service]\naddresses = {addresses}\nlanguage = "en"\n'
            f'[rooms.ops]\naddresses = ["slack:{OPS}"]\nlanguage = "en"\n',
            encoding="utf-8",
        )
        self.handbook = Handbook.load(self.handbook_file)

    async def __aenter__(self) -> House:
        for name, _, user, _ in PEOPLE:
            self.slack.add_user(user, name.lower(), name)
        for channel in (*self.service, ELSEWHERE, OPS):
            self.slack.add_channel(channel, channel.lower())
        await self.moves_in([_row(n, *who) for n, who in enumerate(PEOPLE, 2)])
        await self.slack.start()
        return self

    async def moves_in(self, rows: list[Row]) -> None:
        """Makes the database, and takes in whoever lives here."""
        database = await Database.open(self.database_url, self.handbook)
        try:
            await schema.upgrade(database)
            async with database.unit(moment()) as work:
                await roster.take_in(work, rows)
        finally:
            await database.close()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for child in self.children:
            child.kill()
        for child in self.children:
            await child.process.wait()
        await self.slack.stop()

    @property
    def child(self) -> Child:
        """The run that was begun last."""
        return self.children[-1]

    @property
    def url(self) -> str:
        """Where the last run listens; empty while there is none."""
        alive = self.children and self.child.process.returncode is None
        return self.child.url if alive else ""

    def environment(self, **more: str) -> dict[str, str]:
        """All that the program is told; nothing of the machine's own settings."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        ours = {
            "PYTHONPATH": str(ROOT),
            "OPSBOOK_DATABASE_URL": self.database_url,
            "OPSBOOK_HANDBOOK": str(self.handbook_file),
            "OPSBOOK_PORT": "0",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": self.slack.api_url,
        }
        return kept | ours | more

    async def spawn(self, **more: str) -> Child:
        """Begins a run, and does not wait for it."""
        log = self.folder / f"log-{len(self.children)}.jsonl"
        with log.open("wb") as errors:
            if size(not self.from_nothing, False):
                process: Process = await forked(self.folder, errors, self.environment(**more), hurried=self.hurried)
            else:
                process = await self._executed(errors, self.environment(**more))
        child = Child(process, log)
        self.children.append(child)
        return child

    async def _executed(self, errors: IO[bytes], environment: dict[str, str]) -> Process:
        module = "tests.faults.hurried" if self.hurried else "bot"
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, "run", cwd=self.folder, env=environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=errors,
            preexec_fn=dies_with_parent,
        )  # fmt: skip

    async def start(self, crash_at: str = "", **more: str) -> Child:
        """Begins a run and waits until it listens, or, where it is to crash, until it has ended before that."""
        child = await self.spawn(**({"OPSBOOK_CRASH_AT": crash_at} if crash_at else {}), **more)
        await self.listens(child)
        assert child.url or crash_at, child.log.read_text()[-2000:]
        return child

    async def listens(self, child: Child) -> None:
        """Waits for the line that says where; comes back without it where the run has ended."""
        assert child.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            said = await child.process.stdout.readline()
        found = re.search(rb"http://[\w.:]+", said)
        child.url = found[0].decode() if found else ""
        if not child.url:
            await child.process.wait()

    def caller(self, child: Child | None = None) -> SlackCaller:
        """Slack, calling a run (the last one where none is named)."""
        return SlackCaller((child or self.child).url, SECRET, slack=self.slack, timeout=15.0)

    async def form(self, caller: SlackCaller) -> View:
        """The form for a new complaint, as it opens for Sam; may be copied by `anew`."""
        before = len(self.slack.workspace.views)
        assert (await caller.command(SAM, "/complaint", "It broke.", ELSEWHERE)).status == 200
        await until(lambda: len(self.slack.workspace.views) > before)
        return self.slack.modal(SAM)

    def anew(self, form: View) -> View:
        """The same form, opened once more."""
        space = self.slack.workspace
        return View(form.user, form.body | {"id": space.new_id("V"), "hash": space.new_id("h")})

    async def settled(self, within: float | None = None) -> None:
        """Waits until nothing waits in the outbox any more; after the long runs that is a queue of some hundreds."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(within or size(30, 300)):
            while True:
                async with session.get(f"{self.url}/readyz") as response:
                    if (await response.json())["outbox"]["waiting"] == 0:
                        return
                await asyncio.sleep(0.05)

    def copies(self) -> dict[int, int]:
        """How often each row of the outbox stands in Slack, by the id in the messages' metadata."""
        found: dict[int, int] = {}
        for channel in self.slack.workspace.channels.values():
            for message in channel.messages:
                if message.by_app and message.metadata is not None:
                    row = int(message.metadata["event_payload"]["id"])
                    found[row] = found.get(row, 0) + 1
        return found


def moment() -> datetime:
    """Now; the program has a clock of its own."""
    return datetime.now(UTC)  # noqa: TID251  # the children live in real time, and so do the tests around them


async def until(holds: Any, within: float = 10.0) -> None:
    """Waits until something holds; `TimeoutError` if it does not in time."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  # what it waits for happens in another process
            await asyncio.sleep(0.01)


def size(default: int, full: int) -> int:
    """How many: few in every run of the tests, all where OPSBOOK_ENDURANCE=full."""
    return full if os.environ.get("OPSBOOK_ENDURANCE") == "full" else default


def _row(line: int, name: str, department: str, user: str, role: str) -> Row:
    cells = {"name": name, "department": department, "slack": user, "language": "en", "role": role}
    return Row(line, cells)
