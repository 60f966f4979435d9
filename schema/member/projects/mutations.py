from typing import Any

import strawberry

from backend.accounts.models import User
from backend.accounts.scopes import Scope
from backend.projects import actions
from backend.projects.models import Project
from schema.declarations import one
from schema.ids import pk_of
from schema.member import refs
from schema.member.enums import Category, Verdict
from schema.mutations import Answer, Payload, given, mutation
from schema.policies import people, staff


@strawberry.input(description="A new project.")
class CreateProjectInput:
    title: str = strawberry.field(description="3 to 120 characters.")
    category: Category = strawberry.field(description="Its domain.")
    summary: str | None = strawberry.field(default=None, description="At most 280 characters.")
    description: str | None = strawberry.field(
        default=None, description="Markdown, at most 20,000 characters."
    )
    tags: list[str] | None = strawberry.field(default=None, description="At most 12.")
    location: str | None = strawberry.field(default=None, description="At most 100 characters.")
    locale: str | None = strawberry.field(default=None, description="Its language; its maker's when absent.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="The `Community` it is part of."
    )
    slug: str | None = strawberry.field(
        default=None, description="Its address; made from the title when absent."
    )


@strawberry.input(description="What to change of a project; what is absent or null stays as it is.")
class EditProjectInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` that one may edit.")
    title: str | None = strawberry.field(default=None, description="3 to 120 characters.")
    category: Category | None = strawberry.field(default=None, description="Its domain.")
    summary: str | None = strawberry.field(default=None, description="At most 280 characters.")
    description: str | None = strawberry.field(
        default=None, description="Markdown, at most 20,000 characters."
    )
    tags: list[str] | None = strawberry.field(default=None, description="At most 12.")
    location: str | None = strawberry.field(default=None, description="At most 100 characters.")
    locale: str | None = strawberry.field(default=None, description="Its language.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="The `Community` it is part of."
    )
    slug: str | None = strawberry.field(default=None, description="Its address.")


@strawberry.input(description="Which draft staff shall review.")
class SubmitProjectInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` that one administers.")


@strawberry.input(description="What staff decides.")
class ReviewProjectInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` in review.")
    verdict: Verdict = strawberry.field(description="With REQUEST_CHANGES it is a draft again.")
    note: str | None = strawberry.field(default=None, description="Why; for the team.")


@strawberry.input(description="Which project to make public.")
class LaunchProjectInput:
    project_id: strawberry.ID = strawberry.field(description="An approved `Project` that one administers.")


@strawberry.input(description="Which project to hand over, and to whom.")
class HandOverProjectInput:
    project_id: strawberry.ID = strawberry.field(description="A `Project` that one owns.")
    to_id: strawberry.ID = strawberry.field(description="A `User` of its team.")


@strawberry.type(description="The answer of `createProject`.")
class CreateProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The new draft.")


@strawberry.type(description="The answer of `editProject`.")
class EditProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project as it is now.")


@strawberry.type(description="The answer of `submitProject`.")
class SubmitProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project, in review.")


@strawberry.type(description="The answer of `reviewProject`.")
class ReviewProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project, decided.")


@strawberry.type(description="The answer of `launchProject`.")
class LaunchProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project, public.")


@strawberry.type(description="The answer of `handOverProject`.")
class HandOverProjectPayload(Payload):
    project: refs.Project | None = one(Project, key="project", description="The project, with its new owner.")


@mutation(CreateProjectPayload, policy=people(Scope.PROJECTS_WRITE))
def create_project(by: User, input: CreateProjectInput) -> Answer:
    """Begin a draft that only its maker sees. Refusals: `VALIDATION`, `SLUG_TAKEN`, `NOT_FOUND`."""
    project = actions.create_project(by=by, **_facts(input))
    return Answer(project=project.pk)


@mutation(EditProjectPayload, policy=people(Scope.PROJECTS_WRITE))
def edit_project(by: User, input: EditProjectInput) -> Answer:
    """Change what a project says. Refusals: `NOT_FOUND`, `VALIDATION`, `SLUG_TAKEN`."""
    project_id = pk_of(input.project_id, "Project")
    return Answer(project=actions.edit_project(project_id=project_id, by=by, **_facts(input)).pk)


@mutation(SubmitProjectPayload, policy=people(Scope.PROJECTS_WRITE))
def submit_project(by: User, input: SubmitProjectInput) -> Answer:
    """Ask staff to review a draft. Refusals: `NOT_FOUND`, `WRONG_STATUS`, `INCOMPLETE`."""
    return Answer(project=actions.submit_project(project_id=pk_of(input.project_id, "Project"), by=by).pk)


@mutation(ReviewProjectPayload, policy=staff(Scope.PROJECTS_WRITE))
def review_project(by: User, input: ReviewProjectInput) -> Answer:
    """Decide about a submitted project, as staff. Refusals: `NOT_FOUND`, `WRONG_STATUS`, `VALIDATION`."""
    project = actions.review_project(
        project_id=pk_of(input.project_id, "Project"), by=by, **given(input, leave=("project_id",))
    )
    return Answer(project=project.pk)


@mutation(LaunchProjectPayload, policy=people(Scope.PROJECTS_WRITE))
def launch_project(by: User, input: LaunchProjectInput) -> Answer:
    """Make an approved project public. Refusals: `NOT_FOUND`, `WRONG_STATUS`."""
    return Answer(project=actions.launch_project(project_id=pk_of(input.project_id, "Project"), by=by).pk)


@mutation(HandOverProjectPayload, policy=people())
def hand_over_project(by: User, input: HandOverProjectInput) -> Answer:
    """Make somebody of its team the owner of one's project, and stay in it as an admin. Refusals: `NOT_FOUND`."""
    project_id, to_id = pk_of(input.project_id, "Project"), pk_of(input.to_id, "User", field="toId")
    return Answer(project=actions.hand_over_project(project_id=project_id, by=by, to_id=to_id).pk)


def _facts(input: CreateProjectInput | EditProjectInput) -> dict[str, Any]:
    facts = given(input, leave=("project_id",))
    if "community_id" in facts:
        facts["community_id"] = pk_of(facts["community_id"], "Community", field="communityId")
    return facts
