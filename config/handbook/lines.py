"""Finds the line on which each key of a TOML file stands, so that an error can point at it."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

from config.handbook.chapter import Key

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
)
PLAIN = re.compile(r"(?:\d{4}-\d\d-\d\d \d\d:)?[^\s,\]}#]+")


def lines_of(text: str) -> dict[Key, int]:
    """The line (from 1) of each table, key and list entry. The text must be TOML that `tomllib` has read."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.breaks = [found.start() for found in re.finditer("\n", text)]
        self.lines: dict[Key, int] = {}
        self.entries: dict[Key, int] = {}

    def scan(self) -> dict[Key, int]:
        table: Key = ()
        self.skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(BLANK)
        return self.lines

    def header(self) -> Key:
        listed = self.text.startswith("[[", self.at)
        line = self.line()
        self.at += 2 if listed else 1
        written = self.key()
        self.at += 2 if listed else 1
        table: Key = ()
        for part in written[:-1]:
            table = self.last_entry((*table, part))
            self.lines.setdefault(table, line)
        table = (*table, written[-1])
        if listed:
            self.lines.setdefault(table, line)
            self.entries[table] = self.entries.get(table, -1) + 1
        table = self.last_entry(table)
        self.lines[table] = line
        return table

    def last_entry(self, table: Key) -> Key:
        return (*table, self.entries[table]) if table in self.entries else table

    def pair(self, table: Key) -> None:
        line = self.line()
        key = table
        for part in self.key():
            key = (*key, part)
            self.lines.setdefault(key, line)
        self.at += 1  # the equals sign
        self.skip(SPACE)
        self.value(key)

    def key(self) -> list[str]:
        parts = []
        while True:
            self.skip(SPACE)
            if self.text[self.at] in "\"'":
                parts.append(str(tomllib.loads(f"key = {self.take(STRING)}")["key"]))
            else:
                parts.append(self.take(BARE_KEY))
            self.skip(SPACE)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def value(self, key: Key) -> None:
        if self.text[self.at] == "[":
            self.array(key)
        elif self.text[self.at] == "{":
            self.inline_table(key)
        else:
            self.take(STRING if self.text[self.at] in "\"'" else PLAIN)

    def array(self, key: Key) -> None:
        self.at += 1
        self.skip(BLANK)
        entry = 0
        while self.text[self.at] != "]":
            self.lines[(*key, entry)] = self.line()
            self.value((*key, entry))
            entry += 1
            self.skip_comma()
        self.at += 1

    def inline_table(self, key: Key) -> None:
        self.at += 1
        self.skip(BLANK)
        while self.text[self.at] != "}":
            self.pair(key)
            self.skip_comma()
        self.at += 1

    def skip_comma(self) -> None:
        self.skip(BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self.skip(BLANK)

    def skip(self, pattern: re.Pattern[str]) -> None:
        self.take(pattern)

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        assert found is not None, f"tomllib would have refused line {self.line()}"
        self.at = found.end()
        return found.group()

    def line(self) -> int:
        return bisect_right(self.breaks, self.at - 1) + 1
