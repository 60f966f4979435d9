"""A comment is taken back as its author would do it: its place stays, so that the replies of others keep theirs."""

from backend.core.holdings import Fate, Holding, Told, locked
from social.comments.actions import take_back
from social.comments.models import Comment, CommentAttachment

BLANKED, KEPT = Fate.BLANKED, Fate.KEPT


def _take_back(person: int, most: int) -> int:
    comments = locked(Comment.objects.standing().filter(author=person), most)
    take_back(comments, by=None)
    return len(comments)


HOLDINGS = (
    Holding(
        name="comments",
        says="what you said under projects, updates and tasks.",
        model=Comment,
        whose="author",
        columns={
            "project": Told("Under which project.", KEPT, "project__slug"),
            "update": Told("Under which update.", KEPT),
            "task": Told("Under which task.", KEPT),
            "parent": Told("In reply to which comment.", KEPT),
            "body": Told("What you said, in Markdown.", BLANKED),
            "body_html": Told("The same as HTML.", BLANKED),
            "created_at": Told("When.", KEPT),
            "edited_at": Told("When you changed it.", KEPT),
            "deleted_at": Told("When you took it back.", KEPT),
        },
        erase=_take_back,
    ),
)

#: What is attached is the file's, and stated there; it goes with what was said.
NOT_PERSONAL = {
    Comment: ("id", "author", "depth", "reply_count"),
    CommentAttachment: ("id", "media", "position", "comment"),
}
