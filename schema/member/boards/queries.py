from typing import Annotated

import strawberry

from backend.boards import models
from schema.declarations import found
from schema.member import refs
from schema.policies import PUBLIC

Id = Annotated[strawberry.ID, strawberry.argument(description="Its id.")]


@strawberry.type
class BoardQueries:
    board: refs.Board | None = found(
        models.Board,
        policy=PUBLIC,
        by={"id": "pk"},
        arguments={"id": Id},
        description="A board, by its id. Refusals: `NOT_FOUND`.",
    )
