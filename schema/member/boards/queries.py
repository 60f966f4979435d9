from typing import Annotated

import strawberry

from backend.boards import models
from schema.declarations import Info, found, row_of
from schema.ids import pk_of
from schema.member import refs


@strawberry.type
class BoardQueries:
    @strawberry.field(description="A board, by its id. Refusals: `NOT_FOUND`.")
    async def board(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> refs.Board | None:
        return found(await row_of(info, models.Board, pk_of(id, "Board")))
