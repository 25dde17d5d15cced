"""Approvals: everybody may ask, those whom the handbook names decide, and all that is done stays on record."""

from __future__ import annotations

from bot.capability import Capability

on = Capability("approvals")
