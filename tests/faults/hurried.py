"""The real program, only that Slack lets it write fifty times a second into one channel: for the long runs."""

import sys

from bot.__main__ import main
from bot.platforms import Pace
from bot.platforms.slack import outgoing

HURRIED = Pace(channel=0.02, overall=1000.0)


def hurry() -> None:
    """From now on a Slack that is made is a hurried one."""
    setattr(outgoing, "Pace", lambda **_: HURRIED)  # noqa: B010  # a class's name can't be assigned to for mypy


if __name__ == "__main__":
    hurry()
    sys.exit(main())
