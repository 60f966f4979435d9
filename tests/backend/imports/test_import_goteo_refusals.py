import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import IntegrityError, OperationalError

from backend.boards.models import Board, Task
from backend.imports.goteo_answers import Refused
from tests.backend.imports.goteo import DATA, LLEVAMEALHUERTO, entry, file, imported, listed, project, tables
from tests.cast import Cast

pytestmark = pytest.mark.django_db

NESTED = b'{"project-url": ' + b"[" * 100_000
DEEP: Any = "soil"
for _ in range(60):
    DEEP = {"under": DEEP}


def refused(path: Path) -> list[str]:
    """The reasons of a refusal, which must have changed nothing."""
    before = tables()
    with pytest.raises(CommandError) as error:
        imported(path)
    first, *reasons = str(error.value).split("\n  ")
    assert first == "Nothing was imported."
    assert tables() == before
    return reasons


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe{\0}\0", "is not text in UTF-8 (byte 0)"),
        (bytes(range(256)), "is not text in UTF-8 (byte 128)"),
        (b"<html>502 Bad Gateway</html>", "is not JSON: line 1, column 1: Expecting value"),
        (
            json.dumps(LLEVAMEALHUERTO, indent=1).encode()[:500],
            "is not JSON: line 2, column 11: Unterminated string starting at",
        ),
        (b"{'id': 1}", "is not JSON: line 1, column 2: Expecting property name enclosed in double quotes"),
        (NESTED, "is nested deeper than any answer of the API"),
        (b'{"amount": ' + b"9" * 5000 + b"}", "holds a number that is too long to read"),
        (b'{"id": "a", "id": "b"}', 'gives the key "id" twice in one object'),
        (b"[]", "is not an answer of Goteo's API: those are objects"),
        (b"null", "is not an answer of Goteo's API: those are objects"),
        (b"{}", "is no answer of Goteo's API that is known here"),
        (b'{"name": "acequia", "version": 1}', "is no answer of Goteo's API that is known here"),
        (b'{"items": [1, {"a": 2}]}', "is no answer of Goteo's API that is known here"),
        (b'{"items": {"id": 1}}', "items: is not a list"),
        (
            b'{"error": 404, "message": "Project not found"}',
            'is an error that the API answered: "Project not found"',
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_file_that_is_no_answer_is_refused(tmp_path: Path, content: bytes, reason: str):
    assert refused(file(tmp_path, content)) == [f"answer.json: {reason}"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"id": ...}, "id: is missing"),
        ({"name": ...}, "name: is missing"),
        ({"owner": ...}, "owner: is missing"),
        ({"status": ...}, "status: is missing"),
        ({"id": None}, "id: null is not a text"),
        ({"id": 7}, "id: 7 is not a text"),
        ({"id": ""}, 'id: "" is not an id that Goteo could have given'),
        ({"id": "two words"}, 'id: "two words" is not an id that Goteo could have given'),
        ({"id": "x" * 51}, f'id: "{"x" * 51}" is longer than the 50 characters of an id'),
        ({"name": " "}, 'name: " " is empty'),
        ({"name": ["a"]}, "name: a list is not a text"),
        ({"owner": {"id": "julieta"}}, "owner: an object is not a text"),
        ({"owner": True}, "owner: true is not a text"),
        ({"status": "exploded"}, 'status: "exploded" is not a status that Goteo has'),
        ({"status": 4}, "status: 4 is not a text"),
        (
            {"status": "funded", "date_published": None},
            "date-published: is missing, but a project that is funded was published once",
        ),
        ({"date_created": 1342000000}, "date-created: 1342000000 is not a date"),
        ({"lang": "Castellano"}, 'lang: "Castellano" is not the tag of a language, as es or ca'),
        ({"node": "../etc"}, 'node: "../etc" is not an id that Goteo could have given'),
        ({"description_short": 5}, "description-short: 5 is not a text"),
        ({"categories": {}}, "categories: an object is not a list"),
        ({"categories": [{"id": "13"}]}, 'categories[0].id: "13" is not a whole number'),
        ({"categories": ["Cultural"]}, 'categories[0]: "Cultural" is not an object'),
        ({"location": "Bilbao"}, 'location: "Bilbao" is not a list'),
        ({"location": [{"city": 1}]}, "location[0].city: 1 is not a text"),
        ({"user": "julieta"}, 'user: "julieta" is not an object'),
        ({"needs": {"1129": {}}}, "needs: an object is not a list"),
        ({"needs": [{"name": "Subtítulos"}]}, "needs[0].id: is missing"),
        ({"needs": [{"id": True, "name": "x"}]}, "needs[0].id: true is not a whole number"),
        (
            {"needs": [{"id": 2**63, "name": "x"}]},
            "needs[0].id: 9223372036854775808 is not an id that Goteo could have given",
        ),
        ({"needs": [{"id": 1}]}, "needs[0].name: says nothing, nor does its description"),
        (
            {"needs": [{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]},
            "needs[1].id: 1 is given to two needs",
        ),
        ({"about": "a\0b"}, 'about: "a\\x00b" holds a NUL character, which PostgreSQL cannot store'),
        ({"about": {"\0": 1}}, 'about: the key "\\x00" holds a NUL character, which PostgreSQL cannot store'),
        ({"about": "\ud83c"}, 'about: "\\ud83c" holds half a character (a lone surrogate)'),
        ({"amount": float("nan")}, "amount: is a number that JSON does not have"),
        (
            {"rewards": [{"amount": float("inf")}]},
            "rewards[0].amount: is a number that JSON does not have",
        ),
        ({"about": DEEP}, f"about{'.under' * 9}.…: lies deeper than 50 levels"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_broken_project_is_refused_with_the_path_and_the_reason(
    tmp_path: Path, broken: dict[str, Any], reason: str
):
    assert refused(file(tmp_path, project(**broken))) == [f"answer.json: {reason}"]


@pytest.mark.parametrize(
    "date",
    [
        "2012-09-20",
        "Thu, 31 Feb 2012 00:00:00 +0200",
        "Thu, 20 Sep 12 00:00:00 +0200",
        "Thu, 20 Sep 2012 00:00:00",
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Mon, 01 Jan 0001 00:00:00 +0100",
        "0000-00-00",
        "",
    ],
)
def test_a_date_is_taken_in_the_form_of_the_api_only(tmp_path: Path, date: str):
    assert refused(file(tmp_path, project(date_published=date))) == [
        f'answer.json: date-published: "{date}" is not a date like "Thu, 20 Sep 2012 00:00:00 +0200"'
    ]


def test_one_broken_entry_refuses_the_whole_list(tmp_path: Path):
    entries = [entry(id=f"p-{number}") for number in range(5)]
    entries[3]["status"] = "exploded"
    entries[4] = "p-4"

    assert refused(file(tmp_path, listed(*entries), "projects.json")) == [
        'projects.json: items[3].status: "exploded" is not a status that Goteo has',
        'projects.json: items[4]: "p-4" is not an object',
    ]


def test_one_broken_file_refuses_the_whole_folder(tmp_path: Path):
    file(tmp_path, LLEVAMEALHUERTO, "a.json")
    file(tmp_path, b"{", "b.json")
    file(tmp_path, {"swagger": "2.0"}, "c.json")
    (tmp_path / "d.json").mkdir()
    (tmp_path / "e.json").symlink_to(tmp_path / "nowhere")

    assert refused(tmp_path) == [
        "b.json: is not JSON: line 1, column 2: Expecting property name enclosed in double quotes",
        "c.json: is no answer of Goteo's API that is known here",
        "d.json: is not a file",
        "e.json: there is no such file",
    ]


def test_twenty_problems_are_listed_and_the_others_counted(tmp_path: Path):
    reasons = refused(file(tmp_path, listed(*(entry(status=n, name=n) for n in range(15)))))

    assert (len(reasons), reasons[0]) == (21, "answer.json: items[0].name: 0 is not a text")
    assert reasons[-1] == "… and 10 more"


def test_two_documents_of_one_project_that_disagree_are_refused(tmp_path: Path):
    file(tmp_path, project(), "a.json")
    file(tmp_path, project(status="fulfilled"), "b.json")
    file(tmp_path, listed(entry(), entry(name="Nodo")), "c.json")

    assert refused(tmp_path) == [
        "b.json: says something else about llevamealhuerto than a.json",
        "c.json: items[1]: says something else about nodo-movil than c.json: items[0]",
    ]


def test_a_need_of_two_projects_is_refused(tmp_path: Path, cast: Cast):
    file(tmp_path, project(), "a.json")
    file(tmp_path, project(id="other"), "b.json")

    assert refused(tmp_path) == [
        f"b.json: needs[{index}].id: {id} is a need of llevamealhuerto too"
        for index, id in enumerate((1129, 1130, 1132))
    ]

    imported(tmp_path / "a.json")
    assert refused(tmp_path / "b.json") == [
        "b.json: one of its needs is a task of another project here already"
    ]
    assert (Board.objects.count(), Task.objects.count()) == (2, 4)


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()

    assert refused(tmp_path / "nowhere.json") == ["nowhere.json: there is no such file"]
    assert refused(tmp_path / "empty") == ["empty: holds no file that ends in .json"]
    assert refused(Path("/dev/zero")) == ["zero: is not a file"]


def test_a_file_of_two_gigabytes_is_not_read(tmp_path: Path):
    path = tmp_path / "huge.json"
    with path.open("wb") as huge:
        huge.truncate(2 * 1024**3)

    assert refused(path) == ["huge.json: is larger than 16 MB: no answer of the API is"]


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # By mode bits it cannot be shown to root, who runs these tests too.
    path = file(tmp_path, LLEVAMEALHUERTO)
    monkeypatch.setattr(Path, "read_bytes", _raise(PermissionError(13, "Permission denied")))

    assert refused(path) == ["answer.json: cannot be read (Permission denied)"]


def test_what_a_file_or_a_value_is_called_cannot_act_on_a_terminal(tmp_path: Path):
    path = file(tmp_path, project(status="\x1b[2J\u202e\x9b"), "a\x1b[1m.json")

    assert refused(path) == ['a\\x1b[1m.json: status: "\\x1b[2J\\u202e\\x9b" is not a status that Goteo has']


@pytest.mark.parametrize(
    "failure",
    [Refused(["out of the blue"]), IntegrityError("out of the blue"), OperationalError("out of the blue")],
)
def test_a_failure_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch, failure: Exception):
    before = tables()
    # The first project, its owner and its community are written by then.
    monkeypatch.setattr("backend.imports.goteo.import_needs", _raise(failure))

    with pytest.raises(CommandError, match=r"Nothing was imported[\s\S]*out of the blue"):
        imported(DATA)

    assert tables() == before


def _raise(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_on_a_command_line_a_refusal_is_one_on_stderr_and_no_traceback(tmp_path: Path):
    path = file(tmp_path, project(status="exploded"), "projécts\udcff.json")
    root = Path(__file__).parents[3]

    run = subprocess.run(
        [sys.executable, "manage.py", "import_goteo", str(path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )

    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert '.json: status: "exploded" is not a status that Goteo has' in run.stderr
