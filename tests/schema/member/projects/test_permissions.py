"""`viewerCan` says what the actions do: each is tried, for everybody and in every status."""

from collections.abc import Callable

import pytest

from backend.accounts.models import User
from backend.boards.actions import create_board
from backend.core.refusals import Refusal
from backend.projects.actions import edit_project, launch_project, review_project, submit_project
from backend.projects.models import PUBLIC, Membership, Project, ProjectPermission, ProjectStatus, Role
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.updates.actions import publish_update
from tests import cast as people
from tests.asking import ask, id_of, undone
from tests.cast import Cast
from tests.schema.deeds import update


def attempts(project: Project, news: int) -> dict[str, Callable[[User], object]]:
    """For each permission the action that it speaks of."""
    return {
        "FOLLOW": lambda by: follow(kind=Project, target_id=project.pk, by=by),
        "COMMENT": lambda by: add_comment(kind=Project, subject_id=project.pk, body="Yes.", by=by),
        "EDIT": lambda by: edit_project(project_id=project.pk, title="Seeds", by=by),
        "POST_UPDATE": lambda by: publish_update(update_id=news, by=by),
        "RUN_BOARDS": lambda by: create_board(project_id=project.pk, title="Autumn", by=by),
        "SUBMIT": lambda by: submit_project(project_id=project.pk, by=by),
        "REVIEW": lambda by: review_project(project_id=project.pk, verdict="APPROVE", by=by),
        "LAUNCH": lambda by: launch_project(project_id=project.pk, by=by),
    }


def is_done(attempt: Callable[[User], object], by: User) -> bool:
    """Whether the action goes through; it is taken back."""
    with undone():
        try:
            attempt(by)
        except Refusal:
            return False
    return True


@pytest.mark.parametrize("status", ProjectStatus)
def test_what_somebody_can_do_is_what_they_are_let_do(cast: Cast, status: ProjectStatus):
    project = people.project(cast.ana, "Seeds", status=status, summary="Seeds.", description="Seeds. " * 20)
    actors = {"nobody": None, "stranger": cast.cy, "owner": cast.ana, "staff": cast.sol}
    for role in (Role.ADMIN, Role.EDITOR, Role.COORDINATOR):
        actors[role] = people.person(role.lower())
        Membership.objects.create(project=project, user=actors[role], role=role)
    actors["staff in the team"] = people.person("sam", is_staff=True)
    Membership.objects.create(project=project, user=actors["staff in the team"], role=Role.ADMIN)
    tried = attempts(project, update(cast, project=project).pk)
    assert list(tried) == ProjectPermission.values

    query = "query($id: ID!) { node(id: $id) { ... on Project { viewerCan } } }"
    for name, actor in actors.items():
        seen = ask(query, actor, id=id_of(project))["data"]["node"]
        if seen is None:
            # Whoever does not see it can do nothing with it either.
            assert status not in PUBLIC
            assert actor is None or not any(is_done(attempt, actor) for attempt in tried.values()), name
        elif actor is None:
            assert seen["viewerCan"] == []
        else:
            assert seen["viewerCan"] == [each for each in tried if is_done(tried[each], actor)], name
