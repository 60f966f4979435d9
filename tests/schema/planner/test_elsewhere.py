"""Who is present: rows whose keys PostgreSQL does not know, in one statement more for each row that has some."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings

from backend.accounts.models import User
from backend.boards.models import Board
from backend.projects.models import Membership, ProjectStatus, Role
from schema.planner import elsewhere
from schema.subscriptions import PresentNow, presence_stream
from social.follows.models import Follow
from tests.asking import ask, id_of, statements
from tests.cast import Cast, person, project
from tests.schema.telling import asker_of, happened, on, on_task, telling_of, told

#: Who is where, by the name of the presence.
_here: dict[str, list[int]] = {}


def here(stream: str) -> list[int]:
    """What Redis would know."""
    return _here.get(stream, [])


@pytest.fixture(autouse=True)
def somebody_knows() -> Iterator[None]:
    """Nobody is anywhere until a test says so."""
    _here.clear()
    with override_settings(PRESENCE=f"{__name__}.here"):
        yield


def put(board: Board, *people: User) -> None:
    """They look at it."""
    _here[presence_stream(Board, board.pk)] = [each.pk for each in people]


def present(cast: Cast, selection: str, viewer: User | None = None, **variables: Any) -> Any:
    """What is answered of those who look at the cast's board."""
    head = "$id: ID!, $after: String" if variables else "$id: ID!"
    answer = ask(
        f"query({head}) {{ board(id: $id) {{ present {{ {selection} }} }} }}",
        viewer,
        id=id_of(cast.board),
        **variables,
    )
    assert "errors" not in answer, answer
    return answer["data"]["board"]["present"]


def crowd(count: int) -> list[User]:
    """So many people, none of them at the place of their name."""
    return [person(f"p{(number * 37) % count:03}") for number in range(count)]


def test_they_come_by_their_names_and_not_as_they_came(cast: Cast):
    put(cast.board, cast.sol, cast.ana, cast.cy)
    assert present(cast, "handle") == [{"handle": "ana"}, {"handle": "cy"}, {"handle": "sol"}]


def test_of_more_than_a_hundred_the_first_hundred_are_told(cast: Cast):
    put(cast.board, *crowd(103))

    assert elsewhere.MOST == 100
    assert [each["handle"] for each in present(cast, "handle")] == [f"p{number:03}" for number in range(100)]


def test_a_key_of_nobody_and_whoever_has_left_are_not_told(cast: Cast):
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)
    put(cast.board, cast.ana, cast.bo, User(pk=10**12))
    assert present(cast, "handle") == [{"handle": "ana"}]


def test_nobody_present_costs_no_statement_and_somebody_one(cast: Cast):
    with statements() as with_nobody:
        assert present(cast, "handle") == []
    put(cast.board, cast.ana)
    with statements() as with_somebody:
        assert present(cast, "handle") == [{"handle": "ana"}]

    assert (len(with_nobody), len(with_somebody)) == (1, 2)


def test_each_viewer_sees_them_with_their_own_eyes(cast: Cast):
    Follow.objects.create(follower=cast.bo, user=cast.ana)
    Follow.objects.create(follower=cast.ana, user=cast.cy)
    put(cast.board, cast.ana)

    seen = [
        present(cast, "viewerIsFollowing followsViewer", viewer)[0] for viewer in (None, cast.bo, cast.cy)
    ]
    assert [(each["viewerIsFollowing"], each["followsViewer"]) for each in seen] == [
        (False, False),
        (True, False),
        (False, True),
    ]


def test_they_stand_in_lists_and_within_one_another(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """Each row has its own, and the steps that are left within them are taken after them."""
    # So many within so many are more rows than anybody may ask for.
    monkeypatch.setattr(elsewhere, "MOST", 5)
    second = Board.objects.create(project=cast.project, title="Autumn")
    put(cast.board, cast.bo, cast.ana)
    put(second, cast.cy)
    of_boards = "boards { title present { handle } }"
    boards = [
        {"title": "Spring", "present": [{"handle": "ana"}, {"handle": "bo"}]},
        {"title": "Autumn", "present": [{"handle": "cy"}]},
    ]

    answer = ask(
        f"query($slug: String!) {{ project(slug: $slug) {{ {of_boards} }} }}", slug=cast.project.slug
    )
    assert answer["data"]["project"]["boards"] == boards
    with statements() as ran:
        assert present(cast, f"projects {{ edges {{ node {{ {of_boards} }} }} }}") == [
            {"projects": {"edges": [{"node": {"boards": boards}}]}},
            {"projects": {"edges": []}},
        ]
    # The board, who is there, and who is at each of the two boards of the one that has some.
    assert len(ran) == 4


def test_two_names_of_the_same_are_two(cast: Cast):
    put(cast.board, cast.ana)
    answer = ask(
        "query($id: ID!) { board(id: $id) { a: present { handle } b: present { id } } }", id=id_of(cast.board)
    )
    assert answer["data"]["board"] == {"a": [{"handle": "ana"}], "b": [{"id": id_of(cast.ana)}]}


def test_a_cursor_of_another_row_is_refused_within_them(cast: Cast):
    """That it is of another is known when they are read, and that it was not is no answer."""
    Follow.objects.create(follower=cast.bo, user=cast.ana)
    put(cast.board, cast.ana)
    page = "followers(first: 1, after: $after) { totalCount pageInfo { endCursor } }"
    (ana,) = present(cast, page, after=None)
    cursor = ana["followers"]["pageInfo"]["endCursor"]
    assert present(cast, page, after=cursor)[0]["followers"]["totalCount"] == 1

    put(cast.board, cast.ana, cast.cy)
    answer = ask(
        f"query($id: ID!, $after: String) {{ board(id: $id) {{ present {{ {page} }} }} }}",
        id=id_of(cast.board),
        after=cursor,
    )
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_CURSOR"]
    assert answer["data"] == {"board": None}


SEEN = "board { present { handle viewerIsFollowing projects { edges { node { title } } } } }"


def test_many_who_are_told_an_event_see_them_each_with_their_own_eyes(cast: Cast):
    secret = project(cast.cy, "Plan", status=ProjectStatus.DRAFT)
    Membership.objects.create(project=secret, user=cast.bo, role=Role.EDITOR)
    Follow.objects.create(follower=cast.ana, user=cast.cy)
    put(cast.board, cast.cy)
    askers = [asker_of(each) for each in (cast.ana, cast.bo, cast.ana, cast.sol, None)]
    telling, event = telling_of(on_task(SEEN), **on(cast.task)), happened(cast.task)

    seen = [
        (each["viewerIsFollowing"], [edge["node"]["title"] for edge in each["projects"]["edges"]])
        for answer in told(telling, event, askers)
        for each in answer["boardEvents"]["task"]["board"]["present"]
    ]
    assert seen == [(True, []), (False, ["Plan"]), (True, []), (False, ["Plan"]), (False, [])]


def test_handed_keys_are_told_as_those_from_elsewhere(cast: Cast):
    """By name, a hundred, none who has left; and in the one statement of the event."""
    people = [*crowd(101), cast.ana, cast.bo]
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)
    now = PresentNow(presence_stream(Board, cast.board.pk), [each.pk for each in people])
    telling = telling_of("BoardPresence", boardId=id_of(cast.board))
    askers = [asker_of(cast.cy), None, asker_of(cast.sol)]
    with statements() as ran:
        answers = told(telling, now, askers)

    handles = [each["handle"] for each in answers[0]["boardPresence"]["present"]]
    assert handles == ["ana", *(f"p{number:03}" for number in range(99))]
    assert answers == [answers[0]] * 3
    assert len(ran) == 1


@pytest.mark.parametrize("people", [[], [10**12]], ids=["nobody", "a key of nobody"])
def test_handed_keys_of_nobody_are_an_empty_list(cast: Cast, people: list[int]):
    now = PresentNow(presence_stream(Board, cast.board.pk), people)
    telling = telling_of("BoardPresence", boardId=id_of(cast.board))
    assert told(telling, now, [None]) == [{"boardPresence": {"present": []}}]


def test_handed_keys_are_seen_by_each_with_their_own_eyes(cast: Cast):
    Follow.objects.create(follower=cast.ana, user=cast.cy)
    now = PresentNow(presence_stream(Board, cast.board.pk), [cast.cy.pk])
    document = "subscription($id: ID!) { boardPresence(boardId: $id) { present { viewerIsFollowing } } }"
    askers = [asker_of(each) for each in (cast.ana, cast.bo, None)]
    answers = told(telling_of(document, id=id_of(cast.board)), now, askers)

    following = [answer["boardPresence"]["present"][0]["viewerIsFollowing"] for answer in answers]
    assert following == [True, False, False]
