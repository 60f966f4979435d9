"""Where the pictures of a project and its owner are on Goteo: written down as references, and nothing is fetched."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.db.models import Q

from backend.accounts.models import User
from backend.imports.goteo_documents import ProjectFacts
from backend.imports.models import (
    LONGEST_URL,
    MOST_IN_A_GALLERY,
    RemoteImage,
    RemoteImageKind,
    RemoteImageState,
)
from backend.projects.models import Project

_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
#: Longer ones are no name of a host, and nobody's credit.
_LONGEST_HOST = 200


def refer_to_images(project: Project, facts: ProjectFacts) -> None:
    """Keep the addresses of a project's pictures and of its owner's; twice is the same as once.

    What was fetched stays as it is, whatever is said of it later; what was not, and is not named any more, is forgotten.
    """
    _keep(list(_of_project(project, facts)), Q(project=project))
    owner = project.owner
    if facts.user and owner.imported_from and owner.deleted_at is None:
        _keep(list(_of_owner(owner, facts)), Q(user=owner))


def _keep(wanted: list[RemoteImage], whose: Q) -> None:
    left = RemoteImage.objects.filter(whose).exclude(state=RemoteImageState.FETCHED)
    # What is wanted in another place than it has begins anew too.
    named = Q(pk__in=[])
    for image in wanted:
        named |= Q(kind=image.kind, url=image.url, position=image.position)
    left.exclude(named).delete()
    RemoteImage.objects.bulk_create(wanted, ignore_conflicts=True)


def _of_project(project: Project, facts: ProjectFacts) -> Iterator[RemoteImage]:
    cover = facts.image_url_big or facts.image_url or ""
    if _is_address(cover):
        yield RemoteImage(project=project, kind=RemoteImageKind.COVER, url=cover, credit=_credit(cover))
    gallery = [each.image_url for each in facts.image_gallery or [] if each.image_url]
    # The cover is one of the gallery on Goteo; here it is not.
    others = [url for url in dict.fromkeys(gallery) if url != cover and _is_address(url)]
    for position, url in enumerate(others[:MOST_IN_A_GALLERY]):
        yield RemoteImage(
            project=project,
            kind=RemoteImageKind.GALLERY,
            position=position,
            url=url,
            credit=_credit(url),
        )


def _of_owner(owner: User, facts: ProjectFacts) -> Iterator[RemoteImage]:
    url = (facts.user and facts.user.profile_image_url) or ""
    if _is_address(url):
        yield RemoteImage(user=owner, kind=RemoteImageKind.AVATAR, url=url, credit=_credit(url))


def _is_address(url: str) -> bool:
    return len(url) <= LONGEST_URL and _ADDRESS.fullmatch(url) is not None


def _credit(url: str) -> str:
    # The API names neither the author nor the licence of a picture; it says where it was.
    try:
        return (urlsplit(url).hostname or "")[:_LONGEST_HOST]
    except ValueError:
        return ""
