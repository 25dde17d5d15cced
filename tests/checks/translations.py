"""Every sentence that Opsbook can say exists in Chinese, with the same places to fill in as in English."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import PoFileError, read_po

ROOMS = ("bot", "handlers", "storage", "config")
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": (1,), "tn": (1, 2)}
LANGUAGES = {"zh": True, "en": False}
"""Whether each language needs every sentence; English may leave them empty, its message ids are English."""

MessageId = str | tuple[str, ...]
Loose = str | tuple[str, ...] | list[str] | None
"""The same as Babel's catalogues have it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id as the code has it, and where."""

    id: MessageId
    place: str


def sentences(root: Path) -> dict[MessageId, Sentence]:
    """Finds what the code and the pages under `root` say, afresh; each sentence at its first place."""
    with (root / "locales" / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # Babel leaves it untyped
    found: dict[MessageId, Sentence] = {}
    for room in ROOMS:
        for name, line, id_, _comments, _context in extract_from_dir(
            root / room, method_map=methods, options_map=options, keywords=KEYWORDS
        ):
            found.setdefault(id_, Sentence(id_, f"{room}/{name}:{line}"))
    return found


def faults(root: Path) -> list[str]:
    """Names everything that is wrong, each as `file:line: what; remedy`; an empty list is a pass."""
    wanted = sentences(root)
    return [fault for language in LANGUAGES for fault in _faults_of(root, language, wanted)]


def _faults_of(root: Path, language: str, wanted: dict[MessageId, Sentence]) -> Iterator[str]:
    path = f"locales/{language}/LC_MESSAGES/opsbook.po"
    try:
        with (root / path).open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except FileNotFoundError:
        yield f"{path}:1: the catalogue is missing; run `make messages`"
        return
    except PoFileError as error:
        yield f"{path}:{error.lineno}: {error}; correct the line"
        return

    if LANGUAGES[language]:
        for sentence in wanted.values():
            yield from _untranslated(path, catalogue, sentence)
    for message in catalogue:
        if message.id:
            yield from _unfit(f"{path}:{message.lineno}", message, wanted)
    for message in catalogue.obsolete.values():
        yield f"{path}:1: the obsolete entry {_quoted(message.id)} is still there; run `make messages`"


def _untranslated(path: str, catalogue: Catalog, sentence: Sentence) -> Iterator[str]:
    message = catalogue.get(_forms(sentence.id)[0])
    if message is None or message.id != sentence.id:
        yield f"{sentence.place}: {_quoted(sentence.id)} is not in {path}; `make messages`, then translate"
    elif not all(_forms(message.string)):
        yield f"{path}:{message.lineno}: {_quoted(sentence.id)} is not translated; write its msgstr"


def _unfit(place: str, message: Message, wanted: dict[MessageId, Sentence]) -> Iterator[str]:
    if message.id not in wanted:
        yield f"{place}: nothing in the code says {_quoted(message.id)}; run `make messages`"
    if message.fuzzy:
        yield f"{place}: {_quoted(message.id)} is fuzzy; correct it, then take the mark away"
    originals, forms = _forms(message.id), _forms(message.string)
    if len(forms) == 1:
        originals = originals[-1:]  # a language with one form says it for every number
    for original, form in zip(originals, forms, strict=False):
        yield from _misplaced(place, original, form)


def _misplaced(place: str, original: str, form: str) -> Iterator[str]:
    if not form:
        return
    try:
        needed, given = _places(original), _places(form)
    except ValueError as error:
        yield f"{place}: {_quoted(form)} has a stray brace ({error}); double a brace that is text"
        return
    if needed != given:
        yield (
            f"{place}: {_quoted(original)} has the places {_listed(needed)}, "
            f"its translation {_listed(given)}; use the same names"
        )


def _places(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def _listed(places: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(places)) or "(none)"


def _forms(text: Loose) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def _quoted(id_: Loose) -> str:
    return '"' + _forms(id_)[0].replace("\n", "\\n") + '"'


def main() -> int:
    """Prints what is wrong; 1 if anything is."""
    found = faults(Path.cwd())
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
