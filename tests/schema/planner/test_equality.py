"""The planner answers what walking from row to row answers: whatever is asked, by whomever, of whatever world."""

import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from backend.projects.models import Project
from schema import execution
from schema.context import Standing
from schema.planner import arguments, pages, rendering, roots, slots, sources
from social.comments.models import CommentQuerySet
from social.updates.models import Update
from tests.asking import undone
from tests.oracle.answers import Different, assert_same, differs
from tests.oracle.reducing import reduced
from tests.oracle.selections import question
from tests.oracle.twists import TWISTS
from tests.oracle.worlds import World, make_world

#: Documents in all; more of them in the night: EXAMPLES=2000.
EXAMPLES = int(os.environ.get("EXAMPLES", "200"))
#: The seeds of the worlds; a test that takes longer than four minutes counts as hanging.
#: Documents in which a planted fault must be found; most are within ten.
CONTROLS = max(EXAMPLES, 600)
WORLDS = range(max(4, EXAMPLES // 500))
WHO = [None, "ana", "bo", "cy", "sol"]


@pytest.fixture
def world(db: None, request: pytest.FixtureRequest) -> World:
    """The world of a seed, made once for all the documents of a test."""
    return make_world(getattr(request, "param", 0))


@pytest.fixture(autouse=True)
def somebody_looks() -> Iterator[None]:
    """At most boards somebody is present."""
    with override_settings(PRESENCE="tests.oracle.worlds.present"):
        yield


Ask = Callable[[str, dict[str, Any], str | None, frozenset[str]], object]


def ask_both(
    world: World,
    *,
    random: Random,
    who: str | None,
    who_else: str | None,
    twist: str,
    ask: Ask = assert_same,
) -> None:
    """Ask something; then let somebody else ask it with other variables, which often comes from the plan of the first."""
    asked = question(random, world, world.viewers.get(who))
    # What costs too much is walked through all the same by who knows no price.
    doubtful = asked.doubtful | {"QUERY_TOO_COMPLEX"}
    with undone():
        TWISTS[twist]()
        ask(asked.text, asked.variables, world.token(who), doubtful)
        # A cursor may be of a list of the first viewer, or of the row that the first variables name.
        ask(asked.text, asked.others, world.token(who_else), doubtful | {"BAD_CURSOR"})


def assert_same_or_say_least(
    query: str, variables: dict[str, Any], token: str | None, doubtful: frozenset[str]
) -> None:
    """Raises `Different` for the shortest document that is found to differ as this one does."""
    said = differs(query, variables, token, doubtful)
    event("different" if said else "the same")
    if said:
        kind = type(said)
        least = reduced(query, lambda shorter: type(differs(shorter, variables, token, doubtful)) is kind)
        said = differs(least, variables, token, doubtful) or said
        used = {name: value for name, value in variables.items() if f"${name}" in least}
        raise Different(f"{least}\n{used}\n{said}") from said


ASKED = {
    "random": st.randoms(use_true_random=True),
    "who": st.sampled_from(WHO),
    "who_else": st.sampled_from(WHO),
    "twist": st.sampled_from(sorted(TWISTS, key="nothing".__ne__)),
}
#: A document is made shorter by `reduced`, which takes seconds where hypothesis would take minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@pytest.mark.parametrize("world", WORLDS, indirect=True, ids=lambda seed: f"world {seed}")
@settings(max_examples=max(EXAMPLES // len(WORLDS), 1), phases=PHASES)
@given(**ASKED)
def test_the_planner_answers_what_walking_from_row_to_row_answers(world: World, **asked: Any):
    ask_both(world, ask=assert_same_or_say_least, **asked)


@pytest.fixture
def no_plans() -> Iterator[None]:
    """What a fault has been compiled into is forgotten, and what is sound too before it."""
    execution._plans.clear()
    yield
    execution._plans.clear()


def _another_column(change: pytest.MonkeyPatch) -> None:
    right = sources.Column.compile

    def wrong(self: Any, asked: Any, row: Any) -> Any:
        return row.here("pk", "text") if asked.python_name == "title" else right(self, asked, row)

    change.setattr(sources.Column, "compile", wrong)


def _all_rows_of(model: Any) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(change: pytest.MonkeyPatch) -> None:
        right = sources.visible_rows

        def wrong(of: Any, viewer: Any, narrow: Any = None, **more: Any) -> Any:
            if of is not model:
                return right(of, viewer, narrow, **more)
            return narrow(of.objects.all()) if narrow else of.objects.all()

        for module in (sources, pages, roots):
            change.setattr(module, "visible_rows", wrong)

    return plant


def _one_row_more(change: pytest.MonkeyPatch) -> None:
    change.setattr(pages, "page_size", lambda first: sources.page_size(first) + 1)


def _backwards(change: pytest.MonkeyPatch) -> None:
    right = rendering.JsonList.__init__
    change.setattr(
        rendering.JsonList,
        "__init__",
        lambda self, rows, values, **more: right(self, rows.reverse(), values, **more),
    )


def _from_the_cursor_on(change: pytest.MonkeyPatch) -> None:
    right = pages.Page._behind

    def wrong(self: Any, read: Any) -> Any:
        found = right(self, read)
        found.text = found.text.replace(" < ", " <= ").replace(" > ", " >= ")
        return found

    change.setattr(pages.Page, "_behind", wrong)


def _counting_all(change: pytest.MonkeyPatch) -> None:
    change.setattr(pages.Page, "_total", lambda self, asked: rendering.JsonCount(self.model.objects.all()))


def _staff_as_others(change: pytest.MonkeyPatch) -> None:
    change.setattr(execution, "ViewerSlot", lambda standing: slots.ViewerSlot(Standing()))


def _blocks_forgotten(change: pytest.MonkeyPatch) -> None:
    change.setattr(
        execution, "ViewerSlot", lambda standing: slots.ViewerSlot(standing._replace(has_blocks=False))
    )


def _everybody_heard(change: pytest.MonkeyPatch) -> None:
    right = CommentQuerySet.visible_under
    subjects = ("project", "update", "task")
    change.setattr(
        CommentQuerySet,
        "visible_under",
        lambda self, parent, viewer: self.all() if parent in subjects else right(self, parent, viewer),
    )


def _names_cut(change: pytest.MonkeyPatch) -> None:
    change.setattr(rendering, "_LONGEST_NAME", 200)


def _unconditional(change: pytest.MonkeyPatch) -> None:
    change.setattr(sources.Itself, "compile", lambda self, asked, row: asked.select(row))
    change.setattr(
        sources.One, "compile", lambda self, asked, row: sources.related(asked, row, self.model, self.key)
    )


def _variables_frozen(change: pytest.MonkeyPatch) -> None:
    change.setattr(arguments, "_reader", lambda node, type_, now: lambda run: now)


FAULTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a column is read from another": _another_column,
    "news is shown to everybody": _all_rows_of(Update),
    "projects are shown to everybody": _all_rows_of(Project),
    "a page has one row more": _one_row_more,
    "a list comes backwards": _backwards,
    "a page begins with the row of its cursor": _from_the_cursor_on,
    "a total counts all rows there are": _counting_all,
    "staff is not asked for": _staff_as_others,
    "blocks are not asked for": _blocks_forgotten,
    "under a thing everybody is heard": _everybody_heard,
    "long names are cut": _names_cut,
    "a condition is left out": _unconditional,
    "a plan keeps the variables that it was made with": _variables_frozen,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_planner_is_found(
    world: World, no_plans: None, monkeypatch: pytest.MonkeyPatch, fault: str
):
    """The control: each fault is one that nothing but a comparison would tell."""
    FAULTS[fault](monkeypatch)

    @settings(max_examples=CONTROLS, phases=[Phase.generate], database=None, report_multiple_bugs=False)
    @given(**ASKED)
    def ask(**asked: Any) -> None:
        ask_both(world, **asked)

    with pytest.raises(Different) as found:
        ask()
    # A fault that does not fit the planner any more would be found too, and would say nothing.
    assert found.type is Different, found.value
