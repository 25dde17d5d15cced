"""Telegram: people's own chat with the bot, and the groups that it is in."""
