"""How far the back office reaches into a model: it looks, or it corrects words."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


# ModelAdmin is generic for mypy only: with its parameter it could not be imported.
class Shown(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model that the back office only looks at: its rows are written by actions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes."""
        return False


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model whose words may be corrected here, and whose rows are never deleted: others point at them."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes."""
        return False
