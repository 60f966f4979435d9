import django_filters
from django.db.models import QuerySet

from backend.boards.models import Task, TaskState


class TaskFilter(django_filters.FilterSet):
    """What a list of tasks can be narrowed by; the same class serves every schema."""

    state = django_filters.ChoiceFilter(choices=TaskState.choices)
    skill = django_filters.CharFilter(method="needing", max_length=40)
    label = django_filters.CharFilter(method="labelled", max_length=40)
    longest_minutes = django_filters.NumberFilter(
        field_name="estimate_minutes", lookup_expr="lte", min_value=1, max_value=10_080
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def needing(self, tasks: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        """Those that ask for a skill."""
        return tasks.filter(skills__contains=[value.lower()])

    def labelled(self, tasks: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        """Those that carry a label."""
        return tasks.filter(labels__contains=[value.lower()])
