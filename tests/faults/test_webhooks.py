"""Where Telegram calls us: it calls again until it hears 2xx, and whatever dies meanwhile, all is done once."""

import asyncio
import random
from pathlib import Path
from types import TracebackType

import aiohttp
import pytest
from aiohttp import web

from tests.faults import proof
from tests.faults.house import Child, size, until
from tests.faults.phones import Phones, free_port
from tests.faults.test_polling import IN_FLIGHT, SLOWLY, closed, crowd_at, killed


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_kill_while_telegram_calls_loses_nothing_and_does_nothing_twice(phones: Phones) -> None:
    phones.port = free_port()
    phones.public_url = f"http://127.0.0.1:{phones.port}"

    await killed(phones, size(1, 100))

    statuses = phones.telegram.updates.hook.statuses
    assert set(statuses) <= {0, 200, 503}  # 0: nobody answered, while it started anew
    assert statuses.count(200) == len(phones.telegram.updates.past)


class Doubling:
    """Stands before two processes: gives each update to both at once, and answers as one of them did."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.children: list[Child] = []
        self.url = ""
        self.doubled = 0

    async def __aenter__(self) -> "Doubling":
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    async def joins(self, phones: Phones) -> None:
        """One more process, behind us."""
        port = free_port()
        child = await phones.start(OPSBOOK_PORT=str(port))
        child.url = f"http://127.0.0.1:{port}"  # it says where the public reaches it, and that is here
        self.children.append(child)

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        there = [child for child in self.children if child.url and child.process.returncode is None]
        statuses = await asyncio.gather(*[self._call(child, request, body) for child in there])
        self.doubled += statuses.count(200) > 1
        return web.Response(status=self.dice.choice(statuses) if statuses else 502)

    async def _call(self, child: Child, request: web.Request, body: bytes) -> int:
        try:
            async with self._session.post(f"{child.url}{request.path}", data=body, headers=request.headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 502


@pytest.mark.endurance
@pytest.mark.timeout(3600)
async def test_two_processes_that_are_both_called_do_each_thing_once(fresh_postgres: str, tmp_path: Path) -> None:
    dice, kills = random.Random(6), size(1, 100)
    async with Phones(fresh_postgres, tmp_path, hurried=True) as phones, Doubling(dice) as doubling:
        phones.telegram.always("sendMessage", SLOWLY)
        phones.public_url = doubling.url
        await asyncio.gather(doubling.joins(phones), doubling.joins(phones))
        crowd, work = crowd_at(phones)
        await until(lambda: doubling.doubled > 0, 20.0)  # both are there, however busy the machine is
        for _ in range(kills):
            await asyncio.sleep(dice.uniform(0.5, 1.5))
            doubling.children.pop(dice.randrange(2)).kill()
            if kills > 1:
                await doubling.joins(phones)
        phones.children.sort(key=lambda child: child in doubling.children)  # the last one lives
        ends = [await closed(phones, crowd, work), *[await child.stop() for child in doubling.children]]

        assert {code for code, _ in ends} == {0}
        proved = await proof.check(phones, crowd, extra=max(kills, 2 * IN_FLIGHT))
        print(f"{kills} kills of two processes, {doubling.doubled} doubled: {crowd}; {proved}")  # noqa: T201
    assert doubling.doubled > 0
