"""The real program, only that Slack and Telegram let it write fifty times a second into one chat: for the long runs."""

import os
import sys

from bot.__main__ import main
from bot.platforms import Pace

HURRIED = Pace(channel=0.02, overall=1000.0)


def hurry() -> None:
    """From now on a Slack that is made is a hurried one, and so is a Telegram; one that is off is not imported."""
    if "SLACK_BOT_TOKEN" in os.environ:
        from bot.platforms.slack import outgoing as slack

        setattr(slack, "Pace", lambda **_: HURRIED)  # noqa: B010  # a class's name can't be assigned to for mypy
    if "TELEGRAM_BOT_TOKEN" in os.environ:
        from bot.platforms.telegram import gate
        from bot.platforms.telegram import outgoing as telegram

        setattr(telegram, "Pace", lambda **_: HURRIED)  # noqa: B010  # as above
        gate.CHAT_SECONDS, gate.GROUP_MINUTE, gate.OVERALL_SECOND = HURRIED.channel, 100_000, 1000


if __name__ == "__main__":
    hurry()
    sys.exit(main())
