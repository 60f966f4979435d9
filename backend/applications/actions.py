from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from backend.accounts.models import User
from backend.applications.models import AuthorizedApplication
from backend.core.refusals import NotFound


@transaction.atomic(durable=True)
def revoke_application(*, authorization_id: int, by: User) -> None:
    """Let a program in no more, and end all that it follows. Raises `NotFound`, the second time too."""
    mine = AuthorizedApplication.objects.visible_to(by).filter(pk=authorization_id)
    # Whoever makes a token locks this row first (`validator`): so none is made that is not deleted here.
    authorization = mine.select_for_update(of=("self",)).first()
    if authorization is None:
        raise NotFound
    _revoke(authorization)


def revoke_all(user: User) -> None:
    """Let no program in for a person any more, inside the transaction of an action."""
    authorizations = AuthorizedApplication.objects.filter(user=user).order_by("pk")
    for authorization in authorizations.select_for_update(of=("self",)):
        _revoke(authorization)


def _revoke(authorization: AuthorizedApplication) -> None:
    of_both = {"user_id": authorization.user_id, "application_id": authorization.application_id}
    Grant.objects.filter(**of_both).delete()
    RefreshToken.objects.filter(**of_both, revoked=None).update(revoked=timezone.now())
    AccessToken.objects.filter(**of_both).delete()
    authorization.delete()
