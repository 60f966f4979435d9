"""graphql-transport-ws, to the letter: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

Against a real server, because half of what is promised here (handshakes, sizes, closing) is the server's.
"""

import json

import pytest
from websockets.exceptions import InvalidStatus

from realtime.frames import LONGEST_ID
from realtime.sockets import MOST_SUBSCRIPTIONS
from tests.asking import operations
from tests.clients import people
from tests.serving import House, eventually
from tests.sockets import PROTOCOL, Socket

NOTIFICATIONS = {"query": operations()["NotificationsLive"]}


def subscribe(**parts: object) -> str:
    return json.dumps({"type": "subscribe", "id": "1", "payload": NOTIFICATIONS} | parts)


def payload(**parts: object) -> str:
    return subscribe(payload=NOTIFICATIONS | parts)


#: Frames that no state of a socket allows.
MALFORMED = {
    "an array": "[]",
    "null": "null",
    "a number": "5",
    "a text": '"x"',
    "an object without a type": "{}",
    "nothing": "",
    "half of JSON": '{"type":"ping"',
    "no JSON": "hello",
    "arrays in arrays": "[" * 60_000,
    "objects in objects": '{"type":' * 8_000,
    "a number too long to read": '{"type":"ping","payload":' + "9" * 5_000 + "}",
    "an array as type": '{"type":[]}',
    "null as type": '{"type":null}',
    "an unknown type": '{"type":"constructor"}',
    "a type in another case": '{"type":"Ping"}',
    "a type that fills the reason of a close": json.dumps({"type": "\ue000" * 200}),
    "a server's message": '{"type":"next","id":"1","payload":{}}',
    "bytes": b'{"type":"ping"}',
    "bytes that are no text": b"\xff\xfe\x00",
    "a ping with a number": '{"type":"ping","payload":5}',
    "a pong with an array": '{"type":"pong","payload":[]}',
    "half a character": '{"type":"subscribe","id":"\\ud800","payload":{"query":"{x}"}}',
    "subscribe without an id": json.dumps({"type": "subscribe", "payload": NOTIFICATIONS}),
    "subscribe with an empty id": subscribe(id=""),
    "subscribe with a huge id": subscribe(id="i" * (LONGEST_ID + 1)),
    "subscribe with an object as id": subscribe(id={}),
    "subscribe with a number as id": subscribe(id=1),
    "subscribe without a payload": json.dumps({"type": "subscribe", "id": "1"}),
    "subscribe with a text as payload": subscribe(payload="x"),
    "subscribe with an array as payload": subscribe(payload=[]),
    "subscribe without a query": subscribe(payload={}),
    "subscribe with a number as query": payload(query=5),
    "subscribe with an array of variables": payload(variables=[]),
    "subscribe with a text of variables": payload(variables="{}"),
    "subscribe with a number as name": payload(operationName=5),
    "subscribe with a text of extensions": payload(extensions="x"),
    "complete without an id": '{"type":"complete"}',
    "complete with an array as id": '{"type":"complete","id":[]}',
    "a greeting with a text": '{"type":"connection_init","payload":"x"}',
    "a greeting with a number as token": '{"type":"connection_init","payload":{"Authorization":5}}',
}


@pytest.mark.parametrize("state", ["before it is greeted", "when it is greeted", "while it follows"])
def test_a_malformed_frame_ends_its_socket_and_no_other(house: House, state: str):
    server, (person,) = house.servers[0], people(1)
    with Socket(server, person) as other:
        followed = other.subscribe("NotificationsLive")
        other.is_alive()
        before = server.open_files()
        endings = {}
        for name, frame in MALFORMED.items():
            with Socket(server, person, greet=state != "before it is greeted") as socket:
                if state == "while it follows":
                    socket.subscribe("NotificationsLive", id="first")
                socket.send(frame)
                # More of the same, and a good one: nothing is answered to whoever has been shown out.
                socket.send(frame)
                socket.send('{"type":"ping"}')
                endings[name] = socket.ending()[0]
                assert all(message["type"] == "connection_ack" for message in socket.came), socket.came
        assert endings == dict.fromkeys(MALFORMED, 4400)

        eventually(lambda: server.open_files() <= before, 3)
        other.is_alive()
        other.say(id=followed, type="complete")


def test_whoever_does_not_speak_the_protocol_is_told_so(house: House):
    for subprotocols in ((), ("graphql-ws",), ("GRAPHQL-TRANSPORT-WS",), ("chat", "soap")):
        with Socket(house.servers[0], greet=False, subprotocols=subprotocols) as socket:
            assert socket.ending() == (4406, "Subprotocol not acceptable")

    with Socket(house.servers[0], subprotocols=("graphql-ws", PROTOCOL)) as socket:
        socket.is_alive()


@pytest.mark.parametrize("header", ["größe", "a b", '"x"', ","])
def test_a_protocol_that_is_no_word_is_refused_in_the_handshake(house: House, header: str):
    with pytest.raises(InvalidStatus) as refused:
        Socket(house.servers[0], subprotocols=(), additional_headers={"Sec-WebSocket-Protocol": header})

    assert refused.value.response.status_code == 400


def test_nobody_subscribes_before_the_greeting(house: House):
    with Socket(house.servers[0], greet=False) as socket:
        socket.subscribe("NotificationsLive")
        assert socket.ending() == (4401, "Unauthorized")


def test_a_greeting_is_said_once(house: House):
    with Socket(house.servers[0]) as socket:
        socket.say(type="connection_init")
        assert socket.ending() == (4429, "Too many initialisation requests")

    with Socket(house.servers[0], greet=False) as socket:
        socket.say(type="connection_init")
        socket.say(type="connection_init")
        assert socket.ending()[0] == 4429


def test_an_id_is_in_use_until_its_subscription_ends(house: House):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        for _ in range(20):
            socket.subscribe("NotificationsLive", id="again")
            socket.say(id="again", type="complete")
        socket.subscribe("NotificationsLive", id="again")
        socket.is_alive()
        assert [message["type"] for message in socket.came] == ["connection_ack", "pong"]

        socket.subscribe("NotificationsLive", id="again")
        assert socket.ending() == (4409, "Subscriber for again already exists")


def test_a_long_id_of_many_bytes_may_be_in_use_too(house: House):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        socket.subscribe("NotificationsLive", id="𝒶" * LONGEST_ID)
        socket.subscribe("NotificationsLive", id="𝒶" * LONGEST_ID)
        assert socket.ending()[0] == 4409


def test_completing_what_does_not_run_is_ignored(house: House):
    with Socket(house.servers[0]) as socket:
        socket.say(id="never", type="complete")
        socket.say(type="pong")
        socket.say(type="pong", payload={"a": 1})
        socket.is_alive()


def test_a_ping_is_answered_in_every_state(house: House):
    with Socket(house.servers[0], greet=False) as socket:
        socket.is_alive()
        socket.say(type="ping", payload={"sent": 1})
        assert socket.hear() == {"type": "pong"}
        socket.greet()
        socket.is_alive()


def test_a_socket_has_a_bounded_number_of_subscriptions(house: House):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        ids = [socket.subscribe("NotificationsLive") for _ in range(MOST_SUBSCRIPTIONS)]
        assert socket.refusal(socket.subscribe("NotificationsLive", id="one more")) == "SUBSCRIPTION_LIMIT"

        socket.say(id=ids[0], type="complete")
        socket.subscribe("NotificationsLive", id="one more")
        socket.is_alive()
        socket.stays_quiet(0.2)


@pytest.mark.parametrize("operation", ["LogOut", "Notifications"])
def test_only_subscriptions_run_on_a_socket(house: House, operation: str):
    (person,) = people(1)
    with Socket(house.servers[0], person) as socket:
        variables = {"first": 5} if operation == "Notifications" else {}
        assert socket.refusal(socket.subscribe(operation, **variables)) == "OPERATION_NOT_ALLOWED"
        socket.is_alive()
    assert person.ask(house.servers[0], "Notifications", first=5)["viewer"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": NOTIFICATIONS["query"], "operationName": "Another"}, "OPERATION_NOT_FOUND"),
        ({"query": f"subscription {{ {'x ' * 2_000} }}"}, "QUERY_TOO_COMPLEX"),
        ({"query": operations()["BoardLive"]}, "VALIDATION"),
        ({"query": operations()["BoardLive"], "variables": {"boardId": "Qm9hcmQ6MA"}}, "NOT_FOUND"),
        (NOTIFICATIONS, "UNAUTHENTICATED"),
        ({"query": operations()["BoardLive"], "variables": {"boardId": ["\0"]}}, "VALIDATION"),
        ({"query": operations()["BoardLive"], "variables": {"boardId": "\0"}}, "VALIDATION"),
        ({"query": operations()["BoardLive"], "variables": {"boardId": "\ud800"}}, "VALIDATION"),
    ],
)
def test_a_document_that_cannot_run_is_an_error_of_its_operation(house: House, asked: dict, code: str):
    with Socket(house.servers[0]) as socket:
        socket.say(id="1", type="subscribe", payload=asked)
        assert socket.refusal("1") == code
        socket.is_alive()
        # It is over, so its id is free.
        socket.say(id="1", type="subscribe", payload=asked)
        assert socket.refusal("1") == code


def test_a_frame_of_64_kib_is_read_and_one_byte_more_is_not(house: House):
    ping = json.dumps({"type": "ping", "payload": {"filling": ""}})
    fitting = ping.replace('""', f'"{"x" * (65_536 - len(ping))}"')
    with Socket(house.servers[0]) as socket:
        socket.send(fitting)
        assert socket.hear() == {"type": "pong"}
        socket.send(fitting.replace("xx", "xxx", 1))
        assert socket.ending()[0] == 1009

    with Socket(house.servers[0]) as socket:
        socket.send(fitting[start : start + 1024] for start in range(0, 65_536, 1024))
        assert socket.hear() == {"type": "pong"}
        socket.send("x" * 1024 for _ in range(65))
        assert socket.ending()[0] == 1009
