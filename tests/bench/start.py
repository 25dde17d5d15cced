"""Starting: the help is there at once, the page soon, and the program at rest is small."""

import asyncio
import os
import re
import signal
import sys
import time
from pathlib import Path
from statistics import median

import aiohttp

from tests.bench.company import ROOT, opsbook, slack
from tests.bench.table import Figure

TIMES = 5


async def measure(folder: Path) -> list[Figure]:
    """The help, the first page, and the memory at rest."""
    helped = [await _helped() for _ in range(TIMES)]
    shown = [await _shown(folder / f"demo{number}.db") for number in range(2)]
    return [
        Figure("python -m bot --help", 0.5, median(helped), " s"),
        Figure("make run (installed) until the page answers", 5.0, max(shown), " s"),
        Figure("resident memory at rest, web and Slack on", 150.0, await _resting(folder / "rest"), " MB"),
    ]


async def _helped() -> float:
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--help", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(child.wait(), 30) == 0
    return time.perf_counter() - began


async def _shown(file: Path) -> float:
    """From `make run` until the demo's page answers 200, in a new, empty place."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OPSBOOK_", "SLACK_"))}
    settings = {"OPSBOOK_PORT": "0", "OPSBOOK_DATABASE_URL": f"sqlite:///{file}"}
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        "make", "--no-print-directory", "--old-file=.venv/run.stamp", "run",  # installed, whatever the stamp says
        cwd=ROOT, env=inherited | settings, start_new_session=True,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        async with asyncio.timeout(60):
            found = None
            while found is None:
                line = (await child.stdout.readline()).decode()
                if not line:
                    raise RuntimeError("make run ended before it served a page")
                found = re.search(r"http://[^\s)]+", line)
            async with aiohttp.ClientSession() as session, session.get(found[0]) as page:
                assert page.status == 200, page.status
                await page.read()
        return time.perf_counter() - began
    finally:
        os.killpg(child.pid, signal.SIGTERM)
        await asyncio.wait_for(child.wait(), 15)


async def _resting(folder: Path) -> float:
    """Megabytes, ten seconds after the start."""
    async with slack() as api, opsbook(folder, api) as ours:
        await asyncio.sleep(10)
        return _resident(ours.pid)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024
