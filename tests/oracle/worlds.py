"""A world with something of everything in it, and what breaks statements: ties, gaps, odd texts, people who have left."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

from django.db.models import F
from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.models import AccessToken, DataExport, ExportState, Session, User
from backend.accounts.scopes import Scope
from backend.applications.models import AuthorizedApplication
from backend.boards.events import board_stream
from backend.boards.models import Board, Claim, ClaimState, ReleaseReason, Task
from backend.communities.models import Community, CommunityKind
from backend.core.models import Stream
from backend.projects.models import PUBLIC, Category, Membership, Project, ProjectStatus, Role
from schema.declarations import NODES
from schema.member.schema import schema
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import SUBJECTS, Notification, NotificationActor, NotificationKind
from social.updates.models import Audience, Update
from tests import cast as people
from tests.asking import token_of
from tests.cast import make_cast
from tests.oracle.files import files_of
from tests.schema.deeds import application

#: Texts that SQL, JSON, base64 and `str.format` each read as something else.
WORDS = [
    *("Huerta", "Plaza", "río", "wood", "100 %", "a_b", "%s {0} {{1}} $1", 'say "no"', "it's", "back\\slash"),
    *(
        "<b>&amp;</b>",
        "👩‍👩‍👧‍👦",
        "tab\tline\nend",
        "\u2028\u202e",
        "\x1b[0m",
        "İstanbul",
        "ﷺ",
        "null",
        "[1]",
        "{}",
    ),
]
TAGS = ["water", "seeds", "a,b", '"', "NULL", "", "ñ"]
#: Who has blocked whom.
BLOCKS = [("cy", "dee"), ("gil", "cy"), ("fay", "bo"), ("bo", "eva"), ("bo", "cy"), ("sol", "gil")]
#: The types of what has an id.
KINDS = [each.name for each in schema._schema.get_implementations(schema._schema.type_map["Node"]).objects]


class World:
    """Who asks in it, and all rows of it by the name of their type."""

    def __init__(self, viewers: dict[str, User]) -> None:
        self.viewers = viewers
        self.rows = {name: [*NODES[name].objects.order_by("pk")] for name in KINDS}
        self._shown: dict[tuple[str, User | None], list[Any]] = {}

    def __repr__(self) -> str:
        # Beside a document that fails, all rows of a world are noise.
        return "a world"

    def shown(self, kind: str, viewer: User | None) -> list[Any]:
        """The rows of a type that somebody may see."""
        if (kind, viewer) not in self._shown:
            rows = NODES[kind].objects.visible_to(viewer).order_by("pk")
            self._shown[kind, viewer] = list(rows) or self.rows[kind]
        return self._shown[kind, viewer]

    def token(self, who: str | None) -> str | None:
        """What somebody shows when they ask; nothing for nobody."""
        return token_of(self.viewers[who]) if who else None


def make_world(seed: int) -> World:
    """The world of a seed."""
    return _Maker(Random(seed)).made()  # noqa: S311  # Nothing is secret in it.


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        cast = make_cast()
        self.viewers = {each.handle: each for each in (cast.ana, cast.bo, cast.cy, cast.sol)}
        self.first = cast.project

    def made(self) -> World:
        self.people = [*self.viewers.values(), *(self._person(name) for name in ("dee", "eva", "fay", "gil"))]
        # Eva has left; what she said and made is still there.
        User.objects.filter(handle="eva").update(is_active=False)
        self._communities()
        self._projects()
        self._boards()
        self._claims()
        self._updates()
        self._comments()
        self._blocks()
        self._follows()
        self._notifications()
        self._sessions()
        self._access_tokens()
        self._exports()
        self._programs()
        files_of(self)
        # As they are now: of whoever has a block more is asked.
        return World({each: User.objects.get(handle=each) for each in self.viewers})

    def some(self, things: Any, most: int) -> list[Any]:
        return self.random.sample([*things], self.random.randint(0, min(most, len(things))))

    def one(self, things: Any) -> Any:
        return self.random.choice([*things])

    def likely(self, share: float) -> bool:
        return self.random.random() < share

    def words(self) -> str:
        return " ".join(self.random.sample(WORDS, self.random.randint(1, 3)))

    def moment(self) -> datetime:
        # Few of them, so that many rows share one; with and without a fraction, and zeros at its end.
        micros = self.one([0, 1, 120_000, 123_456, 999_999, 500])
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(
            days=self.random.randint(0, 2), microseconds=micros
        )

    def _person(self, handle: str) -> User:
        return people.person(
            handle,
            bio=self.words(),
            skills=self.some(TAGS, 3),
            locale=self.one(["en", "es", "ca", "fr-CA", "xx"]),
        )

    def _communities(self) -> None:
        self.communities = [
            Community.objects.create(
                slug=f"place-{n}",
                name=self.words(),
                kind=self.one(CommunityKind.values),
                follower_count=n // 2,
            )
            for n in range(5)
        ]

    def _projects(self) -> None:
        self.projects = [self.first]
        for number, status in enumerate([*ProjectStatus.values, *PUBLIC]):
            made = people.project(
                self.one(self.people),
                self.words(),
                status=status,
                slug=f"project-{number}",
                summary=self.words(),
                category=self.one(Category.values),
                tags=self.some(TAGS, 3),
                community=self.one([*self.communities, None]),
                locale=self.one(["en", "es"]),
                follower_count=self.random.randint(0, 2),
                created_at=self.moment(),
            )
            if made.launched_at:
                Project.objects.filter(pk=made.pk).update(launched_at=self.moment())
            for member in self.some(self.people, 4):
                role = self.one([Role.ADMIN, Role.EDITOR, Role.COORDINATOR])
                Membership.objects.get_or_create(project=made, user=member, defaults={"role": role})
            self.projects.append(made)

    def _boards(self) -> None:
        self.boards = list(Board.objects.all())
        for project in [*self.projects, *self.some(self.projects, 5)]:
            self.boards.append(Board.objects.create(project=project, title=self.words(), claim_hours=3))
        for board in self.some(self.boards, 8):
            Stream.objects.create(name=board_stream(board.pk), seq=self.random.randint(0, 2**40))
        self.tasks = [
            Task.objects.create(
                board=board,
                number=number,
                title=self.words(),
                position=self.one([number, number / 3, 0.1, -1.5, 2.0, 1e-7]),
                slots=self.random.randint(1, 4),
                labels=self.some(TAGS, 2),
                estimate_minutes=self.one([None, 30]),
                due_at=self.one([None, self.moment()]),
                closed_at=self.moment() if self.likely(0.15) else None,
            )
            for board in self.boards
            for number in range(10, 10 + self.random.randint(0, 5))
        ]

    def _claims(self) -> None:
        now = timezone.now()
        for task in self.tasks:
            states = [ClaimState.CLAIMED, ClaimState.CLAIMED, ClaimState.SUBMITTED, ClaimState.ACCEPTED]
            for person in self.some(self.people, task.slots):
                state = self.one(states)
                handed_in = state != ClaimState.CLAIMED or self.likely(0.2)
                Claim.objects.create(
                    task=task,
                    claimant=person,
                    state=state,
                    claimed_at=self.moment(),
                    expires_at=now + timedelta(days=self.one([-1, 1])),
                    submitted_at=self.moment() if handed_in else None,
                    note=self.words(),
                    links=self.some(["https://a.org/?q=%s", "https://b.org/{0}"], 2),
                )
                Task.objects.filter(pk=task.pk).update(
                    **{f"{state.lower()}_count": F(f"{state.lower()}_count") + 1}
                )
            for person in self.some(self.people, 2):
                Claim.objects.create(
                    task=task,
                    claimant=person,
                    state=ClaimState.RELEASED,
                    release_reason=self.one(ReleaseReason.values),
                    released_at=now,
                    expires_at=now,
                )

    def _updates(self) -> None:
        self.updates = [
            Update.objects.create(
                project=project,
                author=self.one(self.people),
                title=self.words(),
                body=self.words(),
                body_html="<p>",
                audience=audience,
                published_at=self.moment() if self.likely(0.75) else None,
            )
            for project in self.projects
            for audience in self.some(Audience.values * 2, 4)
        ]

    def _comments(self) -> None:
        self.comments: list[Comment] = []
        for _ in range(90):
            answered = (
                self.one([c for c in self.comments if c.depth < 5])
                if self.comments and self.likely(0.5)
                else None
            )
            kind = answered.subject_field if answered else self.one(["project", "update", "task"])
            subject = getattr(answered, kind) if answered else self.one(getattr(self, f"{kind}s"))
            self.comments.append(self._comment(answered, **{kind: subject}))

    def _comment(self, answered: Comment | None, **subject: Any) -> Comment:
        deleted = self.likely(0.2)
        return Comment.objects.create(
            parent=answered,
            depth=answered.depth + 1 if answered else 0,
            author=self.one(self.people),
            body="" if deleted else self.words(),
            body_html="" if deleted else "<p>!</p>",
            deleted_at=self.moment() if deleted else None,
            edited_at=self.one([None, self.moment()]),
            created_at=self.moment(),
            **subject,
        )

    def _blocks(self) -> None:
        self.blocks = set()
        # Ana has none; from Sol nobody is hidden.
        for pair in BLOCKS:
            blocker, blocked = (next(each for each in self.people if each.handle == name) for name in pair)
            Block.objects.create(blocker=blocker, blocked=blocked)
            self.blocks |= {(blocker, blocked), (blocked, blocker)}

    def _follows(self) -> None:
        for person in self.people:
            for target in self.some([*self.people, *self.projects, *self.communities], 10):
                if target != person and (person, target) not in self.blocks:
                    kind = type(target).__name__.lower()
                    Follow.objects.create(follower=person, **{kind: target})

    def _notifications(self) -> None:
        kinds = {"user": self.people, "project": self.projects, "update": self.updates}
        kinds |= {"comment": self.comments, "task": self.tasks}
        unread = set()
        for person, subject in product(self.viewers.values(), SUBJECTS):
            for thing in self.some(kinds[subject], 5):
                about = person if subject == "user" and self.likely(0.5) else thing
                read_at, kind = self.one([None, self.moment()]), self.one(NotificationKind.values)
                if read_at is None and (person, kind, about) in unread:
                    continue  # More of the same would have joined it.
                unread |= {(person, kind, about)} if read_at is None else set()
                told = Notification.objects.create(
                    user=person,
                    kind=kind,
                    occurred_at=self.moment(),
                    read_at=read_at,
                    # Several share a number: a list must be in one order all the same.
                    seq=self.random.randint(1, 12),
                    actor_count=self.random.randint(0, 3),
                    **{f"subject_{subject}": about},
                )
                for seq, actor in enumerate(self.some(self.people, 4)):
                    NotificationActor.objects.create(notification=told, user=actor, seq=seq)

    def _sessions(self) -> None:
        now = timezone.now()
        for person in self.people:
            for number in range(3):
                Session.objects.create(
                    user=person,
                    token_hash=f"closed-{person.pk}-{number}",
                    user_agent=self.words(),
                    created_at=self.moment() - timedelta(days=1000),
                    expires_at=now + timedelta(days=self.one([-1, 1, 1])),
                    ended_at=self.one([None, None, now]),
                )

    def _access_tokens(self) -> None:
        now = timezone.now()
        for person in self.people:
            for number in range(3):
                AccessToken.objects.create(
                    user=person,
                    name=self.words(),
                    token_hash=f"key-{person.pk}-{number}",
                    scopes=self.some(Scope.values, 4) or ["read"],
                    created_at=now - timedelta(days=self.one([9, 9, 8])),
                    expires_at=now + timedelta(days=self.one([-1, 1, 1])),
                    last_used_at=self.one([None, now]),
                    revoked_at=self.one([None, None, now]),
                )

    def _programs(self) -> None:
        for program in (application(name=self.words()), application(name=self.words())):
            for person in self.people:
                AuthorizedApplication.objects.create(
                    user=person, application=program, scopes=self.some(Scope.values, 4) or ["read"]
                )

    def _exports(self) -> None:
        # None that is ready: its address is another each time that it is asked for.
        states = [ExportState.FAILED, ExportState.EXPIRED]
        for person in self.people:
            for state in (*states, self.one([ExportState.PENDING, ExportState.RUNNING])):
                DataExport.objects.create(
                    user=person, state=state, done=self.one([0, 3, 7]), total=7, size=self.one([0, 2**31 - 1])
                )


def present(stream: str) -> list[int]:
    """Who looks at a thing of a world: as many of its people as the thing's key decides."""
    count = int(stream.rpartition(":")[2]) % 4
    return [*User.objects.order_by("pk").values_list("pk", flat=True)[:count]]
