"""What a notification says, in its reader's language (the translations are in `locale/`), and where it leads."""

from collections.abc import Callable

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext, override

from social.notifications.models import Notification, NotificationKind, latest_actors


def sentences(notifications: list[int]) -> dict[int, str]:
    """One plain sentence for each notification, in the language of the person whom it is for; two statements in all."""
    actors = latest_actors(notifications, most=1)
    rows = Notification.objects.filter(pk__in=notifications).values_list(
        "pk", "kind", "actor_count", "subject_user", "user__locale", _title()
    )
    said: dict[int, str] = {}
    for pk, kind, count, subject_user, locale, title in rows:
        with override(_language(locale)):
            said[pk] = _sentence(
                kind,
                count=count,
                who=_who(actors[pk][0].display_name if actors[pk] else gettext("Somebody"), count - 1),
                title=None if subject_user else title,
            )
    return said


def links(notifications: list[int]) -> dict[int, str]:
    """Where to read on about each notification; one statement in all."""
    rows = Notification.objects.filter(pk__in=notifications).select_related(
        "user",
        "subject_project",
        "subject_update__project",
        "subject_task__board__project",
        "subject_comment__project",
        "subject_comment__update__project",
        "subject_comment__task__board__project",
    )
    return {row.pk: f"{settings.SITE_URL}{_path(row)}" for row in rows}


def _title() -> Coalesce:
    comment = "subject_comment__"
    return Coalesce(
        F("subject_project__title"),
        F("subject_update__title"),
        F("subject_task__title"),
        F(f"{comment}project__title"),
        F(f"{comment}update__title"),
        F(f"{comment}task__title"),
    )


def _who(name: str, others: int) -> str:
    if others < 1:
        return name
    said = ngettext("%(name)s and %(others)d other", "%(name)s and %(others)d others", others)
    return said % {"name": name, "others": others}


def _sentence(kind: str, *, count: int, who: str, title: str | None) -> str:
    if kind == NotificationKind.NEW_FOLLOWER and title is None:
        return ngettext("%(who)s follows you.", "%(who)s follow you.", count) % {"who": who}
    return _SENTENCES[NotificationKind(kind)](count) % {"who": who, "title": title}


# Spelled out with ngettext around each, so that the tools that collect what is to be translated find them.
_SENTENCES: dict[NotificationKind, Callable[[int], str]] = {
    NotificationKind.NEW_FOLLOWER: lambda count: ngettext(
        "%(who)s follows “%(title)s”.", "%(who)s follow “%(title)s”.", count
    ),
    NotificationKind.COMMENT: lambda count: ngettext(
        "%(who)s commented on “%(title)s”.", "%(who)s commented on “%(title)s”.", count
    ),
    NotificationKind.REPLY: lambda count: ngettext(
        "%(who)s replied to your comment on “%(title)s”.",
        "%(who)s replied to your comment on “%(title)s”.",
        count,
    ),
    NotificationKind.UPDATE_PUBLISHED: lambda count: gettext("There is news: “%(title)s”."),
    NotificationKind.TASK_CLAIMED: lambda count: ngettext(
        "%(who)s took on “%(title)s”.", "%(who)s took on “%(title)s”.", count
    ),
    NotificationKind.WORK_SUBMITTED: lambda count: ngettext(
        "%(who)s handed in work for “%(title)s”.", "%(who)s handed in work for “%(title)s”.", count
    ),
    NotificationKind.WORK_ACCEPTED: lambda count: gettext(
        "Your work on “%(title)s” was accepted. Thank you!"
    ),
    NotificationKind.CHANGES_REQUESTED: lambda count: gettext("Your work on “%(title)s” needs changes."),
}


def _language(locale: str) -> str:
    known = {code for code, _ in settings.LANGUAGES}
    return (
        locale
        if locale in known
        else next((code for code in (locale.partition("-")[0],) if code in known), "en")
    )


def _path(row: Notification) -> str:
    if row.subject_user_id:
        return f"/people/{row.user.handle}/followers"
    comment = row.subject_comment
    anchor = f"#comment-{comment.pk}" if comment else ""
    task = row.subject_task or (comment.task if comment else None)
    if task:
        return f"/projects/{task.board.project.slug}/tasks/{task.board_id}-{task.number}{anchor}"
    update = row.subject_update or (comment.update if comment else None)
    if update:
        return f"/projects/{update.project.slug}/updates/{update.pk}{anchor}"
    project = row.subject_project or (comment.project if comment else None)
    return f"/projects/{project.slug}{anchor}" if project else "/"
