"""Whoever comes first has the task, however many come at once and whichever process they come to."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.boards.models import Claim, Task
from backend.core.models import RecordedEvent
from schema.ids import from_global_id, to_global_id
from tests.clients import Person, ask, make_board, people, sign_up
from tests.serving import LIVE, House

CLAIMERS, ROUNDS = 64, 3


@pytest.mark.parametrize("slots", [1, 5])
def test_as_many_hold_it_as_it_has_places(house: House, slots: int):
    board = make_board(house.servers[0], owner := sign_up(house.servers[0], "ana"))
    claimers = people(CLAIMERS)
    for _ in range(ROUNDS):
        task = owner.do(house.servers[0], "CreateTask", boardId=board, title="Dig", slots=slots)["task"]["id"]
        answers = claims(house, claimers, task)

        outcomes = Counter(tuple(error["code"] for error in answer["errors"]) for answer in answers)
        assert outcomes == {(): slots, ("TAKEN",): CLAIMERS - slots}
        won = {answer["claim"]["id"] for answer in answers if answer["claim"]}
        pk = from_global_id(task, "Task")[1]
        held = Claim.objects.using(LIVE).held().filter(task=pk)
        assert {to_global_id("Claim", each.pk) for each in held} == won
        assert {each.claimant_id for each in held} == {
            claimer.pk for claimer, answer in zip(claimers, answers, strict=True) if answer["claim"]
        }
        assert Claim.objects.using(LIVE).filter(task=pk).count() == slots
        assert Task.objects.using(LIVE).get(pk=pk).open_slots == 0
        events = RecordedEvent.objects.using(LIVE).filter(kind="TaskClaimed", facts__task_id=pk)
        assert {to_global_id("Claim", each.facts["claim_id"]) for each in events} == won
        assert len(events) == slots


def test_a_double_click_is_one_claim(house: House):
    board = make_board(house.servers[0], owner := sign_up(house.servers[0], "ana"))
    (claimer,) = people(1)
    task = owner.do(house.servers[0], "CreateTask", boardId=board, title="Dig", slots=5)["task"]["id"]
    answers = claims(house, [claimer] * CLAIMERS, task)

    held = Claim.objects.using(LIVE).get(task=from_global_id(task, "Task")[1])
    assert {answer["claim"]["id"] for answer in answers} == {to_global_id("Claim", held.pk)}
    assert all(answer["errors"] == [] for answer in answers)
    events = RecordedEvent.objects.using(LIVE).filter(kind="TaskClaimed", facts__claim_id=held.pk)
    assert events.count() == 1


def claims(house: House, claimers: list[Person], task: str) -> list[dict]:
    """Let everyone claim a task at the same moment, half of them at each server; all answers are those of a good day."""
    start = threading.Barrier(len(claimers))

    def claim(number: int) -> dict:
        start.wait(timeout=20)
        server = house.servers[number % len(house.servers)]
        answer = ask(server, "ClaimTask", claimers[number].token, input={"taskId": task})
        assert answer.status_code == 200 and "errors" not in answer.json(), answer.text
        return answer.json()["data"]["claimTask"]

    with ThreadPoolExecutor(len(claimers)) as pool:
        return list(pool.map(claim, range(len(claimers))))
