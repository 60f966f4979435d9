"""What the matrix must be able to see."""

from itertools import count

import pytest

from backend.communities.models import Community
from backend.core.refusals import NotFound, Refusal
from schema.member.projects import mutations
from tests.matrix.answers import all_done, done, seen
from tests.matrix.table import Row
from tests.matrix.world import World, word_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("forgotten")]

EDIT = Row("editProject", "", "draft", {"plain": "-", "owner": "does"})


def test_a_refusal_that_leaves_something_behind_is_seen(world: World, monkeypatch: pytest.MonkeyPatch):
    numbers = count()

    def edit_project(**_: object) -> None:
        Community.objects.create(slug=f"left-{next(numbers)}", name="Left behind", kind="LOCAL")
        raise NotFound

    monkeypatch.setattr(mutations.actions, "edit_project", edit_project)
    for answered in (lambda: done(world, "plain", EDIT), lambda: all_done(world, EDIT)):
        with pytest.raises(AssertionError, match="something has changed"):
            answered()


def test_a_deed_that_does_nothing_is_not_taken_for_done(world: World, monkeypatch: pytest.MonkeyPatch):
    draft = world.things["draft"]
    monkeypatch.setattr(mutations.actions, "edit_project", lambda **_: draft)
    assert done(world, "owner", EDIT) == "same"


def test_a_refusal_that_tells_what_is_there_is_seen(world: World, monkeypatch: pytest.MonkeyPatch):
    there = world.things["draft"].pk

    def edit_project(project_id: int, **_: object) -> None:
        refusal: Refusal = NotFound("It is not yours." if project_id == there else None)
        raise refusal

    monkeypatch.setattr(mutations.actions, "edit_project", edit_project)
    with pytest.raises(AssertionError, match="told from what never was"):
        done(world, "plain", EDIT)


def test_a_word_of_what_is_hidden_is_seen(world: World):
    """The board is shown, and the title of its project is as good as the project."""
    row = Row("node(id)", "", "board of live", {})
    assert seen(world, "plain", row) == "sees"
    board = world.things["board of live"]
    type(board)._default_manager.filter(pk=board.pk).update(title=word_of("draft"))
    with pytest.raises(AssertionError, match="a word of draft leaks"):
        seen(world, "plain", Row("Project.boards", "live", "draft", {}))
