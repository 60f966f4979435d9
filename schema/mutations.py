"""How a mutation is declared: ids in, one call of an action, rows out, and every refusal as data."""

import inspect
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry
from asgiref.sync import sync_to_async

from backend.accounts.models import User
from backend.core.refusals import Refusal, Unauthenticated
from schema.context import Context
from schema.declarations import Info

log = logging.getLogger(__name__)


@strawberry.type(description="Why something was not done.")
class UserError:
    code: str = strawberry.field(
        description="For programs: `NOT_FOUND`, `TAKEN`, `VALIDATION` and so on; it never changes."
    )
    message: str = strawberry.field(description="For people: one sentence.")
    field: str | None = strawberry.field(description="The input field that it is about, if it is about one.")


@strawberry.interface(description="What every mutation answers.")
class Payload:
    errors: list[UserError] = strawberry.field(
        description="Empty when it was done; else nothing was changed, and the other fields are null."
    )

    @classmethod
    def is_type_of(cls, answer: Any, info: Any) -> bool:
        """An `Answer` flows through every payload; which payload follows from the mutation."""
        return isinstance(answer, Answer)


class Answer(SimpleNamespace):
    """What flows through a payload: keys of rows, which its fields read anew as the viewer sees them, and plain values."""

    errors: list[UserError] = []

    def __getattr__(self, name: str) -> None:
        # What is not set is null; but Python's own names must stay unknown: graphql-core looks for __await__.
        if name.startswith("__"):
            raise AttributeError(name)


def mutation(payload: type, *, anonymous: bool = False) -> Callable[[Callable[..., Answer]], Any]:
    """Declare a mutation by a function of the viewer (`by`) or the whole context (`context`), and its input.

    Its docstring is the description. A `Refusal` that it raises becomes the payload's `errors`; anything else is a bug
    and stays loud. Nobody gets in without a session unless it is declared `anonymous`.
    """

    def declare(function: Callable[..., Answer]) -> Any:
        parameters = inspect.signature(function).parameters

        def act(context: Context, **given: Any) -> Answer:
            try:
                if context.viewer is None and not anonymous:
                    raise Unauthenticated
                return function(context if "context" in parameters else context.viewer, **given)
            except Refusal as refusal:
                return Answer(
                    errors=[UserError(code=refusal.code, message=refusal.message, field=refusal.field)]
                )

        async def answer(info: Info, **given: Any) -> Answer:
            try:
                return await sync_to_async(act)(info.context, **given)
            finally:
                info.context.forget()

        if "input" in parameters:

            async def resolve(self: Any, info: Info, input: Any) -> Any:
                return await answer(info, input=input)

            # The input is described once, as a type.
            asked = parameters["input"].annotation
            described = strawberry.argument(description=asked.__strawberry_definition__.description)
            resolve.__annotations__["input"] = Annotated[asked, described]
        else:

            async def resolve(self: Any, info: Info) -> Any:  # type: ignore[misc]
                return await answer(info)

        resolve.__name__ = function.__name__
        description = inspect.getdoc(function)
        if not description:
            raise TypeError(f"{function.__name__} needs a docstring: it is what clients read")
        return strawberry.mutation(resolver=resolve, graphql_type=payload, description=description)

    return declare


def given(input: Any, *, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of an input that a client gave, but those to leave; null and absent both mean "as it is"."""
    return {
        name: value
        for name, value in vars(input).items()
        if name not in leave and value is not None and value is not strawberry.UNSET
    }


def viewer_of(context: Context) -> User:
    """Whoever is logged in. Raises `Unauthenticated`."""
    if context.viewer is None:
        raise Unauthenticated
    return context.viewer
