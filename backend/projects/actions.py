import re
import unicodedata
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from backend.accounts.models import User
from backend.communities.models import Community
from backend.core.events import record
from backend.core.refusals import Invalid, NotFound, Refusal
from backend.core.text import clean_choice, clean_line, clean_locale, clean_text, clean_words, render
from backend.projects.events import ProjectLaunched, ProjectReviewed, ProjectSubmitted
from backend.projects.models import (
    ADMINS,
    EDITORS,
    PUBLIC,
    Category,
    Membership,
    Project,
    ProjectStatus,
    Review,
    Role,
    Verdict,
)

#: Words that a path of the site may need.
RESERVED_SLUGS = frozenset(("new", "edit", "all", "search", "graphql", "admin"))


class SlugTaken(Refusal):
    code = "SLUG_TAKEN"
    message = "Another project has this address."


class WrongStatus(Refusal):
    """The project is not in a status from which this step leads on."""

    code = "WRONG_STATUS"
    message = "The project is not at this step."


class Incomplete(Refusal):
    """A review needs something to read (Goteo asks for a description of 80 words; we ask for a summary and 80
    characters, and leave the judgement to the reviewer)."""

    code = "INCOMPLETE"
    message = "Write a summary and a description of at least 80 characters first."


@transaction.atomic(durable=True)
def create_project(
    *,
    by: User,
    title: str,
    category: str,
    summary: str = "",
    description: str = "",
    tags: list[str] | None = None,
    location: str = "",
    locale: str | None = None,
    community_id: int | None = None,
    slug: str | None = None,
) -> Project:
    """Begin a draft, owned by its maker and seen by nobody else.

    Raises `Invalid`, `SlugTaken`, and `NotFound` for an unknown community.
    """
    facts = _cleaned(
        by,
        title=title,
        summary=summary,
        description=description,
        category=category,
        tags=tags or [],
        location=location,
        locale=locale or by.locale,
        community_id=community_id,
    )
    if slug is not None:
        project = _inserted(by, slug=clean_slug(slug), **facts)
        if project is None:
            raise SlugTaken(field="slug")
    else:
        project = _inserted_under_a_free_slug(by, facts)
    Membership.objects.create(project=project, user=by, role=Role.OWNER)
    return project


@transaction.atomic(durable=True)
def edit_project(*, project_id: int, by: User, **changes: Any) -> Project:
    """Change what is given of a project and leave the rest; the arguments are those of `create_project`.

    Raises `NotFound` for whoever is not an editor of it, `Invalid`, `SlugTaken`.
    """
    project = _in_team(project_id, by, EDITORS)
    facts = _cleaned(by, **changes)
    if changes.get("slug") is not None:
        facts["slug"] = clean_slug(changes["slug"])
    if "community_id" in facts:
        _count_elsewhere(project, facts["community_id"])
    if facts:
        try:
            with transaction.atomic():
                Project.objects.filter(pk=project.pk).update(**facts)
        except IntegrityError:
            raise SlugTaken(field="slug") from None
    return Project.objects.get(pk=project.pk)


@transaction.atomic(durable=True)
def submit_project(*, project_id: int, by: User) -> Project:
    """Ask staff to review a draft. Raises `NotFound`, `WrongStatus`, `Incomplete`."""
    project = _in_team(project_id, by, ADMINS)
    if not project.summary or len(project.description) < 80:
        raise Incomplete
    _step(project, ProjectStatus.DRAFT, ProjectStatus.IN_REVIEW, submitted_at=timezone.now())
    record(ProjectSubmitted(project_id=project.pk), by=by)
    return Project.objects.get(pk=project.pk)


@transaction.atomic(durable=True)
def review_project(*, project_id: int, by: User, verdict: str, note: str = "") -> Project:
    """Staff approves, asks for changes (it is a draft again) or rejects. Raises `NotFound`, `Invalid`, `WrongStatus`."""
    project = Project.objects.visible_to(by).filter(pk=project_id).first() if by.is_staff else None
    if project is None:
        raise NotFound
    verdict = clean_choice(verdict, Verdict, field="verdict")
    note = clean_text(note, field="note", longest=5_000)
    outcome = {
        Verdict.APPROVE: ProjectStatus.APPROVED,
        Verdict.REQUEST_CHANGES: ProjectStatus.DRAFT,
        Verdict.REJECT: ProjectStatus.REJECTED,
    }[Verdict(verdict)]
    _step(project, ProjectStatus.IN_REVIEW, outcome)
    Review.objects.create(project=project, reviewer=by, verdict=verdict, note=note)
    record(ProjectReviewed(project_id=project.pk, verdict=verdict), by=by)
    return Project.objects.get(pk=project.pk)


@transaction.atomic(durable=True)
def launch_project(*, project_id: int, by: User) -> Project:
    """Make an approved project public. Raises `NotFound`, `WrongStatus`."""
    project = _in_team(project_id, by, ADMINS)
    _step(project, ProjectStatus.APPROVED, ProjectStatus.LIVE, launched_at=timezone.now())
    # Read anew, now that its row is ours: it may have moved to another community since.
    project = Project.objects.get(pk=project.pk)
    count_public_project(project)
    record(ProjectLaunched(project_id=project.pk), by=by)
    return project


@transaction.atomic(durable=True)
def hand_over_project(*, project_id: int, by: User, to_id: int) -> Project:
    """Make somebody of its team the owner of one's project, and stay in it as an admin.

    Raises `NotFound` for whoever does not own it, and for whoever is not in its team.
    """
    project = _in_team(project_id, by, (Role.OWNER,))
    # The row first: of two who hand over at once, the second is no owner any more.
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.owner_id != by.pk:
        raise NotFound
    team = Membership.objects.filter(project=project)
    if not team.filter(user=to_id, user__in=User.objects.visible_to(by)).exclude(user=by).exists():
        raise NotFound(field="toId")
    team.filter(user=by).update(role=Role.ADMIN)
    team.filter(user=to_id).update(role=Role.OWNER)
    Project.objects.filter(pk=project.pk).update(owner=to_id)
    if project.status in PUBLIC:
        # By key: two who hand over to each other at once would else wait in a circle.
        for pk, change in sorted({by.pk: -1, to_id: +1}.items()):
            User.objects.filter(pk=pk).update(project_count=F("project_count") + change)
    return Project.objects.get(pk=project.pk)


def count_public_project(project: Project) -> None:
    """Add a project that has just become public to the counters that show it."""
    if project.community_id:
        Community.objects.filter(pk=project.community_id).update(project_count=F("project_count") + 1)
    User.objects.filter(pk=project.owner_id).update(project_count=F("project_count") + 1)


def clean_slug(value: str) -> str:
    """The last part of an address: 3 to 80 of a-z, 0-9 and single hyphens."""
    if not re.fullmatch(r"(?=.{3,80}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", value, flags=re.ASCII):
        raise Invalid("slug", "3 to 80 of the letters a-z, digits and single hyphens.")
    if value in RESERVED_SLUGS:
        raise Invalid("slug", "This address is reserved.")
    return value


def slug_of(title: str) -> str:
    """The slug that a title makes: without accents, in lower case, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug if len(slug) >= 3 and slug not in RESERVED_SLUGS else f"project-{slug}".strip("-")


def _count_elsewhere(project: Project, community_id: int) -> None:
    # Locked, so that it neither moves nor is launched between this look and the counting.
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.status not in PUBLIC or project.community_id == community_id:
        return
    changes = {community_id: +1} | ({project.community_id: -1} if project.community_id else {})
    # By id: of two projects that change places neither waits for the other in a circle.
    for pk, change in sorted(changes.items()):
        Community.objects.filter(pk=pk).update(project_count=F("project_count") + change)


def _in_team(project_id: int, by: User, roles: tuple[Role, ...]) -> Project:
    project = Project.objects.visible_to(by).with_team_member(by, roles).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    return project


def _step(project: Project, before: ProjectStatus, after: ProjectStatus, **facts: object) -> None:
    # The status is asked in the statement that changes it: of two people who press at once, one goes through.
    if not Project.objects.filter(pk=project.pk, status=before).update(status=after, **facts):
        raise WrongStatus


def _cleaned(by: User, **given: Any) -> dict[str, Any]:
    """The columns of the arguments that were given, each made fit to store."""
    facts: dict[str, Any] = {}
    if given.get("title") is not None:
        facts["title"] = clean_line(given["title"], field="title", longest=120, shortest=3)
    if given.get("summary") is not None:
        facts["summary"] = clean_line(given["summary"], field="summary", longest=280)
    if given.get("description") is not None:
        facts["description"] = clean_text(given["description"], field="description")
        facts["description_html"] = render(facts["description"])
    if given.get("category") is not None:
        facts["category"] = clean_choice(given["category"], Category, field="category")
    if given.get("tags") is not None:
        facts["tags"] = clean_words(given["tags"], field="tags", most=12)
    if given.get("location") is not None:
        facts["location"] = clean_line(given["location"], field="location", longest=100)
    if given.get("locale") is not None:
        facts["locale"] = clean_locale(given["locale"])
    if given.get("community_id") is not None:
        if not Community.objects.visible_to(by).filter(pk=given["community_id"]).exists():
            raise NotFound(field="communityId")
        facts["community_id"] = given["community_id"]
    return facts


def _inserted(by: User, **facts: Any) -> Project | None:
    try:
        with transaction.atomic():
            return Project.objects.create(owner=by, **facts)
    except IntegrityError:
        return None


def _inserted_under_a_free_slug(by: User, facts: dict[str, Any]) -> Project:
    stem = slug_of(facts["title"])
    taken = set(Project.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 20))
    for slug in candidates:
        # Somebody may have taken it since we looked: then the next one.
        if slug not in taken and (project := _inserted(by, slug=slug, **facts)):
            return project
    raise SlugTaken(field="slug")
