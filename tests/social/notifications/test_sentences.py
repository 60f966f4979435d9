from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.models import Task
from backend.projects.models import Project
from social.comments.actions import add_comment
from social.notifications.models import Notification, NotificationActor, NotificationKind
from social.notifications.sentences import link, link_parts, sentence, sentence_parts
from social.updates.models import Update
from tests.cast import Cast


def notify(user: User, kind: str, *actors: User, **subject: object) -> Notification:
    made = Notification.objects.create(
        user=user, kind=kind, occurred_at=timezone.now(), seq=1, actor_count=len(actors), **subject
    )
    for seq, actor in enumerate(actors):
        NotificationActor.objects.create(notification=made, user=actor, seq=seq)
    return made


def said(notification: Notification) -> str:
    return sentence(**read(notification, sentence_parts(notification.user)))


def led(notification: Notification) -> str:
    return link(**read(notification, link_parts(notification.user)))


def read(notification: Notification, parts: dict[str, Any]) -> dict[str, Any]:
    """The parts, as the statement that reads the notification reads them."""
    (values,) = Notification.objects.filter(pk=notification.pk).values_list(*parts.values())
    return dict(zip(parts, values, strict=True))


@pytest.mark.parametrize(
    ("locale", "one", "two", "three"),
    [
        ("en", "Bo follows you.", "Cy and 1 other follow you.", "Sol and 2 others follow you."),
        ("es", "Bo te sigue.", "Cy y 1 persona más te siguen.", "Sol y 2 personas más te siguen."),
        ("ca", "Bo et segueix.", "Cy i 1 persona més et segueixen.", "Sol i 2 persones més et segueixen."),
        (
            "fr",
            "Bo vous suit.",
            "Cy et 1 autre personne vous suivent.",
            "Sol et 2 autres personnes vous suivent.",
        ),
        ("es-MX", "Bo te sigue.", "Cy y 1 persona más te siguen.", "Sol y 2 personas más te siguen."),
        ("pt-BR", "Bo follows you.", "Cy and 1 other follow you.", "Sol and 2 others follow you."),
    ],
)
def test_a_sentence_is_in_its_readers_language(cast: Cast, locale: str, one: str, two: str, three: str):
    User.objects.filter(pk=cast.ana.pk).update(locale=locale)
    fans = (cast.bo, cast.cy, cast.sol)
    for count, expected in enumerate((one, two, three), start=1):
        Notification.objects.all().delete()
        assert said(notify(cast.ana, "NEW_FOLLOWER", *fans[:count], subject_user=cast.ana)) == expected


def test_each_kind_has_a_sentence_and_a_place_to_read_on(cast: Cast, settings):
    settings.SITE_URL = "https://acequia.example"
    news = Update.objects.create(project=cast.project, author=cast.ana, title="First water", body="x")
    on = {
        kind: add_comment(kind=type(thing), subject_id=thing.pk, by=cast.ana, body="x")
        for kind, thing in (("project", cast.project), ("task", cast.task))
    }
    project, task = "/projects/huerta-del-rio", f"/projects/huerta-del-rio/tasks/{cast.board.pk}-1"
    expected = {
        ("NEW_FOLLOWER", "project"): ("Cy follows “Huerta del río”.", project),
        ("COMMENT", "project"): ("Cy commented on “Huerta del río”.", project),
        ("COMMENT", "update"): ("Cy commented on “First water”.", f"{project}/updates/{news.pk}"),
        ("COMMENT", "task"): ("Cy commented on “Paint the gate”.", task),
        ("REPLY", "comment"): (
            "Cy replied to your comment on “Huerta del río”.",
            f"{project}#comment-{on['project'].pk}",
        ),
        ("UPDATE_PUBLISHED", "update"): ("There is news: “First water”.", f"{project}/updates/{news.pk}"),
        ("TASK_CLAIMED", "task"): ("Cy took on “Paint the gate”.", task),
        ("WORK_SUBMITTED", "task"): ("Cy handed in work for “Paint the gate”.", task),
        ("WORK_ACCEPTED", "task"): ("Your work on “Paint the gate” was accepted. Thank you!", task),
        ("CHANGES_REQUESTED", "task"): ("Your work on “Paint the gate” needs changes.", task),
    }
    subjects = {"project": cast.project, "update": news, "task": cast.task, "comment": on["project"]}
    assert {kind for kind, _ in expected} == set(NotificationKind)
    for (kind, subject), (words, path) in expected.items():
        row = notify(cast.ana, kind, cast.cy, **{f"subject_{subject}": subjects[subject]})
        assert (said(row), led(row)) == (words, f"https://acequia.example{path}")

    reply = notify(cast.bo, "REPLY", cast.cy, subject_comment=on["task"])
    assert said(reply) == "Cy replied to your comment on “Paint the gate”."
    assert led(reply) == f"https://acequia.example{task}#comment-{on['task'].pk}"
    follower = notify(cast.ana, "NEW_FOLLOWER", cast.cy, subject_user=cast.ana)
    assert led(follower) == "https://acequia.example/people/ana/followers"


def test_whoever_has_left_is_somebody_and_a_name_is_only_text(cast: Cast):
    User.objects.filter(pk=cast.cy.pk).update(is_active=False)
    gone = notify(cast.ana, "COMMENT", cast.cy, subject_task=cast.task)
    assert said(gone) == "Somebody commented on “Paint the gate”."

    Task.objects.update(title="100% %(who)s <b>")
    User.objects.filter(pk=cast.bo.pk).update(display_name="%(title)s %s {0}")
    odd = notify(cast.sol, "COMMENT", cast.bo, subject_task=cast.task)
    assert said(odd) == "%(title)s %s {0} commented on “100% %(who)s <b>”."


def test_a_subject_that_is_gone_takes_its_notification_with_it(cast: Cast):
    notify(cast.cy, "COMMENT", cast.bo, subject_project=cast.project)
    Project.objects.all().delete()
    assert Notification.objects.count() == 0
