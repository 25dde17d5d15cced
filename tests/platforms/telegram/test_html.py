"""Telegram's HTML: what people see of it, and what is refused in which words."""

import pytest

from tests.platforms.telegram.chats import Refused
from tests.platforms.telegram.entities import found_in
from tests.platforms.telegram.html import parse
from tests.platforms.telegram.shown import html, live


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &amp; &lt;b&gt; &quot;x&quot; &#228;&#x4f60;", 'plain & <b> "x" ä你', []),
        ("&nbsp; &amp", "&nbsp; &", []),
        ("<b>a</b>", "a", [{"offset": 0, "length": 1, "type": "bold"}]),
        ("<B>a</b >", "a", [{"offset": 0, "length": 1, "type": "bold"}]),
        ("😀<i>好</i>", "😀好", [{"offset": 2, "length": 1, "type": "italic"}]),
        ("<b></b>x", "x", []),
        (
            "<b>a<i>b</i></b>",
            "ab",
            [{"offset": 0, "length": 2, "type": "bold"}, {"offset": 1, "length": 1, "type": "italic"}],
        ),
        (
            '<a href="https://a.example/?q=1&amp;r=2">x</a>',
            "x",
            [{"offset": 0, "length": 1, "type": "text_link", "url": "https://a.example/?q=1&r=2"}],
        ),
        ("<a>not a link</a>", "not a link", []),
        (
            '<a href="tg://user?id=11">Dana</a>',
            "Dana",
            [
                {
                    "offset": 0,
                    "length": 4,
                    "type": "text_mention",
                    "user": {"id": 11, "is_bot": False, "first_name": ""},
                }
            ],
        ),
        ("<blockquote expandable>q</blockquote>", "q", [{"offset": 0, "length": 1, "type": "expandable_blockquote"}]),
        (
            '<pre><code class="language-python">x</code></pre>',
            "x",
            [{"offset": 0, "length": 1, "type": "pre", "language": "python"}],
        ),
        ('<span class="tg-spoiler">x</span>', "x", [{"offset": 0, "length": 1, "type": "spoiler"}]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[object]) -> None:
    assert parse(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("好 < 5 and more", 'Unsupported start tag "" at byte offset 4'),
        ("<br>x", 'Unsupported start tag "br" at byte offset 0'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_with_its_place(source: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(source)

    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


def test_what_was_parsed_can_be_written_as_html_again() -> None:
    source = '<b>1 &lt; 2 <i>好</i></b> <a href="https://a.example/">x</a> <code>y</code>'

    assert html(*parse(source)) == source


def test_telegram_finds_commands_mentions_and_links_itself() -> None:
    text = "/take@opsbook_bot C-1, 请看 https://a.example/x，@dana or m@a.example #sale 1/2"

    assert live(text, found_in(text)) == [
        ("bot_command", "/take@opsbook_bot"),
        ("url", "https://a.example/x"),
        ("mention", "@dana"),
        ("email", "m@a.example"),
        ("hashtag", "#sale"),
    ]
