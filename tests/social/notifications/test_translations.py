"""Every sentence in every language: the compiled catalogue is what the readable one says, and loses no name."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

LOCALE = Path(__file__).resolve().parents[3] / "social" / "notifications" / "locale"
SOURCE = LOCALE.parent / "sentences.py"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)[sd]")


def readable(language: str) -> dict[str | tuple[str, int], str]:
    """The catalogue as translators read it: (msgid, number of the plural form) or msgid → sentence."""
    found: dict[str | tuple[str, int], str] = {}
    message, is_plural = "", False
    for line in (LOCALE / language / "LC_MESSAGES" / "django.po").read_text().splitlines():
        name, _, text = line.partition(" ")
        if name == "msgid":
            message, is_plural = ast.literal_eval(text), False
        elif name == "msgid_plural":
            is_plural = True
        elif name.startswith("msgstr") and message:
            number = int(name[7]) if is_plural else None
            found[message if number is None else (message, number)] = ast.literal_eval(text)
    return found


def asked() -> set[str]:
    """The sentences that the code says."""
    calls = [node for node in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(node, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("gettext", "ngettext")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_readable_one(language: str):
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    compiled.pop("")
    assert compiled == readable(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_keeps_its_places(language: str):
    sentences = readable(language)
    assert {key if isinstance(key, str) else key[0] for key in sentences} == asked()
    for key, sentence in sentences.items():
        original = key if isinstance(key, str) else key[0]
        assert sentence and sentence != original
        assert sorted(PLACES.findall(sentence)) == sorted(PLACES.findall(original)), sentence
