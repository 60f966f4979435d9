import time
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from backend.accounts import passwords
from backend.accounts.actions import WrongCredentials, log_in
from backend.accounts.models import Session, User, hash_of
from backend.accounts.sessions import log_out
from tests.cast import PASSWORD, Cast
from tests.races import race
from tests.snapshots import refused, snapshot


@pytest.fixture
def ana(cast: Cast, quick_hashing: None) -> User:
    cast.ana.set_password(PASSWORD)
    cast.ana.save()
    return cast.ana


@pytest.mark.parametrize("email", ["ana@example.org", " ANA@Example.ORG ", "ａｎａ@example.org"])
def test_the_right_password_opens_a_session_however_the_address_is_written(ana: User, email: str):
    session, token = log_in(email=email, password=PASSWORD, user_agent="curl/8")

    assert (session.user, session.user_agent, session.token_hash) == (ana, "curl/8", hash_of(token))
    assert list(Session.objects.of_token(token)) == [session]
    assert abs(User.objects.get(pk=ana.pk).last_login - timezone.now()) < timedelta(seconds=5)


def test_each_log_in_is_a_session_of_its_own(ana: User):
    tokens = {log_in(email=ana.email, password=PASSWORD)[1] for _ in range(3)}
    assert (len(tokens), Session.objects.visible_to(ana).count()) == (3, 3)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana@example.org", "riega-la-huerto"),
        ("ana@example.org", PASSWORD + " "),
        ("ana@example.org", PASSWORD.upper()),
        ("ana@example.org", ""),
        ("ana@example.org", "\0" * 1_000),
        ("ana@example.org", "\ud800"),
        ("ana@example.org", "nobody's password"),
        ("ana@example.org", PASSWORD + "x" * 1_000_000),
        ("bo@example.org", PASSWORD),
        ("bo@example.org", ""),
        ("bo@example.org", "!"),
        ("nobody@example.org", PASSWORD),
        ("nobody@example.org", "nobody's password"),
        ("nobody@example.org", "\ud800"),
        ("", PASSWORD),
        ("ana", PASSWORD),
        ("ana@example.org\0", PASSWORD),
        ("\ud800", PASSWORD),
        ("a" * 1_000_000, PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_every_other_answer_is_the_same_and_does_not_say_what_was_wrong(ana: User, email: str, password: str):
    with refused(WrongCredentials) as answer:
        log_in(email=email, password=password)
    assert (answer.value.code, str(answer.value)) == ("WRONG_CREDENTIALS", WrongCredentials.message)


def test_who_has_not_verified_their_address_is_not_let_in_by_it(ana: User):
    """Else who signs up with an address and can log in learns that nobody owns it, and who cannot, that somebody does."""
    User.objects.filter(pk=ana.pk).update(email_verified_at=None)
    with refused(WrongCredentials):
        log_in(email=ana.email, password=PASSWORD)


def test_a_password_that_was_stored_in_an_older_way_is_stored_anew_when_it_is_used(cast: Cast, settings):
    argon2 = settings.PASSWORD_HASHERS[0]
    settings.PASSWORD_HASHERS = [argon2, "django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.filter(pk=cast.ana.pk).update(password=make_password(PASSWORD, hasher="md5"))
    with refused(WrongCredentials):
        log_in(email="ana@example.org", password=PASSWORD + "x")

    log_in(email="ana@example.org", password=PASSWORD)

    stored = User.objects.get(pk=cast.ana.pk).password
    assert stored.startswith("argon2$argon2id$")
    log_in(email="ana@example.org", password=PASSWORD)
    assert User.objects.get(pk=cast.ana.pk).password == stored


def test_whoever_has_left_cannot_come_in(ana: User):
    User.objects.filter(pk=ana.pk).update(is_active=False)
    with refused(WrongCredentials):
        log_in(email=ana.email, password=PASSWORD)


def test_no_password_opens_an_imported_account(cast: Cast):
    cast.ana.set_unusable_password()
    cast.ana.save()
    for password in ("", "!", cast.ana.password, cast.ana.password[1:], "nobody's password"):
        with refused(WrongCredentials):
            log_in(email=cast.ana.email, password=password)


@pytest.mark.parametrize(
    "email", ["ana@example.org", "bo@example.org", "nobody@example.org", "not an address"]
)
def test_one_hash_is_spent_on_every_attempt_known_or_not(
    cast: Cast, email: str, monkeypatch: pytest.MonkeyPatch
):
    """The time of the answer must not tell who has an account, so each attempt costs one and the same check."""
    cast.ana.set_password(PASSWORD)
    cast.ana.save()
    # Another test may have made it while hashes were of another kind.
    passwords.nobodys_password.cache_clear()
    checked: list[str] = []

    def check(password: str, encoded: str, upgrade: object) -> bool:
        checked.append(encoded.split("$")[1])
        return False

    monkeypatch.setattr(passwords, "check_password", check)
    with refused(WrongCredentials):
        log_in(email=email, password=PASSWORD)
    assert checked == ["argon2id"]


def test_a_megabyte_is_not_hashed(ana: User):
    began = time.process_time()
    with refused(WrongCredentials):
        log_in(email=ana.email, password="x" * 10_000_000)
    assert time.process_time() - began < 1


def test_a_session_ends_when_its_person_logs_out_and_the_others_go_on(ana: User):
    (here, token), (_, elsewhere) = (log_in(email=ana.email, password=PASSWORD) for _ in range(2))

    log_out(session=here)

    assert list(Session.objects.of_token(token)) == []
    assert Session.objects.of_token(elsewhere).count() == 1
    assert Session.objects.get(pk=here.pk).ended_at is not None


def test_logging_out_twice_is_the_same_as_once(ana: User):
    session, _ = log_in(email=ana.email, password=PASSWORD)
    log_out(session=session)
    before = snapshot()
    log_out(session=session)
    assert snapshot() == before


def test_a_session_ends_by_itself_after_thirty_days(ana: User):
    with time_machine.travel(timezone.now() - timedelta(days=29, hours=23), tick=False):
        _, fresh = log_in(email=ana.email, password=PASSWORD)
    with time_machine.travel(timezone.now() - timedelta(days=30, seconds=1), tick=False):
        _, stale = log_in(email=ana.email, password=PASSWORD)
    assert [Session.objects.of_token(token).count() for token in (fresh, stale)] == [1, 0]


def test_sixteen_log_ins_at_once_are_sixteen_sessions(racing_cast: Cast, quick_hashing: None):
    racing_cast.ana.set_password(PASSWORD)
    racing_cast.ana.save()
    answers = race(lambda _: log_in(email="ana@example.org", password=PASSWORD), range(16))
    assert (answers, Session.objects.count()) == (["tuple"] * 16, 16)
