"""Whoever loses a right is told so within seconds, also where nothing happens, and hears of nothing that comes later."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.models import AccessToken, Session, User, hash_of, new_token
from backend.projects.models import Membership, Project, ProjectStatus, Role
from schema.ids import from_global_id, to_global_id
from tests.clients import Person, launch_project, people, sign_up
from tests.live.log import Log
from tests.serving import LIVE, House
from tests.sockets import Socket

SECONDS, EVENTS_A_SECOND = 2.0, 50.0


@dataclass
class Scene:
    """Ana's board, whose team Bo is on; Cy is a stranger."""

    ana: Person
    bo: Person
    cy: Person
    project: Project
    board: str
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        self.log = Log(self.board)

    def sessions(self, person: Person) -> Any:
        """The session of somebody's token."""
        return Session.objects.using(LIVE).filter(token_hash=hash_of(person.token))

    def hide(self) -> None:
        """Only the team sees the board from now on."""
        projects = Project.objects.using(LIVE).filter(pk=self.project.pk)
        projects.update(status=ProjectStatus.DRAFT, launched_at=None)

    def follow(self, socket: Socket, after: int | None) -> str:
        """Follow the board, and know that it has begun."""
        cursor = None if after is None else self.log.cursor(after)
        id = socket.subscribe("BoardLive", boardId=self.board, after=cursor)
        socket.is_alive()
        return id


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    """One for each test, in which everybody sees the board."""
    server = house.servers[0]
    ana, (bo, cy) = sign_up(server, "ana"), people(2)
    project = launch_project(server, ana)
    board = ana.do(server, "CreateBoard", projectId=project, title="Spring")["board"]["id"]
    row = Project.objects.using(LIVE).get(pk=from_global_id(project, "Project")[1])
    Membership.objects.using(LIVE).create(project=row, user_id=bo.pk, role=Role.COORDINATOR)
    yield Scene(ana, bo, cy, row, board)


@dataclass(frozen=True)
class Loss:
    """How somebody loses a right, whom it makes so, and how they are told."""

    of: str
    how: Callable[[Scene], object]
    code: str
    #: Whether the board is the team's alone before it.
    is_hidden: bool = False

    @property
    def ends_socket(self) -> bool:
        return self.code == "UNAUTHENTICATED"

    def __str__(self) -> str:
        return self.how.__name__


def logged_out(scene: Scene) -> None:
    scene.sessions(scene.cy).update(ended_at=timezone.now())


def session_deleted(scene: Scene) -> None:
    scene.sessions(scene.cy).delete()


def session_made_shorter(scene: Scene) -> None:
    past = timezone.now() - timedelta(seconds=1)
    scene.sessions(scene.cy).update(created_at=past - timedelta(days=1), expires_at=past)


def banned(scene: Scene) -> None:
    User.objects.using(LIVE).filter(pk=scene.cy.pk).update(is_active=False)


def lost_role(scene: Scene) -> None:
    Membership.objects.using(LIVE).filter(project=scene.project, user_id=scene.bo.pk).delete()


def not_public_any_more(scene: Scene) -> None:
    scene.hide()


LOSSES = [
    Loss("cy", logged_out, "UNAUTHENTICATED"),
    Loss("cy", session_deleted, "UNAUTHENTICATED"),
    Loss("cy", session_made_shorter, "UNAUTHENTICATED"),
    Loss("cy", banned, "UNAUTHENTICATED"),
    Loss("bo", lost_role, "NOT_FOUND", is_hidden=True),
    Loss("cy", not_public_any_more, "NOT_FOUND"),
]


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_it_is_told_soon_where_nothing_happens(house: House, scene: Scene, loss: Loss):
    if loss.is_hidden:
        scene.hide()
    person = getattr(scene, loss.of)
    with Socket(house.servers[0], person) as socket, Socket(house.servers[0], scene.ana) as anas:
        ids = [scene.follow(socket, None), socket.subscribe("NotificationsLive")]
        anas_id = scene.follow(anas, None)
        socket.is_alive()
        loss.how(scene)
        begin = time.monotonic()
        if loss.ends_socket:
            assert socket.ending(SECONDS) == (4403, "Forbidden")
            errors = {each["id"]: code(each) for each in socket.came if each["type"] == "error"}
            assert errors == dict.fromkeys(ids, loss.code)
        else:
            assert socket.refusal(ids[0], SECONDS) == loss.code
            # Nothing else of them has ended.
            socket.is_alive()
            socket.stays_quiet(0.3)
            assert socket.refusal(socket.subscribe("BoardLive", boardId=scene.board)) == "NOT_FOUND"
        assert time.monotonic() - begin < SECONDS + 0.5
        scene.log.tell()
        assert [numbers(anas.events(anas_id, 1), scene.log)] == [[1]]


def test_who_ends_a_session_from_elsewhere_ends_what_it_listens_to(house: House, scene: Scene):
    """By the mutation, through another server than the one that holds the socket."""
    here, there = house.servers
    token = new_token()
    ending = timezone.now() + timedelta(days=1)
    made = Session(user_id=scene.cy.pk, token_hash=hash_of(token), expires_at=ending)
    made.save(using=LIVE)
    elsewhere = Person(scene.cy.handle, scene.cy.id, token)
    with Socket(here, elsewhere) as ended, Socket(here, scene.cy) as kept:
        id = scene.follow(ended, None)
        scene.follow(kept, None)
        begin = time.monotonic()
        scene.cy.do(there, "EndSession", sessionId=to_global_id("ActiveSession", made.pk))
        assert ended.ending(SECONDS) == (4403, "Forbidden")
        assert time.monotonic() - begin < SECONDS + 0.5
        assert [code(each) for each in ended.came if each["type"] == "error"] == ["UNAUTHENTICATED"]
        assert [each["id"] for each in ended.came if each["type"] == "error"] == [id]
        kept.is_alive()


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_nothing_is_heard_that_was_committed_later(house: House, scene: Scene, loss: Loss):
    """The stream's row is locked while the right is taken, so that the last event before it has one number."""
    if loss.is_hidden:
        scene.hide()
    person = getattr(scene, loss.of)
    servers = house.servers * 2
    scene.log.tell()
    with scene.log.told_all_the_while(EVENTS_A_SECOND):
        sockets = [Socket(server, person) for server in servers]
        ids = [scene.follow(socket, 0) for socket in sockets]
        others = [Socket(server, scene.ana) for server in house.servers]
        others_ids = [scene.follow(socket, 0) for socket in others]
        time.sleep(random.uniform(0.2, 0.6))  # noqa: S311
        with transaction.atomic(using=LIVE):
            loss.how(scene)
            last = scene.log.held()
        begin = time.monotonic()
        for socket, id in zip(sockets, ids, strict=True):
            left = SECONDS - (time.monotonic() - begin)
            assert ended(socket, id, loss, left) == loss.code
        time.sleep(0.3)
    head = scene.log.tell()
    assert head > last + 5, "nothing was committed later"
    for socket, id in zip(sockets, ids, strict=True):
        with socket:
            if not loss.ends_socket:
                socket.is_alive()
            heard = heard_by(socket, id, scene.log)
            assert heard == [*range(1, len(heard) + 1)] and len(heard) <= last
            # Nor was it taken away before: the last moments only may be missing.
            assert len(heard) >= last - SECONDS * EVENTS_A_SECOND
    for socket, id in zip(others, others_ids, strict=True):
        with socket:
            while len(heard_by(socket, id, scene.log)) < head:
                socket.hear()
            assert heard_by(socket, id, scene.log) == [*range(1, head + 1)]


KEY_LOSSES: dict[str, Callable[[Any], object]] = {
    "revoked": lambda keys: keys.update(revoked_at=timezone.now()),
    "deleted": lambda keys: keys.delete(),
    "made shorter": lambda keys: keys.update(expires_at=F("created_at") + timedelta(microseconds=1)),
    "its person is banned": lambda keys: (
        User.objects.using(LIVE).filter(access_tokens__in=keys).update(is_active=False)
    ),
}


@pytest.mark.parametrize("loss", KEY_LOSSES.values(), ids=KEY_LOSSES)
def test_a_program_whose_key_ends_is_out_and_its_person_is_not(
    house: House, scene: Scene, loss: Callable[[Any], object]
):
    secret = new_token("pat_")
    facts = {
        "name": "Script",
        "scopes": ["read", "notifications"],
        "expires_at": timezone.now() + timedelta(days=1),
    }
    person = User.objects.using(LIVE).get(pk=scene.cy.pk)
    key = AccessToken.objects.using(LIVE).create(user=person, token_hash=hash_of(secret), **facts)
    program = Person("cy", scene.cy.id, secret)
    with Socket(house.servers[0], program) as socket, Socket(house.servers[0], scene.cy) as persons:
        id, persons_id = scene.follow(socket, None), scene.follow(persons, None)
        scene.log.tell()
        assert numbers(socket.events(id, 1), scene.log) == [1]
        loss(AccessToken.objects.using(LIVE).filter(pk=key.pk))
        begin = time.monotonic()
        assert socket.ending(SECONDS) == (4403, "Forbidden")
        assert time.monotonic() - begin < SECONDS
        if loss is not KEY_LOSSES["its person is banned"]:
            scene.log.tell()
            assert numbers(persons.events(persons_id, 2), scene.log) == [1, 2]
            persons.is_alive()
        with Socket(house.servers[0], greet=False) as again:
            again.say(type="connection_init", payload={"Authorization": f"Bearer {secret}"})
            assert again.ending() == (4403, "Forbidden")


def test_a_session_whose_time_runs_out_is_closed_though_nobody_ends_it(house: House, scene: Scene):
    """Nothing is written down then, so it is the clock that tells."""
    token = new_token()
    session = Session(user_id=scene.cy.pk, token_hash=hash_of(token))
    session.expires_at = timezone.now() + timedelta(seconds=2)
    session.save(using=LIVE)
    with Socket(house.servers[0], Person("cy", scene.cy.id, token)) as socket:
        id = scene.follow(socket, None)
        assert socket.ending(2 + SECONDS) == (4403, "Forbidden")
        assert timezone.now() >= session.expires_at
        assert [(each["id"], code(each)) for each in socket.came if each["type"] == "error"] == [
            (id, "UNAUTHENTICATED")
        ]


def test_whoever_has_two_sessions_loses_one_of_them(house: House, scene: Scene):
    token = new_token()
    Session.objects.using(LIVE).create(
        user_id=scene.cy.pk, token_hash=hash_of(token), expires_at=timezone.now() + timedelta(days=1)
    )
    again = Person("cy", scene.cy.id, token)
    with Socket(house.servers[0], scene.cy) as lost, Socket(house.servers[0], again) as kept:
        scene.follow(lost, None)
        id = scene.follow(kept, None)
        scene.cy.ask(house.servers[1], "LogOut")

        assert lost.ending(SECONDS) == (4403, "Forbidden")
        scene.log.tell()
        assert numbers(kept.events(id, 1), scene.log) == [1]
        kept.stays_quiet(1.2)


def ended(socket: Socket, id: str, loss: Loss, seconds: float) -> str:
    """The code of the error that ends a subscription in time; what is told before it is in `came`."""
    if loss.ends_socket:
        assert socket.ending(seconds) == (4403, "Forbidden")
        return code(socket.came[-1])
    deadline = time.monotonic() + seconds
    while (message := socket.hear(max(0.01, deadline - time.monotonic())))["type"] != "error":
        assert message["id"] == id
    return code(message)


def code(message: dict[str, Any]) -> str:
    """Why a subscription has ended."""
    found: str = message["payload"][0]["extensions"]["code"]
    return found


def heard_by(socket: Socket, id: str, log: Log) -> list[int]:
    """The numbers of all the events that a subscription was told so far."""
    told = [each for each in socket.came if each.get("id") == id and each["type"] == "next"]
    return numbers([each["payload"]["data"]["boardEvents"] for each in told], log)


def numbers(events: list[dict[str, Any]], log: Log) -> list[int]:
    """The numbers of events."""
    return [log.number(each["cursor"]) for each in events]
