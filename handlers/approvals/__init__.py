"""Approvals: asked for by everybody, decided by those whom the handbook names, on record from the first word on."""

from __future__ import annotations

from handlers.approvals import (
    again,
    asking,
    claiming,
    clock,
    deciding,
    ending,
    faces,
    filling,
    lists,
    papers,
    seconds,
    several,
    sharing,
    signing,
    talking,
)
from handlers.approvals.on import on

__all__ = [
    "again", "asking", "claiming", "clock", "deciding", "ending", "faces", "filling", "lists", "on", "papers",
    "seconds", "several", "sharing", "signing", "talking",
]  # fmt: skip
