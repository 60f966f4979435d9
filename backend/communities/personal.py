from backend.communities.models import Community
from backend.core.holdings import Holding

HOLDINGS: tuple[Holding, ...] = ()

NOT_PERSONAL = {
    Community: (
        *("id", "slug", "name", "kind", "place", "summary", "created_at", "follower_count", "project_count"),
    )
}
