"""The bad-input catalogue, texts and links: rows 56, 57, 60, 61 and 62, as a client meets them."""

import json
import logging
import re
import time

import pytest

from schema.ids import from_global_id
from social.comments.actions import delete_comment
from social.comments.models import DEEPEST
from tests.asking import ask, id_of, problems, untouched
from tests.cast import Cast, project

SAYS = """mutation($input: AddCommentInput!) {
  addComment(input: $input) { comment { id body bodyHtml depth } errors { code field } }
}"""


def say(cast: Cast, body: str, parent: str | None = None, subject: str | None = None) -> dict:
    """What a comment of Cy's is answered."""
    given = {"subjectId": subject or id_of(cast.project), "body": body} | (
        {"parentId": parent} if parent else {}
    )
    return ask(SAYS, cast.cy, input=given)


@pytest.mark.parametrize(
    "body",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml,<svg onload=alert(1)>)",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<script>alert(1)</script>",
        '<a href="vbscript:x" onclick="y">z</a>',
    ],
)
def test_row_56_is_stored_as_it_was_said_and_shown_inert(cast: Cast, body: str):
    comment = say(cast, body)["data"]["addComment"]["comment"]
    assert comment["body"] == body
    html = comment["bodyHtml"]
    assert not re.search(r"<(script|img|svg|style|iframe)|<[^>]+\son\w+=", html, re.IGNORECASE), html
    # Of what is left of tags: what is escaped is words.
    tags = " ".join(re.findall(r"<[^>]*>", html))
    assert not re.search(r"(javascript|data|vbscript)\s*:", tags, re.IGNORECASE), html


@pytest.mark.parametrize(
    "body", ["[" * 10_000, "**" * 5_000, "> " * 5_000, "|a|b|\n|-|-|\n" + "|x|y|\n" * 1_600]
)
def test_row_57_pathological_markdown_is_bounded(cast: Cast, body: str):
    begin = time.process_time()
    answer = say(cast, body)
    assert time.process_time() - begin < 1
    assert problems(answer) == []


@pytest.mark.parametrize("body", ["[" * 50_000, "|x" * 25_000, "x" * 10_001])
def test_row_57_what_is_too_long_is_refused(cast: Cast, body: str):
    with untouched():
        assert problems(say(cast, body)) == [("VALIDATION", "body")]


def test_row_60_nothing_is_said_under_what_is_private_or_gone(cast: Cast):
    private = id_of(project(cast.ana, "Draft", status="DRAFT"))
    with untouched():
        assert problems(say(cast, "x", subject=private))[0][0] == "NOT_FOUND"
    parent = say(cast, "One")["data"]["addComment"]["comment"]["id"]
    delete_comment(comment_id=from_global_id(parent, "Comment")[1], by=cast.cy)
    with untouched():
        assert problems(say(cast, "Two", parent)) == [("NOT_FOUND", "parentId")]


def test_row_60_a_thousand_replies_to_one_another_are_five_deep(cast: Cast):
    parent, depths = None, []
    for _ in range(30):
        comment = say(cast, "And so on", parent)["data"]["addComment"]["comment"]
        parent = comment["id"]
        depths.append(comment["depth"])
    assert depths == [*range(DEEPEST), *[DEEPEST] * (30 - DEEPEST)] and DEEPEST == 5


def test_row_61_a_log_has_the_lines_that_we_write(cast: Cast, caplog, monkeypatch):
    """The other half, cells of a spreadsheet, is the export's."""
    hostile = "x\r\n[ERROR] all is lost\x1b[31m"

    def fails(*_: object) -> None:
        raise RuntimeError(hostile)

    monkeypatch.setattr("schema.questions.prepare", fails)
    with caplog.at_level(logging.INFO):
        ask(f"{{ viewer {{ email }} }} # {json.dumps(hostile)}")
    (record,) = [each for each in caplog.records if each.name == "acequia.graphql"]
    assert "\r" not in record.getMessage() and "lost" not in record.getMessage()


def test_row_62_an_edit_of_what_has_changed_says_which_version_it_has(cast: Cast):
    """The catalogue says CONFLICT; the contract that clients are written against says STALE."""
    edit = "mutation($input: EditTaskInput!) { editTask(input: $input) { task { version } errors { code message } } }"
    given = {"taskId": id_of(cast.task), "expectedVersion": 1}
    done = ask(edit, cast.ana, input=given | {"title": "First"})["data"]["editTask"]
    assert done == {"task": {"version": 2}, "errors": []}
    with untouched():
        late = ask(edit, cast.bo, input=given | {"title": "Second"})["data"]["editTask"]
    assert late["task"] is None
    assert late["errors"] == [
        {"code": "STALE", "message": "This task has changed since you read it: it is at version 2 now."}
    ]
