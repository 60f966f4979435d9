"""What the house is for, seen from outside: HTTP and sockets against real processes, and nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.clients import Person, launch_project, publish_update, sign_up
from tests.serving import House, Server
from tests.sockets import Socket


def test_one_follows_the_other_publishes_and_is_heard(house: House):
    first, second = house.servers
    ana, bo = sign_up(first, "ana"), sign_up(second, "bo")
    project = launch_project(first, ana)

    with Socket(second, bo) as bos, Socket(first, ana) as anas:
        told, heard = bos.subscribe("NotificationsLive"), anas.subscribe("NotificationsLive")
        settle(bos, anas)
        bo.do(second, "Follow", targetId=project)
        (followed,) = anas.events(heard, 1)
        update = publish_update(first, ana, project, "Water!")
        (published,) = bos.events(told, 1)

        assert followed["notification"]["kind"] == "NEW_FOLLOWER"
        assert [actor["handle"] for actor in followed["notification"]["actors"]] == [bo.handle]
        assert published["unreadNotificationCount"] == 1
        assert published["notification"]["subject"] == {"__typename": "Update", "id": update}
        assert [actor["handle"] for actor in published["notification"]["actors"]] == [ana.handle]
        # Nobody hears of what they did themselves, and nothing is told twice.
        anas.stays_quiet()
        bos.stays_quiet()


def test_both_claim_the_same_task_and_both_see_who_has_it(house: House):
    first, second = house.servers
    ana, bo = sign_up(first, "ana"), sign_up(second, "bo")
    board = ana.do(first, "CreateBoard", projectId=launch_project(first, ana), title="Spring")["board"]["id"]
    task = ana.do(first, "CreateTask", boardId=board, title="Paint the gate")["task"]["id"]

    with Socket(first, ana) as anas, Socket(second, bo) as bos:
        watched = [(anas, look_at(anas, ana, first, board)), (bos, look_at(bos, bo, second, board))]
        answers = at_once(lambda person, server: claim(person, server, task), (ana, first), (bo, second))

        codes = [[error["code"] for error in answer["errors"]] for answer in answers]
        assert sorted(codes) == [[], ["TAKEN"]]
        winner = (ana, bo)[codes.index([])]
        for socket, subscription in watched:
            (event,) = socket.events(subscription, 1)
            assert (event["__typename"], event["actor"]["handle"]) == ("TaskClaimed", winner.handle)
            assert (event["task"]["id"], event["task"]["openSlots"]) == (task, 0)
            assert [each["claimant"]["handle"] for each in event["task"]["claims"]] == [winner.handle]
        for socket, _ in watched:
            socket.stays_quiet()


def claim(person: Person, server: Server, task: str) -> dict:
    """What somebody is answered who claims a task."""
    return person.ask(server, "ClaimTask", input={"taskId": task})["claimTask"]


def look_at(socket: Socket, person: Person, server: Server, board: str) -> str:
    """Load a board and follow it from there; the subscription's id."""
    cursor = person.ask(server, "BoardPage", id=board, first=20)["board"]["cursor"]
    return socket.subscribe("BoardLive", boardId=board, after=cursor)


def settle(*sockets: Socket) -> None:
    """Let subscriptions without a cursor begin: nobody is told when they have."""
    for socket in sockets:
        socket.is_alive()
        socket.stays_quiet(0.7)


def at_once(act, *each: tuple) -> list:
    """Act with all of these at the same moment; what came out of it."""
    start = threading.Barrier(len(each))

    def run(arguments: tuple) -> object:
        start.wait(timeout=10)
        return act(*arguments)

    with ThreadPoolExecutor(len(each)) as pool:
        return list(pool.map(run, each))
