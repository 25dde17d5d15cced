"""The web chat: rooms, a direct chat with Opsbook, threads, cards and forms in a browser."""

from bot.platforms.web.outgoing import Web

__all__ = ["Web"]
