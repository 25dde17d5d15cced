"""The crowd: a process of its own that sends signed requests, so many in flight, and says how fast they were answered.

All requests are made and signed before the clock starts, and each is sent once, with a trigger of its own.
"""

import argparse
import asyncio
import json
import sys
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from tests.bench.names import CHANNEL, PEOPLE, SIGNING_SECRET, TEAM, decider
from tests.platforms.slack import payloads
from tests.platforms.slack.post import Post

Json = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """What came back: how many were answered 200 with words that say that it was done, in how many seconds."""

    sent: int
    refused: int
    seconds: float
    median_ms: float
    slowest_ms: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.sent / self.seconds


class _Line(asyncio.Protocol):
    """One connection: sends a request, and the next as soon as it is answered."""

    def __init__(self, crowd: "_Crowd") -> None:
        self._crowd = crowd
        self._got = b""
        self._at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._got[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at) % (end + 1)]) if at >= 0 else 0
        if len(self._got) < end + 4 + length:
            return
        self._crowd.heard(head[9:12] == b"200", time.perf_counter() - self._at)
        self._got = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.hung_up(self._at > 0)

    def _send(self) -> None:
        request = self._crowd.next()
        if request is None:
            self._at = 0.0
            self._transport.close()
            return
        self._at = time.perf_counter()
        self._transport.write(request)


class _Crowd:
    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self._requests = iter(requests)
        self._seconds = seconds
        self._until = 0.0
        self._open = 0
        self._times: list[float] = []
        self._refused = 0
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def send(self, url: str, in_flight: int) -> Heard:
        address = urlsplit(url)
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        self._until = began + self._seconds
        self._open = in_flight
        for _ in range(in_flight):
            await loop.create_connection(lambda: _Line(self), address.hostname or "", address.port or 80)
        async with asyncio.timeout(self._seconds + 20):
            await self._done
        took = time.perf_counter() - began
        times = self._times or [0.0]
        return Heard(len(self._times), self._refused, took, median(times) * 1000, max(times) * 1000)

    def next(self) -> bytes | None:
        return next(self._requests, None) if time.perf_counter() < self._until else None

    def heard(self, well: bool, took: float) -> None:
        self._times.append(took)
        self._refused += not well

    def hung_up(self, unanswered: bool) -> None:
        self._refused += unanswered
        self._open -= 1
        if not self._open and not self._done.done():
            self._done.set_result(None)


def _command(run: str, number: int, command: str, text: str) -> Json:
    return {
        "token": "fake-verification-token",
        "team_id": TEAM,
        "team_domain": "opsbook",
        "channel_id": CHANNEL,
        "channel_name": "room1",
        "user_id": f"U{number % PEOPLE + 1:04d}",
        "user_name": "person",
        "command": command,
        "text": text,
        "api_app_id": "A0001",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/response/none",
        "trigger_id": f"{number}.{run}",
    }


def _press(run: str, number: int, action: str) -> Json:
    """A button about the record of this number, pressed by whoever has to do with it."""
    user, version = (decider(number), 2) if action.startswith("approvals.") else ("U0001", 1)  # a seat was opened once
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "opsbook"},
        "user": {"id": user, "username": "person", "name": "person", "team_id": TEAM},
        "api_app_id": "A0001",
        "token": "fake-verification-token",
        "trigger_id": f"{number}.{run}",
        "container": {"type": "message", "message_ts": f"{number}.0", "channel_id": CHANNEL, "is_ephemeral": False},
        "channel": {"id": CHANNEL, "name": "room1"},
        "state": {"values": {}},
        "response_url": "http://127.0.0.1:9/response/none",
        "message": {"type": "message", "ts": f"{number}.0", "text": "card", "blocks": []},
        "actions": [{"action_id": f"{number}", "block_id": "b", "type": "button", "action_ts": f"{number}.1",
                     "value": f"{action}:{number}:{version}"}],
        "is_enterprise_install": False,
    }  # fmt: skip


def _submission(run: str, number: int, view: Json, state: Json) -> Json:
    user = f"U{number % PEOPLE + 1:04d}"
    return {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": "opsbook"},
        "user": {"id": user, "username": "person", "name": "person", "team_id": TEAM},
        "api_app_id": "A0001",
        "token": "fake-verification-token",
        "trigger_id": f"{number}.{run}",
        "view": {**view, "id": f"V{run}{number}", "hash": f"{number}.h", "team_id": TEAM, "state": {"values": state}},
        "response_urls": [],
        "is_enterprise_install": False,
    }


def _window() -> tuple[Json, Json]:
    """The complaint's window as the product draws it, filled in."""
    from bot.capability import form_name  # all that takes long to import, for this alone
    from bot.platforms.slack.modals import modal_of
    from bot.ui.form import Asking
    from bot.words import Reader, Speaker
    from config.handbook import Handbook
    from handlers.tickets import NewComplaint
    from storage.places import Address

    questions = NewComplaint.questions(Handbook.load())
    asking = Asking(form_name(NewComplaint), NewComplaint.title, questions, {}, None, NewComplaint.send)
    view = modal_of(asking, Speaker(Reader(("en",))), Address("slack", CHANNEL))
    answers = {
        "customer": "Ms Lee",
        "what": "The lock of the back door is broken.",
        "kind": "quality",
        "urgency": "normal",
    }
    return view, payloads.state_of(view, answers)


def _requests(asked: argparse.Namespace) -> list[bytes]:
    run, host = uuid.uuid4().hex[:12], urlsplit(asked.url).netloc
    post = Post(asked.url, SIGNING_SECRET, lambda: datetime.now(UTC), 1.0, None)
    if asked.press:
        numbers = range(asked.first, asked.first + asked.count)
        made = [post.request("interactive", _press(run, number, asked.press)) for number in numbers]
    elif asked.command:
        made = [
            post.request("slash_commands", _command(run, number, asked.command, asked.text))
            for number in range(asked.count)
        ]
    else:
        view, state = _window()
        made = [post.request("interactive", _submission(run, number, view, state)) for number in range(asked.count)]
    return [
        b"POST /slack/events HTTP/1.1\r\nHost: %b\r\n%b\r\nContent-Length: %d\r\n\r\n%b"
        % (
            host.encode(),
            "\r\n".join(f"{name}: {value}" for name, value in one.headers.items()).encode(),
            len(one.body),
            one.body,
        )
        for one in made
    ]


async def _send(asked: argparse.Namespace) -> Heard:
    return await _Crowd(_requests(asked), asked.seconds).send(asked.url, asked.in_flight)


async def crowd(
    url: str, in_flight: int, seconds: float, command: str = "", text: str = "", count: int = 20000, press: str = "",
    first: int = 1,
) -> Heard:  # fmt: skip
    """Sends a crowd to an address from a process of its own.

    It gives a command, or presses a button, each once, from the record `first` on; else it sends the complaint's form.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.client", url, f"--in-flight={in_flight}", f"--seconds={seconds}",
        f"--command={command}", f"--text={text}", f"--count={count}", f"--press={press}", f"--first={first}",
        cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(child.communicate(), seconds + 60)
    heard = Heard(**json.loads(said))
    if heard.refused or not heard.sent:
        raise RuntimeError(
            f"{heard.refused} of {heard.sent} requests were not answered 200: {command or press or 'form'}"
        )
    return heard


def main() -> None:
    """Sends, and prints what was heard as JSON."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("url")
    asks.add_argument("--in-flight", type=int, default=16)
    asks.add_argument("--count", type=int, default=20000)
    asks.add_argument("--seconds", type=float, default=3.0)
    asks.add_argument("--command", default="")
    asks.add_argument("--text", default="")
    asks.add_argument("--press", default="")
    asks.add_argument("--first", type=int, default=1)
    print(json.dumps(asdict(asyncio.run(_send(asks.parse_args())))))


if __name__ == "__main__":
    main()
