from django.contrib import admin
from django.urls import path

from config.health import healthz, readyz
from schema.view import graphql

urlpatterns = [
    path("graphql", graphql),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
]
