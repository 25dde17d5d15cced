"""Names: what the company, the crowd and the bare app must agree on."""

PEOPLE = 50
TEAM = "T0001"
CHANNEL = "C0001"
SIGNING_SECRET = "s" * 32
BOT_TOKEN = "xoxb-fake-bot-token"


def decider(number: int) -> str:
    """The Slack account of whoever decides on a request: its requester is one of all but the two who lead."""
    requester = 3 + number % (PEOPLE - 2)
    return f"U{2 - requester % 2:04d}"
