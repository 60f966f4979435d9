"""Every list that is read in pages: how to ask for it, and rows for it in the order in which it must show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from backend.accounts.blocks import Block
from backend.accounts.models import User
from backend.boards.models import Task
from backend.communities.models import Community, CommunityKind
from backend.projects.models import Project
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationKind
from social.updates.models import Update
from tests import cast as people
from tests import files
from tests.asking import ask, id_of
from tests.cast import Cast

Make = Callable[[Cast, Sequence[int]], list[Any]]


@dataclass(frozen=True)
class Walk:
    """A list; `make` writes a row for each sort value, and answers what the list then shows, in its order."""

    name: str
    list: str
    make: Make
    owner: Callable[[Cast], Model] | None = None
    viewer: Callable[[Cast], User | None] = lambda cast: None

    @property
    def has_ties(self) -> bool:
        """Whether many rows may share the value that it is sorted by; the others are sorted by their number."""
        return not self.name.startswith(
            ("comments", "replies", "follow", "blocked", "notifications", "uploads", "files")
        )

    def ask(self, cast: Cast, owner: Model | None = None, **variables: Any) -> dict[str, Any]:
        """The answer to a query with `first` and `after`, each if it is given; of another owner's if one is given."""
        owner = owner or (self.owner(cast) if self.owner else None)
        if owner is not None:
            variables["of"] = id_of(owner)
        return ask(self.document(), self.viewer(cast), **variables)

    def document(self) -> str:
        """The query; what is not among its variables is absent from its arguments too."""
        kind, asked = self.list.split(".", 1)
        name, _, more = asked.partition(" ")
        page = "totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id } }"
        asked = f"list: {name}({more} first: $first, after: $after) {{ {page} }}"
        if kind == "Query":
            return f"query($first: Int, $after: String) {{ {asked} }}"
        if kind == "Viewer":
            return f"query($first: Int, $after: String) {{ viewer {{ {asked} }} }}"
        return f"query($of: ID!, $first: Int, $after: String) {{ node(id: $of) {{ ... on {kind} {{ {asked} }} }} }}"

    def pages(self, cast: Cast, first: int) -> Iterator[dict[str, Any]]:
        """The pages of the list, one after the other, by their cursors."""
        more: dict[str, Any] = {}
        while True:
            page = listed(self.ask(cast, first=first, **more))
            yield page
            if not page["pageInfo"]["hasNextPage"]:
                return
            more = {"after": page["pageInfo"]["endCursor"]}


def listed(answer: dict[str, Any]) -> dict[str, Any]:
    """The list in an answer."""
    assert "errors" not in answer, answer
    found = answer["data"]
    while "list" not in found:
        (found,) = found.values()
    page: dict[str, Any] = found["list"]
    return page


def moment(value: int) -> datetime:
    """Moments a microsecond apart: the finest that the database keeps, so a cursor must keep it too."""
    return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(microseconds=value)


def _projects(column: str, of_what: Callable[[Any], Any] = moment, **facts: Callable[[Cast], Any]) -> Make:
    def make(cast: Cast, values: Sequence[int]) -> list[Any]:
        Project.objects.filter(pk=cast.project.pk).update(**{column: of_what(1)})
        owned = {name: fact(cast) for name, fact in facts.items()}
        owner = owned.pop("owner", cast.ana)
        there = Project.objects.count()
        made = [people.project(owner, f"Project {there + n}", **owned) for n, _ in enumerate(values)]
        for project, value in zip(made, values, strict=True):
            Project.objects.filter(pk=project.pk).update(**{column: of_what(value)})
        shown = [project for project in Project.objects.all() if project.pk != cast.project.pk or not facts]
        return _sorted(shown, column, descending=True)

    return make


def _communities(cast: Cast, values: Sequence[int]) -> list[Any]:
    made = [
        Community.objects.create(slug=f"c{n}", name="C", kind=CommunityKind.LOCAL, follower_count=value)
        for n, value in enumerate(values)
    ]
    return _sorted(made, "follower_count", descending=True)


def _tasks(cast: Cast, values: Sequence[int]) -> list[Any]:
    Task.objects.filter(pk=cast.task.pk).update(position=0.1)
    for value in values:
        # A third is a number that decimals never write out in full.
        Task.objects.filter(pk=people.task(cast.board).pk).update(position=value / 3)
    return _sorted(list(cast.board.tasks.all()), "position", descending=False)


def _updates(cast: Cast, values: Sequence[int]) -> list[Any]:
    words = {"title": "News", "body": "!", "body_html": "!"}
    for value in values:
        Update.objects.create(project=cast.project, author=cast.ana, published_at=moment(value), **words)
    Update.objects.create(
        project=cast.project, author=cast.ana, **words
    )  # A draft, which is not in the list.
    return _sorted([*cast.project.updates.published()], "published_at", descending=True)


@dataclass(frozen=True)
class Item:
    """What an update is in a feed."""

    kind_of_node: str
    pk: int


def _feed(cast: Cast, values: Sequence[int]) -> list[Any]:
    Follow.objects.get_or_create(follower=cast.cy, project=cast.project)
    elsewhere = people.project(cast.bo, "Seeds")
    news = {"author": cast.ana, "title": "News", "body": "!", "body_html": "!", "published_at": moment(9)}
    Update.objects.create(project=elsewhere, **news)  # Not followed, so not in the feed.
    return [Item("UpdatePublished", each.pk) for each in _updates(cast, values)]


def _comments(subject: Callable[[Cast], dict[str, Any]]) -> Make:
    def make(cast: Cast, values: Sequence[int]) -> list[Any]:
        return [comment(cast, **subject(cast)) for _ in values]

    return make


def comment(cast: Cast, **facts: Any) -> Comment:
    """Something that Bo says."""
    return Comment.objects.create(author=cast.bo, body="Yes.", body_html="<p>Yes.</p>", **facts)


def _thread(cast: Cast) -> Comment:
    found = Comment.objects.filter(project=cast.project, depth=0).first()
    return found or comment(cast, project=cast.project)


def _followers(cast: Cast, values: Sequence[int]) -> list[Any]:
    fans = [people.person(f"fan{number}") for number, _ in enumerate(values)]
    for fan in fans:
        Follow.objects.create(follower=fan, user=cast.ana)
    return fans[::-1]


def _following(cast: Cast, values: Sequence[int]) -> list[Any]:
    stars = [people.person(f"star{number}") for number, _ in enumerate(values)]
    Follow.objects.create(follower=cast.ana, project=cast.project)  # Not a person, so not in the list.
    for star in stars:
        Follow.objects.create(follower=cast.ana, user=star)
    return stars[::-1]


def _blocked(cast: Cast, values: Sequence[int]) -> list[Any]:
    pests = [people.person(f"pest{number}") for number, _ in enumerate(values)]
    for pest in pests:
        Block.objects.create(blocker=cast.ana, blocked=pest)
    return pests[::-1]


def _notifications(cast: Cast, values: Sequence[int]) -> list[Any]:
    made = [
        Notification.objects.create(
            user=cast.ana,
            kind=NotificationKind.COMMENT,
            subject_task=people.task(cast.board),
            occurred_at=moment(0),
            seq=value,
        )
        for value in values
    ]
    return _sorted(made, "seq", descending=True)


def _uploads(cast: Cast, values: Sequence[int]) -> list[Any]:
    files.upload(cast.bo)
    return [files.upload(cast.ana) for _ in values][::-1]


def _files(cast: Cast, values: Sequence[int]) -> list[Any]:
    files.media(cast.bo)
    return [files.media(cast.ana) for _ in values][::-1]


def _sorted(rows: list[Any], column: str, *, descending: bool) -> list[Any]:
    return sorted(rows, key=lambda row: (getattr(row, column), row.pk), reverse=descending)


def _community(cast: Cast) -> Community:
    return Community.objects.get_or_create(
        slug="valley", defaults={"name": "V", "kind": CommunityKind.LOCAL}
    )[0]


def _news(cast: Cast) -> Update:
    words = {"title": "News", "body": "!", "body_html": "!", "published_at": moment(0)}
    return Update.objects.get_or_create(project=cast.project, author=cast.bo, defaults=words)[0]


WALKS = [
    Walk("newest projects", "Query.projects order: NEWEST,", _projects("launched_at")),
    Walk("most followed projects", "Query.projects order: MOST_FOLLOWED,", _projects("follower_count", int)),
    Walk("communities", "Query.communities", _communities),
    Walk(
        "projects of a community",
        "Community.projects",
        _projects("created_at", community=_community),
        _community,
    ),
    Walk(
        "projects of a person",
        "User.projects",
        _projects("created_at", owner=lambda cast: cast.bo),
        lambda cast: cast.bo,
    ),
    Walk("tasks", "Board.tasks", _tasks, lambda cast: cast.board),
    Walk("updates", "Project.updates", _updates, lambda cast: cast.project),
    Walk(
        "comments on a project",
        "Project.comments",
        _comments(lambda cast: {"project": cast.project}),
        lambda cast: cast.project,
    ),
    Walk(
        "comments on a task",
        "Task.comments",
        _comments(lambda cast: {"task": cast.task}),
        lambda cast: cast.task,
    ),
    Walk("comments on news", "Update.comments", _comments(lambda cast: {"update": _news(cast)}), _news),
    Walk(
        "comments on something",
        "Commentable.comments",
        _comments(lambda cast: {"task": cast.task}),
        lambda cast: cast.task,
    ),
    Walk(
        "replies",
        "Comment.replies",
        _comments(lambda cast: {"project": cast.project, "parent": _thread(cast), "depth": 1}),
        _thread,
    ),
    Walk("followers", "User.followers", _followers, lambda cast: cast.ana),
    Walk("following", "User.following", _following, lambda cast: cast.ana),
    Walk("blocked people", "Viewer.blockedUsers", _blocked, viewer=lambda cast: cast.ana),
    Walk("uploads", "Viewer.uploads", _uploads, viewer=lambda cast: cast.ana),
    Walk("files", "Viewer.media", _files, viewer=lambda cast: cast.ana),
    Walk("notifications", "Viewer.notifications", _notifications, viewer=lambda cast: cast.ana),
    Walk("home feed", "Viewer.homeFeed", _feed, viewer=lambda cast: cast.cy),
]
