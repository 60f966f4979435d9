"""Keys that people make for programs of theirs."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from backend.accounts.keys import (
    KEY_LASTS,
    MOST_KEYS,
    TooManyKeys,
    create_access_token,
    note_use,
    revoke_access_token,
)
from backend.accounts.models import KEY_LASTS_AT_MOST, AccessToken, User, hash_of
from backend.accounts.scopes import Scope
from backend.core.refusals import Invalid, NotFound
from tests.cast import Cast
from tests.races import answers, race
from tests.snapshots import refused, snapshot

READ = [Scope.READ]


def keys_of(person: User, count: int, **facts: object) -> list[AccessToken]:
    """Live keys of somebody, without their secrets."""
    now = timezone.now()
    made = {"scopes": READ, "created_at": now, "expires_at": now + timedelta(days=1)} | facts
    return AccessToken.objects.bulk_create(
        AccessToken(user=person, name=f"Key {number}", token_hash=f"{person.pk}-{number}", **made)
        for number in range(count)
    )


def test_a_key_is_made_for_ninety_days_unless_it_is_said(cast: Cast):
    key, secret = create_access_token(
        by=cast.ana, name=" My  script ", scopes=[Scope.TASKS_WRITE, Scope.READ] * 2
    )
    stored = AccessToken.objects.get()
    assert stored == key
    assert (stored.user, stored.name, stored.scopes) == (cast.ana, "My script", ["read", "tasks:write"])
    assert stored.expires_at - stored.created_at == KEY_LASTS == timedelta(days=90)
    assert (stored.last_used_at, stored.revoked_at) == (None, None)

    later = timezone.now() + timedelta(days=364)
    assert create_access_token(by=cast.ana, name="b", scopes=READ, expires_at=later)[0].expires_at == later
    assert secret.startswith("acequia_pat_") and len(secret) == 12 + 64


def test_only_its_hash_is_kept(cast: Cast):
    _, secret = create_access_token(by=cast.ana, name="Script", scopes=READ)
    assert AccessToken.objects.get().token_hash == hash_of(secret)
    assert not any(secret in row or secret[12:] in row for _, row in snapshot())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "a" * 61}),
        ("scopes", {"scopes": []}),
        ("expiresAt", {"expires_at": datetime(2020, 1, 1).astimezone()}),
        ("expiresAt", {"expires_at": datetime.max}),
        ("expiresAt", {"expires_at": timezone.now() + KEY_LASTS_AT_MOST + timedelta(days=1)}),
    ],
)
def test_a_key_without_a_name_an_end_or_anything_to_do_is_refused(cast: Cast, field: str, given: dict):
    with refused(Invalid, field):
        create_access_token(**{"by": cast.ana, "name": "Script", "scopes": READ} | given)


def test_who_has_left_makes_no_key(cast: Cast):
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    with refused(NotFound):
        create_access_token(by=cast.ana, name="Script", scopes=READ)


def test_there_are_fifty_at_most_that_live(cast: Cast):
    keys = keys_of(cast.ana, MOST_KEYS)
    keys_of(cast.bo, 3)
    with refused(TooManyKeys):
        create_access_token(by=cast.ana, name="Script", scopes=READ)

    revoke_access_token(access_token_id=keys[0].pk, by=cast.ana)
    create_access_token(by=cast.ana, name="Script", scopes=READ)
    past = timezone.now() - timedelta(days=2)
    AccessToken.objects.filter(pk=keys[1].pk).update(created_at=past, expires_at=past + timedelta(days=1))
    create_access_token(by=cast.ana, name="Script", scopes=READ)
    with refused(TooManyKeys):
        create_access_token(by=cast.ana, name="Script", scopes=READ)


def test_of_many_at_once_no_more_are_made_than_may_live(racing_cast: Cast):
    keys_of(racing_cast.ana, MOST_KEYS - 3)
    came_out = race(
        lambda name: create_access_token(by=racing_cast.ana, name=name, scopes=READ),
        [f"r{n}" for n in range(8)],
    )
    assert sorted(came_out) == ["TooManyKeys"] * 5 + ["tuple"] * 3
    assert AccessToken.objects.filter(user=racing_cast.ana).count() == MOST_KEYS


def test_one_ends_ones_own_and_once(cast: Cast):
    (key, _), (other, _) = (create_access_token(by=cast.ana, name=name, scopes=READ) for name in "ab")
    for by in (cast.bo, cast.sol):
        with refused(NotFound):
            revoke_access_token(access_token_id=key.pk, by=by)

    revoke_access_token(access_token_id=key.pk, by=cast.ana)
    assert list(AccessToken.objects.current()) == [other]
    with refused(NotFound):
        revoke_access_token(access_token_id=key.pk, by=cast.ana)


def test_of_two_who_revoke_it_at_once_one_does(racing_cast: Cast):
    key, _ = create_access_token(by=racing_cast.ana, name="Script", scopes=READ)
    came_out = answers(lambda _: revoke_access_token(access_token_id=key.pk, by=racing_cast.ana), range(4))
    assert sorted(type(each).__name__ for each in came_out) == ["NoneType", *["NotFound"] * 3]


def test_that_it_is_used_is_noted_without_waiting_for_anybody(racing_cast: Cast):
    """Whoever revokes it holds its row; a question that comes meanwhile is not held up by a note about it."""
    key, _ = create_access_token(by=racing_cast.ana, name="Script", scopes=READ)
    with transaction.atomic():
        AccessToken.objects.select_for_update().get(pk=key.pk)
        assert answers(lambda _: note_use(key.pk), [None]) == [None]
    key.refresh_from_db()
    assert key.last_used_at is None
    note_use(key.pk)
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_people_see_their_own_that_live(cast: Cast):
    past = timezone.now() - timedelta(days=2)
    (live,) = keys_of(cast.ana, 1)
    AccessToken.objects.create(
        user=cast.ana, name="old", token_hash="o", scopes=READ, created_at=past, expires_at=timezone.now()
    )
    (of_bo,) = keys_of(cast.bo, 1)
    create_access_token(by=cast.ana, name="gone", scopes=READ)
    AccessToken.objects.filter(name="gone").update(revoked_at=timezone.now())

    seen = {
        viewer: [each.pk for each in AccessToken.objects.visible_to(viewer)]
        for viewer in (None, cast.ana, cast.bo, cast.cy, cast.sol)
    }
    assert seen == {None: [], cast.ana: [live.pk], cast.bo: [of_bo.pk], cast.cy: [], cast.sol: []}
