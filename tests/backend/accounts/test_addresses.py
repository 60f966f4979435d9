"""Whose an address is: anybody may say so, and one person shows it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.actions import WrongCredentials, log_in, sign_up
from backend.accounts.addresses import (
    confirm_email_change,
    remove_unverified,
    request_email_change,
    request_email_verification,
    verify_email,
)
from backend.accounts.models import Session, User
from backend.accounts.passwords import PasswordWrong
from backend.accounts.proofs import Purpose, TokenInvalid, proof
from backend.core.refusals import Invalid
from social.follows.actions import follow
from tests.asking import token_of
from tests.cast import PASSWORD, Cast, person
from tests.letters import addressed, deliver, proof_for, waiting
from tests.races import answers
from tests.snapshots import refused, snapshot

pytestmark = pytest.mark.usefixtures("quick_hashing", "jobs")


def arrive(handle: str, email: str = "dee@example.org") -> User:
    """Somebody signs up; what they are sent waits."""
    session, _ = sign_up(handle=handle, email=email, password=PASSWORD, display_name=handle)
    return session.user


@pytest.fixture
def ana(cast: Cast) -> User:
    cast.ana.set_password(PASSWORD)
    cast.ana.save()
    return cast.ana


class TestVerifying:
    def test_who_signs_up_gets_a_letter_and_by_it_the_address(self, cast: Cast):
        dee = arrive("dee")
        assert waiting() == [("verify_email", dee.pk)]
        with refused(WrongCredentials):
            log_in(email="dee@example.org", password=PASSWORD)

        assert verify_email(by=dee, token=proof_for()) == dee

        dee.refresh_from_db()
        assert abs(dee.email_verified_at - timezone.now()) < timedelta(seconds=5)
        assert log_in(email="dee@example.org", password=PASSWORD)[0].user == dee

    def test_a_proof_works_once(self, cast: Cast):
        dee = arrive("dee")
        token = proof_for()
        verify_email(by=dee, token=token)
        with refused(TokenInvalid, "token") as answer:
            verify_email(by=dee, token=token)
        assert answer.value.code == "TOKEN_INVALID"

    def test_a_proof_is_good_for_three_days(self, cast: Cast):
        dee = arrive("dee")
        with time_machine.travel(timezone.now() - timedelta(days=3, seconds=2), tick=False):
            late = proof(Purpose.VERIFY_EMAIL, dee)
        with time_machine.travel(timezone.now() - timedelta(days=2, hours=23), tick=False):
            soon = proof(Purpose.VERIFY_EMAIL, dee)
        with refused(TokenInvalid, "token"):
            verify_email(by=dee, token=late)
        verify_email(by=dee, token=soon)

    def test_no_other_word_is_a_proof(self, cast: Cast):
        dee, own = arrive("dee"), proof_for()
        number, moment, signature = own.split(".")
        others = [proof(purpose, dee) for purpose in Purpose if purpose is not Purpose.VERIFY_EMAIL]
        wrong = ["", ".", "..", own[:-1], own + "A", own.upper(), f"{cast.cy.pk}.{moment}.{signature}"]
        wrong += [
            f"{number}.{moment}.{'A' * 43}",
            f"{number}..{signature}",
            f"0{own}",
            f" {own}",
            f"٣{own[1:]}",
        ]
        wrong += [f"{2**63}.{moment}.{signature}", "\ud800", "7.\ud800.x", "\0", "ñ" * 10_000, own * 10_000]
        for token in [*others, *wrong]:
            with refused(TokenInvalid, "token"):
                verify_email(by=dee, token=token)
        verify_email(by=dee, token=own)

    @pytest.mark.parametrize(
        "change",
        [
            {"email": "eve@example.org"},
            {"password": "!"},
            {"new_email": "eve@example.org"},
            {"is_active": False},
        ],
    )
    def test_a_proof_is_void_when_the_account_is_not_as_it_was(self, cast: Cast, change: dict):
        dee, token = arrive("dee"), proof_for()
        User.objects.filter(pk=dee.pk).update(**change)
        with refused(TokenInvalid, "token"):
            verify_email(by=dee, token=token)

    def test_asked_for_again_it_is_sent_again_and_not_to_who_is_verified(self, cast: Cast):
        dee = arrive("dee")
        deliver()
        for person_ in (dee, cast.ana):
            request_email_verification(by=person_)
        assert waiting() == [("verify_email", dee.pk), ("verify_email", cast.ana.pk)]
        assert addressed(deliver()) == [("dee@example.org", "Is this your address?")]


class TestAnAddressThatIsSomebodys:
    def test_its_owner_hears_of_who_signs_up_with_it_and_no_proof_is_made(self, cast: Cast):
        User.objects.filter(pk=cast.ana.pk).update(locale="es")
        arrive("dee", "ana@example.org")
        (letter,) = deliver()
        assert addressed([letter]) == [("ana@example.org", "Ya tienes una cuenta")]
        assert "#" not in letter.body and "dee" not in letter.body

    def test_it_can_be_verified_by_nobody_else_even_with_a_proof(self, cast: Cast):
        """One that was made before the address was somebody's."""
        first, second = arrive("dee"), arrive("eve")
        tokens = {each: proof(Purpose.VERIFY_EMAIL, each) for each in (first, second)}
        verify_email(by=second, token=tokens[second])
        with refused(TokenInvalid, "token"):
            verify_email(by=first, token=tokens[first])

    def test_nobody_can_tell_by_logging_in_whether_it_is_somebodys(self, cast: Cast):
        for handle, email in (("dee", "ana@example.org"), ("eve", "new@example.org")):
            arrive(handle, email)
            with refused(WrongCredentials):
                log_in(email=email, password=PASSWORD)

    def test_of_many_who_show_it_at_once_one_gets_it(self, racing_cast: Cast):
        people = [arrive(f"dee{number}") for number in range(8)]

        came_out = answers(
            lambda each: verify_email(by=each, token=proof(Purpose.VERIFY_EMAIL, each)), people
        )

        assert sorted(type(each).__name__ for each in came_out) == ["TokenInvalid"] * 7 + ["User"]
        (owner,) = [each for each in came_out if isinstance(each, User)]
        assert list(User.objects.owning("dee@example.org")) == [owner]


class TestStrangersWhoCameFirst:
    """Somebody signs up with an address that they cannot read, and waits (pre-hijacking, USENIX Security 2022)."""

    def test_the_owner_who_opens_their_link_verifies_nothing_for_them(self, cast: Cast):
        stranger = arrive("mallory")
        token = proof_for()
        owner = arrive("dee")
        deliver()
        with refused(TokenInvalid, "token"):
            verify_email(by=owner, token=token)
        stranger.refresh_from_db()
        assert stranger.email_verified_at is None

    def test_they_keep_the_address_from_nobody(self, cast: Cast):
        arrive("mallory")
        deliver()
        dee = arrive("dee")
        verify_email(by=dee, token=proof_for())
        assert log_in(email="dee@example.org", password=PASSWORD)[0].user == dee


class TestAnotherAddress:
    def test_a_person_changes_to_it_by_the_letter_that_it_gets_and_the_old_one_hears_of_it(self, ana: User):
        request_email_change(by=ana, new_email=" ANA@example.net", password=PASSWORD)

        ana.refresh_from_db()
        assert (ana.email, ana.new_email) == ("ana@example.org", "ana@example.net")
        link, notice = deliver()
        assert addressed([link, notice]) == [
            ("ana@example.net", "Is this your new address?"),
            ("ana@example.org", "Your address is about to change"),
        ]
        assert "#" not in notice.body
        token = link.body.partition("#")[2].partition("\n")[0]
        confirm_email_change(by=ana, token=token)

        ana.refresh_from_db()
        assert (ana.email, ana.new_email) == ("ana@example.net", "")
        assert abs(ana.email_verified_at - timezone.now()) < timedelta(seconds=5)
        assert log_in(email="ana@example.net", password=PASSWORD)[0].user == ana
        with refused(WrongCredentials):
            log_in(email="ana@example.org", password=PASSWORD)
        with refused(TokenInvalid, "token"):
            confirm_email_change(by=ana, token=token)

    def test_who_mistyped_their_address_changes_to_the_right_one_and_the_wrong_one_hears_nothing(
        self, cast: Cast
    ):
        dee = arrive("dee", "dee@example.orgg")
        deliver()
        request_email_change(by=dee, new_email="dee@example.org", password=PASSWORD)
        confirm_email_change(by=dee, token=proof_for())
        assert list(User.objects.owning("dee@example.org")) == [dee]

    def test_whether_it_is_somebodys_is_told_to_them_alone(self, ana: User):
        said = {
            request_email_change(by=ana, new_email=email, password=PASSWORD)
            for email in ("bo@example.org", "no@example.org")
        }
        assert said == {None}
        User.objects.filter(pk=ana.pk).update(new_email="bo@example.org")
        letters = deliver()
        assert addressed(letters)[0] == ("bo@example.org", "You have an account already")
        assert not any("#" in letter.body for letter in letters)
        # Nor with a proof that was made in time.
        ana.refresh_from_db()
        with refused(TokenInvalid, "token"):
            confirm_email_change(by=ana, token=proof(Purpose.CHANGE_EMAIL, ana))

    @pytest.mark.parametrize("password", ["", "riega-la-huerto", "x" * 10_000, "\ud800", "!"])
    def test_not_without_the_password(self, ana: User, password: str):
        with refused(PasswordWrong, "password") as answer:
            request_email_change(by=ana, new_email="ana@example.net", password=password)
        assert answer.value.code == "WRONG_CREDENTIALS"
        assert waiting() == []

    @pytest.mark.parametrize(
        "email", ["", "ana", "ana@example.org", "ＡＮＡ@example.org", "a@x.org\nBcc: b@x.org", "a" * 400]
    )
    def test_not_to_what_is_no_address_or_no_other(self, ana: User, email: str):
        with refused(Invalid, "newEmail"):
            request_email_change(by=ana, new_email=email, password=PASSWORD)

    def test_a_new_wish_a_new_password_and_somebody_else_make_its_proof_void(self, ana: User, cast: Cast):
        request_email_change(by=ana, new_email="ana@example.net", password=PASSWORD)
        ana.refresh_from_db()
        token = proof(Purpose.CHANGE_EMAIL, ana)
        with refused(TokenInvalid, "token"):
            confirm_email_change(by=cast.bo, token=token)
        for change in ({"new_email": "ana@example.com"}, {"password": "!"}, {"new_email": ""}):
            before = {name: getattr(ana, name) for name in change}
            User.objects.filter(pk=ana.pk).update(**change)
            with refused(TokenInvalid, "token"):
                confirm_email_change(by=ana, token=token)
            User.objects.filter(pk=ana.pk).update(**before)
        with (
            time_machine.travel(timezone.now() + timedelta(days=1, seconds=2)),
            refused(TokenInvalid, "token"),
        ):
            confirm_email_change(by=ana, token=token)
        confirm_email_change(by=ana, token=token)

    def test_of_two_who_change_to_one_address_at_once_one_gets_it(self, racing_cast: Cast):
        people = [racing_cast.ana, racing_cast.bo, racing_cast.cy]
        User.objects.filter(pk__in=[each.pk for each in people]).update(new_email="one@example.org")
        for each in people:
            each.refresh_from_db()
        came_out = answers(
            lambda each: confirm_email_change(by=each, token=proof(Purpose.CHANGE_EMAIL, each)), people
        )
        assert sorted(type(each).__name__ for each in came_out) == ["TokenInvalid"] * 2 + ["User"]

    def test_whoever_has_left_changes_nothing(self, ana: User):
        User.objects.filter(pk=ana.pk).update(is_active=False)
        with refused(PasswordWrong, "password"):
            request_email_change(by=ana, new_email="ana@example.net", password=PASSWORD)


def test_who_never_showed_an_address_and_did_nothing_is_removed_after_seven_days(cast: Cast):
    eighth, seventh = (
        timezone.now() - timedelta(days=7, seconds=5),
        timezone.now() - timedelta(days=6, hours=23),
    )
    person("idle", email_verified_at=None, created_at=eighth)
    token_of(User.objects.get(handle="idle"))
    person("young", email_verified_at=None, created_at=seventh)
    person("verified", created_at=eighth)
    person("imported", email_verified_at=None, created_at=eighth, imported_from="goteo:imported")
    person("boss", email_verified_at=None, created_at=eighth, is_staff=True)
    person("banned", email_verified_at=None, created_at=eighth, is_active=False)
    busy = person("busy", email_verified_at=None, created_at=eighth)
    follow(kind=User, target_id=cast.ana.pk, by=busy)
    before = {"ana", "bo", "cy", "sol", "idle", "young", "verified", "imported", "boss", "banned", "busy"}
    assert set(User.objects.values_list("handle", flat=True)) == before

    remove_unverified()

    assert set(User.objects.values_list("handle", flat=True)) == before - {"idle"}
    assert Session.objects.count() == 0
    after = snapshot()
    remove_unverified()
    assert snapshot() == after
