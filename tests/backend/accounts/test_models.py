from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from backend.accounts.blocks import Block
from backend.accounts.models import (
    CLAIMS_AT_ONCE,
    AccessToken,
    DataExport,
    Erasure,
    ExportPart,
    RecoveryCode,
    RetiredHandle,
    Session,
    Totp,
    User,
    hash_of,
    new_token,
)
from tests.cast import Cast, person
from tests.constraints import assert_each_is_refused, refused_by


def session(user: User, **facts: object) -> Session:
    now = timezone.now()
    made = {"token_hash": hash_of(new_token()), "expires_at": now + timedelta(days=1), "created_at": now}
    return Session.objects.create(user=user, **{**made, **facts})


def key(user: User, **facts: object) -> AccessToken:
    now = timezone.now()
    made = {"name": "Script", "token_hash": hash_of(new_token("pat_")), "scopes": ["read"]}
    made |= {"created_at": now, "expires_at": now + timedelta(days=1)}
    return AccessToken.objects.create(user=user, **{**made, **facts})


def test_the_database_refuses_what_can_never_be(cast: Cast):
    now = timezone.now()
    known, known_key = session(cast.ana), key(cast.ana)
    Totp.objects.create(user=cast.ana, sealed_secret="x")
    RecoveryCode.objects.create(user=cast.ana, code_hash="a")
    person("julieta", imported_from="goteo:julieta")
    export = DataExport.objects.create(user=cast.ana)
    ExportPart.objects.create(export=export, attempt=1, number=0, data=b"zip")
    Erasure.objects.create(user=cast.bo)
    RetiredHandle.objects.create(handle_hash="known", free_at=now)
    Block.objects.create(blocker=cast.cy, blocked=cast.sol)

    def change(**facts: object) -> int:
        return User.objects.filter(pk=cast.cy.pk).update(**facts)

    assert_each_is_refused(
        "accounts",
        {
            "verified_address_is_one_persons": lambda: change(email="ana@example.org"),
            "accounts_user_handle_key": lambda: change(handle="ana"),
            "account_is_imported_once": lambda: change(imported_from="goteo:julieta"),
            "email_is_lower_case": lambda: change(email="Cy@example.org"),
            "address_is_one_plain_word": lambda: change(email="cy@example.org\nbcc:ana@example.org"),
            "handle_is_plain_ascii": lambda: change(handle="сy"),
            "person_holds_a_bounded_number_of_claims": lambda: change(open_claim_count=CLAIMS_AT_ONCE + 1),
            "accounts_session_token_hash_key": lambda: session(cast.cy, token_hash=known.token_hash),
            "deleted_account_lets_nobody_in": lambda: change(deleted_at=now),
            "one_export_of_a_person_at_a_time": lambda: DataExport.objects.create(user=cast.ana),
            "export_state_is_known": lambda: DataExport.objects.update(state="LOST"),
            "export_that_is_ready_expires": lambda: DataExport.objects.update(state="READY"),
            "export_part_is_there_once": lambda: ExportPart.objects.create(
                export=export, attempt=1, number=0, data=b"again"
            ),
            "accounts_erasure_user_id_key": lambda: Erasure.objects.create(user=cast.bo),
            "accounts_retiredhandle_handle_hash_key": lambda: RetiredHandle.objects.create(
                handle_hash="known", free_at=now
            ),
            "session_expires_after_it_began": lambda: session(cast.cy, created_at=now, expires_at=now),
            "accounts_totp_user_id_key": lambda: Totp.objects.create(user=cast.ana, sealed_secret="x"),
            "accounts_recoverycode_code_hash_key": lambda: RecoveryCode.objects.create(
                user=cast.cy, code_hash="a"
            ),
            "accounts_accesstoken_token_hash_key": lambda: key(cast.cy, token_hash=known_key.token_hash),
            "access_token_expires_within_a_year": lambda: key(
                cast.cy, created_at=now, expires_at=now + timedelta(days=367)
            ),
            "access_token_has_known_scopes": lambda: key(cast.cy, scopes=["read", "admin"]),
            "person_blocks_another_once": lambda: Block.objects.create(blocker=cast.cy, blocked=cast.sol),
            "nobody_blocks_themselves": lambda: Block.objects.create(blocker=cast.cy, blocked=cast.cy),
        },
    )


def test_the_database_knows_what_a_key_must_have(cast: Cast):
    now = timezone.now()
    with refused_by("access_token_has_known_scopes"):
        key(cast.cy, scopes=[])
    with refused_by("access_token_expires_within_a_year"):
        key(cast.cy, created_at=now, expires_at=now)


@pytest.mark.parametrize(
    "handle", ["", "a", "A1", "-ab", "ab-", "a b", "a\nb", "ab\n", "a.b", "é1", "a" * 31]
)
def test_the_database_knows_what_a_handle_is(cast: Cast, handle: str):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.filter(pk=cast.cy.pk).update(handle=handle)


def test_everyone_sees_everyone_who_has_not_left(cast: Cast):
    dee = person("dee", is_active=False)
    for viewer in (None, cast.ana, cast.bo, cast.cy, cast.sol, dee):
        seen = User.objects.visible_to(viewer).values_list("handle", flat=True)
        assert set(seen) == {"ana", "bo", "cy", "sol"}


def test_people_see_their_own_open_sessions_and_nobody_elses_not_even_staff(cast: Cast):
    now = timezone.now()
    open_one = session(cast.ana)
    session(cast.ana, ended_at=now)
    session(cast.ana, created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))
    of_bo = session(cast.bo)

    seen = {
        viewer: set(Session.objects.visible_to(viewer).values_list("pk", flat=True))
        for viewer in (None, cast.ana, cast.bo, cast.cy, cast.sol)
    }
    assert seen == {
        None: set(),
        cast.ana: {open_one.pk},
        cast.bo: {of_bo.pk},
        cast.cy: set(),
        cast.sol: set(),
    }


def test_a_token_opens_its_session_while_that_lasts_and_its_person_is_here(cast: Cast):
    token = new_token()
    opened = session(cast.ana, token_hash=hash_of(token))

    def opens() -> list[Session]:
        return list(Session.objects.of_token(token))

    assert opens() == [opened]
    for wrong in ("", token[:-1], token.upper(), opened.token_hash, "\0", "\ud800", "ñ" * 10_000):
        assert list(Session.objects.of_token(wrong)) == []

    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert opens() == []
    User.objects.filter(pk=cast.ana.pk).update(is_active=True)
    Session.objects.update(ended_at=timezone.now())
    assert opens() == []
    Session.objects.update(
        ended_at=None, created_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
    )
    assert opens() == []


def test_tokens_are_long_random_and_never_stored(cast: Cast):
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("acequia_") and len(token) == 8 + 64 for token in tokens)
    assert len(hash_of("acequia_x")) == 64
    assert hash_of("acequia_x") not in tokens


def test_a_superuser_made_on_the_command_line_has_every_right(db: None):
    root = User.objects.create_superuser(email="root@example.org", password="riega-la-huerta", handle="raiz")
    assert (root.is_staff, root.is_superuser, root.check_password("riega-la-huerta")) == (True, True, True)
    assert list(User.objects.owning("root@example.org")) == [root]
    for taken in ({"email": "Root@example.org"}, {"handle": "raiz"}, {"handle": "Not a handle"}):
        facts = {"email": "second@example.org", "password": "riega-la-huerta", "handle": "second"} | taken
        with pytest.raises(ValidationError):
            User.objects.create_superuser(**facts)
    assert User.objects.get() == root
