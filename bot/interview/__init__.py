"""Interviews: where a platform has no forms to fill in, a form is asked question by question in a private chat.

All of it is kept in the database, in the transaction of what the person did: a restart loses nothing. The question
that is asked is a live card; each button names its interview and the turn that it belongs to, so that an old one does
nothing.
"""

from __future__ import annotations

from bot.interview.state import Heard as Heard
from bot.interview.state import Sending as Sending
from bot.interview.talking import COMMANDS as COMMANDS
from bot.interview.talking import KIND as KIND
from bot.interview.talking import PREFIX as PREFIX
from bot.interview.talking import begin as begin
from bot.interview.talking import commanded as commanded
from bot.interview.talking import pressed as pressed
from bot.interview.talking import refused as refused
from bot.interview.talking import said as said
from bot.interview.talking import sent as sent
