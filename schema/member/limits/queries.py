from datetime import datetime

import strawberry

from schema.declarations import column, of_the_request
from schema.policies import WITH_IT, shown_to


@shown_to(WITH_IT)
@strawberry.type(
    description="What whoever asks may ask for: each operation costs points, and they come back with time."
)
class RateLimit:
    limit: int = column(
        "The most points that they can have: a person, or a network of which nobody is logged in."
    )
    cost: int = column(
        "What this request cost: the price in `extensions.cost`, and a little more where its document was new here."
    )
    remaining: int = column("What is left after it.")
    reset_at: datetime = column("When all of them are back, if nothing more is asked.")


@strawberry.type
class LimitQueries:
    rate_limit: RateLimit | None = of_the_request(
        "rate_limit",
        key="limit",
        policy=WITH_IT,
        description="What whoever asks may spend; null where nothing is limited.",
    )
