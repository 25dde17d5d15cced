"""Who works here, as Slack knows it: full members only; no bots, no guests, nobody who has left."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot import sheet
from bot.platforms.slack.api import Refused, client_of, look
from bot.platforms.slack.blocks import Json
from bot.words import language_of
from config.roster import RosterError
from storage.places import Identity

PAGE = 200
PAGES = 200
"""40,000 people; a cursor that never ends must not keep us for ever."""


_NOT_FULL = (
    "deleted",
    "is_bot",
    "is_workflow_bot",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "is_invited_user",
)


@dataclass(frozen=True, slots=True)
class Member:
    """One person: the account, and what they wrote about themselves (none of it proves who they are)."""

    account: Identity
    name: str
    title: str = ""
    zone: str | None = None
    locale: str | None = None


async def pull(client: AsyncWebClient) -> list[Member]:
    """All full members of the workspace, in Slack's order. Raises `Refused` where Slack tells nothing."""
    members: list[Member] = []
    cursor = ""
    for _ in range(PAGES):
        asked: Json = {"limit": PAGE, "include_locale": "true"} | ({"cursor": cursor} if cursor else {})
        page = await look(client, "users.list", asked)
        listed = page.get("members")
        users = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        members += [_member(user) for user in users if _is_full(user)]
        metadata = page.get("response_metadata")
        cursor = _text(metadata, "next_cursor") if isinstance(metadata, dict) else ""
        if not cursor:
            break
    return members


def member_of(user: Json) -> Member | None:
    """A person as Slack describes them, if they are a full member; None for bots, guests and leavers."""
    return _member(user) if _is_full(user) else None


async def write_file(token: str, url: str, to: Path) -> int:
    """Writes the workspace's people into a CSV file, to be completed and imported; returns the exit code."""
    async with aiohttp.ClientSession() as session:
        try:
            members = await pull(client_of(token, url, session))
        except Refused as error:
            sys.stderr.write(f"Slack does not list its people: {error.code}. Check SLACK_BOT_TOKEN and its scopes.\n")
            return 1
    rows = [
        {
            "name": member.name,
            "title": member.title,
            "slack": member.account.user,
            "language": language_of(member.locale) or "",
            "zone": member.zone or "",
        }
        for member in members
    ]
    try:
        written = sheet.write(to, rows)
    except RosterError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 1
    sys.stdout.write(
        f"{to}: {written} people. Add departments, managers and roles, then: python -m bot people import {to}\n"
    )
    return 0


def _is_full(user: Json) -> bool:
    return _text(user, "id") not in ("", "USLACKBOT") and not any(user.get(flag) for flag in _NOT_FULL)


def _member(user: Json) -> Member:
    profile = user["profile"] if isinstance(user.get("profile"), dict) else {}
    name = _text(profile, "real_name") or _text(user, "real_name") or _text(user, "name")
    return Member(
        account=Identity("slack", _text(user, "team_id"), _text(user, "id")),
        name=name,
        title=_text(profile, "title"),
        zone=_text(user, "tz") or None,
        locale=_text(user, "locale") or None,
    )


def _text(part: Json, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
