"""Newer strawberry and graphene exclude each other, and pip then installs a graphene of 2017 without a word."""

from importlib.metadata import version

import graphql


def test_graphene_is_of_this_decade():
    assert version("graphene").split(".")[0] == "3"


def test_both_schemas_stand_on_the_same_graphql_core():
    assert version("graphql-core").split(".")[:2] == ["3", "2"]
    # And what is imported is what is installed, not a copy that lies about.
    assert graphql.version == version("graphql-core")
