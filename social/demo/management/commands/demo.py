from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.models import Claim, Task
from backend.communities.models import Community
from backend.projects.models import Project
from social.comments.models import Comment
from social.demo.cast import Cast
from social.demo.diary import diary_of
from social.demo.people import LOGINS, PASSWORD, PEOPLE, address
from social.demo.stories import STORIES
from social.follows.models import Follow
from social.notifications.models import Notification
from social.updates.models import Update

_KINDS = {
    "communities": Community,
    "projects": Project,
    "follows": Follow,
    "updates": Update,
    "comments": Comment,
    "tasks": Task,
    "claims": Claim,
    "notifications": Notification,
}


class Command(BaseCommand):
    """Fills an empty database with forty people and twelve projects, the same at every run."""

    help = "Fills an empty database with forty people, twelve projects and all that they do there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether a database that is not empty is an error."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, instead of failing, where people are already"
        )

    def handle(self, *args: Any, if_empty: bool, **options: Any) -> None:
        """Refuses wherever it could do harm."""
        if not settings.DEVELOPMENT:
            raise CommandError("The demo is for development only: everybody knows its passwords.")
        if _is_cut_short():
            # Each action is a transaction of its own, so an interrupted run leaves what it had done.
            self.stdout.write("A demo was interrupted here; it begins anew.")
            call_command("flush", interactive=False, verbosity=0)
        elif User.objects.exists():
            if not if_empty:
                raise CommandError("This database has people already; the demo is for an empty one.")
            self.stdout.write("The database has people already: nothing to do.")
            return
        self._tell()

    # Nobody can be looking yet: a thousand pokes would tell no one.
    @override_settings(EVENT_SINK="social.demo.diary.tell_nobody")
    def _tell(self) -> None:
        with connection.cursor() as cursor:
            # A crash may cost the demo its last words; else each of its thousand commits would wait for the disk.
            cursor.execute("SET synchronous_commit TO off")
        now, cast = timezone.now(), Cast()
        cast.arrive(now)
        self.stdout.write(f"{len(PEOPLE)} people have arrived, and tell what they did:")
        for weeks, happened in diary_of(cast, STORIES, now=now).play():
            ago = {0: "this week", 1: "last week"}.get(weeks, f"{weeks} weeks ago")
            self.stdout.write(f"  {ago:<14}{happened:>5} things happened")
        self.stdout.write("Now there are:")
        for kind, model in _KINDS.items():
            self.stdout.write(f"  {kind:<14}{model._base_manager.count():>5}")
        cast.give_logins()
        self.stdout.write(f"Log in with the password {PASSWORD} as:")
        for handle, who in LOGINS.items():
            self.stdout.write(f"  {address(handle):<20}{who}")


def _is_cut_short() -> bool:
    """Whether there are people, all of them the demo's, and none who could ever have logged in."""
    others = User.objects.exclude(email__in=[address(person.handle) for person in PEOPLE])
    with_a_password = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return User.objects.exists() and not (others | with_a_password).exists()
