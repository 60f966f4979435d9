"""The real documents, damaged at random places: imported or refused with a sentence, never a traceback, never half."""

import copy
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import event, given, settings
from hypothesis import strategies as st

from backend.boards.models import Task
from backend.projects.models import Project
from tests.backend.imports.goteo import LIST, LLEVAMEALHUERTO, file, imported, tables

HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**400, 1e308, float("nan"), float("-inf"), 5e-324]),
    st.text(max_size=30),
    st.text(st.characters(), max_size=200),
    st.sampled_from(
        [
            *(
                "",
                " ",
                "\0",
                "a\0b",
                "\ud800",
                "\udfff",
                "\u202e",
                "\ufeff",
                "e" + "\u0301" * 50,
                "👩‍🌾" * 80,
            ),
            *(
                "[" * 30_000,
                "*_" * 9_000,
                "> " * 400,
                "x" * 300_000,
                "<script>alert(1)</script>",
                "%s %(a)s {}",
            ),
            *(
                "Thu, 20 Sep 2012 00:00:00 +0200",
                "Mon, 01 Jan 0001 00:00:00 -2359",
                "funded",
                "draft",
                "goteo",
            ),
            *("admin", "a", "-", "..", "ana'; drop table core_event; --", "es", "es-ES", "xx-XX", "tlh"),
        ]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.none(), max_size=3),
    st.sampled_from([LLEVAMEALHUERTO, LIST, LLEVAMEALHUERTO["needs"], LLEVAMEALHUERTO["needs"][0]]),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [below for key in keys for below in places(value[key])]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    document = copy.deepcopy(draw(st.sampled_from([LLEVAMEALHUERTO, LIST])))
    for _ in range(draw(st.integers(1, 4))):
        # Half of the blows fall on what is read, which is a small part of the whole.
        read = [p for p in places(document) if p[1] in KEYS_READ]
        found = draw(st.sampled_from([read, places(document)])) or places(document)
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        match draw(st.sampled_from(["drop", "change", "change", "repeat", "swap"])):
            case "drop":
                del container[key]
            case "change":
                container[key] = copy.deepcopy(draw(HOSTILE))
            case "repeat" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case _ if isinstance(container, dict):
                container[draw(st.text(max_size=8))] = container.pop(key)
    return document


KEYS_READ = {
    *(
        "id",
        "name",
        "owner",
        "owner-name",
        "status",
        "description-short",
        "description",
        "lang",
        "node",
        "items",
    ),
    *(
        "date-created",
        "date-published",
        "region",
        "location",
        "categories",
        "needs",
        "user",
        "type",
        "project-url",
    ),
}


def counted(out: str) -> tuple[int, ...] | None:
    """New, changed and same, as the last line says; none when there was no project in it."""
    found = re.search(r": (\d+) new, (\d+) changed, (\d+) the same\.\n$", out)
    return tuple(map(int, found.groups())) if found else None


@pytest.mark.django_db
@settings(max_examples=100)
@given(document=damaged())
def test_a_damaged_document_is_imported_or_refused(document: Any):
    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), json.dumps(document).encode())
        before = tables()
        # Not atomic(): the import is durable, and asks to be the outermost.
        savepoint = transaction.savepoint()
        try:
            out = imported(path)
        except CommandError as refusal:
            event("refused")
            assert str(refusal).startswith("Nothing was imported.\n  answer.json: ")
            assert "Traceback" not in str(refusal)
            assert tables() == before
        else:
            event("imported")
            once = tables()
            assert len(once["Project"]) == Project.objects.exclude(source=None).count()
            assert not Task.objects.exclude(state="OPEN").exists()
            new, number = len(once["Project"]) - len(before["Project"]), len(once["Project"])
            counts = [(new, 0, 0), (0, 0, number)] if number else [None, None]
            assert [counted(out), counted(imported(path))] == counts
            assert tables() == once
        finally:
            transaction.savepoint_rollback(savepoint)


@pytest.mark.django_db
@settings(max_examples=50)
@given(raw=st.binary(max_size=200), cut=st.integers(0, 20_000), offset=st.integers(0, 20_000))
def test_a_damaged_file_is_refused(raw: bytes, cut: int, offset: int):
    whole = json.dumps(LLEVAMEALHUERTO).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), whole[: offset % len(whole)] + raw + whole[cut % len(whole) :])
        before = tables()
        savepoint = transaction.savepoint()
        try:
            imported(path)
        except CommandError as refusal:
            assert str(refusal).startswith("Nothing was imported.\n  answer.json: ")
            assert tables() == before
        finally:
            transaction.savepoint_rollback(savepoint)
