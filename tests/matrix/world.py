"""The world that the matrix is asked of: everybody who can stand differently, and each thing in each state that matters.

What a thing says begins with a word of its own (`word_of`), so that an answer that holds any of it is found out, by
whatever field it got there.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.keys import KEY_PREFIX
from backend.accounts.models import CLAIMS_AT_ONCE, DataExport, Session, User, hash_of
from backend.accounts.scopes import Scope
from backend.boards.models import Board, Claim, ClaimState, ReleaseReason, Task
from backend.communities.models import Community, CommunityKind
from backend.projects.models import Membership, Project, ProjectStatus, Role
from media.models import MediaState, Purpose
from schema.ids import to_global_id
from social.comments.models import Comment
from social.follows.models import Follow
from social.notifications.models import Notification, NotificationActor, NotificationKind
from social.updates.models import Audience, Update
from tests import cast as people
from tests import files
from tests.asking import CLIENT
from tests.schema.deeds import access_token, application, authorization

#: The columns of the table, and the handle of whom each is.
ACTORS = {
    "anonymous": None,
    "banned": "bru",
    "erased": "eva",
    "blocked": "bea",
    "plain": "cy",
    "follower": "fia",
    "author": "aru",
    "claimer": "cleo",
    "editor": "edu",
    "coordinator": "bo",
    "admin": "ada",
    "owner": "ana",
    "staff": "sol",
}
#: People whom others do not see: their tokens open nothing either.
GONE = ("banned", "erased")
#: Ana's projects, one at each step of its way.
STEPS = {
    "draft": ProjectStatus.DRAFT,
    "in review": ProjectStatus.IN_REVIEW,
    "rejected": ProjectStatus.REJECTED,
    "approved": ProjectStatus.APPROVED,
    "live": ProjectStatus.LIVE,
    "funded": ProjectStatus.FUNDED,
    "unfunded": ProjectStatus.UNFUNDED,
    "fulfilled": ProjectStatus.FULFILLED,
}
#: A key that no row ever had.
NEVER = 2**62


@dataclass
class World:
    """Who is in it, and the rows by the names that the table calls them."""

    people: dict[str, User]
    things: dict[str, Model] = field(default_factory=dict)

    def actor(self, name: str) -> User | None:
        """Who stands in a column of the table."""
        handle = ACTORS[name]
        return self.people[handle] if handle else None

    def id(self, thing: str) -> str:
        """The global id of a thing; of one that never was, where its name says so: "missing Task"."""
        if thing.startswith("missing "):
            return to_global_id(self.kind(thing), NEVER)
        return to_global_id(self.kind(thing), self.things[thing].pk)

    def kind(self, thing: str) -> str:
        """The type of a thing, as clients know it."""
        if thing.startswith("missing "):
            return thing.removeprefix("missing ")
        kind = type(self.things[thing]).__name__
        return "ActiveSession" if kind == "Session" else kind


def word_of(thing: str) -> str:
    """What stands in the texts of a thing, and in no other's."""
    return f"<{thing}>"


def make_world() -> World:
    """The world, in the database."""
    world = World({})
    _people(world)
    _projects(world)
    _boards(world)
    _claims(world)
    _updates(world)
    _comments(world)
    _follows(world)
    _private(world)
    _keys(world)
    _files(world)
    _block(world)
    # Last: nothing is written any more of somebody who has left.
    User.objects.filter(handle__in=["gil", *(ACTORS[actor] for actor in GONE)]).update(is_active=False)
    return world


def _people(world: World) -> None:
    handles = [handle for handle in ACTORS.values() if handle] + ["oto", "dov", "gil"]
    for handle in handles:
        world.people[handle] = people.person(handle, is_staff=handle == "sol")
    for actor in GONE:
        gone = world.people[ACTORS[actor] or ""]
        User.objects.filter(pk=gone.pk).update(display_name=word_of(actor))
        world.things[actor] = gone
    for handle in ("ana", "cy", "fia", "aru", "cleo", "bo", "bea", "oto", "dov", "gil", "sol"):
        User.objects.filter(pk=world.people[handle].pk).update(display_name=word_of(handle))
        world.things[handle] = world.people[handle]


def _projects(world: World) -> None:
    valley = Community.objects.create(slug="valley", name=word_of("valley"), kind=CommunityKind.LOCAL)
    world.things["valley"] = valley
    owners = {name: ("ana", status) for name, status in STEPS.items()}
    owners |= {
        "other live": ("oto", ProjectStatus.LIVE),
        "other draft": ("oto", ProjectStatus.DRAFT),
        "banned's live": ("bru", ProjectStatus.LIVE),
    }
    for name, (owner, status) in owners.items():
        made = people.project(
            world.people[owner],
            word_of(name),
            status=status,
            slug=slug_of(name),
            summary="What it is.",
            description="All of it. " * 10,
            community=valley,
        )
        world.things[name] = made
        world.things[f"owner in {name}"] = Membership.objects.get(project=made)
        if owner == "ana":
            team = {"edu": Role.EDITOR, "bo": Role.COORDINATOR, "ada": Role.ADMIN}
            for handle, role in team.items():
                seat = Membership.objects.create(project=made, user=world.people[handle], role=role)
                world.things[f"{handle} in {name}"] = seat
    # Whoever is banned had every right that one can have.
    seat = Membership.objects.create(project=world.things["live"], user=world.people["bru"], role=Role.ADMIN)
    world.things["banned in live"] = seat


def slug_of(thing: str) -> str:
    """The address of a project."""
    return thing.replace(" ", "-").replace("'", "")


def _boards(world: World) -> None:
    for name in [*STEPS, "other live", "other draft"]:
        board = Board.objects.create(project=world.things[name], title=word_of(f"board of {name}"))
        world.things[f"board of {name}"] = board
        world.things[f"task of {name}"] = people.task(board, word_of(f"task of {name}"))
    live = world.things["board of live"]
    for name in ("claimed", "submitted", "done", "given up", "lapsed", "closed", "full"):
        world.things[f"{name} task"] = people.task(live, word_of(f"{name} task"))
    world.things["banned's task"] = people.task(live, word_of("banned's task"), slots=2)
    world.things["shared task"] = people.task(live, word_of("shared task"), slots=2)
    Task.objects.filter(pk=world.things["closed task"].pk).update(closed_at=timezone.now())


def _claims(world: World) -> None:
    held = {
        "claimed claim": ("claimed task", "cleo", ClaimState.CLAIMED),
        "shared claim": ("shared task", "cleo", ClaimState.CLAIMED),
        "submitted claim": ("submitted task", "cleo", ClaimState.SUBMITTED),
        "accepted claim": ("done task", "cleo", ClaimState.ACCEPTED),
        "released claim": ("given up task", "cleo", ClaimState.RELEASED),
        "lapsed claim": ("lapsed task", "cleo", ClaimState.CLAIMED),
        "dov's claim": ("full task", "dov", ClaimState.CLAIMED),
        "banned's claim": ("banned's task", "bru", ClaimState.CLAIMED),
        # From when the project was public.
        "claim of draft": ("task of draft", "cleo", ClaimState.CLAIMED),
        "submitted claim of other": ("task of other live", "dov", ClaimState.SUBMITTED),
    }
    now = timezone.now()
    for name, (task, claimant, state) in held.items():
        released = state == ClaimState.RELEASED
        world.things[name] = Claim.objects.create(
            task=world.things[task],
            claimant=world.people[claimant],
            state=state,
            claimed_at=now - timedelta(days=2),
            expires_at=now + timedelta(days=-1 if name == "lapsed claim" else 1),
            note=word_of(name),
            submitted_at=now if state in (ClaimState.SUBMITTED, ClaimState.ACCEPTED) else None,
            released_at=now if released else None,
            release_reason=ReleaseReason.GIVEN_UP if released else "",
        )
        if not released:
            count = {f"{state.lower()}_count": 1}
            Task.objects.filter(pk=world.things[task].pk).update(**count)
            User.objects.filter(pk=world.people[claimant].pk).update(open_claim_count=5)
    User.objects.filter(pk=world.people["aru"].pk).update(open_claim_count=CLAIMS_AT_ONCE)


def _updates(world: World) -> None:
    told = {
        "news": ("live", "aru", Audience.EVERYONE, True),
        "followers' news": ("live", "aru", Audience.FOLLOWERS, True),
        "team's news": ("live", "aru", Audience.TEAM, True),
        "draft news": ("live", "aru", Audience.EVERYONE, False),
        "erased's news": ("live", "eva", Audience.EVERYONE, True),
        # From when the project was public.
        "news of draft": ("draft", "ana", Audience.EVERYONE, True),
        "draft news of draft": ("draft", "aru", Audience.EVERYONE, False),
        "draft news of other": ("other live", "oto", Audience.EVERYONE, False),
    }
    for name, (project, author, audience, is_out) in told.items():
        world.things[name] = Update.objects.create(
            project=world.things[project],
            author=world.people[author],
            title=word_of(name),
            body=word_of(name),
            body_html=word_of(name),
            audience=audience,
            published_at=timezone.now() if is_out else None,
        )


def _comments(world: World) -> None:
    said: dict[str, tuple[str, str, str]] = {
        "comment": ("live", "aru", ""),
        "deleted comment": ("live", "aru", ""),
        "answered comment": ("live", "aru", ""),
        "reply": ("live", "cy", "answered comment"),
        "banned's comment": ("live", "bru", ""),
        "blocked's comment": ("live", "bea", ""),
        "owner's comment": ("live", "ana", ""),
        "blocked's reply": ("live", "bea", "answered comment"),
        "comment on draft": ("draft", "aru", ""),
        "reply on draft": ("draft", "bo", "comment on draft"),
        "comment on news": ("news", "aru", ""),
        "comment on followers' news": ("followers' news", "aru", ""),
        "comment on team's news": ("team's news", "bo", ""),
        "comment on draft news": ("draft news", "bo", ""),
        "comment on task": ("task of live", "aru", ""),
        "comment on task of draft": ("task of draft", "aru", ""),
    }
    for name, (subject, author, parent) in said.items():
        about = world.things[subject]
        is_gone = name == "deleted comment"
        world.things[name] = Comment.objects.create(
            **{type(about).__name__.lower(): about},
            author=world.people[author],
            parent=world.things[parent] if parent else None,
            depth=1 if parent else 0,
            body="" if is_gone else word_of(name),
            body_html="" if is_gone else word_of(name),
            deleted_at=timezone.now() if is_gone else None,
        )
        type(about)._default_manager.filter(pk=about.pk).update(comment_count=3)


def _follows(world: World) -> None:
    # Whoever follows the draft did when it was public.
    follows = [("fia", "live"), ("fia", "draft"), ("fia", "ana"), ("bru", "live"), ("bru", "ana")]
    follows += [("ana", "fia"), ("ana", "banned"), ("fia", "valley"), ("fia", "banned"), ("cy", "aru")]
    for handle, thing in follows:
        target = world.things[thing]
        Follow.objects.create(follower=world.people[handle], **{type(target).__name__.lower(): target})
    User.objects.update(follower_count=9, following_count=9, project_count=9)
    Project.objects.update(follower_count=9)
    Community.objects.update(follower_count=9)


def _private(world: World) -> None:
    told = {
        "owner's notification": ("ana", "live"),
        "owner's read notification": ("ana", "live"),
        "claimer's notification": ("cleo", "submitted task"),
        "plain's notification": ("cy", "draft"),
        "follower's notification": ("fia", "followers' news"),
    }
    for seq, (name, (handle, subject)) in enumerate(told.items(), start=1):
        about = world.things[subject]
        world.things[name] = made = Notification.objects.create(
            user=world.people[handle],
            kind=NotificationKind.COMMENT,
            occurred_at=timezone.now(),
            seq=seq,
            actor_count=2,
            read_at=timezone.now() if "read" in name else None,
            **{f"subject_{type(about).__name__.lower()}": about},
        )
        for number, actor in enumerate(("aru", "bru"), start=1):
            NotificationActor.objects.create(notification=made, user=world.people[actor], seq=number)
    later = timezone.now() + timedelta(days=30)
    for handle in (handle for handle in ACTORS.values() if handle):
        world.things[f"{handle}'s session"] = Session.objects.create(
            user=world.people[handle],
            token_hash=hash_of(token_of(handle)),
            expires_at=later,
            user_agent=CLIENT,
        )
    for name, facts in {
        "ended session": {"ended_at": timezone.now()},
        "expired session": {
            "expires_at": timezone.now() - timedelta(days=1),
            "created_at": timezone.now() - timedelta(days=2),
        },
    }.items():
        world.things[name] = Session.objects.create(
            **{"user": world.people["ana"], "token_hash": name, "expires_at": later} | facts
        )


def token_of(handle: str) -> str:
    """What each of them sends: the token of their session; whoever is erased, that of a key."""
    return f"{KEY_PREFIX if handle == ACTORS['erased'] else 'acequia_'}token-of-{handle}"


def _block(world: World) -> None:
    Block.objects.create(blocker=world.people["ana"], blocked=world.people["bea"])
    Block.objects.create(blocker=world.people["ana"], blocked=world.people["gil"])


def _files(world: World) -> None:
    sent = {
        "owner's avatar": ("ana", Purpose.AVATAR, "", "ana"),
        "erased's avatar": ("eva", Purpose.AVATAR, "", "erased"),
        "cover of live": ("ana", Purpose.PROJECT_IMAGE, "live", "live"),
        "cover of draft": ("ana", Purpose.PROJECT_IMAGE, "draft", "draft"),
        "picture of live": ("ana", Purpose.PROJECT_IMAGE, "live", ""),
        # From when they were on the team.
        "file of task of draft": ("aru", Purpose.ATTACHMENT, "", "task of draft"),
        "file of team's news": ("ana", Purpose.ATTACHMENT, "", "team's news"),
        "file of comment": ("aru", Purpose.ATTACHMENT, "", "comment"),
        "file of blocked's comment": ("bea", Purpose.ATTACHMENT, "", "blocked's comment"),
        "file of submitted claim": ("cleo", Purpose.ATTACHMENT, "", "submitted claim"),
        "file of claim of draft": ("cleo", Purpose.ATTACHMENT, "", "claim of draft"),
        "author's picture of live": ("aru", Purpose.PROJECT_IMAGE, "live", ""),
        "cy's file": ("cy", Purpose.ATTACHMENT, "", ""),
    }
    for name, (handle, purpose, project, place) in sent.items():
        said = {"filename": word_of(name), "alt": word_of(name), "project": world.things.get(project)}
        world.things[name] = made = files.picture(world.people[handle], purpose, **said)
        if place:
            files.place(made, world.things[place])
    cy, ana = world.people["cy"], world.people["ana"]
    rejected = files.media(cy, state=MediaState.REJECTED, filename=word_of("cy's rejected file"))
    world.things["cy's rejected file"] = rejected
    world.things["cy's upload"] = files.upload(cy, filename=word_of("cy's upload"))
    world.things["owner's upload"] = files.upload(ana, filename=word_of("owner's upload"))
    world.things["owner's sent upload"] = files.upload(
        ana, filename=word_of("owner's sent upload"), media=world.things["cover of live"]
    )
    world.things["owner's dataset"] = files.upload(
        ana,
        Purpose.DATASET,
        filename=word_of("owner's dataset"),
        project=world.things["live"],
        byte_size=2**24 + 1,
        content_type="text/csv",
    )


def who_is_there(place: str) -> list[int]:
    """Ana looks at every board; and whoever is banned still did a moment ago."""
    return list(User.objects.filter(handle__in=["ana", "bru"]).values_list("pk", flat=True))


def _keys(world: World) -> None:
    riego = application()
    for handle in ("ana", "cy"):
        person = world.people[handle]
        world.things[f"{handle}'s key"] = access_token(person, name=word_of(f"{handle}'s key"))
        world.things[f"{handle}'s export"] = DataExport.objects.create(user=person)
        world.things[f"{handle}'s application"] = authorization(person, riego)
    erased = world.people["eva"]
    access_token(erased, token_hash=hash_of(token_of("eva")), scopes=Scope.values)
    for name, facts in {
        "ended key": {"revoked_at": timezone.now()},
        "expired key": {
            "created_at": timezone.now() - timedelta(days=2),
            "expires_at": timezone.now() - timedelta(days=1),
        },
    }.items():
        world.things[name] = access_token(world.people["ana"], name=word_of(name), **facts)
