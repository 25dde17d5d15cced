"""Slack's own framework, kept lean: it answers Slack's checks, skips our own words, hands over the rest."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.gate import Json
from bot.platforms.slack.reading import Ours

_quiet = logging.getLogger("opsbook.slack.bolt")
_quiet.setLevel(logging.ERROR)  # a level of its own: bolt writes rejected bodies down at INFO

Take = Callable[[Json], Awaitable[BoltResponse]]


class _Installed(AsyncAuthorize):
    """One workspace, known beforehand: no auth.test for each request. Bolt skips what we said ourselves."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours

    async def __call__(
        self,
        *,
        context: AsyncBoltContext,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: Any,
    ) -> AuthorizeResult:
        ours = self._ours
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=ours.team or team_id,
            bot_user_id=ours.user or None,
            bot_id=ours.bot or None,
        )


class _CatchAll(AsyncMiddleware):
    """The one listener: bolt tries listeners in turn, and a hundred of them cost six times one."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        return await self._take(req.body)


def bolt_of(client: AsyncWebClient, ours: Ours, take: Take) -> AsyncApp:
    """An app whose one listener is `take`; `client` is never called by it."""
    bolt = AsyncApp(
        logger=_quiet,
        name="opsbook",
        client=client,
        authorize=_Installed(ours),
        process_before_response=True,
        request_verification_enabled=False,  # done on the raw bytes, before anything is read
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    bolt.middleware(_CatchAll(take))
    return bolt
