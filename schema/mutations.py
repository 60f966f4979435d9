"""How a mutation is declared: ids in, one call of an action, keys of rows out, and every refusal as data."""

import inspect
from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry
from django.db import DatabaseError
from graphql import GraphQLSchema

from backend.accounts.departed import is_closed
from backend.core.refusals import NotFound, Refusal
from schema.context import Context
from schema.declarations import Info, column, field
from schema.limits import WRITES, Limit, RateLimited, Unavailable, count_deed
from schema.planner.sources import Constant
from schema.policies import POLICY, WITH_IT, Policy, shown_to


@shown_to(WITH_IT)
@strawberry.type(description="Why something was not done.")
class UserError:
    code: str = column("For programs: `NOT_FOUND`, `TAKEN`, `VALIDATION` and so on; it never changes.")
    message: str = column("For people: one sentence.")
    field: str | None = column("The input field that it is about, if it is about one.")


@shown_to(WITH_IT)
@strawberry.interface(description="What every mutation answers.")
class Payload:
    # What was refused is answered without a statement, so whatever has one was done.
    errors: list[UserError] = field(
        Constant([]), "Empty when it was done; else nothing was changed, and the other fields are null."
    )


class Answer(SimpleNamespace):
    """What an action leaves for the payload: keys of rows, which are read as the viewer sees them, and values."""

    def shape(self) -> Hashable:
        """Which of them are there: the plan of the payload depends on no more."""
        return tuple(
            (name, value.shape() if isinstance(value, Answer) else value is None)
            for name, value in vars(self).items()
        )


#: The keys in the metadata of a mutation that say whether it is done alone, and how often.
ALONE, LIMITS = "alone", "limits"


def mutation(
    payload: type, *, policy: Policy, limits: tuple[Limit, ...] = WRITES, alone: bool = False
) -> Callable[[Callable[..., Answer]], Any]:
    """Declare a mutation by a function of the viewer (`by`) or the whole context (`context`), and its input.

    Its docstring is the description. A `Refusal` that it raises becomes the payload's `errors`, and so does one of the
    policy; anything else is a bug and stays loud. One that is done `alone` is the only field of its operation: logins and
    what moves money, so that no request can carry a hundred of them. How often it may be done, its `limits` say.
    """

    def declare(function: Callable[..., Answer]) -> Any:
        parameters = inspect.signature(function).parameters

        def answer(context: Context, **given: Any) -> Answer | Refusal:
            try:
                policy.refuse(context.standing)
                count_deed(limits, context, given.get("input"))
                return function(context if "context" in parameters else context.viewer, **given)
            except (RateLimited, Unavailable) as refusal:
                context.retry_after = max(context.retry_after, refusal.retry_after)
                return refusal
            except Refusal as refusal:
                return refusal
            except DatabaseError as error:
                # They, or the person whom it is about, left while it was being done.
                if is_closed(error):
                    return NotFound()
                raise

        if "input" in parameters:

            def resolve(self: Any, info: Info, input: Any) -> Any:
                return answer(info.context, input=input)

            # The input is described once, as a type.
            asked = parameters["input"].annotation
            described = strawberry.argument(description=asked.__strawberry_definition__.description)
            resolve.__annotations__["input"] = Annotated[asked, described]
        else:

            def resolve(self: Any, info: Info) -> Any:  # type: ignore[misc]
                return answer(info.context)

        resolve.__name__ = function.__name__
        description = inspect.getdoc(function)
        if not description:
            raise TypeError(f"{function.__name__} needs a docstring: it is what clients read")
        return strawberry.mutation(
            resolver=resolve,
            graphql_type=payload,
            description=description,
            metadata={POLICY: policy, ALONE: alone, LIMITS: limits},
        )

    return declare


def given(input: Any, *, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of an input that a client gave, but those to leave; null and absent both mean "as it is"."""
    return {
        name: value
        for name, value in vars(input).items()
        if name not in leave and value is not None and value is not strawberry.UNSET
    }


def done_alone(schema: GraphQLSchema) -> frozenset[str]:
    """The names of the mutations of a schema that are declared `alone`."""
    fields = schema.mutation_type.fields if schema.mutation_type else {}
    return frozenset(
        name
        for name, field in fields.items()
        if field.extensions["strawberry-definition"].metadata.get(ALONE)
    )
