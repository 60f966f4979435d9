from datetime import timedelta

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.utils import timezone

from backend.accounts.actions import RESERVED_HANDLES, HandleTaken, sign_up
from backend.accounts.models import Session, User, hash_of
from backend.core.models import RecordedEvent
from backend.core.refusals import Invalid
from tests.cast import PASSWORD, Cast
from tests.races import race
from tests.snapshots import refused, snapshot


def sign_up_dee(**facts: str) -> tuple[Session, str]:
    return sign_up(
        **{"handle": "dee", "email": "dee@example.org", "password": PASSWORD, "display_name": "Dee", **facts}
    )


def test_whoever_signs_up_is_logged_in_and_their_secrets_are_nowhere(db: None):
    session, token = sign_up_dee(locale="pt-BR", user_agent="Firefox \x1b[31m on a phone" + "x" * 300)

    dee = User.objects.get()
    assert (dee.handle, dee.email, dee.display_name, dee.locale) == ("dee", "dee@example.org", "Dee", "pt-BR")
    assert (dee.is_active, dee.is_staff, dee.is_superuser, dee.email_verified_at) == (
        True,
        False,
        False,
        None,
    )
    assert identify_hasher(dee.password).algorithm == "argon2"
    assert dee.check_password(PASSWORD)
    assert (session.user, session.token_hash, session.ended_at) == (dee, hash_of(token), None)
    assert list(Session.objects.of_token(token)) == [session]
    assert abs(session.expires_at - timezone.now() - timedelta(days=30)) < timedelta(seconds=9)
    assert session.user_agent == ("Firefox [31m on a phone" + "x" * 300)[:199]
    for secret in (token, PASSWORD):
        assert secret not in str(snapshot())


@pytest.mark.usefixtures("quick_hashing")
class TestWithQuickHashing:
    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            ("ＡＢＣ@x.org", "abc@x.org"),
            ("  Dee@EXAMPLE.org ", "dee@example.org"),
            ("dee+news@example.org", "dee+news@example.org"),
            ("\u212aate@example.org", "kate@example.org"),
            ("straße@example.org", "strasse@example.org"),
            ("ﬁsh@example.org", "fish@example.org"),
        ],
    )
    def test_an_address_has_one_spelling(self, db: None, written: str, stored: str):
        sign_up_dee(email=written)
        sign_up_dee(handle="dee2", email=stored.upper())
        assert set(User.objects.values_list("email", flat=True)) == {stored}

    @pytest.mark.parametrize(
        "email",
        [
            "",
            "dee",
            "@example.org",
            "dee@",
            "dee@example",
            "mıke@example.org",
            "dеe@example.org",
            "dee@exämple.org",
            "dee@example.org\nBcc: all@example.org",
            "dee@example.org\0",
            "dee\u200b@example.org",
            "\ud800@example.org",
            "dee@\udfff.org",
            '"\x01"@example.org',
            '"a b"@example.org',
            "dee@example.org, ana@example.org",
            "<dee@example.org>",
            "d" * 65 + "@" + "e" * 190 + ".org",
            "d" * 400,
            "dee@example.org" + " " * 400,
            "d" * 10_000_000,
        ],
    )
    def test_what_is_no_address_is_refused(self, cast: Cast, email: str):
        with refused(Invalid, "email"):
            sign_up_dee(email=email)

    @pytest.mark.parametrize(
        ("written", "stored"), [("De-e_2", "de-e_2"), (" dee ", "dee"), ("d" * 30, "d" * 30), ("42", "42")]
    )
    def test_a_handle_is_lower_case(self, db: None, written: str, stored: str):
        sign_up_dee(handle=written)
        assert User.objects.get().handle == stored

    @pytest.mark.parametrize(
        "handle",
        [
            *("", "d", "d" * 31, "-dee", "dee_", "d.ee", "d ee", "dee\n2", "@dee", "d/e", "d'e", "dee\0"),
            *("аdmin", "ｄee", "d\u202eee", "d\u200bee", "dée", "пётр", "\ud800\udc00", "😀" * 1_000),
            *("admin", "ADMIN", "null", "undefined", "Acequia", "staff", "d" * 10_000_000),
        ],
    )
    def test_what_is_no_handle_is_refused(self, cast: Cast, handle: str):
        with refused(Invalid, "handle"):
            sign_up_dee(handle=handle)

    def test_no_reserved_handle_is_given_away(self, cast: Cast):
        for handle in RESERVED_HANDLES:
            with refused(Invalid, "handle"):
                sign_up_dee(handle=handle)

    def test_a_taken_handle_is_refused_in_any_case_even_if_it_reads_email(self, cast: Cast):
        with refused(HandleTaken, "handle") as answer:
            sign_up_dee(handle="ANA")
        assert answer.value.code == "HANDLE_TAKEN"

        sign_up_dee(handle="email")
        with refused(HandleTaken, "handle"):
            sign_up_dee(handle="email", email="other@example.org")

    def test_an_address_that_is_somebodys_is_no_reason_to_refuse(self, cast: Cast):
        """Whoever signs up learns nothing, and takes nothing: the address stays its owner's."""
        session, _ = sign_up_dee(email="ana@example.org")
        assert (session.user.email, session.user.email_verified_at) == ("ana@example.org", None)
        assert list(User.objects.owning("ana@example.org")) == [cast.ana]

    @pytest.mark.parametrize(
        "name", ["", " ", "\u200d", "\u3164", "D\nee", "D\u202eee", "D" + "\u0363" * 200, "D" * 61, "\ud800"]
    )
    def test_what_is_no_name_is_refused(self, cast: Cast, name: str):
        with refused(Invalid, "displayName"):
            sign_up_dee(display_name=name)

    def test_a_name_may_be_written_in_any_language(self, db: None):
        for number, name in enumerate(
            ["Дарья", "دانا", "नेहा", "大輔", "Núria 🌱", "O'Dee-Díaz", "<b>Dee</b>"]
        ):
            session, _ = sign_up_dee(
                handle=f"dee{number}", email=f"dee{number}@example.org", display_name=name
            )
            assert session.user.display_name == name

    @pytest.mark.parametrize(
        "password",
        [
            *("", "short", "123456789", "1234567890", "password123", "iloveyou12"),
            *("dee@example.org", "Dee@Example.Org", "example.org", "dolores-diaz"),
            *("a" * 257, "a" * 1_000_000, "\0" * 1_000, "riega\0la-huerta", "riega-la-huerta\ud800"),
        ],
    )
    def test_a_weak_or_unusable_password_is_refused_before_it_is_hashed(
        self, cast: Cast, password: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("backend.accounts.actions.make_password", None)
        with refused(Invalid, "password"):
            sign_up_dee(handle="dolores-d", display_name="Dolores Díaz", password=password)

    @pytest.mark.parametrize(
        "password", ["a-long-but-fine-one", "четыре слова подряд", "🌱" * 10, "x y" * 85 + "z"]
    )
    def test_a_password_may_be_anything_else(self, db: None, password: str):
        session, _ = sign_up_dee(password=password)
        assert session.user.check_password(password)

    @pytest.mark.parametrize("locale", ["", "español", "ES", "es_ES", "es-ES-x"])
    def test_what_is_no_locale_is_refused(self, cast: Cast, locale: str):
        with refused(Invalid, "locale"):
            sign_up_dee(locale=locale)

    def test_many_who_give_one_address_at_once_get_an_account_each(self, racing_cast: Cast):
        answers = race(lambda number: sign_up_dee(handle=f"dee{number}"), range(6))

        assert answers == ["tuple"] * 6
        assert User.objects.claiming("dee@example.org").count() == Session.objects.count() == 6
        assert not User.objects.owning("dee@example.org").exists()
        assert RecordedEvent.objects.count() == 0

    def test_two_who_want_one_handle_at_once_get_one_account(self, racing_cast: Cast):
        answers = race(lambda number: sign_up_dee(email=f"dee{number}@example.org"), range(6))

        assert sorted(answers) == ["HandleTaken"] * 5 + ["tuple"]
        assert User.objects.filter(handle="dee").count() == Session.objects.count() == 1

    def test_a_double_click_on_sign_up_makes_one_account(self, racing_cast: Cast):
        answers = race(lambda _: sign_up_dee(), range(6))

        assert sorted(answers) == ["HandleTaken"] * 5 + ["tuple"]
        assert User.objects.filter(handle="dee").count() == Session.objects.count() == 1
