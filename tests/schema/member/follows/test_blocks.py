"""Two people with a block find nothing of each other, wherever they look; all others, and staff, see both."""

import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.boards.claims import claim_task
from backend.projects.models import Membership, Project, Role
from social.follows.actions import follow
from social.follows.blocks import block_person
from social.notifications.models import Notification
from tests import cast as people
from tests.asking import ask, id_of, operations, problems, statements
from tests.cast import Cast
from tests.schema.deeds import comment, update


@pytest.fixture(autouse=True)
def everybody_looks(settings) -> None:
    """Ana, Bo and Cy look at every board."""
    settings.PRESENCE = "tests.schema.member.follows.test_blocks.present"


def present(stream: str) -> list[int]:
    """Who looks at a board."""
    return [*User.objects.filter(handle__in=("ana", "bo", "cy")).values_list("pk", flat=True)]


@pytest.fixture
def house(cast: Cast, read_events: Callable[[], None]) -> Cast:
    """Bo and Cy are in everything together: a team, a task, a thread, news, followers, notifications."""
    Membership.objects.create(project=cast.project, user=cast.cy, role=Role.EDITOR)
    task = people.task(cast.board, "Dig", slots=3)
    for one in (cast.bo, cast.cy):
        claim_task(task_id=task.pk, by=one)
        follow(kind=User, target_id=cast.ana.pk, by=one)
        follow(kind=Project, target_id=cast.project.pk, by=one)
        follow(kind=User, target_id=one.pk, by=cast.ana)
        said = comment(cast, author=one)
        update(cast, author=one, published_at=timezone.now())
        people.project(one, f"The garden of {one.handle}")
        for other in (cast.bo, cast.cy):
            comment(cast, author=other, parent=said, depth=1)
    follow(kind=User, target_id=cast.bo.pk, by=cast.cy)
    follow(kind=User, target_id=cast.cy.pk, by=cast.bo)
    read_events()
    return cast


def pages(cast: Cast) -> dict[str, dict]:
    """The queries of our clients that show people, each of something that both are in; by its name."""
    return {
        "ProjectPage": {"slug": cast.project.slug},
        "BoardPage": {"id": id_of(cast.board), "first": 20},
        "Discover": {"first": 20},
        "Followers": {"userId": id_of(cast.ana), "first": 20},
        "Thread": {"subjectId": id_of(cast.project), "first": 20},
        "HomeFeed": {"first": 20},
        "Notifications": {"first": 20},
    }


LISTS = """query($user: ID!, $board: ID!, $project: ID!) {
    user(id: $user) { following(first: 20) { edges { node { handle } } } }
    board: node(id: $board) { ... on Board { present { handle } } }
    project: node(id: $project) { ... on Project { team { user { handle } } updates { edges { node {
        author { handle } comments { edges { node { author { handle } } } } } } } } }
    projects { edges { node { owner { handle } } } }
    viewer { notifications { edges { node { text actors { handle } } } } }
}"""


def shown(cast: Cast, viewer: User | None) -> dict[str, str]:
    """All of what somebody is shown, as it was sent."""
    said = {name: ask(name, viewer, **variables) for name, variables in pages(cast).items()}
    ids = {"user": id_of(cast.ana), "board": id_of(cast.board), "project": id_of(cast.project)}
    said["lists"] = ask(LISTS, viewer, **ids)
    assert not [name for name, each in said.items() if "errors" in each]
    return {name: json.dumps(each, ensure_ascii=False) for name, each in said.items()}


def where(person: User, said: dict[str, str]) -> set[str]:
    """On which pages somebody is named, by handle, name or id."""
    names = (f'"{person.handle}"', person.display_name, f'"{id_of(person)}"')
    return {page for page, text in said.items() if any(name in text for name in names)}


EVERYWHERE = {"ProjectPage", "BoardPage", "Discover", "Followers", "Thread", "HomeFeed", "lists"}


@pytest.mark.parametrize("blocker", ["bo", "cy"])
def test_neither_is_named_anywhere_to_the_other(house: Cast, blocker: str):
    """The control is how it was before."""
    pair = {"bo": house.bo, "cy": house.cy}
    for viewer, other in ((house.bo, house.cy), (house.cy, house.bo)):
        assert where(other, shown(house, viewer)) >= EVERYWHERE
    by = pair.pop(blocker)
    (whom,) = pair.values()
    block_person(user_id=whom.pk, by=by)

    for viewer, other in ((house.bo, house.cy), (house.cy, house.bo)):
        said = shown(house, viewer)
        assert where(other, said) == set()
        # Nor are they themselves gone.
        assert where(viewer, said) >= EVERYWHERE
    for viewer in (None, house.ana, house.sol):
        said = shown(house, viewer)
        # The news in the feed is that of whom one follows.
        assert where(house.bo, said) & where(house.cy, said) >= EVERYWHERE - {"HomeFeed"}


def test_what_is_a_projects_stays_and_only_loses_its_name(house: Cast):
    query = """query($id: ID!) { node(id: $id) { ... on Project {
        team { user { handle } } updates { edges { node { author { handle } } } }
        commentCount comments { totalCount edges { node { replyCount author { handle } replies { totalCount } } } }
        boards { tasks { edges { node { claims { claimant { handle } } claimants { handle } } } } } } } }"""
    block_person(user_id=house.bo.pk, by=house.cy)
    project = ask(query, house.cy, id=id_of(house.project))["data"]["node"]

    ana, cy = {"handle": "ana"}, {"handle": "cy"}
    assert [each["user"] for each in project["team"]] == [ana, None, cy]
    assert [each["node"]["author"] for each in project["updates"]["edges"]] == [cy, None]
    (own,) = (each["node"] for each in project["comments"]["edges"])
    assert (project["comments"]["totalCount"], own["author"], own["replies"]["totalCount"]) == (1, cy, 1)
    dig = project["boards"][0]["tasks"]["edges"][1]["node"]
    assert [each["claimant"] for each in dig["claims"]] == [None, cy] and dig["claimants"] == [cy]


def test_they_are_as_if_they_were_not_there(house: Cast):
    """By handle, by id, by node, to follow and to answer: byte for byte as what never was."""
    block_person(user_id=house.cy.pk, by=house.bo)
    of_bo = comment(house, author=house.bo)
    nobody, nothing = "VXNlcjo5OTk5OTk5", "Q29tbWVudDo5OTk5OTk5"
    by_handle = "query($handle: String!) { user(handle: $handle) { id } }"
    by_id = "query($id: ID!) { user(id: $id) { id } }"
    node = "query($id: ID!) { node(id: $id) { id } }"

    def looks(handle: str, id: str, said: str) -> list[dict]:
        reply = {"subjectId": id_of(house.project), "body": "?", "parentId": said}
        return [
            ask(by_handle, house.cy, handle=handle),
            *(ask(query, house.cy, id=id) for query in (by_id, node)),
            ask(node, house.cy, id=said),
            *(ask(name, house.cy, input={"targetId": id}) for name in ("Follow", "Unfollow")),
            ask("Unblock", house.cy, input={"userId": id}),
            ask("AddComment", house.cy, input=reply),
        ]

    assert looks("bo", id_of(house.bo), id_of(of_bo)) == looks("nobody", nobody, nothing)
    assert "errors" not in ask(by_handle, None, handle="bo")


def test_whom_one_has_blocked_one_finds_in_a_list_and_there_only(house: Cast):
    query = """{ viewer { blockedUsers { totalCount edges { node { __typename id handle displayName blockedAt } } } } }"""
    assert ask("Block", house.cy, input={"userId": id_of(house.bo)}) == {
        "data": {"block": {"user": {"id": id_of(house.bo)}, "errors": []}}
    }
    ask("Block", house.cy, input={"userId": id_of(house.sol)})

    blocked = ask(query, house.cy)["data"]["viewer"]["blockedUsers"]
    nodes = [each["node"] for each in blocked["edges"]]
    assert blocked["totalCount"] == 2
    assert [(node.pop("blockedAt") > "2026", node.pop("__typename")) for node in nodes] == [
        (True, "BlockedUser")
    ] * 2
    assert nodes == [
        {"id": id_of(one), "handle": one.handle, "displayName": one.display_name}
        for one in (house.sol, house.bo)
    ]
    # To nobody else: not to who is in it, and not to staff.
    for viewer in (house.bo, house.sol, house.ana):
        assert ask(query, viewer)["data"]["viewer"]["blockedUsers"] == {"totalCount": 0, "edges": []}

    assert ask("Unblock", house.cy, input={"userId": nodes[1]["id"]}) == {
        "data": {"unblock": {"user": {"id": id_of(house.bo)}, "errors": []}}
    }
    assert ask(query, house.cy)["data"]["viewer"]["blockedUsers"]["totalCount"] == 1
    # She is still hidden who has blocked one herself.
    block_person(user_id=house.cy.pk, by=house.ana)
    Block.objects.create(blocker=house.cy, blocked=house.ana)
    answer = ask("Unblock", house.cy, input={"userId": id_of(house.ana)})
    assert answer == {"data": {"unblock": {"user": None, "errors": []}}}


def test_the_counters_say_what_they_said_but_of_follows_that_ended(house: Cast):
    query = "query($id: ID!) { user(id: $id) { followerCount followingCount } }"

    def counted(person: User) -> tuple[int, int]:
        found = ask(query, id=id_of(person))["data"]["user"]
        return found["followerCount"], found["followingCount"]

    assert (counted(house.ana), counted(house.bo), counted(house.cy)) == ((2, 2), (2, 3), (2, 3))
    ask("Block", house.cy, input={"userId": id_of(house.bo)})
    assert (counted(house.ana), counted(house.bo), counted(house.cy)) == ((2, 2), (1, 2), (1, 2))
    assert Notification.objects.count() > 0


def test_nobody_blocks_themselves(house: Cast):
    answer = ask("Block", house.cy, input={"userId": id_of(house.cy)})
    assert problems(answer) == [("VALIDATION", "userId")] and answer["data"]["block"]["user"] is None


def test_what_follows_in_the_document_is_asked_by_who_has_a_block(house: Cast):
    """Of their session it was read before that they had none."""
    document = """mutation($bo: ID!, $project: ID!) {
        block(input: {userId: $bo}) { errors { code } }
        follow(input: {targetId: $bo}) { target { id } errors { code } }
        addComment(input: {subjectId: $project, body: "Hm"}) {
            comment { subject { ... on Project { team { user { handle } } } } } }
    }"""
    answer = ask(document, house.cy, bo=id_of(house.bo), project=id_of(house.project))["data"]
    assert (answer["block"]["errors"], answer["follow"]["errors"]) == ([], [{"code": "NOT_FOUND"}])
    team = answer["addComment"]["comment"]["subject"]["team"]
    assert [each["user"] and each["user"]["handle"] for each in team] == ["ana", None, "cy"]


@pytest.mark.parametrize(
    "page", ["ProjectPage", "BoardPage", "Followers", "Thread", "Notifications", "HomeFeed"]
)
def test_a_page_asks_about_blocks_only_for_who_has_one(house: Cast, page: str):
    """And is as many statements for them: one, and one where somebody is present."""
    block_person(user_id=house.cy.pk, by=house.bo)
    for viewer, asks in ((None, False), (house.ana, False), (house.sol, False), (house.cy, True)):
        with statements() as run:
            ask(operations()[page], viewer, **pages(house)[page])
        reads = [each for each in run if each.endswith(' AS "answer"')]
        assert ["accounts_block" in each for each in reads] == [asks] * (2 if page == "BoardPage" else 1)
