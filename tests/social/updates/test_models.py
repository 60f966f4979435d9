from django.utils import timezone

from backend.projects.models import Membership, Project, ProjectStatus, Role
from media.models import MOST_ATTACHED, Media
from social.follows.models import Follow
from social.updates.models import Audience, Update, UpdateAttachment
from tests.cast import Cast, person, project
from tests.constraints import assert_each_is_refused
from tests.media.rows import ready


def update(of: Project, title: str, audience: str = Audience.EVERYONE, *, published: bool = True) -> Update:
    return Update.objects.create(
        project=of,
        author=of.owner,
        title=title,
        body="x",
        audience=audience,
        published_at=timezone.now() if published else None,
    )


def test_the_database_refuses_what_can_never_be(cast: Cast):
    news = update(cast.project, "News")
    attached = UpdateAttachment.objects.create(update=news, media=ready(cast.ana))

    def again() -> None:
        Media.objects.update(expires_at=timezone.now())
        UpdateAttachment.objects.create(update=news, media=attached.media, position=1)

    def attach(position: int) -> None:
        UpdateAttachment.objects.create(update=news, media=ready(cast.ana), position=position)

    assert_each_is_refused(
        "updates",
        {
            "update_audience_is_known": lambda: Update.objects.filter(pk=news.pk).update(audience="PRESS"),
            "attachment_of_an_update_has_a_position_of_its_own": lambda: attach(0),
            "update_has_a_bounded_number_of_attachments": lambda: attach(MOST_ATTACHED),
            "updates_updateattachment_media_id_key": again,
        },
    )


def test_news_is_seen_by_those_for_whom_it_is_meant(cast: Cast):
    dee, eve = person("dee"), person("eve")
    draft = project(cast.ana, "Secret", status=ProjectStatus.DRAFT)
    Membership.objects.create(project=draft, user=eve, role=Role.EDITOR)
    other = project(cast.cy, "Other")
    Follow.objects.create(follower=dee, project=cast.project)
    Follow.objects.create(follower=dee, user=cast.ana)
    Follow.objects.create(follower=eve, project=other)
    for audience in Audience.values:
        update(cast.project, audience, audience)
        update(cast.project, f"{audience} draft", audience, published=False)
    update(draft, "secret")
    update(draft, "secret draft", published=False)

    all_of_it = {name for audience in Audience.values for name in (audience, f"{audience} draft")}
    expected = {
        None: {"EVERYONE"},
        cast.ana: {*all_of_it, "secret", "secret draft"},
        cast.bo: all_of_it,
        cast.cy: {"EVERYONE"},
        dee: {"EVERYONE", "FOLLOWERS"},
        eve: {"EVERYONE", "secret", "secret draft"},
        cast.sol: {"EVERYONE", "FOLLOWERS", "TEAM", "secret"},
    }
    for viewer, seen in expected.items():
        assert set(Update.objects.visible_to(viewer).values_list("title", flat=True)) == seen, viewer
        may_edit = {title for title in seen if (viewer == cast.ana) or (viewer == eve and "secret" in title)}
        edited = Update.objects.visible_to(viewer).edited_by(viewer).values_list("title", flat=True)
        assert set(edited) == may_edit, viewer
    assert Update.objects.published().count() == 4
