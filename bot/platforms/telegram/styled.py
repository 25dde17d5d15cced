"""Words as Telegram's HTML: bold, small or as they are; nothing in somebody's words rings, runs or leads elsewhere.

Telegram makes `@name`, `/command`, `#tag` and addresses live by itself, and has no switch against it. Inside `<code>`
it doesn't: so there somebody's own words are set as code. They read the same, copy the same (a zero-width sign in
them would not), and a tap copies them instead of following them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from bot.platforms.letters import NOTHING, cut, size
from bot.ui.form import clean
from bot.words import Speaker
from config.text import Text, Words

MOST = 5000
"""No single text is much longer than a whole message."""

_TAIL = r"[^\s<>\"'“”‘’（）()，。；：！？、]*"
_LIVE = re.compile(
    rf"[a-z][a-z0-9+.-]{{1,20}}://{_TAIL}"  # an address with its scheme
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    rf"|(?<![\w.-])[.-]*+(?:[\w-]++\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]+|中国|公司|网络|网址|在线)(?::\d+)?(?:[/?#]{_TAIL})?"
    rf"|(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d+)?(?:/{_TAIL})?(?![\w.])"  # a machine by its number
    r"|@\w{2,}"
    r"|(?<![\w/])/[a-z0-9_]{1,64}(?:@\w+)?(?![\w/])"
    r"|[#＃]\w*[^\W\d_]\w*"
    r"|(?<!\w)\$[A-Z]{1,8}(?!\w)",
    re.IGNORECASE,
)
_BLANK = "\u2800\u3164\u115f\u1160\uffa0"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one dress: none, `b`, `i`, `code`; or a link to `href`."""

    text: str
    tag: str = ""
    href: str = ""


Line = tuple[Run, ...]


def line(say: Speaker, words: Words, tag: str = "", between: str = " / ", *, flat: bool = False) -> Line:
    """Words in the reader's language, ready to be set; on one line where `flat`. Never empty."""
    text = cut(said(say, words, between), MOST)
    return dressed(" ".join(text.split()) if flat else text, tag, ours=_is_ours(words))


def said(say: Speaker, words: Words, between: str = " / ") -> str:
    """The words in the reader's language, safe to show; what nobody could see is a dash."""
    return safe(say(words, between))


def safe(text: str) -> str:
    """Somebody's words without what would garble ours: controls, overrides, halves of signs, and long gaps."""
    text = _GAPS.sub("\n\n", clean(text, lines=True)).strip()
    return text if is_visible(text) else NOTHING


_GAPS = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)+")


def is_visible(text: str) -> bool:
    """Whether anything of it can be seen: Telegram refuses words and labels of blanks and zero-width signs."""
    return any(unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK for char in text)


def dressed(text: str, tag: str = "", *, ours: bool = False) -> Line:
    """The text as runs; in somebody's own words, what Telegram would make live becomes code."""
    if ours:
        return (Run(text, tag),)
    runs: list[Run] = []
    at = 0
    for found in _LIVE.finditer(text):
        between = text[at : found.start()]
        if between and runs and len(between) <= 3 and not any(char.isalnum() for char in between):
            runs.append(Run(between, "code"))  # many side by side are one: Telegram marks a hundred stretches at most
        elif between:
            runs.append(Run(between, tag))
        runs.append(Run(found[0], "code"))
        at = found.end()
    return (*runs, Run(text[at:], tag)) if at < len(text) else tuple(runs)


def _is_ours(words: Words) -> bool:
    """Whether nothing in the words is somebody's own."""
    if isinstance(words, Text):
        return all(isinstance(value, int) or _is_ours(value) for value in words.args.values())
    return not isinstance(words, str)


def length(line: Line) -> int:
    """The units that the line takes."""
    return sum(size(run.text) for run in line)


def clipped(line: Line, most: int) -> Line:
    """The line if it has at most `most` units; else its beginning, cut between signs, and `…`."""
    if length(line) <= most:
        return line
    kept: list[Run] = []
    room = most - 1
    for run in line:
        if size(run.text) > room:
            if room > 0 and run.text[:room].strip():
                kept.append(Run(cut(run.text.rstrip(), room + 1).removesuffix("…"), run.tag, run.href))
            break
        kept.append(run)
        room -= size(run.text)
    return (*kept, Run("…"))


def html(line: Line) -> str:
    """The line in Telegram's HTML, every value escaped."""
    parts = groupby(line, key=lambda run: (run.tag, run.href))
    return "".join(_html("".join(run.text for run in runs), tag, href) for (tag, href), runs in parts)


def _html(text: str, tag: str, href: str) -> str:
    written = escape(text, quote=False)
    if href:
        return f'<a href="{escape(href)}">{written}</a>'
    return f"<{tag}>{written}</{tag}>" if tag and text.strip() else written


def plain(line: Line) -> str:
    """The line without any dress; a link's address stands behind it."""
    return "".join(f"{run.text} ({run.href})" if run.href else run.text for run in line)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together; `gap` stands between them, a blank line between groups."""

    lines: Sequence[Line]
    gap: str = "\n"

    def size(self) -> int:
        """The units that the group takes, with the blank line before it."""
        return sum(map(length, self.lines)) + len(self.gap) * (len(self.lines) - 1) + 2 if self.lines else 0
