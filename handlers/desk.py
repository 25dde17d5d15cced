"""The front desk: hello, what can I do here, what waits for me, how do I sign in, and which language do I read."""

from __future__ import annotations

from collections.abc import Sequence

from bot.capability import Capability, CommandHelp
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Fact, Link, Row, Table, Tone
from bot.understanding import near
from config.text import Label, OnDay, Text, Words, t, tn
from handlers import linking
from storage import people, sessions

on = Capability("desk")

MOST = 12
"""Rows of "my day"; a longer list helps nobody on a phone."""


@on.command("home", "我的一天", "今天", "首页", "my day", "today", help=t("My day: what waits for me"))
async def home(ctx: Context, text: str) -> Card:
    """One list of all that waits for the actor, from every capability."""
    rows: list[Row] = []
    for todo in ctx.todos:
        rows.extend(await todo(ctx.work))
    columns = (t("Number"), t("What"), t("State"), t("Due"))
    today = ctx.work.now.astimezone(ctx.zone).date()
    return Card(
        t("{name}, your day", name=ctx.actor.name),
        body=(OnDay(today), *_waiting(len(rows))),
        table=Table(columns, tuple(rows[:MOST])) if rows else None,
        buttons=(
            Button(t("Report a complaint"), "do:complaint", Tone.GOOD),
            Button(t("Complaints"), "do:tickets"),
            Button(t("Ask for an approval"), "do:request"),
            Button(t("Approvals"), "do:approvals"),
            Button(t("Help"), "do:help"),
        ),
    )


def _waiting(n: int) -> tuple[Words, ...]:
    if not n:
        return (t("Nothing waits for you. Enjoy it while it lasts."),)
    return (t("{n} more; see the lists.", n=n - MOST),) if n > MOST else ()


@on.command("help", "帮助", "?", "\uff1f", help=t("What I can do for you"))
async def help_(ctx: Context, text: str) -> Card | Text:
    """All commands in the reader's language; for what is no command, an answer, or what may have been meant."""
    if text.startswith("?"):
        return await _spoken_to(ctx, text[1:])
    commands = [command for command in _offered(ctx) if command.name != "help"]
    return Card(
        t("What I can do for you"),
        body=(t("Type a word, or press it. Chinese and English both work."),),
        facts=tuple(Fact(_called(command), command.help) for command in commands),
        buttons=tuple(Button(_called(command), f"do:{command.name}") for command in commands),
    )


async def _spoken_to(ctx: Context, text: str) -> Card | Text:
    said = text.strip("!?.~ \uff01\uff1f\u3002\uff5e").casefold()
    if said in _THANKS:
        return t("You're welcome.")
    if said in _GREETINGS:
        return Card(
            t("Hello, {name}", name=ctx.actor.name),
            body=(t("What can I do for you?"),),
            buttons=_suggested(ctx, ("home", "complaint", "tickets", "request")),
        )
    words = {word.casefold(): command.name for command in _offered(ctx) for word in (command.name, *command.aliases)}
    meant = near(text, _requests(ctx) | words)
    if meant:
        return Card(
            t("I did not understand “{text}”. Did you mean one of these?", text=text[:60]),
            buttons=_suggested(ctx, meant),
        )
    return Card(
        t("I did not understand “{text}”. What would you like to do?", text=text[:60]),
        buttons=_suggested(ctx, ("complaint", "tickets", "request")),
    )


def _requests(ctx: Context) -> dict[str, str]:
    """The words by which the handbook lets people ask for an approval."""
    kinds = ctx.handbook.approvals.open_templates().values()
    return {word.casefold(): "request" for one in kinds for word in (one.name.zh, one.name.en, *one.words)}


_THANKS = {"thanks", "thank you", "thx", "谢谢", "多谢", "谢了", "谢谢你", "辛苦了"}
_GREETINGS = {
    *("", "hi", "hello", "hey", "hi there", "morning", "good morning", "good afternoon", "good evening"),
    *("你好", "您好", "嗨", "哈喽", "早", "早上好", "上午好", "下午好", "晚上好", "在吗", "在么"),
}


def _suggested(ctx: Context, names: Sequence[str]) -> tuple[Button, ...]:
    """The commands of these names that the actor may give, as buttons that say what they do; help comes last."""
    by_name = {command.name: command for command in _offered(ctx) if command.name != "help"}
    return (*[_start(by_name[name]) for name in names if name in by_name], Button(t("Help"), "do:help"))


def _offered(ctx: Context) -> list[CommandHelp]:
    return [command for command in ctx.commands if not command.roles or ctx.actor.role in command.roles]


def _called(command: CommandHelp) -> Label:
    """The word that is typed for it, in the reader's language."""
    chinese = next((word for word in command.aliases if not word.isascii()), command.name)
    return Label(zh=chinese, en=command.name)


def _start(command: CommandHelp) -> Button:
    return Button(command.help, f"do:{command.name}")


@on.command("signin", "登录", "sign in", "login", help=t("Get a link to sign in on the web"))
async def sign_in(ctx: Context, text: str) -> Card:
    """A link that lets the actor in once, shown to them alone."""
    token = await sessions.invite(ctx.work, ctx.actor)
    return Card(
        t("Sign in on the web"),
        body=(t("The link works once, for ten minutes. Don't pass it on: whoever opens it is you."),),
        links=(Link(t("Sign in"), f"{ctx.public_url}/signin?token={token}"),),
        once=True,
    )


@on.command("language", "语言", help=t("Change my language"), usage=t("中文 or English"))
async def language(ctx: Context, text: str) -> Card | Text:
    """Changes the actor's language, or offers both."""
    chosen = {"zh": "zh", "中文": "zh", "chinese": "zh", "en": "en", "english": "en", "英文": "en"}.get(text.casefold())
    if chosen:
        return await _speak(ctx, chosen)
    if text:
        raise Refusal(t("I speak 中文 and English."))
    return Card(t("Which language do you read?"), buttons=(speak.button("中文", "zh"), speak.button("English", "en")))


@on.press()
async def speak(ctx: Context, text: str) -> Text:
    """Changes the actor's language by a button."""
    if text not in ("zh", "en"):
        raise Refusal(t("I speak 中文 and English."))
    return await _speak(ctx, text)


async def _speak(ctx: Context, chosen: str) -> Text:
    await people.speak(ctx.work, ctx.actor, chosen)
    return t("From now on I speak English to you.")


@on.command("start", help=t("Say hello"), strangers=True, listed=False)
async def start(ctx: Context, text: str) -> Card | Text:
    """Greets: those whom we know with their day in short, others with who we are. `link_CODE` is the code itself."""
    if text.startswith(_LINK):
        return await linking.link(ctx, text.removeprefix(_LINK))
    if ctx.work.by is None:
        return t(
            "Hello! I am Opsbook, and work for the people of {company}. If you already use me on Slack or on the web, "
            "type “link” there, and send me “link” and the code here. If you don't, please ask your administrator to "
            "add you, and tell them your number here: {number}",
            company=ctx.handbook.company.name,
            number=ctx.who.user if ctx.who is not None else "",
        )
    n = sum([len(await todo(ctx.work)) for todo in ctx.todos])
    waiting = tn("{n} thing waits for you.", "{n} things wait for you.", n=n) if n else _waiting(0)[0]
    return Card(
        _greeting(ctx),
        body=(waiting,),
        buttons=(
            Button(t("My day"), "do:home", Tone.GOOD),
            Button(t("Report a complaint"), "do:complaint"),
            Button(t("About me"), "do:me"),
            Button(t("Help"), "do:help"),
        ),
    )


_LINK = "link_"
"""What stands before a code in a link that opens the chat: `t.me/…?start=link_ABCDEFGH`."""


def _greeting(ctx: Context) -> Text:
    hour = ctx.work.now.astimezone(ctx.zone).hour
    if 4 <= hour < 12:
        return t("Good morning, {name}", name=ctx.actor.name)
    if 12 <= hour < 18:
        return t("Good afternoon, {name}", name=ctx.actor.name)
    return t("Good evening, {name}", name=ctx.actor.name)
