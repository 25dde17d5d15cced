"""The fake Slack as a process of its own, for benches: prints its address, and ends when its time is over."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.platforms.slack import script
from tests.platforms.slack.fake import FakeSlack


def mix_of(words: str) -> dict[script.Step, float]:
    """Shares of faults from words such as `429:0.1,500:0.1,cut:0.05,hang:0.05,fails:0.01`."""
    faults: dict[str, script.Step] = {
        "429": script.Limited("1"),
        "500": script.Status(500),
        "502": script.Status(502),
        "cut": script.StoreThenCut(),
        "stored500": script.StoreThen500(),
        "hang": script.Hang(120),
        "fails": script.Fails("internal_error"),
        "truncated": script.Truncated(),
    }
    return {faults[name]: float(share) for name, share in (one.split(":") for one in words.split(",") if one)}


async def _serve(asked: argparse.Namespace) -> None:
    fake = FakeSlack(port=asked.port, journal=asked.journal, limits=asked.limits, accept_any_trigger=True)
    for number in range(1, asked.users + 1):
        fake.add_user(f"U{number:04d}", f"person{number}", f"Person {number}")
    for number in range(1, asked.channels + 1):
        fake.add_channel(f"C{number:04d}", f"room{number}")
    fake.mix(mix_of(asked.mix), seed=asked.seed)
    async with fake:
        sys.stdout.write(f"{fake.api_url}\n")
        sys.stdout.flush()
        await asyncio.sleep(asked.seconds)


def main() -> None:
    """Serves until its time is over; prints the API's address as its first line."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--port", type=int, default=0)
    asks.add_argument("--journal", type=Path, help="one JSON line for each call")
    asks.add_argument("--seconds", type=float, default=600.0, help="stops itself after that long")
    asks.add_argument("--users", type=int, default=50, help="U0001, U0002, …")
    asks.add_argument("--channels", type=int, default=10, help="C0001, C0002, … with everybody in them")
    asks.add_argument("--limits", action="store_true", help="one message a second for each channel")
    asks.add_argument("--mix", default="", help="faults by share, as in 429:0.1,cut:0.05")
    asks.add_argument("--seed", type=int, default=0)
    asyncio.run(_serve(asks.parse_args()))
