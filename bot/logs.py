"""The log: one JSON line for each event, with nothing secret or personal in it, and no line that a text could forge."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

_TOKENS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|bot\d+:[\w-]{20,}|\b\d{6,}:[\w-]{30,}|(?<=token=)[\w-]+")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: line breaks and control characters in it are escaped, secrets masked."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line, in ASCII."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "said": record.getMessage(),
        }
        if incident := getattr(record, "incident", None):
            line["incident"] = incident
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({key: self._masked(value) for key, value in line.items()}, ensure_ascii=True)

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _TOKENS.sub("***", text)


def _is_http(record: logging.LogRecord) -> bool:
    """Not for what was never HTTP: aiohttp answers it 400, and would write down a piece of it with a trace."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__module__ not in ("aiohttp.http_exceptions", "aiohttp.web_protocol")


def set_up(secrets: Iterable[str] = (), level: int = logging.INFO) -> None:
    """Sends all logs to standard error in this form; libraries that print tokens or bodies are kept quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.raiseExceptions = False  # a closed log pipe must not stop the service
    logging.getLogger("aiohttp.server").addFilter(_is_http)
    for name in (
        "httpx",
        "httpcore",
        "slack_bolt",
        "slack_sdk",
        "aiohttp.access",
        "apscheduler",
        "alembic",
        "asyncio",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
