import pytest

from backend.core.refusals import NotFound
from backend.projects.actions import Incomplete, WrongStatus, submit_project
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests.cast import Cast, person, project
from tests.races import race
from tests.snapshots import refused


@pytest.fixture
def draft(cast: Cast) -> Project:
    return ready(cast)


def ready(cast: Cast) -> Project:
    return project(cast.ana, "Taller", status=ProjectStatus.DRAFT, summary="A table.", description="d" * 80)


def test_a_draft_is_handed_to_staff(cast: Cast, draft: Project, recorded):
    submitted = submit_project(project_id=draft.pk, by=cast.ana)

    assert (submitted.status, submitted.launched_at) == (ProjectStatus.IN_REVIEW, None)
    assert submitted.submitted_at is not None
    assert recorded() == [("ProjectSubmitted", f"project:{draft.pk}", 1, {"project_id": draft.pk})]


@pytest.mark.parametrize(("summary", "description"), [("", "d" * 80), ("A table.", "d" * 79), ("", "")])
def test_what_cannot_be_reviewed_is_not_handed_in(cast: Cast, draft: Project, summary: str, description: str):
    Project.objects.filter(pk=draft.pk).update(summary=summary, description=description)
    with refused(Incomplete) as answer:
        submit_project(project_id=draft.pk, by=cast.ana)
    assert answer.value.code == "INCOMPLETE"


@pytest.mark.parametrize("status", [status for status in ProjectStatus if status != ProjectStatus.DRAFT])
def test_only_a_draft_is_handed_in(cast: Cast, status: ProjectStatus):
    made = project(cast.ana, "Other", status=status, summary="A table.", description="d" * 80)
    with refused(WrongStatus) as answer:
        submit_project(project_id=made.pk, by=cast.ana)
    assert answer.value.code == "WRONG_STATUS"


def test_owner_and_admins_hand_in_and_nobody_else(cast: Cast, draft: Project):
    dee = person("dee")
    for role in (Role.EDITOR, Role.COORDINATOR, None):
        Membership.objects.filter(user=dee).delete()
        if role:
            Membership.objects.create(project=draft, user=dee, role=role)
        with refused(NotFound):
            submit_project(project_id=draft.pk, by=dee)
    with refused(NotFound):
        submit_project(project_id=draft.pk, by=cast.sol)
    Membership.objects.filter(user=dee).update(role=Role.ADMIN)
    assert submit_project(project_id=draft.pk, by=cast.ana).status == ProjectStatus.IN_REVIEW


def test_of_eight_clicks_at_once_one_hands_it_in(racing_cast: Cast, recorded):
    draft = ready(racing_cast)
    out = race(lambda _: submit_project(project_id=draft.pk, by=racing_cast.ana), range(8))
    assert sorted(out) == ["Project"] + ["WrongStatus"] * 7
    assert [kind for kind, *_ in recorded()] == ["ProjectSubmitted"]
