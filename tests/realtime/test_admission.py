"""Who may open a socket, and as whom."""

from datetime import timedelta

import pytest
from channels.testing import WebsocketCommunicator
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from backend.accounts.models import Session, User, hash_of
from realtime import sockets
from tests.clients import people
from tests.serving import LIVE, House
from tests.sockets import PROTOCOL, Socket


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "file://",
        "http://localhost.evil.example",
        "http://evil.example/localhost",
        "http://localhost@evil.example",
        "http://[",
        "\xff",
    ],
)
def test_a_page_from_elsewhere_is_refused_in_the_handshake(house: House, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        Socket(house.servers[0], additional_headers={"Origin": origin})

    assert refused.value.response.status_code == 403


def test_a_program_sends_no_origin_and_a_page_of_this_machine_its_own(house: House):
    for headers in ({}, {"Origin": house.servers[0].http}, {"Origin": "http://localhost:3000"}):
        with Socket(house.servers[0], additional_headers=headers) as socket:
            socket.is_alive()


@pytest.mark.parametrize(
    ("origin", "enters"),
    [
        (None, True),
        ("https://app.example.org", True),
        ("https://APP.example.org", False),
        ("http://app.example.org", False),
        ("https://app.example.org:8443", False),
        ("https://app.example.org.evil.example", False),
        ("https://example.org", False),
        ("http://localhost:8000", False),
        ("null", False),
    ],
)
async def test_on_a_server_scheme_host_and_port_must_be_allowed(settings, origin: str | None, enters: bool):
    settings.DEVELOPMENT = False
    settings.ALLOWED_ORIGINS = ["https://app.example.org"]

    communicator = connection(origin=origin)
    entered, _ = await communicator.connect()

    assert entered is enters
    await communicator.disconnect()


def test_there_is_no_socket_at_another_address(house: House):
    for path in ("", "/", "/graphql/", "/graphql/x", "/GraphQL"):
        with pytest.raises(InvalidStatus) as refused:
            Socket(house.servers[0], url=house.servers[0].ws.replace("/graphql", path))
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize("why", ["unknown", "ended", "expired", "of somebody who is banned", "no bearer"])
def test_a_token_that_lets_nobody_in_is_said_to_be_one(house: House, why: str):
    (person,) = people(1)
    session = Session.objects.using(LIVE).filter(token_hash=hash_of(person.token))
    authorization = f"Bearer {person.token}"
    match why:
        case "unknown":
            authorization += "x"
        case "ended":
            session.update(ended_at=timezone.now())
        case "expired":
            now = timezone.now()
            session.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))
        case "of somebody who is banned":
            User.objects.using(LIVE).filter(pk=person.pk).update(is_active=False)
        case "no bearer":
            authorization = f"Basic {person.token}"

    with Socket(house.servers[0], greet=False) as socket:
        socket.say(type="connection_init", payload={"Authorization": authorization})
        assert socket.ending() == (4403, "Forbidden")


def test_a_token_is_read_from_the_greeting_and_nowhere_else(house: House):
    (person,) = people(1)
    server = house.servers[0]
    for name in ("token", "access_token", "Authorization"):
        for token in (person.token, f"Bearer%20{person.token}", "wrong"):
            with Socket(server, url=f"{server.ws}?{name}={token}") as socket:
                assert socket.refusal(socket.subscribe("NotificationsLive")) == "UNAUTHENTICATED"
    for headers in ({"Authorization": f"Bearer {person.token}"}, {"Cookie": f"sessionid={person.token}"}):
        with Socket(server, additional_headers=headers) as socket:
            assert socket.refusal(socket.subscribe("NotificationsLive")) == "UNAUTHENTICATED"
    with Socket(server, person) as socket:
        socket.subscribe("NotificationsLive")
        socket.stays_quiet(0.3)


async def test_whoever_does_not_greet_is_shown_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "INIT_TIMEOUT", 0.05)
    communicator = connection()
    await communicator.connect()

    assert await communicator.receive_output(timeout=1) == {
        "type": "websocket.close",
        "code": 4408,
        "reason": "Connection initialisation timeout",
    }
    # A greeting that was on its way is late, and not answered.
    await communicator.send_json_to({"type": "connection_init"})
    assert await communicator.receive_nothing(0.1)
    await communicator.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_whoever_greets_in_time_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sockets, "INIT_TIMEOUT", 0.1)
    communicator = connection()
    await communicator.connect()
    await communicator.send_json_to({"type": "connection_init"})
    assert await communicator.receive_json_from() == {"type": "connection_ack"}

    assert await communicator.receive_nothing(0.3)
    await communicator.disconnect()


async def test_frames_behind_the_one_that_closed_are_not_obeyed():
    communicator = connection()
    await communicator.connect()
    for frame in ("[]", '{"type":"connection_init"}', '{"type":"ping"}', "[]"):
        await communicator.send_to(text_data=frame)

    assert (await communicator.receive_output(timeout=1))["code"] == 4400
    assert await communicator.receive_nothing(0.1)
    await communicator.disconnect()


def connection(origin: str | None = None) -> WebsocketCommunicator:
    from config.asgi import application

    headers = [(b"origin", origin.encode())] if origin else []
    return WebsocketCommunicator(application, "/graphql", headers=headers, subprotocols=[PROTOCOL])
