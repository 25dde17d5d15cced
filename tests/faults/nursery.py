"""Starts the program with all that it imports at hand: a fork of one that has imported it, in a tenth of the time.

In the full endurance runs, and where a test is about the start itself, the program is started as people start it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol

ROOT = Path(__file__).parents[2]
IMPORTED = (
    "bot.logs", "bot.program", "handlers", "psycopg", "storage.audit", "bot.platforms.files", "bot.platforms.web",
    "bot.platforms.slack.outgoing", "bot.platforms.telegram.outgoing", "bot.platforms.telegram.store",
)  # fmt: skip
"""What the program imports when it runs. It does nothing else before it is forked."""


class Process(Protocol):
    """What the tests ask of a process, however it was started."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    async def wait(self) -> int: ...
    def kill(self) -> None: ...
    def send_signal(self, signal: int) -> None: ...


@dataclass
class Forked:
    """A run that was forked; as `asyncio.subprocess.Process`."""

    pid: int
    stdout: asyncio.StreamReader
    returncode: int | None = None
    _end: asyncio.Task[int] = field(init=False)

    async def wait(self) -> int:
        """Its exit code, below zero for the signal that ended it."""
        return await asyncio.shield(self._end)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, signal: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal)

    async def _ends(self, *pipes: _Pipe) -> int:
        code = int(await pipes[0].reader.readline())
        while not all(pipe.transport.is_closing() for pipe in pipes):  # noqa: ASYNC110  # nobody tells us
            await asyncio.sleep(0.001)  # until what it has said is read to its end
        await asyncio.sleep(0)
        self.returncode = code
        return code


@dataclass
class _Pipe:
    """What somebody says to us."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport


async def forked(folder: Path, log: IO[bytes], environment: dict[str, str], *, hurried: bool = False) -> Forked:
    """Begins a run in this folder, with these settings alone."""
    (said, says), (ended, ends) = os.pipe(), os.pipe()
    told = {"folder": str(folder), "environment": environment, "hurried": hurried}
    try:
        socket.send_fds(_nursery(), [json.dumps(told).encode()], [says, log.fileno(), ends])
    finally:
        os.close(says)
        os.close(ends)
    words, out = await _listened(ended), await _listened(said)
    run = Forked(int(await words.reader.readline()), out.reader)
    run._end = asyncio.create_task(run._ends(words, out))
    return run


async def _listened(end: int) -> _Pipe:
    reader = asyncio.StreamReader()
    connect = asyncio.get_running_loop().connect_read_pipe
    transport, _ = await connect(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb", 0))
    return _Pipe(reader, transport)


@cache
def _nursery() -> socket.socket:
    """The door of this test process's own nursery, which ends when nobody holds the door any more."""
    ours, its = socket.socketpair()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery", str(its.fileno())],
        cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT)}, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL,
    )  # fmt: skip
    its.close()

    def shut() -> None:
        ours.close()
        process.wait(10)

    atexit.register(shut)
    return ours


# --- In the nursery


def dies_with_parent() -> None:
    """Linux ends this process where its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _serve(door: socket.socket) -> None:
    """Forks a run for each that knocks."""
    for name in IMPORTED:
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        said, ends, _, _ = socket.recv_fds(door, 1 << 16, 3)
        if not said:
            return
        if os.fork() == 0:
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            dies_with_parent()
            _keep(json.loads(said), *ends)
        for end in ends:
            os.close(end)


def _keep(told: dict[str, Any], out: int, log: int, words: int) -> None:
    """Forks once more: the parent tells who the child is, and in the end how it ended; the child is the program."""
    child = os.fork()
    if child:
        os.close(out)  # so that the reader sees the end when the child has ended
        os.write(words, f"{child}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(words, f"{code}\n".encode())
        os._exit(0)
    os.close(words)
    dies_with_parent()
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    for here, there in ((out, 1), (log, 2)):
        os.dup2(here, there)
        os.close(here)
    if told["hurried"]:
        import_module("tests.faults.hurried").hurry()
    sys.exit(import_module("bot.__main__").main(["run"]))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
