"""Slack as a way to people: cards go out and are redrawn; each failure is told for what it means."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
from aiohttp import web

from bot.errors import DeliveryFailed
from bot.platforms import Message, Pace, Sent
from bot.platforms.files import ReadFile, no_file, own_id
from bot.platforms.slack.api import TIMEOUT, Refused, call, client_of
from bot.platforms.slack.blocks import Json, blocks_of, message_of, text_of
from bot.platforms.slack.door import Desk as Host
from bot.platforms.slack.door import Door
from bot.platforms.slack.enclosures import Enclosures, Place
from bot.platforms.slack.gate import Clock, Seal
from bot.platforms.slack.incoming import Incoming, Leaving
from bot.platforms.slack.lookup import Lookup, metadata_of
from bot.platforms.slack.reading import Ours
from bot.platforms.slack.replies import PREVIEWS, UNLINKED, Later, Replies, nobody_keeps
from bot.platforms.slack.socket import Socket
from bot.platforms.tasks import Tasks
from config.text import t
from storage.errors import StorageBusy

log = logging.getLogger(__name__)
T = TypeVar("T")

API = "https://slack.com/api/"
PATH = "/slack/events"
LOOK_SECONDS = 6.0
LOOKS = 5
"""A card whose outcome is not known goes out again at the latest when it could not be looked up so often."""
LOOK_PAUSE = 60.0
"""The longest that a card waits until it is looked up again, however long Slack would have us wait."""
STOP_SECONDS = 4.0
FOLLOW_SECONDS = 9.0
"""Until then the files that belong to a card may be sent after it."""
FILE_TRIES = 3
"""Tries to bring one person the files of a notice; then they are told that these did not come."""
INCOMPLETE = t("I could not send you all the files of “{title}”. Please ask for them again.")

# What Slack's codes mean. What stands in none of these may pass: it is tried again.
_PERMANENT = """
account_inactive bot_disabled cannot_dm_bot channel_is_limited_access channel_not_found
channel_type_not_supported ekm_access_denied enterprise_is_restricted im_not_supported invalid_auth
invalid_channel is_archived is_bot messages_tab_disabled method_not_supported_for_channel_type missing_scope
no_permission no_such_user not_allowed_token_type not_authed not_in_channel org_login_required
posting_to_general_channel_denied restricted_action restricted_action_non_threadable_channel
restricted_action_read_only_channel restricted_action_thread_only_channel team_access_not_granted
team_not_found token_expired token_revoked user_disabled user_is_bot user_is_restricted user_not_found
user_not_in_channel user_not_visible users_not_found
"""
_NOT_SHOWABLE = """
block_mismatch invalid_arguments invalid_attachments invalid_blocks invalid_blocks_format
invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app metadata_too_large
msg_blocks_too_long msg_too_long no_text too_many_attachments
"""
PERMANENT = frozenset(_PERMANENT.split())
UNASKABLE = PERMANENT | {"access_denied", "method_deprecated", "unknown_method"}
"""Slack will never say whether a message stands."""
GONE = frozenset({"cant_update_message", "edit_window_closed", "is_inactive", "message_not_found"})
_LOST = """
cannot_dm_bot im_not_supported no_such_user user_disabled user_is_bot user_is_restricted
user_not_found user_not_visible users_not_found
"""
LOST = frozenset(_LOST.split())
"""It is the person who can't be reached on Slack, whatever we send."""
NOT_SHOWABLE = frozenset(_NOT_SHOWABLE.split())
"""Slack does not like the card: it goes once more as plain words."""
NO_THREAD = frozenset({"cannot_reply_to_message", "restricted_action_thread_locked", "thread_not_found"})
"""The message that it would hang under is no more: it goes into the channel itself."""


class Slack:
    """The Slack platform. Needs a signing secret (Slack calls us), an app token (we call Slack), or both.

    `read_file` gives one of our files: its name, kind and bytes. `later` keeps a reply that Slack does not take now.
    """

    name = "slack"

    def __init__(
        self,
        bot_token: str,
        signing_secret: str | None,
        app_token: str | None,
        api_url: str | None,
        desk: Host,
        clock: Clock,
        on_leaver: Leaving,
        *,
        joining: bool = False,
        read_file: ReadFile = no_file,
        later: Later = nobody_keeps,
    ) -> None:
        if not bot_token or not (signing_secret or app_token):
            raise ValueError("Slack needs its bot token, and a signing secret or an app token")
        self.pace = Pace(channel=1.0)
        self.clock = clock
        self.ours = Ours()
        self.tasks = Tasks()
        self.client = client_of(bot_token, api_url or API)
        self.lookup = Lookup(self.client, clock, self.ours)
        self._not_looked_up: dict[int, int] = {}
        self._unfollowed: dict[int, int] = {}
        seal = Seal(signing_secret, clock) if signing_secret else None
        self.enclosures = Enclosures(self.client, read_file)
        replies = Replies(self.client, later)
        self.incoming = Incoming(
            Door(desk, self.client, self.tasks) if joining else desk, replies, self.tasks, self.ours, on_leaver, seal
        )
        self.socket = Socket(app_token, self.client, self.incoming.receive) if app_token else None
        self._background: set[asyncio.Task[None]] = set()

    def hang(self, router: web.UrlDispatcher) -> None:
        """Hangs Slack's one route into the web server; none where Slack never calls us."""
        if self.incoming.seal is not None:
            router.add_post(PATH, self.incoming.serve)

    async def start(self) -> None:
        """Learns who we are, and connects; where Slack can't be reached, goes on trying by itself."""
        limit = aiohttp.ClientTimeout(total=TIMEOUT)
        self.client.session = aiohttp.ClientSession(timeout=limit)
        self.incoming.closed = False
        if not await self._introduced():
            self._beside(self._introduce())
        if self.socket is not None:
            await self.socket.start()

    async def stop(self) -> None:
        """Takes nothing more in, and lets answers that are under way be shown."""
        self.incoming.closed = True
        for task in list(self._background):
            task.cancel()
        if self.socket is not None:
            await self.socket.stop_intake()
        await self.tasks.finish(STOP_SECONDS)
        if self.socket is not None:
            await self.socket.close()
        if self.client.session is not None:
            await self.client.session.close()

    async def send(self, message: Message) -> Sent:
        """Posts a card, and after it the files of ours that belong to it, as far as there is time.

        One whose outcome is not known is looked up first, so that neither it nor its files are posted twice. A notice
        to one person is sent only when its files are there too, or can't be brought.
        """
        until = asyncio.get_running_loop().time() + FOLLOW_SECONDS
        sent = await _in_time(self._send(message))
        await self._follow(message, sent, until)
        return sent

    async def edit(self, message: Message) -> None:
        """Redraws a card where it stands."""
        await _in_time(self._edit(message))

    # --- Who we are

    async def _introduced(self) -> bool:
        try:
            we = await call(self.client, "auth.test", {})
        except Refused as error:
            log.warning("Slack does not answer who we are: %s", error.code)
            return False
        self.ours.user, self.ours.bot, self.ours.team = (
            value if isinstance(value := we.get(name), str) else "" for name in ("user_id", "bot_id", "team_id")
        )
        return bool(self.ours.user)

    async def _introduce(self) -> None:
        wait = 1.0
        while True:
            await asyncio.sleep(wait)
            if await self._introduced():
                return
            wait = min(wait * 2, 300.0)

    def _beside(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # --- Sending

    async def _send(self, message: Message) -> Sent:
        if message.again and (found := await self._found(message)) is not None:
            return found
        body: Json = {
            "channel": message.to.channel,
            **_card(message),
            "metadata": metadata_of(message.id),
            **PREVIEWS,
        }
        if message.to.thread:
            body["thread_ts"] = message.to.thread
        said = await self._said("chat.postMessage", body)
        self._not_looked_up.pop(message.id, None)
        channel, ts = said.get("channel"), said.get("ts")
        if not isinstance(ts, str) or not ts:
            raise DeliveryFailed("Slack's answer names no message")
        return Sent(channel if isinstance(channel, str) and channel else message.to.channel, ts)

    async def _follow(self, message: Message, sent: Sent, until: float) -> None:
        """The card's files: in a channel in the thread below it, else where it stands. A failure only where they are
        what somebody asked for."""
        if not any(own_id(file) for file in message.card.files):
            return
        place = Place(sent.channel, message.to.thread or (None if sent.channel.startswith("D") else sent.ref))
        try:
            async with asyncio.timeout_at(until):
                since = sent.ref if message.again else None
                is_whole = await self.enclosures.share(message.card.files, place, since=since)
                why: DeliveryFailed | None = None if is_whole else DeliveryFailed("not all files were taken")
        except Refused as error:
            why = failure(error)
        except (StorageBusy, TimeoutError) as error:
            why = DeliveryFailed(str(error) or "timeout")
        if why is not None:
            log.warning("the files of outbox %s were not sent: %s", message.id, why)
        if message.about is None and sent.channel.startswith("D"):
            await self._insist(message, sent, why)

    async def _insist(self, message: Message, sent: Sent, why: DeliveryFailed | None) -> None:
        """Has the files of a notice to one person brought again: each once, for the card is looked up first."""
        tries = self._unfollowed.pop(message.id, 0) + 1
        if why is None:
            return
        if tries < FILE_TRIES and not why.permanent:
            self._unfollowed[message.id] = tries
            raise DeliveryFailed(f"its files: {why}", retry_after=why.retry_after)
        words = message_of(t(INCOMPLETE.id, title=message.card.title), message.say)
        try:
            await call(self.client, "chat.postMessage", {"channel": sent.channel, **words} | UNLINKED | PREVIEWS)
        except Refused as error:
            log.warning("nobody was told of the files of outbox %s: %s", message.id, error.code)

    async def _edit(self, message: Message) -> None:
        if message.ref is None:
            raise DeliveryFailed("there is no message to edit", permanent=True, gone=True)
        try:
            channel = await self._conversation(message.to.channel)
        except Refused as error:
            raise failure(error) from None
        await self._said("chat.update", {"channel": channel, "ts": message.ref, **_card(message)})

    async def _said(self, method: str, body: Json) -> Json:
        """The call; once more, more plainly, where Slack took exception to the card or to the thread."""
        try:
            return await call(self.client, method, body)
        except Refused as error:
            plainer = _plainer(body, error.code)
            if plainer is None:
                raise failure(error) from None
            log.info("a message goes out more plainly: %s", error.code)
        try:
            return await call(self.client, method, plainer)
        except Refused as error:
            raise failure(error) from None

    async def _conversation(self, channel: str) -> str:
        """The channel's id; for a person's, that of our direct conversation."""
        if channel[:1] not in ("U", "W"):
            return channel
        opened = (await call(self.client, "conversations.open", {"users": channel})).get("channel")
        id = opened.get("id") if isinstance(opened, dict) else None
        return id if isinstance(id, str) and id else channel

    async def _found(self, message: Message) -> Sent | None:
        """Where the row's message stands already; None if it doesn't, or if Slack will never say.

        Raises `DeliveryFailed` where Slack can't say now: later is better than twice.
        """
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                channel = await self._conversation(message.to.channel)
                ts = await self.lookup.find(message.id, channel, message.to.thread)
        except TimeoutError:
            self._put_off(message, Refused("timeout"))
            return None
        except Refused as error:
            if error.code not in UNASKABLE:
                self._put_off(message, error)
            return None
        self._not_looked_up.pop(message.id, None)
        return Sent(channel, ts) if ts is not None else None

    def _put_off(self, message: Message, error: Refused) -> None:
        """Returns only where it was put off often enough: better twice than never."""
        times = self._not_looked_up[message.id] = self._not_looked_up.get(message.id, 0) + 1
        if times >= LOOKS:
            log.warning("outbox %s goes out, perhaps again: it can't be looked up: %s", message.id, error.code)
            return
        wait = None if error.retry_after is None else min(error.retry_after, LOOK_PAUSE)
        raise DeliveryFailed(f"not known whether it was sent: {error.code}", retry_after=wait)


def failure(error: Refused) -> DeliveryFailed:
    """What a refusal means for the message: never again, a new one in its place, or later."""
    if error.code in GONE:
        return DeliveryFailed(error.code, permanent=True, gone=True)
    permanent = error.code in PERMANENT or error.code in NOT_SHOWABLE or error.code in NO_THREAD
    lost = error.code in LOST
    return DeliveryFailed(error.code, permanent=permanent, retry_after=error.retry_after, lost=lost)


def _card(message: Message) -> Json:
    return {
        "text": text_of(message.card, message.say),
        "blocks": blocks_of(message.card, message.say),
        **UNLINKED,
    }


def _plainer(body: Json, code: str) -> Json | None:
    if code in NOT_SHOWABLE:
        dropped = ("blocks", "metadata") if "metadata" in code else ("blocks",)
        plainer = {name: value for name, value in body.items() if name not in dropped}
        return plainer | ({"blocks": []} if "ts" in body else {})  # an edit keeps the old blocks unless told
    if code in NO_THREAD and "thread_ts" in body:
        return {name: value for name, value in body.items() if name != "thread_ts"}
    return None


async def _in_time(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(TIMEOUT):
            return await work
    except TimeoutError:
        raise DeliveryFailed("timeout") from None
