"""Names: what the company, the crowd and the bare app must agree on."""

PEOPLE = 50
TEAM = "T0001"
CHANNEL = "C0001"
SIGNING_SECRET = "s" * 32
BOT_TOKEN = "xoxb-fake-bot-token"
