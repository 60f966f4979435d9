"""An update is told by the project, not by who wrote it: it stays, drafts too, which are its team's."""

from backend.core.holdings import Fate, Holding, Told
from social.updates.models import Update, UpdateAttachment

KEPT = Fate.KEPT

HOLDINGS = (
    Holding(
        name="updates",
        says="the news of projects that you wrote.",
        model=Update,
        whose="author",
        columns={
            "project": Told("Of which project.", KEPT, "project__slug"),
            "title": Told("What it is called.", KEPT),
            "body": Told("What you wrote, in Markdown.", KEPT),
            "body_html": Told("The same as HTML.", KEPT),
            "audience": Told("For whom.", KEPT),
            "created_at": Told("When you wrote it.", KEPT),
            "published_at": Told("When it was published.", KEPT),
        },
    ),
)

#: What is attached is the file's, and stated there.
NOT_PERSONAL = {
    Update: ("id", "author", "comment_count"),
    UpdateAttachment: ("id", "media", "position", "update"),
}
