"""Over a block nothing is said: neither hears the other, answers the other, or speaks on what the other owns."""

import pytest

from backend.accounts.models import User
from backend.boards.models import Task
from backend.core.refusals import NotFound
from backend.projects.models import Project
from social.comments.actions import add_comment, edit_comment
from social.comments.models import Comment
from social.follows.blocks import block_person
from social.updates.models import Update
from tests import cast as people
from tests.cast import Cast
from tests.schema.deeds import comment, update
from tests.snapshots import refused


def now(one: User) -> User:
    """Somebody, as they are now."""
    return User.objects.get(pk=one.pk)


def say(by: User, thing: Project | Task | Update, parent: Comment | None = None) -> Comment:
    return add_comment(
        kind=type(thing), subject_id=thing.pk, by=by, body="Hello", parent_id=parent.pk if parent else None
    )


@pytest.mark.parametrize("who", ["the owner", "the other"])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "not known yet"])
def test_neither_speaks_on_the_others_project(cast: Cast, who: str, is_known: bool):
    """Also where the block was made after it was read who asks."""
    pair = [cast.ana, cast.cy] if who == "the owner" else [cast.cy, cast.ana]
    block_person(user_id=pair[1].pk, by=pair[0])
    cy = now(cast.cy) if is_known else cast.cy

    for thing in (cast.project, cast.task, update(cast, published_at=cast.project.launched_at)):
        with refused(NotFound):
            say(cy, thing)
    # Others do, and so does the owner herself.
    assert say(cast.bo, cast.project).author == cast.bo
    assert say(now(cast.ana), cast.task).author == cast.ana


def test_they_speak_on_a_third_persons_project_and_do_not_hear_each_other(cast: Cast):
    block_person(user_id=cast.bo.pk, by=cast.cy)
    bo, cy = now(cast.bo), now(cast.cy)
    bos, cys = say(bo, cast.project), say(cy, cast.project)
    anas = say(cast.ana, cast.project, parent=bos)

    heard = {bo: {bos, anas}, cy: {cys, anas}, cast.ana: {bos, cys, anas}, None: {bos, cys, anas}}
    for viewer, seen in heard.items():
        assert set(Comment.objects.visible_to(viewer)) == seen, viewer
        assert set(Comment.objects.visible_under("project", viewer)) == seen, viewer
    # Somebody else's answer stands by itself.
    assert say(cy, cast.project, parent=anas).parent == anas


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "not known yet"])
def test_neither_answers_the_other(cast: Cast, is_known: bool):
    bos, cys = comment(cast, author=cast.bo), comment(cast, author=cast.cy)
    block_person(user_id=cast.bo.pk, by=cast.cy)
    for by, parent in ((cast.bo, cys), (cast.cy, bos)):
        with refused(NotFound, "parentId"):
            say(now(by) if is_known else by, cast.project, parent=parent)


def test_what_one_has_said_is_ones_own_still(cast: Cast):
    cys = comment(cast, author=cast.cy)
    block_person(user_id=cast.cy.pk, by=cast.ana)
    assert edit_comment(comment_id=cys.pk, by=now(cast.cy), body="Bye").body == "Bye"


def test_staff_hear_everybody_and_speak_where_they_are_welcome(cast: Cast):
    block_person(user_id=cast.sol.pk, by=cast.ana)
    anas = comment(cast, author=cast.ana)
    assert anas in Comment.objects.visible_to(now(cast.sol))
    with refused(NotFound):
        say(now(cast.sol), cast.project)


def test_whose_project_it_is_decides_and_not_who_is_on_its_team(cast: Cast):
    plaza = people.project(cast.sol, "Plaza")
    block_person(user_id=cast.bo.pk, by=cast.cy)
    assert say(now(cast.cy), cast.project).author == cast.cy
    assert say(now(cast.cy), plaza).author == cast.cy
