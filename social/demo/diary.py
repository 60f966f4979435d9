"""When everything in the demo happens: the stories as steps, each with its moment, played in the order of time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from backend.core.models import RecordedEvent
from backend.projects.models import COORDINATORS, ProjectStatus
from social.demo.cast import Cast
from social.demo.people import PEOPLE
from social.demo.script import Job, News, Said, Sheet, Story

WEEK = timedelta(days=7)
#: A project is begun so many days before it gets as far as it does.
PREPARATION = timedelta(days=9)
#: Whoever answers does it before this is over.
CONVERSATION = timedelta(hours=30)


@dataclass(frozen=True)
class Step:
    """Something that one person does at one moment."""

    when: datetime
    act: Callable[[datetime], None]


@dataclass
class Diary:
    """Everything that is to happen up to now; the actions write the present, and what they wrote is dated back."""

    cast: Cast
    now: datetime
    steps: list[Step] = field(default_factory=list)

    def plan(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at a moment; of two at the same moment the first planned comes first."""
        self.steps.append(Step(when, act))

    def play(self) -> Iterator[tuple[int, int]]:
        """Do it all; after each week that had something in it, how many weeks ago it was and how much happened."""
        happened = 0
        steps = sorted(self.steps, key=lambda step: step.when)
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            step.act(step.when)
            self._date_events(step.when)
            happened += 1
            if following is None or self._weeks_ago(following.when) < self._weeks_ago(step.when):
                self.cast.read_the_news(step.when, and_mark_it=following is not None)
                self._date_events(step.when)
                yield self._weeks_ago(step.when), happened
                happened = 0

    def _date_events(self, when: datetime) -> None:
        # What was just recorded says that it happened after the demo began. As the steps are played in the order of
        # time, the numbers of a stream and its times agree.
        RecordedEvent.objects.filter(occurred_at__gte=self.now).update(occurred_at=when)

    def _weeks_ago(self, when: datetime) -> int:
        return (self.now - when) // WEEK


def diary_of(cast: Cast, stories: Sequence[Story], *, now: datetime) -> Diary:
    """The diary of some stories, from the day that the first person came to now."""
    diary = Diary(cast, now)
    for story in stories:
        arrival = now - timedelta(days=story.days)
        _plan_project(diary, story, arrival)
        for sheet in story.sheets:
            _plan_board(diary, story, sheet, arrival)
        for moment, news in zip(moments(len(story.news), arrival, now), story.news, strict=True):
            _plan_news(diary, story, news, moment)
        _plan_thread(diary, story.slug, story.thread, arrival)
    public = [story for story in stories if story.status == ProjectStatus.LIVE]
    _plan_follows(diary, {story.slug: now - timedelta(days=story.days) for story in public})
    return diary


def tell_nobody(marks: Iterable[tuple[str, int]]) -> None:
    """An event sink that leaves Redis alone."""


def moments(number: int, start: datetime, end: datetime) -> list[datetime]:
    """So many moments in order between two others, uneven as life is, and the same at every run."""
    # Multiples of the golden ratio: each moment lies somewhere else in its share of the time.
    return [
        start + (end - start) * ((index + 0.1 + 0.8 * (index * 0.618_034 % 1)) / number)
        for index in range(number)
    ]


def _plan_project(diary: Diary, story: Story, arrival: datetime) -> None:
    cast, begun = diary.cast, arrival - PREPARATION
    diary.plan(begun, partial(cast.begin, story))
    for hours, (handle, role) in enumerate(story.team, start=1):
        diary.plan(begun + timedelta(hours=hours), partial(cast.join, story.slug, handle, role))
    if story.status == ProjectStatus.IN_REVIEW:
        diary.plan(arrival, partial(cast.submit, story))
    submissions = moments(len(story.reviews), begun + timedelta(days=1), arrival)
    for submitted, (verdict, note) in zip(submissions, story.reviews, strict=True):
        diary.plan(submitted, partial(cast.submit, story))
        answered = submitted + (arrival - submitted) * 0.3
        diary.plan(answered, partial(cast.review, story, verdict, note))
    if story.status == ProjectStatus.LIVE:
        diary.plan(arrival, partial(cast.launch, story))


def _plan_board(diary: Diary, story: Story, sheet: Sheet, arrival: datetime) -> None:
    cast, opened = diary.cast, arrival + (diary.now - arrival) * 0.05
    diary.plan(opened, partial(cast.open_board, story, sheet))
    for index, job in enumerate(sheet.jobs, start=1):
        asked = opened + timedelta(hours=index)
        diary.plan(asked, partial(cast.ask_for, story, sheet, job))
        _plan_work(diary, story, job, asked)
        _plan_thread(diary, job.title, job.thread, asked + (diary.now - asked) * 0.5)


def _plan_work(diary: Diary, story: Story, job: Job, asked: datetime) -> None:
    cast, acts = diary.cast, list[Callable[[datetime], None]]()
    for work in job.work:
        # Nobody looks at their own work.
        runs = next(handle for handle in (story.owner, *_coordinators(story)) if handle != work.who)
        acts.append(partial(cast.claim, job, work))
        answers = iter(work.answers)
        for act in work.acts:
            answer = next(answers) if act in ("ask_for_changes", "accept") else ""
            acts.append(partial(cast.do, job, work, act, answer=answer, runs=runs))
    if job.closed:
        acts.append(partial(cast.close, story, job))
    for moment, plan in zip(moments(len(acts), asked, diary.now), acts, strict=True):
        diary.plan(moment, plan)


def _plan_news(diary: Diary, story: Story, news: News, moment: datetime) -> None:
    diary.plan(moment - timedelta(hours=2), partial(diary.cast.draft, story, news))
    if news.published:
        diary.plan(moment, partial(diary.cast.publish, news))
        _plan_thread(diary, news.title, news.thread, moment)


def _plan_thread(diary: Diary, subject: str, thread: Sequence[Said], since: datetime) -> None:
    for moment, said in zip(moments(len(thread), since, diary.now), thread, strict=True):
        diary.plan(moment, partial(diary.cast.say, subject, said, None))
        answers = list(_answers(said))
        soon = min(moment + CONVERSATION, diary.now)
        for answered, (answer, parent) in zip(moments(len(answers), moment, soon), answers, strict=True):
            diary.plan(answered, partial(diary.cast.say, subject, answer, parent))


def _answers(said: Said) -> Iterator[tuple[Said, Said]]:
    for answer in said.replies:
        yield answer, said
        yield from _answers(answer)


def _plan_follows(diary: Diary, arrivals: dict[str, datetime]) -> None:
    cast = diary.cast
    beginning = min(arrivals.values()) - PREPARATION
    friendships = [(person.handle, friend) for person in PEOPLE for friend in person.friends]
    memberships = [(person.handle, person.community) for person in PEOPLE if person.community]
    for moment, friendship in zip(moments(len(friendships), beginning, diary.now), friendships, strict=True):
        diary.plan(moment, partial(cast.follow_person, *friendship))
    for moment, membership in zip(moments(len(memberships), beginning, diary.now), memberships, strict=True):
        diary.plan(moment, partial(cast.follow_community, *membership))
    for slug, arrival in arrivals.items():
        # Early, so that whoever answers to what is for followers only is one by then.
        followers = [person.handle for person in PEOPLE if slug in person.follows]
        soon = arrival + (diary.now - arrival) * 0.3
        for moment, who in zip(moments(len(followers), arrival, soon), followers, strict=True):
            diary.plan(moment, partial(cast.follow_project, who, slug))


def _coordinators(story: Story) -> list[str]:
    return [handle for handle, role in story.team if role in COORDINATORS]
