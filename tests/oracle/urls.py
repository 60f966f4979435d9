"""`/graphql`, answered by the oracle."""

from django.urls import path

from config.urls import urlpatterns as others
from tests.oracle.view import graphql

urlpatterns = [path("graphql", graphql), *others]
