"""Measures what Opsbook promises to be fast at, and prints a table; ends with 1 where a promise is not kept.

Only ratios within one run count: machines differ, and so does one machine from minute to minute.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import commands, presses, size, start
from tests.bench.table import Figure, table

PARTS = {
    "commands": commands.measure,
    "counters": commands.compare,
    "presses": presses.measure,
    "size": size.measure,
    "approvals": size.approvals,
    "start": start.measure,
}


async def _measured(parts: list[str]) -> list[Figure]:
    figures: list[Figure] = []
    for name in parts:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="opsbook-bench-") as folder:
            figures += await PARTS[name](Path(folder))
        busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at its end"
        print(f"{name}: {time.perf_counter() - began:.0f} s, {busy}", file=sys.stderr)
    return figures


def main() -> int:
    """Measures all, or the parts that are named."""
    asks = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asks.add_argument("parts", nargs="*", default=[], help=f"of {', '.join(PARTS)}; all if none is named")
    asked = asks.parse_args()
    unknown = [name for name in asked.parts if name not in PARTS]
    if unknown:
        asks.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    figures = asyncio.run(_measured(asked.parts or list(PARTS)))
    print(table(figures))
    return 0 if all(one.is_kept or one.is_aim for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
