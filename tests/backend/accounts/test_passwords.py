"""Passwords: what one may be, how it is changed by who knows it, and by who reads the address."""

import unicodedata
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts import passwords
from backend.accounts.actions import WrongCredentials, log_in, sign_up
from backend.accounts.factors import OneTimeCodeRequired, OneTimeCodeWrong, begin_totp, confirm_totp
from backend.accounts.keys import create_access_token
from backend.accounts.models import AccessToken, Session, User
from backend.accounts.passwords import PasswordWrong, change_password, clean_password
from backend.accounts.proofs import Purpose, TokenInvalid, proof
from backend.accounts.resets import request_password_reset, reset_password
from backend.accounts.scopes import Scope
from backend.applications.models import Application, AppToken, AuthorizedApplication
from backend.core.refusals import Invalid
from tests.cast import PASSWORD, Cast, person
from tests.letters import addressed, deliver, proof_for, proofs_in, waiting
from tests.races import answers
from tests.snapshots import refused

NEW = "la-balsa-esta-llena"
quick = pytest.mark.usefixtures("quick_hashing", "jobs")


@pytest.fixture
def ana(cast: Cast) -> User:
    cast.ana.set_password(PASSWORD)
    cast.ana.save()
    return cast.ana


def let_in(user: User) -> None:
    """A program of somebody else acts in their name."""
    application = Application.objects.create(
        name="Garden", client_type="public", authorization_grant_type="authorization-code"
    )
    AuthorizedApplication.objects.create(user=user, application=application, scopes=[Scope.READ])
    ends = timezone.now() + timedelta(hours=1)
    token = AppToken.objects.create(user=user, application=application, token="", expires=ends, scope="read")
    AppToken.objects.filter(pk=token.pk).update(token_checksum=f"of {user.pk}")


def current(user: User) -> set[int]:
    """The sessions that let somebody in as them."""
    return set(Session.objects.visible_to(user).values_list("pk", flat=True))


@quick
class TestChanging:
    def test_who_knows_it_changes_it_and_every_other_session_ends(self, ana: User, cast: Cast):
        (here, _), (there, _) = (log_in(email=ana.email, password=PASSWORD) for _ in range(2))
        User.objects.filter(pk=cast.bo.pk).update(password=make_password(PASSWORD))
        bos, _ = log_in(email="bo@example.org", password=PASSWORD)

        change_password(by=ana, session_id=here.pk, current_password=PASSWORD, new_password=NEW)

        assert (current(ana), current(cast.bo)) == ({here.pk}, {bos.pk})
        assert Session.objects.get(pk=there.pk).ended_at is not None
        with refused(WrongCredentials):
            log_in(email=ana.email, password=PASSWORD)
        assert log_in(email=ana.email, password=NEW)[0].user == ana
        assert addressed(deliver()) == [("ana@example.org", "Your password was changed")]

    @pytest.mark.parametrize(
        "guess", ["", PASSWORD + " ", PASSWORD.upper(), "x" * 100_000, "\0", "\ud800", "!"]
    )
    def test_who_does_not_know_it_changes_nothing(self, ana: User, guess: str):
        session, _ = log_in(email=ana.email, password=PASSWORD)
        with refused(PasswordWrong, "currentPassword") as answer:
            change_password(by=ana, session_id=session.pk, current_password=guess, new_password=NEW)
        assert (answer.value.code, waiting()) == ("WRONG_CREDENTIALS", [])

    @pytest.mark.parametrize("password", ["short", "password123", "ana@example.org", "x" * 257, "\0" * 20])
    def test_a_weak_one_is_refused(self, ana: User, password: str):
        session, _ = log_in(email=ana.email, password=PASSWORD)
        with refused(Invalid, "newPassword"):
            change_password(by=ana, session_id=session.pk, current_password=PASSWORD, new_password=password)

    def test_an_imported_account_has_none_to_change(self, cast: Cast):
        User.objects.filter(pk=cast.cy.pk).update(password=make_password(None))
        with refused(PasswordWrong, "currentPassword"):
            change_password(by=cast.cy, session_id=0, current_password="", new_password=NEW)

    def test_whoever_has_left_changes_nothing(self, ana: User):
        User.objects.filter(pk=ana.pk).update(is_active=False)
        with refused(PasswordWrong, "currentPassword"):
            change_password(by=ana, session_id=0, current_password=PASSWORD, new_password=NEW)

    def test_of_many_who_change_it_at_once_one_does(self, racing_cast: Cast):
        ana = racing_cast.ana
        ana.set_password(PASSWORD)
        ana.save()
        new = [f"{NEW}-{number}" for number in range(6)]

        def change(password: str) -> str:
            change_password(by=ana, session_id=0, current_password=PASSWORD, new_password=password)
            return password

        came_out = answers(change, new)
        (changed,) = [each for each in came_out if isinstance(each, str)]
        assert {type(each).__name__ for each in came_out} == {"str", "PasswordWrong"}
        assert log_in(email=ana.email, password=changed)[0].user == ana


@quick
class TestResetting:
    def test_who_reads_the_address_gets_a_new_one_a_session_and_nobody_else_stays_in(self, ana: User):
        log_in(email=ana.email, password=PASSWORD)
        request_password_reset(email=" ANA@example.org")
        assert waiting() == [("reset_password", ana.pk)]

        session, token = reset_password(token=proof_for(), new_password=NEW, user_agent="curl/8")

        assert (session.user, session.user_agent, current(ana)) == (ana, "curl/8", {session.pk})
        assert list(Session.objects.of_token(token)) == [session]
        assert log_in(email=ana.email, password=NEW)[0].user == ana
        assert addressed(deliver()) == [("ana@example.org", "Your password was changed")]

    def test_every_key_of_a_program_ends_too(self, ana: User, cast: Cast):
        for person_ in (ana, cast.bo):
            create_access_token(by=person_, name="Bot", scopes=[Scope.READ])
            let_in(person_)
        reset_password(token=proof(Purpose.RESET_PASSWORD, ana), new_password=NEW)
        assert list(AccessToken.objects.current().values_list("user", flat=True)) == [cast.bo.pk]
        assert list(AppToken.objects.current().values_list("user", flat=True)) == [cast.bo.pk]
        assert list(AuthorizedApplication.objects.values_list("user", flat=True)) == [cast.bo.pk]

    def test_who_has_a_second_factor_shows_it_and_the_link_stays_good_until_then(self, ana: User):
        secret, _ = begin_totp(by=ana, password=PASSWORD)
        first, *_ = confirm_totp(by=ana, code=pyotp.TOTP(secret).now())
        token = proof(Purpose.RESET_PASSWORD, ana)
        with refused(OneTimeCodeRequired, "oneTimeCode"):
            reset_password(token=token, new_password=NEW)
        with refused(OneTimeCodeWrong, "oneTimeCode"):
            reset_password(token=token, new_password=NEW, one_time_code="aaaa-bbbb-cccc-dddd")
        assert reset_password(token=token, new_password=NEW, one_time_code=first)[0].user == ana

    def test_a_link_works_once_and_for_an_hour(self, ana: User):
        with time_machine.travel(timezone.now() - timedelta(hours=1, seconds=2), tick=False):
            late = proof(Purpose.RESET_PASSWORD, ana)
        with time_machine.travel(timezone.now() - timedelta(minutes=59), tick=False):
            soon = proof(Purpose.RESET_PASSWORD, ana)
        with refused(TokenInvalid, "token"):
            reset_password(token=late, new_password=NEW)
        reset_password(token=soon, new_password=NEW)
        with refused(TokenInvalid, "token"):
            reset_password(token=soon, new_password=NEW)
        # Nor is it alive again with the old password: that is salted anew.
        ana.set_password(PASSWORD)
        ana.save(update_fields=["password"])
        with refused(TokenInvalid, "token"):
            reset_password(token=soon, new_password=NEW)

    @pytest.mark.parametrize(
        "change", [{"email": "eve@example.org"}, {"password": "!"}, {"is_active": False}]
    )
    def test_a_link_is_void_when_the_account_is_not_as_it_was(self, ana: User, change: dict):
        token = proof(Purpose.RESET_PASSWORD, ana)
        User.objects.filter(pk=ana.pk).update(**change)
        with refused(TokenInvalid, "token"):
            reset_password(token=token, new_password=NEW)

    def test_a_proof_of_something_else_resets_nothing(self, ana: User):
        for purpose in (Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL):
            with refused(TokenInvalid, "token"):
                reset_password(token=proof(purpose, ana), new_password=NEW)

    @pytest.mark.parametrize("password", ["short", "password123", "ana@example.org", "x" * 257])
    def test_a_weak_one_is_refused_and_the_link_stays_good(self, ana: User, password: str):
        token = proof(Purpose.RESET_PASSWORD, ana)
        with refused(Invalid, "newPassword"):
            reset_password(token=token, new_password=password)
        reset_password(token=token, new_password=NEW)

    @pytest.mark.parametrize("email", ["nobody@example.org", "left@example.org", "julieta@goteo.invalid"])
    def test_nobody_gets_no_letter(self, cast: Cast, email: str):
        person("left", is_active=False)
        person("julieta", email="julieta@goteo.invalid", email_verified_at=None)
        request_password_reset(email=email)
        assert (len(waiting()), deliver()) == (1, [])

    @pytest.mark.parametrize("email", ["", "ana", "a@x.org\nBcc: b@x.org", "a" * 400, "\ud800@x.org"])
    def test_what_is_no_address_is_refused(self, cast: Cast, email: str):
        with refused(Invalid, "email"):
            request_password_reset(email=email)

    def test_of_many_who_use_one_link_at_once_one_does(self, racing_cast: Cast):
        token = proof(Purpose.RESET_PASSWORD, racing_cast.ana)
        came_out = answers(lambda n: reset_password(token=token, new_password=f"{NEW}-{n}"), range(6))
        assert sorted(type(each).__name__ for each in came_out) == ["TokenInvalid"] * 5 + ["tuple"]
        assert len(current(racing_cast.ana)) == 1

    def test_a_strangers_account_is_its_readers_and_the_stranger_is_out(self, cast: Cast):
        """Mallory signed up with Dee's address first; Dee, who reads it, takes what is there, or her own account."""
        stranger, _ = sign_up(handle="mallory", email="dee@example.org", password=PASSWORD, display_name="M")
        dee, _ = sign_up(handle="dee", email="dee@example.org", password=PASSWORD, display_name="Dee")
        waits = deliver()
        assert addressed(waits) == [("dee@example.org", "Is this your address?")] * 2
        request_password_reset(email="dee@example.org")
        (letter,) = deliver()
        assert [handle in letter.body for handle in ("@mallory:", "@dee:")] == [True, True]
        of_mallory, of_dee = proofs_in(letter.body)

        session, _ = reset_password(token=of_mallory, new_password=NEW)

        assert (session.user, current(stranger.user)) == (stranger.user, {session.pk})
        assert log_in(email="dee@example.org", password=NEW)[0].user == stranger.user
        with refused(WrongCredentials):
            log_in(email="dee@example.org", password=PASSWORD)
        # The address is one person's now.
        with refused(TokenInvalid, "token"):
            reset_password(token=of_dee, new_password=NEW)
        assert current(dee.user) == {dee.pk}

    def test_where_the_address_is_somebodys_nobody_else_is_offered_anything(self, ana: User):
        sign_up(handle="mallory", email=ana.email, password=PASSWORD, display_name="M")
        deliver()
        request_password_reset(email=ana.email)
        (letter,) = deliver()
        assert "@mallory" not in letter.body
        assert reset_password(token=proofs_in(letter.body)[0], new_password=NEW)[0].user == ana

    def test_five_who_say_that_it_is_theirs_are_offered_one(self, cast: Cast):
        for number in range(7):
            person(f"dee{number}", email="dee@example.org", email_verified_at=None)
        request_password_reset(email="dee@example.org")
        (letter,) = deliver()
        assert [f"@dee{number}:" in letter.body for number in range(7)] == [True] * 5 + [False] * 2


class TestWhatOneMayBe:
    @pytest.fixture
    def dolores(self) -> User:
        return User(handle="dolo-diaz", email="lola.ruiz@huerta.example", display_name="Dolores Díaz")

    @pytest.mark.parametrize(
        "password",
        [
            *(
                "dolores2026!!",
                "DíazDolores1",
                "acequia2026!",
                "Goteo-Acequia-1",
                "lola.ruiz.99",
                "HUERTA12345",
            ),
            *("dolo-diaz-xyz", "127.0.0.1/acequia", "acequia goteo acequia", "ruiz.lola.dolo"),
            *("PASSWORD123", "iloveyou12", "1234567890", "123456789", "qwertyuiop"),
        ],
    )
    def test_names_and_common_ones_are_refused(self, dolores: User, password: str):
        with pytest.raises(Invalid) as answer:
            clean_password(password, user=dolores)
        assert answer.value.field == "password"

    @pytest.mark.parametrize(
        "password",
        [PASSWORD, "acequia madre de agua", "dolores quiere agua", "🌱" * 10, "7291 0385 6627", "x" * 256],
    )
    def test_anything_else_is_one(self, dolores: User, password: str):
        assert clean_password(password, user=dolores) == password

    def test_forms_say_what_is_asked(self):
        assert len(password_validators_help_texts()) == 4

    def test_two_spellings_of_one_letter_are_one_password_and_two_letters_are_two(self):
        """RFC 8265 §4.2: NFC. What was stored before, in ASCII or as keyboards write it, still fits."""
        composed = unicodedata.normalize("NFC", "contraseña-de-Núria")
        decomposed = unicodedata.normalize("NFD", composed)
        assert composed != decomposed
        for stored in (make_password(composed), make_password(decomposed)):
            assert check_password(composed, stored) and check_password(decomposed, stored)
            assert not check_password(composed.replace("ñ", "n"), stored)
        assert not check_password("fish-and-chips", make_password("ﬁsh-and-chips"))

    def test_what_was_stored_without_normalising_still_fits(self, settings):
        before = "django.contrib.auth.hashers.Argon2PasswordHasher"
        ours = settings.PASSWORD_HASHERS
        settings.PASSWORD_HASHERS = [before]
        stored = make_password("contraseña-de-Núria")
        settings.PASSWORD_HASHERS = ours
        assert check_password("contraseña-de-Núria", stored)

    @given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
    def test_no_text_is_more_than_refused(self, password: str):
        try:
            assert clean_password(password, user=User(handle="dee", email="dee@example.org")) == password
            assert len(password) >= 10
        except Invalid as refusal:
            assert refusal.field == "password"

    def test_what_is_too_long_is_not_hashed(self, monkeypatch: pytest.MonkeyPatch):
        hashed: list[str] = []
        monkeypatch.setattr(
            passwords, "check_password", lambda guess, known, upgrade: bool(hashed.append(guess))
        )
        assert not passwords.is_password_of(User(password="argon2$x"), "x" * 1_000_000)
        assert [len(each) for each in hashed] == [256]
