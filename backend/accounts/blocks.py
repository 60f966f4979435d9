"""Who has blocked whom: from then on each of the two is hidden from the other, whoever of them wished it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from backend.accounts.departed import RefuseTheDeparted

if TYPE_CHECKING:
    from backend.accounts.models import User

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

_COUNT = """
    UPDATE accounts_user SET block_count = block_count <change> WHERE id = least(<row>.blocker_id, <row>.blocked_id);
    UPDATE accounts_user SET block_count = block_count <change> WHERE id = greatest(<row>.blocker_id, <row>.blocked_id);
    RETURN NULL;
"""


class _Count(pgtrigger.Trigger):
    """Both people's count of their blocks, kept by PostgreSQL: a cascade must not forget it.

    In the order of their keys, as whoever else changes two people does.
    """

    when = pgtrigger.After

    def __init__(self, name: str, operation: Any, *, row: str, change: str) -> None:
        func = _COUNT.replace("<row>", row).replace("<change>", change)
        super().__init__(name=name, operation=operation, func=func)


class BlockQuerySet(models.QuerySet["Block"]):
    def visible_to(self, viewer: User | None) -> Self:
        """A person's own, of people who have not left; that somebody has blocked them, nobody is shown."""
        return self.filter(blocker=viewer, blocked__is_active=True) if viewer else self.none()


class Block(models.Model):
    """One person wishes to see nothing of another, and to be seen by them no more."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks", db_index=False
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_by", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="person_blocks_another_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]
        # The other direction of the unique pair: so each is known from an index alone.
        indexes = [models.Index(fields=["blocked", "blocker"], name="blocks_of_a_person")]
        triggers = [
            _Count("block_is_counted", pgtrigger.Insert, row="NEW", change="+ 1"),
            _Count("block_is_counted_no_more", pgtrigger.Delete, row="OLD", change="- 1"),
            RefuseTheDeparted("block_is_between_those_who_are_here", "blocker_id", "blocked_id"),
            pgtrigger.Protect(name="block_never_changes", operation=pgtrigger.Update),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.blocker} has blocked {self.blocked}"


def no_block(column: str, person: Any) -> Q:
    """Whether there is none between a person and the one in a column of a queryset, as the table says now."""
    # Two questions and not an OR of them: so PostgreSQL makes a join of each.
    return Q(
        ~Exists(Block.objects.filter(blocker=person, blocked=OuterRef(column))),
        ~Exists(Block.objects.filter(blocked=person, blocker=OuterRef(column))),
    )


def hides_nobody(viewer: Any) -> bool:
    """Whether a viewer sees everybody: whoever has no block does; and staff, because they look after the house."""
    return viewer is None or viewer.is_staff or not viewer.has_blocks


def without_hidden(rows: Rows, column: str, viewer: Any) -> Rows:
    """Those rows in whose column stands nobody who is hidden from the viewer: all, and the same SQL, for most people."""
    return rows if hides_nobody(viewer) else rows.filter(no_block(column, viewer))


#: The lock that belongs to two people, to the end of the transaction; it is taken before any row's.
_PAIR = "pg_advisory_xact_lock(hashtextextended('block ' || least({0}, {1}) || ' ' || greatest({0}, {1}), 0))"


def pair_held(one: str, other: str) -> str:
    """The statement, for a trigger, that takes the lock of two people, whose keys are these expressions."""
    return f"PERFORM {_PAIR.format(one, other)};"


def hold_pair(one: int, other: int) -> None:
    """Until the transaction ends nobody else begins a block between two people, and neither follows the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_PAIR.format('%(one)s::bigint', '%(other)s::bigint')}", {"one": one, "other": other}
        )
