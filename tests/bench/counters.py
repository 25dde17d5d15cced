"""A program with as many commands as asked for, each doing the same: it keeps a ticket, and shows it to the team."""

import asyncio
import os
import sys

import handlers.tickets
from bot.capability import Capability
from bot.context import Context
from bot.program import Program
from config.handbook import Handbook
from config.settings import Settings
from config.text import Text, t
from storage import tickets


def counters(count: int) -> Capability:
    """A capability with this many commands."""
    on = Capability("bench")
    for number in range(1, count + 1):

        @on.command(f"command{number}", help=t("A command"))
        async def answer(ctx: Context, text: str) -> Text:
            ticket = await tickets.receive(ctx.work, customer="Ms Lee", what=text)
            await ctx.show(ticket, ctx.room("service"))
            return t("Complaint {number} is with the team.", number=ticket.number)

    return on


async def _serve(count: int) -> None:
    settings = Settings.load(os.environ)
    desk = handlers.tickets.on
    program = await Program.prepare(settings, Handbook.load(settings.handbook), [desk, counters(count)])
    await program.start()
    print(program.settings.public_url, flush=True)
    await asyncio.sleep(900)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
