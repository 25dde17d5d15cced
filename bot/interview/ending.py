"""How an interview ends: sent, dropped, put aside for another, or too old; and how it is taken up again."""

from __future__ import annotations

from bot.codec import pack_card
from bot.context import Context
from bot.errors import Refusal
from bot.interview import faces
from bot.interview.showing import TOO_OLD, show
from bot.interview.state import Talk, place_of
from config.text import t
from storage import interviews, outbox, people
from storage.interviews import ASIDE, DROPPED, OPEN, SENT, Interview
from storage.places import Address


async def put_aside(ctx: Context, place: Address) -> None:
    """Makes room for another: what was begun there waits, with a note that leads back to it.

    What nobody had answered a word of is dropped without one. Two that want the room at once get it in turn.
    """
    await interviews.open_at(ctx.work, place)
    await interviews.stand_in_line(ctx.work)
    row = await interviews.open_at(ctx.work, place)
    if row is None:
        return
    talk = Talk.of(row)
    if row.employee_id != ctx.actor.id or not talk.is_begun:
        await close(ctx, row, talk, DROPPED)
    elif row.expires_at <= ctx.work.now:
        await expire(ctx, row, talk)
    else:
        await _leave(ctx, row, talk)


async def expire(ctx: Context, row: Interview, talk: Talk) -> None:
    """It has waited for longer than interviews last: it says so, and may be taken up again."""
    talk.view.old = True
    await _leave(ctx, row, talk)


async def _leave(ctx: Context, row: Interview, talk: Talk) -> None:
    await close(ctx, row, talk, ASIDE)
    await outbox.tell(ctx.work, pack_card(faces.notice(talk)), place_of(row), row.employee_id)


async def close(ctx: Context, row: Interview, talk: Talk, state: str) -> None:
    """Ends it, for now or for good; its message says how."""
    talk.state = state
    await show(ctx, row, talk)


async def pick_up(ctx: Context, row: Interview, talk: Talk) -> None:
    """Goes on where it ended, in a new message. Raises `Refusal` where there is nothing to go on with.

    A chat that is no longer the actor's belongs to somebody else by now: nothing is begun there, or put aside.
    """
    if row.state == SENT:
        raise Refusal(t("This was sent already."))
    if not await people.owns(ctx.work.session, ctx.actor.id, row.platform, row.channel):
        raise Refusal(TOO_OLD, denied=True)
    if row.state == OPEN and row.expires_at > ctx.work.now:
        raise Refusal(t("It is open: the question is in the newest message."))
    if row.state != OPEN:
        await put_aside(ctx, place_of(row))
    before = talk.shown
    talk.state, talk.view.old = OPEN, False
    talk.ask(talk.at)
    talk.turn_page_down()
    await show(ctx, row, talk, {before})
