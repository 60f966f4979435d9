from typing import ClassVar


class Refusal(Exception):
    """An expected "no": answered to the client as data, never logged as an error.

    A subclass states its code and sentence once, beside the action that raises it.
    """

    code: ClassVar[str]
    message: str

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        #: The input field that it is about, in the client's spelling; none when it is about the whole.
        self.field = field
        if message is not None:
            self.message = message
        super().__init__(self.message)


class NotFound(Refusal):
    """It does not exist, or not for this person: the answer is the same, so that existence does not leak."""

    code = "NOT_FOUND"
    message = "There is no such thing here."


class Unauthenticated(Refusal):
    """Nobody is logged in, or the token is unknown, ended or expired."""

    code = "UNAUTHENTICATED"
    message = "Log in first."


class Invalid(Refusal):
    """An input that no person and no state could make acceptable; always names its field."""

    code = "VALIDATION"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, field=field)
