"""Which programs there may be, and where a code may be sent."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from backend.applications.models import Application, AppToken, AuthorizedApplication, may_be_redirected_to
from tests.cast import Cast
from tests.constraints import assert_each_is_refused, refused_by
from tests.schema.deeds import application, authorization


def test_the_database_refuses_what_can_never_be(cast: Cast):
    known = application(client_id="known")
    authorization(cast.ana, known)

    def of_ana(**facts: object) -> AuthorizedApplication:
        return AuthorizedApplication.objects.create(
            user=cast.ana, **{"application": known, "scopes": ["read"]} | facts
        )

    assert_each_is_refused(
        "applications",
        {
            "applications_application_client_id_key": lambda: application(client_id="known"),
            "application_uses_authorization_codes": lambda: application(authorization_grant_type="password"),
            "application_asks_the_person": lambda: application(skip_authorization=True),
            "application_secret_is_not_kept_in_clear": lambda: application(hash_client_secret=False),
            "person_authorizes_an_application_once": of_ana,
            "authorization_has_known_scopes": lambda: of_ana(application=application(), scopes=["admin"]),
        },
    )
    with refused_by("authorization_has_known_scopes"):
        of_ana(application=application(), scopes=[])


def test_the_tables_of_the_toolkit_hold_no_secret_in_clear(cast: Cast):
    both = {"user": cast.ana, "application": application()}
    code = {**both, "expires": timezone.now(), "redirect_uri": "https://riego.example/cb"}
    challenge = {"code_challenge": "x" * 43, "code_challenge_method": "S256"}
    with refused_by("access_token_is_not_kept_in_clear"):
        AccessToken.objects.create(token="x", expires=timezone.now(), scope="read")
    with refused_by("refresh_token_is_not_kept_in_clear"):
        RefreshToken.objects.create(token="x", **both)
    with refused_by("code_is_not_kept_in_clear"):
        Grant.objects.create(code="abcdef", **code, **challenge)
    for wrong in (
        {},
        challenge | {"code_challenge_method": "plain"},
        challenge | {"code_challenge": "x" * 42},
    ):
        with refused_by("code_has_a_challenge"):
            Grant.objects.create(code="a" * 64, **code, **wrong)


@pytest.mark.parametrize(
    ("uri", "is_safe"),
    [
        ("https://riego.example/cb", True),
        ("https://riego.example:8443/cb?a=b", True),
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:51004/cb", True),
        ("http://[::1]:51004/cb", True),
        ("org.example.riego:/cb", True),
        ("http://riego.example/cb", False),
        ("http://localhost/cb", False),
        ("http://127.0.0.1.evil.example/cb", False),
        ("http://127.0.0.1@evil.example/cb", False),
        ("https:///cb", False),
        ("https://riego.example/cb#x", False),
        ("https://riego.example/cb\r\nX: y", False),
        ("https://riégo.example/cb", False),
        ("https://[::1/cb", False),
        ("riego:/cb", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example/cb", False),
        ("", False),
    ],
)
def test_a_code_is_sent_over_tls_or_stays_on_the_machine(db: None, uri: str, is_safe: bool):
    assert may_be_redirected_to(uri) is is_safe
    made = Application(
        client_type="public", authorization_grant_type="authorization-code", redirect_uris=uri, name="Riego"
    )
    if is_safe and "riego:" not in uri:
        made.full_clean()
    elif not is_safe:
        with pytest.raises(ValidationError):
            made.full_clean()


def test_staff_register_a_program_on_the_command_line(db: None, capsys: pytest.CaptureFixture[str]):
    uris = "https://riego.example/cb org.example.riego:/cb"
    call_command("createapplication", "public", "authorization-code", name="Riego", redirect_uris=uris)
    made = Application.objects.get()
    assert (made.name, made.redirect_uris, made.client_type) == ("Riego", uris, "public")
    call_command("createapplication", "public", "authorization-code", redirect_uris="http://evil.example/cb")
    assert Application.objects.count() == 1
    call_command(
        "createapplication", "confidential", "authorization-code", redirect_uris=uris, client_secret="s3cret"
    )
    assert Application.objects.get(client_type="confidential").client_secret.startswith("argon2$")


def test_a_token_lets_somebody_in_while_it_lasts_and_its_person_is_here(cast: Cast):
    later = timezone.now() + timedelta(minutes=1)
    made = AccessToken.objects.create(user=cast.ana, token_checksum="a" * 64, expires=later, scope="read")
    assert [each.pk for each in AppToken.objects.of_hash("a" * 64)] == [made.pk]
    assert list(AppToken.objects.of_hash("b" * 64)) == []
    AccessToken.objects.update(expires=timezone.now())
    assert list(AppToken.objects.of_hash("a" * 64)) == []
    AccessToken.objects.update(expires=later)
    type(cast.ana).objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert list(AppToken.objects.of_hash("a" * 64)) == []
