"""The web chat's HTML as a person reads it: words in their order, buttons, links, and whatever would run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.platforms.stages.seen import Shown

_VOID = {"img", "br", "hr", "input", "meta", "link", "path", "use"}
_APART = {"p", "div", "dt", "dd", "td", "th", "li", "button", "a", "h2", "label", "legend", "small"}
_KNOWN = {
    *_APART, *_VOID, "ul", "ol", "dl", "span", "b", "time", "table", "thead", "tbody", "tr", "svg", "section", "header",
    "form", "fieldset", "textarea", "select", "option", "footer", "aside", "h1", "h3", "circle", "rect", "g", "mark",
}  # fmt: skip
_UNREAD = {"svg", "face", "by", "replies", "answer", "only"}
"""Parts of a message that are not its card: who said it, when, and what may be done about it."""


@dataclass
class _Part:
    tag: str
    classes: frozenset[str]
    about: dict[str, str]
    words: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """Reads a piece of the page. `messages` are by their ids; `notes` are for this one reader."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: dict[str, Shown] = {}
        self.notes: list[Shown] = []
        self.labels: list[str] = []
        self._open: list[_Part] = []
        self._fresh()
        self.feed(html)
        self.close()

    def _fresh(self) -> None:
        self._lines: list[str] = []
        self._buttons: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        part = _Part(tag, frozenset(about.get("class", "").split()), about)
        if tag == "li" and part.classes & {"message", "note"}:
            self._fresh()
        if tag not in _KNOWN:
            self._live.append(f"<{tag}>")
        self._live += [f"{name}=" for name in about if name.startswith("on") or name == "style"]
        if tag == "img" and "picture" in part.classes:
            self._lines.append(about["alt"])
        if tag == "img" and not about.get("src", "").startswith(("file/", "static/")):
            self._live.append(f"img {about.get('src')}")
        if tag in _APART:
            self._end_of_line()
        if tag not in _VOID:
            self._open.append(part)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._open and not any(part.classes & _UNREAD or part.tag == "svg" for part in self._open):
            self._open[-1].words.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            part = self._open.pop()
            self._ended(part)
            if part.tag == tag:
                return

    def _ended(self, part: _Part) -> None:
        words = " ".join("".join(part.words).split())
        match part.tag:
            case "button":
                self._buttons += [words] if "data-action" in part.about else []
            case "a":
                self._linked(part, words)
            case "legend" | "label" if "option" not in part.classes:
                self.labels.append(words)
            case "span" if self._open:  # the buttons' column has a name for those who can't see them
                self._open[-1].words += [] if self._open[-1].tag == "th" else [f" {words} "]
            case _ if words:
                self._lines.append(words)
        if part.tag == "li" and "message" in part.classes:
            self.messages[part.about["data-id"]] = self._shown()
        elif part.tag == "li" and "note" in part.classes:
            self.notes.append(self._shown())

    def _linked(self, part: _Part, words: str) -> None:
        self._links.append((words, part.about.get("href", "")))
        if not part.classes & {"shot", "attached"} and not any("links" in one.classes for one in self._open):
            self._live.append(f"link {part.about.get('href')}")

    def _end_of_line(self) -> None:
        if self._open and self._open[-1].words and self._open[-1].tag not in ("button", "a"):
            words = " ".join("".join(self._open[-1].words).split())
            self._open[-1].words.clear()
            if words:
                self._lines.append(words)

    def _shown(self) -> Shown:
        return Shown(tuple(self._lines), tuple(self._buttons), tuple(self._links), tuple(self._live))
