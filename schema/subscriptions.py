"""How a subscription is declared: by a function that says which stream the viewer may follow, or refuses."""

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Any

import strawberry
from asgiref.sync import sync_to_async

from backend.accounts.models import Session
from backend.core.refusals import Unauthenticated
from schema import cursors
from schema.context import Context, Missed
from schema.declarations import Info

AFTER = strawberry.argument(
    description="The cursor of the last event that one has seen; what came later is told first. Null: from now on."
)


def subscription(item: Any, *, kinds: tuple[str, ...] | None = None) -> Callable[[Callable[..., str]], Any]:
    """Declare a subscription by a function of the viewer and its own arguments that answers the name of a stream.

    It is asked when the subscription begins and again before each event: a refusal then ends it, and nothing more is
    told. `kinds`: those events of the stream that are told; none named: all. Its docstring is the description.
    """

    def declare(function: Callable[..., str]) -> Any:
        # The arguments of the field are those of the function, so that a declaration says each thing once.
        own = {
            name: parameter
            for name, parameter in inspect.signature(function).parameters.items()
            if name != "viewer"
        }

        async def resolve(self: Any, info: Info, **given: Any) -> AsyncGenerator[Any, None]:
            after = given.pop("after", None)
            stream = await sync_to_async(_allowed)(info.context, function, given)
            seen = None if after is None else cursors.decode(after, stream)[0]
            if info.context.hub is None:
                raise RuntimeError("a subscription needs a hub")
            # Closed here and now, not when the garbage is collected: a refusal's traceback would hold it until then.
            async with aclosing(info.context.hub.follow(stream, after=seen)) as rows:
                async for event in rows:
                    await sync_to_async(_allowed)(info.context, function, given)
                    if kinds is None or isinstance(event, Missed) or event.kind in kinds:
                        yield event

        resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
                inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
                *own.values(),
                inspect.Parameter(
                    "after",
                    inspect.Parameter.KEYWORD_ONLY,
                    default=None,
                    annotation=Annotated[str | None, AFTER],
                ),
            ],
            return_annotation=AsyncGenerator[item, None],
        )
        resolve.__name__ = function.__name__
        return strawberry.subscription(resolver=resolve, description=inspect.getdoc(function))

    return declare


def _allowed(context: Context, function: Callable[..., str], given: dict[str, Any]) -> str:
    if context.session is not None:
        # Read anew: the socket outlives the moment in which it was opened.
        session = Session.objects.current().select_related("user").filter(pk=context.session.pk).first()
        if session is None:
            raise Unauthenticated
        context.session = session
    return function(context.viewer, **given)
