"""Links into the private chat: what somebody began in a group goes on there, with them alone.

A link runs when it is followed, and anybody can write one and send it to a colleague. So a press travels only under
our own seal, which holds for the person that it was made for; a form belongs to its owner anyway, and a command
without words asks or shows.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

PAYLOAD = 64
"""Characters that Telegram takes behind `?start=`: A-Z, a-z, 0-9, `_` and `-`."""
SEAL = 8
"""Characters of a seal: 48 bits, to be guessed through Telegram, one press of Start for each try."""

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORM = re.compile(r"forms\.open:([1-9][0-9]{0,18})")
_FORM_AGAIN = re.compile(r"forms_open_([1-9][0-9]{0,18})")
_COMMAND = re.compile(r"do:([a-z0-9_]{1,32})")
_COMMAND_AGAIN = re.compile(r"do_([a-z0-9_]{1,32})")


def key_of(token: str) -> bytes:
    """The key of our seals, made from the bot's token: nothing more to be kept."""
    return hmac.digest(token.encode(), b"links into the private chat", "sha256")


def chat_link(username: str) -> str:
    """Opens the chat with us, and does nothing there."""
    return f"https://t.me/{username}"


def deep_link(username: str, action: str, user: str, key: bytes) -> str | None:
    """Opens the chat with us and presses `action` there, for this user alone; None where it does not fit."""
    payload = payload_of(action, user, key)
    return f"https://t.me/{username}?start={payload}" if username and payload else None


def payload_of(action: str, user: str, key: bytes) -> str | None:
    """What stands behind `?start=` for an action; None where it is longer than Telegram takes."""
    if form := _FORM.fullmatch(action):
        return f"forms_open_{form[1]}"
    if command := _COMMAND.fullmatch(action):
        return f"do_{command[1]}"
    if not action or not action.isprintable():
        return None
    payload = f"p_{_seal(action, user, key)}{urlsafe_b64encode(action.encode()).decode().rstrip('=')}"
    return payload if len(payload) <= PAYLOAD else None


def action_of(payload: str, user: str, key: bytes) -> str | None:
    """The action that a payload stands for, if it is one that we made for this user."""
    if not _PAYLOAD.fullmatch(payload):
        return None
    if form := _FORM_AGAIN.fullmatch(payload):
        return f"forms.open:{form[1]}"
    if command := _COMMAND_AGAIN.fullmatch(payload):
        return f"do:{command[1]}"
    if not payload.startswith("p_"):
        return None
    seal, packed = payload[2 : 2 + SEAL], payload[2 + SEAL :]
    try:
        action = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:  # also wrong base64, wrong UTF-8
        return None
    sealed = hmac.compare_digest(seal.encode(), _seal(action, user, key).encode())
    return action if sealed and action and action.isprintable() else None


def _seal(action: str, user: str, key: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(key, f"{user}\n{action}".encode(), "sha256")).decode()[:SEAL]
