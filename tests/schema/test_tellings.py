"""An event is told to many by one statement, and to each of them as if they were alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from graphql import OperationType, get_operation_ast, parse

from backend.accounts.events import user_stream
from backend.boards.events import board_stream
from backend.boards.models import Board
from backend.core.models import RecordedEvent
from backend.projects.models import Project, ProjectStatus
from schema.context import Asker
from schema.subscriptions import Happening, Missed, PresentNow
from social.notifications.models import Notification, NotificationKind
from tests import files
from tests.asking import id_of, operations, statements
from tests.cast import Cast, person, task
from tests.schema.telling import KINDS, asker_of, claimed, happened, on, on_task, telling_of, told

PLAIN = on_task("id title state commentCount", more="__typename cursor")
OWN = on_task("viewerClaim { id } viewerCan")


@pytest.fixture
def people(cast: Cast) -> list[Asker | None]:
    """Fifty people, each with a session."""
    return [asker_of(person(f"p{number:02}")) for number in range(50)]


@pytest.fixture
def everybody(cast: Cast) -> list[Asker | None]:
    """Each of the cast, Bo twice, and nobody."""
    return [asker_of(each) for each in (cast.ana, cast.bo, None, cast.cy, cast.sol, cast.bo)]


@pytest.mark.parametrize("document", [PLAIN, OWN, "BoardLive"], ids=["plain", "their own", "our client's"])
@pytest.mark.parametrize("count", [1, 50])
def test_all_who_are_alike_cost_one_statement(
    cast: Cast, people: list[Asker | None], document: str, count: int
):
    telling, event = telling_of(document, **on(cast.task)), happened(cast.task, by=cast.ana)
    with statements() as ran:
        answers = told(telling, event, people[:count])

    assert len(ran) == 1 and len(answers) == count
    assert {answer["boardEvents"]["task"] is None for answer in answers} == {False}


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        (PLAIN, 1),
        (OWN, 3),
        (on_task("viewerCan"), 3),
        # Whether they see it depends on nothing but what kind of viewer they are.
        (on_task("project { title }"), 3),
        (on_task("board { cursor }"), 3),
        ("BoardLive", 3),
    ],
)
def test_nobody_people_and_staff_cost_one_each_where_it_is_not_the_same(
    cast: Cast, people: list[Asker | None], document: str, cost: int
):
    some = [
        None,
        *people[:20],
        asker_of(cast.sol),
        *people[20:],
        asker_of(person("sun", is_staff=True)),
        None,
    ]
    telling, event = telling_of(document, **on(cast.task)), happened(cast.task)
    for _ in range(2):
        with statements() as ran:
            answers = told(telling, event, some)
        assert (len(ran), len(answers)) == (cost, 54)


def test_nobody_to_tell_costs_nothing(cast: Cast):
    with statements() as ran:
        assert told(telling_of(OWN, **on(cast.task)), happened(cast.task), []) == []
    assert ran == []


def test_each_is_told_of_their_own(cast: Cast, everybody: list[Asker | None]):
    cys, bos = claimed(cast.task, cast.cy), claimed(cast.task, cast.bo)
    own = [
        answer["boardEvents"]["task"]["viewerClaim"]
        for answer in told(telling_of(OWN, **on(cast.task)), happened(cast.task), everybody)
    ]
    assert own == [None, {"id": id_of(bos)}, None, {"id": id_of(cys)}, None, {"id": id_of(bos)}]


def test_what_only_some_may_see_is_told_to_them_alone(cast: Cast, everybody: list[Asker | None]):
    """Neither the public's nor the staff's depends on who they are, and they are not the same."""
    Project.objects.filter(pk=cast.project.pk).update(status=ProjectStatus.DRAFT, launched_at=None)
    telling = telling_of(on_task("title project { slug }"), **on(cast.task))
    seen = [
        answer["boardEvents"]["task"]["project"] is not None
        for answer in told(telling, happened(cast.task), everybody)
    ]
    assert seen == [True, True, False, False, True, True]


def test_one_person_in_two_sessions_is_told_twice(cast: Cast):
    """And each session is one who asks."""
    twice = [asker_of(cast.cy), asker_of(cast.cy)]
    assert twice[0] is not twice[1]
    first, second = told(telling_of(OWN, **on(cast.task)), happened(cast.task), twice)
    assert first == second


def test_it_is_told_as_it_is_now_and_not_as_it_was_told_before(cast: Cast):
    telling, event, cy = telling_of(OWN, **on(cast.task)), happened(cast.task), asker_of(cast.cy)
    before = told(telling, event, [cy])
    claimed(cast.task, cast.cy)
    after = told(telling, event, [cy])

    assert before[0]["boardEvents"]["task"]["viewerClaim"] is None
    assert after[0]["boardEvents"]["task"]["viewerClaim"] is not None


def notified(cast: Cast) -> RecordedEvent:
    """Ana has a notification."""
    made = Notification.objects.create(
        user=cast.ana,
        kind=NotificationKind.NEW_FOLLOWER,
        occurred_at=timezone.now(),
        seq=1,
        actor_count=1,
        subject_user=cast.ana,
    )
    return RecordedEvent(
        stream_id=user_stream(cast.ana.pk),
        seq=3,
        kind="NotificationReceived",
        facts={"user_id": cast.ana.pk, "notification_id": made.pk},
        occurred_at=timezone.now(),
    )


#: The subscriptions of our clients, with whatever may happen on their streams.
def checked(cast: Cast) -> RecordedEvent:
    """A file of Ana's that stands nowhere is ready."""
    facts = {"user_id": cast.ana.pk, "media_id": files.picture(cast.ana).pk, "state": "READY", "reason": ""}
    return RecordedEvent(
        stream_id=user_stream(cast.ana.pk),
        seq=8,
        kind="MediaChecked",
        facts=facts,
        occurred_at=timezone.now(),
    )


HAPPENINGS: list[tuple[str, str, Callable[[Cast], Happening]]] = [
    *(
        ("BoardLive", kind, lambda cast, kind=kind: happened(cast.task, kind, by=cast.bo))
        for kind in KINDS
    ),
    ("BoardLive", "ResyncRequired", lambda cast: Missed(board_stream(cast.board.pk), 9)),
    ("BoardPresence", "PresentNow", lambda cast: PresentNow("presence:board:1", [cast.cy.pk, cast.ana.pk])),
    ("NotificationsLive", "NotificationReceived", notified),
    ("NotificationsLive", "ResyncRequired", lambda cast: Missed(user_stream(cast.ana.pk), 9)),
    ("MediaChecked", "MediaChecked", checked),
    ("MediaChecked", "ResyncRequired", lambda cast: Missed(user_stream(cast.ana.pk), 9)),
]  # fmt: skip


def test_these_are_all_the_subscriptions_of_our_clients():
    subscriptions = {
        name
        for name, document in operations().items()
        if (operation := get_operation_ast(parse(document)))
        and operation.operation == OperationType.SUBSCRIPTION
    }
    assert subscriptions == {document for document, _, _ in HAPPENINGS}


@pytest.mark.parametrize(
    ("document", "happening"),
    [pytest.param(document, make, id=f"{document} {kind}") for document, kind, make in HAPPENINGS],
)
def test_what_many_are_told_at_once_is_what_each_is_told_alone(
    cast: Cast,
    everybody: list[Asker | None],
    document: str,
    happening: Callable[[Cast], Happening],
):
    claimed(cast.task, cast.cy)
    event = happening(cast)
    own = {"boardId": id_of(cast.board)} if document.startswith("Board") else {}
    telling = telling_of(document, asker_of(cast.ana), **own)
    alone = [told(telling, event, [each])[0] for each in everybody]

    assert told(telling, event, everybody) == alone
    assert told(telling, event, everybody[::-1]) == alone[::-1]
    # Some of it is not the same to all of them, wherever anything of it is theirs.
    are_different = len({json.dumps(each) for each in alone}) > 1
    is_own = document in ("NotificationsLive", "MediaChecked")
    is_theirs = is_own or "viewer" in _selected(document, event.kind)
    assert are_different == is_theirs


def _selected(document: str, kind: str) -> str:
    if document != "BoardLive":
        return ""
    said = operations()[document].partition(f"... on {kind} {{")[2].partition("... on")[0]
    return "viewer" if "TaskParts" in said else said


@pytest.mark.parametrize("kind", KINDS)
def test_the_task_is_of_the_board_whose_events_are_told(cast: Cast, everybody: list[Asker | None], kind: str):
    """Rows that no action writes: a task of another board, that nobody of these has asked to be told of."""
    elsewhere = task(Board.objects.create(project=cast.project, title="Autumn"), "Prune")
    telling = telling_of(on_task("title", kind=kind), **on(cast.task))

    def tasks(event: RecordedEvent) -> list[Any]:
        return [answer["boardEvents"]["task"] for answer in told(telling, event, everybody)]

    assert tasks(happened(cast.task, kind)) == [{"title": "Paint the gate"}] * 6
    assert tasks(happened(cast.task, kind, task_id=elsewhere.pk)) == [None] * 6
    assert tasks(happened(cast.task, kind, board_id=elsewhere.board_id)) == [None] * 6
    assert tasks(happened(cast.task, kind, task_id=10**15)) == [None] * 6
