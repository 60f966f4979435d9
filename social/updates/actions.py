from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.models import User
from backend.core.events import record
from backend.core.refusals import NotFound, Refusal
from backend.core.text import clean_choice, clean_line, clean_text, render
from backend.projects.models import EDITORS, PUBLIC, Project
from media.placements import attach_by
from social.updates.events import UpdatePublished
from social.updates.models import Audience, Update, UpdateAttachment


class NotPublicYet(Refusal):
    code = "NOT_PUBLIC_YET"
    message = "Launch the project first: an update has no readers before."


@transaction.atomic(durable=True)
def draft_update(
    *,
    project_id: int,
    by: User,
    title: str,
    body: str,
    audience: str = Audience.EVERYONE,
    attachment_ids: Sequence[int] = (),
) -> Update:
    """Write an update that only the team sees, with files of one's own.

    Raises `NotFound` for whoever does not speak for the project, `Invalid`, and what `media.placements.attach` does.
    """
    project = Project.objects.visible_to(by).with_team_member(by, EDITORS).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    body = clean_text(body, field="body", shortest=1)
    update = Update.objects.create(
        project=project,
        author=by,
        title=clean_line(title, field="title", longest=160, shortest=1),
        body=body,
        body_html=render(body),
        audience=clean_choice(audience, Audience, field="audience"),
    )
    if attachment_ids:
        attach_by(UpdateAttachment, attachment_ids, by=by, update=update)
    return update


@transaction.atomic(durable=True)
def publish_update(*, update_id: int, by: User) -> Update:
    """Put a draft before its readers; publishing it twice is the same as once. Raises `NotFound`, `NotPublicYet`."""
    update = Update.objects.visible_to(by).edited_by(by).filter(pk=update_id).first()
    if update is None:
        raise NotFound
    if Update.objects.filter(pk=update.pk, published_at=None).update(published_at=timezone.now()):
        counted = Project.objects.filter(pk=update.project_id, status__in=PUBLIC)
        if not counted.update(update_count=F("update_count") + 1):
            raise NotPublicYet
        record(UpdatePublished(project_id=update.project_id, update_id=update.pk), by=by)
    return Update.objects.get(pk=update.pk)
