import strawberry

from backend.communities import models
from backend.projects.models import Project
from schema.declarations import column, connection, expression, node
from schema.member import refs
from schema.member.enums import CommunityKind
from schema.member.follows.types import Followable
from schema.paging import Connection
from schema.policies import PUBLIC
from social.follows.models import is_followed_by


@node(models.Community, policy=PUBLIC, description="A local or thematic group of the network (Goteo's node).")
class Community(Followable):
    slug: str = column("Its address.")
    name: str = column("What it is called.")
    kind: CommunityKind = column("What holds it together: a place or a theme.")
    place: str = column("Where it is, for a local one.")
    summary: str = column("What it is for, in a sentence.")
    project_count: int = column("How many public projects are part of it.")
    viewer_is_following: bool = expression(
        lambda viewer: is_followed_by(viewer, "community"), description="Whether the viewer follows it."
    )
    projects: refs.ProjectConnection = connection(
        Project,
        by="community_id",
        order=("-created_at", "-id"),
        description="Its projects, newest first.",
    )


@strawberry.type(description="A page of communities.")
class CommunityConnection(Connection[Community]):
    pass
