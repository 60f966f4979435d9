from typing import Annotated

import strawberry

from backend.communities import models
from schema.declarations import everything, found
from schema.member import refs
from schema.member.communities.types import CommunityConnection
from schema.policies import PUBLIC

Slug = Annotated[str, strawberry.argument(description="Its address.")]


@strawberry.type
class CommunityQueries:
    community: refs.Community | None = found(
        models.Community,
        policy=PUBLIC,
        by={"slug": "slug"},
        arguments={"slug": Slug},
        description="A community, by its address. Refusals: `NOT_FOUND`.",
    )
    communities: CommunityConnection = everything(
        models.Community,
        policy=PUBLIC,
        place="communities",
        orders={None: ("-follower_count", "-id")},
        description="All communities, the most followed first.",
    )
