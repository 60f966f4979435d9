import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.core.refusals import Refusal
from backend.projects import actions
from backend.projects.models import (
    PUBLIC,
    Category,
    Membership,
    Project,
    ProjectPermission,
    ProjectStatus,
    Review,
    Role,
    Verdict,
    project_permissions,
)
from social.follows.models import Follow
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused

EVERY = set(ProjectStatus.values)


@pytest.fixture
def one_of_each(cast: Cast) -> Cast:
    """Ana's projects, one in each status, all with Bo in the team; the live one is that of the cast."""
    for status in ProjectStatus:
        if status != ProjectStatus.LIVE:
            Membership.objects.create(
                project=project(cast.ana, status, status=status, slug=status.lower().replace("_", "-")),
                user=cast.bo,
                role=Role.COORDINATOR,
            )
    return cast


def test_the_database_refuses_what_can_never_be(cast: Cast):
    huerta, other = cast.project, project(cast.ana, "Other", imported_from="goteo:other")
    review = Review.objects.create(project=huerta, reviewer=cast.sol, verdict=Verdict.APPROVE)

    def change(**facts: object) -> int:
        return Project.objects.filter(pk=huerta.pk).update(**facts)

    assert_each_is_refused(
        "projects",
        {
            "projects_project_slug_key": lambda: change(slug=other.slug),
            "project_is_imported_once": lambda: change(imported_from="goteo:other"),
            "project_category_is_known": lambda: change(category="MILITARY"),
            "project_status_is_known": lambda: change(status="HIDDEN", launched_at=None),
            "project_is_public_from_its_launch_on": lambda: change(status=ProjectStatus.DRAFT),
            "person_is_in_a_team_once": lambda: Membership.objects.create(
                project=huerta, user=cast.bo, role=Role.ADMIN
            ),
            "project_has_one_owner": lambda: Membership.objects.create(
                project=huerta, user=cast.cy, role=Role.OWNER
            ),
            "membership_role_is_known": lambda: Membership.objects.create(
                project=huerta, user=cast.cy, role="KING"
            ),
            "review_verdict_is_known": lambda: Review.objects.filter(pk=review.pk).update(verdict="MAYBE"),
        },
    )


@pytest.mark.parametrize("status", ProjectStatus)
def test_a_project_has_a_launch_date_exactly_if_it_is_public(cast: Cast, status: ProjectStatus):
    from tests.constraints import refused_by

    launched_at = None if status in PUBLIC else timezone.now()
    with refused_by("project_is_public_from_its_launch_on"):
        Project.objects.filter(pk=cast.project.pk).update(status=status, launched_at=launched_at)


def test_who_sees_a_project_in_which_status(one_of_each: Cast):
    cast, dee = one_of_each, person("dee")
    Follow.objects.create(follower=dee, project=cast.project)
    project(cast.cy, "Cy's draft", status=ProjectStatus.DRAFT, slug="cys-draft")
    expected: dict[User | None, set[str]] = {
        None: set(PUBLIC),
        cast.ana: EVERY,
        cast.bo: EVERY,
        cast.cy: {*PUBLIC, "cys-draft"},
        dee: set(PUBLIC),
        cast.sol: {*EVERY, "cys-draft"},
    }

    for viewer, seen in expected.items():
        rows = Project.objects.visible_to(viewer).values_list("status", "slug")
        names = [slug if slug == "cys-draft" else status for status, slug in rows]
        assert (set(names), len(names)) == (seen, len(seen)), viewer
        teams = Membership.objects.visible_to(viewer).values_list(
            "project__status", "project__slug", "user__handle"
        )
        assert set(teams) == {
            (ProjectStatus.DRAFT, "cys-draft", "cy") if name == "cys-draft" else (name, slug, handle)
            for name in seen
            for slug in [Project.objects.get(owner=cast.ana, status=name).slug if name != "cys-draft" else ""]
            for handle in ("ana", "bo")
        }, viewer
    assert set(Project.objects.public().values_list("status", flat=True)) == set(PUBLIC)


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_the_doors_that_are_named_after_it(cast: Cast, role: Role):
    Membership.objects.filter(user=cast.ana).delete()
    Membership.objects.create(project=cast.project, user=cast.cy, role=role)
    doors = {
        name: Project.objects.with_team_member(cast.cy, roles).exists()
        for name, roles in (("edit", actions.EDITORS), ("admin", actions.ADMINS))
    }
    assert doors == {
        "edit": role in (Role.OWNER, Role.ADMIN, Role.EDITOR),
        "admin": role in (Role.OWNER, Role.ADMIN),
    }
    assert not Project.objects.with_team_member(cast.sol, tuple(Role)).exists(), "staff is in no team"
    assert not Project.objects.with_team_member(None, tuple(Role)).exists()


@pytest.mark.parametrize("viewer", ["nobody", "ana", "bo", "cy", "sol"])
def test_what_the_permissions_promise_the_actions_keep(one_of_each: Cast, viewer: str):
    """For each viewer and status: a verb is listed exactly if its action does not refuse."""
    cast = one_of_each
    by = None if viewer == "nobody" else User.objects.get(handle=viewer)
    Project.objects.update(summary="s", description="d" * 80)
    permissions = dict(
        Project.objects.visible_to(by).annotate(can=project_permissions(by)).values_list("pk", "can")
    )
    if by is None:
        assert set(map(tuple, permissions.values())) == {()}
        return
    verbs = {
        ProjectPermission.EDIT: lambda pk: actions.edit_project(project_id=pk, by=by, title="Another"),
        ProjectPermission.SUBMIT: lambda pk: actions.submit_project(project_id=pk, by=by),
        ProjectPermission.REVIEW: lambda pk: actions.review_project(project_id=pk, by=by, verdict="APPROVE"),
        ProjectPermission.LAUNCH: lambda pk: actions.launch_project(project_id=pk, by=by),
    }
    for pk in Project.objects.filter(owner=cast.ana).values_list("pk", flat=True):
        for permission, verb in verbs.items():
            before = Project.objects.filter(pk=pk).values("status", "launched_at", "title").get()
            try:
                verb(pk)
                allowed = True
            except Refusal:
                allowed = False
            Project.objects.filter(pk=pk).update(**before)
            assert allowed == (permission in permissions.get(pk, [])), (before["status"], permission)


def test_what_each_person_may_do_with_a_live_project(cast: Cast):
    def can(viewer: User | None) -> list[str]:
        return Project.objects.annotate(can=project_permissions(viewer)).get(pk=cast.project.pk).can

    everyone = ["FOLLOW", "COMMENT"]
    assert can(None) == []
    assert can(cast.ana) == [*everyone, "EDIT", "POST_UPDATE", "RUN_BOARDS"]
    assert can(cast.bo) == [*everyone, "RUN_BOARDS"]
    assert can(cast.cy) == can(cast.sol) == everyone


def test_a_project_names_its_category_and_has_the_six_of_goteo(cast: Cast):
    assert set(Category.values) == {
        *("SOCIAL", "CULTURAL", "SCIENTIFIC", "EDUCATIONAL", "TECHNOLOGICAL", "ECOLOGICAL")
    }
