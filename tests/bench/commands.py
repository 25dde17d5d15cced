"""Commands: how many a second, and how soon one is answered, against a bolt app that does nothing but acknowledge."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.client import Heard, crowd
from tests.bench.company import Child, child, opsbook, slack
from tests.bench.table import Figure

EVENTS = "/slack/events"
IN_FLIGHT = 16
ROUNDS = 5
SECONDS = 2.0

Send = Callable[[], Awaitable[Heard]]


@dataclass(frozen=True)
class Way:
    """One way to ask something of the program, and what is measured of it."""

    name: str
    command: str = ""
    text: str = ""
    is_counter: bool = False
    is_aim: bool = False


WAYS = (
    Way("command that opens a form", "/complaint", "The lock is broken"),
    Way("command: ticket + outbox + audit", "/command1", "The lock is broken", is_counter=True),
    Way("command: a change + audit", "/language", "en"),
    Way("form sent: ticket + outbox + audit", is_aim=True),
)
"""The promise is about the commands that people have. None of them keeps a ticket without a form: a counter of the
bench's own does, and its figures, like those of a form that is sent, are printed as aims and do not fail the run."""


async def measure(folder: Path) -> list[Figure]:
    """The whole path of commands that open a form, keep a ticket or change something, and of a form that is sent."""
    async with (
        slack() as api,
        child("-m", "tests.bench.bare") as bare,
        opsbook(folder / "whole", api) as whole,
        opsbook(folder / "counter", api, "-m", "tests.bench.counters", "1") as counter,
    ):
        await in_turn(_sends(bare, whole, counter, IN_FLIGHT), 1)
        many = await in_turn(_sends(bare, whole, counter, IN_FLIGHT))
        one = await in_turn(_sends(bare, whole, counter, 1))
    return [
        *[rate(way.name, 0.15, many[way.name], many["bare"], is_aim=way.is_aim or way.is_counter) for way in WAYS],
        *[wait(way.name, one[way.name], one["bare"], is_aim=way.is_aim or way.is_counter) for way in WAYS],
    ]


async def compare(folder: Path) -> list[Figure]:
    """The same command where it is the only one, and where it is the last of a hundred."""
    async with (
        slack() as api,
        opsbook(folder / "one", api, "-m", "tests.bench.counters", "1") as one,
        opsbook(folder / "hundred", api, "-m", "tests.bench.counters", "100") as hundred,
    ):
        sends: dict[str, Send] = {
            "one": lambda: crowd(one.url + EVENTS, IN_FLIGHT, SECONDS, "/command1", "some words"),
            "hundred": lambda: crowd(hundred.url + EVENTS, IN_FLIGHT, SECONDS, "/command100", "some words"),
        }
        await in_turn(sends, 1)
        heard = await in_turn(sends)
    return [rate("100 commands, against one", 0.95, heard["hundred"], heard["one"])]


def _sends(bare: Child, whole: Child, counter: Child, in_flight: int) -> dict[str, Send]:
    def to(served: Child, command: str, text: str) -> Send:
        return lambda: crowd(served.url + EVENTS, in_flight, SECONDS, command, text)

    ours = {way.name: to(counter if way.is_counter else whole, way.command, way.text) for way in WAYS}
    return {"bare": to(bare, "/complaint", "The lock is broken"), **ours}


async def in_turn(sends: dict[str, Send], rounds: int = ROUNDS) -> dict[str, list[Heard]]:
    """Several rounds of all of them, one after the other, so that a busy minute of the machine hits each alike."""
    heard: dict[str, list[Heard]] = {name: [] for name in sends}
    for _ in range(rounds):
        for name, send in sends.items():
            heard[name].append(await send())
    return heard


def rate(name: str, bound: float, ours: list[Heard], theirs: list[Heard], *, is_aim: bool = False) -> Figure:
    """The median of the ratios of each round: both were measured within seconds of each other."""
    ratio = median(mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True))
    raw = f"{median(one.rate for one in ours):.0f}/s against {median(one.rate for one in theirs):.0f}/s"
    return Figure(f"{name}, {IN_FLIGHT} in flight: rate", bound, ratio, " ×", at_least=True, is_aim=is_aim, raw=raw)


def wait(name: str, ours: list[Heard], theirs: list[Heard], *, is_aim: bool) -> Figure:
    """The median, over the rounds, of how much longer an answer took."""
    ratio = median(mine.median_ms / other.median_ms for mine, other in zip(ours, theirs, strict=True))
    raw = f"{median(one.median_ms for one in ours):.2f} ms against {median(one.median_ms for one in theirs):.2f} ms"
    return Figure(f"{name}, 1 in flight: median", 6.0, ratio, " ×", is_aim=is_aim, raw=raw)
