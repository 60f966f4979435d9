from datetime import timedelta

import pytest
from django.utils import timezone

from backend.core.refusals import NotFound
from backend.projects.models import Project, ProjectStatus
from social.updates.actions import NotPublicYet, draft_update, publish_update
from social.updates.models import Update
from tests.cast import Cast, project
from tests.races import race
from tests.snapshots import refused, snapshot


@pytest.fixture
def draft(cast: Cast) -> Update:
    return draft_update(project_id=cast.project.pk, by=cast.ana, title="First water", body="It runs.")


def test_news_is_out_and_counted(cast: Cast, draft: Update, recorded):
    published = publish_update(update_id=draft.pk, by=cast.ana)

    assert abs(published.published_at - timezone.now()) < timedelta(seconds=5)
    assert list(Update.objects.visible_to(None)) == [published]
    assert Project.objects.get(pk=cast.project.pk).update_count == 1
    facts = {"project_id": cast.project.pk, "update_id": draft.pk}
    assert recorded() == [("UpdatePublished", f"project:{cast.project.pk}", 1, facts)]


def test_publishing_twice_is_the_same_as_once(cast: Cast, draft: Update):
    first = publish_update(update_id=draft.pk, by=cast.ana)
    before = snapshot()
    assert publish_update(update_id=draft.pk, by=cast.ana).published_at == first.published_at
    assert snapshot() == before


@pytest.mark.parametrize("status", ["DRAFT", "IN_REVIEW", "APPROVED", "REJECTED"])
def test_a_project_without_readers_has_no_news(cast: Cast, status: str):
    hidden = project(cast.ana, "Secret", status=ProjectStatus(status))
    draft = draft_update(project_id=hidden.pk, by=cast.ana, title="x", body="y")
    with refused(NotPublicYet) as answer:
        publish_update(update_id=draft.pk, by=cast.ana)
    assert answer.value.code == "NOT_PUBLIC_YET"


def test_nobody_but_who_speaks_for_the_project_publishes(cast: Cast, draft: Update):
    for by in (cast.bo, cast.cy, cast.sol):
        with refused(NotFound):
            publish_update(update_id=draft.pk, by=by)
    for pk in (0, -1, 2**62, 2**70):
        with refused(NotFound):
            publish_update(update_id=pk, by=cast.ana)


def test_of_eight_clicks_at_once_one_is_told_and_counted(racing_cast: Cast, recorded):
    draft = draft_update(project_id=racing_cast.project.pk, by=racing_cast.ana, title="x", body="y")

    out = race(lambda _: publish_update(update_id=draft.pk, by=racing_cast.ana), range(8))

    assert out == ["Update"] * 8
    assert Project.objects.get(pk=racing_cast.project.pk).update_count == 1
    assert [(kind, seq) for kind, _, seq, _ in recorded()] == [("UpdatePublished", 1)]
