from typing import Annotated, Any

import strawberry

from backend.accounts import models
from schema.declarations import Info, found, row_by, row_of
from schema.ids import pk_of
from schema.member import refs
from schema.member.accounts.types import Viewer


@strawberry.type
class AccountQueries:
    @strawberry.field(description="Whoever is asking; null for nobody.", graphql_type=Viewer | None)
    def viewer(self, info: Info) -> Any:
        return info.context.viewer

    @strawberry.field(description="A person, by handle or by id. Refusals: `NOT_FOUND`.")
    async def user(
        self,
        info: Info,
        handle: Annotated[str | None, strawberry.argument(description="Their short name.")] = None,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Their `id`; it counts before the handle.")
        ] = None,
    ) -> refs.User | None:
        if id is not None:
            return found(await row_of(info, models.User, pk_of(id, "User")))
        return found(await row_by(info, models.User, "handle", handle))
