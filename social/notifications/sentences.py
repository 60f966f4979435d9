"""What a notification says, in its reader's language (the translations are in `locale/`), and where it leads."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext, override

from backend.accounts.blocks import without_hidden
from backend.core.languages import language_of
from social.notifications.models import NotificationActor, NotificationKind


def sentence_parts(viewer: Any) -> dict[str, Any]:
    """What `sentence` is made of, as expressions on a queryset of a viewer's notifications."""
    actors = NotificationActor.objects.filter(notification=OuterRef("pk"), user__is_active=True)
    latest = without_hidden(actors, "user", viewer)
    return {
        "kind": F("kind"),
        "count": F("actor_count"),
        "actor": Subquery(latest.order_by("-seq").values("user__display_name")[:1]),
        "title": Case(When(subject_user__isnull=True, then=_title())),
        "locale": F("user__locale"),
    }


def sentence(*, kind: str, count: int, actor: str | None, title: str | None, locale: str) -> str:
    """One plain sentence in the language of the person whom it is for; `title` is null for what is about themselves."""
    with override(language_of(locale)):
        who = _who(actor or gettext("Somebody"), count - 1)
        if kind == NotificationKind.NEW_FOLLOWER and title is None:
            return ngettext("%(who)s follows you.", "%(who)s follow you.", count) % {"who": who}
        return _SENTENCES[NotificationKind(kind)](count) % {"who": who, "title": title}


def link_parts(viewer: Any) -> dict[str, Any]:
    """What `link` is made of, as expressions on a queryset of a viewer's notifications."""
    return {
        "handle": Case(When(subject_user__isnull=False, then=F("user__handle"))),
        "slug": _first("project__slug", "update__project__slug", "task__board__project__slug"),
        "update": _first("update"),
        "board": _first("task__board"),
        "number": _first("task__number"),
        "comment": F("subject_comment"),
    }


def link(
    *,
    handle: str | None,
    slug: str | None,
    update: int | None,
    board: int | None,
    number: int | None,
    comment: int | None,
) -> str:
    """Where to read on about a notification."""
    anchor = f"#comment-{comment}" if comment else ""
    if handle:
        path = f"/people/{handle}/followers"
    elif board:
        path = f"/projects/{slug}/tasks/{board}-{number}{anchor}"
    elif update:
        path = f"/projects/{slug}/updates/{update}{anchor}"
    else:
        path = f"/projects/{slug}{anchor}"
    return f"{settings.SITE_URL}{path}"


def _title() -> Coalesce:
    return _first("project__title", "update__title", "task__title")


def _first(*paths: str) -> Coalesce:
    """The first of these that is there: of the subject itself, or of what a comment that is the subject is about."""
    ways = [f"subject_{path}" for path in paths] + [f"subject_comment__{path}" for path in paths]
    return Coalesce(*map(F, ways))


def _who(name: str, others: int) -> str:
    if others < 1:
        return name
    said = ngettext("%(name)s and %(others)d other", "%(name)s and %(others)d others", others)
    return said % {"name": name, "others": others}


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
