from typing import Annotated

import strawberry

from backend.communities import models
from schema.declarations import Info, found, row_by
from schema.member import refs
from schema.member.communities.types import CommunityConnection
from schema.paging import After, First, Page, page


@strawberry.type
class CommunityQueries:
    @strawberry.field(description="A community, by its address. Refusals: `NOT_FOUND`.")
    async def community(
        self, info: Info, slug: Annotated[str, strawberry.argument(description="Its address.")]
    ) -> refs.Community | None:
        return found(await row_by(info, models.Community, "slug", slug))

    @strawberry.field(
        description="All communities, the most followed first.", graphql_type=CommunityConnection
    )
    async def communities(self, info: Info, first: First = None, after: After = None) -> Page:
        return await page(
            info, models.Community, "communities", order=("-follower_count", "-id"), first=first, after=after
        )
