"""What clients read of a project."""

from typing import Any

from backend.accounts.models import User
from backend.projects.models import Project
from tests.asking import id_of, spelled

OWNER_MAY = {
    "DRAFT": ["FOLLOW", "COMMENT", "EDIT", "RUN_BOARDS", "SUBMIT"],
    "LIVE": ["FOLLOW", "COMMENT", "EDIT", "POST_UPDATE", "RUN_BOARDS"],
}


def person(user: User) -> dict[str, Any]:
    """As most lists name somebody."""
    return {"id": id_of(user), "handle": user.handle, "displayName": user.display_name}


def parts(project: Project, **changes: Any) -> dict[str, Any]:
    """A project that nobody follows, as it is in the database; for its owner, unless changed."""
    place = project.community
    return {
        "id": id_of(project),
        "slug": project.slug,
        "title": project.title,
        "summary": project.summary,
        "description": project.description,
        "descriptionHtml": project.description_html,
        "category": project.category,
        "tags": project.tags,
        "location": project.location,
        "status": project.status,
        "locale": project.locale,
        "owner": {"id": id_of(project.owner), "handle": project.owner.handle},
        "community": {"id": id_of(place), "slug": place.slug, "name": place.name} if place else None,
        "followerCount": project.follower_count,
        "commentCount": project.comment_count,
        "updateCount": project.update_count,
        "viewerIsFollowing": False,
        "viewerCan": OWNER_MAY.get(project.status),
        "createdAt": spelled(project.created_at),
        "launchedAt": spelled(project.launched_at) if project.launched_at else None,
        "needs": [],
        "rewards": [],
        "collectiveReturns": [],
        "funding": None,
    } | changes
