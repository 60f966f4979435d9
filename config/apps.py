from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Let `manage.py check` know what a server must be."""
        from config import security  # noqa: F401, PLC0415  # It knows models, which are there from now on.
