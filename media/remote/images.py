"""Pictures of what was imported: fetched when somebody says so, sent through the check that all files go through, and put
where their references say. A picture that somebody has put there since stays."""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backend.accounts.departed import is_closed
from backend.accounts.models import User
from backend.imports.models import RemoteImage, RemoteImageKind, RemoteImageQuerySet, RemoteImageState
from backend.projects.models import Project
from media.checks import check_media
from media.inspection import IMAGES
from media.inspection.signatures import sniffed
from media.models import (
    MOST_IN_A_GALLERY,
    Media,
    MediaState,
    Placement,
    PlacementKind,
    Purpose,
    RemoteArrival,
    Trash,
    Upload,
)
from media.models.usage import OVER_QUOTA
from media.remote.fetcher import Fetched, fetch
from media.remote.reach import Reach
from media.remote.refusals import Refused
from media.storage import store
from media.uploads import FORM_LASTS, LARGEST, clean_filename

#: Pictures that are on their way at once.
AT_ONCE = 4
QUOTA, DEPARTED, REJECTED, PLACE_TAKEN = "QUOTA", "DEPARTED", "REJECTED", "PLACE_TAKEN"


@dataclass(frozen=True)
class Brought:
    """What became of one reference: of what kind it is, at which address, and why it failed, if it did."""

    kind: str
    url: str
    why: str = ""


@dataclass(frozen=True)
class _Stored:
    fetched: Fetched
    key: str


def waiting_images(*, retry_failed: bool = False) -> RemoteImageQuerySet:
    """The references that are worth a try: those whose place nobody has taken."""
    cover = Placement.objects.filter(project=OuterRef("project"), kind=PlacementKind.COVER)
    waiting = RemoteImage.objects.to_fetch(retry_failed=retry_failed)
    return waiting.exclude(kind=RemoteImageKind.AVATAR, user__avatar_place__isnull=False).exclude(
        Exists(cover), kind=RemoteImageKind.COVER
    )


def bring_images(
    *, limit: int | None = None, retry_failed: bool = False, reach: Reach | None = None
) -> Iterator[Brought]:
    """Fetch what waits, a few at once, and begin the check of each; each is told when it is done with.

    Broken off, it leaves those that were on their way as they were. Raises `StorageAway`.
    """
    reach = reach or Reach()
    images = list(waiting_images(retry_failed=retry_failed)[:limit])
    with tempfile.TemporaryDirectory(prefix="acequia-remote-") as folder:
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="remote")
        try:
            coming: dict[Future[_Stored], RemoteImage] = {
                pool.submit(_stored, image.url, _purpose(image), Path(folder), reach): image
                for image in images
            }
            for future in as_completed(coming):
                image = coming[future]
                yield Brought(image.kind, image.url, _told(image, future.result))
        finally:
            pool.shutdown(cancel_futures=True)


def place_arrived(*, most: int = 500) -> int:
    """Put what was checked meanwhile where its reference says; says how many were decided."""
    checked = RemoteArrival.objects.exclude(media__state=MediaState.CHECKING).order_by("pk")
    return sum(_place(pk) for pk in list(checked.values_list("pk", flat=True)[:most]))


def _stored(url: str, purpose: Purpose, folder: Path, reach: Reach) -> _Stored:
    """Fetch and put; in a thread that asks the database nothing."""
    name = uuid.uuid4().hex
    file = folder / name
    try:
        fetched = fetch(url, most_bytes=LARGEST[purpose], into=file, reach=reach)
        with file.open("rb") as opened:
            # Hosts are often wrong about types; that it is one of ours they have said.
            kind = sniffed(opened.read(100))
        if kind in IMAGES:
            fetched = Fetched(kind, fetched.byte_size, fetched.sha256)
        key = f"quarantine/{name}"
        store().put(key, file, content_type=fetched.content_type)
        return _Stored(fetched, key)
    finally:
        file.unlink(missing_ok=True)


def _told(image: RemoteImage, result: Callable[[], _Stored]) -> str:
    try:
        stored = result()
    except Refused as refused:
        return _fail(image, refused.why)
    try:
        begin_check(image=image, fetched=stored.fetched, key=stored.key)
    except DatabaseError as error:
        Trash.objects.create(key=stored.key)
        if isinstance(error, IntegrityError) and OVER_QUOTA in str(error):
            return _fail(image, QUOTA)
        if is_closed(error):
            return _fail(image, DEPARTED)
        raise
    return ""


@transaction.atomic(durable=True)
def begin_check(*, image: RemoteImage, fetched: Fetched, key: str) -> Media | None:
    """Make a file of what was fetched for a reference and lies at a key; nothing, and the key goes, where the reference is
    fetched already, or is gone, or names another address by now."""
    standing = (
        RemoteImage.objects.select_for_update(of=("self",))
        .select_related("project__owner", "user")
        .filter(pk=image.pk, url=image.url)
        .exclude(state=RemoteImageState.FETCHED)
        .first()
    )
    if standing is None:
        Trash.objects.create(key=key)
        return None
    thing = standing.project or standing.user
    owner = thing.owner if isinstance(thing, Project) else thing
    facts = {
        "owner": owner,
        "purpose": _purpose(standing),
        "project": standing.project,
        "filename": clean_filename(unquote(urlsplit(standing.url).path)),
        "content_type": fetched.content_type,
        "byte_size": fetched.byte_size,
        "sha256": fetched.sha256,
        "key": key,
    }
    media = Media.objects.create(**facts, credit=standing.credit, licence=standing.licence)
    Upload.objects.create(
        **facts, charged=fetched.byte_size, expires_at=timezone.now() + FORM_LASTS, media=media
    )
    RemoteArrival.objects.create(image=standing, media=media)
    RemoteImage.objects.filter(pk=standing.pk).update(
        state=RemoteImageState.FETCHED, reason="", tried_at=timezone.now()
    )
    check_media.defer(media_id=media.pk)
    return media


def _fail(image: RemoteImage, why: str) -> str:
    # Of what another run has fetched meanwhile, that stays true.
    tried = RemoteImage.objects.filter(pk=image.pk, url=image.url).exclude(state=RemoteImageState.FETCHED)
    tried.update(state=RemoteImageState.FAILED, reason=why, tried_at=timezone.now())
    return why


@transaction.atomic(durable=True)
def _place(pk: int) -> bool:
    known = RemoteArrival.objects.select_related("image").filter(pk=pk).first()
    if known is None:
        return False
    # The thing first, then the file, as whoever else puts one there.
    is_there = _hold(known.image)
    media = Media.objects.select_for_update(no_key=True).filter(pk=known.media_id).first()
    if not RemoteArrival.objects.filter(pk=pk).delete()[0] or media is None or not is_there:
        return False
    if media.state == MediaState.REJECTED:
        _decide(known.image, REJECTED)
    elif media.expires_at is not None and not _stand(known.image, media):
        _decide(known.image, PLACE_TAKEN)
    return True


def _hold(image: RemoteImage) -> bool:
    if image.user_id:
        people = User.objects.select_for_update(no_key=True)
        return people.filter(pk=image.user_id, is_active=True).exists()
    return Project.objects.select_for_update(no_key=True).filter(pk=image.project_id or 0).exists()


def _stand(image: RemoteImage, media: Media) -> bool:
    if image.kind == RemoteImageKind.AVATAR:
        here = Placement.objects.filter(user=image.user_id)
    else:
        here = Placement.objects.filter(project=image.project_id, kind=image.kind)
    taken = set(here.values_list("position", flat=True))
    position = image.position
    if position in taken:
        if image.kind != RemoteImageKind.GALLERY:
            return False
        position = max(taken) + 1
    if position >= MOST_IN_A_GALLERY:
        return False
    Placement.objects.create(
        media=media, kind=image.kind, user_id=image.user_id, project_id=image.project_id, position=position
    )
    return True


def _decide(image: RemoteImage, why: str) -> None:
    RemoteImage.objects.filter(pk=image.pk).update(state=RemoteImageState.FAILED, reason=why)


def _purpose(image: RemoteImage) -> Purpose:
    return Purpose.AVATAR if image.kind == RemoteImageKind.AVATAR else Purpose.PROJECT_IMAGE
