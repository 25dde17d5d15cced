"""The counters: how people meet the company. One line for each capability; nothing is found by magic."""

from __future__ import annotations

from bot.capability import Capability
from handlers import desk, tickets

CAPABILITIES: tuple[Capability, ...] = (
    desk.on,  # help, my day, signing in, language
    tickets.on,  # complaints: received, taken, answered, chased
)
