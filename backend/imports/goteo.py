"""Goteo's projects as rows of ours: written in one transaction, or not at all."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.actions import clean_handle
from backend.accounts.models import User
from backend.communities.models import Community, CommunityKind
from backend.core.events import Event, record
from backend.core.refusals import Invalid
from backend.imports.goteo_documents import Document, ProjectFacts, is_full
from backend.imports.goteo_images import refer_to_images
from backend.imports.goteo_needs import import_needs
from backend.imports.goteo_texts import candidates, fitted, origin, rendered
from backend.projects.actions import count_public_project, slug_of
from backend.projects.models import PUBLIC, Category, Membership, Project, Role

#: Goteo's categories by the ids that its `categories` answer gives them: six are ours by name,
CATEGORIES = {
    2: Category.SOCIAL,
    7: Category.TECHNOLOGICAL,
    10: Category.EDUCATIONAL,
    11: Category.CULTURAL,
    13: Category.ECOLOGICAL,
    14: Category.SCIENTIFIC,
}
#: and three are near one of them: communications, commercial, design.
NEAREST = {6: Category.CULTURAL, 9: Category.SOCIAL, 16: Category.TECHNOLOGICAL}
#: Goteo's nodes that are places. The others are themes; so is its main one, "goteo", whose theme is the whole commons.
PLACES = frozenset(
    (
        *("andalucia", "aragon", "asturias", "barcelona", "canarias", "cantabria", "catalunya", "euskadi"),
        *("extremadura", "galicia", "gipuzkoa", "madrid", "malaga", "mallorca", "murcia", "nafarroa"),
        *("navarra", "palma", "sevilla", "valencia", "zaragoza"),
    )
)
#: The language of whatever does not say its own: that in which Goteo began, and its API's default.
LOCALE = "es"


@dataclass
class Outcome:
    """What an import found and did."""

    new: int = 0
    changed: int = 0
    same: int = 0
    events: list[Event] = field(default_factory=list)


@transaction.atomic(durable=True)
def import_projects(
    documents: Sequence[Document], *, progress: Callable[[int], None] = lambda done: None
) -> Outcome:
    """Bring projects with their owners, communities and needs in, and those that are here already up to date.

    A document that is here already changes nothing, whatever people here did to its project since. Texts are stored to
    the letter; one that is longer than its column ends there in "…", and is whole in the project's `source`.
    Raises `Refused`.
    """
    with connection.cursor() as cursor:
        # Two imports at once would both find a project missing.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import_goteo'))")
    outcome = Outcome()
    for done, document in enumerate(documents, start=1):
        _import(document, outcome)
        progress(done)
    # Of a launch years ago nobody is told today, so only the boards speak: somebody may be looking at one.
    record(*outcome.events, by=None)
    return outcome


def _import(document: Document, outcome: Outcome) -> None:
    stored = Project.objects.filter(imported_from=origin(document.facts.id))
    project = stored.select_for_update(no_key=True).first()
    if project is None:
        outcome.new += 1
        project = _created(document)
    elif _is_told_already(project, document):
        outcome.same += 1
        if document.is_full or not is_full(project.source or {}):
            # Who was imported before pictures were has them from now on.
            refer_to_images(project, document.facts)
        return
    else:
        outcome.changed += 1
        project = _updated(project, document)
    refer_to_images(project, document.facts)
    outcome.events += import_needs(project, document)


def _is_told_already(project: Project, document: Document) -> bool:
    if is_full(project.source or {}) and not document.is_full:
        return True
    # Asked of PostgreSQL, which reads a number of the document as it read the stored one.
    return Project.objects.filter(pk=project.pk, source=document.source).exists()


def _created(document: Document) -> Project:
    facts = document.facts
    stem = slug_of(facts.id)
    project = Project.objects.create(
        **_columns(document),
        imported_from=origin(facts.id),
        slug=next(slug for slug in candidates(stem, 80) if not Project.objects.filter(slug=slug).exists()),
        created_at=facts.date_created or facts.date_published or timezone.now(),
    )
    Membership.objects.create(
        project=project, user=project.owner, role=Role.OWNER, created_at=project.created_at
    )
    if project.status in PUBLIC:
        count_public_project(project)
    return project


def _updated(project: Project, document: Document) -> Project:
    if project.status in PUBLIC:
        _uncount_public_project(project)
    columns = _columns(document)
    if document.facts.date_created:
        columns["created_at"] = document.facts.date_created
    Project.objects.filter(pk=project.pk).update(**columns)
    # An import is the only way in which a project changes hands; another role of its new owner ends there.
    project.team.filter(user=columns["owner"]).exclude(role=Role.OWNER).delete()
    project.team.filter(role=Role.OWNER).update(user=columns["owner"])
    project.refresh_from_db()
    if project.status in PUBLIC:
        count_public_project(project)
    return project


def _columns(document: Document) -> dict[str, Any]:
    facts = document.facts
    # Goteo's page goes on with `about`, `motivation` and `goal` under headings of its own; those are no words of the
    # project's, so its description here is its `description`, and the rest waits in the source.
    description = facts.description or ""
    status = facts.our_status
    return {
        "owner": _owner(facts),
        "community": _community(facts.node) if facts.node else None,
        "title": fitted(facts.name, 120),
        "summary": fitted(facts.description_short or "", 280),
        "description": description,
        "description_html": rendered(description),
        "category": _category(facts),
        "tags": _tags(facts),
        "location": fitted(_location(facts), 100),
        "locale": facts.lang or LOCALE,
        "status": status,
        "launched_at": facts.date_published if status in PUBLIC else None,
        "source": document.source,
    }


def _owner(facts: ProjectFacts) -> User:
    names = (facts.user and facts.user.name, facts.owner_name, facts.owner)
    name = fitted(next(name for name in names if name and name.strip()), 60)
    known = User.objects.filter(imported_from=origin(facts.owner)).first()
    if known is not None:
        if facts.user:
            # A list names its owners too, but only a full answer knows since when they are there.
            known.display_name = name
            known.created_at = facts.user.date_created or known.created_at
            known.save(update_fields=["display_name", "created_at"])
        return known
    handle = _free_handle(facts.owner)
    person = User(
        handle=handle,
        # The API gives no address. This domain is reserved (RFC 2606), so that no mail can go to a stranger.
        email=f"{handle}@goteo.invalid",
        display_name=name,
        locale=facts.lang or LOCALE,
        imported_from=origin(facts.owner),
        created_at=(facts.user and facts.user.date_created) or facts.date_created or timezone.now(),
    )
    person.set_unusable_password()
    person.save(force_insert=True)
    return person


def _free_handle(goteo_id: str) -> str:
    plain = unicodedata.normalize("NFKD", goteo_id).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")
    for handle in candidates(stem or "member", 30):
        try:
            clean_handle(handle)
        except Invalid:
            continue  # Too short, or a word that is kept for the house: "goteo" itself is one.
        if not User.objects.filter(Q(handle=handle) | Q(email=f"{handle}@goteo.invalid")).exists():
            return handle
    raise AssertionError("candidates do not end")


def _community(node: str) -> Community:
    slug = re.sub(r"[^a-z0-9]+", "-", node.lower()).strip("-")
    kind = CommunityKind.LOCAL if slug in PLACES else CommunityKind.THEMATIC
    name = slug.replace("-", " ").title()
    community, _ = Community.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind})
    return community


def _category(facts: ProjectFacts) -> Category:
    ids = [category.id for category in facts.categories or []]
    named = [CATEGORIES[id] for id in ids if id in CATEGORIES] + [NEAREST[id] for id in ids if id in NEAREST]
    # An entry of a list names none: then the one that most of Goteo's projects name.
    return named[0] if named else Category.SOCIAL


def _tags(facts: ProjectFacts) -> list[str]:
    names = [(category.name or "").strip().lower() for category in facts.categories or []]
    return list(dict.fromkeys(fitted(name, 40) for name in names if name))


def _location(facts: ProjectFacts) -> str:
    # `scope` (local … global) says how far a project reaches, not where it is.
    place = facts.location[0] if facts.location else None
    parts = [place.city, place.region, place.country] if place else [facts.region]
    return ", ".join(dict.fromkeys(part for part in parts if part and part.strip()))


def _uncount_public_project(project: Project) -> None:
    if project.community_id:
        Community.objects.filter(pk=project.community_id).update(project_count=F("project_count") - 1)
    User.objects.filter(pk=project.owner_id).update(project_count=F("project_count") - 1)
