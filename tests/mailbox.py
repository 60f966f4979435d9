"""A mail server of the tests' own: it speaks SMTP on a real socket, and can be away or refuse."""

import socket
from contextlib import AbstractContextManager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller


class Mailbox(AbstractContextManager["Mailbox"]):
    """It listens inside its block, on a port that is its own from the beginning; outside nobody does."""

    def __init__(self) -> None:
        #: (from, to, letter), as they came.
        self.letters: list[tuple[str, list[str], EmailMessage]] = []
        #: What it says to whom a letter is for.
        self.answer = "250 OK"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._controller:
            self._controller.stop()

    def of(self, address: str) -> list[EmailMessage]:
        """The letters to an address."""
        return [letter for _, to, letter in self.letters if to == [address]]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """As aiosmtpd asks it."""
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """As aiosmtpd asks it."""
        read = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, read))
        return "250 OK"
