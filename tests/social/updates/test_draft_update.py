import pytest

from backend.core.refusals import Invalid, NotFound
from backend.projects.models import Membership, ProjectStatus, Role
from social.updates.actions import draft_update
from social.updates.models import Audience, Update
from tests.cast import Cast, person, project
from tests.snapshots import refused


def test_a_draft_is_the_teams_alone(cast: Cast, recorded):
    draft = draft_update(
        project_id=cast.project.pk,
        by=cast.ana,
        title=" First  water ",
        body="It *runs*.",
        audience="FOLLOWERS",
    )

    stored = Update.objects.get(pk=draft.pk)
    assert (stored.project, stored.author, stored.title) == (cast.project, cast.ana, "First water")
    assert (stored.body, stored.body_html) == ("It *runs*.", "<p>It <em>runs</em>.</p>")
    assert (stored.audience, stored.published_at, stored.comment_count) == (Audience.FOLLOWERS, None, 0)
    cast.project.refresh_from_db()
    assert (cast.project.update_count, recorded()) == (0, [])
    assert list(Update.objects.visible_to(cast.cy)) == list(Update.objects.visible_to(cast.sol)) == []


def test_a_draft_is_for_everyone_unless_said_otherwise(cast: Cast):
    assert (
        draft_update(project_id=cast.project.pk, by=cast.ana, title="x", body="y").audience
        == Audience.EVERYONE
    )


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.COORDINATOR, None])
def test_editors_speak_for_a_project_and_nobody_else(cast: Cast, role: Role | None):
    dee = person("dee")
    if role:
        Membership.objects.create(project=cast.project, user=dee, role=role)
    if role in (Role.ADMIN, Role.EDITOR):
        assert draft_update(project_id=cast.project.pk, by=dee, title="x", body="y").author == dee
        return
    for by in (dee, cast.cy, cast.sol):
        with refused(NotFound):
            draft_update(project_id=cast.project.pk, by=by, title="x", body="y")


def test_a_project_that_one_does_not_see_has_no_news_to_write(cast: Cast):
    hidden = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for pk in (hidden.pk, 0, -1, 2**62, 2**70):
        with refused(NotFound) as answer:
            draft_update(project_id=pk, by=cast.cy, title="x", body="y")
        assert str(answer.value) == NotFound.message


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"body": ""}, "body"),
        ({"body": "\u200d"}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"body": "a\0"}, "body"),
        ({"audience": "PRESS"}, "audience"),
        ({"audience": "everyone"}, "audience"),
    ],
)
def test_what_cannot_be_news_is_refused(cast: Cast, given: dict, field: str):
    with refused(Invalid, field):
        draft_update(project_id=cast.project.pk, by=cast.ana, **{"title": "x", "body": "y", **given})
