"""What is asked for twice in one document, in two ways, is answered in two ways; what is written is read again."""

import pytest

from backend.boards.models import Board
from backend.projects.models import Category, ProjectStatus
from social.notifications.models import Notification
from tests import cast as people
from tests.asking import ask, id_of
from tests.cast import Cast
from tests.schema.walks import WALKS


def names(page: dict) -> list[str]:
    """The titles that a list shows."""
    return [edge["node"]["title"] for edge in page["edges"]]


@pytest.fixture
def projects(cast: Cast) -> None:
    """Three more, which filters and orders tell apart."""
    for followers, category in enumerate(Category.values[:3], start=1):
        people.project(
            cast.bo, category.title(), category=category, follower_count=followers, tags=["a", "b"]
        )


def test_lists_that_differ_by_their_filter_do_not_mix(cast: Cast, projects: None):
    page = "{ totalCount edges { node { title } } }"
    data = ask(
        f"""query($ecological: ProjectFilter) {{
          all: projects {page}
          social: projects(filter: {{category: SOCIAL}}) {page}
          cultural: projects(filter: {{category: CULTURAL}}) {page}
          tagged: projects(filter: {{tag: "A"}}) {page}
          ofAna: projects(filter: {{owner: "ana"}}) {page}
          given: projects(filter: $ecological) {page}
          none: projects(filter: {{category: SOCIAL, owner: "ana"}}) {page}
          open: projects(filter: {{}}) {page}
        }}""",
        ecological={"category": "ECOLOGICAL"},
    )["data"]

    newest = ["Scientific", "Cultural", "Social", "Huerta del río"]
    assert {alias: names(found) for alias, found in data.items()} == {
        "all": newest,
        "social": ["Social"],
        "cultural": ["Cultural"],
        "tagged": newest[:3],
        "ofAna": newest[3:],
        "given": newest[3:],
        "none": [],
        "open": newest,
    }
    assert [found["totalCount"] for found in data.values()] == [4, 1, 1, 3, 1, 1, 0, 4]


def test_lists_that_differ_by_order_size_or_place_do_not_mix(cast: Cast, projects: None):
    first = ask("{ projects(first: 2) { pageInfo { endCursor } } }")["data"]["projects"]
    data = ask(
        """query($after: String) {
          two: projects(first: 2) { edges { node { title } } }
          three: projects(first: 3) { edges { node { title } } }
          rest: projects(first: 2, after: $after) { edges { node { title } } }
          loved: projects(first: 2, order: MOST_FOLLOWED) { edges { node { title } } }
        }""",
        after=first["pageInfo"]["endCursor"],
    )["data"]

    assert {alias: names(found) for alias, found in data.items()} == {
        "two": ["Scientific", "Cultural"],
        "three": ["Scientific", "Cultural", "Social"],
        "rest": ["Social", "Huerta del río"],
        "loved": ["Scientific", "Cultural"],
    }


def test_lists_under_several_parents_do_not_mix(cast: Cast):
    other = Board.objects.create(project=cast.project, title="Autumn")
    for board in (cast.board, other):
        for number in range(2):
            people.task(board, f"{board.title} {number}")
    boards = ask(
        """query($slug: String!) { project(slug: $slug) { boards { title
          one: tasks(first: 1) { totalCount edges { node { title } } }
          two: tasks(first: 2) { pageInfo { hasNextPage } edges { node { title } } }
        } } }""",
        slug=cast.project.slug,
    )["data"]["project"]["boards"]

    assert [(board["title"], names(board["one"]), names(board["two"])) for board in boards] == [
        ("Spring", ["Paint the gate"], ["Paint the gate", "Spring 0"]),
        ("Autumn", ["Autumn 0"], ["Autumn 0", "Autumn 1"]),
    ]
    assert [(board["one"]["totalCount"], board["two"]["pageInfo"]["hasNextPage"]) for board in boards] == [
        (3, True),
        (2, False),
    ]


def test_read_and_unread_notifications_do_not_mix(cast: Cast):
    (walk,) = [each for each in WALKS if each.name == "notifications"]
    new, old = walk.make(cast, [2, 1])
    Notification.objects.filter(pk=old.pk).update(read_at=old.occurred_at)
    page = "{ totalCount edges { node { id } } }"
    viewer = ask(
        f"""{{ viewer {{ all: notifications {page} unread: notifications(unreadOnly: true) {page}
          both: notifications(unreadOnly: false) {page} whatever: notifications(unreadOnly: null) {page} }} }}""",
        cast.ana,
    )["data"]["viewer"]

    shown = {
        alias: (page["totalCount"], [edge["node"]["id"] for edge in page["edges"]])
        for alias, page in viewer.items()
    }
    both = (2, [id_of(new), id_of(old)])
    assert shown == {"all": both, "unread": (1, [id_of(new)]), "both": both, "whatever": both}


def test_one_thing_by_two_names_is_two_answers(cast: Cast):
    data = ask(
        """query($a: ID!, $b: ID!) {
          a: node(id: $a) { id ... on User { handle } }
          b: node(id: $b) { id ... on User { handle } ... on Project { handle: slug } }
          user(id: $a) { name: handle handle }
          other: user(handle: "bo") { name: displayName handle }
        }""",
        a=id_of(cast.ana),
        b=id_of(cast.project),
    )["data"]

    assert data == {
        "a": {"id": id_of(cast.ana), "handle": "ana"},
        "b": {"id": id_of(cast.project), "handle": "huerta-del-rio"},
        "user": {"name": "ana", "handle": "ana"},
        "other": {"name": "Bo", "handle": "bo"},
    }


def test_fragments_and_directives_add_up_to_one_selection(cast: Cast):
    data = ask(
        """query($id: ID!, $yes: Boolean!, $no: Boolean = false) {
          board(id: $id) {
            ...Words
            ... on Board @include(if: $yes) { claimHours }
            ... @skip(if: $yes) { createdAt }
            cursor @include(if: $no)
            project { title @skip(if: $no) slug @include(if: $no) ... on Node { id } }
            project { status }
          }
        }
        fragment Words on Board { title ...More }
        fragment More on Board { title __typename }""",
        id=id_of(cast.board),
        yes=True,
    )["data"]

    project = {"title": "Huerta del río", "id": id_of(cast.project), "status": ProjectStatus.LIVE}
    assert data == {"board": {"title": "Spring", "__typename": "Board", "claimHours": 72, "project": project}}


def test_mutations_run_in_order_and_see_what_came_before(cast: Cast):
    data = ask(
        """mutation($ana: ID!) {
          first: follow(input: {targetId: $ana}) { target { followerCount viewerIsFollowing } errors { code } }
          again: follow(input: {targetId: $ana}) { target { followerCount viewerIsFollowing } errors { code } }
          last: unfollow(input: {targetId: $ana}) { target { followerCount viewerIsFollowing } errors { code } }
        }""",
        cast.cy,
        ana=id_of(cast.ana),
    )["data"]

    followed = {"target": {"followerCount": 1, "viewerIsFollowing": True}, "errors": []}
    not_any_more = {"target": {"followerCount": 0, "viewerIsFollowing": False}, "errors": []}
    assert data == {"first": followed, "again": followed, "last": not_any_more}
    assert list(data) == ["first", "again", "last"]


def test_a_refused_mutation_does_not_stop_the_next(cast: Cast):
    data = ask(
        """mutation($id: ID!) {
          lost: claimTask(input: {taskId: "nothing"}) { task { state } errors { code } }
          mine: claimTask(input: {taskId: $id}) { task { state } errors { code } }
        }""",
        cast.cy,
        id=id_of(cast.task),
    )["data"]

    assert data == {
        "lost": {"task": None, "errors": [{"code": "NOT_FOUND"}]},
        "mine": {"task": {"state": "CLAIMED"}, "errors": []},
    }


def test_who_has_logged_out_does_nothing_more_in_the_same_document(cast: Cast):
    data = ask(
        """mutation($ana: ID!) {
          logOut { errors { code } }
          follow(input: {targetId: $ana}) { target { id } errors { code } }
        }""",
        cast.cy,
        ana=id_of(cast.ana),
    )["data"]

    assert data == {
        "logOut": {"errors": []},
        "follow": {"target": None, "errors": [{"code": "UNAUTHENTICATED"}]},
    }
