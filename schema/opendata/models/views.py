"""The views `opendata_*`: what everybody may see of each noun, and of that the columns that are nobody's.

They are made by the migrations of this package, which also say what of each is left out and why; here they are as Django
reads them. Who reads them for the world does so through the database `opendata` (`schema.opendata.role`).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from backend.boards.models import TaskState
from backend.communities.models import CommunityKind
from backend.projects.models import PUBLIC, Category, ProjectStatus

_STATUSES = [(status.value, status.label) for status in ProjectStatus if status in PUBLIC]


class OpenCommunity(models.Model):
    """A local or thematic group of the network."""

    id = models.BigIntegerField(primary_key=True)
    slug = models.SlugField(max_length=60, help_text="The last part of its address.")
    name = models.CharField(max_length=80, help_text="What it is called.")
    kind = models.CharField(
        max_length=8, choices=CommunityKind.choices, help_text="Whether a place or a theme keeps it together."
    )
    place = models.CharField(max_length=100, help_text="Where it is; empty where it is everywhere.")
    summary = models.CharField(max_length=280, help_text="What it is, in two sentences.")
    created_at = models.DateTimeField(help_text="Since when it is there.")
    follower_count = models.IntegerField(help_text="How many people follow it.")
    project_count = models.IntegerField(help_text="How many public projects it has.")

    class Meta:
        managed = False
        db_table = "opendata_community"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.slug


class OpenProject(models.Model):
    """A project from its launch on."""

    id = models.BigIntegerField(primary_key=True)
    community = models.ForeignKey(
        OpenCommunity,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        help_text="The community that it is in, if any.",
    )
    slug = models.SlugField(max_length=80, help_text="The last part of its address.")
    title = models.CharField(max_length=120, help_text="What it is called.")
    summary = models.CharField(max_length=280, help_text="What it is, in two sentences.")
    category = models.CharField(
        max_length=13, choices=Category.choices, help_text="Its domain, of the six of Goteo's founding text."
    )
    tags = ArrayField(models.CharField(max_length=40), help_text="Its tags.")
    status = models.CharField(max_length=9, choices=_STATUSES, help_text="How far it has come.")
    locale = models.CharField(max_length=6, help_text="The language that it speaks, as BCP 47 tells it.")
    location = models.CharField(max_length=100, help_text="Where it is; empty where nobody said.")
    launched_at = models.DateTimeField(help_text="When it became public.")
    follower_count = models.IntegerField(help_text="How many people follow it.")
    tasks_open = models.IntegerField(help_text="How many of its tasks have a free place now.")
    tasks_done = models.IntegerField(help_text="How many of its tasks are done.")
    minutes_given = models.BigIntegerField(
        null=True,
        help_text="The minutes that people gave to it, as far as they are told: once a month, and only when at least five "
        "people gave some since they were told last. Null before the first time.",
    )

    class Meta:
        managed = False
        db_table = "opendata_project"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.slug


class OpenUpdate(models.Model):
    """News that a project told everybody; not who wrote it."""

    id = models.BigIntegerField(primary_key=True)
    project = models.ForeignKey(
        OpenProject, on_delete=models.DO_NOTHING, related_name="+", help_text="Whose news it is."
    )
    title = models.CharField(max_length=160, help_text="What it is called.")
    published_at = models.DateTimeField(help_text="When it was published.")

    class Meta:
        managed = False
        db_table = "opendata_update"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class OpenTask(models.Model):
    """A piece of work on a board; not who does it."""

    id = models.BigIntegerField(primary_key=True)
    project = models.ForeignKey(
        OpenProject, on_delete=models.DO_NOTHING, related_name="+", help_text="The project that it is for."
    )
    number = models.IntegerField(help_text="Its number on its board.")
    title = models.CharField(max_length=160, help_text="What is to be done.")
    skills = ArrayField(models.CharField(max_length=40), help_text="The skills that it asks for.")
    labels = ArrayField(models.CharField(max_length=40), help_text="The labels that it carries.")
    estimate_minutes = models.IntegerField(
        null=True, help_text="How long it may take one person, in minutes."
    )
    slots = models.IntegerField(help_text="How many people it is for.")
    open_slots = models.IntegerField(help_text="How many of those places are free.")
    state = models.CharField(max_length=9, choices=TaskState.choices, help_text="How far it has come.")
    created_at = models.DateTimeField(help_text="When it was put on its board.")
    due_at = models.DateTimeField(null=True, help_text="When it should be done; null where nobody said.")

    class Meta:
        managed = False
        db_table = "opendata_task"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class OpenContribution(models.Model):
    """Time that at least five people gave to a project: a sum, not who gave it."""

    id = models.BigIntegerField(primary_key=True)
    project = models.ForeignKey(
        OpenProject,
        on_delete=models.DO_NOTHING,
        related_name="+",
        help_text="The project that it was given to.",
    )
    month = models.DateField(help_text="The month with which it was told, by its first day.")
    people = models.IntegerField(help_text="How many people gave it; never fewer than five.")
    minutes = models.BigIntegerField(help_text="How many minutes in all.")
    tasks_done = models.IntegerField(help_text="How many tasks were done by it.")

    class Meta:
        managed = False
        db_table = "opendata_contribution"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.minutes} minutes in {self.month}"


class OpenTag(models.Model):
    """A word by which public projects are found."""

    name = models.CharField(max_length=40, primary_key=True, help_text="The word.")
    project_count = models.IntegerField(help_text="How many public projects carry it.")

    class Meta:
        managed = False
        db_table = "opendata_tag"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpenMonth(models.Model):
    """What happened in a month that is over."""

    month = models.DateField(primary_key=True, help_text="The first day of the month.")
    projects_launched = models.IntegerField(help_text="How many projects became public.")
    updates_published = models.IntegerField(help_text="How much news projects told everybody.")
    tasks_done = models.IntegerField(
        null=True,
        help_text="How many tasks were done by the time that is told in `minutesGiven`; null with it.",
    )
    minutes_given = models.BigIntegerField(
        null=True,
        help_text="The minutes that people gave to projects, as far as they are told with this month: of a project only "
        "when at least five people gave some since it was told last. Null where that is true of none.",
    )

    class Meta:
        managed = False
        db_table = "opendata_month"
        ordering = ["month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


#: All of them, those first that others point at.
VIEWS: tuple[type[models.Model], ...] = (
    *(OpenCommunity, OpenProject, OpenUpdate, OpenTask, OpenContribution, OpenTag, OpenMonth),
)
