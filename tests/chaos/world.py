"""Whom and what the clients know: people who may write on a project, and its boards."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from backend.accounts.models import Session, hash_of, new_token
from backend.boards.events import board_stream
from backend.boards.models import Board as BoardRow
from backend.projects.models import Membership, Project, Role
from schema.ids import to_global_id
from tests import cast


@dataclass(frozen=True)
class Board:
    """A board, as a client knows it, and the stream of its events."""

    id: str
    stream: str


class World:
    """A project that is public, and who may run its boards. Django is set up before."""

    def __init__(self) -> None:
        self._project: Project = cast.project(cast.person("ana"), "Acequia")
        self._people = 0

    def people(self, count: int) -> list[str]:
        """The tokens of so many new people who run the boards."""
        tokens = []
        for _ in range(count):
            self._people += 1
            somebody = cast.person(f"somebody-{self._people}")
            Membership.objects.create(project=self._project, user=somebody, role=Role.COORDINATOR)
            tokens.append(token := new_token())
            tomorrow = timezone.now() + timedelta(days=1)
            Session.objects.create(user=somebody, token_hash=hash_of(token), expires_at=tomorrow)
        return tokens

    def boards(self, count: int) -> list[Board]:
        """So many new boards, on which nothing has happened."""
        rows = [
            BoardRow.objects.create(project=self._project, title=f"Board {number}") for number in range(count)
        ]
        return [Board(to_global_id("Board", row.pk), board_stream(row.pk)) for row in rows]
