"""The counters: how people meet the company. One line for each capability, in the order of menus; nothing is magic."""

from __future__ import annotations

from bot.capability import Capability
from handlers import approvals, budgets, deputies, desk, linking, me, tickets, unreached

CAPABILITIES: tuple[Capability, ...] = (
    tickets.on,  # complaints: received, taken, answered, chased
    approvals.on,  # approvals: asked for, decided, on record
    deputies.on,  # who decides for whom while they are away
    budgets.on,  # what departments have left to spend
    desk.on,  # help, my day, signing in, language
    me.on,  # about me: my language, my hours, where notices come
    linking.on,  # my accounts, on every platform
    unreached.on,  # whom no message could be brought to
)
