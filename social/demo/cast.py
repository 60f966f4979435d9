"""What the people of the demo can do: one action each, dated to the moment at which it is said to have happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.boards.actions import close_task, create_board, create_task
from backend.boards.claims import claim_task, release_claim, review_work, submit_work
from backend.boards.models import Board, Claim, Task, WorkVerdict
from backend.communities.models import Community
from backend.core.readers import read_pending
from backend.core.text import render
from backend.projects.actions import create_project, launch_project, review_project, submit_project
from backend.projects.models import Membership, Project, Review, Role, Verdict
from social.comments.actions import add_comment
from social.comments.models import Comment
from social.demo.people import COMMUNITIES, LOGINS, PASSWORD, PEOPLE, address
from social.demo.script import Act, Job, News, Said, Sheet, Story, Work
from social.follows.actions import follow
from social.follows.models import Follow
from social.notifications.models import Notification
from social.updates.actions import draft_update, publish_update
from social.updates.models import Update


@dataclass
class Cast:
    """The people, and what they have made so far, by the names that the stories call it."""

    people: dict[str, User] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    #: What can be commented on: a project by its slug, an update or a task by its title.
    subjects: dict[str, Project | Update | Task] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)

    @transaction.atomic
    def arrive(self, now: datetime) -> None:
        """Everybody has an account and the communities are there; nobody can log in yet.

        Not through `sign_up`: hashing forty passwords that nobody uses would take longer than all the rest.
        """
        User.objects.bulk_create(
            User(
                handle=person.handle,
                email=address(person.handle),
                password=make_password(None),
                display_name=person.name,
                location=person.place,
                locale=person.locale,
                bio=person.bio,
                bio_html=render(person.bio),
                skills=list(person.skills),
                interests=list(person.interests),
                website=person.website,
                is_staff=person.handle == "sol",
                is_superuser=person.handle == "sol",
                created_at=now - timedelta(days=140 - 2 * index, hours=index * 5 % 24),
                email_verified_at=now - timedelta(days=140 - 2 * index, hours=index * 5 % 24),
            )
            for index, person in enumerate(PEOPLE)
        )
        Community.objects.bulk_create(
            Community(
                slug=group.slug,
                name=group.name,
                kind=group.kind,
                place=group.place,
                summary=group.summary,
                created_at=now - timedelta(days=150 - index),
            )
            for index, group in enumerate(COMMUNITIES)
        )
        self.people = {user.handle: user for user in User.objects.all()}

    def give_logins(self) -> None:
        """Let three of them log in: the last thing of all, so that it tells a whole demo from one cut short."""
        User.objects.filter(handle__in=LOGINS).update(password=make_password(PASSWORD))

    def begin(self, story: Story, when: datetime) -> None:
        """A draft."""
        community = Community.objects.filter(slug=story.community).first()
        project = create_project(
            by=self.people[story.owner],
            slug=story.slug,
            title=story.title,
            category=story.category,
            locale=story.locale,
            summary=story.summary,
            description=story.description,
            tags=list(story.tags),
            location=story.location,
            community_id=community.pk if community else None,
        )
        _date(project, "created_at", when)
        _date(project.team.get(), "created_at", when)
        self.projects[story.slug] = self.subjects[story.slug] = project

    def join(self, slug: str, handle: str, role: Role, when: datetime) -> None:
        """Somebody joins the team; there is no action for it yet."""
        Membership.objects.create(
            project=self.projects[slug], user=self.people[handle], role=role, created_at=when
        )

    def submit(self, story: Story, when: datetime) -> None:
        """The owner asks for a review."""
        project = submit_project(project_id=self.projects[story.slug].pk, by=self.people[story.owner])
        _date(project, "submitted_at", when)

    def review(self, story: Story, verdict: Verdict, note: str, when: datetime) -> None:
        """Staff says what it thinks."""
        project = self.projects[story.slug]
        review_project(project_id=project.pk, by=self.people["sol"], verdict=verdict, note=note)
        _date(Review.objects.filter(project=project).latest("pk"), "created_at", when)

    def launch(self, story: Story, when: datetime) -> None:
        """The project is everybody's to read."""
        project = launch_project(project_id=self.projects[story.slug].pk, by=self.people[story.owner])
        _date(project, "launched_at", when)

    def open_board(self, story: Story, sheet: Sheet, when: datetime) -> None:
        """A board without tasks."""
        board = create_board(
            project_id=self.projects[story.slug].pk,
            by=self.people[story.owner],
            title=sheet.title,
            claim_hours=sheet.claim_hours,
        )
        _date(board, "created_at", when)
        self.boards[sheet.title] = board

    def ask_for(self, story: Story, sheet: Sheet, job: Job, when: datetime) -> None:
        """An open task."""
        due_in = job.due_in_days
        task = create_task(
            board_id=self.boards[sheet.title].pk,
            by=self.people[story.owner],
            title=job.title,
            body=job.body,
            skills=list(job.skills),
            labels=list(job.labels),
            estimate_minutes=job.minutes,
            slots=job.slots,
            due_at=None if due_in is None else timezone.now() + timedelta(days=due_in),
        )
        _date(task, "created_at", when)
        self.subjects[job.title] = task

    def claim(self, job: Job, work: Work, when: datetime) -> None:
        """Somebody takes a place; it runs out as if they had renewed it today."""
        claim = claim_task(task_id=self.subjects[job.title].pk, by=self.people[work.who])
        _date(claim, "claimed_at", when)
        self.claims[job.title, work.who] = claim

    def do(self, job: Job, work: Work, act: Act, when: datetime, *, answer: str, runs: str) -> None:
        """The next thing that becomes of a claim."""
        claim_id = self.claims[job.title, work.who].pk
        by, runner = self.people[work.who], self.people[runs]
        match act:
            case "submit":
                claim = submit_work(
                    claim_id=claim_id,
                    by=by,
                    note=work.note,
                    links=list(work.links),
                    minutes_spent=work.minutes,
                )
                _date(claim, "submitted_at", when)
            case "ask_for_changes" | "accept":
                verdict = WorkVerdict.ACCEPT if act == "accept" else WorkVerdict.REQUEST_CHANGES
                review_work(claim_id=claim_id, by=runner, verdict=verdict, note=answer)
            case "give_up" | "take_back":
                claim = release_claim(claim_id=claim_id, by=by if act == "give_up" else runner)
                _date(claim, "released_at", when)

    def close(self, story: Story, job: Job, when: datetime) -> None:
        """The task takes no more work."""
        task = close_task(task_id=self.subjects[job.title].pk, by=self.people[story.owner])
        _date(task, "closed_at", when)

    def draft(self, story: Story, news: News, when: datetime) -> None:
        """An update that only the team sees."""
        update = draft_update(
            project_id=self.projects[story.slug].pk,
            by=self.people[news.by],
            title=news.title,
            body=news.body,
            audience=news.audience,
        )
        _date(update, "created_at", when)
        self.subjects[news.title] = update

    def publish(self, news: News, when: datetime) -> None:
        """The update is out."""
        update = publish_update(update_id=self.subjects[news.title].pk, by=self.people[news.by])
        _date(update, "published_at", when)

    def say(self, subject: str, said: Said, parent: Said | None, when: datetime) -> None:
        """A comment, or an answer to one."""
        thing = self.subjects[subject]
        comment = add_comment(
            kind=type(thing),
            subject_id=thing.pk,
            by=self.people[said.who],
            body=said.text,
            parent_id=self.comments[id(parent)].pk if parent else None,
        )
        _date(comment, "created_at", when)
        self.comments[id(said)] = comment

    def follow_person(self, who: str, friend: str, when: datetime) -> None:
        """Somebody wants to hear of somebody."""
        self._follow(User, self.people[friend], who, when)

    def follow_project(self, who: str, slug: str, when: datetime) -> None:
        """Somebody wants to hear of a project."""
        self._follow(Project, self.projects[slug], who, when)

    def follow_community(self, who: str, slug: str, when: datetime) -> None:
        """Somebody wants to hear of a community."""
        self._follow(Community, Community.objects.get(slug=slug), who, when)

    def read_the_news(self, when: datetime, *, and_mark_it: bool) -> None:
        """At the end of a week everybody is told what happened, and reads it; all but that of the last week."""
        read_pending("notifications")
        if not and_mark_it:
            return
        # All at once, where `mark_notifications_read` would be asked forty times a week.
        Notification.objects.unread().update(read_at=when)

    def _follow(
        self,
        kind: type[User] | type[Project] | type[Community],
        target: User | Project | Community,
        who: str,
        when: datetime,
    ) -> None:
        follow(kind=kind, target_id=target.pk, by=self.people[who])
        Follow.objects.filter(follower=self.people[who]).of(target).update(created_at=when)


def _date(row: models.Model, column: str, when: datetime) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**{column: when})
