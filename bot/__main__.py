"""The command line, and the one place that knows everybody: it puts the program together and starts it."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.program import Program
    from config.handbook import Handbook
    from config.settings import Settings

# Everything heavy is imported by the command that needs it, so that --help answers at once.


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the process's exit code (1: something is wrong and was named)."""
    given = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads us has had enough: `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Opsbook: the company's operations handbook, at work in its chat."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], words: str, into: Any = commands) -> Any:
        sub = into.add_parser(name, help=words, description=words)
        sub.set_defaults(command=command)
        return sub

    add("run", _run, "start Opsbook for your company")
    add("demo", _demo, "start Opsbook with a demo company, on this machine only")
    add("check", _check, "name everything that is wrong with settings, handbook and database, with its remedy")
    invite = add("invite", _invite, "print a link by which one person signs in on the web, once, within ten minutes")
    invite.add_argument("name", help="the person's name, as in the list of people")
    manifest = add("slack-manifest", _manifest, "print the manifest of the Slack app, to paste into Slack's app page")
    manifest.add_argument("--socket", action="store_true", help="for Socket Mode, which needs no public address")
    add("audit", _audit, "verify the chain of the audit, and print its head to keep elsewhere")
    people = commands.add_parser("people", help="who works here: list, import, pull, leave").add_subparsers(
        required=True, metavar="COMMAND"
    )
    add("list", _people_list, "list all who work here", people)
    bring = add("import", _people_import, "take in a CSV file of people; all of it, or nothing", people)
    bring.add_argument(
        "file", type=Path, help="columns: name,department,title,manager,slack,telegram,language,zone,role"
    )
    pull = add("pull", _people_pull, "write such a file from the workspace's directory", people)
    pull.add_argument("platform", choices=["slack"])
    pull.add_argument("--to", type=Path, default=Path("people.csv"), help="the file to write (people.csv)")
    leave = add("leave", _people_leave, "somebody has left: they lose everything at once", people)
    leave.add_argument("name", help="the person's name, as in the list of people")
    return parser


def _settings() -> tuple[Settings, Handbook]:
    """Settings and handbook, or the end of the program with all that is wrong in them."""
    from config.handbook import Handbook, HandbookError
    from config.settings import Settings, SettingsError

    try:
        settings = Settings.load(os.environ, Path(".env"))
        return settings, Handbook.load(settings.handbook)
    except (SettingsError, HandbookError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


def _run(_: argparse.Namespace) -> int:
    settings, handbook = _settings()
    return _serve(settings, handbook, demo=False)


def _demo(_: argparse.Namespace) -> int:
    settings, handbook = _settings()
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        print(
            f"OPSBOOK_HOST is {settings.host}: in the demo anybody can be anybody, so it listens on this machine only. "
            "Remove OPSBOOK_HOST, or start `python -m bot run`.",
            file=sys.stderr,
        )
        return 1
    return _serve(settings, handbook, demo=True)


def _serve(settings: Settings, handbook: Handbook, *, demo: bool) -> int:
    from bot import logs
    from bot.program import Program, now, open_database
    from config.handbook import Handbook
    from handlers import CAPABILITIES
    from storage import audit
    from storage.errors import DatabaseUnusable, SchemaTooNew

    logs.set_up(_secrets(settings))

    async def serve() -> int:
        told = _told_to_stop()
        program = await Program.prepare(settings, handbook, CAPABILITIES, demo=demo)
        if demo:
            from handlers.demo import build

            past = await open_database(settings, Handbook.load())  # its story is told by the shipped handbook
            await build(past, now(), CAPABILITIES)
            async with past.reading() as session:
                began = await audit.began_via(session)
            await past.close()
            if began != "demo":
                raise DatabaseUnusable(
                    "this database is a company's, and in the demo nobody has to sign in: "
                    "name another one for the demo, such as sqlite:///demo.db"
                )
        return await _until_told(program, told, demo=demo)

    try:
        return asyncio.run(serve())
    except (DatabaseUnusable, SchemaTooNew) as error:
        print(f"OPSBOOK_DATABASE_URL: {error}", file=sys.stderr)
    except OSError as error:
        print(
            f"OPSBOOK_HOST, OPSBOOK_PORT: can't listen on {settings.host}:{settings.port} "
            f"({os.strerror(error.errno or 0)}). Stop what uses the port, or choose another.",
            file=sys.stderr,
        )
    return 1


def _told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or Ctrl C; a second one ends at once, which loses nothing that was promised."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if told.is_set():
            os._exit(1)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return told


async def _until_told(program: Program, told: asyncio.Event, *, demo: bool) -> int:
    """Starts, and serves until told to stop; also where that comes while a platform is still being waited for."""
    asked = asyncio.create_task(told.wait())
    starting = asyncio.create_task(program.start())
    await asyncio.wait((asked, starting), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.wait((starting,))
        await program.stop()
        return 0
    await starting
    url = program.settings.public_url
    words = f"The demo company is open: {url}" if demo else f"Opsbook is at work: {url}"
    print(f"{words}  (Ctrl C ends it)", flush=True)
    await asked
    await program.stop()
    return 0


def _secrets(settings: Settings) -> list[str]:
    kept = (
        settings.secret, settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token,
        settings.telegram_bot_token, settings.telegram_webhook_secret,
    )  # fmt: skip
    return [secret.reveal() for secret in kept if secret is not None]


def _check(_: argparse.Namespace) -> int:
    from bot.checking import check

    settings, handbook = _settings()
    wrong, doubtful = asyncio.run(check(settings, handbook))
    for line in wrong:
        print(f"wrong: {line}")
    for line in doubtful:
        print(f"note: {line}")
    if not wrong:
        print("Everything is in order." if not doubtful else "Nothing is wrong.")
    return 1 if wrong else 0


def _with_database(act: Callable[[Any, Settings], Coroutine[Any, Any, int]]) -> int:
    """One command on the database, beside a running program or without one."""
    from bot.dispatch import Desk
    from bot.program import now, open_database
    from handlers import CAPABILITIES
    from storage.errors import DatabaseUnusable, SchemaTooNew, StorageBusy

    settings, handbook = _settings()

    async def go() -> int:
        database = await open_database(settings, handbook)
        try:
            return await act(Desk(database, now, CAPABILITIES, settings.on, settings.public_url), settings)
        finally:
            await database.close()

    try:
        return asyncio.run(go())
    except (DatabaseUnusable, SchemaTooNew, StorageBusy) as error:
        print(f"OPSBOOK_DATABASE_URL: {error}", file=sys.stderr)
        return 1


def _invite(given: argparse.Namespace) -> int:
    from bot import roster

    return _with_database(lambda desk, settings: roster.invite(desk, settings.public_url, given.name))


def _manifest(given: argparse.Namespace) -> int:
    import json

    from bot.dispatch import offered
    from bot.platforms.slack.manifest import manifest
    from handlers import CAPABILITIES

    settings, _handbook = _settings()
    made = manifest(
        offered(CAPABILITIES), settings.public_url, socket_mode=given.socket or settings.slack_app_token is not None
    )
    print(json.dumps(made, ensure_ascii=False, indent=2))
    return 0


def _audit(_: argparse.Namespace) -> int:
    async def verify(desk: Any, _settings: Settings) -> int:
        from storage import audit

        async with desk.database.reading() as session:
            broken = await audit.first_broken(session)
            number, seal = await audit.head(session)
        if broken is not None:
            print(f"The audit was changed: line {broken} does not follow from the one before it.")
            return 1
        print(f"The audit holds: {number} lines. Its head, to keep elsewhere: {number} {seal}")
        return 0

    return _with_database(verify)


def _people_list(_: argparse.Namespace) -> int:
    from bot import roster

    return _with_database(lambda desk, _settings: roster.show(desk))


def _people_import(given: argparse.Namespace) -> int:
    from bot import roster

    return _with_database(lambda desk, _settings: roster.bring_in(desk, given.file))


def _people_pull(given: argparse.Namespace) -> int:
    from bot.platforms.slack.people import write_file

    settings, _handbook = _settings()
    if settings.slack_bot_token is None:
        print("SLACK_BOT_TOKEN is not set: it is needed to read the workspace's directory.", file=sys.stderr)
        return 1
    return asyncio.run(write_file(settings.slack_bot_token.reveal(), settings.slack_api_url, given.to))


def _people_leave(given: argparse.Namespace) -> int:
    from bot import roster

    return _with_database(lambda desk, _settings: roster.leave(desk, given.name))


if __name__ == "__main__":
    sys.exit(main())
