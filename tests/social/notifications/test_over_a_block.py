"""Of somebody with whom one has a block one is told nothing; of a project's work one is, and not by whom."""

from collections.abc import Callable

import pytest

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.boards.claims import claim_task, review_work, submit_work
from backend.projects.models import Project
from social.comments.actions import add_comment
from social.follows.actions import follow
from social.follows.blocks import block_person
from social.notifications.models import Notification, NotificationActor
from social.notifications.sentences import sentence, sentence_parts
from social.updates.actions import draft_update, publish_update
from tests.cast import Cast
from tests.schema.deeds import comment


def now(one: User) -> User:
    """Somebody, as they are now."""
    return User.objects.get(pk=one.pk)


@pytest.fixture(params=["told to the blocker", "told to the blocked"])
def block(request: pytest.FixtureRequest) -> Callable[[User, User], object]:
    """Between who does something and who would be told of it."""
    return lambda actor, told: (
        block_person(user_id=actor.pk, by=told)
        if request.param.endswith("blocker")
        else block_person(user_id=told.pk, by=actor)
    )


def told() -> list[tuple[str, str]]:
    """Who is told what."""
    return sorted(Notification.objects.values_list("user__handle", "kind"))


def said(notification: Notification) -> str:
    """Its sentence, as its person reads it now."""
    viewer = now(notification.user)
    rows = Notification.objects.filter(pk=notification.pk).annotate(
        **{f"_{name}": part for name, part in sentence_parts(viewer).items()}
    )
    (values,) = rows.values(*(f"_{name}" for name in sentence_parts(viewer)))
    return sentence(**{name.removeprefix("_"): value for name, value in values.items()})


def test_an_owner_does_not_hear_who_follows_their_project(cast: Cast, read_events, block):
    block(cast.cy, cast.ana)
    follow(kind=Project, target_id=cast.project.pk, by=now(cast.cy))
    read_events()
    assert told() == []


def test_of_what_is_said_only_the_others_hear(cast: Cast, read_events, block):
    """Bo answers on Ana's project; of those who would hear of it, Cy has a block with him."""
    cys = comment(cast, author=cast.cy)
    said_before = add_comment(
        kind=Project, subject_id=cast.project.pk, by=cast.bo, body="Yes", parent_id=cys.pk
    )
    block(cast.bo, cast.cy)
    read_events()

    # The block came before the writer did.
    assert told() == [("ana", "COMMENT")]
    assert said_before.parent == cys


def test_who_holds_the_same_task_does_not_hear_what_is_said_about_it(cast: Cast, read_events, block):
    claim_task(task_id=cast.task.pk, by=cast.cy)
    read_events()
    Notification.objects.all().delete()
    block(cast.bo, cast.cy)
    add_comment(kind=type(cast.task), subject_id=cast.task.pk, by=now(cast.bo), body="When?")
    read_events()
    assert told() == [("ana", "COMMENT")]


def test_the_work_of_a_project_goes_on_and_is_told_without_a_name(cast: Cast, read_events, block):
    claim = claim_task(task_id=cast.task.pk, by=cast.cy)
    read_events()
    Notification.objects.all().delete()
    block(cast.cy, cast.bo)
    submit_work(claim_id=claim.pk, by=now(cast.cy))
    read_events()
    assert told() == [("ana", "WORK_SUBMITTED"), ("bo", "WORK_SUBMITTED")]
    words = {each.user.handle: said(each) for each in Notification.objects.all()}
    assert words == {
        "ana": "Cy handed in work for “Paint the gate”.",
        "bo": "Somebody handed in work for “Paint the gate”.",
    }

    Notification.objects.all().delete()
    review_work(claim_id=claim.pk, by=now(cast.bo), verdict="ACCEPT")
    read_events()
    assert told() == [("cy", "WORK_ACCEPTED")]


def test_news_of_a_project_is_told_whoever_wrote_it(cast: Cast, read_events, block):
    follow(kind=Project, target_id=cast.project.pk, by=cast.cy)
    read_events()
    Notification.objects.all().delete()
    block(cast.ana, cast.cy)
    news = draft_update(project_id=cast.project.pk, by=now(cast.ana), title="Rain", body="At last")
    publish_update(update_id=news.pk, by=now(cast.ana))
    read_events()
    assert told() == [("cy", "UPDATE_PUBLISHED")]


def test_what_was_told_before_names_them_no_more(cast: Cast, read_events, block):
    for fan in (cast.bo, cast.cy):
        follow(kind=User, target_id=cast.ana.pk, by=fan)
    read_events()
    (notification,) = Notification.objects.all()
    assert said(notification) == "Cy and 1 other follow you."
    block(cast.cy, cast.ana)

    assert said(notification) == "Bo and 1 other follow you."
    block(cast.bo, cast.ana)
    assert said(notification) == "Somebody and 1 other follow you."
    # It was so, and is remembered: it is read in another way.
    assert NotificationActor.objects.count() == 2
    Block.objects.all().delete()
    assert said(notification) == "Cy and 1 other follow you."
