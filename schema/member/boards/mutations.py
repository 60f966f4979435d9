from datetime import datetime

import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.boards import actions
from backend.boards.models import Board, Task
from schema.declarations import one
from schema.ids import pk_of
from schema.member import refs
from schema.member.media.ids import attachment_ids, with_attachments
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import people


@strawberry.input(description="A new board.")
class CreateBoardInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` whose boards one runs.")
    title: str = strawberry.field(description="1 to 120 characters.")
    claim_hours: int | None = strawberry.field(default=None, description="1 to 2160; 72 when absent.")


@strawberry.input(description="A new task.")
class CreateTaskInput:
    board_id: strawberry.ID = strawberry.field(description="A `Board` that one runs.")
    title: str = strawberry.field(description="3 to 160 characters.")
    body: str | None = strawberry.field(default=None, description="Markdown, at most 20,000 characters.")
    skills: list[str] | None = strawberry.field(default=None, description="At most 20.")
    labels: list[str] | None = strawberry.field(default=None, description="At most 20.")
    estimate_minutes: int | None = strawberry.field(default=None, description="1 to 10,080.")
    slots: int | None = strawberry.field(default=None, description="1 to 100; 1 when absent.")
    due_at: datetime | None = strawberry.field(default=None, description="Within five years of today.")
    attachment_ids: list[strawberry.ID] | None = attachment_ids()


@strawberry.input(description="What to change of a task; what is absent or null stays as it is.")
class EditTaskInput:
    task_id: strawberry.ID = strawberry.field(description="A `Task` of a board that one runs.")
    expected_version: int = strawberry.field(description="The version that the editor read.")
    title: str | None = strawberry.field(default=None, description="3 to 160 characters.")
    body: str | None = strawberry.field(default=None, description="Markdown, at most 20,000 characters.")
    skills: list[str] | None = strawberry.field(default=None, description="At most 20.")
    labels: list[str] | None = strawberry.field(default=None, description="At most 20.")
    estimate_minutes: int | None = strawberry.field(default=None, description="1 to 10,080.")
    slots: int | None = strawberry.field(
        default=None, description="1 to 100, and never fewer than are taken."
    )
    due_at: datetime | None = strawberry.field(default=None, description="Within five years of today.")
    attachment_ids: list[strawberry.ID] | None = attachment_ids(
        "at most 10 with those of the task that stay; those that are not named are deleted"
    )


@strawberry.input(description="Where to put a task.")
class MoveTaskInput:
    task_id: strawberry.ID = strawberry.field(description="A `Task` of a board that one runs.")
    after_task_id: strawberry.ID | None = strawberry.field(
        default=None, description="The `Task` of the same board that it comes behind; null: to the top."
    )


@strawberry.input(description="Which task to take no more work on.")
class CloseTaskInput:
    task_id: strawberry.ID = strawberry.field(description="A `Task` of a board that one runs.")


@strawberry.type(description="The answer of `createBoard`.")
class CreateBoardPayload(Payload):
    board: refs.Board | None = one(Board, key="board", description="The new board.")


@strawberry.type(description="The answer of `createTask`.")
class CreateTaskPayload(Payload):
    task: refs.Task | None = one(Task, key="task", description="The new task.")


@strawberry.type(description="The answer of `editTask`.")
class EditTaskPayload(Payload):
    task: refs.Task | None = one(Task, key="task", description="The task as it is now.")


@strawberry.type(description="The answer of `moveTask`.")
class MoveTaskPayload(Payload):
    task: refs.Task | None = one(Task, key="task", description="The task in its new place.")


@strawberry.type(description="The answer of `closeTask`.")
class CloseTaskPayload(Payload):
    task: refs.Task | None = one(Task, key="task", description="The task, closed.")


@mutation(CreateBoardPayload, policy=people(Scope.PROJECTS_WRITE))
def create_board(by: User, input: CreateBoardInput) -> Answer:
    """Give a project another board. Refusals: `NOT_FOUND`, `VALIDATION`."""
    board = actions.create_board(
        project_id=pk_of(input.project_id, "Project"), by=by, **given(input, leave=("project_id",))
    )
    return Answer(board=board.pk)


@mutation(CreateTaskPayload, policy=people(Scope.PROJECTS_WRITE))
def create_task(by: User, input: CreateTaskInput) -> Answer:
    """Put an open task at the end of a board. Refusals: `NOT_FOUND`, `VALIDATION`, `NOT_READY`, `IN_USE`."""
    facts = with_attachments(given(input, leave=("board_id",)))
    task = actions.create_task(board_id=pk_of(input.board_id, "Board"), by=by, **facts)
    return Answer(task=task.pk)


@mutation(EditTaskPayload, policy=people(Scope.PROJECTS_WRITE))
def edit_task(by: User, input: EditTaskInput) -> Answer:
    """Change a task that nobody changed since one read it.

    Refusals: `NOT_FOUND`, `STALE`, `TOO_FEW_SLOTS`, `VALIDATION`, `NOT_READY`, `IN_USE`.
    """
    facts = with_attachments(given(input, leave=("task_id",)))
    task = actions.edit_task(task_id=pk_of(input.task_id, "Task"), by=by, **facts)
    return Answer(task=task.pk)


@mutation(MoveTaskPayload, policy=people(Scope.PROJECTS_WRITE))
def move_task(by: User, input: MoveTaskInput) -> Answer:
    """Put a task behind another of its board, or to the top. Refusals: `NOT_FOUND`, `VALIDATION`."""
    after = None if input.after_task_id is None else pk_of(input.after_task_id, "Task")
    return Answer(task=actions.move_task(task_id=pk_of(input.task_id, "Task"), after_task_id=after, by=by).pk)


@mutation(CloseTaskPayload, policy=people(Scope.PROJECTS_WRITE))
def close_task(by: User, input: CloseTaskInput) -> Answer:
    """Take no more claims on a task; those that are held stay. Refusals: `NOT_FOUND`."""
    return Answer(task=actions.close_task(task_id=pk_of(input.task_id, "Task"), by=by).pk)
