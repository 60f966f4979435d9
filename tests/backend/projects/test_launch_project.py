from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.refusals import NotFound
from backend.projects.actions import WrongStatus, launch_project
from backend.projects.models import Project, ProjectStatus
from tests.cast import Cast, project
from tests.races import race
from tests.snapshots import refused


def approved(cast: Cast, **facts: object) -> Project:
    return project(cast.ana, "Taller", status=ProjectStatus.APPROVED, **facts)


def test_an_approved_project_becomes_everybodys_and_is_counted(cast: Cast, recorded):
    murcia = Community.objects.create(slug="murcia", name="Murcia", kind="LOCAL")
    coming = approved(cast, community=murcia)

    launched = launch_project(project_id=coming.pk, by=cast.ana)

    assert launched.status == ProjectStatus.LIVE
    assert abs(launched.launched_at - timezone.now()) < timedelta(seconds=5)
    assert Project.objects.visible_to(None).filter(pk=coming.pk).exists()
    assert Community.objects.get().project_count == 1
    assert User.objects.get(pk=cast.ana.pk).project_count == 1
    assert recorded() == [("ProjectLaunched", f"project:{coming.pk}", 1, {"project_id": coming.pk})]


@pytest.mark.parametrize("status", [status for status in ProjectStatus if status != ProjectStatus.APPROVED])
def test_only_what_was_approved_is_launched(cast: Cast, status: ProjectStatus):
    made = project(cast.ana, "Other", status=status)
    with refused(WrongStatus):
        launch_project(project_id=made.pk, by=cast.ana)


def test_nobody_but_owner_and_admins_launches(cast: Cast):
    coming = approved(cast)
    for by in (cast.bo, cast.cy, cast.sol):
        with refused(NotFound):
            launch_project(project_id=coming.pk, by=by)


def test_of_eight_clicks_at_once_one_launches_and_it_is_counted_once(racing_cast: Cast, recorded):
    coming = approved(racing_cast)
    out = race(lambda _: launch_project(project_id=coming.pk, by=racing_cast.ana), range(8))

    assert sorted(out) == ["Project"] + ["WrongStatus"] * 7
    assert User.objects.get(pk=racing_cast.ana.pk).project_count == 1
    assert [kind for kind, *_ in recorded()] == ["ProjectLaunched"]
