"""Server-sent events: https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md, distinct connections."""

import asyncio
import json

import httpx
import pytest

from backend.accounts.models import Session, hash_of
from realtime import event_streams
from schema import cursors
from schema.cookies import COOKIE
from schema.ids import from_global_id
from tests.asking import operations
from tests.clients import make_board, people, sign_up
from tests.realtime.streams import EVENTS, EventStream, stream
from tests.serving import LIVE, House, eventually
from tests.sockets import Socket


def post(house: House, headers: dict[str, str] | None = None, **more) -> httpx.Response:
    """One request, read to its end."""
    url = more.pop("url", f"{house.servers[0].http}/graphql/stream")
    return httpx.request(
        more.pop("method", "POST"), url, headers=EVENTS | (headers or {}), trust_env=False, timeout=10, **more
    )


def test_a_stream_tells_what_a_socket_tells_and_its_ids_are_the_cursors(house: House):
    server = house.servers[0]
    board = make_board(server, ana := sign_up(server, "ana"))
    with Socket(server, ana) as socket, stream(server, "BoardLive", ana, boardId=board) as events:
        told = socket.subscribe("BoardLive", boardId=board)
        socket.is_alive()
        eventually(lambda: events.comments)
        for title in ("Dig", "Line\nbreak"):
            ana.do(server, "CreateTask", boardId=board, title=title.replace("\n", " "), body=title)
        assert events.told(2) == socket.events(told, 2)
        assert events.cursors == [event["cursor"] for event in events.told(2)]


def test_whoever_comes_back_with_the_last_id_misses_nothing(house: House):
    here, elsewhere = house.servers
    board = make_board(here, ana := sign_up(here, "ana"))
    name = f"board:{from_global_id(board, 'Board')[1]}"
    ana.do(here, "CreateTask", boardId=board, title="One")
    with stream(here, "BoardLive", boardId=board, after=cursors.encode(name, 0)) as first:
        first.told(1)
    ana.do(elsewhere, "CreateTask", boardId=board, title="Two")
    ana.do(elsewhere, "CreateTask", boardId=board, title="Three")
    # The browser's id is newer than what the document still says.
    back = {"Last-Event-ID": first.cursors[-1]}
    with stream(elsewhere, "BoardLive", headers=back, boardId=board, after=cursors.encode(name, 0)) as again:
        assert [event["task"]["title"] for event in again.told(2)] == ["Two", "Three"]


def test_a_browser_asks_by_get(house: House):
    server = house.servers[0]
    board = make_board(server, ana := sign_up(server, "ana"))
    asked = {"query": operations()["BoardLive"], "variables": json.dumps({"boardId": board})}
    with (
        httpx.Client(trust_env=False, timeout=10) as client,
        client.stream("GET", f"{server.http}/graphql/stream", params=asked, headers=EVENTS) as response,
    ):
        events = EventStream(response)
        eventually(lambda: events.comments)
        ana.do(server, "CreateTask", boardId=board, title="Dig")
        assert events.told(1)[0]["task"]["title"] == "Dig"
        events.close()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": operations()["BoardLive"]}, "VALIDATION"),
        ({"query": operations()["BoardLive"], "variables": {"boardId": "Qm9hcmQ6MA"}}, "NOT_FOUND"),
        ({"query": operations()["NotificationsLive"]}, "UNAUTHENTICATED"),
        ({"query": operations()["LogOut"]}, "OPERATION_NOT_ALLOWED"),
        ({"query": "{ __typename }"}, "OPERATION_NOT_ALLOWED"),
    ],
)
def test_what_cannot_be_followed_is_said_in_the_stream_because_a_browser_reads_no_status(
    house: House, asked: dict, code: str
):
    answer = post(house, json=asked)

    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    beat, told, complete, rest = answer.text.split("\n\n")
    assert (beat, complete, rest) == (":", "event: complete\ndata:", "")
    event, data = told.split("\n")
    assert event == "event: next"
    said = json.loads(data.removeprefix("data: "))
    assert "data" not in said and said["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (405, {"method": "PUT"}),
        (405, {"method": "DELETE"}),
        (406, {"headers": {"Accept": "application/json"}}),
        (415, {"content": "{}"}),
        (415, {"data": {"query": "{x}"}}),
        (400, {"json": []}),
        (400, {"json": {"query": 5}}),
        (400, {"json": {"query": "{x}", "variables": []}}),
        (400, {"content": "[" * 60_000, "headers": {"Content-Type": "application/json"}}),
        (413, {"content": " " * 70_000, "headers": {"Content-Type": "application/json"}}),
        (400, {"method": "GET"}),
        (400, {"method": "GET", "params": {"query": "{x}", "variables": "{"}}),
        (400, {"method": "GET", "params": {"query": "{x}", "variables": "[" * 5_000}}),
        (400, {"method": "GET", "params": [(f"p{number}", "") for number in range(50)]}),
        (403, {"json": {"query": "{x}"}, "headers": {"Origin": "https://evil.example"}}),
        (403, {"json": {"query": "{x}"}, "headers": {"Cookie": f"{COOKIE}=token"}}),
        (401, {"json": {"query": "{x}"}, "headers": {"Authorization": "Bearer unknown"}}),
        (401, {"json": {"query": "{x}"}, "headers": {"Cookie": f"{COOKIE}=x", "Origin": "http://localhost"}}),
    ],
)
def test_a_request_that_is_none_is_answered_by_its_status(house: House, status: int, request_: dict):
    answer = post(house, **request_)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"]


def test_a_page_of_a_listed_origin_may_read_a_stream_and_no_other(house: House):
    for origin, allowed in (("http://localhost:3000", "http://localhost:3000"), (None, None)):
        answer = post(house, json={"query": "{x}"}, headers={"Origin": origin} if origin else {})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert answer.headers["Vary"] == "Accept, Origin"
    refused = post(house, json={"query": "{x}"}, headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.headers.get("Access-Control-Allow-Origin")) == (403, None)


def test_a_browser_may_ask_first(house: House):
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for origin, allowed in (
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://evil.example", None),
    ):
        answer = post(house, method="OPTIONS", headers=asks | {"Origin": origin})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert ("Last-Event-ID" in answer.headers.get("Access-Control-Allow-Headers", "")) is bool(allowed)


def test_each_answer_carries_its_requests_id(house: House):
    answers = [post(house, json={"query": "{x}"}), post(house, method="PUT"), post(house, method="OPTIONS")]
    ids = {answer.headers["X-Request-Id"] for answer in answers}
    assert len(ids) == 3 and all(len(each) == 32 for each in ids)


def test_a_stream_ends_with_its_session(house: House):
    server = house.servers[0]
    (person,) = people(1)
    with stream(server, "NotificationsLive", person) as events:
        eventually(lambda: events.comments)
        person.ask(server, "LogOut")
        assert events.refusal(seconds=2) == "UNAUTHENTICATED"
    assert Session.objects.using(LIVE).get(token_hash=hash_of(person.token)).ended_at


def test_whoever_goes_is_forgotten(house: House):
    server, (person,) = house.servers[0], people(1)
    before = 0
    for number in range(20):
        with stream(server, "NotificationsLive", person) as events:
            eventually(lambda events=events: events.comments)
        # The first may be for what the server opens once.
        before = before if number else server.open_files()

    eventually(lambda: server.open_files() <= before, 3)


def test_a_server_that_is_asked_to_end_does_not_wait_for_streams(house: House):
    (person,) = people(1)
    with house.one_more_server() as server, stream(server, "NotificationsLive", person) as events:
        eventually(lambda: events.comments)
        assert server.stop() < 8
        eventually(lambda: events.is_over)


async def test_where_nothing_happens_something_is_said_now_and_then(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(event_streams, "BEAT", 0.05)
    said: list[bytes] = []
    gone = asyncio.Event()

    async def receive() -> dict:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        said.append(message.get("body", b""))

    following = event_streams._EventStream(send, "")
    monkeypatch.setattr(following, "_follow", lambda question: asyncio.sleep(0))
    running = asyncio.create_task(following.run({}, None, receive))
    await asyncio.sleep(0.3)
    gone.set()
    await asyncio.wait_for(running, 1)

    begin, *beats, end = said
    assert (begin, end) == (b"", b"") and set(beats) == {b":\n\n"} and 3 <= len(beats) <= 7
