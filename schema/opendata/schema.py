"""The open-data schema, as graphene builds it and graphql-core runs it."""

from datetime import MAXYEAR, MINYEAR, date
from typing import Any

import graphene
from graphql import GraphQLResolveInfo, GraphQLSchema

from backend.core.refusals import Invalid
from schema.opendata import filters, types
from schema.opendata.connections import KeysetField
from schema.opendata.models import OpenMonth
from schema.opendata.role import DATABASE


class Query(graphene.ObjectType):
    class Meta:
        description = "Everything public, for anybody to read: no key, no person."

    projects = KeysetField(
        types.Project,
        name="projects",
        filterset=filters.OpenProjectFilter,
        orders=("launched_at", "follower_count", "slug"),
        description="Projects from their launch on, the latest first.",
    )
    updates = KeysetField(
        types.Update,
        name="updates",
        filterset=filters.OpenUpdateFilter,
        orders=("published_at",),
        description="News that projects told everybody, the latest first.",
    )
    tasks = KeysetField(
        types.Task,
        name="tasks",
        filterset=filters.OpenTaskFilter,
        orders=("created_at",),
        description="The tasks of public projects, the latest first.",
    )
    contributions = KeysetField(
        types.Contribution,
        name="contributions",
        filterset=filters.OpenContributionFilter,
        orders=("month",),
        description="Time that was given to projects, in sums of at least five people, the latest first.",
    )
    communities = KeysetField(
        types.Community,
        name="communities",
        filterset=filters.OpenCommunityFilter,
        orders=("created_at", "project_count", "slug"),
        description="Local and thematic groups, the latest first.",
    )
    tags = KeysetField(
        types.Tag,
        name="tags",
        filterset=filters.OpenTagFilter,
        orders=("project_count", "name"),
        description="The words by which projects are found, the most common first.",
    )
    monthly_stats = graphene.List(
        graphene.NonNull(types.MonthlyStats),
        required=True,
        year=graphene.Int(required=True, description="Of which year."),
        description="What happened in the months of a year that are over. Each is told once, and stays as it was told.",
    )

    def resolve_monthly_stats(root: Any, info: GraphQLResolveInfo, year: int) -> list[OpenMonth]:
        """Those of one year, in order."""
        if not MINYEAR <= year < MAXYEAR:
            raise Invalid("year", f"From {MINYEAR} to {MAXYEAR - 1}.")
        info.context.deadline.check()
        its = OpenMonth.objects.using(DATABASE).filter(
            month__gte=date(year, 1, 1), month__lt=date(year + 1, 1, 1)
        )
        return list(its.order_by("month"))


core: GraphQLSchema = graphene.Schema(query=Query).graphql_schema
