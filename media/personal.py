"""What stands on things that stay, stays, without the name that its owner gave it; all other files go, and their bytes
with them, because PostgreSQL throws away the key of every row that goes."""

from typing import Any

from django.db.models import Q

from backend.accounts.models import User
from backend.boards.models import ClaimState
from backend.core.holdings import Fate, Holding, Told, locked
from media.models import Media, MediaState, Placement, Purpose, RemoteArrival, Trash, Upload, Usage, Variant

BLANKED, DELETED, KEPT = Fate.BLANKED, Fate.DELETED, Fate.KEPT
# What is taken back with its comment loses its place, and is found by its negation then.
_STANDS = Q(state=MediaState.READY, expires_at=None)
# Of work that nobody accepted nothing is left but that it was begun.
_GIVEN_UP = Q(placement__claim__state=ClaimState.RELEASED)
_STAYS = Q(media__state=MediaState.READY, media__expires_at=None)


def _remove_avatar(user: User) -> None:
    pictures = Media.objects.filter(owner=user, purpose=Purpose.AVATAR)
    held = locked(pictures, 10_000)
    Media.objects.filter(pk__in=[media.pk for media in held]).delete()


def _delete(model: type[Media] | type[Upload], only: Q) -> Any:
    def erase(person: int, most: int) -> int:
        rows: Any = model._default_manager.filter(only, owner=person)
        held = [row.pk for row in locked(rows, most)]
        announced = Q(pk__in=held) if model is Upload else Q(media__in=held)
        Usage.objects.hold(Upload.objects.filter(announced))
        model._default_manager.filter(pk__in=held).delete()
        return len(held)

    return erase


def _forget_names(model: type[Media] | type[Upload], only: Q) -> Any:
    def erase(person: int, most: int) -> int:
        rows: Any = model._default_manager.filter(only, owner=person).exclude(filename="")
        held = locked(rows, most)
        return model._default_manager.filter(pk__in=[row.pk for row in held]).update(filename="")

    return erase


def _delete_usage(person: int, most: int) -> int:
    # The last: as long as something of theirs is here it is counted.
    if Upload.objects.filter(owner=person, project=None).exists():
        return 0
    return Usage.objects.filter(user=person).delete()[0]


def _announced(fate: Fate) -> dict[str, Told]:
    return {
        "purpose": Told("What it is for.", fate),
        "project": Told("Of which project.", fate, "project__slug"),
        "filename": Told("What you call it.", DELETED if fate is DELETED else BLANKED),
        "content_type": Told("What kind of file it is.", fate),
        "byte_size": Told("Its bytes, as you announced them.", fate),
        "sha256": Told("Its SHA-256.", fate),
        "created_at": Told("When you sent it.", fate),
    }


def _checked(fate: Fate) -> dict[str, Told]:
    return _announced(fate) | {
        "state": Told("Where it stands.", fate),
        "reason": Told("Why it was refused.", fate),
        "width": Told("Its width, in pixels.", fate),
        "height": Told("Its height, in pixels.", fate),
        "alt": Told("What is to be seen.", fate),
        "credit": Told("Whom it is owed to.", fate),
        "licence": Told("Under which licence.", fate),
        "checked_at": Told("When it was checked.", fate),
    }


def _served(fate: Fate) -> dict[str, Told]:
    return {
        "media": Told("Of which file.", fate),
        "name": Told("Which size.", fate),
        "key": Told("Where it lies.", fate),
        "content_type": Told("What kind of file it is.", fate),
        "width": Told("Its width, in pixels.", fate),
        "height": Told("Its height, in pixels.", fate),
        "byte_size": Told("Its bytes.", fate),
    }


HOLDINGS = (
    Holding(
        name="uploads",
        says="the files that you announced, and that do not stand anywhere.",
        model=Upload,
        whose="owner",
        only=~_STAYS,
        columns=_announced(DELETED),
        erase=_delete(Upload, Q(media=None)),
    ),
    Holding(
        name="uploads_shown",
        says="the files that you announced, and that stand on something.",
        model=Upload,
        whose="owner",
        only=_STAYS,
        columns=_announced(KEPT),
        erase=_forget_names(Upload, _STAYS),
    ),
    Holding(
        name="files",
        says="your files that stand nowhere, or are not checked, or were refused.",
        model=Media,
        whose="owner",
        only=~_STANDS,
        columns=_checked(DELETED),
        closing=_remove_avatar,
        erase=_delete(Media, ~_STANDS | _GIVEN_UP),
    ),
    Holding(
        name="files_shown",
        says="your files that stand on something. Your picture goes with you, and what stands on a comment or on work"
        " that was not accepted.",
        model=Media,
        whose="owner",
        only=_STANDS,
        columns=_checked(KEPT),
        erase=_forget_names(Media, _STANDS),
    ),
    Holding(
        name="variants",
        says="the sizes of your files that stand nowhere, and where they lie in our store.",
        model=Variant,
        whose="media__owner",
        only=~_STAYS,
        columns=_served(DELETED),
    ),
    Holding(
        name="variants_shown",
        says="the sizes of your files that stand on something, and where they lie in our store.",
        model=Variant,
        whose="media__owner",
        only=_STAYS,
        columns=_served(KEPT),
    ),
    Holding(
        name="picture",
        single=True,
        says="which file is your picture.",
        model=Placement,
        whose="user",
        columns={"media": Told("Which.", DELETED)},
    ),
    Holding(
        name="file_quota",
        single=True,
        says="how much of your quota your files take.",
        model=Usage,
        whose="user",
        columns={"byte_size": Told("Bytes.", DELETED)},
        erase=_delete_usage,
    ),
)

NOT_PERSONAL = {
    Upload: ("id", "owner", "key", "parts_id", "charged", "expires_at", "media"),
    Media: ("id", "owner", "key", "placeholder", "color", "expires_at"),
    Variant: ("id",),
    Placement: ("id", "kind", "user", "project", "task", "claim", "position"),
    Usage: ("id", "user", "project"),
    RemoteArrival: ("id", "image", "media"),
    # Keys are random, and of nobody.
    Trash: ("id", "key", "parts_id", "since"),
}
