"""A letter, from the house's web server through its worker to a real mail server, and back by its link."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.clients import ask, people, sign_up
from tests.mailbox import Mailbox
from tests.serving import LIVE, House, Process, eventually


@pytest.fixture
def posting(house: House) -> Iterator[Callable[[str], Process]]:
    """Has the worker send its letters somewhere else; at the end of the test it writes them into a folder again."""

    def through(url: str) -> Process:
        house.end(house.worker)
        house.worker = house.start_worker(EMAIL_URL=url)
        return house.worker

    yield through
    house.end(house.worker)
    house.worker = house.start_worker()


def waiting() -> list[tuple[int, str]]:
    """Letters that have not left: how often each was tried, and its state."""
    return list(
        ProcrastinateJob.objects.using(LIVE).filter(queue_name="mail").values_list("attempts", "status")
    )


def proof_in(letter: EmailMessage) -> str:
    """What its link ends with."""
    text = letter.get_body(("plain",)).get_content()
    return re.search(r"#(\S+)", text)[1]


def test_its_link_works(house: House, posting):
    server = house.servers[0]
    with Mailbox() as box:
        posting(box.url)
        dee = sign_up(server, "dee")
        address = f"{dee.handle}@example.org"
        eventually(lambda: box.of(address), 20)
        (letter,) = box.of(address)

        verified = dee.do(server, "VerifyEmail", token=proof_in(letter))

        assert (verified["viewer"]["email"], verified["viewer"]["emailVerified"]) == (address, True)
        ask(server, "RequestPasswordReset", input={"email": address})
        eventually(lambda: len(box.of(address)) == 2)
        token = proof_in(box.of(address)[1])
        reset = ask(
            server, "ResetPassword", input={"token": token, "newPassword": "la-balsa-esta-llena"}
        ).json()
        assert reset["data"]["resetPassword"]["session"]["viewer"]["user"]["handle"] == dee.handle
        # The session that signed up has ended with all others.
        assert ask(server, "Me", dee.token).status_code == 401
        eventually(lambda: len(box.of(address)) == 3 and not waiting())
        for process in house.processes:
            assert token not in process.said()


def test_one_that_finds_nobody_is_brought_again_and_holds_up_nothing(house: House, posting):
    server = house.servers[0]
    house.expects_tracebacks = True
    box = Mailbox()
    posting(box.url)
    dee = sign_up(server, "dee")
    eventually(lambda: any(attempts for attempts, _ in waiting()), 20)
    # What else there is to do is done meanwhile.
    (bo,) = people(1)
    bo.do(server, "Follow", targetId=dee.id)
    eventually(lambda: dee.ask(server, "Me")["viewer"]["unreadNotificationCount"] == 1)

    with box:
        eventually(lambda: box.of(f"{dee.handle}@example.org"), 30)
        eventually(lambda: not waiting())
    assert len(box.letters) == 1
