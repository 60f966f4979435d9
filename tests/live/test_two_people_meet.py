"""What the house is for, seen from outside: HTTP and sockets against real processes, and nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.clients import Person, people, sign_up
from tests.serving import House
from tests.sockets import Socket

DESCRIPTION = (
    "We dig the old channel free, from the weir to the last garden, and whoever digs with us waters with us."
)


def test_two_people_meet(house: House):
    first, second = house.servers
    (staff,) = people(1, is_staff=True)
    ana, bo = sign_up(first, "ana"), sign_up(second, "bo")
    project = launched_project(house, ana, staff)
    board = ana.do(first, "CreateBoard", projectId=project, title="Spring")["board"]["id"]
    task = ana.do(first, "CreateTask", boardId=board, title="Paint the gate")["task"]["id"]

    with Socket(first, ana) as anas, Socket(second, bo) as bos:
        told = bos.subscribe("NotificationsLive")
        bos.is_alive()
        bo.do(second, "Follow", targetId=project)
        update = ana.do(first, "DraftUpdate", projectId=project, title="Water!", body="It runs.")["update"][
            "id"
        ]
        ana.do(first, "PublishUpdate", updateId=update)

        (received,) = bos.events(told, 1)
        assert received["unreadNotificationCount"] == 1
        notification = received["notification"]
        assert notification["subject"] == {"__typename": "Update", "id": update}
        assert notification["actors"] == [{"handle": ana.handle}]
        bos.say(id=told, type="complete")

        boards = {
            socket: look_at(socket, person, server, board)
            for socket, person, server in ((anas, ana, first), (bos, bo, second))
        }
        answers = both_at_once(
            lambda person, server: person.ask(server, "ClaimTask", input={"taskId": task}),
            (ana, first),
            (bo, second),
        )

        codes = [[error["code"] for error in answer["claimTask"]["errors"]] for answer in answers]
        assert sorted(codes) == [[], ["TAKEN"]]
        winner = (ana, bo)[codes.index([])]
        for socket, subscription in boards.items():
            (event,) = socket.events(subscription, 1)
            assert (event["__typename"], event["actor"]) == ("TaskClaimed", {"handle": winner.handle})
            assert event["task"]["id"] == task and event["task"]["openSlots"] == 0
            assert [claim["claimant"]["handle"] for claim in event["task"]["claims"]] == [winner.handle]
        for socket in boards:
            socket.stays_quiet()


def launched_project(house: House, owner: Person, staff: Person) -> str:
    """The id of a new project that has gone the whole way."""
    server = house.servers[0]
    words = {"title": f"Acequia {owner.handle}", "summary": "Water for all.", "description": DESCRIPTION}
    project = owner.do(server, "CreateProject", category="ECOLOGICAL", **words)["project"]["id"]
    owner.do(server, "SubmitProject", projectId=project)
    staff.do(server, "ReviewProject", projectId=project, verdict="APPROVE")
    assert owner.do(server, "LaunchProject", projectId=project)["project"]["status"] == "LIVE"
    return project


def look_at(socket: Socket, person: Person, server, board: str) -> str:
    """Load a board and follow it from there; the subscription's id."""
    cursor = person.ask(server, "BoardPage", id=board, first=20)["board"]["cursor"]
    return socket.subscribe("BoardLive", boardId=board, after=cursor)


def both_at_once(act, *people):
    start = threading.Barrier(len(people))

    def run(each):
        start.wait(timeout=10)
        return act(*each)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(run, people))
