"""What a project says is the project's: it stays, also when its owner leaves, for those who follow it, work on it and give
to it. What nobody but its owner ever saw goes with them."""

from django.db.models import Q

from backend.accounts.models import User
from backend.core.holdings import Fate, Holding, Told, locked
from backend.core.refusals import Refusal
from backend.projects.models import PUBLIC, Membership, Project, Review

BLANKED, DELETED, KEPT = Fate.BLANKED, Fate.DELETED, Fate.KEPT
_IS_PUBLIC = Q(status__in=PUBLIC)


class OwnsProjects(Refusal):
    code = "OWNS_PROJECTS"
    message = "Others work on what you own."


def _refuse_owners(user: User) -> None:
    others = Membership.objects.exclude(user=user).filter(user__is_active=True)
    owned = Project.objects.filter(owner=user, pk__in=others.values("project")).order_by("pk")
    if titles := [f"“{title}”" for title in owned.values_list("title", flat=True)[:4]]:
        listed = ", ".join(titles[:3]) + (" and more" if len(titles) > 3 else "")
        raise OwnsProjects(f"Others work on what you own: hand over {listed} first.")


def _delete_drafts(person: int, most: int) -> int:
    # One at a time: with a project goes all that is in it.
    drafts = locked(Project.objects.only_of(person), 1)
    for draft in drafts:
        draft.delete()
    return len(drafts)


def _leave_teams(person: int, most: int) -> int:
    places = locked(Membership.objects.filter(user=person), most)
    return Membership.objects.filter(pk__in=[place.pk for place in places]).delete()[0]


def _forget_source(person: int, most: int) -> int:
    sources = locked(Project.objects.filter(owner=person, source__isnull=False), most)
    return Project.objects.filter(pk__in=[each.pk for each in sources]).update(source=None)


def _words(fate: Fate) -> dict[str, Told]:
    return {
        "slug": Told("The last part of its address.", fate),
        "title": Told("What it is called.", fate),
        "summary": Told("What it is, in two sentences.", fate),
        "description": Told("What it is, in Markdown.", fate),
        "description_html": Told("The same as HTML.", fate),
        "category": Told("Its domain.", fate),
        "tags": Told("Its tags.", fate),
        "location": Told("Where it is.", fate),
        "locale": Told("The language that it speaks.", fate),
        "status": Told("How far it has come.", fate),
        "community": Told("The community that it is in.", fate, "community__slug"),
        "created_at": Told("When it was begun.", fate),
        "submitted_at": Told("When you asked for a review.", fate),
        "launched_at": Told("When it became public.", fate),
        "imported_from": Told("Where it was imported from.", fate),
    }


HOLDINGS = (
    Holding(
        name="drafts",
        says="the projects that you own and that are not public.",
        model=Project,
        whose="owner",
        only=~_IS_PUBLIC,
        columns=_words(DELETED) | {"source": Told("The document that it was imported from.", DELETED)},
        closing=_refuse_owners,
        erase=_delete_drafts,
    ),
    Holding(
        name="projects",
        says="the public projects that you own.",
        model=Project,
        whose="owner",
        only=_IS_PUBLIC,
        columns=_words(KEPT) | {"source": Told("The document that it was imported from.", BLANKED)},
        erase=_forget_source,
    ),
    Holding(
        name="teams",
        says="the projects that you work on.",
        model=Membership,
        whose="user",
        columns={
            "project": Told("Which.", DELETED, "project__slug"),
            "role": Told("As what.", DELETED),
            "created_at": Told("Since when.", DELETED),
        },
        erase=_leave_teams,
    ),
    Holding(
        name="reviews",
        says="what you decided about projects, as staff.",
        model=Review,
        whose="reviewer",
        columns={
            "project": Told("About which project.", KEPT, "project__slug"),
            "verdict": Told("What you decided.", KEPT),
            "note": Told("What you told its team.", KEPT),
            "created_at": Told("When.", KEPT),
        },
    ),
)

NOT_PERSONAL = {
    Project: ("id", "owner", "follower_count", "comment_count", "update_count"),
    Membership: ("id", "user"),
    Review: ("id", "reviewer"),
}
