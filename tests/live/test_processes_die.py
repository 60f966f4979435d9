"""A process that dies, at any moment and in any way, takes nothing with it that somebody was to be told."""

import http.client
import signal
import socket as sockets
import threading
import time

from backend.core.models import Pending
from schema import cursors
from schema.ids import from_global_id
from tests.clients import launch_project, make_board, people, publish_update, sign_up
from tests.serving import LIVE, House, eventually
from tests.sockets import Socket


def test_a_notification_survives_the_death_of_its_worker(house: House):
    server = house.servers[0]
    ana, (bo,) = sign_up(server, "ana"), people(1)
    project = launch_project(server, ana)
    bo.do(server, "Follow", targetId=project)
    with Socket(server, bo) as socket:
        told = socket.subscribe("NotificationsLive", after=cursors.encode(f"user:{bo.pk}", 0))
        # It is stopped between two jobs or in the middle of one; then what it should have read is committed.
        house.worker.popen.send_signal(signal.SIGSTOP)
        first = publish_update(server, ana, project, "One")
        house.worker.kill()
        assert Pending.objects.using(LIVE).filter(event__kind="UpdatePublished").exists()
        socket.stays_quiet(0.5)
        house.worker = house.start_worker()
        (received,) = socket.events(told, 1, seconds=30)
        assert received["notification"]["subject"]["id"] == first

        # And it dies again and again, in the middle of its work.
        updates = []
        for number in range(12):
            updates.append(publish_update(server, ana, project, f"Update {number}"))
            if number % 4 == 1:
                house.worker.kill()
                house.worker = house.start_worker()
        events = socket.events(told, len(updates), seconds=30)
        assert [event["notification"]["subject"]["id"] for event in events] == updates
        assert events[-1]["unreadNotificationCount"] == len(updates) + 1
        socket.stays_quiet()
    eventually(lambda: not Pending.objects.using(LIVE).exists())


def test_whoever_was_connected_to_a_dead_process_goes_on_at_another(house: House):
    here, elsewhere = house.servers
    board = make_board(elsewhere, ana := sign_up(elsewhere, "ana"))
    stream = f"board:{from_global_id(board, 'Board')[1]}"
    is_dead, made = threading.Event(), []

    def work() -> None:
        """Some tasks before the process dies, and some after."""
        while len(made) < 200 and (not is_dead.is_set() or made[-10:].count("after") < 10):
            moment = "after" if is_dead.is_set() else "before"
            ana.do(elsewhere, "CreateTask", boardId=board, title=f"Task {len(made)}")
            made.append(moment)

    worker = threading.Thread(target=work)
    watchers = people(3)
    seen: dict[str, list[str]] = {person.handle: [] for person in watchers}
    with house.one_more_server() as doomed:
        worker.start()
        opened = [(person, Socket(doomed, person)) for person in watchers]
        for person, socket in opened:
            told = socket.subscribe("BoardLive", boardId=board, after=cursors.encode(stream, 0))
            seen[person.handle] += [event["cursor"] for event in socket.events(told, 5)]
        doomed.kill()
        is_dead.set()
    # Others write while one comes back.
    resumed = [(seen[person.handle], Socket(here, person)) for person in watchers]
    for known, socket in resumed:
        socket.subscribe("BoardLive", id="again", boardId=board, after=known[-1])
    worker.join(timeout=30)
    everything = [cursors.encode(stream, number) for number in range(1, len(made) + 1)]
    for known, socket in resumed:
        with socket:
            missing = len(everything) - len(known)
            known += [event["cursor"] for event in socket.events("again", missing, seconds=30)]
            socket.stays_quiet(0.2)

    assert made[-1] == "after"
    assert seen == {person.handle: everything for person in watchers}


def test_a_server_that_is_asked_to_end_does_so_within_seconds(house: House):
    (person,) = people(1)
    with house.one_more_server() as server:
        opened = [Socket(server, person) for _ in range(5)]
        for socket in opened:
            socket.subscribe("NotificationsLive")
            socket.is_alive()
        waiting = [Socket(server, greet=False), Socket(server)]
        idle = http.client.HTTPConnection("127.0.0.1", server.port(), timeout=5)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read()
        seconds = server.stop()

        assert seconds < 5
        for socket in opened + waiting:
            # "Service Restart": come back, to another process.
            assert socket.ending()[0] == 1012


def test_whoever_does_not_answer_pings_is_let_go(house: House):
    """A laptop that was closed, a cable that was cut: the server never hears that it is gone."""
    impatient = ("--ws-ping-interval", "0.5", "--ws-ping-timeout", "0.5")
    with (
        house.one_more_server(*impatient) as server,
        Socket(server) as living,
        sockets.create_connection(("127.0.0.1", server.port()), timeout=5) as dead,
    ):
        living.is_alive()
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        dead.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        assert b"101 Switching" in dead.recv(4096)
        opened = server.open_files()
        begin = time.monotonic()
        while dead.recv(4096):
            assert time.monotonic() - begin < 5
        eventually(lambda: server.open_files() == opened - 1, 3)
        living.is_alive()
