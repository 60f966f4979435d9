"""How much one client, and one person, may ask of a process; and what becomes of whoever asks more."""

import socket as sockets
from contextlib import suppress

import pytest

from backend.accounts.models import User
from realtime import hub
from realtime.sockets import MOST_FRAMES
from tests.asking import token_of
from tests.cast import Cast
from tests.clients import people
from tests.realtime.following import apart
from tests.realtime.test_sockets import MALFORMED
from tests.realtime.wires import Wire
from tests.serving import House, eventually
from tests.sockets import Socket

TOO_MANY = (4429, "Too many requests")


@pytest.mark.parametrize("flood", ["pings", "pongs", "subscriptions", "what does not run"])
def test_whoever_says_too_much_at_once_is_shown_out(house: House, flood: str):
    server, (person,) = house.servers[0], people(1)
    with Socket(server, person) as other, Socket(server, person) as socket:
        other.is_alive()
        for number in range(MOST_FRAMES):
            match flood:
                case "pings":
                    socket.say(type="ping")
                case "pongs":
                    socket.say(type="pong")
                case "subscriptions":
                    socket.subscribe("NotificationsLive", id=str(number))
                    socket.say(id=str(number), type="complete")
                case _:
                    socket.say(id=str(number), type="complete")

        assert socket.ending(5) == TOO_MANY
        # It is its own socket that is closed, and no other of theirs.
        other.is_alive()


def test_two_hundred_pings_are_answered_as_far_as_they_may_be(house: House):
    with Socket(house.servers[0]) as socket:
        for _ in range(200):
            socket.say(type="ping")
        assert socket.ending(5) == TOO_MANY
        # The greeting is one of the frames; and while they were read, a few more were allowed.
        assert MOST_FRAMES - 1 <= socket.came.count({"type": "pong"}) < MOST_FRAMES + 10


def test_whoever_says_as_much_as_they_may_stays(house: House):
    with Socket(house.servers[0]) as socket:
        for _ in range(MOST_FRAMES - 2):
            socket.say(type="ping")
        for _ in range(MOST_FRAMES - 2):
            assert socket.hear() == {"type": "pong"}
        socket.is_alive()


@pytest.mark.django_db(transaction=True)
async def test_a_person_has_a_bounded_number_of_subscriptions_on_all_sockets(
    racing_cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "MOST_OF_ONE_PERSON", 3)
    cys, bos = [await apart(lambda who=who: token_of(who)) for who in (racing_cast.cy, racing_cast.bo)]
    async with Wire() as first, Wire() as second, Wire() as another, Wire() as nobody:
        for wire, token in ((first, cys), (second, cys), (another, bos), (nobody, None)):
            await wire.greet(token)
        for wire, id in ((first, "a"), (first, "b"), (second, "c")):
            wire.subscribe(id, "NotificationsLive")
            await wire.is_read()
        for wire in (first, second):
            wire.subscribe("one more", "NotificationsLive")
            assert await wire.refusal("one more") == "SUBSCRIPTION_LIMIT"
        # Others have room of their own.
        for id in ("a", "b", "c"):
            another.subscribe(id, "NotificationsLive")
        await another.is_read()
        assert [each for each in another.came if "id" in each] == []

        first.say(type="complete", id="a")
        await first.is_read()
        second.subscribe("in its place", "NotificationsLive")
        await second.is_read()
        assert [each["id"] for each in second.came if "id" in each] == ["one more"]
        assert hub.hub_of_process()._of_person == {racing_cast.cy.pk: 3, racing_cast.bo.pk: 3}
    assert hub.hub_of_process()._of_person == {}


@pytest.mark.django_db(transaction=True)
async def test_whoever_goes_without_a_word_makes_room_too(racing_cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "MOST_OF_ONE_PERSON", 2)
    token = await apart(lambda: token_of(User.objects.get(handle="cy")))
    for _ in range(3):
        async with Wire() as wire:
            await wire.greet(token)
            for id in ("a", "b", "c"):
                wire.subscribe(id, "NotificationsLive")
            assert await wire.refusal("c") == "SUBSCRIPTION_LIMIT"
            # A refusal takes no room, and gives none back.
            assert hub.hub_of_process()._of_person == {racing_cast.cy.pk: 2}


@pytest.mark.parametrize("parts", [["x" * 66_560], ["xx" * 16_384] * 3])
def test_a_message_that_is_too_large_ends_its_socket(house: House, parts: list[str]):
    """65 KiB at once, or in three parts."""
    server = house.servers[0]
    with Socket(server) as other, Socket(server) as socket:
        other.is_alive()
        opened = server.open_files()
        socket.send(iter(parts) if len(parts) > 1 else parts[0])
        assert socket.ending(10)[0] == 1009
        eventually(lambda: server.open_files() < opened, 3)
        other.is_alive()


def test_a_hundred_thousand_fragments_of_a_byte_are_no_message(house: House):
    """As bytes on the wire, because a client's library would take half a minute to cut them."""
    server = house.servers[0]
    with Socket(server) as other, sockets.create_connection(("127.0.0.1", server.port()), timeout=10) as wire:
        wire.sendall(
            b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        assert wire.recv(4096).startswith(b"HTTP/1.1 101 ")
        fragment = b"\x81" + bytes(4) + b"x"
        # It is closed before it has said all.
        with suppress(ConnectionError):
            wire.sendall(b"\x01\x81" + bytes(4) + b"[" + (b"\x00" + fragment) * 100_000)
        came = b""
        with suppress(ConnectionError):
            while part := wire.recv(4096):
                came += part
        assert came[:4] == b"\x88" + came[1:2] + (1009).to_bytes(2, "big"), came
        other.is_alive()


def test_bytes_are_no_message(house: House):
    with Socket(house.servers[0]) as socket:
        socket.send(b'{"type":"ping"}')
        assert socket.ending() == (4400, "Invalid message")


def test_the_catalogue_of_malformed_frames_stays_as_long_as_it_is():
    assert len(MALFORMED) >= 40
    assert len(
        {frame if isinstance(frame, bytes) else frame.encode() for frame in MALFORMED.values()}
    ) == len(MALFORMED)
