"""How a request to the Bot API is written down: in the address, as a form, as parts with files, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.platforms.telegram.chats import Refused

Json = dict[str, Any]

MOST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file in a request."""

    name: str
    content: bytes
    mime: str


@dataclass
class Args:
    """What was asked: values as they came (text from forms, anything from JSON), and files by their field."""

    method: str = ""
    values: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether it was given at all."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text; empty when not given."""
        value = self.values.get(name)
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number; the default when it is none, as Telegram takes it."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """A yes: true, yes or 1 in any case."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def object(self, name: str, what: str) -> Any:
        """A nested value, out of its JSON; None when not given. Raises Refused on what can't be read."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise Refused(f"Bad Request: can't parse {what} JSON object") from None

    def plain(self) -> Json:
        """For the journal: nested values opened, files by their names."""
        return {name: _opened(value) for name, value in self.values.items()} | {
            name: f"(file: {one.name})" for name, one in self.uploads.items()
        }


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


async def read(request: web.Request, method: str) -> Args:
    """All that a request carries. Raises Refused on a body that can't be read."""
    args = Args(method, dict(request.query))
    kind = request.content_type
    if request.method != "POST":
        return args
    if kind == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except (ValueError, RecursionError):
            raise Refused("Bad Request: can't parse JSON object") from None
        if not isinstance(body, dict):
            raise Refused("Bad Request: expected an object")
        args.values |= body
    elif kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                args.uploads[name] = Upload(value.filename, content, value.content_type)
            else:
                args.values[name] = value if isinstance(value, str) else bytes(value).decode()
    return args
