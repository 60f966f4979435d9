"""The nouns of open data: the columns of the views, by the words that the views' models have for them."""

from typing import Any

import graphene
from django.contrib.postgres.fields import ArrayField
from django.db import models
from graphene_django import DjangoObjectType
from graphene_django.registry import Registry
from graphql import GraphQLResolveInfo

from schema.ids import to_global_id
from schema.opendata.connections import OpenConnection
from schema.opendata.models import (
    OpenCommunity,
    OpenContribution,
    OpenMonth,
    OpenProject,
    OpenTag,
    OpenTask,
    OpenUpdate,
)

#: Its own: what else anybody may make of these models is nothing of this schema's.
REGISTRY = Registry()


class OpenType(DjangoObjectType):
    """Columns by name, nothing that is not named; texts where there are choices, for they are texts in the files too."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(
        cls, *, model: type[models.Model], fields: tuple[str, ...], **options: Any
    ) -> None:
        for name in fields:
            made = _made_by_hand(model._meta.get_field(name))
            if made is not None and name not in vars(cls):
                setattr(cls, name, made)
        # graphene wants a sentence; the model's first is one.
        super().__init_subclass_with_meta__(
            model=model,
            fields=fields,
            registry=REGISTRY,
            connection_class=OpenConnection,
            use_connection=True,
            convert_choices_to_enum=False,
            description=(model.__doc__ or "").strip().splitlines()[0],
            **options,
        )

    @classmethod
    def is_type_of(cls, root: Any, info: GraphQLResolveInfo) -> bool:
        """Each list holds what it says."""
        return True


class Identified(graphene.Interface):
    class Meta:
        description = "What has an id, the same as in the members' schema."

    id = graphene.ID(required=True, description="What it is known by, here and in the members' schema.")


def _made_by_hand(column: Any) -> Any:
    if isinstance(column, ArrayField):
        words = graphene.NonNull(graphene.String)
        return graphene.List(words, required=True, description=column.help_text)
    if isinstance(column, models.BigIntegerField):
        return graphene.Int(required=not column.null, description=column.help_text)
    return None


def _id_of(name: str) -> Any:
    def resolve_id(row: models.Model, info: GraphQLResolveInfo) -> str:
        return to_global_id(name, row.pk)

    return resolve_id


class Community(OpenType):
    class Meta:
        model = OpenCommunity
        interfaces = (Identified,)
        fields = ("slug", "name", "kind", "place", "summary", "created_at", "follower_count", "project_count")

    resolve_id = _id_of("Community")


class Project(OpenType):
    class Meta:
        model = OpenProject
        interfaces = (Identified,)
        fields = (
            *("slug", "title", "summary", "category", "tags", "status", "locale", "location", "community"),
            *("launched_at", "follower_count", "tasks_open", "tasks_done", "minutes_given"),
        )

    resolve_id = _id_of("Project")


class Update(OpenType):
    class Meta:
        model = OpenUpdate
        interfaces = (Identified,)
        fields = ("project", "title", "published_at")

    resolve_id = _id_of("Update")


class Task(OpenType):
    class Meta:
        model = OpenTask
        interfaces = (Identified,)
        fields = (
            *("project", "number", "title", "skills", "labels", "estimate_minutes", "slots", "open_slots"),
            *("state", "created_at", "due_at"),
        )

    resolve_id = _id_of("Task")


class Contribution(OpenType):
    class Meta:
        model = OpenContribution
        fields = ("project", "month", "people", "minutes", "tasks_done")


class Tag(OpenType):
    class Meta:
        model = OpenTag
        fields = ("name", "project_count")


class MonthlyStats(OpenType):
    class Meta:
        model = OpenMonth
        fields = ("month", "projects_launched", "updates_published", "tasks_done", "minutes_given")
