"""Lists of approvals: what waits for me, what I asked for, decided or was told of; one in full; a daily digest."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.capability import Press
from bot.context import Context
from bot.errors import Refusal
from bot.ui.card import Button, Card, Row, Table, Tone
from config.text import Text, When, Words, t, tn
from handlers.approvals import faces, naming, pace, papers, wording
from handlers.approvals.on import on
from storage import approvals, people
from storage.approvals import Status
from storage.approvals import lists as kept
from storage.approvals.lists import Line, Page
from storage.people import Role
from storage.tables import id_in
from storage.work import Work

_LISTS: dict[str, tuple[str, ...]] = {
    "waiting": ("", "waiting", "待我审批", "待我处理", "待审批", "待办"),
    "mine": ("mine", "my", "我的", "我提交的", "我的申请", "我发起的", "进度"),
    "done": ("done", "decided", "decided by me", "我处理的", "已处理", "我审批的"),
    "copied": ("copied", "copies", "cc", "抄送我的", "抄送"),
    "all": ("all", "everything", "全部", "所有"),
}
_LISTING: dict[str, Callable[[Work, int | None], Awaitable[Page[Line]]]] = {
    "waiting": kept.waiting,
    "mine": kept.mine,
    "done": kept.done,
    "copied": kept.copied,
    "all": kept.everything,
}
_NAMED = {
    "waiting": t("What waits for me"),
    "mine": t("What I asked for"),
    "done": t("What I decided"),
    "copied": t("What I was told of"),
    "all": t("All approvals"),
}
_TABS = {
    "waiting": t("Waiting"),
    "mine": t("My requests"),
    "done": t("Decided by me"),
    "copied": t("Copies"),
    "all": t("All"),
}
NOTHING_WAITS = t("Nothing waits for your decision. Well done.")
_EMPTY = {
    "waiting": NOTHING_WAITS,
    "mine": t("You have not asked for anything yet. Type “request” to begin."),
    "done": t("You have not decided on anything yet. What waits for you comes to you by itself."),
    "copied": t("Nobody has sent you a copy yet."),
    "all": t("Nobody has asked for anything yet."),
}
_STATS = ("stats", "statistics", "统计", "效率")
_STUCK = ("stuck", "卡住的", "未完成")
_REGISTER = ("register", "台账", "登记簿")


def _is_number(text: str) -> bool:
    """Whether somebody just writes an approval's number: `A-1042`, `a1042`."""
    return text.strip()[:1] in ("a", "A", "\uff41", "\uff21") and kept.id_of(text) is not None


def _asks_where(text: str) -> bool:
    """Whether somebody asks how far what they asked for has come: `我的报销到哪了？`, `where is my expense?`."""
    return _WHERE.search(text.strip(" \t\n?.!\uff1f\u3002\uff01").casefold()) is not None


_WHERE = re.compile(
    r"^(我的(申请|报销|审批单)|我提交的|我发起的|审批进度|进度|my requests?)$"
    r"|(到哪[里儿]?了|批了吗|批了没有?)$|^where('s| is) my\b"
)


@on.command(
    "approvals",
    "审批",
    "待我审批",
    "我的审批",
    help=t("Approvals: what waits for me, what I asked for"),
    usage=t("waiting, mine, done, copied or stats"),
    reads=_asks_where,
)
async def list_approvals(ctx: Context, text: str) -> Card:
    """Lists what waits for me, or what was asked for."""
    first, _, rest = text.partition(" ")
    if first.casefold() in _STATS:
        return await pace.told(ctx, rest.strip())
    if first.casefold() in _STUCK:
        return await _stuck(ctx, None)
    if first.casefold() in _REGISTER:
        return await papers.register(ctx, rest.strip())
    if kept.id_of(text) is not None:
        return await look_up(ctx, text)
    name = next((name for name, words in _LISTS.items() if text.casefold() in words), None)
    if name is None and _asks_where(text):
        name = "mine"
    if name is None:
        raise Refusal(t("There is no such list. Type “approvals”, or behind it: mine, done, copied, stats."))
    return await _listed(ctx, name, None)


@on.press()
async def page(ctx: Context, text: str) -> Card:
    """Turns to a list, or to its next page."""
    name, _, after = text.partition(":")
    if (name not in _LISTING and name != "stuck") or (after and id_in(after) is None):
        raise Refusal(t("That list does not exist."))
    return await (_stuck(ctx, id_in(after)) if name == "stuck" else _listed(ctx, name, id_in(after)))


async def _listed(ctx: Context, name: str, after: int | None) -> Card:
    from handlers.approvals.several import begin_several  # which lists

    found = await _LISTING[name](ctx.work, after)
    who = () if name == "mine" else (t("Requester"),)
    columns = (t("Number"), t("What"), *who, t("Amount"), t("State"))
    table = Table(columns, tuple(_row(line, ctx.work.now, name) for line in found.rows)) if found.rows else None
    several = name == "waiting" and len(found.rows) > 1
    buttons = (
        *((begin_several.button(t("Approve several"), tone=Tone.GOOD),) if several else ()),
        *((page.button(t("Next page"), f"{name}:{found.after}", tone=Tone.GOOD),) if found.after else ()),
        *await _tabs(ctx, name, first=after is None),
    )
    return Card(_NAMED[name], body=() if found.rows else (_EMPTY[name],), table=table, buttons=buttons)


async def _tabs(ctx: Context, name: str, *, first: bool) -> list[Button]:
    keeps = await approvals.is_steward(ctx.work, ctx.actor)
    tabs = [key for key in _TABS if (key != name or not first) and (key != "all" or keeps)]
    buttons = [page.button(_TABS[key], key) for key in tabs]
    if ctx.actor.role == Role.ADMIN:
        buttons.append(page.button(t("Under way"), "stuck"))
    return buttons


def _row(line: Line, now: datetime, name: str = "") -> Row:
    request, task = line.request, line.task
    what = wording.gist(line)
    if task is not None:
        state: Words = _since(line, task, now)
        if (looks := _looks(line, now)) is not None:
            state = t("{state}; {who_looks}", state=state, who_looks=looks)
    elif line.holders:
        state = t("waits for {names}", names=naming.names(line.holders))
    elif name == "copied" or request.status == Status.PENDING:
        state = wording.state(request)
    else:
        state = t(
            "{state}, {when}", state=wording.state(request), when=When(request.decided_at or request.filed_at, "day")
        )
    who = () if name == "mine" else (line.requester.name,)
    cells = (request.number, what, *who, line.worth or "", state)
    return Row(cells, look.button(t("Show"), str(request.id)))


def _since(line: Line, task: approvals.Task, now: datetime) -> Text:
    since = t("since {when}", when=When(task.opened_at)) if task.opened_at is not None else t("waiting")
    if task.due_at is None:
        return since
    if task.due_at < now and line.request.paused_at is None:
        return t("overdue since {when}", when=When(task.due_at))
    return t("due {when}", when=When(task.due_at))


def _looks(line: Line, now: datetime) -> Text | None:
    """Who else is looking at it, as the cards say it; None where it is late: then it waits for all of them."""
    if line.looking is None or not line.can_wait(now):
        return None
    person, since = line.looking
    return t("{who} is looking at it, since {since}", who=person.name, since=When(since))


@on.press()
async def look(ctx: Context, text: str) -> Card:
    """Shows one from a list or a notice, as it stands now."""
    return await _whole(ctx, id_in(text.partition(":")[0]) or 0)


@on.command(
    "approval",
    "审批单",
    "查审批",
    help=t("Look at one approval"),
    usage=t("its number, such as A-1042"),
    reads=_is_number,
)
async def look_up(ctx: Context, text: str) -> Card:
    """Shows one with all that was said and done about it; a list where no number was given."""
    if not text:
        return await list_approvals(ctx, "")
    request_id = kept.id_of(text)
    if request_id is None:
        raise Refusal(t("“{text}” is not an approval's number. It looks like A-1042.", text=text[:40]))
    return await _whole(ctx, request_id)


async def _whole(ctx: Context, request_id: int) -> Card:
    """All of it for those who may see it; for an administrator who may only end it, where it stands."""
    try:
        request = await approvals.see(ctx.work, request_id)
    except Refusal:
        await approvals.look_over(ctx.work, request_id)
        case = await approvals.case(ctx.work.session, request_id)
        assert case is not None  # just seen
        return faces.ended_unread(case)
    shown = await faces.load(ctx.work.session, request_id)
    assert shown is not None  # just seen
    relations = await approvals.relations(ctx.work, request, ctx.actor)
    return faces.whole(shown, ctx.handbook, ctx.actor, relations, ctx.work.now)


async def _stuck(ctx: Context, after: int | None) -> Card:
    """All that is under way, for administrators: where it waits, without a word of what it says."""
    found = await kept.stuck(ctx.work, after)
    rows = tuple(
        Row(
            (one.request.number, one.frozen.template.name, wording.state(one.request),
             wording.joined(one.holders), When(one.since)),
            look.button(t("Show"), str(one.request.id)),
        )
        for one in found.rows
    )  # fmt: skip
    more = (page.button(t("Next page"), f"stuck:{found.after}", tone=Tone.GOOD),) if found.after else ()
    columns = (t("Number"), t("What"), t("State"), t("Waits for"), t("Since"))
    body: tuple[Words, ...] = () if rows else (t("Nothing is under way."),)
    return Card(t("Approvals under way"), body=body, table=Table(columns, rows) if rows else None, buttons=more)


@on.todo
async def todo(work: Work) -> Sequence[Row]:
    """What waits for my decision: the oldest first."""
    return [
        Row((line.request.number, t("{who}: {what}", who=line.requester.name, what=line.frozen.template.name),
             _looks(line, work.now) or t("Waits for you"), _due(line)), look.button(t("Show"), str(line.request.id)))
        for line in (await kept.waiting(work, None)).rows
    ]  # fmt: skip


def _due(line: Line) -> Words:
    return When(line.task.due_at) if line.task is not None and line.task.due_at is not None else ""


@on.daily(lambda handbook: handbook.approvals.digest, workdays=True)
async def digest(ctx: Context) -> None:
    """Each morning, to each person: what waits for them. Nothing waits, nothing is said."""
    for person_id, lines in (await kept.waiting_for_each(ctx.work)).items():
        person = await people.find(ctx.work.session, person_id)
        if person is not None:
            await ctx.tell(person, _digest(lines, ctx.work.now), urgent=False)


def _digest(lines: Sequence[Line], now: datetime) -> Card:
    title = tn("{n} approval waits for you", "{n} approvals wait for you", n=len(lines))
    columns = (t("Number"), t("What"), t("Requester"), t("Amount"), t("State"))
    rows = tuple(_row(line, now) for line in lines[: kept.PAGE])
    more: tuple[Words, ...] = ()
    if len(lines) > kept.PAGE:
        more = (t("The {n} oldest are here; the list has them all.", n=kept.PAGE),)
    return Card(title, body=more, table=Table(columns, rows), buttons=(all_waiting(page),))


def all_waiting(press: Press) -> Button:
    """The button that leads to the list of what waits."""
    return press.button(t("Open the list"), "waiting")
