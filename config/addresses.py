"""Checks the addresses among the settings: databases, public pages, platforms' servers, hosts and ports.

Each check returns the address in its one spelling, or raises `Refused`, whose words never repeat the address:
it may hold a password.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")


class Refused(Exception):
    """What is wrong with a setting, and what to write instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


def database(url: str) -> str:
    """`sqlite:///beside.db`, `sqlite:////whole/path.db`, `postgresql://…`; `postgres://` becomes that."""
    if url.startswith("sqlite:"):
        if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///").strip("/"):
            remedy = "write sqlite:///opsbook.db, or sqlite:////srv/opsbook.db with the whole path"
            raise Refused("names no database file", remedy)
        return url
    if url.startswith(("postgresql://", "postgres://")):
        remedy = "write postgresql://user:password@host:5432/name, with %40 for an @ in a password"
        split = _split(url, remedy)
        if not split.path.strip("/"):
            raise Refused("names no database", remedy)
        return "postgresql://" + url.partition("://")[2]
    remedy = "write sqlite:///opsbook.db or postgresql://user:password@host/name"
    raise Refused("is no database that we know", remedy)


def without_password(url: str) -> str:
    """A database's address, fit to be shown."""
    split = urlsplit(url)
    server = split.netloc.rpartition("@")[2]
    return f"{split.scheme}://{server}{split.path}"


def public(url: str) -> str:
    """Where people's browsers reach us: `https://ops.example.com`, without a path."""
    remedy = "write https://ops.example.com, with nothing after the name but a port"
    split = _web(url, remedy)
    if split.path not in {"", "/"}:
        raise Refused("has a path", remedy)
    return f"{split.scheme}://{split.netloc}"


def server(url: str) -> str:
    """A platform's own server, without a slash at its end."""
    split = _web(url, "write an address such as https://slack.com/api/")
    return f"{split.scheme}://{split.netloc}{split.path.rstrip('/')}"


def host(name: str) -> str:
    """An IP address or a host's name to listen on."""
    if _is_ip(name) or (HOST_NAME.fullmatch(name) and len(name) <= 253 and not _is_only_figures(name)):
        return name
    raise Refused("is not a host", "write 127.0.0.1 for this machine alone, 0.0.0.0 for all")


def port(number: str) -> int:
    """0 to 65535; 0 lets the machine choose."""
    if re.fullmatch("[0-9]{1,5}", number) and int(number) <= 65535:
        return int(number)
    raise Refused("is not a port", "write a number from 1 to 65535, or 0 for any free one")


def derived(host: str, port: int) -> str:
    """The public address where none is set."""
    shown = f"[{host}]" if _is_ip(host) and isinstance(ip_address(host), IPv6Address) else host
    return f"http://{shown}:{port}"


def is_loopback(url: str) -> bool:
    """Whether this address never leaves the machine."""
    name = urlsplit(url).hostname or ""
    if _is_ip(name):
        return ip_address(name).is_loopback
    return name == "localhost" or name.endswith(".localhost")


def is_https(url: str) -> bool:
    """Whether what is sent there is encrypted."""
    return url.startswith("https://")


def _web(url: str, remedy: str) -> SplitResult:
    split = _split(url, remedy)
    if split.scheme not in {"http", "https"}:
        raise Refused("does not begin with https:// or http://", remedy)
    if "@" in split.netloc:
        raise Refused("has a user or a password in it", remedy)
    if "?" in url or "#" in url:
        raise Refused("has a question mark or a # in it", remedy)
    try:
        host((split.hostname or "").partition("%")[0])
    except Refused:
        raise Refused("names no host", remedy) from None
    return split._replace(netloc=split.netloc.lower())


def _split(url: str, remedy: str) -> SplitResult:
    try:
        split = urlsplit(url)
        _ = split.port, split.hostname
    except ValueError:
        raise Refused("is not an address", remedy) from None
    if any(char.isspace() for char in url):
        raise Refused("has a space in it", remedy)
    return split


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_only_figures(name: str) -> bool:
    return all(part.isdigit() for part in name.split("."))
