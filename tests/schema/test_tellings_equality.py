"""Whoever is told of a task, however many are told with them, is told what they would be answered if they asked for it."""

import json
import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from backend.boards.models import Task
from schema import execution, tellings
from schema.context import Asker, Context, Standing
from schema.operations import run
from schema.planner.plans import PlanForEach
from schema.planner.slots import Run
from schema.planner.statements import StatementForEach
from schema.preparing import BadRequest, encode
from schema.subscriptions import by_standing
from schema.tellings import Telling, subscribed
from tests.asking import id_of
from tests.oracle.answers import prepared
from tests.oracle.selections import Selection, selection
from tests.oracle.worlds import World, make_world
from tests.schema.telling import asker_of, happened

#: Documents in all; more of them in the night: EXAMPLES=2000.
EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
#: Documents in which a planted fault must be found; most are within ten.
CONTROLS = max(EXAMPLES, 300)
WHO = [None, "ana", "bo", "cy", "sol"]


class Different(AssertionError):
    """What somebody is told is not what they would be answered."""


@pytest.fixture
def world(db: None) -> World:
    """The same for all documents of a test."""
    return make_world(3)


@pytest.fixture(autouse=True)
def somebody_looks() -> Iterator[None]:
    """At most boards somebody is present."""
    with override_settings(PRESENCE="tests.oracle.worlds.present"):
        yield


def answered(asked: Selection, variables: dict[str, Any], task: Task, asker: Asker | None) -> str:
    """What an asker is answered who asks for the task."""
    document = asked.within("query", "$id: ID!", "{ node(id: $id) { ... on Task", "} }")
    try:
        answer = run(prepared(document, {**variables, "id": id_of(task)}), Context(session=asker))
    except BadRequest as refusal:
        return codes(refusal.errors)
    said = json.loads(encode(answer))
    return codes(said["errors"]) if "errors" in said else json.dumps(said["data"]["node"])


def followed(asked: Selection, variables: dict[str, Any], task: Task) -> Telling | str:
    """How an event of the task is told to whoever selects this of it, or why they may not follow."""
    document = asked.within(
        "subscription", "$board: ID!", "{ boardEvents(boardId: $board) { ... on TaskEdited { task", "} } }"
    )
    try:
        return subscribed(prepared(document, {**variables, "board": id_of(task.board)}), None)[1]
    except BadRequest as refusal:
        return codes(refusal.errors)


def told(telling: Telling | str, task: Task, askers: list[Asker | None]) -> list[str]:
    """What each of some askers is told of the task at once."""
    if isinstance(telling, str):
        return [telling] * len(askers)
    said = telling.of(happened(task), askers)
    return [
        codes(json.loads(each.text))
        if each.is_last
        else json.dumps(json.loads(each.text)["data"]["boardEvents"]["task"])
        for each in (said[asker] for asker in askers)
    ]


def codes(errors: list[dict[str, Any]]) -> str:
    """Why there is no answer; a failure of ours is never the same as another."""
    found = {error["extensions"]["code"] for error in errors}
    if "INTERNAL" in found:
        raise Different(f"it failed: {errors}")
    return f"refused: {sorted(found)}"


def compare(world: World, random: Random, who: str | None, others: list[str | None]) -> None:
    """Ask for a task, and tell it to all who see it; then once more, with other variables."""
    viewer = world.viewers[who] if who else None
    task = random.choice(world.shown("Task", viewer))
    asked = selection(random, world, viewer, task)
    people = [viewer, *(world.viewers[each] if each else None for each in others)]
    # Who may not see its board is told nothing of it.
    askers = [asker_of(each) for each in people if task in world.shown("Task", each)]
    # Both before anything is told: what is shared must not be what the variables say.
    both = [(each, followed(asked, each, task)) for each in (asked.variables, asked.others)]
    for variables, telling in both:
        # A statement that PostgreSQL refuses ends what it stands in.
        with transaction.atomic():
            expected = [answered(asked, variables, task, each) for each in askers]
            said = told(telling, task, askers)
        event("they see different things" if len({*expected}) > 1 else "they see the same")
        for asker, alone, at_once in zip(askers, expected, said, strict=True):
            if alone != at_once:
                name = asker.user.pk if asker else "nobody"
                raise Different(
                    f"{asked.text}\n{asked.fragments}\n{variables}\n{name}:\n{at_once}\nnot\n{alone}"
                )


ASKED = {
    "random": st.randoms(use_true_random=True),
    "who": st.sampled_from(WHO),
    "others": st.lists(st.sampled_from(WHO), min_size=1, max_size=6),
}


@settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(**ASKED)
def test_what_one_is_told_is_what_one_would_be_answered(world: World, **asked: Any):
    compare(world, **asked)


@pytest.fixture
def no_plans() -> Iterator[None]:
    """What a fault has been compiled into is forgotten, and what is sound too before it."""
    execution._plans.clear()
    yield
    execution._plans.clear()


Plant = Callable[[pytest.MonkeyPatch], None]


def _backwards(change: pytest.MonkeyPatch) -> None:
    right = StatementForEach.values
    change.setattr(StatementForEach, "values", lambda self, run: right(self, run)[::-1])


def _as_the_first(change: pytest.MonkeyPatch) -> None:
    right = PlanForEach.answers

    def wrong(self: PlanForEach, run: Run) -> list[Any]:
        first = right(self, Run(None, run.variables, run.handed, run.askers[:1]))
        return first if self.is_alike else first * len(run.askers)

    change.setattr(PlanForEach, "answers", wrong)


def _staff_as_others(change: pytest.MonkeyPatch) -> None:
    change.setattr(
        tellings,
        "by_standing",
        lambda askers: {
            kind and Standing(): [each for each in askers if (each is None) == (kind is None)]
            for kind in by_standing(askers)
        },
    )


def _blocks_forgotten(change: pytest.MonkeyPatch) -> None:
    def wrong(askers: Any) -> dict[Standing | None, list[Any]]:
        found: dict[Standing | None, list[Any]] = {}
        for kind, alike in by_standing(askers).items():
            found.setdefault(kind and kind._replace(has_blocks=False), []).extend(alike)
        return found

    change.setattr(tellings, "by_standing", wrong)


def _first_variables(change: pytest.MonkeyPatch) -> None:
    right = tellings.orjson.dumps
    change.setattr(
        tellings,
        "orjson",
        type("_", (), {"dumps": lambda value: b"" if isinstance(value, dict) else right(value)}),
    )


FAULTS: dict[str, Plant] = {
    "the rows are put in the wrong places": _backwards,
    "a slot is the first asker's": _as_the_first,
    "staff is told as others are": _staff_as_others,
    "who has a block is told as others are": _blocks_forgotten,
    "who sends other variables is told as whoever came first": _first_variables,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(world: World, no_plans: None, monkeypatch: pytest.MonkeyPatch, fault: str):
    """The control."""
    FAULTS[fault](monkeypatch)

    @settings(max_examples=CONTROLS, phases=[Phase.generate], database=None, report_multiple_bugs=False)
    @given(**ASKED)
    def ask(**asked: Any) -> None:
        compare(world, **asked)

    with pytest.raises(Different) as found:
        ask()
    # One that does not fit any more would be found too, and would say nothing.
    assert "it failed" not in str(found.value)
