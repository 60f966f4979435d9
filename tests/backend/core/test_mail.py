"""How a letter leaves: over a real socket, to a real mail server."""

import logging
from collections.abc import Iterator
from smtplib import SMTPException

import pytest
from django.core import mail
from pytest_django import Settings

from backend.core.mail import Letter, send
from config.mail import mail_settings
from tests.mailbox import Mailbox

LETTER = Letter(
    to="ana@example.org",
    language="ca",
    subject="És teva aquesta adreça?",
    paragraphs=["Una <b>paraula</b> & més.", "https://acequia.example.org/verify-email#7.abc", "Adéu."],
)


@pytest.fixture
def box(settings: Settings) -> Iterator[Mailbox]:
    """A mail server that listens, and that letters are sent through."""
    with Mailbox() as found:
        for name, value in mail_settings(found.url).items():
            setattr(settings, name, value)
        settings.DEFAULT_FROM_EMAIL = "Acequia <no-reply@acequia.example.org>"
        yield found


def test_it_arrives_as_plain_text_and_as_html(box: Mailbox):
    send(LETTER)

    ((came_from, went_to, read),) = box.letters
    assert (came_from, went_to) == ("no-reply@acequia.example.org", ["ana@example.org"])
    assert (read["From"], read["To"]) == ("Acequia <no-reply@acequia.example.org>", "ana@example.org")
    assert (read["Subject"], read["Auto-Submitted"]) == ("És teva aquesta adreça?", "auto-generated")
    assert "List-Unsubscribe" not in read
    text, html = read.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == (
        "Una <b>paraula</b> & més.\n\nhttps://acequia.example.org/verify-email#7.abc\n\nAdéu.\n"
    )
    page = html.get_content()
    assert '<html lang="ca">' in page
    assert "<p>Una &lt;b&gt;paraula&lt;/b&gt; &amp; més.</p>" in page
    link = "https://acequia.example.org/verify-email#7.abc"
    assert f'<p><a href="{link}">{link}</a></p>' in page


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n"])
def test_no_line_can_be_added_to_its_head(box: Mailbox, field: str, sign: str):
    facts = {"to": "ana@example.org", "subject": "Hello"}
    facts[field] += f"{sign}Bcc: everybody@example.org"
    with pytest.raises(ValueError):  # BadHeaderError is one.
        send(Letter(language="en", paragraphs=["…"], **facts))
    assert box.letters == []


def test_an_address_of_nobody_is_not_tried(box: Mailbox):
    send(Letter(to="julieta@goteo.invalid", language="en", subject="Hello", paragraphs=["…"]))
    assert (box.letters, mail.outbox) == ([], [])


def test_what_the_server_does_not_take_now_is_for_the_job_to_try_again(box: Mailbox):
    box.answer = "451 come back later"
    with pytest.raises(SMTPException):
        send(LETTER)
    box.answer = "250 OK"
    send(LETTER)
    assert len(box.letters) == 1


def test_what_the_server_refuses_for_good_is_not_tried_again_and_the_log_does_not_say_whose_it_was(
    box: Mailbox, caplog: pytest.LogCaptureFixture
):
    box.answer = "550 no such person"
    with caplog.at_level(logging.WARNING):
        send(LETTER)
    assert [said.getMessage() for said in caplog.records if said.name == "acequia.mail"] == [
        "a letter was refused for good: [550]"
    ]
    assert "ana@" not in caplog.text


def test_a_server_that_is_away_is_for_the_job_to_try_again(settings: Settings):
    for name, value in mail_settings("smtp://127.0.0.1:1").items():
        setattr(settings, name, value)
    with pytest.raises(ConnectionRefusedError):
        send(LETTER)
