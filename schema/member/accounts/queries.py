from typing import Annotated

import strawberry

from backend.accounts import models
from schema.declarations import found, viewers_own
from schema.member import refs
from schema.member.accounts.types import Viewer
from schema.policies import PUBLIC

Handle = Annotated[str | None, strawberry.argument(description="Their short name.")]
Id = Annotated[
    strawberry.ID | None, strawberry.argument(description="Their `id`; it counts before the handle.")
]


@strawberry.type
class AccountQueries:
    viewer: Viewer | None = viewers_own(
        models.User, policy=PUBLIC, description="Whoever is asking; null for nobody."
    )
    user: refs.User | None = found(
        models.User,
        policy=PUBLIC,
        by={"id": "pk", "handle": "handle"},
        arguments={"handle": Handle, "id": Id},
        description="A person, by handle or by id. Refusals: `NOT_FOUND`.",
    )
