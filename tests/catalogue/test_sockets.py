"""The bad-input catalogue (reliability.md §5), WebSocket: rows 31 to 46, through a real server."""

import json
import socket as sockets
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from backend.accounts.models import Session, hash_of
from realtime.outlets import PATIENCE
from realtime.sockets import INIT_TIMEOUT, MOST_FRAMES, MOST_SUBSCRIPTIONS
from schema import cursors
from schema.cookies import COOKIE
from schema.ids import from_global_id
from tests.asking import operations
from tests.clients import make_board, people
from tests.serving import LIVE, House
from tests.sockets import Socket

NOTIFICATIONS = {"query": operations()["NotificationsLive"]}
INVALID = (4400, "Invalid message")
#: For what a client's library would not send, or would answer.
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def subscribe(**parts: object) -> str:
    return json.dumps({"type": "subscribe", "id": "1", "payload": NOTIFICATIONS} | parts)


def ending(house: House, frame: object) -> tuple[int, str]:
    """How a socket ends that has greeted and says this."""
    with Socket(house.servers[0]) as socket:
        socket.send(frame)
        return socket.ending(5)


@pytest.mark.parametrize("frame", ["[]", "null", "5", '"x"', "{}"])
def test_row_31_a_frame_that_is_no_message(house: House, frame: str):
    assert ending(house, frame) == INVALID


@pytest.mark.parametrize("frame", ['{"type":[]}', '{"type":"constructor"}'])
def test_row_32_a_type_that_there_is_not(house: House, frame: str):
    assert ending(house, frame)[0] == 4400


def test_row_33_subscribe_before_connection_init(house: House):
    with Socket(house.servers[0], greet=False) as socket:
        socket.subscribe("NotificationsLive")
        assert socket.ending(5) == (4401, "Unauthorized")


def test_row_34_a_second_connection_init(house: House):
    assert ending(house, '{"type":"connection_init"}') == (4429, "Too many initialisation requests")


def test_row_35_no_init_for_ten_seconds(house: House):
    assert INIT_TIMEOUT == 10
    with Socket(house.servers[0], greet=False) as socket:
        assert socket.ending(INIT_TIMEOUT + 5) == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize(
    "frame",
    [
        subscribe(id={}),
        json.dumps({"type": "subscribe", "id": "1"}),
        subscribe(payload="x"),
        subscribe(payload={"query": 5}),
    ],
)
def test_row_36_a_subscribe_that_is_none(house: House, frame: str):
    assert ending(house, frame) == INVALID


def test_row_37_the_same_id_twice(house: House):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        socket.subscribe("NotificationsLive", id="1")
        socket.subscribe("NotificationsLive", id="1")
        assert socket.ending(5)[0] == 4409


def test_row_38_the_21st_subscription(house: House):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        for number in range(MOST_SUBSCRIPTIONS):
            socket.subscribe("NotificationsLive", id=str(number))
        assert MOST_SUBSCRIPTIONS == 20
        assert socket.refusal(socket.subscribe("NotificationsLive"), 10) == "SUBSCRIPTION_LIMIT"
        socket.is_alive()


@pytest.mark.parametrize("query", ["mutation { logOut { errors { code } } }", "{ viewer { email } }"])
def test_row_39_a_mutation_or_a_query_over_the_socket(house: House, query: str):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        socket.say(type="subscribe", id="1", payload={"query": query})
        assert socket.refusal("1") == "OPERATION_NOT_ALLOWED"
        socket.is_alive()
    assert Session.objects.using(LIVE).current().filter(token_hash=hash_of(person.token)).exists()


def test_row_40_a_subprotocol_that_is_not_ours(house: House):
    for subprotocols in ((), ("graphql-ws",)):
        with Socket(house.servers[0], greet=False, subprotocols=subprotocols) as socket:
            assert socket.ending(5) == (4406, "Subprotocol not acceptable")
    with pytest.raises(InvalidStatus) as refused:
        headers = {"Sec-WebSocket-Protocol": "größe"}
        Socket(house.servers[0], subprotocols=(), additional_headers=headers)
    assert refused.value.response.status_code == 400


def test_row_41_bytes_and_frames_that_are_too_large(house: House):
    assert ending(house, b'{"type":"ping"}') == INVALID
    assert ending(house, "x" * 65 * 1024)[0] == 1009


def test_row_41_a_hundred_thousand_fragments_of_a_byte(house: House):
    with sockets.create_connection(("127.0.0.1", house.servers[0].port()), timeout=10) as wire:
        wire.sendall(HANDSHAKE)
        assert wire.recv(4096).startswith(b"HTTP/1.1 101 ")
        with suppress(ConnectionError):
            wire.sendall(b"\x01\x81" + bytes(4) + b"[" + (b"\x00\x81" + bytes(4) + b"x") * 100_000)
        came = b""
        with suppress(ConnectionError):
            while part := wire.recv(4096):
                came += part
        assert came[:4] == b"\x88" + came[1:2] + (1009).to_bytes(2, "big"), came


@pytest.mark.parametrize("flood", ["pings", "subscriptions"])
def test_row_42_a_thousand_frames_a_second(house: House, flood: str):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        for number in range(1_000):
            if flood == "pings":
                socket.say(type="ping")
            elif number % 2 == 0:
                socket.subscribe("NotificationsLive", id=str(number))
            else:
                socket.say(id=str(number - 1), type="complete")
        assert socket.ending(10) == (4429, "Too many requests")
        assert socket.came.count({"type": "pong"}) < MOST_FRAMES + 20


@pytest.mark.parametrize(
    ("origin", "more"),
    [
        ("https://evil.example", {}),
        ("null", {}),
        (None, {"Cookie": f"{COOKIE}=acequia_x"}),
        ("http://acequia.example.org", {}),
        ("https://acequia.example.org:8443", {}),
        ("https://acequia.example.org.evil.com", {}),
    ],
)
def test_row_43_an_origin_that_is_not_allowed(house: House, origin: str | None, more: dict[str, str]):
    headers = more | ({"Origin": origin} if origin else {})
    with pytest.raises(InvalidStatus) as refused:
        Socket(house.servers[0], additional_headers=headers)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("why", ["expired", "revoked", "of somebody banned"])
def test_row_44_a_token_that_has_ended(house: House, why: str):
    (person,) = people(1)
    session, now = Session.objects.using(LIVE).filter(token_hash=hash_of(person.token)), timezone.now()
    if why == "expired":
        session.update(created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))
    elif why == "revoked":
        session.update(ended_at=now)
    else:
        session.get().user.__class__.objects.using(LIVE).filter(pk=person.pk).update(is_active=False)
    with Socket(house.servers[0], greet=False) as socket:
        socket.say(type="connection_init", payload={"Authorization": f"Bearer {person.token}"})
        assert socket.ending(5) == (4403, "Forbidden")


def test_row_44_a_token_in_the_query_string_is_never_read(house: House):
    (person,) = people(1)
    for name in ("token", "access_token", "Authorization"):
        with Socket(house.servers[0], url=f"{house.servers[0].ws}?{name}={person.token}") as socket:
            assert socket.refusal(socket.subscribe("NotificationsLive")) == "UNAUTHENTICATED"


def test_row_45_a_cursor_that_this_stream_did_not_give(house: House):
    """Of another stream, or garbage: BAD_CURSOR. Signed and from a future that is gone, or −1: told to load anew."""
    server, (person,) = house.servers[0], people(1)
    board = make_board(server, person)
    stream = f"board:{from_global_id(board, 'Board')[1]}"
    with Socket(server, person) as socket:
        for cursor in (cursors.encode("board:1000000", 1), cursors.encode(f"user:{person.pk}", 1), "-1", "x"):
            asked = socket.subscribe("BoardLive", boardId=board, after=cursor)
            assert socket.refusal(asked) == "BAD_CURSOR"
        for seq in (10**6, -1):
            asked = socket.subscribe("BoardLive", boardId=board, after=cursors.encode(stream, seq))
            (told,) = socket.events(asked, 1)
            assert told["__typename"] == "ResyncRequired"
            socket.say(type="complete", id=asked)
        socket.is_alive()


def test_row_46_whoever_does_not_read_is_closed_within_half_a_minute(house: House):
    """How that goes, with a thousand events and with half-open connections, tests/live/test_slow_readers.py shows."""
    assert PATIENCE <= 30
    with (
        house.one_more_server("--ws-ping-interval", "1", "--ws-ping-timeout", "1") as server,
        sockets.create_connection(("127.0.0.1", server.port()), timeout=10) as half_open,
    ):
        half_open.sendall(HANDSHAKE)
        came = b""
        with suppress(ConnectionError):
            while part := half_open.recv(4096):  # Pings come, and are not answered.
                came += part
        # 1011: the server's library's word for pings without an answer.
        assert b"\x89" in came and (1011).to_bytes(2, "big") in came
