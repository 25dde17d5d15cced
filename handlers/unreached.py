"""The unreached: an administrator sees who could not be reached, why, and what to do about it; never what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.capability import Capability
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Card, Row, Table, Tone
from config.text import Text, When, Words, t
from handlers.linking import called
from storage import accounts, unreached
from storage.people import Account, Employee, Role
from storage.unreached import PAGE, Missed

on = Capability("unreached")

MOST_LOST = 20
"""Lost accounts that are shown; who has more has another trouble."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a platform's reason means, and what helps."""

    why: Words
    remedy: Text | None = None


START = t("Ask them to open the chat with Opsbook and press Start.")
SIGN_UP = t("See whether they still have that account; then import their new one, or have them link it.")
WAIT = t("Nothing to do: it was tried for a day. See whether the platform works again.")
OURS = t("This is a fault of ours: the log has its number.")
TROUBLES: dict[str, Trouble] = {
    "blocked": Trouble(t("has blocked the bot"), t("Ask them to unblock Opsbook, and to press Start.")),
    "can't initiate": Trouble(t("has never begun the chat"), START),
    "chat not found": Trouble(t("has never begun the chat, or the number is wrong"), START),
    "peer_id_invalid": Trouble(t("has never begun the chat, or the number is wrong"), START),
    "deactivated": Trouble(t("the account was deleted"), SIGN_UP),
    "user not found": Trouble(t("there is no such account"), SIGN_UP),
    "user_not_found": Trouble(t("there is no such account"), SIGN_UP),
    "users_not_found": Trouble(t("there is no such account"), SIGN_UP),
    "no_such_user": Trouble(t("there is no such account"), SIGN_UP),
    "user_not_visible": Trouble(t("there is no such account"), SIGN_UP),
    "account_inactive": Trouble(t("the account was closed"), SIGN_UP),
    "user_disabled": Trouble(t("the account was closed"), SIGN_UP),
    "channel_not_found": Trouble(t("there is no such conversation"), SIGN_UP),
    "cannot_dm_bot": Trouble(t("the account is a bot's"), SIGN_UP),
    "user_is_bot": Trouble(t("the account is a bot's"), SIGN_UP),
    "messages_tab_disabled": Trouble(
        t("the app takes no messages"), t("In Slack's app settings, turn the Messages tab on.")
    ),
    "invalid_auth": Trouble(t("the bot's token is refused"), t("Give Opsbook a new token, and start it again.")),
    "token_revoked": Trouble(t("the bot's token is refused"), t("Give Opsbook a new token, and start it again.")),
    "unauthorized": Trouble(t("the bot's token is refused"), t("Give Opsbook a new token, and start it again.")),
    "no answer in time": Trouble(t("the platform did not answer"), WAIT),
    "timeout": Trouble(t("the platform did not answer"), WAIT),
    "ratelimited": Trouble(t("the platform took no more"), WAIT),
    "too old to be of use": Trouble(t("the platform could not be reached for a day"), WAIT),
    "our fault": Trouble(t("we could not make the message"), OURS),
}
"""By a part of the platform's own words, in small letters; the first one that fits counts."""


def trouble(reason: str) -> Trouble:
    """What a platform's reason means; a reason that we don't know is shown as it is."""
    small = reason.lower().replace("\u2019", "'")
    return next((found for part, found in TROUBLES.items() if part in small), Trouble(reason[:120]))


@on.command(
    "unreached", "未送达", "送达情况", roles=(Role.ADMIN,), help=t("Who could not be reached, and what to do about it")
)
async def show(ctx: Context, text: str) -> Card:
    """The last thirty days, the newest first."""
    return await _card(ctx, 0)


@on.press()
async def older(ctx: Context, text: str) -> Card:
    """The page behind."""
    if ctx.actor.role != Role.ADMIN:
        raise Refusal(t("Only an administrator can do that."), denied=True)
    return await _card(ctx, int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0)


async def _card(ctx: Context, after: int) -> Card:
    missed, has_more = await unreached.page(ctx.work.session, ctx.work.now, after)
    lost = (await accounts.lost(ctx.work.session))[:MOST_LOST] if not after else ()
    if not missed and not lost:
        return Card(
            t("Everybody could be reached in the last thirty days"),
            body=(t("Nothing to do here. That is how it should be."),),
            tone=Tone.GOOD,
        )
    rows = (*[_lost(person, account) for person, account in lost], *[_missed(one) for one in missed])
    return Card(
        t("Who could not be reached"),
        body=_remedies([account.lost_why for _, account in lost] + [one.why for one in missed]),
        table=Table((t("Person"), t("Where"), t("When"), t("Why")), rows),
        buttons=(older.button(t("Older"), str(after + PAGE)),) if has_more else (),
        tone=Tone.WARN,
        foot=(t("The last thirty days. What the messages said is not shown."),),
    )


def _lost(person: Employee, account: Account) -> Row:
    assert account.lost_at is not None  # that is how it was found
    since = t("not reached since {day}", day=When(account.lost_at, "day"))
    return Row((person.name, called(account.platform), since, trouble(account.lost_why).why))


def _missed(one: Missed) -> Row:
    where: Words = called(one.platform)
    if one.came_by:
        where = t("{platform}; it came by {other} instead", platform=where, other=called(one.came_by))
    if one.stood_in:
        where = t("{where}; {name}, who stands in, was told", where=where, name=one.stood_in)
    return Row((one.person.name, where, When(one.at), trouble(one.why).why))


def _remedies(reasons: Sequence[str]) -> tuple[Words, ...]:
    """What helps against each of the troubles on this page, each once."""
    found: list[tuple[Words, Text]] = []
    for reason in reasons:
        one = trouble(reason)
        if one.remedy is not None and (one.why, one.remedy) not in found:
            found.append((one.why, one.remedy))
    return tuple(t("“{why}”: {remedy}", why=why, remedy=remedy) for why, remedy in found)
