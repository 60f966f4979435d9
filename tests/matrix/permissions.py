"""What the table makes people be told that they may do: nothing else than what they are then not refused."""

import json
from functools import cache

from backend.projects.models import PUBLIC
from tests.matrix.answers import DOES, HIDDEN, NO_TOKEN, SAME, SEES, said_to
from tests.matrix.table import Row, rows
from tests.matrix.world import ACTORS, STEPS, World

#: What is shown where there is nothing that one may do.
NOTHING = "nothing"
#: The deed that each permission is for.
OF_PROJECTS = {
    "FOLLOW": "follow",
    "COMMENT": "addComment",
    "EDIT": "editProject",
    "POST_UPDATE": "draftUpdate",
    "RUN_BOARDS": "createBoard",
    "SUBMIT": "submitProject",
    "REVIEW": "reviewProject",
    "LAUNCH": "launchProject",
}
OF_TASKS = {"COMMENT": "addComment", "EDIT": "editTask", "CLAIM": "claimTask"}
OF_CLAIMS = {"RELEASE": "releaseClaim", "SUBMIT": "submitWork", "REVIEW": "reviewWork"}

DOCUMENT = """query($id: ID!) { node(id: $id) {
    ... on Project { can: viewerCan } ... on Task { may: viewerCan }
    ... on Followable { viewerIsFollowing }
} }"""


@cache
def written() -> dict[tuple[str, str, str], Row]:
    """The rows of the table by what they are of."""
    return {(row.way, row.start, row.thing): row for heading in ("Reading", "Doing") for row in rows(heading)}


def permission_rows() -> list[Row]:
    """For each project and task that the table looks for by its id: what everybody is told."""
    things = [row.thing for row in rows("Reading") if row.way == "node(id)" and "missing" not in row.thing]
    found = []
    for thing in things:
        if ("editProject", "", thing) in written():
            found.append(_row("Project.viewerCan", thing, _of_project))
        if ("editTask", "", thing) in written():
            found.append(_row("Task.viewerCan", thing, _of_task))
        if ("unfollow", "", thing) in written():
            found.append(_row("viewerIsFollowing", thing, _following))
    return found


def told(world: World, actor: str, row: Row) -> str:
    """What somebody is told that they may do with a thing; or whether they follow it."""
    text = said_to(actor, DOCUMENT, {"id": world.id(row.thing)})
    if text == NO_TOKEN:
        return text
    node = json.loads(text)["data"]["node"]
    if node is None:
        return HIDDEN
    if row.way == "viewerIsFollowing":
        return str(node["viewerIsFollowing"])
    can = node["can" if row.way.startswith("Project") else "may"]
    return " ".join(sorted(can)) or NOTHING


def _row(way: str, thing: str, allowed: object) -> Row:
    sees = written()["node(id)", "", thing].cells
    cells = {actor: allowed(thing, actor) if sees[actor] == SEES else sees[actor] for actor in ACTORS}  # type: ignore[operator]
    return Row(way, "", thing, cells)


def _is_done(deed: str, thing: str, actor: str, *, again: bool = False) -> bool:
    row = written().get((deed, "", thing))
    return row is not None and row.cells[actor] in ((DOES, SAME) if again else (DOES,))


def _of_project(thing: str, actor: str) -> str:
    can = {name for name, deed in OF_PROJECTS.items() if _is_done(deed, thing, actor, again=name == "FOLLOW")}
    if STEPS.get(thing, "LIVE") not in PUBLIC:
        # A draft may be written, and not told.
        can.discard("POST_UPDATE")
    return " ".join(sorted(can)) or NOTHING


def _of_task(thing: str, actor: str) -> str:
    can = {name for name, deed in OF_TASKS.items() if _is_done(deed, thing, actor)}
    if ("addComment", "", thing) not in written() and _is_done("addComment", "task of live", actor):
        can.add("COMMENT")
    for row in rows("Reading"):
        if row.way == "Task.claims" and row.start == thing:
            is_own = written()["Task.viewerClaim", thing, row.thing].cells[actor] == SEES
            can |= {
                name
                for name, deed in OF_CLAIMS.items()
                if _is_done(deed, row.thing, actor) and (is_own or name == "REVIEW")
            }
    return " ".join(sorted(can)) or NOTHING


def _following(thing: str, actor: str) -> str:
    return str(_is_done("unfollow", thing, actor))
