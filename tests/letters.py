"""The post of the tests: what waits in the table of jobs is sent as a worker would, and arrives in Django's outbox."""

import re

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from backend.accounts.letters import post


def waiting() -> list[tuple[str, int]]:
    """The letters that are asked for: what they are called, and the keys of whom they are for."""
    jobs = ProcrastinateJob.objects.filter(task_name="post", status="todo").order_by("pk")
    return [(job.args["letter"], job.args["person"]) for job in jobs]


def deliver() -> list[EmailMultiAlternatives]:
    """Send all that waits; what has arrived by that."""
    before = len(mail.outbox)
    for letter, person in waiting():
        post(letter=letter, person=person)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'post'")
    return mail.outbox[before:]


def addressed(letters: list[EmailMultiAlternatives]) -> list[tuple[str, str]]:
    """To whom, and about what."""
    return [(*letter.to, letter.subject) for letter in letters]


def proofs_in(text: str) -> list[str]:
    """What stands behind the # of each link, in order."""
    return re.findall(r"^https?://\S+/[a-z-]+#(\S+)$", text, flags=re.MULTILINE)


def proof_for(person_handle: str = "") -> str:
    """Send what waits, and the one proof in it (behind the name of a person, if there are several)."""
    (letter,) = deliver()
    text = letter.body
    if person_handle:
        text = text.partition(f"@{person_handle}:")[2]
    return proofs_in(text)[0]
