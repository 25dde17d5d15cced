"""The check of the catalogues finds what is missing, unfinished, left over or unequal."""

from pathlib import Path

import pytest

from tests.checks.translations import faults

CODE = """
GREETING = t("Hello {name}", name="Dana")
COUNT = tn("{n} complaint", "{n} complaints", n=2)
"""
PAGE = '<p>{{ t("Nothing is open") }}</p>'
MAPPING = "[python: **.py]\n[jinja2: **/templates/**.html]\nsilent = false\n"
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
GREETED = 'msgid "Hello {name}"\nmsgstr "{name}，你好"\n\n'
COUNTED = 'msgid "{n} complaint"\nmsgid_plural "{n} complaints"\nmsgstr[0] "{n} 件投诉"\n\n'
NOTHING = 'msgid "Nothing is open"\nmsgstr "没有未结事项"\n\n'
ZH, EN = "locales/zh/LC_MESSAGES/opsbook.po", "locales/en/LC_MESSAGES/opsbook.po"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project whose catalogues are whole."""
    for room in ("bot/templates", "handlers", "storage", "config"):
        (tmp_path / room).mkdir(parents=True)
    (tmp_path / "handlers" / "greet.py").write_text(CODE)
    (tmp_path / "bot" / "templates" / "home.html").write_text(PAGE)
    for path in (ZH, EN):
        (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / "locales" / "babel.cfg").write_text(MAPPING)
    (tmp_path / ZH).write_text(HEADER + GREETED + COUNTED + NOTHING)
    (tmp_path / EN).write_text(HEADER)
    return tmp_path


def rewrite(project: Path, *entries: str, path: str = ZH) -> None:
    (project / path).write_text(HEADER + "".join(entries))


def test_translations_that_are_whole_pass(project: Path) -> None:
    assert faults(project) == []


def test_translations_name_the_place_of_a_sentence_without_entry(project: Path) -> None:
    rewrite(project, GREETED)

    assert faults(project) == [
        f'bot/templates/home.html:1: "Nothing is open" is not in {ZH}; `make messages`, then translate',
        f'handlers/greet.py:3: "{{n}} complaint" is not in {ZH}; `make messages`, then translate',
    ]


def test_translations_name_an_empty_entry(project: Path) -> None:
    rewrite(project, GREETED, COUNTED, 'msgid "Nothing is open"\nmsgstr ""\n')

    assert faults(project) == [f'{ZH}:11: "Nothing is open" is not translated; write its msgstr']


def test_translations_name_a_fuzzy_entry(project: Path) -> None:
    rewrite(project, GREETED, COUNTED, "#, fuzzy\n", NOTHING)

    assert faults(project) == [f'{ZH}:12: "Nothing is open" is fuzzy; correct it, then take the mark away']


def test_translations_name_unequal_places_in_both_languages(project: Path) -> None:
    rewrite(project, GREETED.replace("{name}，", "{nama}，"), COUNTED, NOTHING)
    rewrite(project, 'msgid "Hello {name}"\nmsgstr "Hello you"\n', path=EN)

    assert faults(project) == [
        f'{ZH}:4: "Hello {{name}}" has the places {{name}}, its translation {{nama}}; use the same names',
        f'{EN}:4: "Hello {{name}}" has the places {{name}}, its translation (none); use the same names',
    ]


def test_translations_name_unequal_places_of_a_plural(project: Path) -> None:
    rewrite(project, GREETED, COUNTED.replace("{n} 件", "几件"), NOTHING)

    assert faults(project) == [
        f'{ZH}:7: "{{n}} complaints" has the places {{n}}, its translation (none); use the same names'
    ]


def test_translations_name_a_stray_brace(project: Path) -> None:
    rewrite(project, GREETED.replace("{name}，", "{name，"), COUNTED, NOTHING)

    assert faults(project) == [
        f"{ZH}:4: \"{{name，你好\" has a stray brace (expected '}}' before end of string); double a brace that is text"
    ]


def test_translations_name_what_nothing_says_any_more(project: Path) -> None:
    rewrite(
        project,
        GREETED,
        COUNTED,
        NOTHING,
        'msgid "Goodbye"\nmsgstr "再见"\n\n',
        '#~ msgid "Old"\n#~ msgstr "旧"\n',
    )

    assert faults(project) == [
        f'{ZH}:14: nothing in the code says "Goodbye"; run `make messages`',
        f'{ZH}:1: the obsolete entry "Old" is still there; run `make messages`',
    ]


def test_translations_name_a_broken_and_a_missing_catalogue(project: Path) -> None:
    rewrite(project, GREETED, "nonsense\n")
    (project / EN).unlink()

    first, second = faults(project)
    assert first.startswith(f"{ZH}:")
    assert second == f"{EN}:1: the catalogue is missing; run `make messages`"
