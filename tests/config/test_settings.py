"""The machine starts with good settings or not at all, and never prints a secret."""

import copy
import pickle
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import Problem, Secret, Settings, SettingsError

SLACK = {"SLACK_BOT_TOKEN": "xoxb-bot", "SLACK_SIGNING_SECRET": "signing"}
TELEGRAM = {"TELEGRAM_BOT_TOKEN": "1:abc"}
EMPTY = ("is set but empty", "remove the line or give it a value")


def problems(environ: dict[str, str], dotenv: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as refused:
        Settings.load(environ, dotenv)
    return refused.value.problems


def reasons(environ: dict[str, str]) -> list[tuple[str, str]]:
    return [(problem.key, problem.reason) for problem in problems(environ)]


def test_nothing_set_means_a_machine_of_its_own() -> None:
    others = {"PATH": "/bin", "OPSBOOK_CI": "1", "OPSBOOK_TEST_X": "", "OPSBOOK_CRASH_AT": "send"}
    loaded = Settings.load(others)

    assert loaded == Settings()
    assert (loaded.slack, loaded.telegram, loaded.database_shown) == (False, False, "sqlite:///opsbook.db")


def test_everything_set_is_read(tmp_path: Path) -> None:
    handbook = tmp_path / "handbook.toml"
    handbook.touch()

    loaded = Settings.load(
        {
            **SLACK,
            **TELEGRAM,
            "OPSBOOK_DATABASE_URL": "postgres://ops:hunter2@db:5432/ops?sslmode=require",
            "OPSBOOK_HANDBOOK": str(handbook),
            "OPSBOOK_PUBLIC_URL": "HTTPS://Ops.Example.com:8443/",
            "OPSBOOK_HOST": "0.0.0.0",
            "OPSBOOK_PORT": "0",
            "OPSBOOK_SECRET": " sixteen letters! ",
            "SLACK_APP_TOKEN": "xapp-app",
            "SLACK_API_URL": "http://127.0.0.1:9/api",
            "TELEGRAM_API_URL": "http://[::1]:9//",
            "TELEGRAM_WEBHOOK_SECRET": "A-z_9",
        }
    )

    assert loaded == Settings(
        database_url="postgresql://ops:hunter2@db:5432/ops?sslmode=require",
        handbook=handbook,
        public_url="https://ops.example.com:8443",
        host="0.0.0.0",
        port=0,
        secret=Secret("sixteen letters!"),
        slack_bot_token=Secret("xoxb-bot"),
        slack_signing_secret=Secret("signing"),
        slack_app_token=Secret("xapp-app"),
        slack_api_url="http://127.0.0.1:9/api/",
        telegram_bot_token=Secret("1:abc"),
        telegram_api_url="http://[::1]:9",
        telegram_webhook_secret=Secret("A-z_9"),
    )
    assert (loaded.slack, loaded.telegram) == (True, True)
    assert loaded.database_shown == "postgresql://db:5432/ops"


@pytest.mark.parametrize("url", ["sqlite:///records/ops.db", "sqlite:////srv/ops.db"])
def test_records_may_lie_in_a_file(url: str) -> None:
    loaded = Settings.load({"OPSBOOK_DATABASE_URL": url})

    assert (loaded.database_url, loaded.database_shown) == (url, url)


def test_secrets_are_never_shown() -> None:
    loaded = Settings.load({**SLACK, "OPSBOOK_DATABASE_URL": "postgresql://ops:hunter2@db/ops"})
    secret = Secret("a")

    assert "xoxb" not in f"{loaded} {loaded!r} {asdict(loaded)}"
    assert "hunter2" not in f"{loaded} {loaded!r}"
    assert f"{secret} {secret!r} {secret!s:>4} {[secret]}" == "*** ***  *** [***]"
    assert loaded.slack_bot_token is not None
    assert loaded.slack_bot_token.reveal() == "xoxb-bot"


def test_secret_is_a_value_that_is_not_written_down() -> None:
    assert [Secret("a") == other for other in (Secret("a"), Secret("é"), "a")] == [True, False, False]
    assert len({Secret("a"), Secret("a"), copy.copy(Secret("a"))}) == 1
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))


def test_all_problems_are_told_at_once() -> None:
    given_wrongly = {
        "OPSBOOK_PROT": "1",
        "OPSBOOK_HOST": "a\nb",
        "OPSBOOK_PORT": "99999",
        "OPSBOOK_PUBLIC_URL": "https://ops.example.com/chat",
        "OPSBOOK_SECRET": "  ",
        "SLACK_BOT_TOKEN": "xapp-1",
        "TELEGRAM_WEBHOOK_SECRET": "no spaces",
    }

    assert problems(given_wrongly) == (
        Problem("OPSBOOK_PROT", "is not a setting", "did you mean OPSBOOK_PORT?"),
        Problem("OPSBOOK_HOST", "has a line break or a control character in it", "write it on one line"),
        Problem("OPSBOOK_SECRET", *EMPTY),
        Problem("OPSBOOK_PORT", "is not a port", "write a number from 1 to 65535, or 0 for any free one"),
        Problem(
            "OPSBOOK_PUBLIC_URL",
            "has a path",
            "write https://ops.example.com, with nothing after the name but a port",
        ),
        Problem(
            "SLACK_BOT_TOKEN",
            "holds an app token",
            "write the bot token, xoxb-…; xapp-… is SLACK_APP_TOKEN",
        ),
        Problem(
            "TELEGRAM_WEBHOOK_SECRET",
            "is not a secret that Telegram takes",
            "write 1 to 256 of A-Z, a-z, 0-9, _ and -",
        ),
        Problem(
            "SLACK_BOT_TOKEN",
            "stands alone",
            "add SLACK_SIGNING_SECRET (Slack calls us) or SLACK_APP_TOKEN (Socket Mode: we call Slack)",
        ),
        Problem(
            "TELEGRAM_WEBHOOK_SECRET",
            "is set without TELEGRAM_BOT_TOKEN",
            "add TELEGRAM_BOT_TOKEN, or remove this one to leave Telegram off",
        ),
    )


def test_error_reads_as_a_list() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({"OPSBOOK_PORT": ""})

    assert str(refused.value) == (
        "The settings cannot be used:\n  OPSBOOK_PORT is set but empty: remove the line or give it a value"
    )


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("OPSBOOK_DATABASE_URL", "mysql://h/d", "is no database that we know"),
        ("OPSBOOK_DATABASE_URL", "sqlite://opsbook.db", "names no database file"),
        ("OPSBOOK_DATABASE_URL", "sqlite:///", "names no database file"),
        ("OPSBOOK_DATABASE_URL", "postgresql://host", "names no database"),
        ("OPSBOOK_DATABASE_URL", "postgresql://host:port/d", "is not an address"),
        ("OPSBOOK_DATABASE_URL", "postgresql://[host/d", "is not an address"),
        ("OPSBOOK_DATABASE_URL", "postgresql://u:p w@host/d", "has a space in it"),
        ("OPSBOOK_HANDBOOK", "/nowhere/handbook.toml", "names no file"),
        ("OPSBOOK_HANDBOOK", "/" + "x" * 5000, "names no file"),
        ("OPSBOOK_HANDBOOK", "~nobody-of-this-name/handbook.toml", "names no file"),
        ("OPSBOOK_PUBLIC_URL", "ops.example.com", "does not begin with https:// or http://"),
        ("OPSBOOK_PUBLIC_URL", "https://", "names no host"),
        ("OPSBOOK_PUBLIC_URL", "https://u:p@host", "has a user or a password in it"),
        ("OPSBOOK_PUBLIC_URL", "https://host?a=b", "has a question mark or a # in it"),
        ("OPSBOOK_HOST", "-host", "is not a host"),
        ("OPSBOOK_HOST", "1.2.3.400", "is not a host"),
        ("OPSBOOK_PORT", "65536", "is not a port"),
        ("OPSBOOK_PORT", "-1", "is not a port"),
        ("OPSBOOK_PORT", "８０", "is not a port"),
        ("OPSBOOK_SECRET", "fifteen letters", "is too short"),
        ("SLACK_API_URL", "ftp://host/", "does not begin with https:// or http://"),
        ("TELEGRAM_API_URL", "https://a b", "has a space in it"),
        ("TELEGRAM_BOT_TOKEN", "1:a b", "has a space or an odd character in it"),
        ("TELEGRAM_BOT_TOKEN", "1:é", "has a space or an odd character in it"),
        ("opsbook_port", "80", "is not a setting"),
        ("OPSBOOK_SOMETHING_ELSE_ALTOGETHER", "1", "is not a setting"),
    ],
)
def test_wrong_value_is_refused(key: str, value: str, reason: str) -> None:
    assert reasons({key: value}) == [(key, reason)]


def test_half_a_slack_is_refused() -> None:
    assert reasons({"SLACK_BOT_TOKEN": "xoxb-1"}) == [("SLACK_BOT_TOKEN", "stands alone")]
    assert reasons({"SLACK_SIGNING_SECRET": "s", "SLACK_APP_TOKEN": "xapp-1"}) == [
        ("SLACK_SIGNING_SECRET", "is set without SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "is set without SLACK_BOT_TOKEN"),
    ]
    assert reasons({**SLACK, "SLACK_APP_TOKEN": "xoxb-2"}) == [("SLACK_APP_TOKEN", "holds a bot token")]


def test_same_secret_in_two_places_is_refused() -> None:
    twice = {"SLACK_BOT_TOKEN": "xoxb-bot", "SLACK_SIGNING_SECRET": "xoxb-bot", **TELEGRAM}

    assert reasons(twice) == [("SLACK_SIGNING_SECRET", "is the same as SLACK_BOT_TOKEN")]


@pytest.mark.parametrize(
    "address",
    [
        "https://ops.example.com",
        "http://127.0.0.1:80",
        "http://[::1]",
        "http://localhost",
        "http://a.localhost",
    ],
)
def test_webhook_may_be_called_where_telegram_can_reach_us(address: str) -> None:
    loaded = Settings.load({**TELEGRAM, "TELEGRAM_WEBHOOK_SECRET": "s", "OPSBOOK_PUBLIC_URL": address})

    assert loaded.public_url == address


def test_webhook_without_a_reachable_address_is_refused() -> None:
    webhook = {**TELEGRAM, "TELEGRAM_WEBHOOK_SECRET": "s"}
    with_path = {**webhook, "OPSBOOK_PUBLIC_URL": "http://host/path"}
    unreachable = [("OPSBOOK_PUBLIC_URL", "is not where Telegram can call us")]

    assert reasons(webhook) == unreachable
    assert reasons({**webhook, "OPSBOOK_PUBLIC_URL": "http://ops.example.com"}) == unreachable
    assert reasons(with_path) == [("OPSBOOK_PUBLIC_URL", "has a path")]
    assert reasons({**webhook, "OPSBOOK_HOST": "0.0.0.0", "TELEGRAM_API_URL": "http://bots"}) == unreachable


def test_own_bot_server_may_call_the_derived_address() -> None:
    own = {**TELEGRAM, "TELEGRAM_WEBHOOK_SECRET": "s", "TELEGRAM_API_URL": "http://127.0.0.1:9"}

    assert Settings.load(own).public_url == "http://127.0.0.1:8080"


def test_derived_address_follows_the_port() -> None:
    free = Settings.load({"OPSBOOK_PORT": "0", "OPSBOOK_HOST": "::1"})
    fixed = Settings.load({"OPSBOOK_PORT": "0", "OPSBOOK_PUBLIC_URL": "https://ops.example.com"})

    assert free.public_url == "http://[::1]:0"
    assert (free.listening_on(4321).public_url, free.listening_on(4321).port) == ("http://[::1]:4321", 4321)
    assert fixed.listening_on(4321).public_url == "https://ops.example.com"


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    text = "\ufeff# ours\nexport OPSBOOK_PORT=1\nOPSBOOK_HOST=localhost\nOPSBOOK_SECRET='${HOME} is not mine'\n"
    dotenv.write_text(text, encoding="utf-8")

    loaded = Settings.load({"OPSBOOK_PORT": "2"}, dotenv)

    assert (loaded.port, loaded.host) == (2, "localhost")
    assert loaded.secret == Secret("${HOME} is not mine")


def test_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert Settings.load({}, tmp_path / ".env") == Settings()


def test_broken_file_is_told_of_by_line_and_without_its_words(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "OPSBOOK_PORT=1\n\nOPSBOOK_PORT=2\nxoxb-lonely\nxoxb-lonely\nSLACK_X\n\n\nOPSBOOK_SECRET='half\n",
        encoding="utf-8",
    )

    assert problems({}, dotenv) == (
        Problem("OPSBOOK_PORT", "is set a second time in .env line 3", "keep one of the lines"),
        Problem(".env line 9", "cannot be read", "write NAME=value, and close every quote"),
    )


def test_name_without_a_value_is_empty(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("OPSBOOK_SECRET\n", encoding="utf-8")

    assert problems({}, dotenv) == (Problem("OPSBOOK_SECRET", *EMPTY),)


def test_unreadable_file_is_told_of(tmp_path: Path) -> None:
    latin = tmp_path / ".env"
    latin.write_bytes(b"OPSBOOK_HOST=caf\xe9\n")

    assert problems({}, latin) == (Problem(str(latin), "is not in UTF-8", "save it as UTF-8 text"),)
    assert problems({}, tmp_path) == (
        Problem(str(tmp_path), "cannot be read (Is a directory)", "check the file, or remove it"),
    )


KEYS = st.sampled_from(
    ["OPSBOOK_DATABASE_URL", "OPSBOOK_PUBLIC_URL", "OPSBOOK_SECRET", "SLACK_BOT_TOKEN", "SLACK_API_URL"]
)


@given(st.dictionaries(KEYS, st.text(max_size=30).map(lambda text: f"canary{text}")))
@settings(max_examples=200, deadline=None)
def test_no_problem_ever_repeats_a_value(environ: dict[str, str]) -> None:
    try:
        told = repr(Settings.load(environ).slack_bot_token)
    except SettingsError as refused:
        told = str(refused)

    assert "canary" not in told
