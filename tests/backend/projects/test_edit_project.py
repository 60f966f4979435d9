import pytest

from backend.communities.models import Community
from backend.core.refusals import Invalid, NotFound
from backend.projects.actions import SlugTaken, edit_project, launch_project
from backend.projects.models import Membership, Project, ProjectStatus, Role
from tests.cast import Cast, person, project
from tests.races import after_a_wait, race
from tests.snapshots import refused, snapshot


def community(slug: str) -> Community:
    return Community.objects.create(slug=slug, name=slug.title(), kind="LOCAL")


def counts() -> dict[str, int]:
    return dict(Community.objects.values_list("slug", "project_count"))


def test_what_is_given_is_changed_and_the_rest_stays(cast: Cast, recorded):
    before = Project.objects.values().get(pk=cast.project.pk)

    edit_project(
        project_id=cast.project.pk, by=cast.ana, summary="Agua para todos.", description="*Agua*", slug="agua"
    )

    after = Project.objects.values().get(pk=cast.project.pk)
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "summary": "Agua para todos.",
        "description": "*Agua*",
        "description_html": "<p><em>Agua</em></p>",
        "slug": "agua",
    }
    assert recorded() == []


def test_nothing_given_is_nothing_changed(cast: Cast):
    before = snapshot()
    assert edit_project(project_id=cast.project.pk, by=cast.ana) == cast.project
    assert snapshot() == before


@pytest.mark.parametrize(
    ("role", "may"), [(Role.ADMIN, True), (Role.EDITOR, True), (Role.COORDINATOR, False), (None, False)]
)
def test_the_team_edits_and_nobody_else(cast: Cast, role: Role | None, may: bool):
    dee = person("dee")
    if role:
        Membership.objects.create(project=cast.project, user=dee, role=role)
    if may:
        assert edit_project(project_id=cast.project.pk, by=dee, title="Dee's words").title == "Dee's words"
        return
    for by in (dee, cast.sol):
        with refused(NotFound):
            edit_project(project_id=cast.project.pk, by=by, title="Dee's words")


def test_a_draft_of_somebody_else_looks_as_if_it_did_not_exist(cast: Cast):
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    for pk in (draft.pk, 0, -1, 2**62, 2**70):
        with refused(NotFound) as answer:
            edit_project(project_id=pk, by=cast.cy, title="Mine now")
        assert str(answer.value) == NotFound.message


def test_what_cannot_be_stored_is_refused_and_nothing_beside_it_is_changed(cast: Cast):
    project(cast.ana, "Other", slug="other")
    for given, refusal, field in (
        ({"title": "ab"}, Invalid, "title"),
        ({"slug": "Bad Slug"}, Invalid, "slug"),
        ({"slug": "other"}, SlugTaken, "slug"),
        ({"community_id": 404}, NotFound, "communityId"),
        ({"category": "X"}, Invalid, "category"),
    ):
        with refused(refusal, field):
            edit_project(project_id=cast.project.pk, by=cast.ana, **{"summary": "changed", **given})


def test_status_and_owner_are_not_words_that_can_be_edited(cast: Cast):
    before = snapshot()
    edit_project(
        project_id=cast.project.pk,
        by=cast.ana,
        status="FUNDED",
        owner_id=cast.cy.pk,
        follower_count=9,
        launched_at=None,
    )
    assert snapshot() == before


def test_a_public_project_that_moves_is_counted_in_its_new_community(cast: Cast):
    murcia, girona = community("murcia"), community("girona")

    for home, expected in (
        (murcia, {"murcia": 1, "girona": 0}),
        (murcia, {"murcia": 1, "girona": 0}),
        (girona, {"murcia": 0, "girona": 1}),
    ):
        edit_project(project_id=cast.project.pk, by=cast.ana, community_id=home.pk)
        assert counts() == expected


def test_a_draft_that_moves_is_counted_nowhere(cast: Cast):
    murcia = community("murcia")
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    edit_project(project_id=draft.pk, by=cast.ana, community_id=murcia.pk)
    assert counts() == {"murcia": 0}


def test_a_project_that_moves_while_it_is_launched_is_counted_where_it_is(racing_cast: Cast):
    murcia, girona = community("murcia"), community("girona")
    coming = project(racing_cast.ana, "Coming", status=ProjectStatus.APPROVED, community=murcia)

    with after_a_wait(lambda: launch_project(project_id=coming.pk, by=racing_cast.ana)):
        Project.objects.filter(pk=coming.pk).update(community=girona)
    assert counts() == {"murcia": 0, "girona": 1}


def test_two_who_move_a_project_at_once_leave_the_counts_right(racing_cast: Cast):
    homes = [community("murcia"), community("girona")]
    for _ in range(5):
        out = race(
            lambda home: edit_project(
                project_id=racing_cast.project.pk, by=racing_cast.ana, community_id=home.pk
            ),
            homes * 3,
        )
        assert out == ["Project"] * 6
        home = Project.objects.get(pk=racing_cast.project.pk).community
        assert counts() == {each.slug: int(each == home) for each in homes}
