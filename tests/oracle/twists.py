"""What may become of a world before it is asked about: each turns what somebody may see or do."""

from collections.abc import Callable

from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.models import CLAIMS_AT_ONCE, User
from backend.boards.models import Task
from backend.communities.models import Community
from backend.projects.models import Membership, Project, ProjectStatus
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import Notification


def _part(*pairs: tuple[str, str]) -> None:
    for pair in pairs:
        blocker, blocked = (User.objects.get(handle=handle) for handle in pair)
        Follow.objects.filter(follower__handle__in=pair, user__handle__in=pair).delete()
        Block.objects.create(blocker=blocker, blocked=blocked)


TWISTS: dict[str, Callable[[], object]] = {
    "nothing": lambda: None,
    "Sol is no staff any more": lambda: User.objects.filter(handle="sol").update(is_staff=False),
    "Dee has left": lambda: User.objects.filter(handle="dee").update(is_active=False),
    "Bo has left every team": lambda: Membership.objects.filter(user__handle="bo").delete(),
    "Cy follows nothing": lambda: Follow.objects.filter(follower__handle="cy").delete(),
    "Ana's hands are full": lambda: User.objects.filter(handle="ana").update(open_claim_count=CLAIMS_AT_ONCE),
    "what was live is a draft": lambda: Project.objects.filter(status=ProjectStatus.LIVE).update(
        status=ProjectStatus.DRAFT, launched_at=None
    ),
    "everything is read": lambda: Notification.objects.update(read_at=timezone.now()),
    "every comment is taken back": lambda: Comment.objects.update(
        deleted_at=timezone.now(), body="", body_html=""
    ),
    "every task lies in one place": lambda: Task.objects.update(position=0.5),
    "nobody has a block": lambda: Block.objects.all().delete(),
    "Ana has blocked Bo, and Cy has blocked Ana": lambda: _part(("ana", "bo"), ("cy", "ana")),
    "there is no community": lambda: Community.objects.all().delete(),
}
