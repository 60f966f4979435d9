from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User


class VerifiedBackend(ModelBackend):
    """Lets people into the back office by address and password, as Django does, once their address is verified."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Whether they are here and have shown that their address is theirs."""
        return super().user_can_authenticate(user) and isinstance(user, User) and bool(user.email_verified_at)
