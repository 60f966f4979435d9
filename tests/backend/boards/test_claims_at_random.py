"""Any sequence of the verbs of claims, by several people on several tasks, against a model that knows no SQL."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.boards import claims
from backend.boards.actions import TooFewSlots, close_task, edit_task
from backend.boards.claims import ClaimLost, TaskIsClosed, TaskTaken, TooManyClaims
from backend.boards.models import Claim, Task
from backend.core.models import RecordedEvent
from backend.core.refusals import NotFound, Refusal
from tests import cast as people
from tests.cast import Cast

#: In place of twenty, so that it is met.
CLAIMS_AT_ONCE = 2
HANDLES = ("ana", "cy", "dee", "eve")


@dataclass
class Held:
    """What the model knows of a claim that takes a place."""

    state: str = "CLAIMED"
    lapsed: bool = False


@dataclass
class Model:
    """What should be so, kept with dictionaries, in the words of the rules."""

    slots: list[int]
    closed: set[int] = field(default_factory=set)
    held: dict[tuple[int, str], Held] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    events: int = 0

    def taken(self, task: int, *states: str) -> int:
        return sum(of == task and (not states or held.state in states) for (of, _), held in self.held.items())

    def state(self, task: int) -> str:
        if task in self.closed:
            return "CLOSED"
        if self.taken(task, "ACCEPTED") == self.slots[task]:
            return "DONE"
        if self.taken(task) < self.slots[task]:
            return "OPEN"
        return "SUBMITTED" if self.taken(task, "SUBMITTED") else "CLAIMED"

    def unfinished(self, who: str) -> int:
        return sum(of == who and held.state != "ACCEPTED" for (_, of), held in self.held.items())

    def claim(self, task: int, who: str) -> type[Refusal] | None:
        if (task, who) in self.held:
            return None
        if task in self.closed:
            return TaskIsClosed
        if self.taken(task) == self.slots[task]:
            return TaskTaken
        if self.unfinished(who) == CLAIMS_AT_ONCE:
            return TooManyClaims
        self.held[task, who] = Held()
        self.events += 1
        return None

    def release(self, task: int, who: str) -> type[Refusal] | None:
        if (task, who) not in self.held or self.held[task, who].state == "ACCEPTED":
            return ClaimLost
        del self.held[task, who]
        self.events += 1
        return None

    def revoke(self, task: int, who: str) -> type[Refusal] | None:
        # Ana sees no claim that somebody else has given up.
        return NotFound if (task, who) not in self.held and who != "ana" else self.release(task, who)

    def submit(self, task: int, who: str) -> type[Refusal] | None:
        held = self.held.get((task, who))
        if held is None or held.state != "CLAIMED" or held.lapsed:
            return ClaimLost
        held.state = "SUBMITTED"
        self.events += 1
        return None

    def renew(self, task: int, who: str) -> type[Refusal] | None:
        held = self.held.get((task, who))
        return None if held and held.state == "CLAIMED" and not held.lapsed else ClaimLost

    def accept(self, task: int, who: str) -> type[Refusal] | None:
        return self._review(task, who, "ACCEPTED")

    def ask_for_changes(self, task: int, who: str) -> type[Refusal] | None:
        return self._review(task, who, "CLAIMED")

    def _review(self, task: int, who: str, state: str) -> type[Refusal] | None:
        held = self.held.get((task, who))
        if held is None:
            return ClaimLost if who == "ana" else NotFound
        if held.state != "SUBMITTED":
            return ClaimLost
        held.state, held.lapsed = state, held.lapsed and state == "ACCEPTED"
        self.done[who] += state == "ACCEPTED"
        self.events += 1
        return None

    def expire(self, task: int, who: str) -> None:
        held = self.held.get((task, who))
        if held and held.state == "CLAIMED" and held.lapsed:
            del self.held[task, who]
            self.events += 1

    def let_time_pass(self, task: int, who: str) -> None:
        if (task, who) in self.held:
            self.held[task, who].lapsed = True

    def close(self, task: int, who: str) -> None:
        self.events += task not in self.closed
        self.closed.add(task)

    def shrink(self, task: int, who: str) -> type[Refusal] | None:
        if self.slots[task] == 1 or self.taken(task) == self.slots[task]:
            return TooFewSlots
        self.slots[task] -= 1
        self.events += 1
        return None


class House:
    """The same verbs, done by the actions."""

    def __init__(self, cast: Cast, slots: list[int]) -> None:
        self.ana = cast.ana
        self.people = {user.handle: user for user in User.objects.filter(handle__in=HANDLES)}
        self.tasks = [
            people.task(cast.board, f"Task {number}", slots=each) for number, each in enumerate(slots)
        ]

    def last(self, task: int, who: str) -> dict[str, int]:
        mine = Claim.objects.filter(task=self.tasks[task], claimant=self.people[who])
        return {"claim_id": mine.values_list("pk", flat=True).last() or 0}

    def act(self, verb: str, task: int, who: str) -> None:
        by, pk, last = self.people[who], self.tasks[task].pk, self.last(task, who)
        match verb:
            case "claim":
                claims.claim_task(task_id=pk, by=by)
            case "release":
                claims.release_claim(**last, by=by)
            case "revoke":
                claims.release_claim(**last, by=self.ana)
            case "submit":
                claims.submit_work(**last, by=by, minutes_spent=10)
            case "renew":
                claims.renew_claim(**last, by=by)
            case "accept":
                claims.review_work(**last, by=self.ana, verdict="ACCEPT")
            case "ask_for_changes":
                claims.review_work(**last, by=self.ana, verdict="REQUEST_CHANGES")
            case "expire":
                claims.expire_claim(**last)
            case "let_time_pass":
                Claim.objects.filter(pk=last["claim_id"]).update(
                    expires_at=timezone.now() - timedelta(hours=1)
                )
            case "close":
                close_task(task_id=pk, by=self.ana)
            case "shrink":
                now = Task.objects.get(pk=pk)
                if now.slots == 1:
                    raise TooFewSlots  # No task has less than one place: the input would be refused already.
                edit_task(task_id=pk, by=self.ana, expected_version=now.version, slots=now.slots - 1)


VERBS = (
    "claim",
    "submit",
    "accept",
    "release",
    "ask_for_changes",
    "revoke",
    "expire",
    "renew",
    "let_time_pass",
)
STEPS = st.tuples(
    st.sampled_from((*VERBS, "claim", "submit", "close", "shrink")),
    st.integers(0, 2),
    st.sampled_from(HANDLES),
)


@given(
    slots=st.lists(st.integers(1, 3), min_size=3, max_size=3), steps=st.lists(STEPS, min_size=8, max_size=20)
)
@settings(max_examples=50)
def test_whatever_people_do_the_counters_are_true(
    four: Cast, monkeypatch: pytest.MonkeyPatch, slots: list[int], steps: list[tuple[str, int, str]]
):
    monkeypatch.setattr(claims, "CLAIMS_AT_ONCE", CLAIMS_AT_ONCE)
    before = transaction.savepoint()
    try:
        house, model = House(four, slots), Model(list(slots))
        for verb, task, who in steps:
            if house.last(task, who)["claim_id"] or verb in ("claim", "close", "shrink"):
                expected = getattr(model, verb)(task, who)
                try:
                    house.act(verb, task, who)
                    answer = None
                except Refusal as refusal:
                    answer = type(refusal)
                assert answer is expected, (verb, task, who)
                assert_true(house, model, four)
    finally:
        transaction.savepoint_rollback(before)


@pytest.fixture
def four(cast: Cast) -> Cast:
    """The cast, and two more to compete with."""
    people.person("dee")
    people.person("eve")
    return cast


def assert_true(house: House, model: Model, cast: Cast) -> None:
    live = Counter(Claim.objects.values_list("task", "state"))
    tasks = Task.objects.in_bulk()
    for number, pk in enumerate(task.pk for task in house.tasks):
        task = tasks[pk]
        assert task.state == model.state(number)
        assert (
            task.open_slots == task.slots - model.taken(number) == model.slots[number] - model.taken(number)
        )
        for state in ("CLAIMED", "SUBMITTED", "ACCEPTED"):
            counted = getattr(task, f"{state.lower()}_count")
            assert counted == live[pk, state] == model.taken(number, state)
    for user in User.objects.filter(handle__in=HANDLES):
        assert user.open_claim_count == model.unfinished(user.handle)
        assert (user.completed_task_count, user.minutes_given) == (
            model.done[user.handle],
            10 * model.done[user.handle],
        )
    events = RecordedEvent.objects.filter(stream=f"board:{cast.board.pk}").order_by("seq")
    assert list(events.values_list("seq", flat=True)) == list(range(1, model.events + 1))
    assert not Claim.objects.filter(state="RELEASED", released_at__lt=F("claimed_at")).exists()
