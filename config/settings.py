"""What the machine was told at its start: where its records are, where it listens, and platforms' secrets.

Every problem is found at once, none starts anyway, and no message ever repeats a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from config import addresses
from config.addresses import Refused
from config.environment import Problem, SettingsError, gathered, has_control
from config.secret import Secret

__all__ = ["Problem", "Secret", "Settings", "SettingsError"]

Read = TypeVar("Read")

OTHERS = {"OPSBOOK_CI", "OPSBOOK_ENDURANCE", "OPSBOOK_CRASH_AT"}
"""Read by the tests' machinery, and no settings."""

TELEGRAM = "https://api.telegram.org"


@dataclass(frozen=True)
class Settings:
    """The settings, checked. A platform without a token is off; `handbook` is None for the shipped one."""

    database_url: str = field(default="sqlite:///opsbook.db", repr=False)
    handbook: Path | None = None
    public_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    secret: Secret | None = None
    slack_bot_token: Secret | None = None
    slack_signing_secret: Secret | None = None
    slack_app_token: Secret | None = None
    slack_api_url: str = "https://slack.com/api/"
    telegram_bot_token: Secret | None = None
    telegram_api_url: str = TELEGRAM
    telegram_webhook_secret: Secret | None = None

    @classmethod
    def load(cls, environ: Mapping[str, str], dotenv: Path | None = None) -> Settings:
        """Reads the environment laid over the `.env` file. Raises SettingsError with all problems at once."""
        problems: list[Problem] = []
        given = gathered(environ, dotenv, problems)
        problems += _unknown(given)
        usable = _usable(given, problems)
        settings = _read(usable, problems)
        problems += _half_a_platform(given)
        problems += _same_secrets(usable)
        problems += _unreachable_webhook(settings, usable, given, problems)
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def slack(self) -> bool:
        """Whether Slack is on."""
        return self.slack_bot_token is not None

    @property
    def telegram(self) -> bool:
        """Whether Telegram is on."""
        return self.telegram_bot_token is not None

    @property
    def on(self) -> frozenset[str]:
        """The platforms that are on; the web chat always is."""
        return frozenset({"web", *(["slack"] if self.slack else []), *(["telegram"] if self.telegram else [])})

    @property
    def database_shown(self) -> str:
        """The database's address without a password: for the log and for `check`."""
        return addresses.without_password(self.database_url)

    def listening_on(self, port: int) -> Settings:
        """The same once a free port was found (`OPSBOOK_PORT=0`); a derived public address follows it."""
        own = self.public_url == addresses.derived(self.host, self.port)
        public = addresses.derived(self.host, port) if own else self.public_url
        return replace(self, port=port, public_url=public)


SECRETS = (
    "OPSBOOK_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_WEBHOOK_SECRET",
)


def _read(usable: Mapping[str, str], problems: list[Problem]) -> Settings:
    """Each setting by itself. A refused one keeps its default, so that the others can be judged."""

    def take(key: str, check: Callable[[str], Read], default: Read) -> Read:
        if key not in usable:
            return default
        try:
            return check(usable[key])
        except Refused as refused:
            problems.append(Problem(key, refused.reason, refused.remedy))
            return default

    host = take("OPSBOOK_HOST", addresses.host, "127.0.0.1")
    port = take("OPSBOOK_PORT", addresses.port, 8080)
    return Settings(
        database_url=take("OPSBOOK_DATABASE_URL", addresses.database, "sqlite:///opsbook.db"),
        handbook=take("OPSBOOK_HANDBOOK", _file, None),
        public_url=take("OPSBOOK_PUBLIC_URL", addresses.public, addresses.derived(host, port)),
        host=host,
        port=port,
        secret=take("OPSBOOK_SECRET", _long_enough, None),
        slack_bot_token=take("SLACK_BOT_TOKEN", _slack_bot, None),
        slack_signing_secret=take("SLACK_SIGNING_SECRET", _token, None),
        slack_app_token=take("SLACK_APP_TOKEN", _slack_app, None),
        slack_api_url=take("SLACK_API_URL", addresses.server, "https://slack.com/api") + "/",
        telegram_bot_token=take("TELEGRAM_BOT_TOKEN", _token, None),
        telegram_api_url=take("TELEGRAM_API_URL", addresses.server, TELEGRAM),
        telegram_webhook_secret=take("TELEGRAM_WEBHOOK_SECRET", _webhook_secret, None),
    )


def _usable(given: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """Our settings, without the blank and the broken ones."""
    usable: dict[str, str] = {}
    for key in KNOWN:
        value = given.get(key)
        if value is None:
            continue
        if has_control(value):
            reason = "has a line break or a control character in it"
            problems.append(Problem(key, reason, "write it on one line"))
        elif not value.strip():
            problems.append(Problem(key, "is set but empty", "remove the line or give it a value"))
        else:
            usable[key] = value.strip()
    return usable


def _unknown(given: Mapping[str, str]) -> list[Problem]:
    """Names that begin as ours do, and are none: most likely mistyped."""
    known = {*KNOWN, *OTHERS}
    ours = (key for key in sorted(given) if key.upper().startswith("OPSBOOK_"))
    return [_nameless(key) for key in ours if key not in known and not key.startswith("OPSBOOK_TEST_")]


def _nameless(key: str) -> Problem:
    known = [name for name in KNOWN if name.startswith("OPSBOOK_")]
    near = get_close_matches(key.upper(), known, n=1, cutoff=0.7)
    remedy = f"did you mean {near[0]}?" if near else f"remove it; the settings are {', '.join(known)}"
    return Problem(key, "is not a setting", remedy)


def _half_a_platform(given: Mapping[str, str]) -> list[Problem]:
    """Tokens that need another one. A refused one counts as given: it was told of."""
    problems = []
    halves = [key for key in ("SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN") if key in given]
    if "SLACK_BOT_TOKEN" in given and not halves:
        remedy = "add SLACK_SIGNING_SECRET (Slack calls us) or SLACK_APP_TOKEN (Socket Mode: we call Slack)"
        problems.append(Problem("SLACK_BOT_TOKEN", "stands alone", remedy))
    if "SLACK_BOT_TOKEN" not in given:
        remedy = "add SLACK_BOT_TOKEN (xoxb-…), or remove this one to leave Slack off"
        problems += [Problem(key, "is set without SLACK_BOT_TOKEN", remedy) for key in halves]
    if "TELEGRAM_WEBHOOK_SECRET" in given and "TELEGRAM_BOT_TOKEN" not in given:
        remedy = "add TELEGRAM_BOT_TOKEN, or remove this one to leave Telegram off"
        problems.append(Problem("TELEGRAM_WEBHOOK_SECRET", "is set without TELEGRAM_BOT_TOKEN", remedy))
    return problems


def _same_secrets(usable: Mapping[str, str]) -> list[Problem]:
    held = [key for key in SECRETS if key in usable]
    remedy = "each secret has a place of its own: copy the right one again"
    return [
        Problem(second, f"is the same as {first}", remedy)
        for first, second in combinations(held, 2)
        if Secret(usable[first]) == Secret(usable[second])
    ]


def _unreachable_webhook(
    settings: Settings, usable: Mapping[str, str], given: Mapping[str, str], told: list[Problem]
) -> list[Problem]:
    """Telegram calls https only; a loopback address will do for a Bot API server that runs beside us."""
    url, is_set = settings.public_url, "OPSBOOK_PUBLIC_URL" in given
    if "TELEGRAM_WEBHOOK_SECRET" not in usable or any(p.key == "OPSBOOK_PUBLIC_URL" for p in told):
        return []
    reachable = addresses.is_https(url) or addresses.is_loopback(url)
    if reachable and (is_set or settings.telegram_api_url != TELEGRAM):
        return []
    remedy = "set an https:// address, or remove TELEGRAM_WEBHOOK_SECRET, so that we ask Telegram ourselves"
    return [Problem("OPSBOOK_PUBLIC_URL", "is not where Telegram can call us", remedy)]


def _file(written: str) -> Path:
    path = Path(written)
    try:
        path = path.expanduser()
        is_file = path.is_file()
    except (OSError, RuntimeError):  # a name that is far too long, or the home of nobody
        is_file = False
    if not is_file:
        raise Refused("names no file", "check the path, or remove it to use the handbook that is shipped")
    return path


def _long_enough(value: str) -> Secret:
    if len(value) < 16:
        raise Refused("is too short", "write at least 16 characters, as `openssl rand -hex 32` gives them")
    return Secret(value)


def _token(value: str) -> Secret:
    if not re.fullmatch(r"[!-~]+", value):
        raise Refused("has a space or an odd character in it", "copy it again, without anything around it")
    return Secret(value)


def _slack_bot(value: str) -> Secret:
    if value.startswith("xapp-"):
        raise Refused("holds an app token", "write the bot token, xoxb-…; xapp-… is SLACK_APP_TOKEN")
    return _token(value)


def _slack_app(value: str) -> Secret:
    if value.startswith("xoxb-"):
        raise Refused("holds a bot token", "write the app token, xapp-…; xoxb-… is SLACK_BOT_TOKEN")
    return _token(value)


def _webhook_secret(value: str) -> Secret:
    if not re.fullmatch("[A-Za-z0-9_-]{1,256}", value):
        raise Refused("is not a secret that Telegram takes", "write 1 to 256 of A-Z, a-z, 0-9, _ and -")
    return Secret(value)


KNOWN = tuple(
    name.upper() if name.startswith(("slack_", "telegram_")) else f"OPSBOOK_{name.upper()}"
    for name in (setting.name for setting in fields(Settings))
)
"""Every setting's name, made from the fields: none can be forgotten."""
