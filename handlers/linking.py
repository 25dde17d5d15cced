"""Linking: everybody joins their other accounts to themselves by a code, and may take them off, but the last."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answer import Reply
from bot.capability import Capability
from bot.codec import pack_card
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Fact, Link, Tone
from config.text import Text, When, Words, t, tn
from storage import accounts, links, outbox, people
from storage.links import Given
from storage.people import Account, Employee
from storage.places import Address, Identity
from storage.tables import id_in

on = Capability("linking")

PLATFORMS: dict[str, Words] = {"slack": "Slack", "telegram": "Telegram", "web": t("Web")}
NOT_LINKED = t("That account is not linked to you.")


def called(platform: str) -> Words:
    """A platform's name, as people read it."""
    return PLATFORMS.get(platform, platform)


def _is_code(text: str) -> bool:
    """Whether somebody just sends the code: it looks like none of our words, nor like an ordinary one."""
    return links.read(text) is not None and ("-" in text or text.isupper() or any(char.isdigit() for char in text))


@on.command(
    "link",
    "关联",
    "绑定",
    help=t("Link another account of mine"),
    usage=t("the code, on the new account"),
    strangers=True,
    reads=_is_code,
)
async def link(ctx: Context, text: str) -> Card | Text:
    """Without a code: gives one to those whom we know. With a code: joins this account to its person."""
    known = ctx.work.by
    if not text:
        return await _code(ctx) if known is not None else HOW
    if known is not None and links.read(text) is None:
        return t("That is no code. Type “link” alone, and I give you one.")
    who = _who(ctx)
    linked = await links.give(ctx.work, who, text, alone=ctx.here.channel == who.user)
    if not _is_alone(ctx, who):
        await links.withdraw(ctx.work, text)
    match linked.given, linked.person:
        case Given.JOINED, Employee() as person:
            await _tell_others(ctx, person, _joined(who.platform, linked.account or 0))
            return _welcome(person)
        case Given.OWN, _:
            return OWN if _is_alone(ctx, who) else READ_BY_OTHERS
    if known is not None:
        return t(
            "This account is linked to {name}, and stays so. If it is to be somebody else's, please ask your "
            "administrator.",
            name=known.name,
        )
    return WRONG


def _is_alone(ctx: Context, who: Identity) -> bool:
    """Whether nobody else can read what was typed: the channel is the user's own, or (Slack, web) one of two."""
    return ctx.here.channel == who.user or ctx.here.channel.startswith(("D", "dm:"))


OWN = t("This account is linked to you already. Send the code from the account that is to be yours too.")
READ_BY_OTHERS = t(
    "This account is linked to you already. Others may have read the code, so it no longer holds: type “link” to me "
    "alone, and I give you a new one."
)
HOW = t(
    "To link this account: type “link” where Opsbook knows you already, on Slack, on Telegram or on the web. You get "
    "a code; send me “link” and the code here."
)
WRONG = t(
    "I can't use this code: it may be mistyped, used already, or older than ten minutes. Please type “link” once more "
    "where Opsbook knows you already. After several wrong codes I take none for half an hour."
)


@on.press()
async def get_code(ctx: Context) -> Card:
    """The same by a button."""
    return await _code(ctx)


async def _code(ctx: Context) -> Card:
    code = await links.offer(ctx.work, ctx.actor)
    return Card(
        t("Link another account"),
        body=(
            t("Your code: {code}", code=code),
            t("On the other platform, send to Opsbook: link {code}", code=code),
            t("Or type it on the sign-in page of the web."),
            t("It works once, for ten minutes. Give it to nobody: whoever uses it acts in your name."),
        ),
        links=(Link(t("Sign-in page"), f"{ctx.public_url}/signin"),) if ctx.public_url else (),
        once=True,
    )


@on.command("unlink", "解绑", "取消关联", help=t("Unlink an account of mine"), usage=t("telegram, slack or web"))
async def unlink(ctx: Context, text: str) -> Reply:
    """Ends what is named, where it is the only one of that name; else offers the actor's accounts on buttons."""
    named = _NAMED.get(text.casefold().strip(), "")
    if named == "web":
        return await _sign_out(ctx)
    theirs = await people.accounts(ctx.work.session, ctx.actor.id)
    meant = [one for one in theirs if one.platform == named]
    if len(meant) == 1:
        return await _part(ctx, meant[0].id)
    browsers = await accounts.browsers(ctx.work, ctx.actor.id)
    return Card(
        t("Your accounts"),
        facts=(
            *[Fact(told_apart(ctx, one, theirs), since(one)) for one in theirs],
            Fact(called("web"), signed_in(browsers)),
        ),
        buttons=(*partings(ctx, theirs, browsers), get_code.button(t("Link another account"))),
    )


_NAMED = {"slack": "slack", "telegram": "telegram", "电报": "telegram", "tg": "telegram", "web": "web", "网页": "web"}


@on.press()
async def part(ctx: Context, text: str) -> Text | None:
    """Unlinks one of the actor's accounts."""
    account_id = id_in(text)
    if account_id is None:
        raise Refusal(NOT_LINKED)
    return await _part(ctx, account_id)


@on.press()
async def sign_out(ctx: Context) -> Text:
    """Signs the actor out of the web, wherever they are signed in."""
    return await _sign_out(ctx)


async def _part(ctx: Context, account_id: int) -> Text | None:
    account = await accounts.part(ctx.work, ctx.actor, account_id, ctx.on)
    platform = called(account.platform)
    if accounts.is_way_in(account, ctx.on):
        there = Address(account.platform, account.user)
        await ctx.tell(there, Card(t("This account is no longer linked to Opsbook."), body=(HOW,)))
    await _tell_others(ctx, ctx.actor, _parted(platform))
    if (account.platform, account.user) == _acting(ctx):
        return None  # they have just been told; an answer would go after them, to where they are reached now
    return t("Your account on {platform} is no longer linked. I don't know it any more.", platform=platform)


async def _sign_out(ctx: Context) -> Text:
    await accounts.sign_out(ctx.work, ctx.actor)
    await _tell_others(ctx, ctx.actor, Card(t("You were signed out of the web, in every browser.")))
    return t("You are signed out of the web, in every browser. Type “signin” to come back.")


async def _tell_others(ctx: Context, person: Employee, card: Card) -> None:
    """Says it on each account of a person but the one that acts, and in their own chat on the web: always at once."""
    packed = pack_card(card)
    places = [
        Address(one.platform, one.user)
        for one in await people.accounts(ctx.work.session, person.id)
        if accounts.is_way_in(one, ctx.on) and (one.platform, one.user) != _acting(ctx)
    ]
    if "web" in ctx.on and _acting(ctx) != ("web", str(person.id)):
        places.append(Address("web", f"dm:{person.id}"))
    for place in places:
        await outbox.tell(ctx.work, packed, place, person.id)


def _joined(platform: str, account_id: int) -> Card:
    name = called(platform)
    return Card(
        t("Your account on {platform} was linked", platform=name),
        body=(t("Whoever has it acts in your name. Wasn't it you? Then unlink it now, and tell your administrator."),),
        buttons=(_parting(t("Unlink {platform}", platform=name), account_id),),
        tone=Tone.WARN,
    )


def _parted(platform: Words) -> Card:
    return Card(
        t("Your account on {platform} is no longer linked", platform=platform),
        body=(t("Wasn't it you? Tell your administrator, and link it again: type “link”."),),
        tone=Tone.WARN,
    )


def _welcome(person: Employee) -> Card:
    return Card(
        t("Welcome, {name}", name=person.name),
        body=(t("This account is linked to you now. Whatever you do here counts as done by you."),),
        buttons=(Button(t("Help"), "do:help"), Button(t("About me"), "do:me")),
        tone=Tone.GOOD,
    )


def partings(ctx: Context, theirs: Sequence[Account], browsers: int) -> tuple[Button, ...]:
    """A button for each account that may go: not for the last way in."""
    buttons = [
        _parting(_unlinking(ctx, one, theirs), one.id)
        for one in theirs
        if any(accounts.is_way_in(other, ctx.on) for other in theirs if other is not one)
    ]
    if browsers:
        buttons.append(
            sign_out.button(t("Sign out of the web"), tone=Tone.BAD, confirm=t("Sign out in every browser?"))
        )
    return tuple(buttons)


def _parting(label: Words, account_id: int) -> Button:
    return part.button(
        label, str(account_id), tone=Tone.BAD, confirm=t("Unlink it? I won't know that account any more.")
    )


def told_apart(ctx: Context, one: Account, theirs: Sequence[Account]) -> Words:
    """An account by its platform; of several there, the one that is used right now says so."""
    if _has_twin(one, theirs) and (one.platform, one.user) == _acting(ctx):
        return t("{platform}, this account", platform=called(one.platform))
    return called(one.platform)


def _has_twin(one: Account, theirs: Sequence[Account]) -> bool:
    return sum(other.platform == one.platform for other in theirs) > 1


def _unlinking(ctx: Context, one: Account, theirs: Sequence[Account]) -> Text:
    if _has_twin(one, theirs) and (one.platform, one.user) != _acting(ctx):
        return t("Unlink {platform}, {since}", platform=called(one.platform), since=since(one))
    return t("Unlink {platform}", platform=told_apart(ctx, one, theirs))


def since(one: Account) -> Text:
    """Since when an account is used, or can't be reached."""
    if one.lost_at is not None:
        return t("not reached since {day}", day=When(one.lost_at, "day"))
    if one.met_at is not None:
        return t("since {day}", day=When(one.met_at, "day"))
    if one.last_used_at is not None:
        return t("last used {day}", day=When(one.last_used_at, "day"))
    return t("not used yet")


def signed_in(browsers: int) -> Text:
    """In how many browsers somebody is signed in, in words."""
    if not browsers:
        return t("not signed in")
    return tn("signed in on {n} browser", "signed in on {n} browsers", n=browsers)


def _who(ctx: Context) -> Identity:
    assert ctx.who is not None  # somebody gave the command
    return ctx.who


def _acting(ctx: Context) -> tuple[str, str]:
    return (ctx.who.platform, ctx.who.user) if ctx.who is not None else ("", "")
