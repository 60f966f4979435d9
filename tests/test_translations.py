"""Every sentence in every language: the compiled catalogue is what the readable one says, and loses no name."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
#: Each module that speaks to people, with its catalogues beside it.
SOURCES = [ROOT / "social" / "notifications" / "sentences.py", ROOT / "backend" / "accounts" / "letters.py"]
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)[sd]")

every_catalogue = pytest.mark.parametrize(
    ("source", "language"),
    [(source, language) for source in SOURCES for language in LANGUAGES],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)


def catalogue(source: Path, language: str, kind: str) -> Path:
    """Where it lies."""
    return source.parent / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def readable(source: Path, language: str) -> dict[str | tuple[str, int], str]:
    """The catalogue as translators read it: (msgid, number of the plural form) or msgid → sentence."""
    found: dict[str | tuple[str, int], str] = {}
    message, is_plural = "", False
    for line in catalogue(source, language, "po").read_text().splitlines():
        name, _, text = line.partition(" ")
        if name == "msgid":
            message, is_plural = ast.literal_eval(text), False
        elif name == "msgid_plural":
            is_plural = True
        elif name.startswith("msgstr") and message:
            number = int(name[7]) if is_plural else None
            found[message if number is None else (message, number)] = ast.literal_eval(text)
    return found


def asked(source: Path) -> set[str]:
    """The sentences that the code says."""
    calls = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("gettext", "ngettext")
    }


def test_no_catalogue_is_left_out():
    found = {path.parents[2] for path in ROOT.glob("*/*/locale/*/LC_MESSAGES")}
    assert found == {source.parent for source in SOURCES}


@every_catalogue
def test_the_compiled_catalogue_is_the_readable_one(source: Path, language: str):
    with catalogue(source, language, "mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    compiled.pop("")
    assert compiled == readable(source, language)


@every_catalogue
def test_every_sentence_is_translated_and_keeps_its_places(source: Path, language: str):
    sentences = readable(source, language)
    assert {key if isinstance(key, str) else key[0] for key in sentences} == asked(source)
    for key, sentence in sentences.items():
        original = key if isinstance(key, str) else key[0]
        assert sentence and sentence != original
        assert sorted(PLACES.findall(sentence)) == sorted(PLACES.findall(original)), sentence
