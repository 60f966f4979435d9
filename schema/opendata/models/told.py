"""What is told of the time that people gave: in blocks of at least five people, each written once.

Whoever accepted work is of is public on its board, so a number about one person says how long that person worked; and so do
two numbers whose difference is one person's. Hence k-anonymity with k = 5 (L. Sweeney, "k-anonymity: a model for protecting
privacy", 2002) for whatever is told, and for all that can be made of it by adding and subtracting (what statistical offices
call differencing, and meet by complementary suppression: Hundepool et al., "Statistical Disclosure Control", 2012):

    Every number is a sum of whole blocks. A block is work of at least five people who told how long it took them; no
    piece of work is in two blocks; and what is in a block stays in it.

So each sum and difference of numbers, of one day or of two, is again one of whole blocks. Work of fewer people waits until
others have joined them.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.boards.models import Claim
from backend.projects.models import Project

#: A number about fewer people than these is not told.
LEAST_PEOPLE = 5


class Month(models.Model):
    """A month that is over, and what was counted in it then: it stays as it was told."""

    month = models.DateField(primary_key=True, help_text="Its first day.")
    projects_launched = models.PositiveIntegerField()
    updates_published = models.PositiveIntegerField()
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "statistics_month"
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="month_is_its_first_day"),
        ]
        ordering = ["month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class GivenTime(models.Model):
    """A block: accepted work of at least five people for one project, told with a month; until then it waited."""

    month = models.ForeignKey(Month, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    people = models.PositiveIntegerField(help_text="Those who told how long it took them.")
    minutes = models.PositiveBigIntegerField()
    tasks_done = models.PositiveIntegerField()

    class Meta:
        db_table = "statistics_giventime"
        constraints = [
            models.UniqueConstraint(fields=["project", "month"], name="time_is_told_once_a_month"),
            models.CheckConstraint(
                condition=Q(people__gte=LEAST_PEOPLE), name="time_is_told_of_five_people_or_more"
            ),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.minutes} minutes for {self.project_id} in {self.month_id}"


class Counted(models.Model):
    """A piece of accepted work that is in a block: so that none is in two."""

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, primary_key=True, related_name="counted")
    block = models.ForeignKey(GivenTime, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "statistics_counted"

    def __str__(self) -> str:
        return f"{self.claim_id} in {self.block_id}"
