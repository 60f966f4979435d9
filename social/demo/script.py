"""The kinds of things that the demo tells, as plain data: who they are, and what they say and do in which order."""

from dataclasses import dataclass
from typing import Literal

from backend.projects.models import Category, ProjectStatus, Role, Verdict
from social.updates.models import Audience

#: What becomes of a claim after it was taken, step by step; one that ends with none of them is still held.
Act = Literal["submit", "ask_for_changes", "accept", "give_up", "take_back"]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody, the projects that they want to hear of, and the people."""

    handle: str
    name: str
    place: str
    locale: str
    bio: str
    skills: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    website: str = ""
    follows: tuple[str, ...] = ()
    friends: tuple[str, ...] = ()
    community: str | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """A community."""

    slug: str
    name: str
    kind: str
    place: str = ""
    summary: str


@dataclass(frozen=True)
class Said:
    """A comment and what others answer to it, in the order in which it was written."""

    who: str
    text: str
    replies: tuple["Said", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Work:
    """Somebody takes a place on a task, and what follows."""

    who: str
    acts: tuple[Act, ...] = ()
    note: str = ""
    links: tuple[str, ...] = ()
    minutes: int | None = None
    #: What the team answers, to the first and to the second hand-in.
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """A task, and everybody who worked on it."""

    title: str
    body: str = ""
    minutes: int | None = None
    slots: int = 1
    skills: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    due_in_days: int | None = None
    work: tuple[Work, ...] = ()
    closed: bool = False
    thread: tuple[Said, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A board."""

    title: str
    jobs: tuple[Job, ...]
    #: Long enough that nobody's claim of these weeks has run out.
    claim_hours: int = 24 * 14


@dataclass(frozen=True, kw_only=True)
class News:
    """An update."""

    title: str
    body: str
    by: str
    audience: Audience = Audience.EVERYONE
    published: bool = True
    thread: tuple[Said, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Story:
    """A project and all that happens around it; `days` ago it got as far as its status."""

    slug: str
    title: str
    owner: str
    category: Category
    locale: str
    summary: str
    description: str
    days: float
    tags: tuple[str, ...]
    location: str = ""
    community: str | None = None
    team: tuple[tuple[str, Role], ...] = ()
    status: ProjectStatus = ProjectStatus.LIVE
    #: What staff said of it, the last verdict last.
    reviews: tuple[tuple[Verdict, str], ...] = ()
    sheets: tuple[Sheet, ...] = ()
    news: tuple[News, ...] = ()
    thread: tuple[Said, ...] = ()
