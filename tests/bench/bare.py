"""The measure: a slack-bolt app that only acknowledges a command and a press, in its quickest setting."""

import asyncio
import re
import socket

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck

from tests.bench.names import BOT_TOKEN, SIGNING_SECRET, TEAM


async def _authorize(**_: object) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=BOT_TOKEN, bot_user_id="UBOT")


def make() -> AsyncApp:
    """Bolt as its own documentation has it, without the call that it would make to Slack."""
    app = AsyncApp(signing_secret=SIGNING_SECRET, authorize=_authorize, process_before_response=True)

    @app.command("/complaint")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    @app.action(re.compile(".*"))
    async def acknowledge_press(ack: AsyncAck) -> None:
        await ack()

    return app


async def _serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    runner = web.AppRunner(make().server(path="/slack/events").web_app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await asyncio.sleep(900)


if __name__ == "__main__":
    asyncio.run(_serve())
