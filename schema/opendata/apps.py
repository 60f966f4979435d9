from django.apps import AppConfig


class OpenDataConfig(AppConfig):
    name = "schema.opendata"
    label = "opendata"
    verbose_name = "Open data"
