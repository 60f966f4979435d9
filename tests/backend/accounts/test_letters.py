"""What the house writes to people: when, to whom, in which language, and what is nowhere written down."""

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.accounts import letters
from backend.accounts.actions import sign_up
from backend.accounts.addresses import request_email_change
from backend.accounts.models import User
from backend.accounts.resets import request_password_reset
from backend.core.queue import BACKOFF
from tests.cast import PASSWORD, Cast, person
from tests.letters import deliver, proofs_in, waiting

pytestmark = pytest.mark.usefixtures("jobs")


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("en", "Is this your address?"),
        ("es", "¿Es tuya esta dirección?"),
        ("ca", "És teva aquesta adreça?"),
        ("fr", "Cette adresse est-elle la vôtre ?"),
        ("pt-BR", "Is this your address?"),
        ("fr-CA", "Cette adresse est-elle la vôtre ?"),
    ],
)
def test_a_letter_is_in_its_readers_language(cast: Cast, locale: str, subject: str):
    dee = person("dee", email_verified_at=None, locale=locale)
    letters.write("verify_email", dee.pk)
    (letter,) = deliver()
    assert letter.subject == subject
    assert (letter.body.count("@dee"), len(proofs_in(letter.body))) == (1, 1)


@pytest.mark.parametrize("name", letters._LETTERS)
def test_each_letter_is_whole_in_each_language(cast: Cast, name: str, settings):
    settings.SITE_URL = "https://acequia.example.org"
    said = set()
    for locale, _ in settings.LANGUAGES:
        verified = None if name == "verify_email" else timezone.now()
        dee = person(
            f"dee-{locale}", locale=locale, email_verified_at=verified, new_email=f"new-{locale}@example.org"
        )
        letters.write(name, dee.pk)
        (letter,) = deliver()
        ((html, kind),) = letter.alternatives
        assert (letter.to, kind) == ([dee.new_email if name == "change_email" else dee.email], "text/html")
        assert html.count("<p>") == letter.body.strip().count("\n\n") + 1
        assert html.count("<a href=") == len(proofs_in(letter.body))
        assert (
            letter.body.strip().endswith("https://acequia.example.org.")
            and "%(" not in letter.body + letter.subject
        )
        said.add(letter.body.partition("\n")[0])
    assert len(said) == len(settings.LANGUAGES)


def test_a_stranger_cannot_put_words_into_a_letter(cast: Cast, quick_hashing: None):
    """It goes to whatever address somebody typed, under the name of the house: a name in it would be an advertisement."""
    words = "Win at casino.example"
    sign_up(handle="dee", email="ana@example.org", password=PASSWORD, display_name=words)
    sign_up(handle="eve", email="victim@example.org", password=PASSWORD, display_name=words)
    request_password_reset(email="victim@example.org")
    found = deliver()
    assert len(found) == 3
    assert not any("casino" in letter.body + letter.subject + str(letter.alternatives) for letter in found)


def test_no_proof_and_no_address_is_in_the_table_of_jobs(cast: Cast, quick_hashing: None):
    dee = sign_up(handle="dee", email="dee@example.org", password=PASSWORD, display_name="Dee")[0].user
    request_password_reset(email="dee@example.org")
    request_password_reset(email="nobody@example.org")
    request_email_change(by=dee, new_email="dee@example.net", password=PASSWORD)

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(job::text, '') FROM procrastinate_jobs job")
        (dump,) = cursor.fetchone()
    assert "@" not in dump and "dee" not in dump
    rows = ProcrastinateJob.objects.order_by("pk").values_list("queue_name", "args")
    assert list(rows) == [
        ("mail", {"letter": "verify_email", "person": dee.pk}),
        ("mail", {"letter": "reset_password", "person": dee.pk}),
        ("mail", {"letter": "reset_password", "person": 0}),
        ("mail", {"letter": "change_email", "person": dee.pk}),
        ("mail", {"letter": "email_changes", "person": dee.pk}),
    ]


def test_a_letter_is_sent_again_as_all_jobs_are():
    assert (letters.post.retry_strategy, letters.post.queue) == (BACKOFF, "mail")


@pytest.mark.parametrize("name", letters._LETTERS)
def test_whoever_is_gone_by_then_gets_none(cast: Cast, name: str):
    dee = person("dee", is_active=False, email_verified_at=None, new_email="new@example.org")
    for key in (dee.pk, 0, 2**63 - 1):
        letters.write(name, key)
    assert len(waiting()) == 3
    assert (deliver(), mail.outbox) == ([], [])


def test_a_reset_that_was_asked_for_before_the_address_was_somebodys_goes_to_them(cast: Cast):
    dee, eve = (person(handle, email="one@example.org", email_verified_at=None) for handle in ("dee", "eve"))
    request_password_reset(email="one@example.org")
    assert waiting() == [("reset_password", dee.pk)]
    User.objects.filter(pk=eve.pk).update(email_verified_at=timezone.now())
    (letter,) = deliver()
    assert ["@dee" in letter.body, "@eve" in letter.body] == [False, True]
