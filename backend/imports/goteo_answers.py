"""Files of answers of Goteo's public API v1: read, recognised, and checked whole before anything is written."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.imports.goteo_documents import Document, at, read_document, shown, unstorable

#: One answer holds at most 50 entries; the largest project known fills a hundredth of this.
MOST_BYTES = 16 * 1024 * 1024
MOST_PROBLEMS = 20

PROJECTS = "projects"
#: Answers of the API that are about something else: keys that all their entries have, the tellingest first.
_OTHER_KINDS = {
    "calls": {"call-url"},
    "matchers": {"matcher-url"},
    "users": {"profile-url"},
    "contributions": {"conversion-ratio"},
    "licences": {"svg-url", "total-rewards"},
    "sustainable development goals": {"footprints", "social_commitments"},
    "footprints": {"sdgs", "social_commitments"},
    "social commitments": {"sdgs", "total-projects"},
    "categories": {"total-projects", "total-users"},
    "reports": {"meta", "time-elapsed"},
}
_REQUIRED = {"id", "name", "owner", "status"}


class Refused(Exception):
    """Files that are not imported, in whole: one sentence a reason, each with the file and the path in it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass
class Answer:
    """What a file holds: projects, or something that has no place here yet, or problems."""

    name: str
    kind: str = ""
    documents: list[Document] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class _Broken(ValueError):
    """A file that is not even JSON; its text is the reason."""


def read_answers(path: Path) -> Iterator[Answer]:
    """Every answer in a file, or in the .json files of a folder by their names. Raises `Refused` for a bad path."""
    for each in _files(path):
        answer = Answer(_name(each))
        try:
            _read_into(answer, _parsed(each))
        except _Broken as reason:
            answer.problems.append(str(reason))
        yield answer


def chosen(answers: Iterable[Answer]) -> list[Document]:
    """One document for each project, the fullest there is. Raises `Refused` with every problem of every answer."""
    problems: list[str] = []
    by_id: dict[str, Document] = {}
    for answer in answers:
        problems += [f"{answer.name}: {problem}" for problem in answer.problems]
        for document in answer.documents:
            known = by_id.setdefault(document.facts.id, document)
            if known.is_full != document.is_full:
                by_id[document.facts.id] = max(known, document, key=lambda each: each.is_full)
            elif not known.says_the_same(document):
                # Which of them is the newer cannot be told: the API dates its answers nowhere.
                problems.append(
                    f"{document.where}: says something else about {document.facts.id} than {known.where}"
                )
    problems += _needs_of_two(by_id.values())
    if problems:
        raise Refused(problems)
    return list(by_id.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        files = sorted(each for each in path.iterdir() if each.suffix == ".json")
    except OSError as error:
        raise Refused([f"{_name(path)}: cannot be read ({error.strerror})"]) from None
    if not files:
        raise Refused([f"{_name(path)}: holds no file that ends in .json"])
    return files


def _parsed(path: Path) -> Any:
    try:
        if not path.is_file():
            raise _Broken("is not a file" if path.exists() else "there is no such file")
        if path.stat().st_size > MOST_BYTES:
            raise _Broken(f"is larger than {MOST_BYTES // 1024**2} MB: no answer of the API is")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _Broken(f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise _Broken(f"is not text in UTF-8 (byte {error.start})") from None
    if not text.strip():
        raise _Broken("is empty")
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _Broken(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _Broken("is nested deeper than any answer of the API") from None
    except _Broken:
        raise
    except ValueError:  # A number of thousands of digits; Python reads none.
        raise _Broken("holds a number that is too long to read") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        # One of the two would be lost without a word.
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise _Broken(f"gives the key {shown(twice)} twice in one object")
    return made


def _read_into(answer: Answer, parsed: Any) -> None:
    if not isinstance(parsed, dict):
        raise _Broken("is not an answer of Goteo's API: those are objects")
    if {"error", "message"} <= parsed.keys() and "id" not in parsed:
        raise _Broken(f"is an error that the API answered: {shown(parsed['message'])}")
    answer.problems += unstorable(parsed)
    entries = parsed.get("items", [parsed])
    if not isinstance(entries, list):
        raise _Broken("items: is not a list")
    kinds = [kind for entry in entries if isinstance(entry, dict) and (kind := _kind_of(entry))]
    if not kinds and entries:
        raise _Broken("is no answer of Goteo's API that is known here")
    # What the first entry that can be recognised is, all of them must be.
    answer.kind = kinds[0] if kinds else "an empty list"
    if answer.kind == PROJECTS and not answer.problems:
        for index, entry in enumerate(entries):
            place = f"items[{index}]" if "items" in parsed else ""
            document, problems = read_document(entry, file=answer.name, place=place)
            answer.documents += [document] if document else []
            answer.problems += problems


def _kind_of(entry: dict[str, Any]) -> str | None:
    if "project-url" in entry:
        return PROJECTS
    for kind, keys in _OTHER_KINDS.items():
        if keys <= entry.keys():
            return kind
    # A project that lacks one thing is a broken project, of which the thing is named, and not a foreign file.
    return PROJECTS if len(_REQUIRED & entry.keys()) >= len(_REQUIRED) - 1 else None


def _needs_of_two(documents: Iterable[Document]) -> Iterator[str]:
    whose: dict[int, Document] = {}
    for document in documents:
        for index, need in enumerate(document.facts.needs or []):
            if (other := whose.setdefault(need.id, document)) is not document:
                path = at(
                    document.place, f"needs[{index}].id", f"{need.id} is a need of {other.facts.id} too"
                )
                yield f"{document.file}: {path}"


def _name(path: Path) -> str:
    return shown(path.name or str(path))[1:-1]
