"""A file that a handler makes stays, belongs to who asked for it, and goes where their answer goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.capability import Capability
from bot.context import Context
from bot.papers import PDF
from bot.platforms.files import files_of, own_id
from bot.ui.card import Attached, Card
from config.text import t
from storage import webchat
from storage.webchat import WebFile
from tests.town import Town

desk = Capability("desk")


@desk.command("list", help=t("Help"))
async def hand_out(ctx: Context, text: str) -> Card:
    """Gives whoever asks a list of their own."""
    return Card("The list", files=(await ctx.keep_file(text or "列表.pdf", PDF, b"%PDF"),))


@pytest.fixture
async def paper_town(town_url: str) -> AsyncIterator[Town]:
    """The town with one thing to ask for."""
    town = await Town.open(town_url, capabilities=(desk,))
    yield town
    await town.close()


async def test_file_that_was_made_for_somebody_is_theirs_and_stays(paper_town: Town) -> None:
    town = paper_town

    reply = await town.dana.on_slack.commands("list")
    async with town.unit() as work:
        await webchat.forget_loose_files(work, work.now + timedelta(days=9))

    assert isinstance(reply, Card)
    assert reply.files == (Attached("web:1", "列表.pdf", PDF, 4),)
    kept = await town.row(WebFile, 1)
    assert (kept.owner_id, kept.message_id, kept.name, kept.mime, kept.data) == (1, None, "列表.pdf", PDF, b"%PDF")
    assert own_id(reply.files[0]) == 1
    assert await files_of(town.database)(1) == ("列表.pdf", PDF, b"%PDF")
    assert await files_of(town.database)(2) is None


async def test_file_has_a_name_and_nothing_else(paper_town: Town) -> None:
    reply = await paper_town.omar.on_telegram.commands("list", "../../etc/pass\u202ewd\n.pdf")

    assert isinstance(reply, Card)
    assert reply.files[0].name == "pass wd .pdf"


async def test_file_without_a_byte_is_none(paper_town: Town) -> None:
    town = paper_town
    async with town.unit() as work:
        ctx = Context(work, town.dana.private("web"), frozenset({"web"}))

        with pytest.raises(ValueError, match="never empty"):
            await ctx.keep_file("a.pdf", PDF, b"")
