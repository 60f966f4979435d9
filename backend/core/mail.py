"""How a letter leaves: through Django's mail backends, in a job of its own lane, so that a mail server that hangs holds
up no other job."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

#: For `@app.task(queue=MAIL, retry=BACKOFF)`: jobs that send letters. A worker does them beside all others.
MAIL = "mail"

log = logging.getLogger("acequia.mail")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Plain words for one person, in their language: a subject of one line, paragraphs, and addresses that stand alone.

    A paragraph that begins with `http` is a link. What strangers wrote (names, texts) has no place here: a letter goes to
    whatever address somebody typed, under the name of the house.
    """

    to: str
    language: str
    subject: str
    paragraphs: Sequence[str]


def send(letter: Letter) -> None:
    """Hand a letter over to the mail server, as plain text and as simple HTML.

    Raises what the server's absence raises (`OSError`, `SMTPException`), so that the job tries again; an address that it
    refuses for good (RFC 5321 §4.2.1: 5yz) is not tried again, and one under `.invalid` (RFC 6761) never.
    """
    if letter.to.endswith(".invalid"):
        return
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body="\n\n".join(letter.paragraphs) + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[letter.to],
        # Programs that answer letters by themselves leave these alone (RFC 3834 §5).
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("letter.html", {"letter": letter}), "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as refused:
        if any(code < 500 for code, _ in refused.recipients.values()):
            raise
        # Not whose: an address is nobody's business in a log.
        log.warning("a letter was refused for good: %s", [code for code, _ in refused.recipients.values()])
