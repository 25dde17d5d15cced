"""What a file is, by its own bytes, and what it may be called: what its sender claims counts nothing."""

from __future__ import annotations

from bot.ui.form import clean

PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
"""How the pictures begin that may be shown in a page: raster ones alone, never SVG. WebP needs a second look."""


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes: a picture, else just bytes."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for start, mime in PICTURES.items() if data.startswith(start)), "application/octet-stream")


def is_picture(mime: str) -> bool:
    """Whether a file of this kind may be shown in a page."""
    return mime.startswith("image/") and mime in {*PICTURES.values(), "image/webp"}


def file_name(name: str) -> str:
    """A file's name without any path, control or direction characters; at most 120 characters, its ending kept."""
    last = clean(name).replace("\\", "/").rsplit("/", 1)[-1].strip().strip(".") or "file"
    stem, dot, ending = last.rpartition(".")
    return last if len(last) <= 120 else f"{stem[:100]}{dot}{ending[:19]}"
