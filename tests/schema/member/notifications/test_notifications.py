import pytest

from backend.accounts.models import User
from backend.boards.claims import claim_task
from backend.core.models import Stream
from backend.projects.models import Project
from schema.cursors import decode, encode
from social.comments.actions import add_comment
from social.follows.actions import follow as follow_somebody
from social.notifications.models import Notification
from tests.asking import ask, id_of, problems, spelled, untouched
from tests.cast import Cast
from tests.schema.deeds import notification
from tests.schema.member.following import follow
from tests.schema.member.projects.shown import person


@pytest.fixture
def told(cast: Cast, read_events) -> dict[str, Notification]:
    """What Ana hears: two people follow her, one comments on her project, and one takes on a task."""
    for fan in (cast.bo, cast.cy):
        follow_somebody(kind=User, target_id=cast.ana.pk, by=fan)
    add_comment(kind=Project, subject_id=cast.project.pk, body="When?", by=cast.cy)
    claim_task(task_id=cast.task.pk, by=cast.cy)
    read_events()
    return {each.kind: each for each in Notification.objects.filter(user=cast.ana)}


def parts(each: Notification, **facts: object) -> dict:
    """What a client reads of a notification; its cursor is looked at by itself."""
    return {
        "id": id_of(each),
        "kind": each.kind,
        "occurredAt": spelled(each.occurred_at),
        "readAt": spelled(each.read_at) if each.read_at else None,
    } | facts


def listed(viewer: User, **variables: object) -> list[dict]:
    found = ask("Notifications", viewer, first=10, **variables)["data"]["viewer"]
    return [edge["node"] for edge in found["notifications"]["edges"]]


def test_one_reads_what_concerns_one_the_latest_first(cast: Cast, told):
    viewer = ask("Notifications", cast.ana, first=10)["data"]["viewer"]
    nodes = [edge["node"] for edge in viewer["notifications"]["edges"]]

    # Grouped: the follow of the second person joined that of the first, so it is the second event on Ana's stream.
    assert [decode(node.pop("cursor"), f"user:{cast.ana.pk}") for node in nodes] == [[4], [3], [2]]
    assert nodes == [
        parts(
            told["TASK_CLAIMED"],
            actors=[person(cast.cy)],
            actorCount=1,
            subject={"__typename": "Task", "id": id_of(cast.task)},
            text="Cy took on “Paint the gate”.",
            url=f"http://127.0.0.1:8000/projects/huerta-del-rio/tasks/{cast.board.pk}-1",
        ),
        parts(
            told["COMMENT"],
            actors=[person(cast.cy)],
            actorCount=1,
            subject={"__typename": "Project", "id": id_of(cast.project)},
            text="Cy commented on “Huerta del río”.",
            url="http://127.0.0.1:8000/projects/huerta-del-rio",
        ),
        parts(
            told["NEW_FOLLOWER"],
            actors=[person(cast.cy), person(cast.bo)],
            actorCount=2,
            subject={"__typename": "User", "id": id_of(cast.ana)},
            text="Cy and 1 other follow you.",
            url="http://127.0.0.1:8000/people/ana/followers",
        ),
    ]
    assert viewer["unreadNotificationCount"] == 3
    assert viewer["notifications"]["pageInfo"]["hasNextPage"] is False
    assert viewer["notificationPreferences"] == []


def test_it_is_told_in_the_readers_language(cast: Cast, told):
    User.objects.filter(pk=cast.ana.pk).update(locale="es")
    assert listed(cast.ana)[1]["text"] == "Cy ha comentado en «Huerta del río»."


def test_they_are_ones_own(cast: Cast, told):
    query = "query($id: ID!) { node(id: $id) { id } }"
    for viewer in (cast.cy, cast.sol):
        assert listed(viewer) == []
    assert ask("Notifications", None, first=5)["data"] == {"viewer": None}
    for each in told.values():
        assert ask(query, cast.ana, id=id_of(each))["data"]["node"] == {"id": id_of(each)}
        for viewer in (None, cast.bo, cast.cy, cast.sol):
            assert ask(query, viewer, id=id_of(each))["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


def test_one_marks_some_of_them_by_their_ids(cast: Cast, told):
    read = [id_of(told["COMMENT"]), id_of(told["NEW_FOLLOWER"])]
    answer = ask("MarkNotificationsRead", cast.ana, input={"ids": read})

    assert answer["data"]["markNotificationsRead"] == {"unreadNotificationCount": 1, "errors": []}
    assert [node["id"] for node in listed(cast.ana, unreadOnly=True)] == [id_of(told["TASK_CLAIMED"])]
    assert [node["readAt"] is None for node in listed(cast.ana)] == [True, False, False]
    with untouched():
        assert ask("MarkNotificationsRead", cast.ana, input={"ids": read}) == answer


def test_one_marks_all_up_to_a_place(cast: Cast, told):
    cursors = [node["cursor"] for node in listed(cast.ana)]
    for cursor, left in ((cursors[1], 1), (cursors[0], 0), (cursors[2], 0)):
        answer = ask("MarkNotificationsRead", cast.ana, input={"upTo": cursor})
        assert answer["data"]["markNotificationsRead"] == {"unreadNotificationCount": left, "errors": []}


def test_what_is_others_is_passed_over(cast: Cast, told):
    """Whether it exists or not: so nobody learns which."""
    other = notification(cast, user=cast.bo, subject_project=cast.project)
    for id in (id_of(other), id_of(Notification(pk=10**12))):
        with untouched():
            answer = ask("MarkNotificationsRead", cast.ana, input={"ids": [id]})
        assert answer["data"]["markNotificationsRead"] == {"unreadNotificationCount": 3, "errors": []}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, ("VALIDATION", "ids")),
        ({"ids": None, "upTo": None}, ("VALIDATION", "ids")),
        ({"ids": [], "upTo": "x"}, ("BAD_CURSOR", None)),
        ({"ids": [id_of(Notification(pk=n)) for n in range(1, 102)]}, ("VALIDATION", "ids")),
        ({"ids": [id_of(Notification(pk=1))] * 2_000}, ("VALIDATION", "ids")),
        ({"ids": ["garbage"]}, ("NOT_FOUND", None)),
        ({"ids": [id_of(User(pk=1))]}, ("NOT_FOUND", None)),
        *(({"upTo": cursor}, ("BAD_CURSOR", None)) for cursor in ("", "garbage", "A" * 500)),
    ],
)
def test_what_is_marked_is_said_in_one_way(cast: Cast, told, given: dict, problem: tuple):
    with untouched():
        answer = ask("MarkNotificationsRead", cast.ana, input=given)
    assert problems(answer) == [problem]
    assert answer["data"]["markNotificationsRead"]["unreadNotificationCount"] is None


def test_both_ways_at_once_are_none(cast: Cast, told):
    cursor = listed(cast.ana)[0]["cursor"]
    given = {"ids": [id_of(told["COMMENT"])], "upTo": cursor}
    with untouched():
        assert problems(ask("MarkNotificationsRead", cast.ana, input=given)) == [("VALIDATION", "ids")]


def test_a_place_in_another_stream_is_refused(cast: Cast, told):
    found = ask("Notifications", cast.ana, first=1)["data"]["viewer"]["notifications"]
    for cursor in (
        encode(f"user:{cast.bo.pk}", 9),
        encode(f"board:{cast.ana.pk}", 9),
        # A place in the list is none in the stream.
        found["pageInfo"]["endCursor"],
    ):
        with untouched():
            assert problems(ask("MarkNotificationsRead", cast.ana, input={"upTo": cursor})) == [
                ("BAD_CURSOR", None)
            ]


def test_one_hears_of_each_as_it_happens(cast: Cast, told):
    heard = [answer["data"]["notificationReceived"] for answer in follow("NotificationsLive", cast.ana)]

    # The first two are one notification by now, and it is told as it is.
    kinds = ["NEW_FOLLOWER", "NEW_FOLLOWER", "COMMENT", "TASK_CLAIMED"]
    assert [each["notification"]["kind"] for each in heard] == kinds
    assert [each["notification"] for each in heard[1:]] == listed(cast.ana)[::-1]
    assert [each["unreadNotificationCount"] for each in heard] == [3, 3, 3, 3]
    after = listed(cast.ana)[1]["cursor"]
    (last,) = follow("NotificationsLive", cast.ana, after=after)
    assert last["data"]["notificationReceived"] == heard[-1]


def test_one_does_not_hear_what_one_does_oneself(cast: Cast, told):
    """Cy's own stream tells that they followed somebody; that is no notification."""
    assert Stream.objects.get(name=f"user:{cast.cy.pk}").seq == 1
    assert follow("NotificationsLive", cast.cy) == []


def test_nobody_hears_nothing(cast: Cast):
    (answer,) = follow("NotificationsLive", None)
    assert (answer["data"], answer["errors"][0]["extensions"]) == (None, {"code": "UNAUTHENTICATED"})
    for cursor in ("garbage", "", encode(f"user:{cast.bo.pk}", 1)):
        (answer,) = follow("NotificationsLive", cast.ana, after=cursor)
        assert answer["errors"][0]["extensions"] == {"code": "BAD_CURSOR"}
