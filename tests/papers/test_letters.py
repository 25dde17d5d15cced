"""Lines end where Chinese and English lines may, nothing is dropped, and what has no letter is a box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.letters import BOX, FONT, letters

EM = 10.0
"""A Chinese sign is as wide as the letters are high."""


@pytest.mark.parametrize(
    ("text", "signs", "lines"),
    [
        ("", 5, [""]),
        ("门锁坏了", 5, ["门锁坏了"]),
        ("门锁又坏了，请来", 5, ["门锁又坏", "了，请来"]),
        ("他说“坏了”。", 3, ["他说", "“坏", "了”。"]),
        ("one two three", 4, ["one two", "three"]),
        ("用 Opsbook 记", 5, ["用", "Opsbook", "记"]),
        ("一\n\n二", 5, ["一", "", "二"]),
        ("tab\there", 9, ["tab here"]),
        ("iiiiiiiiiiiiiiii", 2, ["iiiiiii", "iiiiiii", "ii"]),
        ("。。。。。", 2, ["。。", "。。", "。"]),
        ("宽", 0.1, ["宽"]),
    ],
)
def test_lines_end_where_they_may(text: str, signs: float, lines: list[str]) -> None:
    assert letters().wrapped(text, EM, signs * EM) == lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Dana Lee 李娜", "Dana Lee 李娜"),
        ("䶮 㛃 〇", "䶮 㛃 〇"),
        ("¥ € £ × ± ≤ ① ℃ ㎡", "¥ € £ × ± ≤ ① ℃ ㎡"),
        ("好👨‍👩‍👧!", f"好{BOX}!"),
        ("𠮷野家", f"{BOX}野家"),
        ("שלום", BOX * 4),
        ("cafe\u0301", "café"),
        ("a\u200bb\u202ec\u00add\ufeff", "ab cd"),
        ("a\x00b\ud800c", "a bc"),
        ("❤\ufe0f", BOX),
    ],
)
def test_what_has_no_letter_is_a_box(text: str, shown: str) -> None:
    assert letters().shown(text) == shown


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.floats(5, 400))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: float) -> None:
    face = letters()

    lines = face.wrapped(text, EM, width)

    assert "".join("".join(lines).split()) == "".join(face.shown(text).split())
    assert [line for line in lines if face.width(line, EM) > max(width, 3 * EM) + 0.01 and len(line) > 1] == []


def test_the_typeface_lies_with_us_with_its_licence() -> None:
    beside = sorted(path.name for path in FONT.parent.iterdir())

    assert beside == ["NotoSansCJKsc.ttf", "OFL.txt", "README.md"]
    assert FONT.stat().st_size < 12_000_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text("utf-8")
