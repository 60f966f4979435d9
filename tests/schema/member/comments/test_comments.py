"""Saying something, changing it, taking it back."""

import json

import pytest

from backend.projects.models import ProjectStatus
from social.comments.models import Comment
from tests import cast as people
from tests.asking import ask, id_of, operations, post, problems, spelled, untouched
from tests.cast import Cast
from tests.schema.deeds import comment, update


def parts(said: Comment, **changes: object) -> dict:
    """What a client reads of a comment."""
    author = {"id": id_of(said.author), "handle": said.author.handle, "displayName": said.author.display_name}
    return {
        "id": id_of(said),
        "body": said.body,
        "bodyHtml": said.body_html,
        "createdAt": spelled(said.created_at),
        "editedAt": spelled(said.edited_at) if said.edited_at else None,
        "isDeleted": False,
        "depth": said.depth,
        "replyCount": said.reply_count,
        "author": author | {"avatar": None},
        "reactions": [],
    } | changes


@pytest.fixture(params=["project", "update", "task"])
def subject(request: pytest.FixtureRequest, cast: Cast):
    """Each kind of thing that can be commented on."""
    news = update(cast, published_at=cast.project.launched_at)
    return {"project": cast.project, "update": news, "task": cast.task}[request.param]


def test_anybody_may_say_something_about_what_they_see(cast: Cast, subject):
    payload = ask("AddComment", cast.cy, input={"subjectId": id_of(subject), "body": " And *when*? "})[
        "data"
    ]["addComment"]

    said = Comment.objects.get()
    shown = {"body": "And *when*?", "bodyHtml": "<p>And <em>when</em>?</p>", "depth": 0, "replyCount": 0}
    assert payload == {"comment": parts(said, **shown), "errors": []}
    subject.refresh_from_db()
    assert (said.author, subject.comment_count) == (cast.cy, 1)


def test_a_reply_stands_under_what_it_answers(cast: Cast, subject):
    first = ask("AddComment", cast.cy, input={"subjectId": id_of(subject), "body": "When?"})
    parent = first["data"]["addComment"]["comment"]["id"]

    answer = ask(
        "AddComment", cast.ana, input={"subjectId": id_of(subject), "body": "Now.", "parentId": parent}
    )

    said = Comment.objects.get(depth=1)
    assert answer["data"]["addComment"] == {"comment": parts(said), "errors": []}
    query = (
        "query($id: ID!) { node(id: $id) { ... on Comment { replyCount parent { id }"
        " replies { edges { node { id parent { id } subject { id commentCount } } } } } } }"
    )
    whole = {"id": id_of(subject), "commentCount": 2}
    reply = {"id": id_of(said), "parent": {"id": parent}, "subject": whole}
    assert ask(query, id=parent)["data"]["node"] == {
        "replyCount": 1,
        "parent": None,
        "replies": {"edges": [{"node": reply}]},
    }


def test_a_staircase_of_replies_ends_at_the_fifth_step(cast: Cast):
    id, depths = None, []
    for _ in range(9):
        given = {"subjectId": id_of(cast.task), "body": "And then?"} | ({"parentId": id} if id else {})
        said = ask("AddComment", cast.cy, input=given)["data"]["addComment"]["comment"]
        id = said["id"]
        depths.append(said["depth"])
    assert depths == [0, 1, 2, 3, 4, 5, 5, 5, 5]


def test_what_is_changed_says_so(cast: Cast):
    said = comment(cast)

    payload = ask("EditComment", cast.bo, input={"commentId": id_of(said), "body": "On **Monday**."})["data"]

    said.refresh_from_db()
    assert said.edited_at is not None
    shown = {"body": "On **Monday**.", "bodyHtml": "<p>On <strong>Monday</strong>.</p>"}
    assert payload["editComment"] == {"comment": parts(said, **shown), "errors": []}


def test_what_is_taken_back_leaves_an_empty_place(cast: Cast):
    id = ask("AddComment", cast.bo, input={"subjectId": id_of(cast.task), "body": "Secret."})["data"]
    said = Comment.objects.get()
    reply = {"subjectId": id_of(cast.task), "body": "What?", "parentId": id["addComment"]["comment"]["id"]}
    assert problems(ask("AddComment", cast.cy, input=reply)) == []

    gone = ask("DeleteComment", cast.bo, input={"commentId": id_of(said)})

    assert gone["data"]["deleteComment"] == {"comment": {"id": id_of(said), "isDeleted": True}, "errors": []}
    said.refresh_from_db()
    for viewer in (None, cast.cy, cast.bo, cast.sol):
        thread = ask("Thread", viewer, subjectId=id_of(cast.task), first=5)["data"]["node"]
        (edge,) = thread["comments"]["edges"]
        (under,) = edge["node"].pop("replies")["edges"]
        empty = {"body": "", "bodyHtml": "", "author": None, "isDeleted": True}
        assert edge["node"] == parts(said, **empty)
        assert under["node"]["body"] == "What?"
        assert thread["commentCount"] == 1
        assert "Secret" not in str(thread)


def test_a_thread_is_read_with_the_first_replies(cast: Cast):
    first, second = comment(cast), comment(cast, author=cast.cy, reply_count=4)
    replies = [comment(cast, parent=second, depth=1, author=cast.ana) for _ in range(4)]
    cast.project.comment_count = 6
    cast.project.save()

    answer = ask("Thread", None, subjectId=id_of(cast.project), first=5)

    def node(said: Comment, *under: Comment) -> dict:
        return {"node": parts(said) | {"replies": {"edges": [{"node": parts(each)} for each in under]}}}

    (found,) = answer["data"].values()
    assert found["comments"]["pageInfo"].pop("endCursor")
    assert found == {
        "id": id_of(cast.project),
        "commentCount": 6,
        "comments": {"pageInfo": {"hasNextPage": False}, "edges": [node(first), node(second, *replies[:3])]},
    }


def test_what_has_no_thread_has_none(cast: Cast):
    assert ask("Thread", subjectId=id_of(cast.ana), first=5) == {"data": {"node": {"id": id_of(cast.ana)}}}


@pytest.mark.parametrize("body", ["", " \n ", "a" * 10_001, "a\u202eb", "a\x07", "Z" + "\u0335" * 9])
def test_what_is_no_comment(cast: Cast, body: str):
    said = comment(cast)
    for answer in (
        lambda: ask("AddComment", cast.cy, input={"subjectId": id_of(cast.task), "body": body}),
        lambda: ask("EditComment", cast.bo, input={"commentId": id_of(said), "body": body}),
    ):
        with untouched():
            assert problems(answer()) == [("VALIDATION", "body")]


def test_ten_thousand_characters_are_a_comment(cast: Cast):
    """In any script, as long as the client does not write four bytes as twelve."""
    for body in ("e" * 10_000, "é" * 10_000, "農" * 10_000, "🐝" * 10_000):
        given = {"input": {"subjectId": id_of(cast.task), "body": body}}
        asked = json.dumps({"query": operations()["AddComment"], "variables": given}, ensure_ascii=False)
        answer = post(asked.encode(), cast.cy)
        assert problems(json.loads(answer.content)) == []


def test_what_is_written_is_kept_as_it_is_and_shown_inert(cast: Cast):
    body = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://x.org/y.png)"
    answer = ask("AddComment", cast.cy, input={"subjectId": id_of(cast.task), "body": body})
    said = answer["data"]["addComment"]["comment"]
    assert said["body"] == body
    for tag in ("<script", "<img", 'href="javascript'):
        assert tag not in said["bodyHtml"]


def test_nobody_replies_to_what_is_not_there(cast: Cast):
    gone = comment(cast, body="", body_html="", deleted_at=cast.project.launched_at)
    elsewhere = comment(cast, task=cast.task)
    hidden = comment(cast, project=people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT))
    for parent in (gone, elsewhere, hidden):
        with untouched():
            answer = ask(
                "AddComment",
                cast.cy,
                input={"subjectId": id_of(cast.project), "body": "And?", "parentId": id_of(parent)},
            )
        assert problems(answer) == [("NOT_FOUND", "parentId")]


def test_a_comment_is_its_authors(cast: Cast):
    """Not the project owner's, nor staff's; and nobody's, once it is gone."""
    said = comment(cast, author=cast.cy)
    gone = comment(cast, author=cast.ana, body="", body_html="", deleted_at=cast.project.launched_at)
    for viewer in (cast.ana, cast.bo, cast.sol):
        for each in (said, gone):
            with untouched():
                edited = ask("EditComment", viewer, input={"commentId": id_of(each), "body": "Mine."})
                deleted = ask("DeleteComment", viewer, input={"commentId": id_of(each)})
            assert problems(edited) == problems(deleted) == [("NOT_FOUND", None)]


def test_who_cannot_see_a_thing_sees_nothing_that_is_said_of_it(cast: Cast):
    draft = people.project(cast.ana, "Seeds", status=ProjectStatus.DRAFT)
    said = comment(cast, project=draft, author=cast.ana)
    query = "query($id: ID!) { node(id: $id) { ... on Comment { body } } }"

    for viewer in (cast.ana, cast.sol):
        assert ask(query, viewer, id=id_of(said))["data"] == {"node": {"body": "Yes."}}
    for viewer in (None, cast.bo, cast.cy):
        assert ask(query, viewer, id=id_of(said))["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        if viewer:
            given = {"subjectId": id_of(draft), "body": "Hm."}
            assert problems(ask("AddComment", viewer, input=given)) == [("NOT_FOUND", None)]
