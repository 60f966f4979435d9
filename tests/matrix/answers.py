"""What a cell of the table is answered, in the words of the table."""

import json
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from backend.accounts.events import user_stream
from backend.boards.events import board_stream
from backend.core.models import RecordedEvent
from schema import execution, sessions, subscriptions
from schema.context import Asker
from schema.operations import prepare
from schema.preparing import BadRequest
from schema.sessions import session_of
from schema.subscriptions import PresentNow, presence_stream
from schema.tellings import subscribed
from tests.asking import post, undone
from tests.matrix import ways
from tests.matrix.table import Row
from tests.matrix.world import ACTORS, World, token_of, word_of
from tests.snapshots import snapshot

#: In the table: there is the thing; it is as if it never was; it was done; nothing was left to do; the token is no good.
SEES, HIDDEN, DOES, SAME, NO_TOKEN = "sees", "-", "does", "same", "401"


def said_to(actor: str, document: str, variables: dict[str, Any]) -> str:
    """What HTTP answers to somebody, as it came; or that their token opens nothing."""
    handle = ACTORS[actor]
    body = {"query": document, "variables": variables}
    response = post(body, token=token_of(handle) if handle else None)
    if response.status_code == 401:
        return NO_TOKEN
    assert response.status_code == 200, response.content
    return response.content.decode()


def seen(world: World, actor: str, row: Row) -> str:
    """What somebody is answered who looks for a thing by a way: all of it or nothing of it, and no bug."""
    text = said_to(actor, *ways.asked(world, row.way, row.start, row.thing))
    if text == NO_TOKEN:
        return text
    answered = json.loads(text)
    for error in answered.get("errors", ()):
        assert error["extensions"]["code"] == "NOT_FOUND", text
    count_pages(answered["data"])
    answer = shown(world, row.thing, text)
    if answer == HIDDEN and names_its_thing(row):
        missing = never(world, actor, row, row.thing)
        assert text == missing, f"{row} is told from what never was by {actor}: {text}, and not {missing}"
    return answer


def count_pages(value: Any) -> None:
    """Fails where a page has an empty place, or counts more than it shows: both tell that something is hidden."""
    if isinstance(value, list):
        for each in value:
            count_pages(each)
    elif isinstance(value, dict):
        if "totalCount" in value:
            nodes = [edge["node"] for edge in value["edges"]]
            assert None not in nodes and value["totalCount"] == len(nodes), value
        count_pages([*value.values()])


def names_its_thing(row: Row) -> bool:
    """Whether the way is asked by what the thing is called."""
    return row.way.endswith((")",)) and not row.thing.startswith("missing ")


#: What is answered of what never was: by whom, in which way, of which type, and beside what.
_never: dict[tuple[str, str, str, str], str] = {}


def never(world: World, actor: str, row: Row, instead_of: str) -> str:
    """What somebody is answered in whose question one thing is replaced by one that never was."""
    missing = f"missing {world.kind(instead_of)}"
    start = missing if instead_of == row.start else row.start
    thing = missing if instead_of == row.thing else row.thing
    key = (actor, row.way, start, thing)
    if key not in _never:
        ask = ways.deed if row.way in ways.DEEDS else ways.asked
        _never[key] = said_to(actor, *ask(world, row.way, start, thing))
    return _never[key]


def shown(world: World, thing: str, text: str) -> str:
    """Whether an answer holds a thing. Fails where it holds a part of what it does not show."""
    if f'"{world.id(thing)}"' in text:
        return SEES
    assert word_of(thing) not in text, f"a word of {thing} leaks: {text}"
    return HIDDEN


def done(world: World, actor: str, row: Row) -> str:
    """What somebody is answered who does something, which is then taken back; nothing has changed unless it `DOES`."""
    before = world_now(world)
    with undone():
        answer = answer_to(world, actor, row)
        has_changed = snapshot() != before
    if answer == SAME:
        return DOES if has_changed else SAME
    assert not has_changed, f"{row}: {actor} is refused, and something has changed"
    return answer


def answer_to(world: World, actor: str, row: Row) -> str:
    """The same where nobody looks at what has changed: `SAME` for what is not refused."""
    text = said_to(actor, *ways.deed(world, row.way, row.start, row.thing))
    if text == NO_TOKEN:
        return text
    answer = json.loads(text)
    assert "errors" not in answer, text
    payload = answer["data"][row.way]
    errors = payload.pop("errors")
    if not errors:
        assert None not in payload.values(), text
        return SAME
    assert set(payload.values()) <= {None}, text
    (code,) = {error["code"] for error in errors}
    if code != "NOT_FOUND":
        return code
    named = [thing for thing in (row.thing, row.start) if thing]
    assert text in [never(world, actor, row, thing) for thing in named], (
        f"{row} is told from what never was by {actor}: {text}"
    )
    return HIDDEN


def all_done(world: World, row: Row) -> dict[str, str]:
    """What everybody is answered: those who are refused one after the other, and then nothing has changed."""
    refused = [actor for actor, written in row.cells.items() if written not in (DOES, SAME)]
    before = world_now(world)
    with undone():
        answers = {actor: answer_to(world, actor, row) for actor in refused}
        if SAME not in answers.values():
            assert snapshot() == before, f"{row}: all are refused, and something has changed"
    return answers | {actor: done(world, actor, row) for actor in row.cells if actor not in answers}


def everybody(each: Callable[[World, str, Row], str]) -> Callable[[World, Row], dict[str, str]]:
    """Each of them asked for themselves."""
    return lambda world, row: {actor: each(world, actor, row) for actor in row.cells}


#: All rows as they are whenever nothing is being done; nothing yet, before it was asked.
_before: set[tuple[str, str]] = set()


def world_now(world: World) -> set[tuple[str, str]]:
    """All rows of the world."""
    if not _before:
        _before.update(snapshot())
    return _before


def forget() -> None:
    """Whatever was kept: of a world, and of rights as they were when plans were made."""
    _before.clear()
    _never.clear()
    execution._plans.clear()
    subscriptions._may_see.cache_clear()
    sessions._lookup.cache_clear()
    sessions._still.cache_clear()


def heard(world: World, actor: str, row: Row) -> str:
    """What somebody is told who follows a stream on which something happens to a thing."""
    handle = ACTORS[actor]
    try:
        asker = session_of(f"Bearer {token_of(handle)}") if handle else None
    except LookupError:
        return NO_TOKEN
    text = told(world, asker, row)
    return text if text.isupper() else shown(world, row.thing, text)


def told(world: World, asker: Asker | None, row: Row) -> str:
    """The text of it; the code of the refusal; nothing, where the stream is not for them."""
    variables = {"board": world.id(row.start)} if row.start else {}
    try:
        wanted, telling = subscribed(prepare(ways.subscription_of(row.way), variables, None), asker)
    except BadRequest as refused:
        return str(refused.errors[0]["extensions"]["code"])
    if asker not in wanted.entitled([asker]):
        return ""
    said = telling.of(event_of(world, asker, row), [asker])[asker]
    if said.is_last:
        return str(json.loads(said.text)[0]["extensions"]["code"])
    return said.text


def event_of(world: World, asker: Asker | None, row: Row) -> Any:
    """What happens to the thing of a row, on the board or to whoever it starts from."""
    kind = row.way.partition(".")[0]
    thing: Any = world.things[row.thing]
    if kind == "NotificationReceived":
        assert asker is not None
        return _event(user_stream(asker.user_id), kind, None, {"notification_id": thing.pk})
    board: Model = world.things[row.start]
    if kind == "BoardPresence":
        return PresentNow(presence_stream(type(board), board.pk), [thing.pk])
    if kind in ways.EVENTS and row.way.endswith(".task"):
        facts = {"board_id": board.pk, "task_id": thing.pk, **ways.EVENTS[kind]}
        return _event(board_stream(board.pk), kind, None, facts)
    facts = {"board_id": board.pk, "task_id": board.tasks.first().pk}  # type: ignore[attr-defined]
    return _event(board_stream(board.pk), kind, thing.pk, facts | ways.EVENTS[kind])


def _event(stream: str, kind: str, actor: int | None, facts: dict[str, Any]) -> RecordedEvent:
    now = timezone.now()
    return RecordedEvent(stream_id=stream, seq=7, kind=kind, actor_id=actor, facts=facts, occurred_at=now)


#: How the rows under each heading of the table are answered.
HEADINGS = {"Reading": everybody(seen), "Doing": all_done, "Hearing": everybody(heard)}
