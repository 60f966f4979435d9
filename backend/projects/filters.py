import django_filters
from django.db.models import Q, QuerySet

from backend.projects.models import Category, Project, ProjectStatus


class ProjectFilter(django_filters.FilterSet):
    """What a list of projects can be narrowed by; the same class serves every schema."""

    category = django_filters.ChoiceFilter(choices=Category.choices)
    status = django_filters.ChoiceFilter(choices=ProjectStatus.choices)
    tag = django_filters.CharFilter(method="tagged", max_length=40)
    locale = django_filters.CharFilter(max_length=6)
    community = django_filters.CharFilter(field_name="community__slug", max_length=60)
    owner = django_filters.CharFilter(field_name="owner__handle", max_length=30)
    search = django_filters.CharFilter(method="about", max_length=200)

    class Meta:
        model = Project
        fields: list[str] = []

    def tagged(self, projects: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        """Those that carry a tag, in any case."""
        return projects.filter(tags__contains=[value.lower()])

    def about(self, projects: QuerySet[Project], name: str, value: str) -> QuerySet[Project]:
        """Those with a word or phrase in their title or summary."""
        return projects.filter(Q(title__icontains=value) | Q(summary__icontains=value))
